"""What moving the threshold changes, and whether a probability means what it says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.evaluation.intervals import wilson
from epochal.core.rows.examples import Floats

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class RocCurve:
    """One point for each distinct score and one before them all, from (0, 0) to (1, 1).

    A row is called positive when its score is at least the threshold; the first threshold is infinite.
    """

    false_positive_rate: Floats
    true_positive_rate: Floats
    thresholds: Floats


@dataclass(frozen=True)
class ReliabilityBin:
    """Rows whose probability lies from `low` up to, but not including, `high` (the last bin's is)."""

    low: float
    high: float
    rows: int
    probability: float
    """The mean of what was said."""
    observed: float
    """The share that came true."""
    interval: tuple[float, float]
    """Wilson's 95 % interval for that share."""


def roc_curve(scores: Floats, positives: Flags) -> RocCurve | None:
    """The rates of false and true positives at every threshold; None when either kind has no rows."""
    thresholds, hits, alarms = cumulated(scores, positives)
    if not hits.size or not hits[-1] or not alarms[-1]:
        return None
    return RocCurve(
        false_positive_rate=np.concatenate(([0.0], alarms / alarms[-1])),
        true_positive_rate=np.concatenate(([0.0], hits / hits[-1])),
        thresholds=np.concatenate(([np.inf], thresholds)),
    )


def auc(scores: Floats, positives: Flags) -> float | None:
    """The probability that a positive row scores above a negative one, equal scores counting one half.

    Counted in whole numbers, so exact up to one division; None when either kind has no rows.
    """
    _, hits, alarms = cumulated(scores, positives)
    if not hits.size or not hits[-1] or not alarms[-1]:
        return None
    # Twice the area below the curve, by trapezia: a slanted step is a group of equal scores.
    twice = int(hits[0]) * int(alarms[0]) + int(np.dot(hits[1:] + hits[:-1], np.diff(alarms)))
    return twice / (2 * int(hits[-1]) * int(alarms[-1]))


def balanced_threshold(scores: Floats, positives: Flags) -> float:
    """The threshold of highest balanced accuracy (W. J. Youden's index, 1950), for scores from 0 to 1.

    It lies midway between the two scores it parts; of equally good ones it is the nearest to one half.
    Choose it on training rows: chosen on the held-out rows, it would look better on them than it is. One half
    when either kind has no rows, as there is nothing to balance.
    """
    thresholds, hits, alarms = cumulated(scores, positives)
    if not hits.size or not hits[-1] or not alarms[-1]:
        return 0.5
    youden = hits * int(alarms[-1]) - alarms * int(hits[-1])
    middles = middles_below(thresholds)
    middles[youden < youden.max()] = np.inf
    return float(middles[np.abs(middles - 0.5).argmin()])


def middles_below(scores: Floats) -> Floats:
    """For each of some falling scores, the threshold midway to the next; the last is its own."""
    below = np.append(scores[1:], scores[-1])
    middles = below + 0.5 * (scores - below)
    # Between neighbouring floats the middle is rounded, and may land on the score it should part off.
    return np.where(middles > below, middles, scores)


def reliability(probabilities: Floats, positives: Flags, bins: int = 10) -> tuple[ReliabilityBin, ...]:
    """Probabilities sorted into equally wide bins, each with what was said and what came true.

    Bins without rows are left out. ValueError when a probability does not lie from 0 to 1.
    """
    # A NaN fails the comparison too; sums of shares may overshoot 1 by a rounding.
    if probabilities.size and not (probabilities.min() >= 0.0 and probabilities.max() <= 1.0 + 1e-6):
        raise ValueError("Probabilities lie from 0 to 1; these do not")
    places = np.minimum((probabilities * bins).astype(np.intp), bins - 1)
    rows = np.bincount(places, minlength=bins).tolist()
    said = np.bincount(places, probabilities, bins).tolist()
    came_true = np.bincount(places[positives], minlength=bins).tolist()
    return tuple(
        ReliabilityBin(
            low=place / bins,
            high=(place + 1) / bins,
            rows=rows[place],
            probability=said[place] / rows[place],
            observed=came_true[place] / rows[place],
            interval=wilson(came_true[place], rows[place]),
        )
        for place in range(bins)
        if rows[place]
    )


def cumulated(scores: Floats, positives: Flags) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Each distinct score, falling, with how many positive and negative rows score at least that."""
    if scores.shape != positives.shape or scores.ndim != 1:
        raise ValueError(f"One score a row and one flag a row, not {scores.shape} and {positives.shape}")
    if np.isnan(scores).any():
        raise ValueError("A score that is not a number has no rank")
    order = np.argsort(-scores)
    ranked = scores[order]
    last = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1) if len(ranked) else order
    hits = np.cumsum(positives[order], dtype=np.int64)[last]
    return ranked[last], hits, last + 1 - hits
