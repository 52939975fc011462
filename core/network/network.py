"""The network: layers of nodes, all their weights and biases in one flat vector."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.initial import INITIAL_WEIGHTS
from epochal.core.network.kind_of_output import OutputKind
from epochal.core.network.losses import OutputActivation
from epochal.core.network.output_kind import OUTPUT_KINDS

Array = NDArray[np.floating]


def parameter_count(layers: tuple[int, ...]) -> int:
    """Weights and biases between layers of these sizes, the input layer first."""
    return sum((inputs + 1) * nodes for inputs, nodes in pairwise(layers))


def layer_views(vector: Array, layers: tuple[int, ...]) -> list[Array]:
    """A view of the flat vector for each layer: nodes x (inputs + 1), the bias in the last column.

    Of members x parameters, views of all members: members x nodes x (inputs + 1).
    """
    views = []
    start = 0
    for inputs, nodes in pairwise(layers):
        stop = start + nodes * (inputs + 1)
        views.append(vector[..., start:stop].reshape(*vector.shape[:-1], nodes, inputs + 1))
        start = stop
    return views


@dataclass(frozen=True, eq=False)
class Trace:
    """A forward pass with all its numbers: rows x nodes for each layer after the inputs, the output last.

    `sums` are the weighted sums, of the output layer its logits; `values` and `slopes` are what the
    activation makes of them and its derivative there, of the hidden layers only.
    """

    inputs: Array
    sums: tuple[Array, ...]
    values: tuple[Array, ...]
    slopes: tuple[Array, ...]

    @property
    def logits(self) -> Array:
        """The output layer's sums."""
        return self.sums[-1]

    def inputs_of(self, layer: int) -> Array:
        """What the layer of that number, 0 for the first hidden one, takes in."""
        return (self.inputs, *self.values)[layer]


@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """Layer sizes, the two kinds of node, and the flat `parameters`, which training changes in place."""

    layers: tuple[int, ...]
    activation: str
    output_activation: OutputActivation
    parameters: Array

    def __repr__(self) -> str:
        return f"Network({self.in_words()})"

    @property
    def kind(self) -> OutputKind:
        """What it predicts: classes or numbers."""
        return OUTPUT_KINDS[self.output_activation]

    @property
    def weights(self) -> list[Array]:
        """A view for each layer: nodes x (inputs + 1), the bias in the last column."""
        return layer_views(self.parameters, self.layers)

    def with_parameters(self, parameters: Array) -> Network:
        """The same layers and kinds of node with other weights and biases, in the order of `parameters`."""
        return replace(self, parameters=parameters)

    def trace(self, inputs: Array) -> Trace:
        """The forward pass over prepared inputs, rows x features, with every layer's numbers kept."""
        sums: list[Array] = []
        values: list[Array] = [inputs]
        slopes: list[Array] = []
        *hidden, last = self.weights
        for weights in hidden:
            sums.append(_sums(values[-1], weights))
            value, slope = np.empty_like(sums[-1]), np.empty_like(sums[-1])
            ACTIVATIONS[self.activation].value(sums[-1].copy(), value, slope)
            values.append(value)
            slopes.append(slope)
        sums.append(_sums(values[-1], last))
        return Trace(inputs, tuple(sums), tuple(values[1:]), tuple(slopes))

    def logits(self, inputs: Array) -> Array:
        """The output layer's sums, rows x outputs, for prepared inputs, rows x features.

        As in `trace`, with the memory of two layers at a time.
        """
        return self._logits(0, _sums(inputs, self.weights[0]))

    def logits_from(self, layer: int, sums: Array) -> Array:
        """The same from the sums of one layer on, 0 for the first after the inputs: rows x its nodes."""
        return self._logits(layer, sums.copy())

    def _logits(self, layer: int, sums: Array) -> Array:
        """The same, writing over `sums`."""
        for weights in self.weights[layer + 1 :]:
            values = np.empty_like(sums)
            ACTIVATIONS[self.activation].value(sums, values, None)
            sums = _sums(values, weights)
        return sums

    def outputs(self, inputs: Array) -> Array:
        """Rows x classes of probabilities (two columns for a single sigmoid), or rows x numbers."""
        return self.answers(self.logits(inputs).T)

    def answers(self, logits: Array) -> Array:
        """The same for these logits, outputs x rows."""
        return self.kind.answers(logits)

    def in_words(self) -> str:
        """`6 + bias -> 10 tanh -> 1 sigmoid: 18 nodes, 81 weights`."""
        return describe(self.layers, self.activation, self.kind)


def _sums(values: Array, weights: Array) -> Array:
    """Rows x nodes of a layer with these weights, nodes x (inputs + 1), for rows x inputs."""
    sums: Array = values @ weights[:, :-1].T + weights[:, -1]
    return sums


def describe(layers: tuple[int, ...], activation: str, kind: OutputKind) -> str:
    """A network in words; its nodes counted as the tutorial does, with the inputs' bias among them."""
    hidden = [f"{nodes} {activation}" for nodes in layers[1:-1]]
    path = " -> ".join([f"{layers[0]} + bias", *hidden, f"{layers[-1]} {kind.output.layer_name}"])
    return f"{path}: {sum(layers) + 1:,} nodes, {parameter_count(layers):,} weights"


def new_network(
    layers: tuple[int, ...],
    activation: str,
    output_activation: OutputActivation,
    initial_weights: str,
    generator: np.random.Generator,
    parameters: Array,
) -> Network:
    """A network whose `parameters` (the vector given) are filled by the named rule; biases are zero."""
    network = Network(layers, activation, output_activation, parameters)
    for weights in network.weights:
        nodes, inputs = weights.shape[0], weights.shape[1] - 1
        weights[:, :-1] = INITIAL_WEIGHTS[initial_weights].value(generator, (nodes, inputs))
        weights[:, -1] = 0.0
    return network
