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

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.activations import ACTIVATIONS
from core.losses import Loss
from core.network import Network, layer_views
from core.optimizers import Optimizer, clear_traces

Array = NDArray[np.floating]
Call = tuple[Callable[..., object], tuple[Array | None, ...]]

# Rows gathered at a time for shuffled batches: bounds the memory of views and copies for long tables.
STRETCH = 1 << 15


class Floor(Protocol):
    """Who may run now. The step loop looks at `closed` between steps and waits while it is true."""

    closed: bool

    def wait(self) -> None:
        """Return when the floor is free."""


class OpenFloor:
    """Nobody else wants to run."""

    closed = False

    def wait(self) -> None:
        """Return at once."""


class Pass:
    """Buffers for taking `rows` rows forward through a network and, given a `gradient`, back."""

    def __init__(self, network: Network, loss: Loss, rows: int, gradient: Array | None = None) -> None:
        dtype = network.parameters.dtype
        weights = network.weights
        activation = ACTIVATIONS[network.activation].value

        def room(nodes: int) -> Array:
            return np.empty((nodes, rows), dtype)

        sums = [room(nodes) for nodes in network.layers[1:]]
        values = [np.ones((nodes + 1, rows), dtype) for nodes in network.layers[1:-1]]
        slopes = [room(nodes) if gradient is not None else None for nodes in network.layers[1:-1]]
        self.first_weights, self.first_sums, self.logits = weights[0], sums[0], sums[-1]
        self.forward_calls: list[Call] = []
        for layer, value in enumerate(values):
            self.forward_calls.append((activation, (sums[layer], value[:-1], slopes[layer])))
            self.forward_calls.append((np.dot, (weights[layer + 1], value, sums[layer + 1])))
        self.deltas_of = loss.deltas
        self.scale = np.ones((), dtype)
        if gradient is None:
            return
        gradients = layer_views(gradient, network.layers)
        deltas = [room(nodes) for nodes in network.layers[1:]]
        self.unscaled, self.output_deltas = room(network.layers[-1]), deltas[-1]
        self.first_deltas, self.first_gradient = deltas[0], gradients[0]
        self.backward_calls: list[Call] = []
        for layer in reversed(range(len(values))):
            back = room(network.layers[layer + 1])
            self.backward_calls += [
                (np.dot, (deltas[layer + 1], values[layer].T, gradients[layer + 1])),
                (np.dot, (weights[layer + 1][:, :-1].T, deltas[layer + 1], back)),
                (np.multiply, (back, slopes[layer], deltas[layer])),
            ]

    def forward(self, inputs: Array) -> None:
        """Fill `logits` for inputs as columns, a row of ones last."""
        np.dot(self.first_weights, inputs, self.first_sums)
        for call, arguments in self.forward_calls:
            call(*arguments)

    def backward(self, inputs: Array, targets: Array) -> None:
        """Fill the gradient, times `scale`, after `forward`; `inputs` here as rows."""
        self.deltas_of(self.logits, targets, self.unscaled)
        np.multiply(self.unscaled, self.scale, self.output_deltas)
        for call, arguments in self.backward_calls:
            call(*arguments)
        np.dot(self.first_deltas, inputs, self.first_gradient)


class Descent:
    """Epochs of steps over one table of training rows: rows x (inputs, a one, targets)."""

    def __init__(
        self,
        network: Network,
        loss: Loss,
        table: Array,
        optimizer: Optimizer,
        memory: Array,
        batch_size: int,
        l2: float,
    ) -> None:
        rows, width = len(table), network.layers[0] + 1
        self.table, self.optimizer, self.memory = table, optimizer, memory
        self.parameters = network.parameters
        workspace = np.zeros((2, *self.parameters.shape), self.parameters.dtype)
        self.gradient, self.scratch = workspace
        self.update = optimizer.rule(self.parameters, workspace, memory)
        self.decay = np.zeros_like(self.parameters)
        self.l2, self.gain, self.steps = l2, loss.gain, 0
        self.shuffled = batch_size < rows
        batch = min(batch_size, rows)
        self.batch, stretch = batch, min(rows, max(1, STRETCH // batch) * batch)
        self.gathered = np.empty((stretch, table.shape[1]), table.dtype) if self.shuffled else table

        def views(start: int, stop: int) -> tuple[Array, Array, Array]:
            part = self.gathered[start:stop]
            return part[:, :width].T, part[:, :width], part[:, width:].T

        self.batches = [views(start, start + batch) for start in range(0, stretch - batch + 1, batch)]
        self.whole = Pass(network, loss, batch, self.gradient)
        self.passes = [self.whole]
        if rows % batch:
            last = rows % stretch or stretch
            self.rest_views = views(last - rows % batch, last)
            self.rest = Pass(network, loss, rows % batch, self.gradient)
            self.passes.append(self.rest)
        weight_only = layer_views(self.decay, network.layers)
        for layer in weight_only:
            layer[:, :-1] = 1.0
        self.weight_only = self.decay.copy()
        self.set_rate(1.0)

    def set_rate(self, rate: float) -> None:
        """Use this learning rate from the next step on."""
        self.rate = rate
        self.folded = rate if self.optimizer.takes_rated_gradient else 1.0
        for each in self.passes:
            each.scale[...] = self.folded * self.gain / each.logits.shape[1]
        if self.optimizer.decoupled:
            np.subtract(1.0, self.weight_only * (rate * self.l2), self.decay)
        else:
            np.multiply(self.weight_only, self.folded * self.l2, self.decay)

    def epoch(self, generator: np.random.Generator, floor: Floor) -> None:
        """Take every training row once, in an order drawn afresh unless all are one batch."""
        rows, stretch = len(self.table), len(self.gathered)
        order = generator.permutation(rows) if self.shuffled else None
        step, steps_before = self._step, self.steps
        for start in range(0, rows, stretch):
            count = min(stretch, rows - start)
            if order is not None:
                np.take(self.table, order[start : start + count], 0, self.gathered[:count], "clip")
            for inputs, inputs_as_rows, targets in self.batches[: count // self.batch]:
                if floor.closed:
                    floor.wait()
                step(self.whole, inputs, inputs_as_rows, targets)
        if rows % self.batch:
            step(self.rest, *self.rest_views)
        if self.steps >> 7 != steps_before >> 7:  # now and then, and at the same steps when resumed
            clear_traces(self.memory)

    def _step(self, through: Pass, inputs: Array, inputs_as_rows: Array, targets: Array) -> None:
        through.forward(inputs)
        through.backward(inputs_as_rows, targets)
        if self.l2 and self.optimizer.decoupled:
            np.multiply(self.parameters, self.decay, self.parameters)
        elif self.l2:
            np.multiply(self.decay, self.parameters, self.scratch)
            np.add(self.gradient, self.scratch, self.gradient)
        self.steps += 1
        self.update(self.rate, self.steps)

    def gradient_norm(self) -> float:
        """Length of the last step's mean gradient, an L2 penalty included unless it is decoupled."""
        return float(np.sqrt(np.dot(self.gradient, self.gradient))) / self.folded


class Measure:
    """Errors, and for classes right answers, of a network on a table of rows, a chunk at a time."""

    def __init__(self, network: Network, loss: Loss, table: Array, chunk: int = 4096) -> None:
        rows, width = len(table), network.layers[0] + 1
        self.link, self.errors_of, self.rows = network.link, loss.errors, rows
        self.chunks = []
        passes = {size: Pass(network, loss, size) for size in {min(chunk, rows), rows % chunk} if size}
        for start in range(0, rows, chunk):
            part = table[start : start + chunk]
            self.chunks.append((passes[len(part)], part[:, :width].T, part[:, width:].T))

    def __call__(self) -> tuple[float, float]:
        """The mean error, and the share of rows whose class is the likeliest one (NaN for numbers)."""
        error, right = 0.0, 0
        for through, inputs, targets in self.chunks:
            through.forward(inputs)
            error += float(np.add.reduce(self.errors_of(through.logits, targets)))
            if self.link == "sigmoid":
                right += int(np.count_nonzero((through.logits >= 0) == (targets > 0)))
            elif self.link == "softmax":
                right += int(np.count_nonzero(through.logits.argmax(0) == targets.argmax(0)))
        return error / self.rows, right / self.rows if self.link != "identity" else float("nan")
