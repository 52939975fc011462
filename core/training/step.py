"""The fast room: one training step on preallocated buffers.

A network of ten nodes takes about fourteen NumPy calls a step, and each call costs more than its
arithmetic. So everything that can be done before the first step is: every buffer exists, every view and
transpose is made, every call is bound to its arrays (see `bound_ops`), and a step walks a list. Three
habits look odd elsewhere and pay here:

* Rows stand in columns (nodes x rows), each layer's values end in a row of ones, and each layer's bias is
  the last column of its weights: a layer is one product, contiguous for any number of rows.
* `a.dot(b, out)` instead of `a @ b`: half the overhead on small operands.
* No array is written while it is read: NumPy checks for overlap the long way when it holds one number.

What a step computes is plain, and its plain twin is in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import nan, sqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from epochal.core.bound_ops import BoundOp, BoundOps, constant, run
from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.losses import Loss
from epochal.core.network.network import Network, layer_views
from epochal.core.optimizers.optimizers import Optimizer, clear_traces
from epochal.core.rows.encoded_rows import EncodedRows

Array = NDArray[np.floating]

# Shuffled rows are gathered a stretch at a time: so many numbers, so many steps. Both bound the memory,
# of the copies and of the calls bound to them.
STRETCH = 1 << 19
STEPS = 1024


class StepGate(Protocol):
    """Who may run now. The step loop looks at `closed` between steps and waits while it is true."""

    @property
    def closed(self) -> bool:
        """Whether somebody else wants to run."""

    def wait(self) -> None:
        """Return when the floor is free."""


class OpenGate:
    """Nobody else wants to run."""

    closed = False

    def wait(self) -> None:
        """Return at once."""


class Pass:
    """Buffers for taking `rows` rows forward through a network and, given a `gradient`, back.

    Only the first `training_rows` rows, all unless said otherwise, go back. With a `dropout` share, hidden
    values are dropped by `rngs`, one a network, and the others enlarged to make up for it
    (N. Srivastava and others 2014, scaled in training).

    A network whose parameters are members x parameters is a stack of networks, each with rows of its
    own. Values are then nodes x members x rows, which are members x nodes x rows to the products.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        rows: int,
        gradient: Array | None = None,
        dropout: float = 0.0,
        rngs: Sequence[np.random.Generator] = (),
        training_rows: int | None = None,
    ) -> None:
        dtype, layers = network.parameters.dtype, network.layers
        bind = ACTIVATIONS[network.activation].value.bind
        stack = network.parameters.shape[:-1]
        self._weights, self._loss = network.weights, loss
        self.rows, self.training_rows = rows, rows if training_rows is None else training_rows

        def room(nodes: int, columns: int) -> Array:
            return np.empty((nodes, *stack, columns), dtype)

        sums = [room(nodes, rows) for nodes in layers[1:]]
        values = [np.ones((nodes + 1, *stack, rows), dtype) for nodes in layers[1:-1]]
        # As wide as the values, so that both are one long stretch of memory.
        slopes = [room(nodes, rows) if gradient is not None else None for nodes in layers[1:-1]]
        self._first_sums, self.logits = _by_member(sums[0]), sums[-1]
        self._inward: BoundOps = []
        for layer, value in enumerate(values):
            self._inward += bind(sums[layer], value[:-1], slopes[layer])
            if dropout and rngs:
                self._inward += _dropping(rngs, dropout, value[:-1], slopes[layer])
            self._inward.append(
                _product(self._weights[layer + 1], _by_member(value), _by_member(sums[layer + 1]))
            )
        self.scale = np.ones((*stack, 1) if stack else (), dtype)
        if gradient is None:
            return
        gradients = layer_views(gradient, layers)
        deltas = [room(nodes, self.training_rows) for nodes in layers[1:]]
        self._unscaled, self._output_deltas = room(layers[-1], self.training_rows), deltas[-1]
        self._first_deltas, self._first_gradient = _by_member(deltas[0]), gradients[0]
        self._outward: BoundOps = []
        learned = slice(self.training_rows)
        for layer, slope in reversed(list(enumerate(slopes))):
            assert slope is not None
            # The bias's row of what flows back is of no use, but without it the weights were copied.
            back = room(layers[layer + 1] + 1, self.training_rows)
            turned_values = np.swapaxes(_by_member(values[layer][..., learned]), -1, -2)
            turned_weights = np.swapaxes(self._weights[layer + 1], -1, -2)
            delta = _by_member(deltas[layer + 1])
            self._outward += [
                _product(delta, turned_values, gradients[layer + 1]),
                # Products with a single term: of a stack, numbers are quicker multiplied than matrices.
                partial(np.multiply, turned_weights, delta, _by_member(back))
                if stack and layers[layer + 2] == 1
                else _product(turned_weights, delta, _by_member(back)),
                partial(np.multiply, back[:-1], slope[..., learned], deltas[layer]),
            ]

    def set_scale(self, scale: float | Array) -> None:
        """Multiply every delta, and so the gradient, by this; of a stack, by one for each member."""
        self.scale[...] = scale
        self._single_scale = self.scale.item(0)

    def forward(self, inputs: Array) -> BoundOps:
        """The calls that fill `logits` for inputs as columns, a row of ones last."""
        return [_product(self._weights[0], inputs, self._first_sums), *self._inward]

    def backward(self, rows: EncodedRows) -> BoundOps:
        """The calls that fill the gradient, times the scale, after `forward`: of the taught rows."""
        calls = self._output_delta_calls(rows.target_columns, rows.weights)
        return [*calls, *self._outward, _product(self._first_deltas, rows.inputs, self._first_gradient)]

    def _output_delta_calls(self, targets: Array, row_weights: Array | None) -> BoundOps:
        logits, single_delta = self.logits[..., : self.training_rows], self._loss.single_delta
        if single_delta is not None and logits.shape == (1, 1) and row_weights is None:
            logit, target, fill = logits.item, targets.item, self._output_deltas.fill
            # One number is quicker outside of arrays.
            return [lambda: fill(self._single_scale * single_delta(logit(), target()))]
        calls = self._loss.bind_deltas(logits, targets, self._unscaled)
        if row_weights is not None:
            calls.append(partial(np.multiply, self._unscaled, row_weights, self._unscaled))
        return [*calls, partial(np.multiply, self._unscaled, self.scale, self._output_deltas)]


def _product(left: Array, right: Array, out: Array) -> BoundOp:
    """The product of two matrices, or of each member's two."""
    in_one_stretch = all(each.flags.c_contiguous or each.flags.f_contiguous for each in (left, right))
    if left.ndim == 2 and in_one_stretch:
        return partial(left.dot, right, out)
    return partial(np.matmul, left, right, out)  # `dot` would copy what is scattered


def _by_member(values: Array) -> Array:
    """Nodes x members x rows as members x nodes x rows; nodes x rows as they are."""
    return values if values.ndim == 2 else values.transpose(1, 0, 2)


def _dropping(
    rngs: Sequence[np.random.Generator], share: float, values: Array, slopes: Array | None
) -> BoundOps:
    masks = np.empty((len(rngs), len(values), values.shape[-1]), values.dtype)
    mask = masks[0] if values.ndim == 2 else masks.swapaxes(0, 1)
    kept, enlarged = constant(1.0 - share, values), constant(1.0 / (1.0 - share), values)
    calls: BoundOps = [
        partial(rng.random, None, values.dtype, each) for rng, each in zip(rngs, masks, strict=True)
    ]
    calls += [
        partial(np.add, mask, kept, mask),
        partial(np.floor, mask, mask),
        partial(np.multiply, mask, enlarged, mask),
        partial(np.multiply, values, mask, values),
    ]
    return calls if slopes is None else [*calls, partial(np.multiply, slopes, mask, slopes)]


@dataclass(frozen=True)
class Regularization:
    """What holds the weights back: pulls towards 0, the longest gradient allowed, values dropped."""

    l2: float = 0.0
    l1: float = 0.0
    clip: float = 0.0
    dropout: float = 0.0


def penalties(
    regularization: Regularization,
    decoupled: bool,
    vectors: tuple[Array, Array, Array],
    pulls: tuple[Array, Array],
) -> BoundOps:
    """The calls that add what L2 and L1 ask for to the gradient, or if decoupled shrink the weights.

    `vectors` are the parameters, the gradient and room; `pulls` what to multiply parameters and their
    signs by.
    """
    (parameters, gradient, room), (l2_pull, l1_pull) = vectors, pulls
    calls: BoundOps = []
    if regularization.l2 and decoupled:
        calls.append(partial(np.multiply, parameters, l2_pull, parameters))
    elif regularization.l2:
        calls += [partial(np.multiply, l2_pull, parameters, room), partial(np.add, gradient, room, gradient)]
    if regularization.l1:
        calls += [
            partial(np.sign, parameters, room),
            partial(np.multiply, room, l1_pull, room),
            partial(np.add, gradient, room, gradient),
        ]
    return calls


class Descent:
    """Epochs of steps over coded rows.

    The first `training_rows` rows are trained on, all unless said otherwise. Where these are one batch, the
    others are carried along forward, for whoever measures them by the `shared_pass`.
    `rng` draws what is dropped out, when anything is.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        rows: EncodedRows,
        optimizer: Optimizer,
        memory: Array,
        batch_size: int,
        regularization: Regularization = Regularization(),
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
            return Pass(network, loss, size + beside, self.gradient, regularization.dropout, rngs, size)

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

    def epoch(self, generator: np.random.Generator, gate: StepGate) -> None:
        """Take every training row once, in an order drawn afresh unless all are one batch."""
        steps_before = self.steps
        if self.shuffled:
            self._shuffled_epoch(generator, gate)
        else:
            self._take([self._backward if self.is_forward else self._forward + self._backward], gate)
            self.is_forward = False
        if self.steps >> 7 != steps_before >> 7:  # now and then, and at the same steps when resumed
            clear_traces(self.memory)

    def _shuffled_epoch(self, generator: np.random.Generator, gate: StepGate) -> None:
        np.copyto(self._order, self._numbers)
        generator.shuffle(self._order)
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
