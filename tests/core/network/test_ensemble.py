"""Ensembles as one network: the mean of the members' logits, and each member again out of it."""

from __future__ import annotations

import numpy as np
import pytest

from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.ensemble import check_members, mean_network, members_of, output_biases
from epochal.core.network.losses import OutputActivation
from epochal.core.network.network import Network, parameter_count

SHAPES = [((4,), 2), ((4, 3), 3), ((2, 5, 3), 1), ((1,), 1)]


def some_members(hidden, outputs, count, seed=0, dtype="float64", activation="tanh") -> list[Network]:
    layers = (6, *hidden, outputs)
    rng = np.random.default_rng(seed)
    link: OutputActivation = "softmax" if outputs > 1 else "sigmoid"
    return [
        Network(layers, activation, link, rng.normal(size=parameter_count(layers)).astype(dtype))
        for _ in range(count)
    ]


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "step"])
@pytest.mark.parametrize(("hidden", "outputs"), SHAPES)
@pytest.mark.parametrize("count", [2, 5])
def test_its_logits_are_the_mean_of_the_members(hidden, outputs, count, activation) -> None:
    members = some_members(hidden, outputs, count, activation=activation)
    inputs = np.random.default_rng(9).normal(size=(11, 6))
    mean = np.mean([one.logits(inputs) for one in members], axis=0)
    np.testing.assert_allclose(mean_network(members).logits(inputs), mean, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("hidden", "outputs"), SHAPES)
def test_every_member_comes_out_again(hidden, outputs, dtype) -> None:
    members = some_members(hidden, outputs, 3, dtype=dtype)
    again = members_of(mean_network(members), output_biases(members))
    for one, found in zip(members, again, strict=True):
        assert (found.layers, found.parameters.dtype) == (one.layers, one.parameters.dtype)
        np.testing.assert_allclose(found.parameters, one.parameters, rtol=1e-6)


def test_one_network_stays_itself_and_linear_ones_are_averaged() -> None:
    (one,) = some_members((4,), 2, 1)
    assert mean_network([one]) is one
    members = some_members((), 3, 4)
    mean = mean_network(members)
    assert mean.layers == members[0].layers
    np.testing.assert_allclose(mean.parameters, np.mean([each.parameters for each in members], axis=0))


def test_more_than_there_is_room_for_is_refused() -> None:
    check_members((4, 4096, 4096, 3), 1)
    check_members((4, 100, 3), 50)
    with pytest.raises(ValueError, match="take fewer networks"):
        check_members((4, 4096, 4096, 3), 5)
