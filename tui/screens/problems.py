"""What is wrong with a file, where, and what can be done about it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from epochal.data.tables.rows import RowsRefused
from epochal.data.tables.table import TableError
from epochal.tui.screens.dialog import Dialog
from epochal.tui.widgets.text import paragraph, shown


class Problems(Dialog[str | None]):
    """Shows every problem with its place. Gives `offer:N` to accept the error's N-th offer, `drop` to go on
    without those rows, `reading` to say how the file is to be read, None to leave it.
    """  # noqa: D205

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Leave it")]

    def __init__(self, name: str, error: TableError) -> None:
        super().__init__()
        self._table_name, self._error = name, error

    def compose(self) -> ComposeResult:
        """The sentence, the places, the ways on."""
        error = self._error
        options = [
            Option(shown(offer.sentence), id=f"offer:{place}") for place, offer in enumerate(error.offers)
        ]
        if error.problems and error.table is not None and error.table.rows:
            rows = f"{error.table.rows:,} row" + ("s" if error.table.rows != 1 else "")
            options.append(Option(f"Go on with the {rows} that can be read", id="drop"))
        elif isinstance(error, RowsRefused):
            options.append(Option("Go on without the rows that cannot be read", id="drop"))
        options += [Option("Say how the file is to be read", id="reading"), Option("Leave it", id="leave")]
        with Vertical(classes="dialog wide"):
            yield Static(paragraph([str(error), *error.notes]))
            if error.problems:
                with VerticalScroll(id="problems", can_focus=False):
                    yield Static(
                        paragraph(
                            f"line {one.line:,}, column {one.column:,}: {one.kind}: {one.excerpt}"
                            for one in error.problems
                        )
                    )
            yield OptionList(*options)

    def on_mount(self) -> None:
        """Put the cursor on the first way on."""
        self.query_one(OptionList).focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(None if event.option.id == "leave" else event.option.id)
