"""Inside a network: every figure against plain loops, finite differences and the training's own measures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from epochal.core.evaluation.judgement import evaluate, held_out_predictions
from epochal.core.explain.node_statistics import Layer, Probe, inside, shape_of
from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.losses import Loss, OutputActivation
from epochal.core.network.network import Network
from epochal.core.rows.examples import Examples
from epochal.core.training.training import Training
from epochal.data.tables.dataset import Dataset
from tests.runs import trained


def by_hand(parameters: np.ndarray, layers: tuple[int, ...], row: np.ndarray) -> list[list[float]]:
    """One row through a network of tanh nodes with one sigmoid output, number by number."""
    values, flat, at = [row.tolist()], parameters.tolist(), 0
    for depth, nodes in enumerate(layers[1:], 1):
        layer = []
        for _ in range(nodes):
            own = flat[at : at + len(values[-1]) + 1]
            at += len(own)
            total = math.fsum(w * v for w, v in zip(own, [*values[-1], 1.0], strict=True))
            last = depth == len(layers) - 1
            layer.append(1.0 / (1.0 + math.exp(-total)) if last else math.tanh(total))
        values.append(layer)
    return values


def test_every_value_is_what_the_network_computes_row_by_row(spine: Dataset) -> None:
    training = trained(spine.examples, hidden=(5, 3))
    probe = Probe.of(training)
    layers = probe.layers(training.network)
    assert [layer.nodes for layer in layers] == [6, 5, 3, 1]
    inputs = training.preparation.inputs(spine.examples.inputs[training.split.train])
    for row in (0, 17, len(inputs) - 1):
        expected = by_hand(training.network.parameters, training.network.layers, inputs[row])
        for layer, values in zip(layers, expected, strict=True):
            np.testing.assert_allclose(layer.values[row], values, rtol=1e-9, atol=1e-12)
    for layer in layers:
        for node in range(layer.nodes):
            column = layer.values[:, node].tolist()
            assert layer.mean[node] == pytest.approx(math.fsum(column) / len(column), abs=1e-12)


def test_weights_are_the_incoming_ones_with_the_bias_last(spine: Dataset) -> None:
    training = trained(spine.examples, hidden=(5, 3))
    layers = Probe.of(training).layers(training.network)
    flat = training.network.parameters
    np.testing.assert_array_equal(layers[1].weights[2], flat[14:21])
    np.testing.assert_array_equal(layers[2].weights[0], flat[35:41])
    assert layers[0].weights.size == 0


def test_a_saturated_row_is_one_where_tanh_hardly_slopes(spine: Dataset) -> None:
    training = trained(spine.examples, initial_weights="normal", hidden=(8,), learning_rate=0.5)
    network = training.network.with_parameters(training.network.parameters.copy())
    network.parameters[:] *= 3.0
    hidden = Probe.of(training).layers(network)[1]
    expected = [sum(1.0 - v * v < 0.01 for v in hidden.values[:, node].tolist()) for node in range(8)]
    assert hidden.flat_rows.tolist() == expected
    assert max(expected) > min(expected)
    assert hidden.flat_end == "saturated"
    assert hidden.saturated.tolist() == [2 * count >= len(hidden.values) for count in expected]
    assert not hidden.dead.any()


def test_a_relu_that_answers_nothing_to_every_row_is_dead() -> None:
    parameters = np.array([1.0, 0.5, -1.0, -9.0, 1.0, 1.0, 0.0])
    network = Network((1, 2, 1), "relu", "sigmoid", parameters)
    table = np.array([[x, 1.0, 1.0] for x in (-2.0, -1.0, 0.0, 1.0)])
    hidden = inside(network, trained_loss("sigmoid"), table)[1]
    assert hidden.flat_rows.tolist() == [2, 4]
    assert hidden.dead.tolist() == [False, True]
    assert [f"{value:.2f}" for value in hidden.values[:, 1]] == ["0.00"] * 4
    assert not hidden.saturated.any()


def trained_loss(link: OutputActivation) -> Loss:
    from epochal.core.network.output_kind import OUTPUT_KINDS

    return OUTPUT_KINDS[link].loss_named("by-task")[1]


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "step"])
def test_the_gradient_is_that_of_the_mean_error_over_the_training_rows(
    activation: str, spine: Dataset
) -> None:
    training = trained(spine.examples, activation=activation, hidden=(4, 3), epochs=3)
    probe = Probe.of(training)
    _check_gradient(training, probe.layers(training.network), probe)


@pytest.mark.parametrize("table", ["iris", "line"])
def test_the_gradient_is_right_for_classes_and_for_numbers(table: str, iris: Dataset, line: Examples) -> None:
    examples = iris.examples if table == "iris" else line
    training = trained(examples, hidden=(4,), epochs=3)
    probe = Probe.of(training)
    _check_gradient(training, probe.layers(training.network), probe)


def test_the_gradient_counts_rows_by_their_weights(spine: Dataset) -> None:
    training = trained(spine.examples, hidden=(4,), epochs=3, class_weights="balanced")
    probe = Probe.of(training)
    assert probe.table.shape[1] == 6 + 1 + 1 + 1
    _check_gradient(training, probe.layers(training.network), probe)


def _check_gradient(training: Training, layers: tuple[Layer, ...], probe: Probe) -> None:
    """Against central differences of the error that `errors` gives."""
    network, table = training.network, probe.table
    width, outputs = network.layers[0], network.layers[-1]
    targets = table[:, width + 1 : width + 1 + outputs].T
    weights = table[:, width + 1 + outputs] if table.shape[1] > width + 1 + outputs else np.ones(len(table))

    def error(parameters: np.ndarray) -> float:
        logits = probe.training.network.with_parameters(parameters).logits(table[:, :width]).T
        return float((probe.loss.errors(logits, targets) * weights).sum() / len(table))

    flat = network.parameters
    expected, step = np.empty(len(flat)), 1e-6
    for place in range(len(flat)):
        moved = flat.copy()
        moved[place] += step
        above = error(moved)
        moved[place] -= 2 * step
        expected[place] = (above - error(moved)) / (2 * step)
    found = np.concatenate([layer.gradient.ravel() for layer in layers[1:]])
    # A relu's corner may lie between two of the points.
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=2e-6)
    first = np.sqrt((expected[: layers[1].weights.size].reshape(layers[1].nodes, -1) ** 2).sum(axis=1))
    np.testing.assert_allclose(layers[1].gradient_norms, first, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("threshold", [0.3, 0.5])
def test_the_rows_right_are_those_of_the_result(threshold: float, spine: Dataset) -> None:
    training = trained(spine.examples, epochs=60, threshold=threshold)
    worth = Probe.of(training).worth(training.network, threshold)
    evaluation = evaluate(training)
    assert (worth.rows, worth.right) == (evaluation.rows, evaluation.correct)  # type: ignore[union-attr]


@pytest.mark.parametrize("settings", [{}, {"class_weights": "balanced"}, {"loss": "squared"}])
def test_the_error_is_the_one_on_the_chart(
    settings: dict[str, object], spine: Dataset, line: Examples
) -> None:
    for examples in (spine.examples, line):
        if "class_weights" in settings and not examples.classes:
            continue
        training = trained(examples, **settings)
        worth = Probe.of(training).worth(training.network)
        assert worth.error == pytest.approx(training.history[-1].held_out_error, rel=1e-12)


def test_with_numbers_it_is_the_typical_error_in_their_own_units(line: Examples) -> None:
    training = trained(line, hidden=(4,), epochs=60)
    probe, answers = Probe.of(training), held_out_predictions(training)
    worth = probe.worth(training.network)
    squares = np.square(answers.outputs - answers.targets).mean(axis=0)
    assert worth.right is None
    assert worth.rmse == pytest.approx(float(np.sqrt(squares).mean()))
    assert worth.rmse == pytest.approx(evaluate(training).rmse)  # type: ignore[union-attr]


def test_of_many_rows_evenly_spread_ones_are_looked_at(spine: Dataset) -> None:
    training = trained(spine.examples, epochs=1)
    probe = Probe.of(training, most_rows=50)
    assert probe.rows == 50
    whole = Probe.of(training).table
    assert probe.table[0].tolist() == whole[0].tolist()
    assert probe.table[-1].tolist() == whole[-1].tolist()
    assert len(probe.held_out) == len(training.split.held_out)


def test_an_activation_knows_its_ends() -> None:
    ends = {name: (shape_of(name).low, shape_of(name).high, shape_of(name).flat_end) for name in ACTIVATIONS}
    assert ends["tanh"] == (-1.0, 1.0, "saturated")
    assert ends["sigmoid"] == (0.0, 1.0, "saturated")
    assert ends["relu"] == (0.0, math.inf, "silent")
    assert ends["leaky-relu"] == (-math.inf, math.inf, "")
    assert ends["identity"] == (-math.inf, math.inf, "")
    assert ends["elu"] == (-1.0, math.inf, "saturated")
    assert {name for name, (*_, end) in ends.items() if end == "silent"} == {
        "relu",
        "gelu",
        "silu",
        "softplus",
    }
    for name in ACTIVATIONS:
        if name != "step":
            sums = np.linspace(-5, 5, 1001)
            values, slopes = np.empty_like(sums), np.empty_like(sums)
            ACTIVATIONS[name].value(sums.copy(), values, slopes)
            assert np.abs(slopes).max() <= shape_of(name).steepest * (1 + 1e-6)
