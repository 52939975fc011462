"""Two networks judged by the same held-out rows: McNemar's exact test of which is right more often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.evaluation.distributions import binomial_tail
from epochal.core.evaluation.evaluation import ClassEvaluation, decide
from epochal.core.evaluation.judgement import Evaluation, Predictions
from epochal.core.evaluation.wording import percent
from epochal.core.numerals import figure
from epochal.core.rows.examples import Floats

ALPHA = 0.05


@dataclass(frozen=True)
class Judged:
    """What one network answers for held-out rows, and what that was judged to be worth."""

    answers: Predictions
    threshold: float
    evaluation: Evaluation


@dataclass(frozen=True)
class Paired:
    """Rows that the second network does better by than the first, rows that it does worse by, and chance.

    Better is right instead of wrong; for numbers, nearer to the truth.
    """

    gained: int
    lost: int
    probability: float
    """That rows as likely to be gained as lost are divided so unevenly, either way (two-sided, exact)."""

    @property
    def is_beyond_chance(self) -> bool:
        """Whether luck of so few rows hardly explains the difference."""
        return self.probability <= ALPHA


def exact_two_sided(gained: int, lost: int) -> float:
    """McNemar's exact test, for numbers the sign test: a fair coin, thrown once for each such row."""
    return min(1.0, 2.0 * binomial_tail(max(gained, lost), gained + lost, 0.5))


def why_not_comparable(first: Judged, second: Judged) -> str:
    """Why the two cannot be compared row by row; empty where they can."""
    if type(first.evaluation) is not type(second.evaluation):
        return "something else was predicted"
    if not np.array_equal(np.sort(first.answers.rows), np.sort(second.answers.rows)):
        return "other rows were held out"
    return "there are no held-out rows" if not len(first.answers.rows) else ""


def paired(first: Judged, second: Judged) -> Paired:
    """The second held against the first, on the same rows in whatever order."""
    better, worse = _better(second, first), _better(first, second)
    gained, lost = int(better.sum()), int(worse.sum())
    return Paired(gained, lost, exact_two_sided(gained, lost))


def _better(one: Judged, other: Judged) -> NDArray[np.bool_]:
    is_better: NDArray[np.bool_] = np.less(_loss(one), _loss(other))
    return is_better


def _loss(judged: Judged) -> Floats:
    """By row, in the order of the table: 0 for right and 1 for wrong; of numbers the squared error."""
    answers = judged.answers
    order = np.argsort(answers.rows, kind="stable")
    if isinstance(judged.evaluation, ClassEvaluation):
        wrong = decide(answers.outputs, judged.threshold) != answers.targets
        counted: Floats = wrong[order].astype(np.float64)
        return counted
    spread = answers.targets.std(axis=0)
    errors = (answers.outputs - answers.targets) / np.where(spread > 0, spread, 1.0)
    squared: Floats = np.square(errors).sum(axis=1)
    return squared[order]


def compared_in_words(first: Judged, second: Judged, name: str) -> str:
    """`Was 83.9 % (run 4, learning rate 0.1): +1 row, within chance (...)`, or why that cannot be said."""
    if reason := why_not_comparable(first, second):
        return f"Not compared with {name}: {reason}."
    found = paired(first, second)
    sure = "beyond chance" if found.is_beyond_chance else "within chance"
    probability = _in_words(found.probability)
    if isinstance(first.evaluation, ClassEvaluation):
        net, moved = found.gained - found.lost, found.gained + found.lost
        rows = "row" if abs(net) == 1 else "rows"
        said = f"Was {percent(first.evaluation.accuracy or 0.0)} ({name})"
        if not moved:
            return f"{said}: the same rows are right."
        return (
            f"{said}: {net:+,} {rows}, {sure} ({found.gained:,} gained, {found.lost:,} lost; "
            f"McNemar's exact test, {probability})."
        )
    assert first.evaluation.rmse is not None
    return (
        f"Was typical error {figure(first.evaluation.rmse)} ({name}): nearer to the truth on "
        f"{found.gained:,} of {found.gained + found.lost:,} rows, {sure} (sign test, {probability})."
    )


def _in_words(probability: float) -> str:
    if probability < 0.0001:
        return "p < 0.0001"
    return f"p = {probability:.4f}" if probability < 0.1 else f"p = {probability:.2f}"
