"""The lines of a table on screen, drawn when they come into view: headings, row numbers, cells."""

from __future__ import annotations

import textwrap
from bisect import bisect_right
from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from epochal.data.tables.table import Table
from epochal.tui.widgets.table_columns import Place, Writing, measured, placed
from epochal.tui.widgets.text import GLYPHS, fit

NO_TABLE = "No table is open. Press o to open one."
MISSING = "·" if GLYPHS else "-"


class TableLines(ScrollView):
    """A table of which only the lines in view are drawn, with one cell marked by its row and column.

    `target` and `ignored` hold column names; they only change how those columns are marked.
    """

    ALLOW_SELECT = False

    HEADER_LINES: ClassVar[int] = 2
    DIGITS: ClassVar[int] = 0
    """Numbers are rounded to so many; 0 leaves them as they are."""

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
    TableLines {
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
        self._on_heading = False
        self._lines: LRUCache[tuple[int, int, int, int], Strip] = LRUCache(256)
        self._styles: dict[str, Style] = {}
        self.set_reactive(TableLines.target, target)
        self.set_reactive(TableLines.ignored, ignored)
        self.set_reactive(TableLines.table, table)
        self._measure()

    @property
    def rows(self) -> int:
        """How many rows can be reached."""
        return self.table.rows if self.table is not None else 0

    # Layout

    def watch_table(self) -> None:
        """Show another table from its first cell."""
        self._row = self._column = 0
        self._on_heading = False
        self._measure()
        self.scroll_to(0, 0, animate=False, force=True)

    def watch_target(self) -> None:
        """Mark another column."""
        self._lay_out()

    def watch_ignored(self) -> None:
        """Mark other columns as left out."""
        self._lay_out()

    def _measure(self) -> None:
        self._writings = [] if self.table is None else measured(self.table, self.DIGITS)
        self._lay_out()

    def _in_order(self) -> list[Writing]:
        """The columns as they stand from left to right."""
        return self._writings

    def _lay_out(self) -> None:
        self._places = placed(self._in_order(), self.target, self.ignored)
        self._ends = [place.end for place in self._places]
        self._gutter = max(3, len(str(self.rows))) + 1 if self._places else 0
        self._lines.clear()
        self.virtual_size = Size(self._gutter + (self._ends or [0])[-1], self.rows + self.HEADER_LINES)
        self.refresh()

    @property
    def _pane(self) -> Size:
        """What the scrollbars leave of the widget."""
        return self.size - (self.scrollbar_size_vertical, self.scrollbar_size_horizontal)

    @property
    def _page(self) -> int:
        return max(1, self._pane.height - self.HEADER_LINES)

    @property
    def _body(self) -> Region:
        """Where cells are drawn, right of the row numbers and below the headings."""
        return Region(self._gutter, self.HEADER_LINES, max(0, self._pane.width - self._gutter), self._page)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Redraw the rows; the headings stay."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value
        if round(old_value) != round(new_value):
            self.refresh(Region(0, self.HEADER_LINES, self._pane.width, self._page))

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
        if y < self.HEADER_LINES:
            return self._header_line(y)
        if not self.rows:
            return self._sentence("This table has no rows.", y - self.HEADER_LINES)
        row = y - self.HEADER_LINES + self.scroll_offset.y
        if row >= self.rows:
            return Strip.blank(width, self._style(""))
        key = (row, self.scroll_offset.x, width, self._column if self._has_cursor(row) else -1)
        if (strip := self._lines.get(key)) is None:
            strip = self._lines[key] = self._row_line(row)
        return strip

    def _has_cursor(self, row: int) -> bool:
        return row == self._row and not self._on_heading

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
                style = "cursor" if self._on_heading else "cursor-heading"
            pieces.append((place.write(place.name, left, right), self._style(style)))
        return self._strip(pieces, "header")

    def _row_line(self, row: int) -> Strip:
        is_cursor_row = self._has_cursor(row)
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
