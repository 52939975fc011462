"""A text field that draws what it holds as text: no byte of a value or a suggestion acts on the terminal.

Textual's own `Input` draws both as they are (8.2.8), so that a file name offered as a completion could set
the title of the terminal or fill its clipboard. Nothing else in the program uses it.
"""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len
from rich.text import Text
from textual.strip import Strip
from textual.widgets import Input

from epochal.tui.widgets.text import visible


class TextInput(Input):
    """An `Input` whose value and suggestion are drawn by `visible`, one mark for each character that acts.

    The value itself stays as it was typed, pasted or completed.
    """

    def render_line(self, y: int) -> Strip:
        """The line as Textual makes it of a suggestion that has marks for what would act."""
        suggestion = self._suggestion
        self.set_reactive(TextInput._suggestion, visible(suggestion))
        try:
            return super().render_line(y)
        finally:
            self.set_reactive(TextInput._suggestion, suggestion)

    @property
    def _value(self) -> Text:
        """The value as it is drawn; every mark stands for one character, so positions are the same."""
        return Text(visible(self.value), no_wrap=True, overflow="ignore", end="")

    def _position_to_cell(self, position: int) -> int:
        return cell_len(visible(self.value[:position]))


class FieldEditor(TextInput):
    """The editor of a form, which has `ended` with Enter at once: the next key is no longer meant for it."""

    def __init__(self, ended: Callable[[], None]) -> None:
        super().__init__(compact=True, select_on_focus=False)
        self._has_ended = ended

    async def action_submit(self) -> None:
        """Keep what was typed."""
        self._has_ended()
