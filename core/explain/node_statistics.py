"""Inside a network: what each node makes of the rows, where it no longer learns, and what all are worth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from epochal.core.evaluation.evaluation import decide
from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.losses import Loss
from epochal.core.network.network import Network
from epochal.core.rows.encoded_rows import EncodedRows
from epochal.core.rows.examples import Floats
from epochal.core.training.training import Training

Array = NDArray[np.floating]
Node = tuple[int, int]
"""A layer, 0 for the inputs, and a place in it."""

FlatEnd = Literal["silent", "saturated", ""]

FLAT = 0.01
"""On a row where its slope is below this share of the steepest, a node passes next to no error back."""

# Far enough out that every activation is at its ends, near enough that none of them overflows.
_FAR = 1e9


@dataclass(frozen=True)
class Shape:
    """An activation's lowest and highest value, infinite where it has none, and its steepest slope.

    `flat_end` names what a node is where the slope fades: `silent` if it answers 0 there and has another
    end that is steep (relu), `saturated` if it answers something else or is flat at both ends (tanh),
    nothing if it is flat nowhere.
    """

    low: float
    high: float
    steepest: float
    flat_end: FlatEnd


@cache
def shape_of(activation: str) -> Shape:
    """The shape of the activation of that name, found by trying it."""
    sums = np.concatenate([[-_FAR], np.linspace(-8.0, 8.0, 3201), [_FAR]])
    values, slopes = np.empty_like(sums), np.empty_like(sums)
    ACTIVATIONS[activation].value(sums, values, slopes)
    low, high = float(values.min()), float(values.max())
    steepest = float(np.abs(slopes).max())
    flat = np.abs(slopes[[0, -1]]) < FLAT * steepest
    flat_end: FlatEnd = ""
    if flat.any():
        flat_end = "silent" if flat[0] and not flat[1] and abs(values[0]) < FLAT else "saturated"
    bound = _FAR * FLAT / 2
    return Shape(low if low > -bound else -np.inf, high if high < bound else np.inf, steepest, flat_end)


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer's nodes over the rows looked at.

    `values` is rows x nodes: prepared inputs, activations, or what the output layer answers. `flat_rows`
    counts, for each hidden node, the rows on which its slope is below FLAT of the steepest. `weights` and
    `gradient` are nodes x (inputs + 1), the bias last; the inputs have none (nodes x 0).
    """

    values: Array
    flat_rows: NDArray[np.intp]
    flat_end: FlatEnd
    weights: Array
    gradient: Array

    @property
    def nodes(self) -> int:
        """How many there are."""
        return int(self.values.shape[1])

    @cached_property
    def mean(self) -> Floats:
        """Each node's mean value."""
        return np.asarray(self.values.mean(axis=0, dtype=np.float64))

    @cached_property
    def gradient_norms(self) -> Floats:
        """For each node, the length of its incoming weights' part of the gradient, its bias included."""
        return np.asarray(np.linalg.norm(self.gradient, axis=1))

    @cached_property
    def dead(self) -> NDArray[np.bool_]:
        """The nodes that are silent on every row: none of them can teach these nodes anything."""
        return np.asarray((self.flat_end == "silent") & (self.flat_rows == len(self.values)))

    @cached_property
    def saturated(self) -> NDArray[np.bool_]:
        """The nodes that are saturated on half of the rows or more."""
        return np.asarray((self.flat_end == "saturated") & (2 * self.flat_rows >= len(self.values)))


def inside(network: Network, loss: Loss, table: Array) -> tuple[Layer, ...]:
    """Every layer over a table as in `Training.table`, the inputs first.

    The gradient is that of the mean error over these rows, weighted if they are, without any penalty.
    """
    rows, width = len(table), network.layers[0]
    targets = table[:, width + 1 : width + 1 + network.layers[-1]]
    row_weights = table[:, width + 1 + network.layers[-1] :]
    shape = shape_of(network.activation)
    weights = network.weights
    trace = network.trace(table[:, :width])
    logits = trace.logits.T

    unscaled = np.empty_like(logits)
    loss.deltas(logits.copy(), targets.T, unscaled)
    delta: Array = unscaled.T * (loss.gain / rows) * (row_weights if row_weights.shape[1] else 1.0)
    gradients: list[Array] = []
    for layer in reversed(range(len(weights))):
        gradients.insert(0, np.hstack([delta.T @ trace.inputs_of(layer), delta.sum(axis=0)[:, None]]))
        if layer:
            delta = (delta @ weights[layer][:, :-1]) * trace.slopes[layer - 1]

    none: Array = np.empty((width, 0))
    layers = [Layer(trace.inputs, np.zeros(width, np.intp), "", none, none)]
    for hidden, steepness in enumerate(trace.slopes):
        flat_rows = np.count_nonzero(np.abs(steepness) < FLAT * shape.steepest, axis=0)
        shown = trace.values[hidden] + 0.0  # a silent node shows 0, not -0
        layers.append(Layer(shown, flat_rows, shape.flat_end, weights[hidden], gradients[hidden]))
    answers = network.kind.activate(logits).T
    never = np.zeros(network.layers[-1], np.intp)
    return (*layers, Layer(answers, never, "", weights[-1], gradients[-1]))


@dataclass(frozen=True)
class HeldOut:
    """What a network is worth on the held-out rows: how many it answers rightly, or its typical error.

    `error` is their mean by the loss it is trained with, weighted as it trains: what the chart shows. `rmse`
    is the root of the mean squared error in the target's own units, of several outputs the mean; None with
    classes. `by_class` has for each class how many of its rows are right, and how many there are.
    """

    rows: int
    error: float
    right: int | None
    rmse: float | None
    by_class: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, eq=False)
class Probe:
    """What one training is looked at with: rows ready for its network, all prepared once.

    `table` is as in `EncodedRows.table`; of more than `most_rows` training rows it has so many, evenly spread
    over them. The held-out rows are all there, as the network takes them, and `targets` are theirs as in
    `Examples.targets`.
    """

    training: Training
    loss: Loss
    table: Array
    held_out: EncodedRows
    targets: NDArray[np.float64] | NDArray[np.intp]

    @classmethod
    def of(cls, training: Training, most_rows: int = 2000) -> Probe:
        """The probe for a training."""
        train, held_out = training.split.train, training.split.held_out
        if len(train) > most_rows:
            train = train[np.linspace(0, len(train) - 1, most_rows).astype(np.intp)]
        examples = training.examples
        return cls(
            training,
            training.network.kind.loss_named(training.settings.loss)[1],
            training.encoded(train).table,
            training.encoded(held_out),
            examples.targets[held_out],
        )

    @property
    def rows(self) -> int:
        """Training rows looked at."""
        return len(self.table)

    def layers(self, network: Network) -> tuple[Layer, ...]:
        """Every layer over the training rows looked at."""
        return inside(network, self.loss, self.table)

    def worth(self, network: Network, threshold: float = 0.5) -> HeldOut:
        """What the network is worth; the threshold matters to two classes only."""
        return self.judged(network, network.logits(self.held_out.inputs[:, :-1]), threshold)

    def judged(self, network: Network, sums: Array, threshold: float = 0.5) -> HeldOut:
        """The same of a network whose output layer comes to these sums, held-out rows x outputs."""
        held_out, rows = self.held_out, len(self.held_out)
        logits = sums.T
        error = float(np.average(self.loss.errors(logits, held_out.targets.T), weights=held_out.weights))
        answers = np.asarray(network.answers(logits), dtype=np.float64)
        if self.training.examples.classes:
            classes = len(self.training.examples.classes)
            right = self.targets[decide(answers, threshold) == self.targets].astype(np.intp)
            counts = (np.bincount(of, minlength=classes) for of in (right, self.targets.astype(np.intp)))
            by_class = tuple(zip(*(count.tolist() for count in counts), strict=True))
            return HeldOut(rows, error, len(right), None, by_class)
        errors = network.kind.in_units(answers, self.training.preparation) - self.targets.reshape(rows, -1)
        return HeldOut(rows, error, None, float(np.sqrt(np.mean(np.square(errors), axis=0)).mean()))
