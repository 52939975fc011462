"""The spread of a measure when its rows are drawn again, thousands of times at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np

from epochal.core.evaluation.distributions import t_quantile
from epochal.core.rows.examples import Floats

RESAMPLES = 4000
_UNITS = 1000
_BATCH = 250


def bootstrap_intervals(
    contributions: Floats,
    measures: Callable[[Floats], Floats],
    generator: np.random.Generator,
    level: float = 0.95,
) -> tuple[tuple[float, float] | None, ...]:
    """Bias-corrected and accelerated intervals (BCa; B. Efron, 1987) for measures of sums over rows.

    `contributions` is rows x terms; `measures` turns any number of their sums, draws x terms, into draws x
    measures, NaN where one is undefined: such draws are left out, and a measure undefined for the rows
    themselves has no interval. Beyond 1000 rows, random groups of rows are drawn instead of single ones:
    the sums keep their variance, at a cost that no longer grows with the rows.

    Few rows spread less than the table they come from. The interval makes up for that as Student's does,
    by the t quantile and n / (n - 1) (the expansion of T. Hesterberg, "What teachers should know about the
    bootstrap", 2014). ValueError for fewer than two rows.
    """
    rows = len(contributions)
    if rows < 2:
        raise ValueError(f"Drawing rows again needs at least two, not {rows}")
    reach = t_quantile(0.5 + 0.5 * level, rows - 1) * math.sqrt(rows / (rows - 1))
    units = _grouped(contributions, generator)
    total = contributions.sum(axis=0, keepdims=True)
    estimates = measures(total)[0]
    left_out = measures(total - units)
    batches = range(RESAMPLES // _BATCH)
    draws = measures(np.concatenate([_times_drawn(len(units), generator) @ units for _ in batches]))
    return tuple(
        None if math.isnan(estimate) else _bca(estimate, _defined(drawn), _defined(without), reach)
        for estimate, drawn, without in zip(estimates.tolist(), draws.T, left_out.T, strict=True)
    )


def _grouped(contributions: Floats, generator: np.random.Generator) -> Floats:
    rows = len(contributions)
    if rows <= _UNITS:
        return contributions
    group = generator.permutation(rows) % _UNITS
    return np.column_stack([np.bincount(group, term, _UNITS) for term in contributions.T])


def _times_drawn(units: int, generator: np.random.Generator) -> Floats:
    """How often each of a batch of draws has each unit: draws x units."""
    picked = generator.integers(units, size=(_BATCH, units))
    picked += np.arange(_BATCH)[:, None] * units
    return np.bincount(picked.ravel(), minlength=picked.size).reshape(picked.shape).astype(np.float64)


def _defined(values: Floats) -> Floats:
    return values[~np.isnan(values)]


def _bca(estimate: float, draws: Floats, left_out: Floats, reach: float) -> tuple[float, float]:
    normal = NormalDist()
    below = np.count_nonzero(draws < estimate) + 0.5 * np.count_nonzero(draws == estimate)
    bias = normal.inv_cdf(min(max(below, 0.5), len(draws) - 0.5) / len(draws))
    acceleration = _acceleration(left_out - estimate)
    ends = []
    for z in (-reach, reach):
        shifted = bias + z
        # At extreme levels the denominator reaches zero: the quantile is then the last draw.
        ends.append(normal.cdf(bias + shifted / max(1.0 - acceleration * shifted, 1e-9)))
    low, high = np.quantile(draws, ends).tolist()
    return low, high


def _acceleration(changes: Floats) -> float:
    """A sixth of the skewness of what each unit contributes; `changes` are those of leaving it out."""
    largest = np.abs(changes).max()
    if largest == 0.0:
        return 0.0
    # Only their proportions matter, and in proportion no power overflows or vanishes.
    pull = (changes.mean() - changes) / largest
    squares = float(np.square(pull).sum())
    return float((pull**3).sum()) / (6.0 * squares**1.5) if squares else 0.0
