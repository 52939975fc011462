"""Findings on the result: what the evaluation is worth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from epochal.core.evaluation.judgement import Evaluation, held_out_predictions
from epochal.core.evaluation.wording import verdict
from epochal.core.findings.finding import Finding, Subject
from epochal.core.training.training import Training

check = Subject()


@check
def baseline(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """An accuracy that doing nothing would reach."""
    if evaluation.beats_baseline:
        return
    sentence = verdict(evaluation)
    yield Finding("baseline", "warning", sentence, "Do not use this network to decide anything.")


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
            "Use the probabilities to rank rows, not as chances; a larger L2 makes them less sure.",
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
