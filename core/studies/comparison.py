"""Comparison of two models on the same folds: the difference fold by fold, and what it says, in words."""

from __future__ import annotations

from statistics import fmean, stdev

from epochal.core.evaluation.intervals import corrected_interval
from epochal.core.studies.resampling import ScoreSummary, Summary


def difference(ours: Summary, theirs: Summary) -> ScoreSummary:
    """How much better ours is, fold by fold, in the unit of the first measure; Nadeau and Bengio's interval.

    Both have the same folds in the same order, of which theirs may be fewer.
    """
    sign = 1.0 if ours.scoring.higher_is_better else -1.0
    pairs = list(zip(ours.score.scores, theirs.score.scores, strict=False))
    scores = tuple(sign * (mine - other) for mine, other in pairs)
    if len(scores) < 2:
        return ScoreSummary(scores[0], None, None, scores)
    folds = ours.folds[: len(scores)]
    interval = corrected_interval(
        scores,
        fmean(len(fold.split.train) for fold in folds),
        fmean(len(fold.split.held_out) for fold in folds),
        ours.level,
        (-float("inf"), float("inf")),
    )
    return ScoreSummary(fmean(scores), stdev(scores), interval, scores)


def in_words(name: str, ours: Summary, theirs: Summary) -> str:
    """`linear: accuracy 84.7 %. As good ...`: the rival's measure, the difference, the verdict."""
    scoring, found = ours.scoring, difference(ours, theirs)
    reached = f"{name}: {scoring.title} {scoring.written(theirs.score.mean)}"
    gap = f"{scoring.difference(abs(found.mean))}{scoring.difference_unit}"
    if found.interval is None:
        return f"{reached}, {gap} {'less' if found.mean > 0 else 'more'} good in one fold."
    low, high = map(scoring.difference, found.interval)
    interval = f"the network's gain is {scoring.difference(found.mean)} ({low} to {high})"
    if found.interval[0] > 0.0:
        return f"{reached}. The network is better, beyond chance: {interval}."
    if found.interval[1] < 0.0:
        return f"{reached}. It is better than the network, beyond chance: {interval}."
    return f"{reached}. As good, as far as these folds can tell: {interval}."
