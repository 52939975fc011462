"""A name and a note for a run."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from epochal.data.runs.record import RecordedRun
from epochal.tui.screens.dialog import Dialog
from epochal.tui.widgets.text_input import TextInput

LONGEST = 2000


class NameScreen(Dialog[tuple[str, str] | None]):
    """Gives name and note; None for Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Leave it")]

    def __init__(self, run: RecordedRun) -> None:
        super().__init__()
        self._run = run

    def compose(self) -> ComposeResult:
        """Two fields."""
        with Vertical(classes="dialog wide"):
            yield Static(f"Run {self._run.id}", classes="heading", markup=False)
            yield TextInput(self._run.name, placeholder="name", max_length=80, compact=True, id="run-name")
            yield TextInput(
                self._run.note, placeholder="note", max_length=LONGEST, compact=True, id="run-note"
            )
            yield Static("Enter goes on, and at the end keeps both; Escape keeps neither.", classes="hint")

    @on(TextInput.Submitted, "#run-name")
    def _named(self) -> None:
        self.set_focus(self.query_one("#run-note", TextInput))

    @on(TextInput.Submitted, "#run-note")
    def _noted(self) -> None:
        name, note = (self.query_one(f"#run-{which}", TextInput).value for which in ("name", "note"))
        self.dismiss((name.strip(), note.strip()))
