"""Findings on the result: what the evaluation is worth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.judgement import Evaluation, held_out_predictions
from epochal.core.evaluation.wording import verdict
from epochal.core.findings.finding import Finding, Subject
from epochal.core.training.training import Training

check = Subject()

TOO_SURE = "Set temperature to fitted; or a patience or a larger L2, which make probabilities less sure."
NOT_SURE_ENOUGH = "Set temperature to fitted; a smaller L2 makes them surer."

# A class of so many held-out rows is named when it is answered less than this share of them.
FEWEST_OF_A_CLASS, RARELY = 5, 0.25
# From this share of an even one on, a class among many is not rare.
FREQUENT = 0.75


@check
def baseline(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """A result that doing nothing would reach."""
    if isinstance(evaluation, ClassEvaluation) and evaluation.ranks_better_than_it_decides:
        if not evaluation.is_judged_by_ranking:
            yield Finding(
                "baseline",
                "note",
                verdict(evaluation),
                "Use its probabilities to rank rows, or choose another threshold: its answers are no better.",
            )
        return
    if isinstance(evaluation, ClassEvaluation) and evaluation.informs_better_than_it_decides:
        yield Finding(
            "baseline",
            "note",
            verdict(evaluation),
            "Use its probabilities, which say more than the classes' shares: its answers are no better.",
        )
        return
    if not (evaluation.is_useful if isinstance(evaluation, ClassEvaluation) else evaluation.beats_baseline):
        advice = "Do not use this network to decide anything."
        yield Finding("baseline", "warning", verdict(evaluation), advice)


@check
def rarely_answered(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """Classes that are there, and are never or hardly ever answered."""
    if not isinstance(evaluation, ClassEvaluation):
        return
    for one in evaluation.per_class:
        if one.support < FEWEST_OF_A_CLASS or one.predicted >= RARELY * one.support:
            continue
        times = "never answered" if not one.predicted else f"answered {one.predicted:,} times"
        is_frequent = one.support * len(evaluation.classes) >= FREQUENT * evaluation.rows
        if not _tells_classes_apart(evaluation):
            advice = "Nothing tells it from the others yet: see first to what else has been found."
        elif len(evaluation.classes) == 2:
            advice = "Let the training rows choose the threshold: balanced, or by what errors cost."
        elif is_frequent:
            advice = "It is not rare, so the training is at fault: the preset auto finds other settings."
        else:
            advice = "Try class weights balanced."
        yield Finding(
            "rarely-answered",
            "warning",
            f"{one.name} is {times}, although {one.support:,} held-out rows are {one.name}.",
            advice,
        )


def _tells_classes_apart(evaluation: ClassEvaluation) -> bool:
    """Whether its probabilities say more than how frequent the classes are."""
    if evaluation.ranking is not None:
        return evaluation.ranking.beats_chance is True
    return evaluation.chances is not None and evaluation.chances.beats_base_rate is True


@check
def calibration(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """Probabilities that do not mean what they say (Spiegelhalter's test, 1986)."""
    examples, held_out = training.examples, training.split.held_out
    if not training.network.kind.has_probabilities or len(held_out) < 30:
        return
    outputs = held_out_predictions(training).outputs
    likeliest = outputs.argmax(axis=1)
    said = np.clip(outputs.max(axis=1), 1e-6, 1 - 1e-6)
    right = likeliest == examples.targets[held_out]
    spread = np.sqrt(np.sum((1 - 2 * said) ** 2 * said * (1 - said)))
    z = np.sum((right - said) * (1 - 2 * said)) / max(spread, 1e-12)
    gap = said.mean() - right.mean()
    if abs(z) > 3.0 and abs(gap) > 0.05:
        yield Finding(
            "calibration",
            "note",
            f"Predictions are {100 * said.mean():.0f} % sure on average, "
            f"but {100 * right.mean():.0f} % of them are right.",
            TOO_SURE if gap > 0.0 else NOT_SURE_ENOUGH,
        )


def looked_often(runs: int) -> Iterator[Finding]:
    """How often the same held-out rows have been looked at with different settings."""
    if runs >= 5:
        yield Finding(
            "looked-often",
            "note",
            f"{runs} different settings have been evaluated on the same held-out rows: "
            "the best result looks better than it is.",
            "Choose another seed for a new split, or cross-validate.",
        )
