"""The fast room: one training step on preallocated buffers.

A network of ten nodes takes about fourteen NumPy calls a step, and each call costs more than its
arithmetic. So everything that can be done before the first step is: every buffer exists, every view and
transpose is made, and a step walks a list of calls. Three habits look odd elsewhere and pay here:

* Rows stand in columns (nodes x rows), each layer's values end in a row of ones, and each layer's bias is
  the last column of its weights: a layer is one product, contiguous for any number of rows.
* `np.dot(a, b, out)` instead of `a @ b`: half the overhead on small operands.
* No array is written while it is read: NumPy checks for overlap the long way when it holds one number.

What a step computes is plain, and its plain twin is in the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan, sqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.activations import ACTIVATIONS
from core.losses import Loss
from core.network import Network, layer_views
from core.optimizers import Optimizer, clear_traces

Array = NDArray[np.floating]
Call = tuple[Callable[..., object], tuple[object, ...]]

Batch = tuple[Array, Array, Array, Array | None]
"""Inputs as columns and as rows, targets as columns, and a weight for each row where they differ."""

# Rows gathered at a time for shuffled batches: bounds the memory of views and copies for long tables.
STRETCH = 1 << 15


class Floor(Protocol):
    """Who may run now. The step loop looks at `closed` between steps and waits while it is true."""

    @property
    def closed(self) -> bool:
        """Whether somebody else wants to run."""

    def wait(self) -> None:
        """Return when the floor is free."""


class OpenFloor:
    """Nobody else wants to run."""

    closed = False

    def wait(self) -> None:
        """Return at once."""


class Pass:
    """Buffers for taking `rows` rows forward through a network and, given a `gradient`, back.

    With a `dropout` share, hidden values are dropped by `chances`, one a network, and the
    others enlarged to make up for it (N. Srivastava and others 2014, scaled in training).

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
        chances: Sequence[np.random.Generator] = (),
    ) -> None:
        dtype = network.parameters.dtype
        weights = network.weights
        activation = ACTIVATIONS[network.activation].value
        stack = network.parameters.shape[:-1]
        self.product = product = np.matmul if stack else np.dot

        def room(nodes: int) -> Array:
            return np.empty((nodes, *stack, rows), dtype)

        self.rows = rows
        sums = [room(nodes) for nodes in network.layers[1:]]
        values = [np.ones((nodes + 1, *stack, rows), dtype) for nodes in network.layers[1:-1]]
        slopes = [room(nodes) if gradient is not None else None for nodes in network.layers[1:-1]]
        self.first_weights, self.first_sums, self.logits = weights[0], _by_member(sums[0]), sums[-1]
        self.forward_calls: list[Call] = []
        for layer, value in enumerate(values):
            self.forward_calls.append((activation, (sums[layer], value[:-1], slopes[layer])))
            if dropout and chances:
                self.forward_calls += _dropping(chances, dropout, value[:-1], slopes[layer])
            self.forward_calls.append(
                (product, (weights[layer + 1], _by_member(value), _by_member(sums[layer + 1])))
            )
        self.deltas_of = loss.deltas
        self.scale = np.ones((*stack, 1) if stack else (), dtype)
        if gradient is None:
            return
        gradients = layer_views(gradient, network.layers)
        deltas = [room(nodes) for nodes in network.layers[1:]]
        self.unscaled, self.output_deltas = room(network.layers[-1]), deltas[-1]
        self.first_deltas, self.first_gradient = _by_member(deltas[0]), gradients[0]
        self.single_delta = loss.single_delta if self.logits.shape == (1, 1) else None
        self.backward_calls: list[Call] = []
        for layer in reversed(range(len(values))):
            back = room(network.layers[layer + 1])
            turned_values = np.swapaxes(_by_member(values[layer]), -1, -2)
            turned_weights = np.swapaxes(weights[layer + 1][..., :-1], -1, -2)
            # Products with a single term: of a stack, numbers are quicker multiplied than matrices.
            outward = np.multiply if stack and network.layers[layer + 2] == 1 else product
            self.backward_calls += [
                (product, (_by_member(deltas[layer + 1]), turned_values, gradients[layer + 1])),
                (outward, (turned_weights, _by_member(deltas[layer + 1]), _by_member(back))),
                (np.multiply, (back, slopes[layer], deltas[layer])),
            ]

    def set_scale(self, scale: float | Array) -> None:
        """Multiply every delta, and so the gradient, by this; of a stack, by one for each member."""
        self.scale[...] = scale
        self.single_scale = self.scale.item(0)

    def forward(self, inputs: Array) -> None:
        """Fill `logits` for inputs as columns, a row of ones last."""
        self.product(self.first_weights, inputs, self.first_sums)
        for call, arguments in self.forward_calls:
            call(*arguments)

    def backward(self, inputs: Array, targets: Array, row_weights: Array | None = None) -> None:
        """Fill the gradient, times the scale, after `forward`; `inputs` here as rows."""
        if self.single_delta is not None and row_weights is None:
            # One number is quicker outside of arrays.
            self.output_deltas[0, 0] = self.single_scale * self.single_delta(
                self.logits.item(), targets.item()
            )
        else:
            self.deltas_of(self.logits, targets, self.unscaled)
            if row_weights is not None:
                np.multiply(self.unscaled, row_weights, self.unscaled)
            np.multiply(self.unscaled, self.scale, self.output_deltas)
        for call, arguments in self.backward_calls:
            call(*arguments)
        self.product(self.first_deltas, inputs, self.first_gradient)


def _by_member(values: Array) -> Array:
    """Nodes x members x rows as members x nodes x rows; nodes x rows as they are."""
    return values if values.ndim == 2 else values.transpose(1, 0, 2)


def _dropping(
    chances: Sequence[np.random.Generator], share: float, values: Array, slopes: Array | None
) -> list[Call]:
    masks = np.empty((len(chances), len(values), values.shape[-1]), values.dtype)
    mask = masks[0] if values.ndim == 2 else masks.swapaxes(0, 1)
    kept = 1.0 - share
    calls: list[Call] = [
        (chance.random, (None, values.dtype, each)) for chance, each in zip(chances, masks, strict=True)
    ]
    calls += [
        (np.add, (mask, kept, mask)),
        (np.floor, (mask, mask)),
        (np.multiply, (mask, 1.0 / kept, mask)),
        (np.multiply, (values, mask, values)),
    ]
    return calls if slopes is None else [*calls, (np.multiply, (slopes, mask, slopes))]


@dataclass(frozen=True)
class Restraint:
    """What holds the weights back: pulls towards 0, the longest gradient allowed, values dropped."""

    l2: float = 0.0
    l1: float = 0.0
    clip: float = 0.0
    dropout: float = 0.0


class Descent:
    """Epochs of steps over one table of training rows: rows x (inputs, a one, targets, perhaps a weight).

    `chance` draws what is dropped out, when anything is.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        table: Array,
        optimizer: Optimizer,
        memory: Array,
        batch_size: int,
        restraint: Restraint = Restraint(),
        chance: np.random.Generator | None = None,
    ) -> None:
        rows, width = len(table), network.layers[0] + 1
        self.table, self.optimizer, self.memory = table, optimizer, memory
        self.parameters = network.parameters
        workspace = np.zeros((2, *self.parameters.shape), self.parameters.dtype)
        self.gradient, self.scratch = workspace
        assert optimizer.rule is not None
        self.update = optimizer.rule(self.parameters, workspace, memory)
        self.l2_pull, self.l1_pull = np.zeros_like(self.parameters), np.zeros_like(self.parameters)
        self.restraint, self.gain, self.steps = restraint, loss.gain, 0
        self.shuffled = batch_size < rows
        self.is_forward = False
        batch = min(batch_size, rows)
        self.batch, stretch = batch, min(rows, max(1, STRETCH // batch) * batch)
        self.gathered = np.empty((stretch, table.shape[1]), table.dtype) if self.shuffled else table
        end = width + network.layers[-1]

        def views(start: int, stop: int) -> Batch:
            part = self.gathered[start:stop]
            weights = part[:, end] if table.shape[1] > end else None
            return part[:, :width].T, part[:, :width], part[:, width:end].T, weights

        self.batches = [views(start, start + batch) for start in range(0, stretch - batch + 1, batch)]
        chances = () if chance is None else (chance,)
        self.whole = Pass(network, loss, batch, self.gradient, restraint.dropout, chances)
        self.passes = [self.whole]
        if rows % batch:
            last = rows % stretch or stretch
            self.rest_views = views(last - rows % batch, last)
            self.rest = Pass(network, loss, rows % batch, self.gradient, restraint.dropout, chances)
            self.passes.append(self.rest)
        self.weights_only = np.zeros_like(self.parameters)
        for layer in layer_views(self.weights_only, network.layers):
            layer[:, :-1] = 1.0
        self.set_rate(1.0)

    @property
    def shared_pass(self) -> Pass | None:
        """The pass that takes all rows at once in their own order, which measuring them can share."""
        return None if self.shuffled or self.restraint.dropout else self.whole

    def set_rate(self, rate: float) -> None:
        """Use this learning rate from the next step on."""
        self.rate = rate
        self.folded = rate if self.optimizer.takes_rated_gradient else 1.0
        for each in self.passes:
            each.set_scale(self.folded * self.gain / each.rows)
        if self.optimizer.decoupled:
            np.subtract(1.0, self.weights_only * (rate * self.restraint.l2), self.l2_pull)
        else:
            np.multiply(self.weights_only, self.folded * self.restraint.l2, self.l2_pull)
        np.multiply(self.weights_only, self.folded * self.restraint.l1, self.l1_pull)
        self.longest = self.folded * self.restraint.clip

    def epoch(self, generator: np.random.Generator, floor: Floor) -> None:
        """Take every training row once, in an order drawn afresh unless all are one batch."""
        rows, stretch = len(self.table), len(self.gathered)
        order = generator.permutation(rows) if self.shuffled else None
        step, steps_before = self._step, self.steps
        for start in range(0, rows, stretch):
            count = min(stretch, rows - start)
            if order is not None:
                self.table.take(order[start : start + count], 0, self.gathered[:count], "clip")
            for batch in self.batches[: count // self.batch]:
                if floor.closed:
                    floor.wait()
                step(self.whole, batch)
        if rows % self.batch:
            step(self.rest, self.rest_views)
        if self.steps >> 7 != steps_before >> 7:  # now and then, and at the same steps when resumed
            clear_traces(self.memory)

    def _step(self, through: Pass, batch: Batch) -> None:
        inputs, inputs_as_rows, targets, row_weights = batch
        if self.is_forward:
            self.is_forward = False
        else:
            through.forward(inputs)
        through.backward(inputs_as_rows, targets, row_weights)
        parameters, gradient, scratch = self.parameters, self.gradient, self.scratch
        if self.restraint.l2 and self.optimizer.decoupled:
            np.multiply(parameters, self.l2_pull, parameters)
        elif self.restraint.l2:
            np.multiply(self.l2_pull, parameters, scratch)
            np.add(gradient, scratch, gradient)
        if self.restraint.l1:
            np.sign(parameters, scratch)
            np.multiply(scratch, self.l1_pull, scratch)
            np.add(gradient, scratch, gradient)
        if self.longest:
            length = sqrt(np.dot(gradient, gradient))
            if length > self.longest:
                np.multiply(gradient, self.longest / length, gradient)
        self.steps += 1
        self.update(self.rate, self.steps)

    def gradient_norm(self) -> float:
        """Length of the last step's mean gradient, penalties (unless decoupled) and clipping included."""
        return sqrt(np.dot(self.gradient, self.gradient)) / self.folded if self.folded else nan
