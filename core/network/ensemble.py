"""Ensembles: networks of one shape side by side, whose mean logits, or numbers, are one network's.

Each hidden layer has the nodes of all members, and no weights between those of different members; the output
layer takes the mean. So whatever can predict with a network, save it or translate it can do so with the mean
of several (L. Hansen and P. Salamon 1990).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from epochal.core.network.network import Array, Network, layer_views, parameter_count

MOST_PARAMETERS = 50_000_000
"""More than so many weights, the zeros between members among them, are refused."""


def layers_together(layers: tuple[int, ...], members: int) -> tuple[int, ...]:
    """The layer sizes of so many networks of these sizes, side by side."""
    return (layers[0], *(members * nodes for nodes in layers[1:-1]), layers[-1])


def check_members(layers: tuple[int, ...], members: int) -> None:
    """ValueError when so many networks are more than there is room for."""
    count = parameter_count(layers_together(layers, members))
    if members > 1 and count > MOST_PARAMETERS:
        raise ValueError(
            f"{members} such networks side by side have {count:,} weights, more than {MOST_PARAMETERS:,}: "
            "take fewer networks, or fewer hidden nodes."
        )


def mean_network(members: Sequence[Network]) -> Network:
    """One network whose logits are the mean of the members'; a single member is given back as it is."""
    first, count = members[0], len(members)
    if count == 1:
        return first
    layers = layers_together(first.layers, count)
    parameters = np.zeros(parameter_count(layers), first.parameters.dtype)
    *hidden, last = layer_views(parameters, layers)
    for place, member in enumerate(members):
        *own_hidden, own_last = member.weights
        for number, (into, own) in enumerate(zip(hidden, own_hidden, strict=True)):
            nodes, inputs = own.shape[0], own.shape[1] - 1
            rows = slice(place * nodes, (place + 1) * nodes)
            start = place * inputs if number else 0
            into[rows, start : start + inputs] = own[:, :-1]
            into[rows, -1] = own[:, -1]
        inputs = own_last.shape[1] - 1
        start = place * inputs if hidden else 0
        last[:, start : start + inputs] += own_last[:, :-1] / count
        last[:, -1] += own_last[:, -1] / count
    parameters.flags.writeable = False
    return replace(first, layers=layers, parameters=parameters)


def members_of(network: Network, biases: Array) -> list[Network]:
    """The members of a `mean_network`; `biases` are those of each one's output layer, members x outputs."""
    count = len(biases)
    layers = (network.layers[0], *(nodes // count for nodes in network.layers[1:-1]), network.layers[-1])
    members = []
    for place, of_output in enumerate(biases):
        parameters = np.empty(parameter_count(layers), network.parameters.dtype)
        *hidden, last = layer_views(parameters, layers)
        *whole_hidden, whole_last = network.weights
        for number, (into, whole) in enumerate(zip(hidden, whole_hidden, strict=True)):
            nodes, inputs = into.shape[0], into.shape[1] - 1
            start = place * inputs if number else 0
            rows = whole[place * nodes : (place + 1) * nodes]
            into[:, :-1], into[:, -1] = rows[:, start : start + inputs], rows[:, -1]
        inputs = last.shape[1] - 1
        start = place * inputs
        last[:, :-1], last[:, -1] = count * whole_last[:, start : start + inputs], of_output
        members.append(replace(network, layers=layers, parameters=parameters))
    return members


def output_biases(members: Sequence[Network]) -> Array:
    """The biases of each one's output layer, members x outputs: what a `mean_network` does not keep."""
    return np.array([member.weights[-1][:, -1] for member in members])
