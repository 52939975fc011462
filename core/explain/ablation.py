"""A network without some of its nodes: each answers one number instead, whatever the row."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from epochal.core.explain.node_statistics import HeldOut, Node, Probe
from epochal.core.network.network import Network, layer_views


def fixed(network: Network, numbers: Mapping[Node, float]) -> Network:
    """A copy in which these nodes answer always the same number, each its own.

    Their outgoing weights become 0, and what those made of the number goes into the biases. ValueError for
    a node of the output layer, which has no outgoing weights.
    """
    parameters = network.parameters.copy()
    views = layer_views(parameters, network.layers)
    for (layer, place), number in numbers.items():
        if layer >= len(views):
            raise ValueError("An output has no outgoing weights that could be set to 0.")
        weights = views[layer]
        weights[:, -1] += weights[:, place] * number
        weights[:, place] = 0.0
    return network.with_parameters(parameters)


def without(network: Network, nodes: Collection[Node]) -> Network:
    """A copy in which these nodes' outgoing weights are 0, so that nothing of what they answer is used.

    ValueError for a node of the output layer, which has no outgoing weights.
    """
    return fixed(network, dict.fromkeys(nodes, 0.0))


def means(probe: Probe, network: Network, nodes: Collection[Node]) -> dict[Node, float]:
    """What each of these nodes answers on the mean of the training rows looked at."""
    layers = probe.layers(network) if nodes else ()
    return {(layer, place): float(layers[layer].mean[place]) for layer, place in nodes}


def each_without(probe: Probe, network: Network, threshold: float = 0.5) -> dict[Node, HeldOut]:
    """What the network is worth on the held-out rows without each of its hidden nodes, one at a time.

    Equal to `probe.worth(without(network, [node]), threshold)` to rounding, but only what comes after the
    node is computed anew.
    """
    trace = network.trace(probe.held_out.inputs[:, :-1])
    worths = {}
    for depth, (values, outgoing) in enumerate(zip(trace.values, network.weights[1:], strict=True), 1):
        for place in range(values.shape[1]):
            after = trace.sums[depth] - np.outer(values[:, place], outgoing[:, place])
            worths[depth, place] = probe.judged(network, network.logits_from(depth, after), threshold)
    return worths


def heaviest(worths: Mapping[Node, HeldOut]) -> Node:
    """The node without which the error on the held-out rows is largest.

    ValueError if there is no node.
    """
    return max(worths, key=lambda node: np.nan_to_num(worths[node].error, nan=np.inf))
