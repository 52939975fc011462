"""A question with a few answers, chosen with the arrow keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from epochal.tui.screens.dialog import Dialog
from epochal.tui.widgets.text import paragraph, shown


class Ask(Dialog[str | None]):
    """Shows a question and its answers (by key, in words); gives the key chosen, None for Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Leave as it is")]

    def __init__(self, question: str, answers: Mapping[str, str]) -> None:
        super().__init__()
        self._question, self._answers = question, answers

    def compose(self) -> ComposeResult:
        """The question above its answers."""
        with Vertical(classes="dialog"):
            yield Static(paragraph(self._question.split("\n")))
            yield OptionList(*(Option(shown(words), id=key) for key, words in self._answers.items()))
            yield Static("Enter chooses, Escape leaves everything as it is.", classes="hint")

    @on(OptionList.OptionSelected)
    def _answered(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)
