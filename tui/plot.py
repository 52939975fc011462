"""A plot as a grid of characters: curves drawn by plotext, with axes, labels and a legend around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from textwrap import wrap
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len, get_character_cell_size

from core.thinning import Floats, thin
from tui.axis import Span, Tick, settle, ticks

if TYPE_CHECKING:
    from plotext import figure as Figure  # noqa: N812

Colour = Literal["primary", "secondary", "accent", "success", "warning", "error"]
Marker = Literal["line", "dots", "crosses", "squares"]
Cells = NDArray[np.uint32]

SMALLEST = (24, 6)
INKS: tuple[str, ...] = ("label", "frame", "primary", "secondary", "accent", "success", "warning", "error")

_MARKERS: dict[Marker, tuple[str, str]] = {
    "line": ("braille", "*"),
    "dots": ("•", "o"),
    "crosses": ("×", "x"),
    "squares": ("▪", "#"),
}
_PLAIN = {
    **{ord(mark): ord(plain) for mark, plain in zip("│─└┤┬⠒…", "|-+++*~", strict=True)},
    **{ord(mark): ord(plain) for mark, plain in _MARKERS.values() if mark != "braille"},
}
_SPACE = ord(" ")
_HUGE = 1e300
"""Beyond this a height cannot be drawn, as differences between two such numbers overflow."""


@dataclass(frozen=True, eq=False)
class Curve:
    """One measure over the epochs: `x` ascends, `y` has a value for each, NaN where there is none.

    Colour is never all that tells two curves apart: give each its own marker.
    """

    name: str
    x: Floats
    y: Floats
    colour: Colour = "primary"
    marker: Marker = "line"


@dataclass(frozen=True, eq=False)
class Plot:
    """What is to be seen: curves over a span of epochs, with the axes' names and units."""

    curves: Sequence[Curve]
    x_span: Span
    log: bool = False
    x_label: str = "epoch"
    y_label: str = "error"


@dataclass(frozen=True, eq=False)
class Frame:
    """A drawn plot: a character and an ink (an index of `INKS`) for every cell, rows x columns.

    A character two cells wide is followed by a 0.
    """

    glyphs: Cells
    inks: NDArray[np.uint8]

    @classmethod
    def blank(cls, width: int, height: int) -> Frame:
        """A frame of spaces."""
        return cls(np.full((height, width), _SPACE, np.uint32), np.zeros((height, width), np.uint8))

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
            yield text[start:stop].replace("\0", ""), INKS[inks[start]]

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
        """Put text on a row, each character that is not printable as a replacement mark; its width."""
        start = column
        for character in text:
            character = character if character.isprintable() else "\ufffd"
            for code in (ord(character), 0)[: get_character_cell_size(character)]:
                self.glyphs[row, column] = code
                self.inks[row, column] = INKS.index(ink)
                column += 1
        return column - start


def draw(
    plot: Plot, width: int, height: int, held: Span | None = None, *, ascii_only: bool = False
) -> tuple[Frame, Span | None]:
    """The plot at a size in cells, and the y span it is drawn on, to be held for the next frame.

    A logarithmic plot leaves out the values at or below 0 and says how many there were.
    """
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return _no_room(width, height), held
    canvas_height = height - 3
    curves = [_drawable(curve, plot, width) for curve in plot.curves]
    heights = np.concatenate([y for _, y in curves]) if curves else np.empty(0)
    span = held or (0.0, 1.0)
    if np.isfinite(heights).any():
        low, high = float(np.nanmin(heights)), float(np.nanmax(heights))
        span = held = settle(low, high, held, log=plot.log)
    left = ticks(span, max(2, min(6, (canvas_height + 1) // 2)), log=plot.log)
    gutter = max(4, *(len(label) for _, label in left))
    canvas_width = width - gutter - 1

    frame = Frame.blank(width, height)
    _draw_axes(frame, plot, span, left, gutter)
    canvas = frame.glyphs[1:-2, gutter + 1 :], frame.inks[1:-2, gutter + 1 :]
    taken = np.zeros((canvas_height, canvas_width), dtype=bool)
    columns = np.arange(canvas_width)
    for place, (curve, (x, y)) in enumerate(zip(plot.curves, curves, strict=True)):
        if not x.size:
            continue
        across = _fraction(x, plot.x_span)
        up = _fraction(np.log10(y) if plot.log else y, span)
        glyphs = _drawn(across, up, canvas_width, canvas_height, curve.marker, ascii_only)
        # Where curves meet they take turns, column by column, so neither hides the other.
        mine = (glyphs != _SPACE) & (~taken | (columns % len(curves) == place))
        taken |= mine
        canvas[0][mine] = glyphs[mine]
        canvas[1][mine] = INKS.index(curve.colour)
    _draw_header(frame, plot)
    _draw_note(frame, plot)
    if ascii_only:
        _use_ascii(frame)
    return frame, held


def _drawable(curve: Curve, plot: Plot, columns: int) -> tuple[Floats, Floats]:
    with np.errstate(invalid="ignore"):
        y = np.where(np.abs(curve.y) < _HUGE, curve.y, np.nan)
        if plot.log:
            y = np.where(y > 0, np.maximum(y, 1 / _HUGE), np.nan)
    return thin(np.asarray(curve.x, dtype=float), y, columns, plot.x_span)


def _fraction(values: Floats, span: Span) -> Floats:
    return (values - span[0]) / (span[1] - span[0])


def _cell(fraction: float, cells: int) -> int:
    return int(0.5 + fraction * (cells - 1))


def _drawn(across: Floats, up: Floats, width: int, height: int, marker: Marker, ascii_only: bool) -> Cells:
    """The characters of one curve, given as fractions of the canvas, NaN at its gaps.

    The first and the last cell have their middle at 0 and at 1, as the axes' ticks do. Points are moved to
    the middle of their dot first: then a level stretch of a line needs only its ends, and cells that are
    drawn stay as they are while the curve grows.
    """
    symbol = _MARKERS[marker][ascii_only]
    dots_across, dots_up = (2, 4) if symbol == "braille" else (1, 1)
    gaps = np.isnan(across)
    across, up = np.where(gaps, -1, across), np.where(gaps, -1, up)
    x = np.floor((0.5 + across * (width - 1)) * dots_across).clip(0, width * dots_across - 1)
    y = np.floor((0.5 + up * (height - 1)) * dots_up).clip(0, height * dots_up - 1)
    starts = gaps.copy()
    starts[1:] = gaps[:-1]
    starts[0] = True

    repeats = ~starts
    repeats[1:] &= y[1:] == y[:-1]
    if marker == "line":
        repeats[:-1] &= repeats[1:]
        repeats[-1] = False
    else:
        repeats[1:] &= x[1:] == x[:-1]
    kept = ~gaps & ~repeats

    figure = _figure()
    figure.clear.data()
    figure.plot_size(width, height)
    figure.ruler("x").lim(0, width)
    figure.ruler("y").lim(0, height)
    places = ((numbers[kept] + 0.5) / dots for numbers, dots in ((x, dots_across), (y, dots_up)))
    signal = figure.signal(*(place.tolist() for place in places), marker=_shared_marker(symbol))
    if marker == "line":
        signal.lines(True)
        for start in np.flatnonzero(starts[kept]).tolist():
            signal.line(start, False)
    # Asked for the next curve's colour, which is not needed here, plotext would look at every point.
    signal._get_unique_pixels = tuple
    figure.draw(signal)
    text = figure.build().string(colorless=True)
    return np.frombuffer(text.encode("utf-32-le"), "<u4").reshape(height, width + 1)[:, :width]


@cache
def _shared_marker(symbol: str) -> object:
    """A marker that stays one object however many points carry it: plotext copies it for each."""
    import plotext

    shared = type("SharedMarker", (plotext.marker,), {"__copy__": lambda marker: marker})
    return shared(symbol)


@cache
def _figure() -> Figure:
    """A figure of our own with nothing on it but the canvas.

    Imported at the first curve, as plotext takes longer to import than the first paint may wait.
    """
    import plotext

    plotext.terminal.limit(False, False)
    figure = type(plotext.figure)(plotext.terminal)
    figure.theme("colorless").axes(False).legend(False)
    for axis in ("x", "y"):
        figure.ruler(axis).frequency(0).alignment(lim="edge")
    return figure


def _draw_axes(frame: Frame, plot: Plot, span: Span, left: list[Tick], gutter: int) -> None:
    width, height = frame.size
    canvas_width, canvas_height = width - gutter - 1, height - 3
    frame.glyphs[1:-2, gutter] = ord("│")
    frame.inks[1:-2, gutter] = INKS.index("frame")
    frame.write(height - 2, gutter, "└" + "─" * canvas_width, "frame")
    for place, label in left:
        row = canvas_height - _cell((place - span[0]) / (span[1] - span[0]), canvas_height)
        frame.write(row, gutter - len(label), label)
        frame.write(row, gutter, "┤", "frame")

    x_label = _cropped(plot.x_label, width // 3)
    free = width - frame.write(height - 1, width - cell_len(x_label), x_label) - 1
    widest = len(ticks(plot.x_span, 2, smallest_step=1)[-1][1])
    lower = ticks(plot.x_span, max(2, min(9, canvas_width // (widest + 4))), smallest_step=1)
    start = 0
    for place, label in lower:
        column = (
            gutter + 1 + _cell((place - plot.x_span[0]) / (plot.x_span[1] - plot.x_span[0]), canvas_width)
        )
        first = min(column - len(label) // 2, free - len(label))
        if first >= start and column - first <= len(label):
            start = first + frame.write(height - 1, first, label) + 1
            frame.write(height - 2, column, "┬", "frame")


def _draw_header(frame: Frame, plot: Plot) -> None:
    width, _ = frame.size
    room = width // len(plot.curves) - 5 if plot.curves else 0
    names = [_cropped(curve.name, room) for curve in plot.curves]
    column = width - sum(cell_len(name) + 5 for name in names) + 2 if names else width + 1
    unit = _cropped(plot.y_label, column - 2)
    if cell_len(unit) > 3 or unit == plot.y_label:
        frame.write(0, 0, unit)
    for curve, name in zip(plot.curves, names, strict=True):
        sample = "⠒" if curve.marker == "line" else _MARKERS[curve.marker][0]
        column += frame.write(0, column, sample * 2, curve.colour) + 1
        column += frame.write(0, column, name) + 2


def _draw_note(frame: Frame, plot: Plot) -> None:
    if not plot.log:
        return
    low, high = plot.x_span
    left_out = sum(
        int(np.count_nonzero((curve.y <= 0) & (curve.x >= low) & (curve.x <= high))) for curve in plot.curves
    )
    if left_out:
        note = f"{left_out} at or below 0 left out"
        frame.write(1, frame.size[0] - len(note), note)


def _no_room(width: int, height: int) -> Frame:
    frame = Frame.blank(width, height)
    sentence = f"The chart needs {SMALLEST[0]} x {SMALLEST[1]} cells, not {width} x {height}."
    for row, line in enumerate(wrap(sentence, max(width, 1))[:height]):
        frame.write(row, 0, line[:width])
    return frame


def _cropped(text: str, width: int) -> str:
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
