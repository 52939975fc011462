"""One curve as characters, drawn by plotext, which is given only what the curve has grown by."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from epochal.core.chart.thinning import Floats

if TYPE_CHECKING:
    from plotext import figure as Figure  # noqa: N812

Marker = Literal["line", "thick", "dashes", "dots", "crosses", "squares"]
Glyphs = NDArray[np.uint32]
"""Unicode code points, rows x columns."""

SPACE = ord(" ")
SYMBOLS: dict[Marker, tuple[str, str]] = {
    "line": ("braille", "*"),
    "thick": ("braille", "#"),
    "dashes": ("braille", "o"),
    "dots": ("•", "o"),
    "crosses": ("×", "x"),
    "squares": ("▪", "#"),
}
"""What each marker is drawn with: as it is, and in ASCII."""

JOINED: tuple[Marker, ...] = ("line", "thick", "dashes")
"""The markers that make a line of a curve's points."""

_Dots = NDArray[np.intp]
"""n x 3: column and row (from below) of each dot, and 1 where no line leads to it from the one before."""


class Pen:
    """Draws one curve on a canvas of `width` x `height` cells, again and again as it grows.

    What the curve was drawn with is remembered. Where a later curve begins with the same dots, their cells
    are taken over and only the rest is drawn; the result is the same as drawing it whole.
    """

    def __init__(self, width: int, height: int, marker: Marker, ascii_only: bool, raised: int = 0) -> None:
        """`raised` is by how many dots it draws higher than it is told."""
        self._raised = raised
        # A thick line is two thin ones, a dot apart.
        self._second: Pen | None = None
        if marker == "thick" and not ascii_only and not raised:
            self._second = Pen(width, height, marker, ascii_only, 1)
        self.kind = width, height, marker, ascii_only
        self._size = width, height
        self._joined = marker in JOINED
        self._symbol = SYMBOLS[marker][ascii_only]
        self._per_cell = (2, 4) if self._symbol == "braille" else (1, 1)
        self._settled: _Dots = np.empty((0, 3), dtype=np.intp)
        self._glyphs: Glyphs = np.full((height, width), SPACE, dtype=np.uint32)
        self._last, self._result = self._settled, self._glyphs

    def draw(self, across: Floats, up: Floats) -> Glyphs:
        """The canvas with a curve, given as fractions of its width and height, NaN at its gaps.

        The first and the last column have their middle at 0 and at 1, and so have the rows.
        """
        dots = self._dots(across, up)
        if self._second:
            return _merged(self._drawn(dots), self._second.draw(across, up))
        return self._drawn(dots)

    def _drawn(self, dots: _Dots) -> Glyphs:
        if np.array_equal(dots, self._last):
            return self._result
        if not np.array_equal(dots[: len(self._settled)], self._settled):
            self._settled = dots[:0]
            self._glyphs = np.full_like(self._glyphs, SPACE)
        # The last two columns may still change: a new extreme, or the end of a level stretch.
        settled = int(np.searchsorted(dots[:, 0], dots[-1, 0] - 2 * self._per_cell[0])) if len(dots) else 0
        if settled >= len(self._settled) + 16:
            self._glyphs = self._added(dots[:settled])
            self._settled = dots[:settled]
        self._last, self._result = dots, self._added(dots)
        return self._result

    def _dots(self, across: Floats, up: Floats) -> _Dots:
        """The dots that make a difference: of those on the same row, a line needs only the two ends."""
        gaps = np.isnan(across)
        dots = np.zeros((len(across), 3), dtype=np.intp)
        for place, fractions in enumerate((across, up)):
            cells, per_cell = self._size[place], self._per_cell[place]
            middles = (0.5 + np.where(gaps, 0, fractions) * (cells - 1)) * per_cell
            raised = self._raised if place else 0
            dots[:, place] = np.floor(middles + raised).clip(0, cells * per_cell - 1)
        dots[:1, 2] = 1
        dots[1:, 2] = gaps[:-1]

        repeated = np.zeros(len(dots), dtype=bool)
        if self._joined:
            level = (dots[1:, 1] == dots[:-1, 1]) & (dots[1:, 2] == 0) & ~gaps[1:]
            repeated[1:-1] = level[:-1] & level[1:]
        else:
            repeated[1:] = (dots[1:, :2] == dots[:-1, :2]).all(axis=1) & ~gaps[:-1]
        return dots[~gaps & ~repeated]

    def _added(self, dots: _Dots) -> Glyphs:
        """The remembered canvas with the dots that are not on it yet."""
        rest = dots[max(len(self._settled) - 1, 0) :]
        if not len(rest):
            return self._glyphs
        first, last = rest[0, 0] // self._per_cell[0], rest[:, 0].max() // self._per_cell[0]
        drawn = self._by_plotext(rest, int(first), int(last - first + 1))
        glyphs = self._glyphs.copy()
        under = glyphs[:, first : last + 1]
        under[:] = _merged(under, drawn)
        return glyphs

    def _by_plotext(self, dots: _Dots, first: int, width: int) -> Glyphs:
        figure = _figure()
        height = self._size[1]
        figure.clear.data()
        figure.plot_size(width, height)
        figure.ruler("x").lim(first, first + width)
        figure.ruler("y").lim(0, height)
        # At the middle of each dot, so that no rounding of plotext's moves it to the next.
        x, y = ((dots[:, place] + 0.5) / self._per_cell[place] for place in (0, 1))
        signal = figure.signal(x.tolist(), y.tolist(), marker=_shared_marker(self._symbol))
        if self._joined:
            signal.lines(True)
            for start in np.flatnonzero(dots[:, 2]).tolist():
                signal.line(start, False)
        # Asked for the next curve's colour, which is not needed here, plotext would look at every point.
        signal._get_unique_pixels = tuple
        figure.draw(signal)
        text = figure.build().string(colorless=True)
        return np.frombuffer(text.encode("utf-32-le"), "<u4").reshape(height, width + 1)[:, :width]


def _merged(under: Glyphs, over: Glyphs) -> Glyphs:
    """Both of two canvases of one marker."""
    # Two characters of braille hold their dots in their bits; every other marker is always the same.
    merged = np.where(under == SPACE, over, under | over)
    return np.where(over == SPACE, under, merged)


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
