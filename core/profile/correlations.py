"""Correlations of every two columns, numbers and categories alike, and pairs that tell more together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from epochal.core.profile.association import centred, correlation_ratio, cramers_v, ranks
from epochal.core.profile.information import MOST_COARSE, Information, coarsely_binned, information
from epochal.core.profile.variables import Codes
from epochal.core.rows.examples import Floats

Measure = Literal["correlation", "correlation ratio", "Cramér's V"]

PAIR_SHUFFLES = 19


@dataclass(frozen=True, eq=False)
class Correlations:
    """Columns x columns, each pair over the rows in which both hold something; NaN where there is none.

    `pearson` and `spearman` differ for two columns of numbers only. Of numbers and categories both hold
    the correlation ratio, of two columns of categories Cramér's V, which have no sign.
    """

    names: tuple[str, ...]
    is_number: tuple[bool, ...]
    pearson: Floats
    spearman: Floats

    def measure(self, first: int, second: int) -> Measure:
        """What stands at that place."""
        match self.is_number[first] + self.is_number[second]:
            case 2:
                return "correlation"
            case 1:
                return "correlation ratio"
            case _:
                return "Cramér's V"

    def strongest(self, most: int) -> list[tuple[int, int]]:
        """The pairs that go together most, by their ranks."""
        first, second = np.triu_indices(len(self.names), 1)
        size = np.nan_to_num(np.abs(self.spearman[first, second]))
        order = np.argsort(-size, kind="stable")[:most]
        return [(int(first[at]), int(second[at])) for at in order if size[at] > 0]


@dataclass(frozen=True)
class Pair:
    """Two columns, and what they say about the target together: often more than either says alone."""

    first: str
    second: str
    together: Information
    alone: tuple[float, float]
    """The shares that each explains by itself."""

    @property
    def gain(self) -> float:
        """How much more of the target's entropy the two explain than the better one alone."""
        return self.together.share - max(self.alone)


def correlations(names: Sequence[str], values: Sequence[Floats], is_number: Sequence[bool]) -> Correlations:
    """Of columns of the same rows, NaN where missing; those of categories hold their indices."""
    count = len(names)
    found = np.full((count, count), np.nan)
    numbers = [index for index in range(count) if is_number[index]]
    other = [index for index in range(count) if not is_number[index]]
    for place, first in enumerate(other):
        for second in other[place + 1 :]:
            both = ~np.isnan(values[first]) & ~np.isnan(values[second])
            v = cramers_v(values[first][both].astype(np.intp), values[second][both].astype(np.intp))
            found[first, second] = found[second, first] = np.nan if v is None else v
        for second in numbers:
            both = ~np.isnan(values[first]) & ~np.isnan(values[second])
            eta = correlation_ratio(values[first][both].astype(np.intp), values[second][both])
            found[first, second] = found[second, first] = np.nan if eta is None else eta
        found[first, first] = 1.0
    pearson, spearman = found, found.copy()
    if numbers:
        places = np.ix_(numbers, numbers)
        pearson[places] = _of_numbers([values[index] for index in numbers])
        spearman[places] = _of_numbers([_ranked(values[index]) for index in numbers])
    return Correlations(tuple(names), tuple(is_number), pearson, spearman)


def _ranked(values: Floats) -> Floats:
    """Each column's ranks among its own cells that hold something."""
    ranked = values.copy()
    filled = ~np.isnan(values)
    ranked[filled] = ranks(values[filled])
    return ranked


def _of_numbers(columns: Sequence[Floats]) -> Floats:
    """Every pair's correlation at once, by products of matrices."""
    rows = len(columns[0])
    known, around = np.zeros((rows, len(columns))), np.zeros((rows, len(columns)))
    for index, column in enumerate(columns):
        filled = ~np.isnan(column)
        known[filled, index] = 1.0
        around[filled, index] = centred(column[filled])
    both = known.T @ known
    sums = around.T @ known
    squares = (around * around).T @ known
    with np.errstate(divide="ignore", invalid="ignore"):
        covered = around.T @ around - sums * sums.T / both
        spread = squares - sums * sums / both
        spread[spread < 1e-12 * squares] = 0.0
        found = covered / np.sqrt(spread * spread.T)
    found[~np.isfinite(found)] = np.nan
    found = np.clip(found, -1.0, 1.0)
    diagonal = np.arange(len(columns))
    found[diagonal, diagonal] = np.where(np.diag(spread) > 0, 1.0, np.nan)
    return found


def pairs(
    columns: Sequence[tuple[str, Floats]],
    is_number: Sequence[bool],
    alone: Sequence[float],
    target: Codes,
    rng: np.random.Generator,
) -> list[Pair]:
    """Every two columns, those first that together explain most of the target's entropy.

    Columns have a name and values; `alone` is the share that each explains by itself.
    """
    names = [name for name, _ in columns]
    coarse = [_coarse(values, numeric) for (_, values), numeric in zip(columns, is_number, strict=True)]
    found = []
    for first in range(len(names)):
        for second in range(first + 1, len(names)):
            together = _together(coarse[first], coarse[second], target, rng)
            if together:
                found.append(Pair(names[first], names[second], together, (alone[first], alone[second])))
    return sorted(found, key=lambda pair: -pair.together.share)


def _together(x: Codes, y: Codes, target: Codes, rng: np.random.Generator) -> Information | None:
    """What two columns say in the rows in which both hold something; None when those are too few."""
    rows = np.flatnonzero((x >= 0) & (y >= 0) & (target >= 0))
    if len(rows) < 2:
        return None
    crossed = x[rows] * (int(y.max()) + 1) + y[rows]
    return information(crossed, target[rows], rng, PAIR_SHUFFLES)


def _coarse(values: Floats, is_number: bool) -> Codes:
    """Few bins, as two columns have as many cells as the product of theirs; -1 where missing."""
    filled = ~np.isnan(values)
    codes = np.full(len(values), -1)
    if is_number:
        codes[filled] = coarsely_binned(values[filled])
        return codes
    found = values[filled].astype(np.intp)
    counts = np.bincount(found)
    place = np.arange(len(counts))
    if len(counts) > MOST_COARSE:
        place[:] = MOST_COARSE - 1
        place[np.argsort(-counts, kind="stable")[: MOST_COARSE - 1]] = np.arange(MOST_COARSE - 1)
    codes[filled] = place[found]
    return codes
