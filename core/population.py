"""Many networks of one shape trained as a single stacked program, each as if it were alone.

Ten nodes cost NumPy more in calls than in arithmetic; a stack of sixty such networks takes the same
calls. The members' parameters are the rows of one array, members x parameters, so the optimizers' rules
serve as they are, and `core.step.Pass` takes a stack forward and back. All that makes a member a run of
its own stays in its `Training`: its rows, its generators, its rate, its history, and when it ends.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import pairwise
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from core.losses import loss_named
from core.measure import Measured
from core.network import Network
from core.optimizers import OPTIMIZERS, clear_traces
from core.step import STRETCH, Batch, Descent, Floor, OpenFloor, Pass
from core.training import Training

Array = NDArray[np.floating]

# Bytes of rows, ours and the trainings' own, that are in memory at a time.
ROWS_BUDGET = 64 << 20

# Bytes of buffers of one step: with more than a core's own cache holds, a stack is no quicker than one
# network after another.
STEP_BUDGET = 2 << 20

# Rows times members that are measured at a time, which bounds the buffers of that pass.
CHUNK = 8192


def trained(
    trainings: Iterable[Training], floor: Floor | None = None, at_once: int = 64
) -> Iterator[Training]:
    """Train each to its end; they come back in the order given, some dozens at a time.

    They may differ in anything; alike ones go together. No more than `at_once`, or than 64 MB of rows,
    are drawn from the iterable before the first of them is given back, so those that are made as they
    are drawn and forgotten once judged never fill the memory. Between steps the loop waits for this
    `floor`, which becomes the trainings' own.
    """
    window: list[Training] = []
    room = ROWS_BUDGET
    for training in trainings:
        window.append(training)
        room -= 4 * sum(table.nbytes for table in training._tables)
        if room <= 0 or len(window) == at_once:
            yield from _trained(window, floor)
            window, room = [], ROWS_BUDGET
    yield from _trained(window, floor)


def _trained(trainings: Sequence[Training], floor: Floor | None) -> Sequence[Training]:
    groups: dict[Hashable, list[Training]] = {}
    for training in trainings:
        groups.setdefault(shape(training), []).append(training)
    for group in groups.values():
        size = members_at_once(group[0])
        for start in range(0, len(group), size):
            for _ in Population(group[start : start + size], floor):
                pass
    return trainings


def shape(training: Training) -> Hashable:
    """What members of one stack have in common; rows, seeds, rates, penalties and patience may differ."""
    descent, network, settings = training._descent, training.network, training.settings
    if not isinstance(descent, Descent):
        return id(training)
    return (
        network.layers,
        network.activation,
        network.link,
        training.loss_name,
        settings.optimizer,
        settings.precision,
        settings.dropout,
        descent.batch,
        descent.steps,
        *(table.shape for table in training._tables),
    )


def members_at_once(training: Training) -> int:
    """How many networks of this shape are quicker together than one after another."""
    descent, network = training._descent, training.network
    if not isinstance(descent, Descent):
        return 1
    # Sums, values, slopes, deltas and what flows back; parameters, gradient, pull, room and memory.
    of_batch = (5 * sum(network.layers[1:]) + descent.table.shape[1]) * descent.batch
    of_step = of_batch * network.parameters.itemsize + (4 + len(descent.memory)) * network.parameters.nbytes
    return int(max(1, STEP_BUDGET // of_step))


class Population:
    """Trainings that share a `shape`, one epoch further each time an item is asked for.

    The item is the number of those that set out on it. After each, every training is as it would be
    alone, to rounding: its network, its history, its state. One that ends, early or diverged, keeps its
    weights while the others go on. `Epoch.seconds` is a training's share of the time they all took.
    """

    def __init__(self, trainings: Sequence[Training], floor: Floor | None = None) -> None:
        if len(set(map(shape, trainings))) > 1:
            raise ValueError("These trainings differ in more than their rows, seeds, rates and penalties.")
        self.trainings = trainings
        self.floor = floor or OpenFloor()
        for training in trainings:
            training.floor = self.floor
        self._stack: _Stack | None = None

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
            self._stack = _Stack(running)
        with np.errstate(all="ignore"):  # as in a training: who diverges is found out below
            self._stack.epoch(running, self.floor)
            results = self._stack.results(running)
        share = (perf_counter() - started) / len(running)
        for training, (measured, gradient_norm) in zip(running, results, strict=True):
            training.end_epoch(measured, gradient_norm, share)
        return len(running)


class _Stack:
    """What a `core.step.Descent` and a `core.measure.Measure` are for one network, for many.

    Members that no longer run keep their place, and are computed but not given back.
    """

    def __init__(self, members: Sequence[Training]) -> None:
        first = members[0]
        self.members = members
        self.descents = [_descent(training) for training in members]
        like = self.descents[0]
        self.batch, self.rows, self.steps, self.shuffled = (
            like.batch,
            len(like.table),
            like.steps,
            like.shuffled,
        )
        self.memory = np.stack([training._vectors[1:] for training in members], 1)
        self.parameters = np.stack([training._vectors[0] for training in members])
        workspace = np.zeros((2, *self.parameters.shape), self.parameters.dtype)
        self.gradient, self.scratch = workspace
        optimizer = OPTIMIZERS[first.settings.optimizer].value
        assert optimizer.rule is not None
        self.update = optimizer.rule(self.parameters, workspace, self.memory)
        self.decoupled = optimizer.decoupled
        self.l2_pull, self.l1_pull = np.empty_like(self.parameters), np.empty_like(self.parameters)
        restraints = [descent.restraint for descent in self.descents]
        self.has_l2, self.has_l1 = any(each.l2 for each in restraints), any(each.l1 for each in restraints)
        self.has_clip, self.dropout = any(each.clip for each in restraints), restraints[0].dropout
        network = first.network
        self.network = Network(network.layers, network.activation, network.link, self.parameters)
        self.width = network.layers[0] + 1
        self.end = self.width + network.layers[-1]
        self.loss = loss_named(first.loss_name, network.link)[1]
        self._make_batches()
        self._make_chunks()
        self.rates: list[float] = []

    def _make_batches(self) -> None:
        batch, rows = self.batch, self.rows
        stretch = min(rows, max(1, STRETCH // len(self.members) // batch) * batch) if self.shuffled else rows
        shape = len(self.members), stretch, self.descents[0].table.shape[1]
        self.gathered = np.empty(shape, self.parameters.dtype)
        if not self.shuffled:
            np.stack([descent.table for descent in self.descents], out=self.gathered)
        chances = [training._dropout for training in self.members]

        def through(size: int) -> Pass:
            return Pass(self.network, self.loss, size, self.gradient, self.dropout, chances)

        self.whole = through(batch)
        self.batches = [self._views(start, start + batch) for start in range(0, stretch - batch + 1, batch)]
        self.passes = [self.whole]
        if rest := rows % batch:
            last = rows % stretch or stretch
            self.rest_views = self._views(last - rest, last)
            self.passes.append(through(rest))
        self.is_forward = False

    def _views(self, start: int, stop: int) -> Batch:
        part = self.gathered[:, start:stop]
        weights = part[..., self.end] if part.shape[2] > self.end else None
        inputs, targets = part[..., : self.width], part[..., self.width : self.end]
        return inputs.swapaxes(1, 2), inputs, np.moveaxis(targets, 2, 0), weights

    def _make_chunks(self) -> None:
        """Rows to measure on: all tables of a member one below the other, a chunk of them at a time."""
        tables = [np.concatenate(training._tables) for training in self.members]
        ends = np.cumsum([0, *map(len, self.members[0]._tables)]).tolist()
        self.slices = [slice(start, stop) for start, stop in pairwise(ends)]
        rows = len(tables[0])
        self.errors = np.empty((len(tables), rows))
        self.hits = np.zeros((len(tables), rows), np.bool_)
        self.weight = None
        if tables[0].shape[1] > self.end:
            self.weight = np.stack([table[:, self.end] for table in tables])
        size = min(rows, max(1, CHUNK // len(tables)))
        passes: dict[int, Pass] = {}
        self.chunks: list[tuple[Pass, Array, Array, NDArray[np.generic], slice]] = []

        def add(through: Pass, inputs: Array, targets: Array, part: slice) -> None:
            truth = targets.argmax(0) if self.network.link == "softmax" else targets[0] > 0
            self.chunks.append((through, inputs, targets, truth, part))

        self.shares_pass = not (self.shuffled or self.dropout)
        if self.shares_pass:
            inputs, _, targets, _ = self.batches[0]
            add(self.whole, inputs, targets, self.slices[0])
        for start in range(self.rows if self.shares_pass else 0, rows, size):
            part = slice(start, min(start + size, rows))
            count = part.stop - start
            stacked = np.stack([table[part] for table in tables])
            through = passes.setdefault(count, Pass(self.network, self.loss, count))
            inputs = np.ascontiguousarray(stacked[..., : self.width].swapaxes(1, 2))
            targets = np.ascontiguousarray(np.moveaxis(stacked[..., self.width : self.end], 2, 0))
            add(through, inputs, targets, part)

    def is_wasteful(self, running: Sequence[Training]) -> bool:
        """Whether a new stack is better: many have ended, or one whose generator must not be drawn from."""
        ended = len(self.members) - len(running)
        return ended > 0 and (self.dropout > 0.0 or 4 * ended >= len(self.members))

    def _set_rates(self) -> None:
        rates = [descent.rate for descent in self.descents]
        if rates == self.rates:
            return
        self.rates = rates
        dtype, descents = self.parameters.dtype, self.descents
        self.rate = np.array(rates, dtype)[:, None]
        self.folded = np.array([descent.folded for descent in descents])
        self.longest = np.array([descent.longest or np.inf for descent in descents])
        for through in self.passes:
            scales = np.array([descent.folded * descent.gain / through.rows for descent in descents])
            through.set_scale(scales[:, None].astype(dtype))
        np.stack([descent.l2_pull for descent in descents], out=self.l2_pull)
        np.stack([descent.l1_pull for descent in descents], out=self.l1_pull)

    def epoch(self, running: Sequence[Training], floor: Floor) -> None:
        """Take every training row of every member once, in the order each draws for itself."""
        self._set_rates()
        runs = set(map(id, running))
        stretch, steps_before = self.gathered.shape[1], self.steps
        orders = [
            (training._order.permutation(self.rows), descent.table, gathered)
            for training, descent, gathered in zip(self.members, self.descents, self.gathered, strict=True)
            if self.shuffled and id(training) in runs
        ]
        for start in range(0, self.rows, stretch):
            count = min(stretch, self.rows - start)
            for order, table, gathered in orders:
                np.take(table, order[start : start + count], 0, gathered[:count], "clip")
            for batch in self.batches[: count // self.batch]:
                if floor.closed:
                    floor.wait()
                self._step(self.whole, batch)
        if self.rows % self.batch:
            self._step(self.passes[-1], self.rest_views)
        if self.steps >> 7 != steps_before >> 7:
            clear_traces(self.memory)

    def _step(self, through: Pass, batch: Batch) -> None:
        inputs, inputs_as_rows, targets, row_weights = batch
        if self.is_forward:
            self.is_forward = False
        else:
            through.forward(inputs)
        through.backward(inputs_as_rows, targets, row_weights)
        parameters, gradient, scratch = self.parameters, self.gradient, self.scratch
        if self.has_l2 and self.decoupled:
            np.multiply(parameters, self.l2_pull, parameters)
        elif self.has_l2:
            np.multiply(self.l2_pull, parameters, scratch)
            np.add(gradient, scratch, gradient)
        if self.has_l1:
            np.sign(parameters, scratch)
            np.multiply(scratch, self.l1_pull, scratch)
            np.add(gradient, scratch, gradient)
        if self.has_clip:
            shorter = np.fmin(self.longest / _lengths(gradient), 1.0)
            np.multiply(gradient, shorter[:, None], gradient, dtype=gradient.dtype, casting="same_kind")
        self.steps += 1
        self.update(self.rate, self.steps)

    def results(self, running: Sequence[Training]) -> list[tuple[list[Measured], float]]:
        """Give the members that run what they are now; errors on each of their tables, and gradient norms."""
        for through, inputs, targets, truth, part in self.chunks:
            through.forward(inputs)
            self.errors[:, part] = self.loss.errors(through.logits, targets)
            if self.network.link == "softmax":
                np.equal(through.logits.argmax(0), truth, self.hits[:, part])
            elif self.network.link != "identity":
                np.equal(through.logits[0] >= 0, truth, self.hits[:, part])
        self.is_forward = self.shares_pass
        weight = self.weight
        if weight is not None:
            np.multiply(self.errors, weight, self.errors)
        measured = []
        for rows in self.slices:
            count = rows.stop - rows.start
            sums = np.add.reduce(self.errors[:, rows], 1)
            mean = sums / (count if weight is None else np.add.reduce(weight[:, rows], 1))
            shares = np.add.reduce(self.hits[:, rows], 1, np.intp) / count
            if self.network.link == "identity":
                shares[:] = np.nan
            measured.append(list(zip(mean.tolist(), shares.tolist(), strict=True)))
        norms = (_lengths(self.gradient) / self.folded).tolist()
        runs, results = set(map(id, running)), []
        for place, (training, descent) in enumerate(zip(self.members, self.descents, strict=True)):
            if id(training) in runs:
                np.copyto(training._vectors[0], self.parameters[place])
                np.copyto(training._vectors[1:], self.memory[:, place])
                np.copyto(descent.gradient, self.gradient[place])
                descent.steps, descent.is_forward = self.steps, False
                results.append(([table[place] for table in measured], norms[place]))
        return results


def _descent(training: Training) -> Descent:
    descent = training._descent
    assert isinstance(descent, Descent)
    return descent


def _lengths(vectors: Array) -> NDArray[np.float64]:
    lengths: NDArray[np.float64] = np.sqrt(np.einsum("mp,mp->m", vectors, vectors)).astype(np.float64)
    return lengths
