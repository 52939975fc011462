"""The network: layers of nodes, all their weights and biases in one flat vector."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.initial import INITIAL_WEIGHTS
from epochal.core.network.losses import OutputActivation, probabilities

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
class Network:
    """Layer sizes, the two kinds of node, and the flat `parameters`, which training changes in place."""

    layers: tuple[int, ...]
    activation: str
    link: OutputActivation
    parameters: Array

    @property
    def weights(self) -> list[Array]:
        """A view for each layer: nodes x (inputs + 1), the bias in the last column."""
        return layer_views(self.parameters, self.layers)

    def logits(self, inputs: Array) -> Array:
        """The output layer's sums, rows x outputs, for prepared inputs, rows x features."""
        values = inputs
        *hidden, last = self.weights
        for weights in hidden:
            sums = values @ weights[:, :-1].T + weights[:, -1]
            values = np.empty_like(sums)
            ACTIVATIONS[self.activation].value(sums, values, None)
        return values @ last[:, :-1].T + last[:, -1]

    def outputs(self, inputs: Array) -> Array:
        """Rows x classes of probabilities (two columns for a single sigmoid), or rows x numbers."""
        return self.answers(self.logits(inputs).T)

    def answers(self, logits: Array) -> Array:
        """The same for these logits, outputs x rows."""
        answers = probabilities(self.link, logits).T
        return np.hstack([1.0 - answers, answers]) if self.link in ("sigmoid", "step") else answers

    def in_words(self) -> str:
        """`6 + bias -> 10 tanh -> 1 sigmoid: 18 nodes, 81 weights`."""
        return describe(self.layers, self.activation, self.link)


def describe(layers: tuple[int, ...], activation: str, link: OutputActivation) -> str:
    """A network in words; its nodes counted as the tutorial does, with the inputs' bias among them."""
    hidden = [f"{nodes} {activation}" for nodes in layers[1:-1]]
    last = "linear" if link == "identity" else link
    path = " -> ".join([f"{layers[0]} + bias", *hidden, f"{layers[-1]} {last}"])
    return f"{path}: {sum(layers) + 1:,} nodes, {parameter_count(layers):,} weights"


def new_network(
    layers: tuple[int, ...],
    activation: str,
    link: OutputActivation,
    initial_weights: str,
    generator: np.random.Generator,
    parameters: Array,
) -> Network:
    """A network whose `parameters` (the vector given) are filled by the named rule; biases are zero."""
    network = Network(layers, activation, link, parameters)
    for weights in network.weights:
        nodes, inputs = weights.shape[0], weights.shape[1] - 1
        weights[:, :-1] = INITIAL_WEIGHTS[initial_weights].value(generator, (nodes, inputs))
        weights[:, -1] = 0.0
    return network
