"""Steps and measurements of many networks at once: the fast room for a stack of trainings.

What `core.step.Descent` and `core.measure.Measure` are to one network, a `Stack` is to many. Vectors are
members x parameters, so the optimizers' rules serve as they are; rows are members x rows x columns; and
values between layers are nodes x members x rows, so that what is done to each number is one long loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.losses import loss_named
from core.measure import Measured
from core.network import Network
from core.optimizers import OPTIMIZERS, clear_traces
from core.step import STRETCH, Batch, Descent, Floor, Pass
from core.training import Training

Array = NDArray[np.floating]

# Rows times members that are measured at a time, which bounds the buffers of that pass.
CHUNK = 8192


class Stack:
    """Members of one shape, advanced together; each is given its part of the result after an epoch.

    A member that no longer runs keeps its place: it is computed, but neither drawn for nor given anything.
    """

    def __init__(self, members: Sequence[Training]) -> None:
        self.places = {id(training): place for place, training in enumerate(members)}
        self.descents = [descent_of(training) for training in members]
        self.vectors = np.stack([training._vectors for training in members], 1)
        self.parameters, self.memory = self.vectors[0], self.vectors[1:]
        workspace = np.zeros((2, *self.parameters.shape), self.parameters.dtype)
        self.gradient, self.scratch = workspace
        first, like = members[0], self.descents[0]
        optimizer = OPTIMIZERS[first.settings.optimizer].value
        assert optimizer.rule is not None
        self.update = optimizer.rule(self.parameters, workspace, self.memory)
        self.decoupled, self.steps = optimizer.decoupled, like.steps
        self.l2_pull, self.l1_pull = np.empty_like(self.parameters), np.empty_like(self.parameters)
        restraints = [descent.restraint for descent in self.descents]
        self.has_l2, self.has_l1 = any(each.l2 for each in restraints), any(each.l1 for each in restraints)
        self.has_clip, self.dropout = any(each.clip for each in restraints), restraints[0].dropout
        network = first.network
        self.network = Network(network.layers, network.activation, network.link, self.parameters)
        self.loss = loss_named(first.loss_name, network.link)[1]
        self.shuffled, self.batch, self.rows = like.shuffled, like.batch, len(like.table)
        self.is_forward, self.shares_pass = False, not (self.shuffled or self.dropout)
        self._prepare_steps([training._dropout for training in members])
        self._prepare_measuring([training._tables for training in members])
        self.rates: list[float] = []

    def _prepare_steps(self, chances: Sequence[np.random.Generator]) -> None:
        members, batch, rows = len(chances), self.batch, self.rows
        stretch = min(rows, max(1, STRETCH // members // batch) * batch) if self.shuffled else rows
        self.gathered = np.empty((members, stretch, self.descents[0].table.shape[1]), self.parameters.dtype)
        if not self.shuffled:
            np.stack([descent.table for descent in self.descents], out=self.gathered)

        def through(size: int) -> Pass:
            return Pass(self.network, self.loss, size, self.gradient, self.dropout, chances)

        self.batches = [self._views(start, start + batch) for start in range(0, stretch - batch + 1, batch)]
        self.passes = [through(batch)]
        if rest := rows % batch:
            last = rows % stretch or stretch
            self.rest_views = self._views(last - rest, last)
            self.passes.append(through(rest))

    def _columns(self, rows: Array) -> tuple[Array, Array, Array | None]:
        """Inputs, members x rows x columns; targets, outputs x members x rows; weights, members x rows."""
        width = self.network.layers[0] + 1
        end = width + self.network.layers[-1]
        weights = rows[..., end] if rows.shape[2] > end else None
        return rows[..., :width], np.moveaxis(rows[..., width:end], 2, 0), weights

    def _views(self, start: int, stop: int) -> Batch:
        inputs, targets, weights = self._columns(self.gathered[:, start:stop])
        return inputs.swapaxes(1, 2), inputs, targets, weights

    def _prepare_measuring(self, tables: Sequence[Sequence[Array]]) -> None:
        """Each member's tables one below the other, and a chunk of those rows at a time."""
        ends = np.cumsum([0, *map(len, tables[0])]).tolist()
        self.slices = [slice(start, stop) for start, stop in pairwise(ends)]
        members, rows = len(tables), ends[-1]
        self.errors, self.hits = np.empty((members, rows)), np.zeros((members, rows), np.bool_)
        joined = [np.concatenate(of_member) for of_member in tables]
        has_weights = joined[0].shape[1] > self.network.layers[0] + 1 + self.network.layers[-1]
        self.weights = np.stack([table[:, -1] for table in joined], dtype=np.float64) if has_weights else None
        self.chunks: list[tuple[Pass, Array, Array, NDArray[np.generic], slice]] = []

        def add(through: Pass, inputs: Array, targets: Array, part: slice) -> None:
            truth = targets.argmax(0) if self.network.link == "softmax" else targets[0] > 0
            self.chunks.append((through, inputs, targets, truth, part))

        if self.shares_pass:
            add(self.passes[0], self.batches[0][0], self.batches[0][2], self.slices[0])
        passes: dict[int, Pass] = {}
        size = max(1, CHUNK // members)
        for start in range(self.rows if self.shares_pass else 0, rows, size):
            part = slice(start, min(start + size, rows))
            count = part.stop - start
            through = passes.setdefault(count, Pass(self.network, self.loss, count))
            inputs, targets, _ = self._columns(np.stack([table[part] for table in joined]))
            add(through, np.ascontiguousarray(inputs.swapaxes(1, 2)), np.ascontiguousarray(targets), part)

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
        self.folded = np.array([descent.folded for descent in descents])
        self.longest = np.array([descent.longest or np.inf for descent in descents])
        for through in self.passes:
            scales = [descent.folded * descent.gain / through.rows for descent in descents]
            through.set_scale(np.array(scales)[:, None])
        np.stack([descent.l2_pull for descent in descents], out=self.l2_pull)
        np.stack([descent.l1_pull for descent in descents], out=self.l1_pull)

    def epoch(self, running: Sequence[Training], floor: Floor) -> None:
        """Take every training row of every member once, in the order each draws for itself."""
        self._set_rates()
        rows, stretch, steps_before = self.rows, self.gathered.shape[1], self.steps
        places = [self.places[id(training)] for training in running] if self.shuffled else []
        orders = [
            (training._order.permutation(rows), self.descents[place].table, self.gathered[place])
            for training, place in zip(running, places, strict=False)
        ]
        for start in range(0, rows, stretch):
            count = min(stretch, rows - start)
            for order, table, gathered in orders:
                table.take(order[start : start + count], 0, gathered[:count], "clip")
            for batch in self.batches[: count // self.batch]:
                if floor.closed:
                    floor.wait()
                self._step(self.passes[0], batch)
        if rows % self.batch:
            self._step(self.passes[1], self.rest_views)
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
            shares = np.fmin(self.longest / _lengths(gradient), 1.0).astype(gradient.dtype)
            np.multiply(gradient, shares[:, None], gradient)
        self.steps += 1
        self.update(self.rate, self.steps)

    def results(self, running: Sequence[Training]) -> list[tuple[list[Measured], float]]:
        """Errors on each table, and the gradient's norm, of those that run; they are given their weights."""
        for through, inputs, targets, truth, part in self.chunks:
            through.forward(inputs)
            self.errors[:, part] = self.loss.errors(through.logits, targets)
            if self.network.link == "softmax":
                np.equal(through.logits.argmax(0), truth, self.hits[:, part])
            elif self.network.link != "identity":
                np.equal(through.logits[0] >= 0, truth, self.hits[:, part])
        self.is_forward = self.shares_pass
        measured = list(zip(*map(self._measured, self.slices), strict=True))
        norms = (_lengths(self.gradient) / self.folded).tolist()
        results = []
        for training in running:
            place = self.places[id(training)]
            descent = self.descents[place]
            np.copyto(training._vectors, self.vectors[:, place])
            np.copyto(descent.gradient, self.gradient[place])
            descent.steps, descent.is_forward = self.steps, False
            results.append((list(measured[place]), norms[place]))
        return results

    def _measured(self, rows: slice) -> list[Measured]:
        """The mean error on these rows and the share that is right, for each member."""
        errors, count = self.errors[:, rows], rows.stop - rows.start
        if self.weights is None:
            means = np.add.reduce(errors, 1) / count
        else:
            means = np.add.reduce(errors * self.weights[:, rows], 1) / np.add.reduce(self.weights[:, rows], 1)
        shares = np.add.reduce(self.hits[:, rows], 1, np.float64) / count
        if self.network.link == "identity":
            shares[:] = np.nan
        return list(zip(means.tolist(), shares.tolist(), strict=True))


def descent_of(training: Training) -> Descent:
    """The descent of a training that takes steps, as all do but L-BFGS."""
    assert isinstance(training._descent, Descent)
    return training._descent


def _lengths(vectors: Array) -> NDArray[np.float64]:
    lengths: NDArray[np.float64] = np.sqrt(np.einsum("mp,mp->m", vectors, vectors)).astype(np.float64)
    return lengths
