"""Help: the keys of the screen in front, what one is looking at in five lines, and every other key."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from epochal.tui.screens.dialog import Dialog

LOOKING_AT = """\
A small neural network learns to tell the target column from the other columns of your table.
Some rows are held out: the network never learns from them, so they show what it is worth.
The chart shows the error of both kinds of rows after each epoch, one pass over the training rows.
Both falling: it learns. Training falling, held-out rising: it learns by heart (overfitting).
The result compares the accuracy with always answering the most frequent class: that is doing nothing.
"""

FIELDS = """\
Fields, in Settings, Result and elsewhere
  up and down move, enter edits, left and right choose
  While a field is edited every key types. Enter, up, down and tab
  keep what was typed, escape puts back what was there; then the
  letters are commands again. A measurement steps by a tenth of its
  deviation: left and right, and up and down while it is edited.
"""


class Help(Dialog[None]):
    """Leaves with Escape, q or the key that opened it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss(None)", "Back"),
    ]

    def __init__(self, commands: str) -> None:
        super().__init__()
        self._commands = commands

    def compose(self) -> ComposeResult:
        """Five lines, then the keys."""
        with VerticalScroll(classes="dialog wide"):
            yield Static("What am I looking at?", classes="heading")
            yield Static(LOOKING_AT, markup=False)
            yield Static("Keys", classes="heading")
            yield Static("Everywhere, except while a field is edited", markup=False)
            yield Static(self._commands, markup=False)
            yield Static(FIELDS, markup=False)
            yield Static("Escape goes back.", classes="hint")
