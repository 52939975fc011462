"""What a person says about one column, taken from the reading options."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from epochal.data.tables.cells import MISSING, NUMBER
from epochal.data.tables.options import Reading
from epochal.data.tables.table import TableError

ALL, NO_WORD = "", "none"
DATE_ORDERS = ("day-first", "month-first", "year-first")


@dataclass(frozen=True)
class Rules:
    """How one column is to be read, where a person says so.

    `missing` are further words for a missing cell, `numbers` those among them that are numbers; without
    `usual` only an empty cell is missing. `date_order` is empty where it is to be found out.
    """

    missing: frozenset[str] = frozenset()
    numbers: frozenset[float] = frozenset()
    usual: bool = True
    as_text: bool = False
    as_number: bool = False
    as_category: bool = False
    as_date: bool = False
    date_order: str = ""
    keep: bool = False
    merge: bool = False
    words_are_levels: bool = False

    def is_missing(self, cell: str) -> bool:
        """Whether a cell stands for nothing."""
        bare = cell.strip()
        return not bare or bare in self.missing or (self.usual and bare.lower() in MISSING)

    @property
    def is_text(self) -> bool:
        """Whether the column keeps its text whatever it looks like."""
        return self.as_text or self.as_category or self.as_date


def normal(name: str) -> str:
    """A name in its composed form: one and the same however its accents are written."""
    return unicodedata.normalize("NFC", name)


def rules_for(names: Sequence[str], asked: Reading) -> list[Rules]:
    """The rules of each column. TableError when a column is named that is not there."""
    known = set(names)
    words: dict[str, set[str]] = {}
    levels: set[str] = set()
    for column, word in _by_column(asked["missing"], known):
        if word == NO_WORD:
            levels.add(column)
        else:
            words.setdefault(column, set()).add(word)
    orders = dict(_by_column(asked["as_date"], known, of_all=False))
    for order in orders.values():
        if order and order not in DATE_ORDERS:
            raise TableError(f"Dates are {', '.join(DATE_ORDERS[:-1])} or {DATE_ORDERS[-1]}, not {order}")
    listed = {
        option: {normal(name) for name in asked[option]}
        for option in ("as_text", "as_number", "as_category", "keep", "merge_labels")
    }
    return [
        Rules(
            missing=(more := frozenset(words.get(ALL, set()) | words.get(name, set()))),
            numbers=frozenset(float(word) for word in more if NUMBER.fullmatch(word)),
            usual=ALL not in levels and name not in levels,
            as_text=name in listed["as_text"],
            as_number=name in listed["as_number"],
            as_category=name in listed["as_category"],
            as_date=name in orders,
            date_order=orders.get(name, ""),
            keep=name in listed["keep"],
            merge=name in listed["merge_labels"],
            words_are_levels=name in levels,
        )
        for name in names
    ]


def _by_column(items: Sequence[str], known: set[str], *, of_all: bool = True) -> Iterator[tuple[str, str]]:
    """Items as `COLUMN=WORD`; where no column is called so, the whole item is a word for all, or a column."""
    for item in map(normal, items):
        column, is_split, word = next(
            (
                (item[:at], True, item[at + 1 :])
                for at in range(len(item) - 1, 0, -1)
                if item[at] == "=" and item[:at] in known
            ),
            ("", False, ""),
        )
        if is_split:
            yield column, word
        else:
            yield (ALL, item) if of_all else (item, "")
