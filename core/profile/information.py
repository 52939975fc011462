"""Mutual information: how much a column says about the target, and how much chance alone would."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from epochal.core.profile.variables import Codes
from epochal.core.rows.examples import Floats

SHUFFLES = 99
MOST_BINS, MOST_COARSE = 16, 8


@dataclass(frozen=True)
class Information:
    """Mutual information in bits, of a target of that entropy (C. E. Shannon 1948).

    `chance` is its mean, and `most_by_chance` its largest, over shuffles of the target.
    """

    bits: float
    chance: float
    most_by_chance: float
    entropy: float

    @property
    def share(self) -> float:
        """The part of the target's entropy that is explained beyond chance, from 0 to 1."""
        room = self.entropy - self.chance
        if not self.beyond_chance or room <= 0:
            return 0.0
        return min(max((self.bits - self.chance) / room, 0.0), 1.0)

    @property
    def beyond_chance(self) -> bool:
        """Whether it is more than every permutation gave."""
        return self.bits > self.most_by_chance + 1e-12


def binned(values: Floats) -> Codes:
    """Numbers without gaps in bins of about as many rows each, the cube root of the rows of them at most."""
    return _in_bins(values, int(np.clip(round(len(values) ** (1 / 3)), 2, MOST_BINS)))


def coarsely_binned(values: Floats) -> Codes:
    """The same in fewer bins, for what is crossed with other bins: their fourth root, and eight at most."""
    return _in_bins(values, int(np.clip(round(len(values) ** 0.25), 2, MOST_COARSE)))


def _in_bins(values: Floats, most: int) -> Codes:
    distinct, place = np.unique(values, return_inverse=True)
    if len(distinct) <= most:
        return place.astype(np.intp)
    # Values that occur, so that equal numbers are never parted.
    cuts = np.unique(np.quantile(values, np.arange(1, most) / most, method="lower"))
    return np.searchsorted(cuts, values).astype(np.intp)


def information(
    codes: Codes, target: Codes, rng: np.random.Generator, shuffles: int = SHUFFLES
) -> Information:
    """What the codes say about the target's, row by row, neither with gaps."""
    count, rows = int(target.max(initial=0)) + 1, len(target)
    cells = (int(codes.max(initial=0)) + 1) * count
    base = codes * count
    # One shuffle, turned by some number of rows for each that is wanted: as good, and much quicker.
    round_and_round = np.tile(rng.permutation(target), 2)
    turns = rng.integers(0, max(rows, 1), shuffles).tolist()
    crossed = np.empty((shuffles + 1, cells), np.intp)
    crossed[0] = np.bincount(base + target, minlength=cells)
    for place, turn in enumerate(turns, 1):
        crossed[place] = np.bincount(base + round_and_round[turn : turn + rows], minlength=cells)
    alone = entropy(np.bincount(target, minlength=1))
    said, *chance = (entropy(np.bincount(codes, minlength=1)) + alone - entropies(crossed, rows)).tolist()
    return Information(max(said, 0.0), float(np.mean(chance)), float(np.max(chance)), alone)


def entropy(counts: NDArray[np.intp]) -> float:
    """Of rows that fall so often into each cell, in bits."""
    return float(entropies(counts[None], int(counts.sum()))[0])


def entropies(counts: NDArray[np.intp], rows: int) -> Floats:
    """Of so many rows that fall so often into each cell, a table of cells in each line."""
    if not rows:
        return np.zeros(len(counts))
    return np.asarray(np.log2(rows) - _times_logarithm(rows)[counts].sum(axis=1) / rows)


@lru_cache(maxsize=8)
def _times_logarithm(most: int) -> Floats:
    """K log2 k for k up to so many: looking it up is much quicker than working it out."""
    values = np.arange(most + 1, dtype=np.float64)
    values[1:] *= np.log2(values[1:])
    return values
