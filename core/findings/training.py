"""Findings on the training: how the errors went, and what became of the nodes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from epochal.core.evaluation.judgement import Evaluation
from epochal.core.explain.node_statistics import Probe
from epochal.core.findings.finding import Finding, Subject
from epochal.core.rows.examples import Floats
from epochal.core.training.training import Training

check = Subject()


@check
def overfitting(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """Held-out error rising while training error falls."""
    history = training.history
    if history.length < 10:
        return
    kept = training.kept_epoch or history.length
    held_out = _smooth(history.column("held_out_error")[:kept])
    learned = _smooth(history.column("training_error")[:kept])
    best = int(held_out.argmin())
    rows = len(training.split.held_out)
    risen = held_out[-1] - held_out[best]
    if best < 0.9 * kept and risen > max(0.25, 2.5 / rows**0.5) * held_out[best]:
        if learned[-1] >= learned[best]:
            return
        yield Finding(
            "overfitting",
            "warning",
            f"Held-out error has risen since epoch {best + 1:,}, from {held_out[best]:.3f} to "
            f"{held_out[-1]:.3f}, while training error fell from {learned[best]:.3f} to {learned[-1]:.3f}.",
            f"Set a patience, train for about {best + 1:,} epochs, or try a larger L2 or fewer hidden nodes.",
        )


@check
def not_finished(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """Training error still falling at the end, and held-out error with it."""
    history = training.history
    if history.length < 10 or training.ending != "finished" or training.kept_epoch < history.length:
        return
    before = -1 - max(history.length // 10, 1)
    learned, held_out = (_smooth(history.column(f"{side}_error")) for side in ("training", "held_out"))
    fall = learned[before] - learned[-1]
    if fall > 0.01 * training.error_before and held_out[-1] < held_out[before]:
        yield Finding(
            "not-finished",
            "note",
            f"Training error was still falling in the last tenth, from {learned[before]:.4f} "
            f"to {learned[-1]:.4f}.",
            "Train for more epochs.",
        )


@check
def rate_too_large(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """Error that went up, or away."""
    advice = f"Try a learning rate a tenth of {training.settings.learning_rate:g}."
    if training.diverged_at:
        yield Finding("diverged", "error", f"Training diverged in epoch {training.diverged_at:,}.", advice)
        return
    errors = training.history.column("training_error")
    if len(errors) >= 3 and errors[-1] > 1.02 * training.error_before:
        yield Finding(
            "error-rose",
            "warning",
            f"Training error ended at {errors[-1]:.3f}, above the {training.error_before:.3f} it began with.",
            advice,
        )


@check
def idle_nodes(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """Hidden nodes that answer the same whatever they are shown."""
    if training.settings.initial_weights == "zeros" and training.settings.hidden:
        yield Finding(
            "zero-weights",
            "error",
            "All weights began at zero, so the hidden nodes of a layer have learned one and the same thing.",
            "Choose other initial weights.",
        )
        return
    for number, layer in enumerate(Probe.of(training).layers(training.kept_network)[1:-1], 1):
        for idle, meaning in (
            (layer.dead, "dead: 0 for every training row"),
            (layer.saturated, "saturated: their slope is nearly 0 for at least half of the training rows"),
        ):
            if idle.sum() >= max(1, 0.2 * layer.nodes):
                yield Finding(
                    "idle-nodes",
                    "warning",
                    f"{idle.sum()} of the {layer.nodes} nodes of hidden layer {number} are {meaning}.",
                    "A smaller learning rate, smaller initial weights, or scaled columns.",
                )


def _smooth(errors: Floats) -> Floats:
    """The mean over a window of a twentieth of the run, so that one lucky epoch counts little."""
    width = max(len(errors) // 20, 1)
    padded = np.concatenate([np.full(width - 1, errors[0]), errors])
    sums = np.cumsum(np.concatenate([[0.0], padded]))
    return (sums[width:] - sums[:-width]) / width  # type: ignore[no-any-return]
