"""The choice among candidates: the lowest validation loss, and which others cannot be told from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

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


def excess(one: Standing, best: Standing) -> float:
    """How much higher one's loss is, in standard errors of the difference row by row."""
    difference = one.losses - best.losses
    error = float(difference.std(ddof=1)) / sqrt(len(difference)) if len(difference) > 1 else 0.0
    mean = float(difference.mean())
    return mean / error if error > 0.0 else (0.0 if mean <= 0.0 else float("inf"))
