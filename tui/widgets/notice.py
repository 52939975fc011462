"""A sentence above the keys of a screen, which takes its room from the rest and so covers nothing."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from epochal.tui.widgets.text import shown

SECONDS = 5.0


class Notice(Static):
    """The last thing said on its screen; what is no warning goes with the next key."""

    DEFAULT_CSS = """
    Notice {
        dock: bottom;
        height: auto;
        max-height: 6;
        margin-bottom: 1;
        padding: 0 1;
        background: $panel;
        color: $text-success;
        text-wrap: wrap;
        &.-warning { color: $text-warning; }
        &.-error { color: $text-error; }
    }
    """

    _timer: Timer | None = None

    def say(self, sentence: str, severity: str, seconds: float) -> None:
        """Show this instead, for a while."""
        self.set_classes(f"-{severity}")
        self.update(shown(sentence))
        self.display = True
        if self._timer:
            self._timer.stop()
        self._timer = self.set_timer(seconds, self.clear)

    def clear(self) -> None:
        """Give the room back."""
        self.display = False

    @property
    def goes_with_a_key(self) -> bool:
        """Whether it has been read once a key is pressed."""
        return self.has_class("-information")


def notice_on(screen: Screen[object]) -> Notice | None:
    """What is said on this screen now."""
    try:
        notice = screen.query_one(Notice)
    except NoMatches:
        return None
    return notice if notice.display else None


def say_on_screen(app: App[Any], sentence: str, severity: str, seconds: float | None) -> None:
    """Say this on the screen in front."""
    screen = app.screen
    notices = screen.query(Notice)
    notice = notices.first() if notices else Notice()
    if not notices:
        screen.mount(notice)
    notice.say(sentence, severity, seconds or SECONDS)
