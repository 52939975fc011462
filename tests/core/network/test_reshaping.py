"""Layers changed under a network that has learned: what remains stays, and the change repeats to the byte."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochal.core.network.network import Network, new_network, parameter_count
from epochal.core.network.reshaping import reshaped
from epochal.core.rows.examples import Examples, Feature
from epochal.core.settings import Settings
from epochal.core.training.resume import branched
from epochal.core.training.training import Training
from epochal.core.training.weight_history import Weights

hidden_layers = st.lists(st.integers(1, 5), max_size=3).map(tuple)


def network(layers: tuple[int, ...], seed: int) -> Network:
    parameters = np.zeros(parameter_count(layers))
    return new_network(layers, "tanh", "softmax", "xavier", np.random.default_rng(seed), parameters)


@given(hidden_layers, hidden_layers)
def test_weights_that_remain_stay(before: tuple[int, ...], after: tuple[int, ...]) -> None:
    old, fresh = network((3, *before, 2), 1), network((3, *after, 2), 2)
    made = fresh.with_parameters(reshaped(old.parameters, old.layers, fresh))
    kept = len(before) + 1 if len(before) == len(after) else min(len(before), len(after))
    for layer in range(kept):
        source, target = old.weights[layer], made.weights[layer]
        nodes, inputs = min(len(source), len(target)), min(source.shape[1], target.shape[1]) - 1
        np.testing.assert_array_equal(target[:nodes, :inputs], source[:nodes, :inputs])
        np.testing.assert_array_equal(target[:nodes, -1], source[:nodes, -1])
        np.testing.assert_array_equal(target[nodes:], fresh.weights[layer][nodes:])
    if before == after:
        np.testing.assert_array_equal(made.parameters, old.parameters)


def test_a_node_that_is_added_and_removed_leaves_the_network_as_it_was() -> None:
    old, larger = network((3, 4, 2), 1), network((3, 5, 2), 2)
    there = larger.with_parameters(reshaped(old.parameters, old.layers, larger))
    back = reshaped(there.parameters, there.layers, network((3, 4, 2), 3))
    np.testing.assert_array_equal(back, old.parameters)


def test_other_inputs_are_refused() -> None:
    with pytest.raises(ValueError, match="hidden layers"):
        reshaped(network((3, 4, 2), 1).parameters, (3, 4, 2), network((2, 4, 2), 1))


@settings(max_examples=8, deadline=None)
@given(hidden_layers, st.sampled_from(["adam", "sgd", "lbfgs"]))
def test_a_run_whose_layers_were_changed_is_replayed_to_the_byte(
    after: tuple[int, ...], optimizer: str
) -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(60, 3))
    examples = Examples(
        tuple(Feature(name) for name in "abc"),
        inputs,
        (inputs[:, 0] * inputs[:, 1] > 0).astype(np.intp),
        ("no", "yes"),
    )
    first = Training(examples, Settings(hidden=(4,), epochs=6, optimizer=optimizer))
    for _ in range(3):
        next(first)
    weights = Weights(first.history.length, first.network.parameters.copy())
    ends = []
    for _ in range(2):
        branch = branched(
            examples,
            Settings(hidden=after, epochs=6, optimizer=optimizer),
            weights,
            first.history.rows(),
            layers=first.network.layers,
        )
        assert branch.network.layers[1:-1] == after
        list(branch)
        ends.append(branch.network.parameters.tobytes())
    assert ends[0] == ends[1]
