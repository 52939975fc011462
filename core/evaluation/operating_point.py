"""Operating points: the threshold that suits the training rows, and what it buys on the held-out rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.costs import Costs
from epochal.core.evaluation.curves import cumulated, middles_below
from epochal.core.rows.examples import Floats

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class OperatingPoint:
    """From `threshold` on the second of two classes is answered: what that means for the rarer one, `name`.

    Of its `rows` held-out rows `found` are answered rightly, and `alarms` others are taken for it.
    `is_chosen` says whether the threshold was chosen on training rows.
    """

    name: str
    threshold: float
    rows: int
    found: int
    alarms: int
    is_chosen: bool
    costs: Costs | None = None

    @property
    def cost(self) -> float | None:
        """What its errors cost on the held-out rows."""
        return self.costs.total(self.rows - self.found, self.alarms) if self.costs else None


def chosen_threshold(scores: Floats, second: Flags, *, rarer_is_second: bool, costs: Costs | None) -> float:
    """The threshold of least cost, or of highest F1 of the rarer class, for probabilities of the second.

    Choose it on training rows. It lies midway between the two scores it parts; of equals it is the nearest
    to one half, which is also the answer where either kind has no rows.
    """
    scores_falling, hits, alarms = cumulated(scores, second)
    if not hits.size or not hits[-1] or not alarms[-1]:
        return 0.5
    # Also the threshold above all scores, from which on nothing is answered.
    hits, alarms = np.append(0, hits), np.append(0, alarms)
    found, false = (hits, alarms) if rarer_is_second else (alarms[-1] - alarms, hits[-1] - hits)
    total = int(hits[-1] if rarer_is_second else alarms[-1])
    if costs:
        worth = -(costs.miss * (total - found) + costs.alarm * false)
    else:
        worth = 2.0 * found / np.maximum(found + false + total, 1)
    middles = np.append(0.5 * (1.0 + scores_falling[0]), middles_below(scores_falling))
    middles[worth < worth.max()] = np.inf
    best = float(middles[np.abs(middles - 0.5).argmin()])
    return min(max(best, np.finfo(np.float64).tiny), float(np.nextafter(1.0, 0.0)))


def operating_point(
    name: str, threshold: float, scores: Floats, second: Flags, *, rarer_is_second: bool
) -> OperatingPoint:
    """What a threshold means for held-out rows: their probabilities of the second class, and which are it."""
    answered = scores >= threshold
    wanted, given = (second, answered) if rarer_is_second else (~second, ~answered)
    return OperatingPoint(
        name=name,
        threshold=threshold,
        rows=int(wanted.sum()),
        found=int((wanted & given).sum()),
        alarms=int((~wanted & given).sum()),
        is_chosen=False,
    )
