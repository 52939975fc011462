"""Help: the keys of the screen in front, what one is looking at in five lines, and every other key."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from epochal.tui.screens.dialog import Dialog
from epochal.tui.widgets.key_lines import printed
from epochal.tui.widgets.text_input import TextInput

LOOKING_AT = """\
A small neural network learns to tell the target column from the other columns of your table.
Some rows are held out: the network never learns from them, so they show what it is worth.
The chart shows the error of both kinds of rows after each epoch, one pass over the training rows.
Both falling: it learns. Training falling, held-out rising: overfitting, it learns by heart.
The result compares the accuracy with the baseline: always answering the most frequent class.
"""

FIELDS = """\
Fields, in Settings, Result and elsewhere
  up and down move, enter edits, left and right choose
  While a field is edited every key types. Enter, up, down and tab
  keep what was typed, escape puts back what was there; then the
  letters are commands again. A measurement steps by a tenth of its
  deviation: left and right, and up and down while it is edited.
"""


# Scrolling, selecting and moving the focus, which every widget has.
OF_TEXTUAL = ("Scroll", "Page ", "Copy", "Focus", "Help")


class Help(Dialog[None]):
    """Leaves with Escape, q or the key that opened it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Back", key_display="esc"),
        Binding("question_mark", "dismiss(None)", "Back", show=False),
    ]

    def __init__(self, here: str, commands: str) -> None:
        """`here` are the keys of the screen in front of which it opens."""
        super().__init__()
        self._here, self._commands = here, commands

    def compose(self) -> ComposeResult:
        """The keys that work here; five lines; all keys of the lab."""
        with VerticalScroll(classes="dialog wide"):
            yield Static(self._here, markup=False)
            yield Static("What am I looking at?", classes="heading")
            yield Static(LOOKING_AT, markup=False)
            yield Static("Keys in the lab, except while a field is edited", classes="heading")
            yield Static(self._commands, markup=False)
            yield Static(FIELDS, markup=False)
            yield Static("Escape goes back.", classes="hint")


def keys_here(screen: Screen[object]) -> str:
    """A line for each key of the screen itself, and of what has the focus in it."""
    lines: dict[str, str] = {}
    for active in screen.active_bindings.values():
        binding, node = active.binding, active.node
        is_ours = type(node).__module__.startswith("epochal.") and not isinstance(node, App | TextInput)
        if is_ours and binding.description and not binding.description.startswith(OF_TEXTUAL):
            lines.setdefault(binding.action, f"  {printed(binding):<11} {binding.description}")
    return "\n".join(["Keys here", *lines.values(), ""])
