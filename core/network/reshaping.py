"""Other layers for a network that has learned: the weights that remain stay what they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.network import Network, layer_views

Array = NDArray[np.floating]


def reshaped(parameters: Array, layers: tuple[int, ...], fresh: Network) -> Array:
    """The parameters of `fresh`, with those of a network of other `layers` wherever both have the weight.

    A node keeps its bias and its weights from the nodes that remain, counted from the first of each layer.
    The weights into the outputs stay where the last hidden layer is still the same one; where it is another,
    nothing that they mean is left. ValueError when inputs or outputs are not the same.
    """
    if (layers[0], layers[-1]) != (fresh.layers[0], fresh.layers[-1]):
        raise ValueError("Only hidden layers can be others: the inputs and the outputs stay.")
    made = fresh.parameters.copy()
    old, new = layer_views(parameters, layers), layer_views(made, fresh.layers)
    pairs = list(zip(old[:-1], new[:-1], strict=False))
    if len(old) == len(new):
        pairs.append((old[-1], new[-1]))
    for source, target in pairs:
        nodes = min(len(source), len(target))
        inputs = min(source.shape[1], target.shape[1]) - 1
        target[:nodes, :inputs] = source[:nodes, :inputs]
        target[:nodes, -1] = source[:nodes, -1]
    if len(old) != len(new):
        new[-1][:, -1] = old[-1][:, -1]
    return made
