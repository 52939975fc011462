"""Headers of another shape than the records: one name short or long, or Orange's three lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from epochal.data.tables.table import Offer

_TYPE = re.compile(r"c|d|s|t|continuous|discrete|string|time|meta|ignore", re.IGNORECASE)
_FLAG = re.compile(r"(?:(?:class|c|meta|m|ignore|i|weight|w|[\w]+=\S*) ?)*", re.IGNORECASE)
ORANGE_LINES = 3


@dataclass(frozen=True)
class HeaderLines:
    """Lines above the records that name the columns: how many there are and what they say."""

    lines: int
    names: tuple[str, ...]
    categories: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    target: str = ""


def with_a_name_missing(row: Sequence[str], width: int, which: str) -> tuple[str, ...] | None:
    """The names of a header one cell short, or one empty cell long; None where it is neither."""
    if len(row) == width - 1:
        return ("", *row) if which == "first" else (*row, "")
    if len(row) == width + 1 and not row[-1].strip() and which == "last":
        return tuple(row[:-1])
    return None


def offers_of_a_name(row: Sequence[str], width: int) -> tuple[Offer, ...]:
    """The offers for a header that does not have a name for each column."""
    offers = {
        "first": Offer("Take the first column to have no name", {"unnamed": "first"}),
        "last": Offer("Take the last column to have no name", {"unnamed": "last"}),
    }
    return tuple(
        offer for which, offer in offers.items() if with_a_name_missing(row, width, which) is not None
    )


def orange_header(rows: Sequence[Sequence[str]]) -> HeaderLines | None:
    """Orange's header: names, types, and flags such as class; None for another."""
    if len(rows) <= ORANGE_LINES:
        return None
    names, types, flags = rows[:ORANGE_LINES]
    if not all(map(_TYPE.fullmatch, map(str.strip, types))) or not all(map(_FLAG.fullmatch, flags)):
        return None
    cells = [
        (name.strip(), kind.strip().lower(), flag.split()) for name, kind, flag in zip(*rows[:3], strict=True)
    ]
    return HeaderLines(
        ORANGE_LINES,
        tuple(names),
        categories=tuple(name for name, kind, _ in cells if kind in ("d", "discrete")),
        target=next((name for name, _, flag in cells if {"class", "c"} & set(flag)), ""),
    )
