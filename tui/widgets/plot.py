"""A plot as a grid of characters: curves with axes, labels and a legend around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap
from typing import Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len, get_character_cell_size

from epochal.core.chart.axis import Span, Tick, settle, ticks
from epochal.core.chart.thinning import Floats, thin
from epochal.tui.widgets.pen import JOINED, SPACE, SYMBOLS, Glyphs, Marker, Pen

Value = TypeVar("Value", float, Floats)
Colour = Literal["primary", "secondary", "accent", "success", "warning", "error", "dim"]

SMALLEST = (24, 6)
MOST_LOOSE_POINTS = 4000
"""Points that no line joins are all drawn, as far as one can tell so many apart."""
INKS: tuple[str, ...] = ("label", "frame", *get_args(Colour))

_PLAIN = {
    **{ord(mark): ord(plain) for mark, plain in zip("│─└┤┬⠒⠐⠂…┊▲", "|-+++*oo~:^", strict=True)},
    **{ord(mark): ord(plain) for mark, plain in SYMBOLS.values() if mark != "braille"},
}
_HUGE = 1e300
"""Beyond this a height cannot be drawn, as differences between two such numbers overflow."""


@dataclass(frozen=True, eq=False)
class Curve:
    """One measure over the epochs: `x` ascends, `y` has a value for each, NaN where there is none.

    Colour never tells two curves apart alone: each has its own marker. One without a name has no legend.
    """

    name: str
    x: Floats
    y: Floats
    colour: Colour = "primary"
    marker: Marker = "line"

    def __post_init__(self) -> None:
        if np.shape(self.x) != np.shape(self.y):
            raise ValueError(f"{len(self.x)} epochs, but {len(self.y)} values of {self.name}")


@dataclass(frozen=True, eq=False)
class Plot:
    """What is to be seen: curves over a span of epochs, with the axes' names and units.

    At `cursor`, an epoch, an upright line stands behind the curves; under each of `marks` a tick on the axis.
    """

    curves: Sequence[Curve]
    x_span: Span
    log: bool = False
    x_label: str = "epoch"
    y_label: str = "error"
    cursor: float | None = None
    marks: Sequence[float] = ()

    def __post_init__(self) -> None:
        low, high = self.x_span
        if not low < high:
            raise ValueError(f"the epochs run from a lower to a higher number, not from {low} to {high}")


@dataclass(frozen=True, eq=False)
class Frame:
    """A drawn plot: a character and an ink (an index of `palette`) for every cell, rows x columns.

    A character two cells wide is followed by a 0.
    """

    glyphs: Glyphs
    inks: NDArray[np.uint8]
    palette: tuple[str, ...] = INKS

    @classmethod
    def blank(cls, width: int, height: int, palette: tuple[str, ...] = INKS) -> Frame:
        """A frame of spaces in the first ink."""
        return cls(np.full((height, width), SPACE, np.uint32), np.zeros((height, width), np.uint8), palette)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in cells."""
        height, width = self.glyphs.shape
        return width, height

    def runs(self, row: int) -> Iterator[tuple[str, str]]:
        """The text of a row, cut where the ink changes, with each ink's name."""
        inks = self.inks[row]
        cuts = [0, *(np.flatnonzero(np.diff(inks)) + 1).tolist(), len(inks)]
        text = self.glyphs[row].astype("<u4").tobytes().decode("utf-32-le")
        for start, stop in pairwise(cuts):
            yield text[start:stop].replace("\0", ""), self.palette[inks[start]]

    def changes(self, last: Frame) -> list[tuple[int, int, int]]:
        """Row, first column and width of the stretch that differs from the last frame, for each such row."""
        differs = (self.glyphs != last.glyphs) | (self.inks != last.inks)
        second_half = (self.glyphs[:, 1:] == 0) | (last.glyphs[:, 1:] == 0)
        differs[:, :-1] |= second_half & differs[:, 1:]
        differs[:, 1:] |= second_half & differs[:, :-1]
        rows = np.flatnonzero(differs.any(axis=1))
        first = differs[rows].argmax(axis=1)
        after = differs.shape[1] - differs[rows, ::-1].argmax(axis=1)
        return list(zip(rows.tolist(), first.tolist(), (after - first).tolist(), strict=True))

    def write(self, row: int, column: int, text: str, ink: str = "label") -> int:
        """Put text on a row, as far as it fits, and tell its width."""
        start, width, index = column, self.glyphs.shape[1], self.palette.index(ink)
        for character in text:
            codes = (ord(character), 0)[: get_character_cell_size(character)]
            if column >= 0 and column + len(codes) <= width:
                self.glyphs[row, column : column + len(codes)] = codes
                self.inks[row, column : column + len(codes)] = index
            column += len(codes)
        return column - start


class Drawing:
    """Draws one plot after the other, each with as little change to the last as it can.

    It owns the span of y, which is held as long as it fits, and a pen for each curve.
    """

    def __init__(self, *, ascii_only: bool = False) -> None:
        self._ascii_only = ascii_only
        self._held: dict[bool, Span] = {}
        self._pens: dict[int, Pen] = {}

    def draw(self, plot: Plot, width: int, height: int) -> Frame:
        """The plot at a size in cells.

        A logarithmic plot leaves out the values at or below 0 and says how many there were.
        """
        if width < SMALLEST[0] or height < SMALLEST[1]:
            return _no_room(width, height)
        points = [_visible(curve, plot) for curve in plot.curves]
        span = self._y_span([y for _, y, _ in points], plot.log)
        canvas_height = height - 3
        left = ticks(span, max(2, min(6, (canvas_height + 1) // 2)), log=plot.log)
        gutter = max(cell_len(_cropped(plot.x_label, 8)), *(len(label) for _, label in left))
        canvas_width = width - gutter - 1

        frame = Frame.blank(width, height)
        _draw_axes(frame, plot, span, left, gutter)
        canvas = frame.glyphs[1:-2, gutter + 1 :], frame.inks[1:-2, gutter + 1 :]
        taken = np.zeros((canvas_height, canvas_width), dtype=bool)
        in_turn = [curve for curve in plot.curves if curve.colour != "dim"]
        columns = np.arange(canvas_width)
        half = (plot.x_span[1] - plot.x_span[0]) / (canvas_width - 1) / 2
        for place, (curve, (x, y, _)) in enumerate(zip(plot.curves, points, strict=True)):
            if curve.marker in JOINED or len(x) > MOST_LOOSE_POINTS:
                x, y = thin(x, y, canvas_width, (plot.x_span[0] - half, plot.x_span[1] + half))
            else:
                x, y = x[np.isfinite(y)], y[np.isfinite(y)]
            if not x.size:
                continue
            across, up = _fraction(x, plot.x_span), _fraction(np.log10(y) if plot.log else y, span)
            glyphs = self._pen(place, canvas_width, canvas_height, curve.marker).draw(across, up)
            if curve.marker == "dashes":
                glyphs = np.where(columns % 3 == 2, SPACE, glyphs)
            # Where curves meet they take turns, column by column, so neither hides the other; but squares are
            # single points, each of which counts, and what is dim stands behind all others.
            is_dim, is_front = curve.colour == "dim", curve.marker == "squares"
            turn = columns % len(in_turn) == place % len(in_turn) if in_turn and not is_dim else False
            mine = (glyphs != SPACE) & (~taken | turn | is_front)
            taken |= mine & (not is_dim)
            canvas[0][mine] = glyphs[mine]
            canvas[1][mine] = INKS.index(curve.colour)
        if plot.cursor is not None and plot.x_span[0] <= plot.cursor <= plot.x_span[1]:
            column = _cell(_fraction(plot.cursor, plot.x_span), canvas_width)
            free = canvas[0][:, column] == SPACE
            canvas[0][free, column] = ord("┊")
            canvas[1][free, column] = INKS.index("accent")
        _draw_header(frame, plot)
        if left_out := sum(count for _, _, count in points):
            note = f"{left_out} at or below 0 left out"
            frame.write(1, width - len(note), note)
        if self._ascii_only:
            _use_ascii(frame)
        return frame

    def _y_span(self, heights: list[Floats], log: bool) -> Span:
        lows = [low for y in heights if np.isfinite(low := np.fmin.reduce(y, initial=np.inf))]
        if not lows:
            return self._held.get(log, (0.0, 1.0))
        high = max(np.fmax.reduce(y, initial=-np.inf) for y in heights)
        self._held[log] = settle(float(min(lows)), float(high), self._held.get(log), log=log)
        return self._held[log]

    def _pen(self, place: int, width: int, height: int, marker: Marker) -> Pen:
        kind = width, height, marker, self._ascii_only
        if place not in self._pens or self._pens[place].kind != kind:
            self._pens[place] = Pen(*kind)
        return self._pens[place]


def _visible(curve: Curve, plot: Plot) -> tuple[Floats, Floats, int]:
    """The curve within the span, NaN where it cannot be drawn, and how many values a log axis leaves out."""
    x = np.asarray(curve.x, dtype=float)
    within = slice(np.searchsorted(x, plot.x_span[0]), np.searchsorted(x, plot.x_span[1], side="right"))
    x, y = x[within], np.asarray(curve.y, dtype=float)[within]
    left_out = 0
    with np.errstate(invalid="ignore"):
        drawable = np.abs(y) < _HUGE
        if plot.log:
            left_out = int(np.count_nonzero(drawable & (y <= 0)))
            drawable &= y > 1 / _HUGE
    return x, y if drawable.all() else np.where(drawable, y, np.nan), left_out


def _fraction(value: Value, span: Span) -> Value:
    return (value - span[0]) / (span[1] - span[0])


def _cell(fraction: float, cells: int) -> int:
    return int(0.5 + fraction * (cells - 1))


def _draw_axes(frame: Frame, plot: Plot, span: Span, left: list[Tick], gutter: int) -> None:
    width, height = frame.size
    canvas_width, canvas_height = width - gutter - 1, height - 3
    frame.glyphs[1:-2, gutter] = ord("│")
    frame.inks[1:-2, gutter] = INKS.index("frame")
    frame.write(height - 2, gutter, "└" + "─" * canvas_width, "frame")
    for place, label in left:
        row = canvas_height - _cell(_fraction(place, span), canvas_height)
        frame.write(row, gutter - len(label), label)
        frame.write(row, gutter, "┤", "frame")

    frame.write(height - 1, 0, _cropped(plot.x_label, gutter))
    widest = len(ticks(plot.x_span, 2, smallest_step=1)[-1][1])
    most = max(2, min(9, canvas_width // (widest + 4)))
    for place, label in ticks(plot.x_span, most, smallest_step=1):
        column = gutter + 1 + _cell(_fraction(place, plot.x_span), canvas_width)
        start = min(max(column - len(label) // 2, gutter + 1), width - len(label))
        frame.write(height - 2, column, "┬", "frame")
        frame.write(height - 1, start, label)
    for mark in plot.marks:
        if plot.x_span[0] <= mark <= plot.x_span[1]:
            column = gutter + 1 + _cell(_fraction(mark, plot.x_span), canvas_width)
            frame.write(height - 2, column, "▲", "accent")


def _draw_header(frame: Frame, plot: Plot) -> None:
    width, _ = frame.size
    named = [curve for curve in plot.curves if curve.name]
    room = width // len(named) - 5 if named else 0
    names = [_cropped(curve.name, room) for curve in named]
    column = width - sum(cell_len(name) + 5 for name in names) + 2 if names else width + 1
    unit = _cropped(plot.y_label, column - 2)
    if cell_len(unit) > 3 or unit == plot.y_label:
        frame.write(0, 0, unit)
    for curve, name in zip(named, names, strict=True):
        samples = {"line": "⠒⠒", "dashes": "⠐⠂"}
        sample = samples.get(curve.marker, SYMBOLS[curve.marker][0] * 2)
        column += frame.write(0, column, sample, curve.colour) + 1
        column += frame.write(0, column, name) + 2


def _no_room(width: int, height: int) -> Frame:
    frame = Frame.blank(width, height)
    sentence = f"The chart needs {SMALLEST[0]} x {SMALLEST[1]} cells, not {width} x {height}."
    for row, line in enumerate(wrap(sentence, max(width, 1))[:height]):
        frame.write(row, 0, line[:width])
    return frame


def _cropped(text: str, width: int) -> str:
    """The text within a width in cells, a replacement mark standing for each control character."""
    text = "".join(character if character.isprintable() else "\ufffd" for character in text)
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) >= width:
        text = text[:-1]
    return text + "…" if width > 0 else ""


def _use_ascii(frame: Frame) -> None:
    for row, column in np.argwhere(frame.glyphs > 126).tolist():
        frame.glyphs[row, column] = _PLAIN.get(int(frame.glyphs[row, column]), ord("?"))
    # The second cell of a character that was two cells wide.
    frame.glyphs[frame.glyphs == 0] = ord("?")
