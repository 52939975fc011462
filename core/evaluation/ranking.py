"""Ranking: how well scores tell two kinds of row apart, whatever the threshold, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from epochal.core.evaluation.curves import auc
from epochal.core.evaluation.intervals import wilson
from epochal.core.rows.examples import Floats

Flags = NDArray[np.bool_]
Bounds = tuple[float, float]

FEWEST = 3
"""Rows of either kind below which nothing is said."""

# Draws of a bootstrap, the fewer the more rows; and numbers in memory at a time.
DRAWS, FEWEST_DRAWS, DRAWN, NUMBERS = 400, 100, 8_000_000, 1_000_000
# From so many rows on the interval comes from so many blocks of them instead.
MANY_ROWS, BLOCKS = 200_000, 50


@dataclass(frozen=True)
class Ranking:
    """How rows of one class, `name`, rank by its probability among all held-out rows.

    `auc` is the area under the ROC curve, its interval DeLong's, its `p_value` the probability of such an
    area, or a larger, if ranks were drawn at random (Mann and Whitney's test). Guessing has the average
    precision `base_rate`, the share of the class.
    """

    name: str
    rows: int
    base_rate: float
    auc: float
    auc_interval: Bounds
    p_value: float
    average_precision: float
    average_precision_interval: Bounds
    level: float

    @property
    def beats_chance(self) -> bool | None:
        """True: beyond chance. False: no better. None: better, but these rows cannot tell it from chance."""
        if self.p_value <= 1.0 - self.level:
            return True
        return None if self.auc > 0.5 else False


def ranking_of(
    name: str, scores: Floats, positives: Flags, rng: np.random.Generator, level: float = 0.95
) -> Ranking | None:
    """The ranking of the `positives`, rows of the class `name`, by its scores; None with too few rows."""
    count = int(positives.sum())
    if min(count, len(positives) - count) < FEWEST:
        return None
    area = auc(scores, positives)
    assert area is not None
    return Ranking(
        name=name,
        rows=count,
        base_rate=count / len(positives),
        auc=area,
        auc_interval=auc_interval(scores, positives, level),
        p_value=rank_test(scores, positives),
        average_precision=average_precision(scores, positives),
        average_precision_interval=average_precision_interval(scores, positives, rng, level),
        level=level,
    )


def auc_interval(scores: Floats, positives: Flags, level: float = 0.95) -> Bounds:
    """An interval for the AUC: E. DeLong's variance (1988), by the midranks of X. Sun and W. Xu (2014).

    On the logit scale, so that it stays within 0 and 1 (M. Pepe 2003, section 5.2.4). Rows perfectly parted
    have no variance: then Wilson's interval for as many right answers as the smaller kind has rows.
    """
    above, below = scores[positives], scores[~positives]
    m, n = len(above), len(below)
    ranks = _midranks(scores)
    of_positives = (ranks[positives] - _midranks(above)) / n
    of_negatives = 1.0 - (ranks[~positives] - _midranks(below)) / m
    area = float(of_positives.mean())
    variance = float(of_positives.var(ddof=1)) / m + float(of_negatives.var(ddof=1)) / n
    if not 0.0 < area < 1.0 or variance <= 0.0:
        certain = min(m, n)
        return wilson(round(area * certain), certain, level)
    reach = NormalDist().inv_cdf(0.5 + 0.5 * level) * sqrt(variance) / (area * (1.0 - area))
    middle = log(area / (1.0 - area))
    low, high = (1.0 / (1.0 + exp(-(middle + side * reach))) for side in (-1.0, 1.0))
    return low, high


def rank_test(scores: Floats, positives: Flags) -> float:
    """The probability, by the normal approximation with ties, that random ranks have such an AUC or a larger.

    H. Mann and D. Whitney 1947.
    """
    m = int(positives.sum())
    n, rows = len(positives) - m, len(positives)
    area = auc(scores, positives)
    ties = np.unique(scores, return_counts=True)[1].astype(np.float64)
    variance = m * n / 12.0 * (rows + 1.0 - float((ties**3 - ties).sum()) / (rows * (rows - 1.0)))
    if area is None or variance <= 0.0:
        return 1.0
    return 1.0 - NormalDist().cdf((area - 0.5) * m * n / sqrt(variance))


def average_precision(scores: Floats, positives: Flags) -> float:
    """The mean precision over the positives, each at its own score: the area under the steps of the curve."""
    order, ends = _falling(scores)
    return float(_average_precisions(positives[order].astype(np.float64)[None], None, ends)[0])


def average_precision_interval(
    scores: Floats, positives: Flags, rng: np.random.Generator, level: float = 0.95
) -> Bounds:
    """A percentile interval over rows drawn again, as many of either kind as there are.

    Of very many rows the interval is a normal one, from the spread over disjoint blocks of them (Politis and
    others 1999, section 2): drawing a million rows again and again would take minutes.
    """
    if len(scores) >= MANY_ROWS:
        return _interval_of_blocks(scores, positives, rng, level)
    order, ends = _falling(scores)
    is_positive = positives[order]
    kinds = [np.flatnonzero(is_positive), np.flatnonzero(~is_positive)]
    found = []
    draws = int(np.clip(DRAWN // len(scores), FEWEST_DRAWS, DRAWS))
    batch = int(np.clip(NUMBERS // len(scores), 1, draws))
    for _ in range(0, draws, batch):
        times = np.zeros((batch, len(scores)))
        for places in kinds:
            times[:, places] = _times_drawn(batch, len(places), rng)
        found.append(_average_precisions(times * is_positive, times, ends))
    low, high = np.quantile(np.concatenate(found), [0.5 - 0.5 * level, 0.5 + 0.5 * level]).tolist()
    return low, high


def _interval_of_blocks(scores: Floats, positives: Flags, rng: np.random.Generator, level: float) -> Bounds:
    """The whole's average precision, and around it what the spread of its blocks says of the whole."""
    parts = [rng.permutation(np.flatnonzero(kind)) for kind in (positives, ~positives)]
    blocks = min(BLOCKS, *(len(part) for part in parts))
    if blocks < 2:
        return 0.0, 1.0
    found = []
    for block in range(blocks):
        rows = np.concatenate([part[block::blocks] for part in parts])
        order, ends = _falling(scores[rows])
        found.append(float(_average_precisions(positives[rows][order][None, :].astype(float), None, ends)[0]))
    order, ends = _falling(scores)
    whole = float(_average_precisions(positives[order][None, :].astype(float), None, ends)[0])
    reach = NormalDist().inv_cdf(0.5 + 0.5 * level) * float(np.std(found, ddof=1)) / blocks**0.5
    return max(0.0, whole - reach), min(1.0, whole + reach)


def _times_drawn(draws: int, rows: int, rng: np.random.Generator) -> Floats:
    """How often each draw has each of so many rows: draws x rows."""
    picked = rng.integers(rows, size=(draws, rows)) + np.arange(draws)[:, None] * rows
    return np.bincount(picked.ravel(), minlength=draws * rows).reshape(draws, rows).astype(np.float64)


def _falling(scores: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The order of falling scores, and where in it each group of equal ones ends."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    return order, np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)


def _average_precisions(hits: Floats, times: Floats | None, ends: NDArray[np.intp]) -> Floats:
    """Of draws x rows in falling order: `hits` positives, `times` rows counted, once each if not said."""
    found = np.cumsum(hits, axis=1)[:, ends]
    answered = ends + 1.0 if times is None else np.cumsum(times, axis=1)[:, ends]
    precision = np.divide(found, answered, out=np.zeros_like(found), where=np.asarray(answered) > 0)
    more = np.diff(found, axis=1, prepend=0.0)
    return np.asarray((more * precision).sum(axis=1) / found[:, -1])


def _midranks(values: Floats) -> Floats:
    """Ranks from 1, equal values sharing the middle of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - 0.5 * (counts - 1.0))[places])
