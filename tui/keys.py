"""Commands: a key, what it does, and the words for it; footer, help, palette and README follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from textual.binding import Binding

Group = Literal["Train", "Look inside", "Judge", "Tables and files", "The lab"]
IN_WORDS = {
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}


@dataclass(frozen=True)
class Command:
    """A key, the action it stands for, and the words for it in footer, palette, help and README.

    `words` are further ones that the palette finds it by.
    """

    key: str
    action: str
    title: str
    sentence: str
    words: str = ""
    group: Group = "The lab"
    in_footer: bool = False

    @property
    def key_in_words(self) -> str:
        """The key as it is printed."""
        return IN_WORDS.get(self.key, self.key)


@dataclass(frozen=True)
class PaneKeys:
    """Keys that work in one place only, for help and README; the widgets there bind them."""

    keys: str
    place: str
    sentence: str


def bindings(commands: Iterable[Command]) -> Iterator[Binding]:
    """The commands' keys, in their order in the footer."""
    for one in commands:
        yield Binding(
            one.key,
            one.action,
            one.title,
            show=one.in_footer,
            key_display=one.key_in_words if one.key_in_words != one.key else None,
            priority=one.key.startswith("ctrl+"),
        )


def by_key(commands: Iterable[Command]) -> Iterator[tuple[str, str]]:
    """Each key and what it does: of several commands that take turns on one, their names."""
    for key, group in groupby(commands, lambda one: one.key_in_words):
        taking_turns = list(group)
        said = f"{taking_turns[0].title}: {taking_turns[0].sentence}"
        if len(taking_turns) > 1:
            said = "; ".join(one.title for one in taking_turns).capitalize()
        yield key, said


def in_words(commands: Iterable[Command], in_panes: Iterable[PaneKeys]) -> str:
    """A heading for each group and each place, and a line for each key below it."""
    lines = []
    for name, group in groupby(commands, lambda one: one.group):
        lines += [name, *(f"  {key:<11} {said}" for key, said in by_key(group)), ""]
    for place, keys in groupby(in_panes, lambda one: one.place):
        lines += [place, *(f"  {one.keys:<11} {one.sentence}" for one in keys), ""]
    return "\n".join(lines)


def in_markdown(commands: Iterable[Command], in_panes: Iterable[PaneKeys]) -> str:
    """The table of keys of the README."""
    rows = [*by_key(commands), *((one.keys, f"{one.place}: {one.sentence}") for one in in_panes)]
    lines = [f"| {' '.join(f'`{key}`' for key in keys.split())} | {said} |" for keys, said in rows]
    return "\n".join(["| key | does |", "|---|---|", *lines])
