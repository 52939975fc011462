"""Resuming, branching and replaying: runs that go on from another run's state, weights or changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.reshaping import reshaped
from epochal.core.optimizers.schedules import Plateau
from epochal.core.rows.examples import Examples, Split
from epochal.core.settings import Settings
from epochal.core.training.gate import StepGate
from epochal.core.training.history import Epoch, History
from epochal.core.training.state import EngineState, TrainingState, restored_generator
from epochal.core.training.steering import Change
from epochal.core.training.training import Training
from epochal.core.training.weight_history import Weights

OF_ANOTHER = "The state belongs to another network, optimizer or precision."


def resumed(
    examples: Examples,
    settings: Settings,
    state: TrainingState,
    *,
    split_rows: Split | None = None,
    gate: StepGate | None = None,
) -> Training:
    """A run that goes on where the state was taken, as if it had never been interrupted.

    `examples`, `settings` and `split_rows` are those of the run that gave the state; more epochs may
    be asked for. ValueError when the state belongs to another network.
    """
    training = Training(examples, settings, split_rows=split_rows, gate=gate)
    restore(training, state)
    return training


def restore(training: Training, state: TrainingState) -> None:
    """Make a training that has not begun go on where a run of the same rows and settings gave the state.

    ValueError when the state belongs to another network.
    """
    if state.has_weights_alone and state.ending != "running":
        _restore_weights(training, state)
    else:
        _restore_vectors(training, state)
    training.rate.plateau = state.plateau
    training.learning_rate = state.learning_rate
    training.seconds = state.seconds
    training.history = History.of(state.history)
    if state.changes:
        training.changes = state.changes
        training.regularize_anew()
    restored_generator(training.order_rng, state.order)
    restored_generator(training.dropout_rng, state.dropout)
    goes_on = state.ending == "finished" and training.history.length < training.settings.epochs
    if goes_on and state.has_weights_alone:
        raise ValueError("Of this run, which has ended, only the weights are kept: none can follow.")
    if state.ending != "running" and not goes_on:
        training.end(state.ending)


def _restore_vectors(training: Training, state: TrainingState) -> None:
    own, of_engine = len(training.vectors), training.engine.state()
    shape = (own + len(of_engine.vectors), training.vectors.shape[1])
    if (state.vectors.shape, state.vectors.dtype) != (shape, training.vectors.dtype):
        raise ValueError(OF_ANOTHER)
    np.copyto(training.vectors, state.vectors[:own])
    training.engine.restore(EngineState(state.gradient, state.steps, state.vectors[own:], state.numbers))
    training.early_stopping.begin_from(state.best_epoch, state.best_error, state.best)


def _restore_weights(training: Training, state: TrainingState) -> None:
    weights = training.vectors[:1]
    if (state.vectors.shape, state.vectors.dtype) != (weights.shape, weights.dtype):
        raise ValueError(OF_ANOTHER)
    np.copyto(weights, state.vectors)
    training.has_optimizer_memory = False
    best = state.best if len(state.best) else state.vectors[0]
    training.early_stopping.begin_from(state.best_epoch, state.best_error, best)


def branched(
    examples: Examples,
    settings: Settings,
    weights: Weights,
    history: NDArray[np.float64],
    *,
    state: TrainingState | None = None,
    split_rows: Split | None = None,
    gate: StepGate | None = None,
    layers: tuple[int, ...] | None = None,
) -> Training:
    """A branch: on from another run's parameters after an epoch, with settings of its own.

    `history` has the other run's epochs up to that one, epochs x the fields of `Epoch`; the settings may
    differ in how it learns, not in its rows, and in hidden layers where `layers` are those that it leaves:
    weights that remain stay, others are drawn by the seed as for a new network. The order of the rows goes
    on as if one had been drawn for each epoch before. What the optimizer remembers, the number of its steps
    and what dropout draws begin afresh, unless `state` is the other run's after that very epoch and the
    optimizer and the layers are the same. A plateau and patience always do, and so does the list of changes.
    ValueError when the parameters are another network's or the epochs too few or too many.
    """
    epoch = weights.epoch
    if len(history) != epoch:
        raise ValueError(f"A branch from epoch {epoch} needs the epochs up to it, not {len(history)}.")
    training = Training(examples, settings, split_rows=split_rows, gate=gate)
    own = training.network.parameters
    if layers is not None and layers != training.network.layers:
        found = reshaped(weights.parameters, layers, training.network)
        weights, state = Weights(epoch, found.astype(own.dtype)), None
    if (weights.parameters.shape, weights.parameters.dtype) != (own.shape, own.dtype):
        raise ValueError("A branch keeps the network that it leaves, and its precision.")
    if state is not None:
        afresh = replace(
            state, ending="running", learning_rate=settings.learning_rate, plateau=Plateau(), changes=()
        )
        restore(training, afresh)
    else:
        for _ in range(epoch):
            training.order_rng.permutation(training.sizes[0])
        training.history = History.of(history)
        training.seconds = float(history[-1, Epoch._fields.index("seconds")]) if epoch else 0.0
    np.copyto(own, weights.parameters)
    validation = training.history[-1].validation_error if epoch else float("nan")
    best_error = validation if isfinite(validation) else float("inf")
    training.early_stopping.begin_from(epoch, best_error, weights.parameters)
    return training


def replayed(training: Training, changes: Iterable[Change]) -> Iterator[Epoch]:
    """The epochs of a training that is steered as another one of the same settings was: to the same bytes."""
    waiting = sorted(changes, key=lambda change: change.epoch)
    while True:
        while waiting and waiting[0].epoch <= training.history.length + 1:
            change = waiting.pop(0)
            training.steer(change.setting, change.value)
        epoch = next(training, None)
        if epoch is None:
            return
        yield epoch
