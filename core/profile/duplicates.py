"""Duplicates: rows that are there twice, and rows that differ in nothing but the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.profile.variables import Variable

Hashes = NDArray[np.uint64]

# The constants of S. Vigna's splitmix64: two rows that differ share a hash about once in 2^64.
_STEP, _FIRST, _SECOND = (
    np.uint64(constant) for constant in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)


@dataclass(frozen=True)
class Duplicates:
    """Counted over all rows, without the columns that name each row."""

    repeated: int
    """Rows that equal an earlier one, the target included."""
    contradicted: int
    """Rows whose measurements equal another row's of another class."""


def duplicates(features: Sequence[Variable], target: Variable | None, *, classes: bool) -> Duplicates:
    """How many rows are there twice; contradictions where the target has classes."""
    rows = len(features[0].values) if features else 0
    if rows < 2:
        return Duplicates(0, 0)
    measured = _hash_of(features)
    whole = measured if target is None else _hash_of([target], measured)
    distinct = _count_distinct(whole)
    contradicted = 0
    if classes and target is not None:
        has_class = target.filled
        contradicted = _contradicted(measured[has_class], whole[has_class])
    return Duplicates(rows - distinct, contradicted)


def _contradicted(measured: Hashes, whole: Hashes) -> int:
    if _count_distinct(measured) == _count_distinct(whole):
        return 0
    _, place, counts = np.unique(measured, return_inverse=True, return_counts=True)
    _, place_of_whole, count_of_whole = np.unique(whole, return_inverse=True, return_counts=True)
    return int((counts[place] != count_of_whole[place_of_whole]).sum())


def _hash_of(columns: Sequence[Variable], start: Hashes | None = None) -> Hashes:
    """A number for each row that depends on every cell of these columns, and on their order."""
    rows = len(columns[0].values)
    found = np.full(rows, _STEP) if start is None else start.copy()
    shifted = np.empty_like(found)
    for column in columns:
        if column.numeric:
            # -0.0 becomes 0.0, and every NaN the same one.
            cells = np.asarray(column.values, np.float64) + 0.0
            np.copyto(cells, np.nan, where=np.isnan(cells))
            found ^= cells.view(np.uint64)
        else:
            found ^= column.values.astype(np.int64).view(np.uint64)
        for factor, shift in ((_FIRST, np.uint64(31)), (_SECOND, np.uint64(29))):
            found *= factor
            found ^= np.right_shift(found, shift, out=shifted)
        found += _STEP
    return found


def _count_distinct(hashes: Hashes) -> int:
    ordered = np.sort(hashes)
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + 1 if len(ordered) else 0
