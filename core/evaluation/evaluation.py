"""What held-out rows say about a classifier: its accuracy, what that is worth, and every confusion."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from epochal.core.evaluation.chances import Chances, brier, chances_of, log_losses
from epochal.core.evaluation.curves import ReliabilityBin, auc, reliability
from epochal.core.evaluation.distributions import binomial_tail
from epochal.core.evaluation.intervals import wilson
from epochal.core.evaluation.operating_point import OperatingPoint
from epochal.core.evaluation.ranking import Ranking, ranking_of
from epochal.core.rows.examples import Floats

Counts = NDArray[np.intp]

RARE = 0.2
"""The share of the held-out rows up to which a class is rare: always answering the other is then so often
right that accuracy hides what a network can tell."""


@dataclass(frozen=True)
class ClassMeasures:
    """How one class fared; None where there is nothing to divide by."""

    name: str
    support: int
    """Held-out rows of this class."""
    predicted: int
    """Held-out rows said to be of this class."""
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, eq=False)
class ClassEvaluation:
    """Held-out rows judged; None stands wherever too few rows leave a measure undefined.

    Accuracy, baseline and every other share run from 0 to 1.
    """

    classes: tuple[str, ...]
    rows: int
    correct: int
    accuracy: float | None
    interval: tuple[float, float]
    """Wilson's, for the accuracy."""
    level: float
    threshold: float | None
    """The probability from which on a row is said to be of the second class; None for more than two."""
    baseline: float | None
    """The share that always answering `baseline_class` gets right."""
    baseline_class: str
    """The most frequent class of the training rows."""
    no_information_rate: float | None
    """The share that the best single answer gets right; above the baseline when the classes shifted."""
    no_information_class: str
    p_value: float
    """The probability, at most, that a network no better than the no-information rate does this well."""
    beats_baseline: bool | None
    """True: beyond chance. False: no better. None: better, but so few rows cannot tell it from chance."""
    confusion: Counts
    """Rows counted: the true class in the matrix's rows, the predicted class in its columns."""
    balanced_accuracy: float | None
    matthews: float | None
    auc: float | None
    log_loss: float | None
    brier: float | None
    per_class: tuple[ClassMeasures, ...]
    reliability: tuple[ReliabilityBin, ...]
    chances: Chances | None = None
    """Whether the probabilities say more than the classes' shares; None where they are no probabilities."""
    ranking: Ranking | None = None
    """Of two classes: how the rarer one ranks; None of too few rows."""
    operating: OperatingPoint | None = None
    """Of two classes: what a threshold chosen on training rows buys."""

    @property
    def is_judged_by_ranking(self) -> bool:
        """Whether accuracy says little: one of two classes is rare, or the threshold has been moved."""
        if self.ranking is None:
            return False
        rarest = min(measures.support for measures in self.per_class)
        return rarest <= RARE * self.rows or self.threshold != 0.5

    @property
    def ranks_better_than_it_decides(self) -> bool:
        """Whether its answers are no better than the simplest, but its ranks are, beyond chance."""
        return not self.beats_baseline and self.ranking is not None and self.ranking.beats_chance is True

    @property
    def informs_better_than_it_decides(self) -> bool:
        """The same of more classes, where probabilities say more than the classes' shares."""
        if self.chances is None or len(self.per_class) < 3 or self.beats_baseline:
            return False
        return self.chances.beats_base_rate is True

    @property
    def is_useful(self) -> bool | None:
        """Better than the simplest answer by what counts: the ranking of a rare class, else the accuracy.

        Of more than two classes, the log loss counts too. As `beats_baseline`.
        """
        if self.informs_better_than_it_decides:
            return True
        if self.ranking is None or not self.is_judged_by_ranking:
            return self.beats_baseline
        return self.ranking.beats_chance


def decide(probabilities: Floats, threshold: float = 0.5) -> Counts:
    """The class index answered for each row of rows x classes probabilities.

    With two classes the second is positive: it is answered from `threshold` on, the threshold itself
    included, as on the ROC curve. With more, the most probable class is answered, the first of equals,
    and the threshold plays no part.
    """
    if probabilities.shape[1] == 2:
        return (probabilities[:, 1] >= threshold).astype(np.intp)
    most_probable: Counts = probabilities.argmax(axis=1)
    return most_probable


def evaluate_classes(
    probabilities: Floats,
    targets: ArrayLike,
    classes: tuple[str, ...],
    training_counts: ArrayLike,
    threshold: float = 0.5,
    level: float = 0.95,
    seed: int = 0,
) -> ClassEvaluation:
    """Judge rows x classes probabilities against each row's class index.

    `training_counts` has the training rows of each class; `seed` draws rows again for the interval of the
    average precision. With two classes the second is the positive
    one, for `threshold`, AUC, Brier score and reliability; with more, the AUC is the plain mean of one
    class against the rest, the Brier score the sum over the classes (0 to 2, G. W. Brier 1950), and
    reliability concerns the answered class. The Matthews correlation is J. Gorodkin's R_K (2004). A
    probability below 2.2e-16 counts as that in the log loss, lest one row make it infinite.

    The test against the baseline is the exact binomial one, its null the no-information rate: the
    share of the commonest class among these very rows. The rows' classes being given, the right answers
    of a network are a sum of unequal coins; if it is no better than that rate on average, W. Hoeffding's
    theorem (1956) bounds their upper tail by the binomial's. So the p-value is never too small, and rows
    that are all of one class, as a sorted file holds out, prove nothing.

    ValueError when the probabilities are not probabilities, or shapes or class indices do not fit.
    """
    truth = _checked_targets(probabilities, targets, classes)
    counted = np.asarray(training_counts)
    if counted.shape != (len(classes),):
        raise ValueError(f"One count of training rows a class: {len(classes)}, not of shape {counted.shape}")
    answers = decide(probabilities, threshold)
    confusion = np.bincount(truth * len(classes) + answers, minlength=len(classes) ** 2)
    confusion = confusion.reshape(len(classes), len(classes))
    confusion.flags.writeable = False
    support = confusion.sum(axis=1)
    rows, correct = len(truth), int(confusion.trace())
    most_trained, most_held_out = int(counted.argmax()), int(support.argmax())
    if support[most_trained] == support[most_held_out]:
        most_held_out = most_trained
    chance = int(support[most_held_out]) / rows if rows else 0.0
    p_value = binomial_tail(correct, rows, chance)
    per_class = _per_class(confusion, classes)
    recalls = [measures.recall for measures in per_class if measures.recall is not None]
    binary = len(classes) == 2
    return ClassEvaluation(
        classes=classes,
        rows=rows,
        correct=correct,
        accuracy=correct / rows if rows else None,
        interval=wilson(correct, rows, level),
        level=level,
        threshold=threshold if binary else None,
        baseline=int(support[most_trained]) / rows if rows else None,
        baseline_class=classes[most_trained],
        no_information_rate=chance if rows else None,
        no_information_class=classes[most_held_out],
        p_value=p_value,
        beats_baseline=_beats(correct, rows, int(support[most_held_out]), p_value, 1.0 - level),
        confusion=confusion,
        balanced_accuracy=sum(recalls) / len(recalls) if recalls else None,
        matthews=_matthews(confusion),
        auc=_class_auc(probabilities, truth),
        log_loss=float(log_losses(probabilities, truth).mean()) if rows else None,
        brier=brier(probabilities, truth) if rows else None,
        per_class=per_class,
        reliability=(
            reliability(probabilities[:, 1], truth == 1)
            if binary
            else reliability(probabilities.max(axis=1), truth == answers)
        ),
        chances=chances_of(probabilities, truth, counted, level),
        ranking=_ranking(probabilities, truth, classes, level, seed),
    )


def rarer_of(counts: ArrayLike) -> int:
    """Which of two classes has fewer rows, the second of equals: the one that is looked for."""
    first, second = np.asarray(counts).tolist()
    return 0 if first < second else 1


def _ranking(
    probabilities: Floats, truth: Counts, classes: tuple[str, ...], level: float, seed: int
) -> Ranking | None:
    if len(classes) != 2:
        return None
    rarer = rarer_of(np.bincount(truth, minlength=2))
    rng = np.random.default_rng(seed)
    return ranking_of(classes[rarer], probabilities[:, rarer], truth == rarer, rng, level)


def fewest_right(rows: int, chance: float, alpha: float = 0.05) -> int | None:
    """How many of the rows must be right to be beyond chance; None when not even all of them would do."""
    if binomial_tail(rows, rows, chance) > alpha:
        return None
    low, high = 0, rows
    while low < high:
        middle = (low + high) // 2
        if binomial_tail(middle, rows, chance) <= alpha:
            high = middle
        else:
            low = middle + 1
    return low


def _beats(correct: int, rows: int, by_chance: int, p_value: float, alpha: float) -> bool | None:
    if p_value <= alpha:
        return True
    could_not = rows == 0 or binomial_tail(rows, rows, by_chance / rows) > alpha
    return None if could_not or correct > by_chance else False


def _checked_targets(probabilities: Floats, targets: ArrayLike, classes: tuple[str, ...]) -> Counts:
    if not classes or probabilities.ndim != 2 or probabilities.shape[1] != len(classes):
        raise ValueError(
            f"Probabilities are rows x {len(classes)} classes, not of shape {probabilities.shape}"
        )
    truth = np.asarray(targets)
    if truth.shape != (len(probabilities),):
        raise ValueError(f"One class index a row: {len(probabilities)}, not of shape {truth.shape}")
    if not truth.size:
        return truth.astype(np.intp)
    if truth.dtype.kind not in "iu" or truth.min() < 0 or truth.max() >= len(classes):
        raise ValueError(f"Class indices are whole numbers from 0 to {len(classes) - 1}")
    # A NaN fails every comparison, so it is caught here too.
    if not (probabilities.min() >= 0.0 and np.abs(probabilities.sum(axis=1) - 1.0).max() <= 1e-6):
        raise ValueError("The probabilities of each row are at least 0 and sum to 1; these do not")
    return truth.astype(np.intp, copy=False)


def _per_class(confusion: Counts, classes: tuple[str, ...]) -> tuple[ClassMeasures, ...]:
    return tuple(
        ClassMeasures(
            name=name,
            support=support,
            predicted=predicted,
            precision=hits / predicted if predicted else None,
            recall=hits / support if support else None,
            f1=2 * hits / (support + predicted) if support + predicted else None,
        )
        for name, support, predicted, hits in zip(
            classes,
            confusion.sum(axis=1).tolist(),
            confusion.sum(axis=0).tolist(),
            confusion.diagonal().tolist(),
            strict=True,
        )
    )


def _matthews(confusion: Counts) -> float | None:
    true, predicted = (confusion.sum(axis=axis).tolist() for axis in (1, 0))
    # Python's integers: the products of counts outgrow 64 bits.
    rows = sum(true)
    covariance = int(confusion.trace()) * rows - sum(t * p for t, p in zip(true, predicted, strict=True))
    of_true = rows * rows - sum(t * t for t in true)
    of_predicted = rows * rows - sum(p * p for p in predicted)
    return covariance / math.sqrt(of_true * of_predicted) if of_true and of_predicted else None


def _class_auc(probabilities: Floats, truth: Counts) -> float | None:
    columns = range(probabilities.shape[1]) if probabilities.shape[1] > 2 else (probabilities.shape[1] - 1,)
    areas = [auc(probabilities[:, column], truth == column) for column in columns]
    known = [area for area in areas if area is not None]
    return sum(known) / len(known) if len(known) == len(areas) else None
