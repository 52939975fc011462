"""Successive halving: many settings for few epochs, the better ones for more (Jamieson and Talwalkar 2016).

Nothing is trained twice: what survives a rung goes on from where it stands. Candidates are compared by the
loss of validation rows, which are taken from the training rows.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Hashable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.predictor import Predictor
from epochal.core.rows.examples import Examples, Floats, Split
from epochal.core.settings import Settings
from epochal.core.studies.tasks import looked_for
from epochal.core.training.completion import temperature_of
from epochal.core.training.gate import StepGate
from epochal.core.training.population import Population, members_at_once, shape
from epochal.core.training.resume import restore
from epochal.core.training.state import TrainingState
from epochal.core.training.training import Training

RUNGS = ((0.1, 0.5), (0.25, 0.25), (0.5, 0.125), (1.0, 0.125))
"""Shares of the epochs at which candidates are compared, and the share of all that then goes on."""

# So many go on at least: the choice is never between one.
FEWEST = 3


@dataclass(frozen=True, eq=False)
class Standing:
    """A candidate as it stands after some epochs, judged by its validation rows.

    `losses` is one number a validation row, log loss in nats or squared error in the target's units, of the
    last rung; empty before the first, infinite if it diverged. `curve` is the mean validation error of the
    folds by epoch, in the units of the error chart.
    """

    place: int
    settings: Settings
    losses: Floats
    curve: Floats
    is_running: bool

    @property
    def loss(self) -> float:
        """The mean of `losses`; infinite before the first rung."""
        return float(self.losses.mean()) if len(self.losses) else float("inf")

    @property
    def epochs(self) -> int:
        """How many epochs it has been trained for."""
        return len(self.curve)


def row_losses(examples: Examples, outputs: Floats, targets: NDArray[np.generic]) -> Floats:
    """The loss of each row: log loss in nats, or squared error in the target's units, summed over outputs.

    `outputs` is rows x classes or numbers, as a `Predictor` gives them. A probability of 0 counts as one in
    ten million.
    """
    if examples.classes:
        of_truth = outputs[np.arange(len(outputs)), targets.astype(np.intp)]
        return np.asarray(-np.log(np.clip(of_truth, 1e-7, 1.0)))
    numbers = targets.astype(np.float64).reshape(len(targets), -1)
    return np.asarray(np.square(outputs - numbers).sum(axis=1))


class SuccessiveHalving:
    """A race of settings on the same inner splits; each item is an epoch of some networks side by side.

    `standings` may be asked for at any time, from any thread. Of the candidates in `protected` the best
    always goes on, for comparison.
    """

    def __init__(
        self,
        examples: Examples,
        candidates: Sequence[Settings],
        splits: Sequence[Split],
        *,
        protected: Collection[int] = (),
        gate: StepGate | None = None,
    ) -> None:
        self.examples, self.candidates, self.splits = examples, tuple(candidates), tuple(splits)
        self.protected, self.gate = frozenset(protected), gate
        self.executor: Executor | None = None
        self.is_judged = False
        self._trainings: list[list[Training]] = []
        for settings in candidates:
            first = self._trainings[0] if self._trainings else [None] * len(self.splits)
            self._trainings.append(
                [
                    Training(examples, settings, split_rows=rows, alike=alike)
                    for rows, alike in zip(self.splits, first, strict=True)
                ]
            )
        self._running = list(range(len(candidates)))
        self._losses: list[Floats] = [np.empty(0)] * len(candidates)
        self._work = self._rungs()

    def __iter__(self) -> Iterator[None]:
        return self

    def __next__(self) -> None:
        return next(self._work)

    def close(self) -> None:
        """Nobody asks for another epoch."""
        self._work.close()

    def standings(self) -> list[Standing]:
        """All candidates: those still running first, the lowest loss first."""
        made = [
            Standing(place, settings, losses, _mean_curve(trainings), place in self._running)
            for place, (settings, losses, trainings) in enumerate(
                zip(self.candidates, self._losses, self._trainings, strict=True)
            )
        ]
        return sorted(made, key=lambda one: (not one.is_running, one.loss, one.place))

    def temperature_of(self, place: int) -> float:
        """The temperature that fits a candidate's probabilities of the validation rows."""
        return temperature_of([[one] for one in self._trainings[place]])[0]

    def epochs_trained(self) -> list[int]:
        """Of each candidate, the epochs of all its folds together."""
        return [sum(one.history.length for one in trainings) for trainings in self._trainings]

    def _rungs(self) -> Generator[None]:
        for reach, share in RUNGS:
            groups: dict[Hashable, list[Training]] = {}
            for place in self._running:
                for training in self._trainings[place]:
                    groups.setdefault(shape(training), []).append(training)
            stacks = [
                group[start : start + size]
                for group in groups.values()
                for size in (members_at_once(group[0]),)
                for start in range(0, len(group), size)
            ]
            if self.executor is None:
                for stack in stacks:
                    yield from _epochs(stack, reach, self.gate)
            else:
                yield from self._sent_out(stacks, reach, self.executor)
            for place in self._running:
                self._losses[place] = self._judged(self._trainings[place])
            self.is_judged = True
            if reach < 1.0:
                self._running = self._survivors(max(FEWEST, round(share * len(self.candidates))))

    def _sent_out(
        self, stacks: Sequence[Sequence[Training]], reach: float, executor: Executor
    ) -> Iterator[None]:
        """The same stacks, each advanced by whoever is free, and set to where that has come."""
        parts = [
            [_Member(one.settings, one.split, one.state() if one.history.length else None) for one in stack]
            for stack in stacks
        ]
        work = partial(_advanced, reach=reach)
        waiting = iter(stacks)
        for states in looked_for(work, self.examples, parts, executor):
            if states is not None:
                for training, state in zip(next(waiting), states, strict=True):
                    restore(training, state)
            yield

    def _judged(self, trainings: Sequence[Training]) -> Floats:
        parts = []
        for training in trainings:
            rows = training.split.held_out
            if training.ending == "diverged":
                parts.append(np.full(len(rows), np.inf))
                continue
            outputs = Predictor(training.preparation, training.kept_network).outputs(
                self.examples.inputs[rows]
            )
            parts.append(row_losses(self.examples, outputs, self.examples.targets[rows]))
        return np.concatenate(parts)

    def _survivors(self, count: int) -> list[int]:
        order = sorted(self._running, key=lambda place: (float(self._losses[place].mean()), place))
        protected = [place for place in order if place in self.protected][:1]
        return sorted({*order[:count], *protected})


@dataclass(frozen=True, eq=False)
class _Member:
    """A training as it is sent to whoever advances it; `state` is None where it has not begun."""

    settings: Settings
    split: Split
    state: TrainingState | None


def _advanced(
    examples: Examples, stack: Sequence[_Member], gate: StepGate | None, *, reach: float
) -> list[TrainingState]:
    """The states of a stack's members once they have reached so much of their epochs."""
    first: dict[bytes, Training] = {}
    trainings = []
    for member in stack:
        rows = member.split.held_out.tobytes()
        alike = first.get(rows)
        held = alike.split if alike else member.split
        training = Training(examples, member.settings, split_rows=held, alike=alike)
        first.setdefault(rows, training)
        if member.state is not None:
            restore(training, member.state)
        trainings.append(training)
    for _ in _epochs(trainings, reach, gate):
        pass
    return [training.state() for training in trainings]


def _epochs(stack: Sequence[Training], reach: float, gate: StepGate | None) -> Iterator[None]:
    """One epoch after the other, until all have reached so much of theirs."""
    population = Population(stack, gate)
    while any(
        one.ending == "running" and one.history.length < round(reach * one.settings.epochs) for one in stack
    ):
        if next(population, None) is None:
            break
        yield


def _mean_curve(trainings: Sequence[Training]) -> Floats:
    columns = [one.history.column("held_out_error") for one in trainings]
    length = min(map(len, columns))
    return np.asarray(np.mean([column[:length] for column in columns], axis=0))
