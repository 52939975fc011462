"""A checklist: one line for each thing that can be on or off, moved in and changed by keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from epochal.tui.widgets.colored_lines import ColoredLines, Line
from epochal.tui.widgets.text import GLYPHS, fit

CHECK = "✓" if GLYPHS else "x"


class Checklist(ColoredLines, can_focus=True):
    """Names with a box before and, where there is room for all of them, a note behind.

    `Changed` tells of another choice, `Moved` of another line under the cursor.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("home", "move(-9999)", "First", show=False),
        Binding("end", "move(9999)", "Last", show=False),
        Binding("space", "toggle_line", "Repair", key_display="space"),
        Binding("enter", "toggle_line", "Repair", show=False),
        Binding("A", "choose_all", "All", key_display="A"),
        Binding("N", "choose_none", "None", key_display="N"),
    ]

    class Changed(Message):
        """Other things are on than before."""

        def __init__(self, chosen: tuple[str, ...]) -> None:
            super().__init__()
            self.chosen = chosen

    class Moved(Message):
        """The cursor is on another line."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, notes: Mapping[str, str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._notes = notes
        self._names = tuple(notes)
        self._cursor = 0
        self.chosen: tuple[str, ...] = ()

    @property
    def current(self) -> str:
        """The name under the cursor."""
        return self._names[self._cursor]

    def lines(self, width: int, height: int) -> list[Line]:
        """Cursor, box, name, note."""
        longest = max(map(len, self._names))
        room = width - longest - 8
        with_notes = room >= max(map(len, self._notes.values()))
        lines: list[Line] = []
        for name, note in self._notes.items():
            has_cursor, on = self.has_focus and name == self.current, name in self.chosen
            lines.append(
                [
                    ("> " if has_cursor else "  ", "strong"),
                    (f"[{CHECK}] " if on else "[ ] ", "good" if on else "muted"),
                    (fit(name, min(longest, width - 6)), "cursor" if has_cursor else "text"),
                    (f"  {note}" if with_notes else "", "muted"),
                ]
            )
        return lines

    def action_move(self, by: int) -> None:
        """Up and down, not beyond the ends."""
        self._cursor = max(0, min(self._cursor + by, len(self._names) - 1))
        self.redraw()
        self.post_message(self.Moved(self.current))

    def action_toggle_line(self) -> None:
        """Turn the one under the cursor on, or off."""
        self._choose(set(self.chosen) ^ {self.current})

    def action_choose_all(self) -> None:
        """Turn all of them on."""
        self._choose(self._names)

    def action_choose_none(self) -> None:
        """Turn all of them off."""
        self._choose(())

    def on_focus(self) -> None:
        """Show the cursor."""
        self.redraw()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.redraw()

    def _choose(self, names: Iterable[str]) -> None:
        chosen = tuple(name for name in self._names if name in set(names))
        if chosen != self.chosen:
            self.chosen = chosen
            self.redraw()
            self.post_message(self.Changed(chosen))
