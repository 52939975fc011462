"""Draws plots as grids of characters, one after the other, with as little change as it can."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from epochal.core.chart.axis import Span, settle, ticks
from epochal.core.chart.thinning import Floats, thin
from epochal.tui.widgets.frame import INKS, Frame
from epochal.tui.widgets.pen import JOINED, SPACE, Glyphs, Marker, Pen
from epochal.tui.widgets.plot import Band, Curve, Plot
from epochal.tui.widgets.plot_margins import (
    SHADE,
    SMALLEST,
    cell,
    cropped,
    draw_axes,
    draw_end_labels,
    draw_header,
    end_label_width,
    fraction,
    no_room,
    use_ascii,
)

MOST_LOOSE_POINTS = 4000
"""Points that no line joins are all drawn, as far as one can tell so many apart."""
_HUGE = 1e300
"""Beyond this a height cannot be drawn, as differences between two such numbers overflow."""


class Drawing:
    """Draws one plot after the other, each with as little change to the last as it can.

    It owns the span of y, which is held as long as it fits, and a pen for each curve.
    """

    def __init__(self, *, ascii_only: bool = False) -> None:
        self._ascii_only = ascii_only
        self._held: dict[bool, Span] = {}
        self._last_span: Span = (0.0, 0.0)
        self._pens: dict[int, Pen] = {}

    def draw(self, plot: Plot, width: int, height: int) -> Frame:
        """The plot at a size in cells.

        A logarithmic plot leaves out the values at or below 0 and says how many there were.
        """
        if width < SMALLEST[0] or height < SMALLEST[1]:
            return no_room(width, height)
        points = [_visible(curve, plot) for curve in plot.curves]
        span = self._y_span(plot, [y for _, y, _ in points] + _ends(plot))
        canvas_height = height - 3
        left = ticks(span, max(2, min(6, (canvas_height + 1) // 2)), log=plot.log)
        gutter = max(cell_len(cropped(plot.x_label, 8)), *(len(label) for _, label in left))
        labels = end_label_width(plot, width)
        canvas_width = width - gutter - 1 - labels

        frame = Frame.blank(width, height)
        draw_axes(frame, plot, span, left, gutter, canvas_width)
        right = gutter + 1 + canvas_width
        canvas = frame.glyphs[1:-2, gutter + 1 : right], frame.inks[1:-2, gutter + 1 : right]
        for band in plot.bands:
            _fill(canvas, band, plot, span)
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
            across, up = fraction(x, plot.x_span), fraction(np.log10(y) if plot.log else y, span)
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
            column = cell(fraction(plot.cursor, plot.x_span), canvas_width)
            free = np.isin(canvas[0][:, column], (SPACE, SHADE))
            canvas[0][free, column] = ord("┊")
            canvas[1][free, column] = INKS.index("accent")
        draw_header(frame, plot, with_legend=not labels)
        if labels:
            draw_end_labels(frame, plot, span, right + 1, [_last(y) for _, y, _ in points])
        if left_out := sum(count for _, _, count in points):
            note = f"{left_out} at or below 0 left out"
            frame.write(1, width - len(note), note)
        if self._ascii_only:
            use_ascii(frame)
        return frame

    def _y_span(self, plot: Plot, heights: list[Floats]) -> Span:
        log, before, self._last_span = plot.log, self._last_span, plot.x_span
        if plot.settled or not (plot.x_span[0] <= before[0] and before[1] <= plot.x_span[1]):
            # Nothing moves on it any more, or another part of it is looked at: it fits what is there.
            self._held.pop(log, None)
        lows = [low for y in heights if np.isfinite(low := np.fmin.reduce(y, initial=np.inf))]
        if not lows:
            return self._held.get(log, (0.0, 1.0))
        high = max(np.fmax.reduce(y, initial=-np.inf) for y in heights)
        self._held[log] = settle(
            float(min(lows)), float(high), self._held.get(log), log=log, fitted=plot.settled
        )
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


def _ends(plot: Plot) -> list[Floats]:
    """The heights that bands reach, within what can be drawn."""
    edges = [Curve("", band.x, y) for band in plot.bands for y in (band.low, band.high)]
    return [_visible(edge, plot)[1] for edge in edges]


def _fill(canvas: tuple[Glyphs, NDArray[np.uint8]], band: Band, plot: Plot, span: Span) -> None:
    """Shade every cell between the two measures, a column at a time."""
    height, width = canvas[0].shape
    if not len(band.x):
        return
    middles = plot.x_span[0] + np.arange(width) / max(width - 1, 1) * (plot.x_span[1] - plot.x_span[0])
    step = (plot.x_span[1] - plot.x_span[0]) / max(width - 1, 1)
    inside = (middles >= band.x[0] - step / 2) & (middles <= band.x[-1] + step / 2)
    rows = np.arange(height)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = (
            fraction(np.log10(y) if plot.log else y, span)
            for y in (np.interp(middles, band.x, one) for one in (band.low, band.high))
        )
        # A log axis leaves out what is at or below 0: such a band goes on downwards.
        low = np.where(np.isneginf(low), 0.0, low)
        top, bottom = (height - 1 - np.floor(0.5 + one * (height - 1)) for one in (high, low))
        filled = inside & (rows >= top) & (rows <= bottom)
    canvas[0][filled] = SHADE
    canvas[1][filled] = INKS.index(band.colour)


def _last(y: Floats) -> float:
    """The last height that can be drawn; NaN where there is none."""
    finite = np.flatnonzero(np.isfinite(y))
    return float(y[finite[-1]]) if finite.size else float("nan")
