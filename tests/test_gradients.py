"""Gradients against finite differences, and the fast step against a plain slow twin."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from core.activations import ACTIVATIONS
from core.losses import LOSSES, Link
from core.network import Network, layer_views, parameter_count
from core.optimizers import OPTIMIZERS
from core.step import Descent, Measure, OpenFloor, Pass

CASES = [(a, link, loss) for a, link in product(ACTIVATIONS, LOSSES) for loss in LOSSES[link]]
OUTPUTS = {"sigmoid": 1, "softmax": 3, "identity": 2}


def a_network(activation: str, link: Link, hidden: tuple[int, ...], seed: int = 0) -> Network:
    layers = (4, *hidden, OUTPUTS[link])
    parameters = np.random.default_rng(seed).normal(0.0, 0.7, parameter_count(layers))
    return Network(layers, activation, link, parameters)


def some_targets(link: Link, rows: int, chance: np.random.Generator) -> np.ndarray:
    if link == "sigmoid":
        return chance.choice([-1.0, 1.0], (1, rows))
    if link == "softmax":
        return np.eye(3)[chance.integers(3, size=rows)].T
    return chance.normal(size=(2, rows))


def a_table(link: Link, rows: int, seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    inputs = chance.normal(size=(rows, 4))
    return np.hstack([inputs, np.ones((rows, 1)), some_targets(link, rows, chance).T])


def mean_error(network: Network, link: Link, loss: str, table: np.ndarray) -> float:
    """The mean error by the plain forward pass of `Network.logits`, not by the step's buffers."""
    logits = network.logits(table[:, :4]).T
    return float(LOSSES[link][loss].value.errors(logits, table[:, 5:].T).mean())


def gradient_of(network: Network, link: Link, loss: str, table: np.ndarray) -> np.ndarray:
    gradient = np.zeros_like(network.parameters)
    chosen = LOSSES[link][loss].value
    through = Pass(network, chosen, len(table), gradient)
    through.scale[...] = chosen.gain / len(table)
    through.forward(table[:, :5].T)
    through.backward(table[:, :5], table[:, 5:].T)
    return gradient


@pytest.mark.parametrize(("activation", "link", "loss"), CASES)
@pytest.mark.parametrize("hidden", [(), (5,), (4, 3), (3, 4, 2)])
def test_the_gradient_is_the_slope_of_the_mean_error(
    activation: str, link: Link, loss: str, hidden: tuple[int, ...]
) -> None:
    network = a_network(activation, link, hidden)
    table = a_table(link, 7, seed=1)
    gradient = gradient_of(network, link, loss, table)
    step = 1e-6
    measured = np.empty_like(gradient)
    for index in range(len(gradient)):
        kept = network.parameters[index]
        network.parameters[index] = kept + step
        above = mean_error(network, link, loss, table)
        network.parameters[index] = kept - step
        below = mean_error(network, link, loss, table)
        network.parameters[index] = kept
        measured[index] = (above - below) / (2 * step)
    np.testing.assert_allclose(gradient, measured, rtol=2e-5, atol=2e-8)


@pytest.mark.parametrize(("activation", "link", "loss"), CASES)
def test_a_single_row_gives_the_same_gradient_as_among_others(activation: str, link: Link, loss: str) -> None:
    network = a_network(activation, link, (1, 3))
    table = a_table(link, 5, seed=2)
    alone = [gradient_of(network, link, loss, table[[row]]) for row in range(5)]
    np.testing.assert_allclose(
        np.mean(alone, axis=0), gradient_of(network, link, loss, table), rtol=1e-10, atol=1e-14
    )


@pytest.mark.parametrize("link", LOSSES)
def test_errors_and_deltas_stay_finite_at_extreme_outputs(link: Link) -> None:
    for loss in LOSSES[link]:
        chosen = LOSSES[link][loss].value
        for size in (0.0, 1e3, -1e3, 1e8):
            logits = np.full((OUTPUTS[link], 4), size)
            logits[0] = -size
            targets = some_targets(link, 4, np.random.default_rng(0))
            assert np.isfinite(chosen.errors(logits.copy(), targets)).all(), loss
            deltas = np.empty_like(logits)
            chosen.deltas(logits, targets, deltas)
            assert np.isfinite(deltas).all(), loss


def slow_epoch(
    vector: np.ndarray,
    layers: tuple[int, ...],
    table: np.ndarray,
    order: np.ndarray,
    batch: int,
    rate: float,
    l2: float,
    rule: str,
    state: dict[str, np.ndarray],
) -> None:
    """One epoch of a tanh network with sigmoid and cross-entropy, row by row, as a textbook writes it."""
    weights = layer_views(vector, layers)
    for start in range(0, len(order), batch):
        gradients = [np.zeros_like(w) for w in weights]
        rows = order[start : start + batch]
        for row in rows:
            values = [table[row, : layers[0]]]
            for w in weights[:-1]:
                values.append(np.tanh(w[:, :-1] @ values[-1] + w[:, -1]))
            z = weights[-1][:, :-1] @ values[-1] + weights[-1][:, -1]
            label = (table[row, -1] + 1) / 2
            delta = 1 / (1 + np.exp(-z)) - label
            for layer in reversed(range(len(weights))):
                gradients[layer][:, :-1] += np.outer(delta, values[layer]) / len(rows)
                gradients[layer][:, -1] += delta / len(rows)
                delta = (weights[layer][:, :-1].T @ delta) * (1 - values[layer] ** 2)
        for w, g in zip(weights, gradients, strict=True):
            g[:, :-1] += l2 * w[:, :-1]
        gradient = np.concatenate([g.ravel() for g in gradients])
        state["step"] = step = state.get("step", 0) + 1
        if rule == "sgd":
            vector -= rate * gradient
        elif rule == "momentum":
            state["v"] = 0.9 * state.get("v", 0.0) + rate * gradient
            vector -= state["v"]
        else:
            state["m"] = 0.9 * state.get("m", 0.0) + 0.1 * gradient
            state["v"] = 0.999 * state.get("v", 0.0) + 0.001 * gradient**2
            first, second = state["m"] / (1 - 0.9**step), state["v"] / (1 - 0.999**step)
            vector -= rate * first / (np.sqrt(second) + 1e-8)


@pytest.mark.parametrize("rule", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("batch", [1, 8, 29, 40])
@pytest.mark.parametrize(("hidden", "l2"), [((), 0.0), ((5,), 0.01), ((4, 3), 0.0)])
def test_the_fast_step_does_what_its_slow_twin_does(
    rule: str, batch: int, hidden: tuple[int, ...], l2: float
) -> None:
    network = a_network("tanh", "sigmoid", hidden)
    slow = network.parameters.copy()
    table = a_table("sigmoid", 29, seed=3)
    optimizer = OPTIMIZERS[rule].value
    memory = np.zeros((optimizer.memory, len(slow)))
    loss = LOSSES["sigmoid"]["cross-entropy"].value
    descent = Descent(network, loss, table, optimizer, memory, batch, l2)
    descent.set_rate(0.05)
    generator, twin = np.random.default_rng(5), np.random.default_rng(5)
    state: dict[str, np.ndarray] = {}
    for _ in range(6):
        order = twin.permutation(29) if batch < 29 else np.arange(29)
        slow_epoch(slow, network.layers, table, order, batch, 0.05, l2, rule, state)
        descent.epoch(generator, OpenFloor())
    np.testing.assert_allclose(network.parameters, slow, rtol=1e-9, atol=1e-12)


def test_a_long_table_is_gathered_in_stretches_without_losing_a_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = a_table("sigmoid", 103, seed=4)
    loss = LOSSES["sigmoid"]["cross-entropy"].value

    def trained() -> np.ndarray:
        network = a_network("tanh", "sigmoid", (3,))
        descent = Descent(network, loss, table, OPTIMIZERS["sgd"].value, np.zeros((0, 0)), 4, 0.0)
        descent.set_rate(0.1)
        generator = np.random.default_rng(0)
        for _ in range(3):
            descent.epoch(generator, OpenFloor())
        return network.parameters

    at_once = trained()
    monkeypatch.setattr("core.step.STRETCH", 20)
    np.testing.assert_array_equal(trained(), at_once)


def test_the_measured_error_does_not_depend_on_the_chunk() -> None:
    for link in LOSSES:
        network, table = a_network("tanh", link, (3,)), a_table(link, 50, seed=6)
        loss = next(iter(LOSSES[link]))
        expected = mean_error(network, link, loss, table)
        for chunk in (1, 7, 50, 4096):
            error, _ = Measure(network, LOSSES[link][loss].value, table, chunk)()
            assert error == pytest.approx(expected, rel=1e-12)
