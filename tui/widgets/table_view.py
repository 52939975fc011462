"""The table on screen: every row within reach at once, because only the lines in view are ever drawn."""

from __future__ import annotations

import textwrap
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import ClassVar, Self

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from epochal.data.tables.table import Table
from epochal.tui.widgets.table_columns import Place, Writing, measured, placed
from epochal.tui.widgets.text import UNICODE, fit

NO_TABLE = "No table is open. Press o to open one."
MISSING = "·" if UNICODE else "-"

_HEADER_LINES = 2


class TableView(ScrollView, can_focus=True):
    """A table with a cell cursor: two lines of headings, row numbers on the left, the rest on demand.

    `target` and `ignored` hold column names; they only change how those columns are marked.
    """

    ALLOW_SELECT = False

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

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table-view--header",
        "table-view--header-target",
        "table-view--header-left-out",
        "table-view--kind",
        "table-view--row-number",
        "table-view--target",
        "table-view--left-out",
        "table-view--missing",
        "table-view--cursor",
        "table-view--cursor-heading",
    }

    DEFAULT_CSS = """
    TableView {
        background: $surface;
        color: $foreground;
        scrollbar-size: 1 1;

        & > .table-view--header { background: $panel; text-style: bold; }
        & > .table-view--header-target { background: $panel; color: $text-accent; text-style: bold; }
        & > .table-view--header-left-out { background: $panel; text-style: dim; }
        & > .table-view--kind { background: $panel; color: $text-muted; }
        & > .table-view--row-number { color: $text-muted; }
        & > .table-view--target { color: $text-accent; }
        & > .table-view--left-out { text-style: dim; }
        & > .table-view--missing { text-style: dim; }
        & > .table-view--cursor-heading { background: $panel; text-style: bold underline; }
        & > .table-view--cursor { text-style: bold underline; }
        &:focus > .table-view--cursor { text-style: bold reverse; }
    }
    """

    table: reactive[Table | None] = reactive(None)
    target: reactive[str] = reactive("")
    ignored: reactive[frozenset[str]] = reactive(frozenset())

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

    def __init__(
        self,
        table: Table | None = None,
        *,
        target: str = "",
        ignored: frozenset[str] = frozenset(),
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._writings: list[Writing] = []
        self._places: list[Place] = []
        self._ends: list[int] = []
        self._gutter = 0
        self._row = 0
        self._column = 0
        self._lines: LRUCache[tuple[int, int, int, int], Strip] = LRUCache(256)
        self._styles: dict[str, Style] = {}
        self.set_reactive(TableView.target, target)
        self.set_reactive(TableView.ignored, ignored)
        self.set_reactive(TableView.table, table)
        self._measure()

    @property
    def cursor(self) -> tuple[int, int]:
        """The row and column of the cursor, both counted from 0."""
        return self._row, self._column

    @property
    def rows(self) -> int:
        """How many rows can be reached."""
        return self.table.rows if self.table is not None else 0

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
        if place.y >= _HEADER_LINES:
            row = place.y - _HEADER_LINES + self.scroll_offset.y
        if place.x >= self._gutter:
            column = bisect_right(self._ends, place.x - self._gutter + self.scroll_offset.x)
        self.move_to(row, column)

    # Layout

    def watch_table(self) -> None:
        """Show another table from its first cell."""
        self._row = self._column = 0
        self._measure()
        self.scroll_to(0, 0, animate=False, force=True)

    def watch_target(self) -> None:
        """Mark another column."""
        self._lay_out()

    def watch_ignored(self) -> None:
        """Mark other columns as left out."""
        self._lay_out()

    def _measure(self) -> None:
        self._writings = [] if self.table is None else measured(self.table)
        self._lay_out()

    def _lay_out(self) -> None:
        self._places = placed(self._writings, self.target, self.ignored)
        self._ends = [place.end for place in self._places]
        self._gutter = max(3, len(str(self.rows))) + 1 if self._places else 0
        self._lines.clear()
        self.virtual_size = Size(self._gutter + (self._ends or [0])[-1], self.rows + _HEADER_LINES)
        self.refresh()

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self._scroll_to_cursor()

    def watch_show_horizontal_scrollbar(self) -> None:
        """Keep the cursor in view: a scrollbar that appears takes a line from the rows."""
        self._scroll_to_cursor()

    def watch_show_vertical_scrollbar(self) -> None:
        """Keep the cursor in view: a scrollbar that appears takes a column."""
        self._scroll_to_cursor()

    @property
    def _pane(self) -> Size:
        """What the scrollbars leave of the widget."""
        return self.size - (self.scrollbar_size_vertical, self.scrollbar_size_horizontal)

    @property
    def _page(self) -> int:
        return max(1, self._pane.height - _HEADER_LINES)

    @property
    def _body(self) -> Region:
        """Where cells are drawn, right of the row numbers and below the headings."""
        return Region(self._gutter, _HEADER_LINES, max(0, self._pane.width - self._gutter), self._page)

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

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Redraw the rows; the headings stay."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value
        if round(old_value) != round(new_value):
            self.refresh(Region(0, _HEADER_LINES, self._pane.width, self._page))

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

    # Drawing

    def notify_style_update(self) -> None:
        """Forget lines drawn in the former theme."""
        super().notify_style_update()
        self._styles.clear()
        self._lines.clear()

    def _style(self, component: str) -> Style:
        if component not in self._styles:
            self._styles[component] = (
                self.get_component_rich_style(f"table-view--{component}") if component else self.rich_style
            )
        return self._styles[component]

    def render_line(self, y: int) -> Strip:
        """The line `y` of the pane, made when it comes into view."""
        width = self.size.width
        if not self._places:
            return self._sentence(NO_TABLE if self.table is None else "This table has no columns.", y)
        if y < _HEADER_LINES:
            return self._header_line(y)
        if not self.rows:
            return self._sentence("This table has no rows.", y - _HEADER_LINES)
        row = y - _HEADER_LINES + self.scroll_offset.y
        if row >= self.rows:
            return Strip.blank(width, self._style(""))
        key = (row, self.scroll_offset.x, width, self._column if row == self._row else -1)
        if (strip := self._lines.get(key)) is None:
            strip = self._lines[key] = self._row_line(row)
        return strip

    def _sentence(self, sentence: str, line: int) -> Strip:
        width = self.size.width
        lines = textwrap.wrap(sentence, max(1, width))
        return self._strip([(fit(lines[line] if line < len(lines) else "", width), self._style(""))])

    def _header_line(self, line: int) -> Strip:
        pieces = [(fit("" if line else "row", self._gutter - 1, right=True) + " ", self._style("kind"))]
        left, right = self._span
        for index, place in self._places_in_view():
            if line == 1:
                pieces.append((place.write(place.description, left, right), self._style("kind")))
                continue
            style = "header" if place.role == "feature" else f"header-{place.role}"
            if index == self._column and self.rows:
                style = "cursor-heading"
            pieces.append((place.write(place.name, left, right), self._style(style)))
        return self._strip(pieces, "header")

    def _row_line(self, row: int) -> Strip:
        is_cursor_row = row == self._row
        number = self._style("cursor-heading" if is_cursor_row else "row-number")
        pieces = [(f"{row + 1:>{self._gutter - 1}} ", number)]
        left, right = self._span
        for index, place in self._places_in_view():
            text = place.writing.cell(row)
            if is_cursor_row and index == self._column:
                style = "cursor"
            elif not text:
                style = "missing"
            else:
                style = "" if place.role == "feature" else place.role
            pieces.append((place.write(text or MISSING, left, right), self._style(style)))
        return self._strip(pieces)

    @property
    def _span(self) -> tuple[int, int]:
        """The cells of the columns that are in view, counted from the first column's edge."""
        left = self.scroll_offset.x
        return left, left + self._body.width

    def _places_in_view(self) -> Iterable[tuple[int, Place]]:
        left, right = self._span
        for index in range(bisect_right(self._ends, left), len(self._places)):
            if self._places[index].start >= right:
                break
            yield index, self._places[index]

    def _strip(self, pieces: Iterable[tuple[str, Style]], rest: str = "") -> Strip:
        """One line of the pane; neighbours of one style are one segment, which is fewer bytes on the wire."""
        merged: list[tuple[str, Style]] = []
        for text, style in pieces:
            if merged and merged[-1][1] == style:
                merged[-1] = (merged[-1][0] + text, style)
            else:
                merged.append((text, style))
        strip = Strip([Segment(text, style) for text, style in merged])
        return strip.adjust_cell_length(self.size.width, self._style(rest))
