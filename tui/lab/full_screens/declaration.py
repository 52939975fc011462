"""The declaration of a full screen: its key, its words, what there must be, and how it opens."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from epochal.tui.keys import Command, Group
from epochal.tui.lab.lab import Lab

Opens = Callable[[Lab], Coroutine[object, object, None] | None]


def always(_: Lab) -> bool:
    """There is something to show whatever has happened."""
    return True


def has_learned(lab: Lab) -> bool:
    """A run has trained for an epoch at least."""
    return lab.run_shown is not None and lab.run_shown.length > 0


@dataclass(frozen=True)
class FullScreen:
    """What opens at a key; while it is not `ready`, the sentence `empty` is said instead.

    What asks before it opens is awaited; the others open at once, so that the next key, which may already
    wait, is theirs.
    """

    command: Command
    name: str
    opens: Opens
    ready: Callable[[Lab], bool] = always
    empty: str = ""
    is_offered: Callable[[Lab], bool] = always

    def open(self, lab: Lab) -> Coroutine[object, object, None] | None:
        """Open it, or say why there is nothing to open."""
        if self.ready(lab):
            return self.opens(lab)
        lab.say(self.empty)
        return None


def full_screen(
    key: str,
    title: str,
    sentence: str,
    *,
    group: Group,
    words: str = "",
    ready: Callable[[Lab], bool] = always,
    empty: str = "",
    is_offered: Callable[[Lab], bool] = always,
    in_footer: bool = False,
) -> Callable[[Opens], FullScreen]:
    """Declare a full screen above the function that opens it.

    `is_offered` says whether footer and palette name it; where it is not, its key does nothing.
    """

    def declare(opens: Opens) -> FullScreen:
        name = opens.__name__.rstrip("_")
        command = Command(
            key=key,
            action=f"show('{name}')",
            title=title,
            sentence=sentence,
            words=words,
            group=group,
            in_footer=in_footer,
        )
        return FullScreen(command, name, opens, ready, empty, is_offered)

    return declare
