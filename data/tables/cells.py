"""What one cell means: nothing, or a number in some notation."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "?", "-", "."})
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)


@dataclass(frozen=True)
class Notation:
    """One way of writing numbers; `plain` turns a text that matches into one float() understands."""

    name: str
    pattern: re.Pattern[str]
    plain: Callable[[str], str]


def _notation(name: str, pattern: str, plain: Callable[[str], str]) -> Notation:
    return Notation(name, re.compile(rf"[+-]?(?:{pattern})", re.ASCII), plain)


NOTATIONS = (
    Notation("", NUMBER, str),
    _notation("a decimal comma", r"(?:\d+(?:,\d*)?|,\d+)(?:[eE][+-]?\d+)?", lambda t: t.replace(",", ".")),
    _notation("commas between thousands", r"\d{1,3}(?:,\d{3})*(?:\.\d*)?", lambda t: t.replace(",", "")),
    _notation(
        "points between thousands and a decimal comma",
        r"\d{1,3}(?:\.\d{3})*(?:,\d*)?",
        lambda t: t.replace(".", "").replace(",", "."),
    ),
    _notation(
        "spaces between thousands",
        r"\d{1,3}(?:[ \u00a0\u202f]\d{3})*(?:\.\d*)?",
        lambda t: re.sub("[ \u00a0\u202f]", "", t),
    ),
    _notation(
        "spaces between thousands and a decimal comma",
        r"\d{1,3}(?:[ \u00a0\u202f]\d{3})*(?:,\d*)?",
        lambda t: re.sub("[ \u00a0\u202f]", "", t).replace(",", "."),
    ),
    _notation(
        "apostrophes between thousands",
        "\\d{1,3}(?:['\u2019]\\d{3})*(?:\\.\\d*)?",
        lambda t: re.sub("['\u2019]", "", t),
    ),
)


def is_missing(cell: str, more: frozenset[str] = frozenset()) -> bool:
    """Whether a cell stands for nothing."""
    bare = cell.strip()
    return bare.lower() in MISSING or bare in more


def is_number(cell: str) -> bool:
    """Whether a cell is a number in any notation: not `1_000`, `0x1f` or `infinity`."""
    bare = cell.strip()
    return any(notation.pattern.fullmatch(bare) for notation in NOTATIONS)
