"""The command that repeats a run: copied for the shell, and shown where it can be selected with the mouse."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from epochal.tui.reporting.equivalent_command import on_lines
from epochal.tui.screens.dialog import Dialog
from epochal.tui.widgets.text import paragraph

ASKED = (
    "Your terminal has been asked to put it on the clipboard (OSC 52); in tmux that takes "
    "`set -s set-clipboard on`. A terminal that does not do so says nothing: then hold Shift (Option on a "
    "Mac) and select it above with the mouse. c asks again."
)


class CommandScreen(Dialog[None]):
    """Asks the terminal to copy the command as it opens; what it does not repeat is said."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", "Copy again"),
        Binding("escape,C,q", "dismiss(None)", "Back", key_display="esc"),
    ]
    # Nothing stands beside the command, as it would be selected with it.
    DEFAULT_CSS = """
    CommandScreen {
        background: $background;
        & Static { height: auto; margin-bottom: 1; }
        & #command-title { background: $panel; }
        & #command-said { color: $text-muted; }
    }
    """

    def __init__(self, command: str, remark: str = "") -> None:
        super().__init__()
        self._command, self._remark = command, remark

    def compose(self) -> ComposeResult:
        """What it is; the command; how it comes to the shell."""
        yield Static(paragraph([f" The command for the shell.{self._remark}"]), id="command-title")
        yield Static(id="command")
        yield Static(paragraph([ASKED]), id="command-said")

    def on_mount(self) -> None:
        """Copy it."""
        self.action_copy()

    def on_resize(self) -> None:
        """Break its lines where the shell takes that."""
        self.query_one("#command", Static).update(paragraph(on_lines(self._command, self.size.width)))

    def action_copy(self) -> None:
        """Ask the terminal to copy it."""
        self.app.copy_to_clipboard(self._command)
