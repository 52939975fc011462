"""The table that is learned from: distributions below headings, the target at the right, short numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Self

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip

from epochal.data.tables.distributions import Distributions
from epochal.tui.widgets.bars import upright, upright_cells
from epochal.tui.widgets.colored_lines import Paint, painted
from epochal.tui.widgets.heat import HUES, RANGE_HUES
from epochal.tui.widgets.table_columns import Place, Writing
from epochal.tui.widgets.table_view import TableView
from epochal.tui.widgets.text import UNICODE, fit, visible

BAR = "│" if UNICODE else "|"
WIDEST_BARS = 20
# The target stands at the right as long as it leaves this share of the pane to the others.
OTHERS = 0.5


class DataView(TableView):
    """A table view whose headings can be reached: up from the first row, and Enter chooses the column.

    `distributions` is of the table shown. The cell under the cursor shows all its digits.
    """

    HEADER_LINES: ClassVar[int] = 3
    DIGITS: ClassVar[int] = 4

    distributions: reactive[Distributions | None] = reactive(None)

    class HeadingSelected(TableView.CursorMoved):
        """Enter was pressed on the heading of a column."""

    def watch_distributions(self) -> None:
        """Draw the bars below the headings anew."""
        self._lay_out()

    # The cursor.

    def action_step(self, rows: int, columns: int) -> None:
        """Move the cursor; up from the first row to the headings, and down from there."""
        if rows < 0 and self._row == 0 and self.rows:
            self._show_heading(on_heading=True)
        elif rows > 0 and self._on_heading:
            self._show_heading(on_heading=False)
        else:
            super().action_step(rows, columns)

    def action_select_cell(self) -> None:
        """Say which cell, or which column, was chosen."""
        if self._on_heading:
            self.post_message(self.HeadingSelected(self, self._row, self._cursor_name))
        else:
            super().action_select_cell()

    def move_to(self, row: int, column: int | None = None) -> Self:
        """Put the cursor there; another row is left for the headings only by a key."""
        if row != self._row:
            self._show_heading(on_heading=False)
        return super().move_to(row, column)

    def on_click(self, event: events.Click) -> None:
        """Move to the cell, to the heading, or to the row."""
        # Textual would call the other class's method too.
        event.prevent_default()
        place = event.get_content_offset(self)
        if place is None or not self.rows:
            return
        self._show_heading(on_heading=place.y < self.HEADER_LINES)
        pinned = self._pinned
        if pinned is None or place.x < self._pinned_at:
            super().on_click(event)
        else:
            row = place.y - self.HEADER_LINES + self.scroll_offset.y
            self.move_to(self._row if self._on_heading else row, len(self._places) - 1)

    def _show_heading(self, *, on_heading: bool) -> None:
        if on_heading != self._on_heading:
            self._on_heading = on_heading
            self._refresh_cursor(self._row, self._column)

    # The target at the right.

    def _in_order(self) -> list[Writing]:
        others = [one for one in self._writings if one.column.name != self.target]
        return others + [one for one in self._writings if one.column.name == self.target]

    @property
    def _pinned(self) -> Place | None:
        """The target's place, unless it is too wide to stay in view."""
        last = self._places[-1] if self._places else None
        if last is None or last.role != "target" or len(self._places) == 1:
            return None
        room = super()._body.width
        return last if last.end - last.start + 1 <= (1 - OTHERS) * room else None

    @property
    def _body(self) -> Region:
        """Where the other columns are drawn."""
        body, pinned = super()._body, self._pinned
        if pinned is None:
            return body
        return Region(body.x, body.y, max(body.width - (pinned.end - pinned.start + 1), 0), body.height)

    @property
    def _pinned_at(self) -> int:
        """Where the target's column begins, its bar included: at the right, or after the others."""
        others = self._places[-1].start - self.scroll_offset.x
        return self._gutter + min(others, self._body.width)

    def _places_in_view(self) -> Iterable[tuple[int, Place]]:
        pinned = self._pinned
        return ((index, place) for index, place in super()._places_in_view() if place is not pinned)

    def _scroll_to_cursor(self) -> None:
        if self.rows and self.size and self._pinned is not None and self._column == len(self._places) - 1:
            left, top = self.scroll_offset
            top = min(max(top, self._row - self._page + 1), self._row)
            if top != self.scroll_offset.y:
                self.scroll_to(left, top, animate=False, force=True)
        else:
            super()._scroll_to_cursor()

    def _refresh_cursor(self, row: int, column: int) -> None:
        """Redraw the cursor's line and the headings: what stands there may reach beyond its column."""
        y = self.HEADER_LINES + row - self.scroll_offset.y
        lines = [Region(0, 0, self._pane.width, 1)]
        if self.HEADER_LINES <= y < self._pane.height:
            lines.append(Region(0, y, self._pane.width, 1))
        self._lines.clear()
        self.refresh(*lines)

    # Drawing.

    def _header_line(self, line: int) -> Strip:
        if line == 2:
            return self._bars_line()
        strip, pinned = super()._header_line(line), self._pinned
        if pinned is None:
            return strip
        if line == 1:
            return self._with_pinned(strip, [(pinned.description, self._style("kind"))], "header")
        is_at = self._column == len(self._places) - 1 and self.rows
        style = "header-target" if not is_at else "cursor" if self._on_heading else "cursor-heading"
        return self._with_pinned(strip, [(pinned.name, self._style(style))], "header")

    def _row_line(self, row: int) -> Strip:
        strip, pinned = super()._row_line(row), self._pinned
        if pinned is not None:
            text = pinned.writing.cell(row)
            is_at = self._has_cursor(row) and self._column == len(self._places) - 1
            style = self._style("cursor" if is_at else "target" if text else "missing")
            strip = self._with_pinned(strip, [(text or "·" if UNICODE else text or "-", style)])
        return self._with_whole_value(strip, row) if self._has_cursor(row) else strip

    def _with_pinned(self, strip: Strip, cell: list[tuple[str, Style]], rest: str = "") -> Strip:
        pinned = self._pinned
        assert pinned is not None
        is_number = pinned.writing.column.kind == "number"
        ground = self._style(rest)
        pieces = [Segment(BAR, self._style("kind") if rest else self._style("row-number"))]
        pieces.append(Segment(" ", ground))
        for text, style in cell:
            pieces.append(Segment(fit(text, pinned.width, right=is_number), style))
        pieces.append(Segment(" ", ground))
        return Strip.join([strip.crop(0, self._pinned_at), Strip(pieces)]).adjust_cell_length(
            self.size.width, ground
        )

    def _with_whole_value(self, strip: Strip, row: int) -> Strip:
        """The number under the cursor with all its digits, over its neighbours where it needs them."""
        place = self._places[self._column]
        text = visible(place.writing.whole(row))
        if place.writing.column.kind != "number" or text == place.writing.cell(row).strip() or not text:
            return strip
        if place is self._pinned:
            end = self._pinned_at + 1 + place.end - place.start
        else:
            end = self._gutter + place.end - self.scroll_offset.x
        width = max(cell_len(text) + 2, place.end - place.start)
        start = max(min(end, self._pane.width) - width, self._gutter)
        written = Segment(f" {fit(text, width - 2, right=True)} ", self._style("cursor"))
        parts = [strip.crop(0, start), Strip([written]), strip.crop(start + width, strip.cell_length)]
        return Strip.join(parts).adjust_cell_length(self.size.width, self._style(""))

    def _bars_line(self) -> Strip:
        """Each column's distribution, as a bar of one cell's height for each bin, stacked by class."""
        ground = self._style("kind")
        left, right = self._span
        segments = [Segment(" " * self._gutter, ground)]
        for _, place in self._places_in_view():
            bars = Strip([Segment(" ", ground), *self._bars(place), Segment(" ", ground)])
            bars = bars.adjust_cell_length(place.end - place.start, ground)
            start, end = max(left - place.start, 0), min(right, place.end) - place.start
            segments += bars.crop(start, end)
        strip, pinned = Strip(segments), self._pinned
        if pinned is not None:
            bar = [Segment(BAR, ground), Segment(" ", ground), *self._bars(pinned), Segment(" ", ground)]
            shown = Strip.join([strip.crop(0, self._pinned_at), Strip(bar)])
            return shown.adjust_cell_length(self.size.width, self._style("header"))
        return strip.adjust_cell_length(self.size.width, self._style("header"))

    def _bars(self, place: Place) -> list[Segment]:
        ground, cells = self._style("kind"), min(place.width, WIDEST_BARS)
        found = self.distributions.of(place.writing.column.name) if self.distributions else None
        if found is None or self.distributions is None or not found.counts.size:
            return [Segment(" " * place.width, ground)]
        hues = HUES if self.distributions.groups.task == "classification" else RANGE_HUES
        line = upright(found.counts.astype(float), cells, 1, hues)[0]
        used = upright_cells(found.counts.shape[1], cells)
        pieces = [Segment(text, ground + painted(paint)) for text, paint in line if isinstance(paint, Paint)]
        return [*pieces, Segment(" " * (place.width - used), ground)]
