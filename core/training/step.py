"""Gradient descent by steps: every batch of rows forward, back, held back, and the parameters updated."""

from __future__ import annotations

from functools import partial
from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray

from epochal.core.bound_ops import BoundOps, run
from epochal.core.network.losses import Loss
from epochal.core.network.network import Network, layer_views
from epochal.core.optimizers.optimizers import Optimizer, clear_traces
from epochal.core.rows.encoded_rows import EncodedRows
from epochal.core.training.gate import StepGate
from epochal.core.training.propagation import Pass
from epochal.core.training.regularization import NO_REGULARIZATION, Regularization, penalties
from epochal.core.training.state import EngineState

Array = NDArray[np.floating]

# Shuffled rows are gathered a stretch at a time: so many numbers, so many steps. Both bound the memory,
# of the copies and of the calls bound to them.
STRETCH = 1 << 19
STEPS = 1024


class Descent:
    """Epochs of steps over coded rows.

    The first `training_rows` rows are trained on, all unless said otherwise. Where these are one batch, the
    others are carried along forward, for whoever measures them by the `shared_pass`.
    `rng` draws what is dropped out, when anything is.
    """

    is_steerable, arrived = True, False

    def __init__(
        self,
        network: Network,
        loss: Loss,
        rows: EncodedRows,
        optimizer: Optimizer,
        memory: Array,
        batch_size: int,
        *,
        regularization: Regularization = NO_REGULARIZATION,
        rng: np.random.Generator | None = None,
        training_rows: int | None = None,
    ) -> None:
        self.rows = rows[:training_rows]
        self.optimizer, self.memory, self.parameters = optimizer, memory, network.parameters
        workspace = np.zeros((2, *self.parameters.shape), self.parameters.dtype)
        self.gradient, self._room = workspace
        self._squared_length = partial(self.gradient.dot, self.gradient)
        assert optimizer.rule is not None
        self.update = optimizer.rule(self.parameters, workspace, memory)
        self.l2_pull, self.l1_pull = np.zeros_like(self.parameters), np.zeros_like(self.parameters)
        self.gain, self.steps, self.is_forward = loss.gain, 0, False
        count = len(self.rows)
        self.batch = batch = min(batch_size, count)
        self.shuffled = batch < count
        rngs = () if rng is None else (rng,)
        self.shared_pass: Pass | None = None

        def through(size: int, beside: int = 0) -> Pass:
            return Pass(
                network,
                loss,
                size + beside,
                self.gradient,
                dropout=regularization.dropout,
                rngs=rngs,
                training_rows=size,
            )

        if self.shuffled:
            stretch = stretch_of(batch, count, rows.columns)
            gathered = rows.like(stretch)
            self._numbers, self._order = np.arange(count), np.arange(count)
            parts = [self._order[start : start + stretch] for start in range(0, count, stretch)]
            self._gathering = [(self.rows.gather(part, gathered), len(part) // batch) for part in parts]
            whole = through(batch)
            self.passes = [whole]
            starts = range(0, stretch - batch + 1, batch)
            self._steps = [_step(whole, gathered[start : start + batch]) for start in starts]
            if rest := count % batch:
                last = count % stretch or stretch
                self.passes.append(through(rest))
                self._rest = [_step(self.passes[1], gathered[last - rest : last])]
        else:
            carried = self.rows if regularization.dropout else rows
            whole = through(count, len(carried) - count)
            self.passes = [whole]
            self._forward, self._backward = whole.forward(carried.input_columns), whole.backward(self.rows)
            self.shared_pass = None if regularization.dropout else whole
        self.weights_only = np.zeros_like(self.parameters)
        for layer in layer_views(self.weights_only, network.layers):
            layer[:, :-1] = 1.0
        self.rate = 1.0
        self.set_regularization(regularization)

    def set_regularization(self, regularization: Regularization) -> None:
        """Hold the weights back by these from the next step on; the share dropped out stays as it is."""
        self.regularization = regularization
        vectors = (self.parameters, self.gradient, self._room)
        pulls = (self.l2_pull, self.l1_pull)
        self._restraining = penalties(regularization, self.optimizer.decoupled, vectors, pulls)
        if regularization.clip:
            self._restraining.append(self._clip)
        self.set_rate(self.rate)

    def set_rate(self, rate: float) -> None:
        """Use this learning rate from the next step on."""
        self.rate = rate
        self.gradient_rate = rate if self.optimizer.takes_rated_gradient else 1.0
        for each in self.passes:
            each.set_scale(self.gradient_rate * self.gain / each.training_rows)
        if self.optimizer.decoupled:
            np.subtract(1.0, self.weights_only * (rate * self.regularization.l2), self.l2_pull)
        else:
            np.multiply(self.weights_only, self.gradient_rate * self.regularization.l2, self.l2_pull)
        np.multiply(self.weights_only, self.gradient_rate * self.regularization.l1, self.l1_pull)
        self.longest = self.gradient_rate * self.regularization.clip

    @property
    def stackable(self) -> Descent:
        """Itself: a stack can take its steps together with others'."""
        return self

    def state(self) -> EngineState:
        """The last step's gradient and the number of steps; all that the optimizer remembers is `memory`."""
        nothing = np.empty((0, self.parameters.size), self.parameters.dtype)
        return EngineState(self.gradient.copy(), self.steps, nothing, np.empty(0))

    def restore(self, state: EngineState) -> None:
        """Go on from there, with parameters and memory already in place."""
        np.copyto(self.gradient, state.gradient)
        self.steps = state.steps

    def epoch(self, rng: np.random.Generator, gate: StepGate) -> None:
        """Take every training row once, in an order drawn afresh unless all are one batch."""
        steps_before = self.steps
        if self.shuffled:
            self._shuffled_epoch(rng, gate)
        else:
            self._take([self._backward if self.is_forward else self._forward + self._backward], gate)
            self.is_forward = False
        if self.steps >> 7 != steps_before >> 7:  # now and then, and at the same steps when resumed
            clear_traces(self.memory)

    def _shuffled_epoch(self, rng: np.random.Generator, gate: StepGate) -> None:
        np.copyto(self._order, self._numbers)
        rng.shuffle(self._order)
        for gathering, batches in self._gathering:
            run(gathering)
            self._take(self._steps[:batches], gate)
        if len(self.rows) % self.batch:
            self._take(self._rest, gate)

    def _take(self, steps: list[BoundOps], gate: StepGate) -> None:
        restraining, update, rate = self._restraining, self.update, self.rate
        for step in steps:
            if gate.closed:
                gate.wait()
            for call in step:
                call()
            for call in restraining:
                call()
            self.steps += 1
            update(rate, self.steps)

    def _clip(self) -> None:
        length = sqrt(self._squared_length())
        if length > self.longest:
            np.multiply(self.gradient, self.longest / length, self.gradient)

    def gradient_norm(self) -> float:
        """Length of the last step's mean gradient, penalties (unless decoupled) and clipping included."""
        return sqrt(self._squared_length()) / self.gradient_rate if self.gradient_rate else nan


def _step(through: Pass, rows: EncodedRows) -> BoundOps:
    """Forward and back."""
    return through.forward(rows.inputs.T) + through.backward(rows)


def stretch_of(batch: int, rows: int, columns: int) -> int:
    """How many shuffled rows to gather at a time: whole batches, or all there are."""
    batches = min(STEPS, max(1, STRETCH // (batch * columns)))
    return min(rows, batches * batch)
