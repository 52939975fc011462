"""Branching: a training that leaves another one at an epoch, with settings of its own."""

from __future__ import annotations

from epochal.core.rows.examples import Examples
from epochal.core.settings import Settings
from epochal.core.training.gate import StepGate
from epochal.core.training.resume import branched
from epochal.core.training.training import Training
from epochal.core.training.weight_history import Weights


def branch_of(
    left: Training, weights: Weights, settings: Settings, examples: Examples, gate: StepGate
) -> Training:
    """On from the weights of an epoch of `left`; with the optimizer's memory where that can be had."""
    of_same_kind = settings.optimizer == left.settings.optimizer and left.engine.is_steerable
    if left.ending != "running" and weights.epoch == left.kept_epoch:
        # Those that it ended with have its temperature in them.
        weights = Weights(weights.epoch, left.kept_parameters)
    of_same_kind &= left.has_optimizer_memory
    state = left.state() if of_same_kind and weights.epoch == left.history.length else None
    return branched(
        examples,
        settings,
        weights,
        left.history.rows()[: weights.epoch],
        state=state,
        split_rows=left.split,
        gate=gate,
        layers=left.network.layers,
    )
