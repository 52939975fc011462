"""Numbers that cannot be computed with: too large or too small to square, or beyond the precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from epochal.core.rows.examples import Examples, Rows

# Sums of squares of ten million numbers of this size stay finite; and the squares of a spread of a millionth
# of a millionth of the smallest stay above nothing.
LARGEST, SMALLEST = 1e150, 1e-140


@dataclass(frozen=True, eq=False)
class Extreme:
    """A column with such numbers: the rows of the examples, from 0, and the different numbers there.

    Of a `small` column they are all there are but 0.
    """

    name: str
    kind: Literal["large", "small"]
    rows: Rows
    values: tuple[float, ...]
    is_target: bool


def extremes(examples: Examples) -> list[Extreme]:
    """The columns of numbers that cannot be scaled, whatever the scaling; the targets' last."""
    found = []
    for index, feature in enumerate(examples.features):
        if not feature.categories:
            found += _of(feature.name, examples.inputs[:, index], is_target=False)
    if not examples.classes:
        targets = np.asarray(examples.targets, np.float64).reshape(len(examples.targets), -1)
        for index, name in enumerate(examples.outputs):
            found += _of(name, targets[:, index], is_target=True)
    return found


def _of(name: str, column: NDArray[np.float64], *, is_target: bool) -> list[Extreme]:
    low, high = float(np.fmin.reduce(column)), float(np.fmax.reduce(column))
    size = max(abs(low), abs(high))
    if SMALLEST <= size <= LARGEST or not size > 0:
        return []
    kind: Literal["large", "small"] = "large" if size > LARGEST else "small"
    with np.errstate(invalid="ignore"):
        rows = np.flatnonzero(np.abs(column) > (LARGEST if kind == "large" else 0.0))
    return [Extreme(name, kind, rows, tuple(np.unique(column[rows]).tolist()), is_target)]


def beyond_precision(
    table: NDArray[np.floating], names: Sequence[str], rows: Rows
) -> tuple[str, int, float] | None:
    """A column, one of `rows` and its number, where a scaled table holds what its precision cannot square."""
    if not table.size:
        return None
    limit = float(np.sqrt(np.finfo(table.dtype).max)) / 16
    with np.errstate(invalid="ignore"):
        is_sound = bool(table.max() <= limit and table.min() >= -limit)
        if is_sound:
            return None
        row, column = np.argwhere(~(np.abs(table) <= limit))[0].tolist()
    return names[column], int(rows[row]), float(table[row, column])
