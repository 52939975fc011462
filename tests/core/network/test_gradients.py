"""Gradients against finite differences, and the fast step against a plain slow twin."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from epochal.core.bound_ops import run
from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.losses import LOSSES, OutputActivation
from epochal.core.network.network import Network, layer_views, parameter_count
from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.core.rows.encoded_rows import EncodedRows
from epochal.core.training.gate import OpenGate
from epochal.core.training.measure import Measure
from epochal.core.training.propagation import Pass
from epochal.core.training.regularization import Regularization
from epochal.core.training.step import Descent

INSIDE = [name for name in ACTIVATIONS if name != "step"]
CASES = [(a, link, loss) for a, link in product(INSIDE, LOSSES) for loss in LOSSES[link]]
OUTPUTS = {"sigmoid": 1, "softmax": 3, "identity": 2, "step": 1, "exponential": 2}


def a_network(activation: str, link: OutputActivation, hidden: tuple[int, ...], seed: int = 0) -> Network:
    layers = (4, *hidden, OUTPUTS[link])
    parameters = np.random.default_rng(seed).normal(0.0, 0.7, parameter_count(layers))
    return Network(layers, activation, link, parameters)


def some_targets(link: OutputActivation, rows: int, chance: np.random.Generator) -> np.ndarray:
    if link in ("sigmoid", "step"):
        return chance.choice([-1.0, 1.0], (1, rows))
    if link == "softmax":
        return np.eye(3)[chance.integers(3, size=rows)].T
    if link == "exponential":
        # Counts, zeros among them.
        return chance.poisson(1.5, (2, rows)) / 1.5
    return chance.normal(size=(2, rows))


def a_table(link: OutputActivation, rows: int, seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    inputs = chance.normal(size=(rows, 4))
    return np.hstack([inputs, np.ones((rows, 1)), some_targets(link, rows, chance).T])


def encoded(table: np.ndarray, outputs: int | None = None) -> EncodedRows:
    """Four features, a one, so many outputs or all that is left, and else a weight."""
    end = 5 + (outputs or table.shape[1] - 5)
    weights = table[:, end].copy() if table.shape[1] > end else None
    return EncodedRows(table[:, :5].copy(), table[:, 5:end].copy(), weights)


def mean_error(network: Network, link: OutputActivation, loss: str, table: np.ndarray) -> float:
    """The mean error by the plain forward pass of `Network.logits`, not by the step's buffers."""
    logits = network.logits(table[:, :4]).T
    return float(LOSSES[link][loss].value.errors(logits, table[:, 5:].T).mean())


def gradient_of(network: Network, link: OutputActivation, loss: str, table: np.ndarray) -> np.ndarray:
    gradient = np.zeros_like(network.parameters)
    chosen = LOSSES[link][loss].value
    through = Pass(network, chosen, len(table), gradient)
    through.set_scale(chosen.gain / len(table))
    run(through.forward(table[:, :5].T))
    run(through.backward(encoded(table)))
    return gradient


@pytest.mark.parametrize(("activation", "link", "loss"), CASES)
@pytest.mark.parametrize("hidden", [(), (5,), (4, 3), (3, 4, 2)])
def test_the_gradient_is_the_slope_of_the_mean_error(
    activation: str, link: OutputActivation, loss: str, hidden: tuple[int, ...]
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
def test_a_single_row_gives_the_same_gradient_as_among_others(
    activation: str, link: OutputActivation, loss: str
) -> None:
    network = a_network(activation, link, (1, 3))
    table = a_table(link, 5, seed=2)
    alone = [gradient_of(network, link, loss, table[[row]]) for row in range(5)]
    np.testing.assert_allclose(
        np.mean(alone, axis=0), gradient_of(network, link, loss, table), rtol=1e-10, atol=1e-14
    )


@pytest.mark.parametrize("link", LOSSES)
def test_errors_and_deltas_stay_finite_at_extreme_outputs(link: OutputActivation) -> None:
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
        step = int(state.get("step", np.zeros(())) + 1)
        state["step"] = np.array(step)
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
    descent = Descent(
        network, loss, encoded(table), optimizer, memory, batch, regularization=Regularization(l2=l2)
    )
    descent.set_rate(0.05)
    generator, twin = np.random.default_rng(5), np.random.default_rng(5)
    state: dict[str, np.ndarray] = {}
    for _ in range(6):
        order = twin.permutation(29) if batch < 29 else np.arange(29)
        slow_epoch(slow, network.layers, table, order, batch, 0.05, l2, rule, state)
        descent.epoch(generator, OpenGate())
    np.testing.assert_allclose(network.parameters, slow, rtol=1e-9, atol=1e-12)


def test_a_long_table_is_gathered_in_stretches_without_losing_a_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = a_table("sigmoid", 103, seed=4)
    loss = LOSSES["sigmoid"]["cross-entropy"].value

    def trained() -> np.ndarray:
        network = a_network("tanh", "sigmoid", (3,))
        descent = Descent(network, loss, encoded(table), OPTIMIZERS["sgd"].value, np.zeros((0, 0)), 4)
        descent.set_rate(0.1)
        generator = np.random.default_rng(0)
        for _ in range(3):
            descent.epoch(generator, OpenGate())
        return network.parameters

    at_once = trained()
    monkeypatch.setattr("epochal.core.training.step.STRETCH", 100)
    np.testing.assert_array_equal(trained(), at_once)


@pytest.mark.parametrize("chunk", [1, 7, 50, 4096])
@pytest.mark.parametrize("link", LOSSES)
def test_the_measured_error_does_not_depend_on_the_chunk(
    link: OutputActivation, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("epochal.core.training.measure.CHUNK_ROWS", chunk)
    network, tables = a_network("tanh", link, (3,)), [a_table(link, rows, seed=6) for rows in (50, 9)]
    for loss in LOSSES[link]:
        sizes = [len(table) for table in tables]
        errors, _ = Measure(network, LOSSES[link][loss].value, encoded(np.concatenate(tables)), sizes)()
        for error, table in zip(errors, tables, strict=True):
            assert error == pytest.approx(mean_error(network, link, loss, table), rel=1e-12)


def test_weights_of_rows_are_as_good_as_repeated_rows() -> None:
    """A row that counts three times stands for three equal rows: in the error, and in the gradient."""
    table = a_table("softmax", 6, seed=8)
    counts = np.array([1.0, 3.0, 2.0, 1.0, 0.0, 2.0])
    repeated = np.repeat(table, counts.astype(int), axis=0)
    loss = LOSSES["softmax"]["cross-entropy"].value

    def trained(rows: np.ndarray) -> tuple[np.ndarray, float]:
        network = a_network("tanh", "softmax", (3,))
        descent = Descent(
            network, loss, encoded(rows, 3), OPTIMIZERS["sgd"].value, np.zeros((0, 0)), len(rows)
        )
        descent.set_rate(0.5)
        for _ in range(4):
            descent.epoch(np.random.default_rng(0), OpenGate())
        (error,), _ = Measure(network, loss, encoded(rows, 3), [len(rows)])()
        return network.parameters, error

    weighted, error = trained(np.hstack([table, counts[:, None] * 6 / 9]))
    plain, expected = trained(repeated)
    np.testing.assert_allclose(weighted, plain, rtol=1e-12)
    assert error == pytest.approx(expected, rel=1e-12)


def test_penalties_pull_on_weights_and_not_on_biases() -> None:
    """The step's gradient is the slope of error + l1 |w| + l2 w w / 2, biases excepted."""
    network, table = a_network("tanh", "sigmoid", (4,)), a_table("sigmoid", 9, seed=9)
    loss = LOSSES["sigmoid"]["cross-entropy"].value
    plain = gradient_of(network, "sigmoid", "cross-entropy", table)
    before = network.parameters.copy()
    regularization = Regularization(l2=0.3, l1=0.05)
    descent = Descent(
        network,
        loss,
        encoded(table),
        OPTIMIZERS["sgd"].value,
        np.zeros((0, 0)),
        9,
        regularization=regularization,
    )
    descent.set_rate(0.01)
    descent.epoch(np.random.default_rng(0), OpenGate())
    expected = plain.copy()
    for slope, weights in zip(
        layer_views(expected, network.layers), layer_views(before, network.layers), strict=True
    ):
        slope[:, :-1] += 0.3 * weights[:, :-1] + 0.05 * np.sign(weights[:, :-1])
    np.testing.assert_allclose((before - network.parameters) / 0.01, expected, rtol=1e-9)


@pytest.mark.parametrize("rule", ["sgd", "adam"])
def test_a_long_gradient_is_clipped_to_its_longest_and_a_short_one_left(rule: str) -> None:
    table = a_table("identity", 9, seed=9)
    loss = LOSSES["identity"]["squared"].value
    optimizer = OPTIMIZERS[rule].value

    def norm(clip: float) -> float:
        network = a_network("tanh", "identity", (4,))
        memory = np.zeros((optimizer.memory, len(network.parameters)))
        descent = Descent(
            network, loss, encoded(table), optimizer, memory, 9, regularization=Regularization(clip=clip)
        )
        descent.set_rate(0.01)
        descent.epoch(np.random.default_rng(0), OpenGate())
        return descent.gradient_norm()

    free = norm(0.0)
    assert norm(0.1 * free) == pytest.approx(0.1 * free)
    assert norm(10 * free) == free


def test_dropout_drops_the_share_asked_for_and_keeps_the_mean() -> None:
    network = a_network("tanh", "sigmoid", (40,))
    loss = LOSSES["sigmoid"]["cross-entropy"].value
    inputs = np.hstack([np.random.default_rng(0).normal(size=(500, 4)), np.ones((500, 1))])
    whole = Pass(network, loss, 500, np.zeros_like(network.parameters))
    run(whole.forward(inputs.T))
    expected = whole.logits.copy()
    dropping = Pass(
        network, loss, 500, np.zeros_like(network.parameters), dropout=0.3, rngs=[np.random.default_rng(1)]
    )
    draws = []
    for _ in range(200):
        run(dropping.forward(inputs.T))
        draws.append(dropping.logits.copy())
    spread = np.std(draws, axis=0) / np.sqrt(len(draws))
    assert np.mean(np.abs(np.mean(draws, axis=0) - expected) / spread < 4.0) > 0.995
    # The variance of a sum of values, each kept with probability 0.7 and divided by it.
    values = np.tanh(network.weights[0] @ inputs.T) * network.weights[1][0, :-1, None]
    np.testing.assert_allclose(
        np.var(draws, axis=0)[0], (0.3 / 0.7) * np.square(values).sum(axis=0), rtol=0.5
    )


def test_with_dropout_the_gradient_is_that_of_the_thinned_network() -> None:
    network, table = a_network("tanh", "sigmoid", (5, 4)), a_table("sigmoid", 6, seed=3)
    loss = LOSSES["sigmoid"]["cross-entropy"].value
    gradient = np.zeros_like(network.parameters)

    def thinned() -> Pass:
        through = Pass(network, loss, 6, gradient, dropout=0.4, rngs=[np.random.default_rng(7)])
        through.set_scale(loss.gain / 6)
        run(through.forward(table[:, :5].T))
        return through

    run(thinned().backward(encoded(table)))
    measured = np.empty_like(gradient)
    for index in range(len(gradient)):
        kept, errors = network.parameters[index], []
        for moved in (kept + 1e-6, kept - 1e-6):
            network.parameters[index] = moved
            errors.append(loss.errors(thinned().logits, table[:, 5:].T).mean())
        network.parameters[index] = kept
        measured[index] = (errors[0] - errors[1]) / 2e-6
    np.testing.assert_allclose(gradient, measured, rtol=2e-5, atol=2e-8)
