"""Undo and redo: what settings, table and run were before each change of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

MOST = 50
"""So many changes are kept; each may hold a run."""


@dataclass(frozen=True)
class Change:
    """In words what was changed, what was there before by name, and the edit that it is a part of."""

    in_words: str
    before: Mapping[str, object]
    edit: int | None = None


class Changes:
    """The changes that can be taken back, and those taken back that can be made again."""

    def __init__(self) -> None:
        self._past: list[Change] = []
        self._future: list[Change] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether something was taken back, and nothing changed since then."""
        return bool(self._future)

    def note(self, change: Change) -> None:
        """Add a change that is about to be made; of one edit, what was there before its first key counts."""
        self._future.clear()
        last = self._past[-1] if self._past else None
        if last and change.edit is not None and last.edit == change.edit:
            self._past[-1] = Change(change.in_words, last.before, change.edit)
        else:
            self._past = [*self._past[1 - MOST :], change]

    def next_undone(self) -> Change | None:
        """The change that would be taken back."""
        return self._past[-1] if self._past else None

    def undo(self, now: Callable[[str], object]) -> Change | None:
        """The change to take back, if there is one; `now` says what a name holds, for redo."""
        return self._turn(self._past, self._future, now)

    def redo(self, now: Callable[[str], object]) -> Change | None:
        """The change to make again."""
        return self._turn(self._future, self._past, now)

    @staticmethod
    def _turn(source: list[Change], target: list[Change], now: Callable[[str], object]) -> Change | None:
        if not source:
            return None
        change = source.pop()
        target.append(Change(change.in_words, {name: now(name) for name in change.before}))
        return change
