"""The guided tour as something to be walked: the keys, texts and pictures of tour.md, in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
TOUR = HERE / "tour.md"

_PART = re.compile(
    r"<kbd>(?P<key>[^<]+)</kbd>|```text\n(?P<box>.*?)```|!\[[^]]*\]\((?P<picture>[^)]+)\)", re.DOTALL
)
_NAMES = {"?": "question_mark", ">": "greater_than_sign"}


@dataclass(frozen=True)
class Key:
    """A key to press, as Textual names it."""

    name: str


@dataclass(frozen=True)
class Box:
    """Texts that the screen shows by now."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """A picture of the screen as it is now, and the file that it is in."""

    file: str


def parts(text: str) -> Iterator[Key | Box | Picture]:
    """What a reader does and sees, from the beginning to the end."""
    for found in _PART.finditer(text):
        if found["key"]:
            key = found["key"].replace("&gt;", ">")
            yield Key(_NAMES.get(key, key))
        elif found["box"]:
            yield Box(tuple(found["box"].strip().splitlines()))
        else:
            yield Picture(found["picture"])
