"""The Data pane: the table itself, every row of it, and what the reader made of it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from epochal.data.tables.dataset import Dataset
from epochal.data.tables.decisions import decisions
from epochal.data.tables.distributions import Distributions
from epochal.tui.widgets.data_view import DataView
from epochal.tui.widgets.plain_lines import Lines


class DataPane(Vertical):
    """Types and counts above, the rows below; Enter on a cell asks what to do with its column or row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "app.show('tables')", "Open"),
        Binding("d", "app.show('reading')", "How it is read"),
        Binding("y", "app.show('profile')", "The table"),
        Binding("shift+down", "scroll_notes(1)", "Notes down", show=False),
        Binding("shift+up", "scroll_notes(-1)", "Notes up", show=False),
    ]

    dataset: reactive[Dataset | None] = reactive(None)

    class CellChosen(Message):
        """Enter was pressed on a cell: its table row, counted from 0, and its column's name."""

        def __init__(self, row: int, column: str) -> None:
            super().__init__()
            self.row, self.column = row, column

    class ColumnChosen(Message):
        """Enter was pressed on a column's heading: its name."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def __init__(self) -> None:
        super().__init__(id="data", classes="pane -shown")
        self.border_title = "1 Data"
        self.border_subtitle = "enter: this cell, or a heading  d: how it is read"
        self._summary = Lines(id="summary")
        self._scroll = VerticalScroll(self._summary, id="summary-scroll", can_focus=False)
        self._hint = Static("shift+down shows more of this, shift+up goes back", id="summary-hint")
        self.view = DataView(id="table")

    def compose(self) -> ComposeResult:
        """The summary above, the table below."""
        yield self._scroll
        yield self._hint
        yield self.view

    def on_mount(self) -> None:
        """Say how to see the rest of the notes, where there is any."""
        self.watch(self._scroll, "show_vertical_scrollbar", self._tell_of_rest)

    def _tell_of_rest(self, overflows: bool) -> None:
        self._hint.display = overflows

    def action_scroll_notes(self, pages: int) -> None:
        """Scroll the notes by as many lines as are shown."""
        lines = max(self._scroll.size.height - 1, 1)
        self._scroll.scroll_relative(y=pages * lines, animate=False, immediate=True)

    def watch_dataset(self, dataset: Dataset | None) -> None:
        """Show another table, or the same with another target."""
        if dataset is None:
            return
        self._summary.write(summary(dataset))
        self._scroll.scroll_home(animate=False)
        if self.view.table is not dataset.table:
            self.view.table = dataset.table
        self.view.distributions = Distributions(dataset)
        self.view.target = dataset.target
        self.view.ignored = frozenset(column.name for column in dataset.left_out)

    @on(DataView.HeadingSelected)
    def _heading_chosen(self, event: DataView.HeadingSelected) -> None:
        event.stop()
        self.post_message(self.ColumnChosen(event.column))

    @on(DataView.CellSelected)
    def _chosen(self, event: DataView.CellSelected) -> None:
        event.stop()
        self.post_message(self.CellChosen(event.row, event.column))


def summary(dataset: Dataset) -> list[str]:
    """What the table is, in a line, and a line for each thing that should be known about it."""
    table, examples, decided = dataset.table, dataset.examples, decisions(dataset)
    last = ", the last column" if decided.target_reason == "last column" else ""
    missing = sum(column.missing for column in table.columns)
    lines = [
        f"{table.name}: {table.rows:,} rows, {len(examples.features)} features"
        + (f", {missing:,} cells missing" if missing else "")
    ]
    if examples.classes:
        counts = [int((examples.targets == index).sum()) for index in range(len(examples.classes))]
        parts = [f"{name} {count:,}" for name, count in zip(examples.classes, counts, strict=True)]
        shown = ", ".join(parts[:6]) + (f", and {len(parts) - 6} more" if len(parts) > 6 else "")
        lines.append(f"To predict: {dataset.target} ({shown}){last}")
    else:
        low, high = float(examples.targets.min()), float(examples.targets.max())
        lines.append(f"To predict: {dataset.target} (a number from {low:g} to {high:g}){last}")
    return [*lines, *decided.notes]
