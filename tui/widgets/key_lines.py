"""The keys that work now, on one line at the foot of the screen, or on two; what does not fit is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import App
from textual.binding import Binding
from textual.screen import Screen

from epochal.tui.widgets.colored_lines import ColoredLines, Ink, Line
from epochal.tui.widgets.text import visible

PALETTE = "Find"

IN_WORDS = {
    "question_mark": "?",
    "escape": "esc",
    "comma": ",",
    "full_stop": ".",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "plus": "+",
    "minus": "-",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}


@dataclass(frozen=True)
class Key:
    """A key as it is printed, and what it does; one that is `kept` has room before all others."""

    key: str
    title: str
    kept: bool = False

    @property
    def width(self) -> int:
        """Cells, with the one before and the one between."""
        return len(self.key) + len(self.title) + 2


def printed(binding: Binding) -> str:
    """The binding's key, in characters that every terminal has."""
    return binding.key_display or IN_WORDS.get(binding.key, binding.key).replace("ctrl+", "^")


def fitting(keys: Sequence[Key], width: int) -> list[Key]:
    """The first of them that there is room for beside those that are kept, in their order."""
    room = width - sum(one.width for one in keys if one.kept)
    shown = []
    for one in keys:
        if one.kept or one.width <= room:
            shown.append(one)
            room -= 0 if one.kept else one.width
        else:
            room = 0
    return shown


def keys_that_work(screen: Screen[object]) -> list[Key]:
    """The keys that the screen and what has the focus name for the footer; the way out last."""
    app: App[object] = screen.app
    is_lab, in_borders = not screen.is_modal, screen.has_class("-all-panes")
    found: dict[str, tuple[int, Key]] = {}
    for active in screen.active_bindings.values():
        binding, in_a_pane = active.binding, active.node.has_class("pane")
        way_out = binding.key in ("escape", "ctrl+q")
        everywhere = binding.key in ("question_mark", app.COMMAND_PALETTE_BINDING)
        is_named = binding.show or binding.key == app.COMMAND_PALETTE_BINDING
        if is_named and active.enabled and not (in_a_pane and in_borders):
            title = PALETTE if binding.key == app.COMMAND_PALETTE_BINDING else visible(binding.description)
            rank = 3 if way_out else 2 if everywhere else int(in_a_pane)
            key = Key(visible(printed(binding)), title, way_out or (everywhere and is_lab))
            found.setdefault(binding.action, (rank, key))
    return [key for _, key in sorted(found.values(), key=lambda pair: pair[0])]


class KeyLines(ColoredLines):
    """Follows the keys of its screen; `second` is the line below, where the screen gives it the room."""

    DEFAULT_CSS = """
    KeyLines { dock: bottom; height: 1; background: $footer-background; }
    """

    second: Sequence[Key] = ()

    def on_mount(self) -> None:
        """Follow the screen's keys."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.redraw())

    def show_second(self, keys: Sequence[Key]) -> None:
        """Show these on the line below."""
        if keys != self.second:
            self.second = keys
            self.redraw()

    def lines(self, width: int, height: int) -> list[Line]:
        """Key and title by turns."""
        lines = [keys_that_work(self.screen), self.second][:height]
        return [_line(fitting(keys, width), width) for keys in lines]


def _line(keys: Sequence[Key], width: int) -> Line:
    wide = sum(one.width + 1 for one in keys) <= width
    line: list[tuple[str, Ink]] = []
    for one in keys:
        line += [(f" {one.key} ", "key"), (one.title + " " * wide, "text")]
    return line
