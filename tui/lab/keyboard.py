"""Keys in order: each key, and each paste, is done with before the next one is looked at.

Textual gives a key to the widget that has the focus as a message, and to bindings only once that message has
gone up through every parent. Of keys that come in one write, a later letter then overtakes an earlier
backspace, and letters meant for a field reach what had the focus before it.
"""

from __future__ import annotations

from typing import Self

from textual import events
from textual.app import App

from epochal.tui.widgets.notice import notice_on


class KeyHere(events.Key, bubble=False):
    """A key that only the widget with the focus is asked about."""

    was_taken = False

    def stop(self, stop: bool = True) -> Self:
        """Note that the widget has made use of it."""
        self.was_taken = stop
        super().stop(stop)
        return self


class PasteHere(events.Paste, bubble=False):
    """Pasted text for the widget with the focus."""


# They are handled as what they are; Textual names a handler after each class.
KeyHere.handler_name, PasteHere.handler_name = events.Key.handler_name, events.Paste.handler_name


class KeysInOrder(App[None]):
    """Asks the widget with the focus, then the bindings, and all of it before the next key."""

    async def on_event(self, event: events.Event) -> None:
        """Take keys and pasted text here; all else as usual."""
        if event.is_forwarded or not isinstance(event, events.Key | events.Paste):
            await super().on_event(event)
            return
        self.app_focus = True
        notice = notice_on(self.screen)
        if notice and notice.goes_with_a_key:
            notice.clear()
        target = self.focused or self.screen
        if isinstance(event, events.Paste):
            await target.on_event(PasteHere(event.text))
        elif not await self._check_bindings(event.key, priority=True):
            key = KeyHere(event.key, event.character)
            await target.on_event(key)
            if not key.was_taken:
                await self._check_bindings(event.key)
