"""A table as it was read: typed columns, missing cells, and what the reader noticed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["number", "category", "date", "text", "identifier"]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a file, and where: the first line is 1, the first column is 1."""

    line: int
    column: int
    kind: str
    excerpt: str


@dataclass(frozen=True)
class Offer:
    """A repair a person may accept: what it does, and the reading options that do it."""

    sentence: str
    reading: Mapping[str, object]


@dataclass(frozen=True)
class Dialect:
    """How the text of a file was taken apart."""

    delimiter: str = ","
    encoding: str = "utf-8"
    header: bool = True
    first_line: int = 1
    space_after: bool = False
    quote: str = '"'
    escape: str = ""


@dataclass(frozen=True, eq=False)
class Column:
    """One column: float64 numbers with NaN for a missing cell, or indices into `categories` with -1.

    An identifier may be either: row numbers stay numbers. `categories` are the distinct texts of a
    column that is not numbers, exactly as they stand in the file; for a nominal ARFF attribute in its
    declared order, else in order of first appearance. `date_order` is how day and month of dates stand.
    `missing_words` are those a person has named for a missing cell; without `usual_missing` the usual ones
    are none. `is_merged` says that labels were made one that differ by blanks or case.
    """

    name: str
    kind: Kind
    values: NDArray[np.float64] | NDArray[np.int32]
    categories: tuple[str, ...] = ()
    date_order: str = ""
    missing_words: tuple[str, ...] = ()
    usual_missing: bool = True
    is_merged: bool = False

    @property
    def numeric(self) -> bool:
        """Whether `values` are the numbers themselves, not indices into `categories`."""
        return self.values.dtype.kind == "f"

    @property
    def empty(self) -> NDArray[np.bool_]:
        """Which cells hold nothing, one flag a row."""
        return np.isnan(self.values) if self.numeric else self.values < 0

    @property
    def missing(self) -> int:
        """How many cells hold nothing."""
        return int(np.count_nonzero(self.empty))

    def text(self, row: int) -> str:
        """The cell as a person reads it; an empty string where it is missing."""
        value = self.values[row]
        if not self.numeric:
            return self.categories[int(value)] if value >= 0 else ""
        if np.isnan(value):
            return ""
        return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Every row and column of one file, before anybody has said what is to be learned from it.

    `target` is the column that the file itself declares to be it, where it does.
    """

    name: str
    columns: tuple[Column, ...]
    path: str = ""
    dialect: Dialect = field(default_factory=Dialect)
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    size: int = 0
    sha256: str = ""
    rows_left_out: int = 0
    offers: tuple[Offer, ...] = ()
    target: str = ""

    def __repr__(self) -> str:
        counts = Counter(column.kind for column in self.columns)
        kinds = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        return f"Table({self.name}: {self.rows} rows x {len(self.columns)} columns; {kinds or 'empty'})"

    @property
    def rows(self) -> int:
        """How many records the table has."""
        return len(self.columns[0].values) if self.columns else 0

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in the file's order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


class TableError(Exception):
    """Why a table cannot be used: one or two sentences for the person who can mend it.

    `problems` locates each fault found, `notes` says what was understood all the same, `offers` are repairs
    a person may accept, and `table` is what can be shown of the file although nothing should be learned
    from it yet.
    """

    def __init__(
        self,
        sentence: str,
        problems: Sequence[Problem] = (),
        notes: Sequence[str] = (),
        table: Table | None = None,
        offers: Sequence[Offer] = (),
    ) -> None:
        super().__init__(sentence)
        self.offers = tuple(offers)
        self.problems = tuple(problems)
        self.notes = tuple(notes)
        self.table = table
