"""Steps and measurements of many networks at once: the fast room for a stack of trainings.

What `Descent` and `Measure` are to one network, a `Stack` is to many. Vectors are
members x parameters, so the optimizers' rules serve as they are; rows are members x rows x columns; and
values between layers are nodes x members x rows, so that what is done to each number is one long loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from epochal.core.bound_ops import BoundOps, run
from epochal.core.optimizers.optimizers import OPTIMIZERS, clear_traces
from epochal.core.rows.encoded_rows import EncodedRows, stacked
from epochal.core.training.gate import StepGate
from epochal.core.training.measure import Measured, RunningAccuracy
from epochal.core.training.propagation import Pass
from epochal.core.training.regularization import Regularization, penalties
from epochal.core.training.step import Descent, stretch_of
from epochal.core.training.training import Training

Array = NDArray[np.floating]

# Numbers a layer of all members has at a time while they are measured: what a core's own cache holds.
CHUNK = 1 << 17


class Stack:
    """Members of one shape, advanced together; each is given its part of the result after an epoch.

    A member that no longer runs keeps its place: it is computed, but neither drawn for nor given anything.
    """

    def __init__(self, members: Sequence[Training]) -> None:
        self.places = {id(training): place for place, training in enumerate(members)}
        self.descents = [descent_of(training) for training in members]
        self.vectors = np.stack([training.vectors for training in members], 1)
        self.parameters, self.memory = self.vectors[0], self.vectors[1:]
        workspace = np.zeros((2, *self.parameters.shape), self.parameters.dtype)
        self.gradient, room = workspace
        first, like = members[0], self.descents[0]
        optimizer = OPTIMIZERS[first.settings.optimizer].value
        assert optimizer.rule is not None
        self.update, self.steps = optimizer.rule(self.parameters, workspace, self.memory), like.steps
        self.l2_pull, self.l1_pull = np.empty_like(self.parameters), np.empty_like(self.parameters)
        restraints = [descent.regularization for descent in self.descents]
        anyone = Regularization(max(each.l2 for each in restraints), max(each.l1 for each in restraints))
        self.restraining = penalties(
            anyone,
            optimizer.decoupled,
            (self.parameters, self.gradient, room),
            (self.l2_pull, self.l1_pull),
        )
        if any(each.clip for each in restraints):
            self.restraining.append(self._clip)
        self.dropout = restraints[0].dropout
        network = first.network
        self.network = network.with_parameters(self.parameters)
        self.loss = network.kind.loss_named(first.loss_name)[1]
        self.shuffled, self.batch, self.rows = like.shuffled, like.batch, len(like.rows)
        self.is_forward, self.shares_pass = False, like.shared_pass is not None
        tables = stacked([training.rows for training in members])
        self._prepare_steps(tables, [each.dropout_rng for each in members])
        self._prepare_measuring(tables, first.sizes)
        self.rates: list[float] = []

    def _prepare_steps(self, tables: EncodedRows, rngs: Sequence[np.random.Generator]) -> None:
        members, batch, rows = len(tables.inputs), self.batch, self.rows

        def through(size: int, beside: int = 0) -> Pass:
            return Pass(
                self.network,
                self.loss,
                size + beside,
                self.gradient,
                dropout=self.dropout,
                rngs=rngs,
                training_rows=size,
            )

        if not self.shuffled:
            carried = tables if self.shares_pass else tables[:rows]
            whole = through(rows, len(carried) - rows)
            self.passes = [whole]
            self.forward, self.backward = whole.forward(carried.input_columns), whole.backward(carried[:rows])
            return
        stretch = stretch_of(batch * members, rows * members, tables.columns) // members
        self.tables, self.gathered = tables, (gathered := tables.like(stretch))
        # Where in the tables, taken as one below the other, each member's rows are in their order.
        self.unshuffled = np.arange(rows) + np.arange(members)[:, None] * len(tables)
        self.orders = self.unshuffled.copy()
        self.passes = [through(batch)]
        starts = range(0, stretch - batch + 1, batch)
        self.bound = [_step(self.passes[0], gathered[start : start + batch]) for start in starts]
        if rest := rows % batch:
            last = rows % stretch or stretch
            self.passes.append(through(rest))
            self.rest = [_step(self.passes[1], gathered[last - rest : last])]

    def _prepare_measuring(self, tables: EncodedRows, sizes: Sequence[int]) -> None:
        """The calls that take every row of every member forward, a chunk at a time, and note its error."""
        ends = np.cumsum([0, *sizes]).tolist()
        self.slices = [slice(start, stop) for start, stop in pairwise(ends)]
        members, rows = len(tables.inputs), ends[-1]
        self.errors = np.empty((members, rows), self.parameters.dtype)
        self.weights = None if tables.weights is None else tables.weights.astype(np.float64)
        judged = self.slices[1]
        self.answers = RunningAccuracy(self.network.kind, tables[judged].target_columns)
        size = rows if self.shares_pass else max(256, CHUNK // (members * max(self.network.layers[1:])))
        self.measuring: BoundOps = []
        through = self.passes[0] if self.shares_pass else None
        for start in range(0, rows, size):
            stop = min(start + size, rows)
            chunk = tables[start:stop]
            if through is None or through.rows != len(chunk):
                through = Pass(self.network, self.loss, len(chunk))
            # A copy of its own for each chunk: products of turned rows are slower.
            turned = np.ascontiguousarray(chunk.inputs.swapaxes(1, 2))
            self.measuring += self.forward if self.shares_pass else through.forward(turned)
            errors, targets = self.errors[:, start:stop], np.ascontiguousarray(chunk.target_columns)
            self.measuring += self.loss.bind_errors(through.logits, targets, errors)
            low, high = max(start, judged.start), min(stop, judged.stop)
            if low < high:
                places = slice(low - judged.start, high - judged.start)
                self.measuring += self.answers.read(through.logits[..., low - start : high - start], places)

    def is_wasteful(self, running: Sequence[Training]) -> bool:
        """Whether a new one is better: a quarter has ended, or dropout would draw for one that has."""
        ended = len(self.places) - len(running)
        return ended > 0 and (self.dropout > 0.0 or 4 * ended >= len(self.places))

    def _set_rates(self) -> None:
        descents = self.descents
        rates = [descent.rate for descent in descents]
        if rates == self.rates:
            return
        self.rates, self.rate = rates, np.array(rates)[:, None]
        self.gradient_rate = np.array([descent.gradient_rate for descent in descents])
        self.longest = np.array([descent.longest or np.inf for descent in descents])
        for through in self.passes:
            scales = [descent.gradient_rate * descent.gain / through.training_rows for descent in descents]
            through.set_scale(np.array(scales)[:, None])
        np.stack([descent.l2_pull for descent in descents], out=self.l2_pull)
        np.stack([descent.l1_pull for descent in descents], out=self.l1_pull)

    def epoch(self, running: Sequence[Training], gate: StepGate) -> None:
        """Take every training row of every member once, in the order each draws for itself."""
        self._set_rates()
        steps_before = self.steps
        if self.shuffled:
            self._shuffled_epoch(running, gate)
        else:
            self._take([self.backward if self.is_forward else self.forward + self.backward], gate)
            self.is_forward = False
        if self.steps >> 7 != steps_before >> 7:
            clear_traces(self.memory)

    def _shuffled_epoch(self, running: Sequence[Training], gate: StepGate) -> None:
        rows, stretch = self.rows, len(self.gathered)
        np.copyto(self.orders, self.unshuffled)
        for training in running:
            training.order_rng.shuffle(self.orders[self.places[id(training)]])
        for start in range(0, rows, stretch):
            count = min(stretch, rows - start)
            run(self.tables.gather(self.orders[:, start : start + count], self.gathered))
            self._take(self.bound[: count // self.batch], gate)
        if rows % self.batch:
            self._take(self.rest, gate)

    def _take(self, steps: Sequence[BoundOps], gate: StepGate) -> None:
        for step in steps:
            if gate.closed:
                gate.wait()
            run(step)
            run(self.restraining)
            self.steps += 1
            self.update(self.rate, self.steps)

    def _clip(self) -> None:
        shares = np.fmin(self.longest / _lengths(self.gradient), 1.0).astype(self.gradient.dtype)
        np.multiply(self.gradient, shares[:, None], self.gradient)

    def results(self, running: Sequence[Training]) -> list[tuple[Measured, float]]:
        """Errors on each table, and the gradient's norm, of those that run; they are given their weights."""
        run(self.measuring)
        self.is_forward = self.shares_pass
        errors = np.array([self._mean_errors(part) for part in self.slices]).T.tolist()
        shares = self.answers.shares_right()
        norms = (_lengths(self.gradient) / self.gradient_rate).tolist()
        results: list[tuple[Measured, float]] = []
        for training in running:
            place = self.places[id(training)]
            descent = self.descents[place]
            np.copyto(training.vectors, self.vectors[:, place])
            np.copyto(descent.gradient, self.gradient[place])
            descent.steps, descent.is_forward = self.steps, False
            results.append(((errors[place], shares[place]), norms[place]))
        return results

    def _mean_errors(self, rows: slice) -> NDArray[np.float64]:
        """The mean error on these rows, for each member."""
        errors = self.errors[:, rows]
        if self.weights is None:
            return np.asarray(np.add.reduce(errors, 1, np.float64) / errors.shape[1])
        weights = self.weights[:, rows]
        return np.asarray(np.add.reduce(errors * weights, 1) / np.add.reduce(weights, 1), np.float64)


def _step(through: Pass, rows: EncodedRows) -> BoundOps:
    """Forward and back."""
    return through.forward(rows.inputs.swapaxes(1, 2)) + through.backward(rows)


def descent_of(training: Training) -> Descent:
    """The descent of a training that takes steps, as all do but L-BFGS."""
    descent = training.engine.stackable
    assert descent is not None
    return descent


def _lengths(vectors: Array) -> NDArray[np.float64]:
    lengths: NDArray[np.float64] = np.sqrt(np.einsum("mp,mp->m", vectors, vectors)).astype(np.float64)
    return lengths
