"""The choice of a table: those that come with the program, or a path."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from data.bundled import tables
from tui.text import shown


class Open(ModalScreen[str | None]):
    """Gives a bundled table's name or a path; None for Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Leave as it is")]

    def compose(self) -> ComposeResult:
        """A path to type, and the list of what is there anyway."""
        with Vertical(classes="dialog wide"):
            yield Static("Open a table: type a path, or Tab to choose one that comes with Epochal.")
            yield Input(placeholder="path of a CSV file", id="path", compact=True)
            yield OptionList(
                *(Option(shown(f"{table.name}: {table.sentence}"), id=table.name) for table in tables())
            )
            yield Static("Enter opens, Escape leaves everything as it is.", classes="hint")

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.dismiss(event.value.strip())

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)
