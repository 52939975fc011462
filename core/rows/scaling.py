"""Scaling: what is taken from each column and what it is divided by, learned from training rows only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from epochal.core.registry import Registry

Floats = NDArray[np.float64]
Scaler = Callable[[Floats], tuple[Floats, Floats]]


@dataclass(frozen=True)
class Scaling:
    """`learn(rows x columns)` answers the centre and spread of each column, `by_column` unless all count.

    With `bound` the scaled values are clipped smoothly, so that none lies beyond it: x becomes
    x / sqrt(1 + (x / bound)^2).
    """

    learn: Scaler
    by_column: bool
    bound: float = inf


SCALINGS: Registry[Scaling] = Registry()


def scaler(
    name: str, sentence: str, *, by_column: bool = True, bound: float = inf
) -> Callable[[Scaler], Scaler]:
    """Register the decorated function (rows x columns -> centre and spread of each column)."""

    def register(function: Scaler) -> Scaler:
        SCALINGS.add(name, sentence, Scaling(function, by_column, bound))
        return function

    return register


# Quartiles this close beside their size differ by rounding alone; dividing by that would blow noise up.
ROUNDING = 1e-12


@scaler("standard", "Each column to mean 0 and standard deviation 1.")
def standard(inputs: Floats) -> tuple[Floats, Floats]:
    """The deviation of the rows themselves (divided by n, not n - 1)."""
    return inputs.mean(axis=0), inputs.std(axis=0)


@scaler("min-max", "Each column to run from 0 to 1 over the training rows.")
def min_max(inputs: Floats) -> tuple[Floats, Floats]:
    """Held-out rows may fall outside 0 to 1."""
    low = inputs.min(axis=0)
    return low, inputs.max(axis=0) - low


@scaler("robust", "Each column by its median and quartiles, so that a few wild values change little.")
def robust(inputs: Floats) -> tuple[Floats, Floats]:
    """The spread is the distance between the quartiles, or the deviation where that is rounding alone."""
    quarter, median, three_quarters = np.percentile(inputs, (25.0, 50.0, 75.0), axis=0)
    spread = three_quarters - quarter
    rounding = ROUNDING * np.maximum(np.abs(quarter), np.abs(three_quarters))
    return median, np.where(spread > rounding, spread, inputs.std(axis=0))


@scaler(
    "smooth-clip",
    "As robust, and far outliers clipped smoothly to at most 3.",
    bound=3.0,
)
def smooth_clip(inputs: Floats) -> tuple[Floats, Floats]:
    """Holzmüller, Grinsztajn and Steinwart 2024, appendix A: median, quartiles, then a smooth clip."""
    return robust(inputs)


@scaler(
    "one-for-all",
    "One mean and deviation for the whole table, as in the tutorial; a mistake to look at.",
    by_column=False,
)
def one_for_all(inputs: Floats) -> tuple[Floats, Floats]:
    """Columns keep their different sizes, only smaller."""
    columns = inputs.shape[1]
    return np.full(columns, inputs.mean()), np.full(columns, inputs.std())


@scaler("none", "The numbers as they are.")
def none(inputs: Floats) -> tuple[Floats, Floats]:
    """Centre 0, spread 1."""
    columns = inputs.shape[1]
    return np.zeros(columns), np.ones(columns)
