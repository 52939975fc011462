"""Deviances: losses of numbers from 0 on, where an output's sum is the logarithm of the mean.

Half of each, as P. McCullagh and J. Nelder 1989 define them; arrays are outputs x rows, as in `losses`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from epochal.core.bound_ops import BoundOps

Array = NDArray[np.floating]

HIGHEST_POWER = 30.0
"""From here on the power of e goes on as a straight line, so that no error is infinite: e^30 is 1e13."""
LEAST_SHARE = 1e-3
"""A 0 has no finite deviance of the gamma distribution: it counts as this share of the mean."""


def limited_power(sums: Array) -> Array:
    """The power of e of each sum, and of those above the highest power that of the highest."""
    return np.exp(np.minimum(sums, HIGHEST_POWER))


def _power(sums: Array) -> Array:
    """The same, but rising on in a straight line."""
    return np.asarray(limited_power(sums) * (1.0 + np.maximum(sums - HIGHEST_POWER, 0.0)))


def poisson_errors(logits: Array, targets: Array, out: Array) -> BoundOps:
    """Of counts: the call that fills half the Poisson deviance of each row."""

    def fill() -> None:
        least = targets * (1.0 - np.log(np.where(targets > 0.0, targets, 1.0)))  # 0 where the target is
        (_power(logits) - targets * logits - least).sum(axis=0, out=out)

    return [fill]


def poisson_deltas(logits: Array, targets: Array, out: Array) -> BoundOps:
    """Its derivative by each sum."""
    return [lambda: np.subtract(limited_power(logits), targets, out)]


def gamma_errors(logits: Array, targets: Array, out: Array) -> BoundOps:
    """Of prices and the like: the call that fills half the gamma deviance of each row."""

    def fill() -> None:
        positive = np.maximum(targets, LEAST_SHARE)
        (positive * _power(-logits) + logits - 1.0 - np.log(positive)).sum(axis=0, out=out)

    return [fill]


def gamma_deltas(logits: Array, targets: Array, out: Array) -> BoundOps:
    """Its derivative by each sum."""
    return [lambda: np.subtract(1.0, np.maximum(targets, LEAST_SHARE) * limited_power(-logits), out)]
