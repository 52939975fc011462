"""The drawn network on the screen: cells in colours of their own; only those that change are sent."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from epochal.tui.screens.boundary.view import style_of
from epochal.tui.widgets.changed_cells import stretches
from epochal.tui.widgets.heat import Cells


class MapsView(Widget):
    """Shows cells as they are; posts `Resized` when it needs others."""

    class Resized(Message):
        """There is room for another number of cells."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._cells: Cells | None = None

    def on_resize(self) -> None:
        """Ask for other cells."""
        self.post_message(self.Resized())

    def show(self, cells: Cells) -> None:
        """Show these."""
        last, self._cells = self._cells, cells
        if last is None or last.glyphs.shape != cells.glyphs.shape:
            self.refresh()
            return
        differs = (
            (last.glyphs != cells.glyphs) | (last.strokes != cells.strokes) | (last.behind != cells.behind)
        )
        if regions := stretches(differs, (last.glyphs == 0) | (cells.glyphs == 0)):
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """One row."""
        width = self.size.width
        if self._cells is None or y >= len(self._cells.glyphs):
            return Strip.blank(width, self.rich_style)
        glyphs, strokes, behind = (
            part[y] for part in (self._cells.glyphs, self._cells.strokes, self._cells.behind)
        )
        text = "".join(map(chr, glyphs.tolist()))
        cuts = np.flatnonzero((np.diff(strokes) != 0) | (np.diff(behind) != 0)) + 1
        return Strip(
            Segment(text[start:stop].replace("\0", ""), style_of(int(strokes[start]), int(behind[start])))
            for start, stop in pairwise([0, *cuts.tolist(), len(glyphs)])
        ).adjust_cell_length(width, self.rich_style)
