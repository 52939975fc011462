"""Many networks of one shape trained as a single stacked program, each as if it were alone.

Ten nodes cost NumPy more in calls than in arithmetic; sixty such networks side by side take the same
calls. What makes a member a run of its own stays in its `Training`: its rows, its generators, its rate,
its penalties, its history, and when it ends.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from time import perf_counter

import numpy as np

from epochal.core.training.gate import OpenGate, StepGate
from epochal.core.training.stack import Stack
from epochal.core.training.training import Training

# Bytes of rows, ours and the trainings' own, that are in memory at a time.
ROWS_BUDGET = 64 << 20

# Bytes of buffers of one step: with more than a core's own cache holds, a stack is no quicker than one
# network after another.
STEP_BUDGET = 2 << 20


def trained(
    trainings: Iterable[Training], gate: StepGate | None = None, at_once: int = 64
) -> Iterator[Training]:
    """Train each to its end; they come back in the order given, some dozens at a time.

    They may differ in anything; alike ones go together. No more than `at_once`, or than 64 MB of rows,
    are drawn from the iterable before the first of them is given back, so those that are made as they
    are drawn and forgotten once judged never fill the memory. Between steps the loop waits for this
    `gate`, which becomes the trainings' own.
    """
    window: list[Training] = []
    room = ROWS_BUDGET
    for training in trainings:
        window.append(training)
        room -= 4 * training.rows.nbytes
        if room <= 0 or len(window) == at_once:
            yield from _trained(window, gate)
            window, room = [], ROWS_BUDGET
    yield from _trained(window, gate)


def _trained(trainings: Sequence[Training], gate: StepGate | None) -> Sequence[Training]:
    groups: dict[Hashable, list[Training]] = {}
    for training in trainings:
        groups.setdefault(shape(training), []).append(training)
    for group in groups.values():
        size = members_at_once(group[0])
        for start in range(0, len(group), size):
            for _ in Population(group[start : start + size], gate):
                pass
    return trainings


def shape(training: Training) -> Hashable:
    """What members of one stack have in common; rows, seeds, rates, penalties and patience may differ."""
    descent, network, settings = training.engine.stackable, training.network, training.settings
    if descent is None:
        return id(training)
    return (
        network.layers,
        network.activation,
        network.output_activation,
        training.loss_name,
        settings.optimizer,
        settings.precision,
        settings.dropout,
        descent.batch,
        descent.steps,
        training.rows.columns,
        *training.sizes,
    )


def members_at_once(training: Training) -> int:
    """How many networks of this shape are quicker together than one after another."""
    descent, network = training.engine.stackable, training.network
    if descent is None:
        return 1
    # Sums, values, slopes, deltas and what flows back; parameters, gradient, pull, room and memory.
    of_batch = (5 * sum(network.layers[1:]) + descent.rows.columns) * descent.batch
    of_step = of_batch * network.parameters.itemsize + (4 + len(descent.memory)) * network.parameters.nbytes
    return int(max(1, STEP_BUDGET // of_step))


class Population:
    """Trainings that share a `shape`, one epoch further each time an item is asked for.

    The item is the number of those that set out on it. After each, every training is as it would be
    alone, to rounding: its network, its history, its state. One that ends, early or diverged, keeps its
    weights while the others go on. `Epoch.seconds` is a training's share of the time they all took.
    """

    def __init__(self, trainings: Sequence[Training], gate: StepGate | None = None) -> None:
        if len(set(map(shape, trainings))) > 1:
            raise ValueError("These trainings differ in more than their rows, seeds, rates and penalties.")
        self.trainings = trainings
        self.gate = gate or OpenGate()
        for training in trainings:
            training.gate = self.gate
        self._stack: Stack | None = None

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        """Train all that run for one epoch. StopIteration when all have ended."""
        started = perf_counter()
        running = [training for training in self.trainings if training.begin_epoch()]
        if not running:
            raise StopIteration
        if len(running) == 1:
            next(running[0], None)
            return 1
        if self._stack is None or self._stack.is_wasteful(running):
            self._stack = Stack(running)
        with np.errstate(all="ignore"):  # as in a training: who diverges is found out below
            self._stack.epoch(running, self.gate)
            results = self._stack.results(running)
        share = (perf_counter() - started) / len(running)
        for training, (measured, gradient_norm) in zip(running, results, strict=True):
            training.end_epoch(measured, gradient_norm, share)
        return len(running)
