"""What stands around the curves of a plot: axes, names, the legend; and the same in ASCII."""

from __future__ import annotations

from textwrap import wrap
from typing import TypeVar

import numpy as np
from rich.cells import cell_len

from epochal.core.chart.axis import Span, Tick, ticks
from epochal.core.chart.thinning import Floats
from epochal.tui.widgets.frame import INKS, Frame
from epochal.tui.widgets.pen import SYMBOLS
from epochal.tui.widgets.plot import Band, Curve, Plot

Value = TypeVar("Value", float, Floats)

SMALLEST = (24, 6)
SHADE = ord("░")
SAMPLES = {"line": "⠒⠒", "thick": "⠶⠶", "dashes": "⠐⠂"}

# From so many columns on names stand beside the ends of curves, each in at most so many cells.
LABELS_FROM, LONGEST_LABEL = 50, 12

_PLAIN = {
    **{ord(mark): ord(plain) for mark, plain in zip("│─└┤┬⠒⠶⠐⠂…┊▲░", "|-+++*#oo~:^:", strict=True)},
    **{ord(mark): ord(plain) for mark, plain in SYMBOLS.values() if mark != "braille"},
}


def fraction(value: Value, span: Span) -> Value:
    """Where values lie on a span, from 0 to 1."""
    return (value - span[0]) / (span[1] - span[0])


def cell(fraction: float, cells: int) -> int:
    """The cell of a place from 0 to 1."""
    return int(0.5 + fraction * (cells - 1))


def draw_axes(frame: Frame, plot: Plot, span: Span, left: list[Tick], gutter: int, canvas_width: int) -> None:
    """Both axes with their numbers, the names below, the marks."""
    width, height = frame.size
    canvas_height = height - 3
    frame.glyphs[1:-2, gutter] = ord("│")
    frame.inks[1:-2, gutter] = INKS.index("frame")
    frame.write(height - 2, gutter, "└" + "─" * canvas_width, "frame")
    for place, label in left:
        row = canvas_height - cell(fraction(place, span), canvas_height)
        frame.write(row, gutter - len(label), label)
        frame.write(row, gutter, "┤", "frame")

    frame.write(height - 1, 0, cropped(plot.x_label, gutter))
    widest = len(ticks(plot.x_span, 2, smallest_step=1)[-1][1])
    most = max(2, min(9, canvas_width // (widest + 4)))
    for place, label in ticks(plot.x_span, most, smallest_step=1):
        column = gutter + 1 + cell(fraction(place, plot.x_span), canvas_width)
        start = min(max(column - len(label) // 2, gutter + 1), width - len(label))
        frame.write(height - 2, column, "┬", "frame")
        frame.write(height - 1, start, label)
    for mark in plot.marks:
        if plot.x_span[0] <= mark <= plot.x_span[1]:
            column = gutter + 1 + cell(fraction(mark, plot.x_span), canvas_width)
            frame.write(height - 2, column, "▲", "accent")


def end_label_width(plot: Plot, width: int) -> int:
    """Columns right of the canvas for names of curves; 0 where they stand in the legend."""
    names = [curve.name for curve in plot.curves if curve.name]
    if not plot.end_labels or width < LABELS_FROM or not names:
        return 0
    return min(max(map(cell_len, names)), LONGEST_LABEL) + 1


def draw_end_labels(frame: Frame, plot: Plot, span: Span, column: int, ends: list[float]) -> None:
    """The name of each curve at the height of its last point, or the next free row."""
    height = frame.size[1] - 3
    taken: set[int] = set()
    placed = []
    for curve, end in zip(plot.curves, ends, strict=True):
        if curve.name and np.isfinite(end):
            share = fraction(float(np.log10(end)) if plot.log else end, span)
            placed.append((height - cell(share, height), curve))
    for row, curve in sorted(placed, key=lambda pair: pair[0]):
        near = sorted(range(1, height + 1), key=lambda other: (abs(other - row), other < row))
        free = next((other for other in near if other not in taken), None)
        if free is not None:
            taken.add(free)
            frame.write(free, column, cropped(curve.name, frame.size[0] - column), curve.colour)


def draw_header(frame: Frame, plot: Plot, *, with_legend: bool) -> None:
    """The name of the upright axis, and of what lies on the canvas: all of it, or bands alone."""
    width, _ = frame.size
    named: list[Curve | Band] = [curve for curve in plot.curves if curve.name and with_legend]
    named += [band for band in plot.bands if band.name]
    room = width // len(named) - 5 if named else 0
    names = [cropped(curve.name, room) for curve in named]
    column = width - sum(cell_len(name) + 5 for name in names) + 2 if names else width + 1
    unit = cropped(plot.y_label, column - 2)
    if cell_len(unit) > 3 or unit == plot.y_label:
        frame.write(0, 0, unit)
    for curve, name in zip(named, names, strict=True):
        sample = chr(SHADE) * 2
        if isinstance(curve, Curve):
            sample = SAMPLES.get(curve.marker, SYMBOLS[curve.marker][0] * 2)
        column += frame.write(0, column, sample, curve.colour) + 1
        column += frame.write(0, column, name) + 2


def no_room(width: int, height: int) -> Frame:
    """A sentence in place of a plot."""
    frame = Frame.blank(width, height)
    sentence = f"The chart needs {SMALLEST[0]} x {SMALLEST[1]} cells, not {width} x {height}."
    for row, line in enumerate(wrap(sentence, max(width, 1))[:height]):
        frame.write(row, 0, line[:width])
    return frame


def cropped(text: str, width: int) -> str:
    """The text within a width in cells, a replacement mark standing for each control character."""
    text = "".join(character if character.isprintable() else "\ufffd" for character in text)
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) >= width:
        text = text[:-1]
    return text + "…" if width > 0 else ""


def use_ascii(frame: Frame) -> None:
    """Put an ASCII character in the place of every other one."""
    for row, column in np.argwhere(frame.glyphs > 126).tolist():
        frame.glyphs[row, column] = _PLAIN.get(int(frame.glyphs[row, column]), ord("?"))
    # The second cell of a character that was two cells wide.
    frame.glyphs[frame.glyphs == 0] = ord("?")
