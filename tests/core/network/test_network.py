"""The network: its forward pass with all numbers kept, against plain sums and finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.network import Network, new_network, parameter_count
from epochal.core.rows.examples import Floats


def network_of(layers: tuple[int, ...], activation: str) -> Network:
    parameters = np.zeros(parameter_count(layers))
    return new_network(layers, activation, "softmax", "xavier", np.random.default_rng(0), parameters)


@pytest.mark.parametrize("layers", [(4, 3), (4, 5, 3), (4, 6, 5, 3)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_trace_holds_every_layers_sums_values_and_slopes(layers: tuple[int, ...], activation: str) -> None:
    network = network_of(layers, activation)
    inputs = np.random.default_rng(1).normal(size=(7, 4))
    trace = network.trace(inputs)
    assert len(trace.sums) == len(layers) - 1
    assert len(trace.values) == len(trace.slopes) == len(layers) - 2
    taken: Floats = inputs
    for layer, weights in enumerate(network.weights):
        assert np.array_equal(trace.inputs_of(layer), taken)
        np.testing.assert_allclose(
            trace.sums[layer],
            [[row @ node[:-1] + node[-1] for node in weights] for row in taken],
            rtol=1e-12,
            atol=1e-12,
        )
        if layer < len(trace.values):
            taken = trace.values[layer].astype(np.float64)
            later, earlier = np.empty_like(taken), np.empty_like(taken)
            ACTIVATIONS[activation].value(trace.sums[layer] + 1e-6, later, None)
            ACTIVATIONS[activation].value(trace.sums[layer] - 1e-6, earlier, None)
            if activation != "step":
                np.testing.assert_allclose(trace.slopes[layer], (later - earlier) / 2e-6, atol=1e-4)
    assert trace.logits.tobytes() == network.logits(inputs).tobytes()
    for layer, sums in enumerate(trace.sums):
        assert network.logits_from(layer, sums).tobytes() == trace.logits.tobytes()


def test_other_parameters_leave_the_network_as_it_is() -> None:
    network = network_of((4, 5, 3), "tanh")
    inputs, before = np.ones((1, 4)), network.parameters.copy()
    zero = network.with_parameters(np.zeros_like(network.parameters))
    assert not zero.logits(inputs).any()
    kinds = [(one.layers, one.activation, one.output_activation) for one in (zero, network)]
    assert kinds[0] == kinds[1]
    assert np.array_equal(network.parameters, before)
