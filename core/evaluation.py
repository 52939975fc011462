"""Evaluation: what the held-out rows say a network is worth, and how sure they can be of it."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, exp, lgamma, log, log1p
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.intp]

LEVEL = 0.95
# A result this unlikely by chance alone is taken as more than chance.
CHANCE = 0.05


@dataclass(frozen=True, eq=False)
class ClassEvaluation:
    """How many held-out rows were answered right, with its interval, against doing nothing.

    `interval` is Wilson's at `level`. `baseline` is the share right when always answering
    `baseline_class`, the most frequent class of the training rows. `p_value` is the exact binomial
    probability of as many right answers from something as good as the baseline. `confusion` counts
    rows by true class (first axis) and answered class. `auc` is None where a class is missing.
    """

    classes: tuple[str, ...]
    rows: int
    correct: int
    accuracy: float
    interval: tuple[float, float]
    level: float
    baseline: float
    baseline_class: str
    p_value: float
    confusion: Counts
    auc: float | None

    @property
    def beats_baseline(self) -> bool:
        """Whether more rows are right than chance would give something as good as the baseline."""
        return self.accuracy > self.baseline and self.p_value < CHANCE

    def in_words(self) -> list[str]:
        """The figures in a sentence, and one that says what they are worth."""
        low, high = self.interval
        figures = (
            f"{self.correct:,} of {self.rows:,} held-out rows right: {percent(self.accuracy)} "
            f"({self.level:.0%} interval {percent(low)[:-2]} to {percent(high)}); "
            f"always answering {self.baseline_class}: {percent(self.baseline)}."
        ).replace("95%", "95 %")
        if self.beats_baseline:
            worth = "Better than always giving that answer, beyond chance."
        elif self.accuracy > self.baseline:
            worth = (
                f"Better than that on these {self.rows:,} rows, but so good by chance alone "
                f"in {percent(self.p_value)} of cases: undecided."
            )
        else:
            worth = "Not better than always giving that answer: nothing useful was learned."
        return [figures, worth]


@dataclass(frozen=True, eq=False)
class NumberEvaluation:
    """How far predicted numbers are from the held-out ones, against predicting the training mean.

    Errors are in the target's units, over all outputs together. `interval` belongs to `rmse`: the
    middle 95 % of what rows drawn again with replacement give (percentile bootstrap, 2000 draws).
    """

    rows: int
    rmse: float
    mae: float
    r2: float | None
    baseline_rmse: float
    interval: tuple[float, float]
    level: float
    beats_baseline: bool

    def in_words(self) -> list[str]:
        """The figures in a sentence, and one that says what they are worth."""
        low, high = self.interval
        figures = (
            f"Typical error on {self.rows:,} held-out rows: {self.rmse:.4g} "
            f"(95 % interval {low:.4g} to {high:.4g}); always answering the training mean: "
            f"{self.baseline_rmse:.4g}."
        )
        if self.beats_baseline:
            share = "" if self.r2 is None else f", explaining {percent(max(self.r2, 0.0))} of the variance"
            return [figures, f"Better than always giving the mean, beyond chance{share}."]
        return [figures, "Not better than always giving the mean beyond chance."]


Evaluation = ClassEvaluation | NumberEvaluation


def percent(share: float) -> str:
    """A share in per cent, rounded, but never rounded to all or nothing when it is not."""
    rounded = f"{100 * share:.1f}"
    if rounded == "100.0" and share < 1:
        rounded = "99.9"
    elif rounded == "0.0" and share > 0:
        rounded = "0.1"
    return f"{rounded} %"


def wilson(correct: int, rows: int, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's score interval (1927) for a share; (0, 1) of no rows at all."""
    if rows == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share, shrink = correct / rows, z * z / rows
    centre = (share + shrink / 2) / (1 + shrink)
    reach = z / (1 + shrink) * (share * (1 - share) / rows + shrink / (4 * rows)) ** 0.5
    # At the ends the bound is exact; rounding would leave it a hair inside.
    return (0.0 if correct == 0 else centre - reach), (1.0 if correct == rows else centre + reach)


def binomial_tail(correct: int, rows: int, share: float) -> float:
    """The exact probability of `correct` or more of `rows` when each is right with chance `share`."""
    if correct <= 0 or share >= 1:
        return 1.0
    if share <= 0:
        return 0.0
    if rows <= 1000:
        terms = (comb(rows, k) * share**k * (1 - share) ** (rows - k) for k in range(correct, rows + 1))
        return min(1.0, float(sum(terms)))
    logs = (
        lgamma(rows + 1) - lgamma(k + 1) - lgamma(rows - k + 1) + k * log(share) + (rows - k) * log1p(-share)
        for k in range(correct, rows + 1)
    )
    return min(1.0, float(sum(map(exp, logs))))


def auc(scores: Floats, positives: NDArray[np.bool_]) -> float | None:
    """The chance that a positive row scores above a negative one, ties counting half (Mann-Whitney)."""
    count = int(positives.sum())
    if count in (0, len(positives)):
        return None
    _, inverse, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[inverse]
    above = ranks[positives].sum() - count * (count + 1) / 2
    return float(above / (count * (len(positives) - count)))


def evaluate_classes(
    probabilities: Floats, targets: Counts, classes: tuple[str, ...], training_counts: Counts
) -> ClassEvaluation:
    """Judge probabilities, rows x classes, against the true class indices.

    The likeliest class is the answer, the earlier one of equals. With more than two classes `auc` is
    the plain mean of each class against the rest.
    """
    rows, kinds = probabilities.shape
    answers = probabilities.argmax(axis=1)
    correct = int(np.count_nonzero(answers == targets))
    usual = int(np.argmax(training_counts))
    baseline = float(np.mean(targets == usual))
    confusion = np.bincount(targets * kinds + answers, minlength=kinds * kinds).reshape(kinds, kinds)
    judged = [auc(probabilities[:, k], targets == k) for k in (range(kinds) if kinds > 2 else (1,))]
    areas = [area for area in judged if area is not None]
    return ClassEvaluation(
        classes,
        rows,
        correct,
        correct / rows,
        wilson(correct, rows),
        LEVEL,
        baseline,
        classes[usual],
        binomial_tail(correct, rows, baseline),
        confusion,
        sum(areas) / len(areas) if len(areas) == len(judged) else None,
    )


def evaluate_numbers(predictions: Floats, targets: Floats, training_mean: Floats) -> NumberEvaluation:
    """Judge predicted numbers, rows x outputs, in the target's own units."""
    squares = np.square(predictions - targets).mean(axis=1)
    idle = np.square(training_mean - targets).mean(axis=1)
    draws = np.random.default_rng(0).integers(len(squares), size=(2000, len(squares)))
    drawn = np.sqrt(squares[draws].mean(axis=1))
    gained = (idle - squares)[draws].mean(axis=1)
    variance = float(targets.var(axis=0).mean())
    low, high = np.quantile(drawn, (0.025, 0.975))
    return NumberEvaluation(
        len(targets),
        float(np.sqrt(squares.mean())),
        float(np.abs(predictions - targets).mean()),
        float(1 - squares.mean() / variance) if variance > 0 else None,
        float(np.sqrt(idle.mean())),
        (float(low), float(high)),
        LEVEL,
        bool(np.quantile(gained, CHANCE) > 0),
    )
