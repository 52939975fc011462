"""What hangs on each feature of a row, against differences, direct trial and plain distances."""

import numpy as np
import pytest

from epochal.core.evaluation.evaluation import decide
from epochal.core.explain.importance import importance
from epochal.core.explain.what_if import (
    counterfactuals,
    gradient_attributions,
    neighbours,
    output_gradient,
    usual,
)
from epochal.core.rows.examples import Examples, Feature
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.tables.dataset import Dataset

COLOURS = ("red", "green", "blue")


def trained(examples: Examples, **settings: object) -> Training:
    training = Training(examples, Settings(epochs=40, learning_rate=0.05, **settings))
    list(training)
    return training


def mixed(rows: int = 120, *, numbers: bool = False) -> Examples:
    """Two numbers, of which the first decides, and a colour that matters too; some cells are missing."""
    chance = np.random.default_rng(5)
    inputs = np.column_stack(
        [chance.normal(50, 9, rows), chance.normal(0, 0.1, rows), chance.integers(3, size=rows)]
    )
    score = (inputs[:, 0] - 50) / 9 + (inputs[:, 2] == 1) + 0.1 * chance.normal(size=rows)
    inputs[::17, 1] = np.nan
    features = (Feature("size"), Feature("noise"), Feature("colour", COLOURS))
    if numbers:
        return Examples(features, inputs, 100 * score[:, None])
    return Examples(features, inputs, (score > 0.3).astype(np.intp), ("small", "large"))


@pytest.mark.parametrize("activation", ["tanh", "softplus"])
@pytest.mark.parametrize("hidden", [(), (5,), (4, 3)])
@pytest.mark.parametrize("table", ["spine", "iris", "line"])
def test_the_gradient_of_an_output_is_its_slope(
    table: str, hidden: tuple[int, ...], activation: str, spine: Dataset, iris: Dataset
) -> None:
    examples = {"spine": spine.examples, "iris": iris.examples, "line": mixed(numbers=True)}[table]
    network = trained(examples, hidden=hidden, activation=activation).network
    inputs = np.random.default_rng(1).normal(size=network.layers[0])
    for output in range(network.outputs(inputs[None]).shape[1]):
        moved = inputs + 1e-6 * np.eye(len(inputs)), inputs - 1e-6 * np.eye(len(inputs))
        high, low = (network.outputs(each)[:, output] for each in moved)
        measured = (high - low) / 2e-6
        np.testing.assert_allclose(output_gradient(network, inputs, output), measured, rtol=1e-5, atol=1e-8)


def test_pushes_are_gradient_times_distance_and_zero_for_what_is_usual(spine: Dataset) -> None:
    training = trained(spine.examples)
    known = usual(spine.examples, training.split.train)
    row = spine.examples.inputs[7].copy()
    row[2] = known.middle[2]
    pushed = gradient_attributions(training.predictor, row, known.middle, 1)
    assert pushed[2] == 0.0
    for index in (0, 1, 3):
        step = 1e-5 * known.deviation[index]
        up, down = row.copy(), row.copy()
        up[index] += step
        down[index] -= step
        slope = (training.outputs(up[None])[0, 1] - training.outputs(down[None])[0, 1]) / (2 * step)
        assert pushed[index] == pytest.approx(slope * (row[index] - known.middle[index]), rel=1e-4)


def test_pushes_are_in_the_targets_units_and_know_categories() -> None:
    examples = mixed(numbers=True)
    training = trained(examples, hidden=())  # straight: pushes add up exactly
    known = usual(examples, training.split.train)
    row = np.array([62.0, 0.05, 1.0])
    pushed = gradient_attributions(training.predictor, row, known.middle, 0)
    there = training.outputs(np.array([row, known.middle]))[:, 0]
    assert pushed.sum() == pytest.approx(there[0] - there[1], rel=1e-9)
    assert known.middle[2] in (0.0, 1.0, 2.0)
    assert np.isnan(known.deviation[2])


def test_what_is_usual_is_learned_from_the_training_rows_only() -> None:
    examples = mixed()
    train = np.arange(60)
    before = usual(examples, train)
    examples.inputs[60:] = 1e9
    np.testing.assert_array_equal(usual(examples, train).high, before.high)


def test_the_least_change_flips_the_answer_and_a_little_less_does_not(spine: Dataset) -> None:
    training = trained(spine.examples)
    known = usual(spine.examples, training.split.train)
    seen = 0
    for example in training.split.held_out[:12]:
        row = spine.examples.inputs[example]
        answer = int(decide(training.outputs(row[None]), 0.5)[0])
        found = counterfactuals(training.predictor, spine.examples, row, known)
        assert [flip.distance for flip in found] == sorted(flip.distance for flip in found)
        for flip in found:
            seen += 1
            assert known.low[flip.feature] <= flip.new <= known.high[flip.feature]
            there, before = row.copy(), row.copy()
            there[flip.feature] = flip.new
            before[flip.feature] = flip.new - (flip.new - flip.old) * 1e-3
            answers = decide(training.outputs(np.array([there, before])), 0.5)
            assert answers.tolist() == [flip.answer, answer]
            assert flip.answer != answer
            # Nothing nearer does: a fine walk from the row to just before it.
            walk = np.repeat(row[None], 500, axis=0)
            walk[:, flip.feature] = np.linspace(flip.old, before[flip.feature], 500)
            assert (decide(training.outputs(walk), 0.5) == answer).all()
    assert seen > 5


def test_a_category_can_flip_the_answer_and_stands_after_numbers() -> None:
    examples = mixed(400)
    training = trained(examples)
    known = usual(examples, training.split.train)
    found = counterfactuals(training.predictor, examples, np.array([49.0, 0.0, 0.0]), known)
    kinds = [bool(examples.features[flip.feature].categories) for flip in found]
    assert kinds == sorted(kinds)
    assert kinds[0] is False
    (green,) = [flip for flip in found if flip.feature == 2]
    assert (green.old, green.new, np.isnan(green.distance)) == (0.0, 1.0, True)


def test_a_row_that_nothing_alone_flips_says_so() -> None:
    examples = mixed(400)
    training = trained(examples, hidden=())
    training.network.parameters[:] = 0.0
    training.network.parameters[-1] = 9.0
    known = usual(examples, training.split.train)
    assert counterfactuals(training.predictor, examples, np.array([49.0, 0.0, 0.0]), known) == []


def test_neighbours_are_the_nearest_training_rows(iris: Dataset) -> None:
    training = trained(iris.examples)
    train, row = training.split.train, iris.examples.inputs[training.split.held_out[0]]
    prepared = training.preparation.inputs(iris.examples.inputs)
    distances = np.linalg.norm(prepared[train] - training.preparation.inputs(row[None]), axis=1)
    found = neighbours(training.predictor, iris.examples, train, row)
    np.testing.assert_allclose([each.distance for each in found], np.sort(distances)[:5])
    assert {each.example for each in found} <= set(train.tolist())
    itself = neighbours(training.predictor, iris.examples, train, iris.examples.inputs[train[3]], 1)
    assert itself[0].distance == 0.0


def test_importance_is_what_dealing_out_a_column_loses(spine: Dataset) -> None:
    training = trained(spine.examples)
    rows = training.split.held_out
    found = importance(training.predictor, spine.examples, rows, seed=3, repeats=4)
    chance = np.random.default_rng(3)
    inputs, truth = spine.examples.inputs[rows], spine.examples.targets[rows]
    right = (decide(training.outputs(inputs), 0.5) == truth).mean()
    lost = []
    for _ in range(4):
        order = chance.permutation(len(rows))
        dealt = inputs.copy()
        dealt[:, 5] = inputs[order, 5]
        lost.append(right - (decide(training.outputs(dealt), 0.5) == truth).mean())
    assert found.mean[5] == pytest.approx(np.mean(lost))
    assert found.deviation[5] == pytest.approx(np.std(lost))
    assert found.mean.argmax() == 5  # the slip of a vertebra tells most


def test_a_feature_the_network_does_not_look_at_has_no_importance() -> None:
    examples = mixed(200, numbers=True)
    training = trained(examples, hidden=())
    column = training.preparation.names.index("noise")
    missing = training.preparation.names.index("noise missing")
    training.network.weights[0][:, [column, missing]] = 0.0
    found = importance(training.predictor, examples, training.split.held_out)
    assert found.mean[1] == 0.0
    assert found.mean[0] > found.mean[2] > 0.0
    with pytest.raises(ValueError, match="no rows"):
        importance(training.predictor, examples, np.arange(0))
