"""The table on screen: every row within reach of a cursor at once, by keys and by mouse."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import ClassVar, Self

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message

from epochal.tui.widgets.table_lines import TableLines


class TableView(TableLines, can_focus=True):
    """A table with a cell cursor, which is always in view."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1, 0)", "Row above", show=False),
        Binding("down", "step(1, 0)", "Row below", show=False),
        Binding("left", "step(0, -1)", "Column to the left", show=False),
        Binding("right", "step(0, 1)", "Column to the right", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "first_column", "First column", show=False),
        Binding("end", "last_column", "Last column", show=False),
        Binding("ctrl+home", "first_row", "First row", show=False),
        Binding("ctrl+end", "last_row", "Last row", show=False),
        Binding("enter", "select_cell", "Choose this cell", show=False),
    ]

    class CursorMoved(Message):
        """The cursor stands on another cell; the first row is 0."""

        def __init__(self, table_view: TableView, row: int, column: str) -> None:
            super().__init__()
            self.table_view = table_view
            self.row = row
            self.column = column

        @property
        def control(self) -> TableView:
            """The view whose cursor moved."""
            return self.table_view

    class CellSelected(CursorMoved):
        """Enter was pressed on a cell; the first row is 0."""

    @property
    def cursor(self) -> tuple[int, int]:
        """The row and column of the cursor, both counted from 0."""
        return self._row, self._column

    def move_to(self, row: int, column: int | None = None) -> Self:
        """Put the cursor there and scroll it into view; outside the table means its nearest cell."""
        if not self.rows:
            return self
        old_row, old_column = self.cursor
        self._row = min(max(row, 0), self.rows - 1)
        if column is not None:
            self._column = min(max(column, 0), len(self._places) - 1)
        self._scroll_to_cursor()
        if (old_row, old_column) != self.cursor:
            self._refresh_cursor(old_row, old_column)
            self._refresh_cursor(*self.cursor)
            self.post_message(self.CursorMoved(self, self._row, self._cursor_name))
        return self

    @property
    def _cursor_name(self) -> str:
        return self._places[self._column].writing.column.name

    # Keys and mouse

    def action_step(self, rows: int, columns: int) -> None:
        """Move the cursor by that many cells."""
        self.move_to(self._row + rows, self._column + columns)

    def action_page(self, pages: int) -> None:
        """Move the cursor by as many rows as the pane shows."""
        self.move_to(self._row + pages * self._page)

    def action_first_column(self) -> None:
        """Move to the first column of the same row."""
        self.move_to(self._row, 0)

    def action_last_column(self) -> None:
        """Move to the last column of the same row."""
        self.move_to(self._row, len(self._places) - 1)

    def action_first_row(self) -> None:
        """Move to the first row of the same column."""
        self.move_to(0)

    def action_last_row(self) -> None:
        """Move to the last row of the same column."""
        self.move_to(self.rows - 1)

    def action_select_cell(self) -> None:
        """Say which cell was chosen."""
        if self.rows:
            self.post_message(self.CellSelected(self, self._row, self._cursor_name))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the cell, or within its row or column if a heading was clicked."""
        place = event.get_content_offset(self)
        if place is None or not self.rows:
            return
        row, column = self.cursor
        if place.y >= self.HEADER_LINES:
            row = place.y - self.HEADER_LINES + self.scroll_offset.y
        if place.x >= self._gutter:
            column = bisect_right(self._ends, place.x - self._gutter + self.scroll_offset.x)
        self.move_to(row, column)

    # Scrolling

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self._scroll_to_cursor()

    def watch_show_horizontal_scrollbar(self) -> None:
        """Keep the cursor in view: a scrollbar that appears takes a line from the rows."""
        self._scroll_to_cursor()

    def watch_show_vertical_scrollbar(self) -> None:
        """Keep the cursor in view: a scrollbar that appears takes a column."""
        self._scroll_to_cursor()

    def _scroll_to_cursor(self) -> None:
        if not (self.rows and self.size):
            return
        left, top = self.scroll_offset
        top = min(max(top, self._row - self._page + 1), self._row)
        place, room = self._places[self._column], self._body.width
        if place.end > left + room:
            # As far as the first column that is then whole on the left.
            hidden = bisect_left(self._ends, place.end - room)
            left = self._ends[hidden] if place.end > room else 0
        left = min(left, place.start)
        if (left, top) != self.scroll_offset:
            self.scroll_to(left, top, animate=False, force=True)

    def _refresh_cursor(self, row: int, column: int) -> None:
        """Redraw one cell and the two headings that point at it, not their whole lines."""
        place, body = self._places[column], self._body
        x = body.x + place.start - self.scroll_offset.x
        y = body.y + row - self.scroll_offset.y
        cell = Region(x, y, place.end - place.start, 1)
        in_column = Region(cell.x, 0, cell.width, 1).intersection(Region(body.x, 0, body.width, 1))
        in_row = Region(0, y, body.x, 1).intersection(Region(0, body.y, body.x, body.height))
        if changed := [region for region in (cell.intersection(body), in_column, in_row) if region]:
            self.refresh(*changed)
