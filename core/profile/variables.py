"""Variables: a table's columns as statistics takes them, a sample of its rows, and the target's groups."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from epochal.core.rows.examples import Floats, Rows, Task

Codes = NDArray[np.intp]
"""One number from 0 for each row: a category, a class or a bin; -1 where there is none."""

Kind = Literal["number", "category", "date", "text", "identifier"]

# A profile looks at about so many cells, and at so many rows of them at the least and at the most.
CELLS = 500_000
FEWEST, MOST = 2_000, 10_000

# So many groups can still be told apart by colour; rarer classes share the last one.
MOST_GROUPS = 10
RANGES = 3


@dataclass(frozen=True, eq=False)
class Variable:
    """One column: numbers with NaN for a missing cell, or indices into `categories` with -1.

    `left_out` says why no prediction is made from it, after its name: `is the same in every row`.
    """

    name: str
    kind: Kind
    values: NDArray[np.float64] | NDArray[np.int32]
    categories: tuple[str, ...] = ()
    left_out: str = ""

    @property
    def numeric(self) -> bool:
        """Whether `values` are the numbers themselves."""
        return self.values.dtype.kind == "f"

    @property
    def measured(self) -> bool:
        """Whether it can be held against another column: numbers or categories, not a name for each row."""
        return self.kind in ("number", "category")

    @property
    def filled(self) -> NDArray[np.bool_]:
        """Which cells hold something, one flag a row."""
        return ~np.isnan(self.values) if self.numeric else self.values >= 0

    def at(self, rows: Rows) -> Floats:
        """The numbers, or the indices of the categories, in these rows; NaN where missing."""
        values = self.values[rows].astype(np.float64)
        if not self.numeric:
            values[values < 0] = np.nan
        return values


@dataclass(frozen=True, eq=False)
class Groups:
    """The rows by what is to be predicted: its classes, or three ranges of a number with as many rows each.

    `codes` says for each row of the sample which of `names` it belongs to, -1 where the target is missing.
    """

    names: tuple[str, ...]
    codes: Codes
    task: Task | None

    def sizes(self) -> NDArray[np.int64]:
        """How many rows of the sample each has."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.names))


def sample_rows(rows: int, columns: int, seed: int) -> Rows:
    """Which rows a profile looks at, ascending: all, or as many as can be looked at within a second."""
    most = min(max(CELLS // max(columns, 1), FEWEST), MOST)
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng([seed, rows]).choice(rows, most, replace=False, shuffle=False))


def groups_of(values: Floats, classes: tuple[str, ...]) -> Groups:
    """The groups of a target: class indices with NaN for none, or numbers when there are no classes."""
    return _classes(values, classes) if classes else _ranges(values)


def no_groups(rows: int) -> Groups:
    """All rows in one group, where nothing is to be predicted."""
    return Groups(("all rows",), np.zeros(rows, np.intp), None)


def _classes(values: Floats, classes: tuple[str, ...]) -> Groups:
    codes = np.where(np.isnan(values), -1, values).astype(np.intp)
    if len(classes) <= MOST_GROUPS:
        return Groups(classes, codes, "classification")
    counts = np.bincount(codes[codes >= 0], minlength=len(classes))
    frequent = np.sort(np.argsort(-counts, kind="stable")[: MOST_GROUPS - 1])
    group = np.full(len(classes) + 1, MOST_GROUPS - 1)
    group[frequent] = np.arange(MOST_GROUPS - 1)
    group[-1] = -1
    names = (*(classes[index] for index in frequent), f"{len(classes) - MOST_GROUPS + 1} others")
    return Groups(names, group[codes], "classification")


def _ranges(values: Floats) -> Groups:
    filled = values[~np.isnan(values)]
    if not filled.size:
        return Groups(("all rows",), np.full(len(values), -1), "regression")
    # The limits are values that occur, so that equal numbers are never parted.
    cuts = np.unique(np.quantile(filled, np.arange(1, RANGES) / RANGES, method="lower"))
    cuts = cuts[cuts < filled.max()]
    codes = np.where(np.isnan(values), -1, np.searchsorted(cuts, values))
    written = [f"{cut:.4g}" for cut in cuts]
    if not written:
        return Groups((f"{filled[0]:.4g}",), codes, "regression")
    between = (f"{low} to {high}" for low, high in pairwise(written))
    return Groups((f"up to {written[0]}", *between, f"over {written[-1]}"), codes, "regression")
