"""Networks without some of their nodes, against networks that never had them and against plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from epochal.core.explain.ablation import each_without, fixed, heaviest, means, without
from epochal.core.explain.node_statistics import Probe
from epochal.core.network.network import Network
from epochal.core.rows.examples import Examples
from epochal.data.tables.dataset import Dataset
from tests.runs import trained


def test_a_network_without_a_node_never_hears_of_it(spine: Dataset) -> None:
    training = trained(spine.examples, hidden=(5, 3))
    before = training.network.parameters.copy()
    cut = without(training.network, [(1, 2), (0, 4)])
    np.testing.assert_array_equal(training.network.parameters, before)
    raw = training.preparation.inputs(spine.examples.inputs[:40])
    first, second, last = (layer.copy() for layer in training.network.weights)
    hidden = np.tanh(np.delete(raw, 4, 1) @ np.delete(first[:, :-1], 4, 1).T + first[:, -1])
    hidden = np.tanh(np.delete(hidden, 2, 1) @ np.delete(second[:, :-1], 2, 1).T + second[:, -1])
    expected = 1.0 / (1.0 + np.exp(-(hidden @ last[:, :-1].T + last[:, -1])))
    np.testing.assert_allclose(cut.outputs(raw)[:, 1:], expected, rtol=1e-9)
    assert np.count_nonzero(cut.parameters != before) == 5 + 3


def test_an_output_cannot_be_cut() -> None:
    network = Network((2, 3, 1), "tanh", "sigmoid", np.ones(13))
    with pytest.raises(ValueError, match="no outgoing weights"):
        without(network, [(2, 0)])


def test_the_rows_right_without_a_node_are_counted_row_by_row(iris: Dataset) -> None:
    training = trained(iris.examples, hidden=(4,), epochs=60, activation="relu")
    probe, held_out = Probe.of(training), training.split.held_out
    first, last = (layer.copy() for layer in training.network.weights)
    counts = set()
    for node in range(4):
        right = 0
        for row in held_out:
            values = training.preparation.inputs(iris.examples.inputs[[row]])[0]
            hidden = np.maximum(first[:, :-1] @ values + first[:, -1], 0.0)
            hidden[node] = 0.0
            right += int((last[:, :-1] @ hidden + last[:, -1]).argmax() == iris.examples.targets[row])
        worth = probe.worth(without(training.network, [(1, node)]))
        assert (worth.rows, worth.right, worth.rmse) == (len(held_out), right, None)
        counts.add(right)
    assert len(counts) > 1


def test_a_fixed_node_answers_one_number_whatever_the_row(spine: Dataset) -> None:
    training = trained(spine.examples, hidden=(5, 3))
    held = fixed(training.network, {(1, 2): 0.25, (1, 4): -0.5, (2, 0): 0.75})
    raw = training.preparation.inputs(spine.examples.inputs[:40])
    first, second, last = training.network.weights
    hidden = np.tanh(raw @ first[:, :-1].T + first[:, -1])
    hidden[:, 2], hidden[:, 4] = 0.25, -0.5
    hidden = np.tanh(hidden @ second[:, :-1].T + second[:, -1])
    hidden[:, 0] = 0.75
    expected = 1.0 / (1.0 + np.exp(-(hidden @ last[:, :-1].T + last[:, -1])))
    np.testing.assert_allclose(held.outputs(raw)[:, 1:], expected, rtol=1e-12)


def test_a_node_that_answers_its_mean_anyway_is_not_missed(spine: Dataset) -> None:
    training = trained(spine.examples, hidden=(4,))
    network = training.network
    network.weights[0][1, :-1] = 0.0
    probe = Probe.of(training)
    still = probe.worth(fixed(network, means(probe, network, [(1, 1)])))
    assert still.error == pytest.approx(probe.worth(network).error, rel=1e-12)


@pytest.mark.parametrize("hidden", [(7,), (5, 4), (3, 4, 2), ()])
def test_each_without_is_the_worth_without_each(
    hidden: tuple[int, ...], spine: Dataset, iris: Dataset, line: Examples
) -> None:
    for examples in (spine.examples, iris.examples, line):
        training = trained(examples, hidden=hidden)
        probe = Probe.of(training)
        worths = each_without(probe, training.network, 0.4)
        assert len(worths) == sum(hidden)
        for node, worth in worths.items():
            direct = probe.worth(without(training.network, [node]), 0.4)
            assert worth.error == pytest.approx(direct.error, rel=1e-9)
            assert (worth.rows, worth.right) == (direct.rows, direct.right)
        if worths:
            assert worths[heaviest(worths)].error == max(worth.error for worth in worths.values())
