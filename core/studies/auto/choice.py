"""The choice among candidates: the lowest validation loss, and which others cannot be told from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10, sqrt
from statistics import NormalDist

import numpy as np

from epochal.core.studies.auto.halving import Standing

# A linear model is preferred when its loss is higher by no more than so many standard errors of the
# difference, row by row. To prefer the smallest of all networks within that costs 2 % of the loss over the
# tables of `benchmarks/real_tables.py`, and gains nothing but size.
STANDARD_ERRORS = 1.0


@dataclass(frozen=True, eq=False)
class Choice:
    """The candidate that was chosen, the one of lowest loss, and those indistinguishable from the latter."""

    chosen: Standing
    best: Standing
    indistinguishable: tuple[Standing, ...]


def choose(standings: Sequence[Standing]) -> Choice:
    """Choose among candidates trained to the end: a linear model where it will do, else the lowest loss.

    The one-standard-error rule of Breiman and others 1984, section 3.4.3, on differences row by row.
    ValueError when none has been judged, or every one has diverged.
    """
    running = [one for one in standings if one.is_running and len(one.losses)]
    if not running:
        raise ValueError("No candidate has been judged yet.")
    judged = [one for one in running if np.isfinite(one.loss)]
    if not judged:
        raise ValueError("Every candidate diverged: none of these settings can be trained.")
    best = min(judged, key=lambda one: (one.loss, one.place))
    alike = tuple(one for one in judged if one is not best and excess(one, best) <= STANDARD_ERRORS)
    linear = [one for one in judged if not one.settings.hidden and excess(one, best) <= STANDARD_ERRORS]
    return Choice(min(linear, key=lambda one: (one.loss, one.place), default=best), best, alike)


@dataclass(frozen=True)
class Difference:
    """How much higher a candidate's loss is than the best one's, with a 95 % interval."""

    mean: float
    low: float
    high: float

    @property
    def in_words(self) -> str:
        """`+0.012 (-0.003 to +0.027)`."""
        mean, low, high = (f"{one:+.{self._decimals}f}" for one in (self.mean, self.low, self.high))
        return f"{mean} ({low} to {high})"

    @property
    def _decimals(self) -> int:
        """As many as the interval's width has a meaning for."""
        width = self.high - self.low
        return max(0, 1 - floor(log10(width))) if 0.0 < width < float("inf") else 3


def difference(one: Standing, best: Standing, *, is_rooted: bool) -> Difference | None:
    """By the differences row by row, normally distributed; None unless both were judged by the same rung.

    With `is_rooted` the losses are squared errors, and the difference is that of their roots (delta method).
    """
    if (
        one.place == best.place
        or len(one.losses) != len(best.losses)
        or not (one.is_running and best.is_running)
    ):
        return None
    if not np.isfinite(one.loss) or len(one.losses) < 2:
        return None
    if is_rooted:
        roots = [max(sqrt(each.loss), 1e-300) for each in (one, best)]
        rows = one.losses / (2.0 * roots[0]) - best.losses / (2.0 * roots[1])
        mean = roots[0] - roots[1]
    else:
        rows = one.losses - best.losses
        mean = float(rows.mean())
    margin = NormalDist().inv_cdf(0.975) * float(rows.std(ddof=1)) / sqrt(len(rows))
    return Difference(mean, mean - margin, mean + margin)


def excess(one: Standing, best: Standing) -> float:
    """How much higher one's loss is, in standard errors of the difference row by row."""
    difference = one.losses - best.losses
    error = float(difference.std(ddof=1)) / sqrt(len(difference)) if len(difference) > 1 else 0.0
    mean = float(difference.mean())
    return mean / error if error > 0.0 else (0.0 if mean <= 0.0 else float("inf"))
