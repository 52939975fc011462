"""What every screen over the lab has in common: it is left once, however often its keys are pressed."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, ScreenResultType

from epochal.tui.runner.failures import SaysFailures
from epochal.tui.widgets.key_lines import KeyLines
from epochal.tui.widgets.too_small import TooSmall, is_too_small

LOW = [(0, "-lowest"), (20, "-low"), (30, "-high")]


class Dialog(SaysFailures, ModalScreen[ScreenResultType]):
    """A screen that is dismissed once at most, and only while it is in front.

    Textual's own `dismiss` takes away whatever is in front: of two keys that come in one burst, the second
    would take the lab's own screen away.
    """

    # How high the screen is: where it is low, lists are, so that what stands below them is not pushed out.
    VERTICAL_BREAKPOINTS = LOW

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark", "app.help", "Help", key_display="?")]

    DEFAULT_CSS = """
    Dialog { layers: default too-small; }
    Dialog.-small { overflow: hidden; }
    """

    _is_left = False

    def on_mount(self) -> None:
        """Name the keys that work here, over those of the screen below, which do not."""
        if not self.is_attached:  # the lab is left as it opens
            return
        if not self.query(KeyLines):
            self.mount(KeyLines())
        self.mount(TooSmall(self.app.size))
        self.set_class(is_too_small(self.app.size), "-small")

    @on(events.Resize)
    def _say_where_nothing_has_room(self, event: events.Resize) -> None:
        self.set_class(is_too_small(event.size), "-small")
        for one in self.query(TooSmall):
            one.fit(event.size)

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave with this result, unless another key has left already."""
        if self._is_left or not self.is_active:
            return AwaitComplete()
        self._is_left = True
        return super().dismiss(result)
