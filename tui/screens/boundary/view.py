"""A heat map with axes on the screen, which draws only the rows that have changed."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from epochal.core.chart.axis import Span, ticks
from epochal.tui.widgets.changed_cells import stretches
from epochal.tui.widgets.heat import Cells
from epochal.tui.widgets.text import fit

GUTTER = 9
"""Columns left of the map, for the numbers of its axis."""

BELOW = 2
"""Rows below it: the axis, and its numbers."""


class BoundaryView(Widget):
    """Cells with an axis of numbers below and left of them. Posts `Resized` when it needs other cells."""

    class Resized(Message):
        """The map has room for another number of cells."""

    def __init__(self, *, ascii_only: bool, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._ascii_only = ascii_only
        self._cells: Cells | None = None
        self._left: list[str] = []
        self._bottom = ("", "")

    @property
    def room(self) -> tuple[int, int]:
        """Columns and rows of cells that there is room for."""
        return max(self.size.width - GUTTER, 1), max(self.size.height - BELOW, 1)

    def on_resize(self) -> None:
        """Ask for other cells."""
        self.post_message(self.Resized())

    def show(self, cells: Cells, x_span: Span, y_span: Span) -> None:
        """Show these cells over these spans."""
        last, self._cells = self._cells, cells
        axes = (self._left, self._bottom)
        self._left, self._bottom = self._axis_left(y_span), self._axis_below(x_span)
        if last is None or last.glyphs.shape != cells.glyphs.shape or axes != (self._left, self._bottom):
            self.refresh()
            return
        differs = (
            (last.glyphs != cells.glyphs) | (last.strokes != cells.strokes) | (last.behind != cells.behind)
        )
        if regions := stretches(differs):
            self.refresh(*(region.translate((GUTTER, 0)) for region in regions))

    def render_line(self, y: int) -> Strip:
        """One row of the map with its number, or of the axis."""
        width = self.size.width
        if self._cells is None:
            return Strip.blank(width, self.rich_style)
        rows = len(self._cells.glyphs)
        if y >= rows:
            text = self._bottom[y - rows] if y - rows < BELOW else ""
            return Strip([Segment(fit(text, width), self.rich_style)], width)
        glyphs, strokes, behind = (
            part[y] for part in (self._cells.glyphs, self._cells.strokes, self._cells.behind)
        )
        text = "".join(map(chr, glyphs.tolist()))
        cuts = np.flatnonzero((np.diff(strokes) != 0) | (np.diff(behind) != 0)) + 1
        segments = [Segment(self._left[y], self.rich_style)]
        for start, stop in pairwise([0, *cuts.tolist(), len(glyphs)]):
            segments.append(Segment(text[start:stop], style_of(int(strokes[start]), int(behind[start]))))
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _axis_left(self, span: Span) -> list[str]:
        rows = self.room[1]
        bar = "|" if self._ascii_only else "│"
        lines = [" " * (GUTTER - 1) + bar] * rows
        for value, text in ticks(span, max(2, min(8, rows // 3))):
            row = rows - 1 - min(int((value - span[0]) / (span[1] - span[0]) * rows), rows - 1)
            lines[row] = fit(text, GUTTER - 2, right=True) + (" +" if self._ascii_only else " ┤")
        return lines

    def _axis_below(self, span: Span) -> tuple[str, str]:
        columns = self.room[0]
        corner, rule, tick = "+-+" if self._ascii_only else "└─┬"
        axis, numbers = [rule] * columns, [" "] * (columns + GUTTER)
        for value, text in ticks(span, max(2, columns // 14)):
            column = min(int((value - span[0]) / (span[1] - span[0]) * columns), columns - 1)
            axis[column] = tick
            start = min(max(GUTTER + column - len(text) // 2, GUTTER), len(numbers) - len(text))
            numbers[start : start + len(text)] = text
        return " " * (GUTTER - 1) + corner + "".join(axis), "".join(numbers)


@lru_cache(maxsize=4096)
def style_of(stroke: int, behind: int) -> Style:
    """The style of two colours, 0xRRGGBB."""
    return Style(color=_colour(stroke), bgcolor=_colour(behind))


def _colour(packed: int) -> Color:
    return Color.from_rgb(packed >> 16 & 255, packed >> 8 & 255, packed & 255)
