"""The boundary: its values against single predictions."""

from __future__ import annotations

import numpy as np
import pytest

from epochal.core.explain.boundary import axes, component_plane, plane, points, surface, weightiest
from epochal.core.explain.principal_components import components
from epochal.core.rows.examples import Examples, Feature
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.tables.dataset import Dataset
from tests.runs import trained


def test_every_pixel_is_the_answer_for_that_place_with_the_others_at_their_medians(spine: Dataset) -> None:
    training = trained(spine.examples)
    grid = plane(training, 5, 1, 7, 4, whole=True)
    found = surface(training, grid, training.network)
    assert found.shape == (4, 7, 2)
    middle = np.median(spine.examples.inputs[training.split.train], axis=0)
    for row in range(4):
        for column in range(7):
            raw = middle.copy()
            raw[5], raw[1] = grid.x[column], grid.y[row]
            np.testing.assert_allclose(found[row, column], training.outputs(raw[None])[0], rtol=1e-9)
    inputs = spine.examples.inputs
    for feature, span, middles in ((5, grid.x_span, grid.x), (1, grid.y_span, grid.y)):
        assert span[0] < inputs[:, feature].min() < inputs[:, feature].max() < span[1]
        width = (span[1] - span[0]) / len(middles)
        np.testing.assert_allclose(middles, [span[0] + (i + 0.5) * width for i in range(len(middles))])


def test_numbers_are_in_the_targets_own_units(line: Examples) -> None:
    training = trained(line, epochs=100)
    grid = plane(training, 0, 2, 3, 3)
    raw = np.median(line.inputs[training.split.train], axis=0)
    raw[0], raw[2] = grid.x[2], grid.y[0]
    np.testing.assert_allclose(
        surface(training, grid, training.network)[0, 2], training.outputs(raw[None])[0], rtol=1e-9
    )


def test_a_category_stays_the_most_frequent_one_and_is_no_axis() -> None:
    chance = np.random.default_rng(0)
    inputs = np.column_stack([chance.normal(size=60), np.arange(60) % 3 == 0, chance.normal(size=60)])
    features = (Feature("a"), Feature("colour", ("red", "blue")), Feature("b"))
    examples = Examples(features, inputs, (inputs[:, 0] > 0).astype(np.intp), ("no", "yes"))
    training = trained(examples)
    assert axes(training).tolist() == [0, 2]
    grid = plane(training, 0, 2, 2, 2)
    raw = np.array([grid.x[1], 0.0, grid.y[1]])
    found = surface(training, grid, training.network)[1, 1]
    np.testing.assert_allclose(found, training.outputs(raw[None])[0], rtol=1e-9)


def test_the_first_axes_are_those_with_the_longest_weights(spine: Dataset) -> None:
    training = trained(spine.examples, epochs=100)
    lengths = [float(np.sqrt((training.network.weights[0][:, i] ** 2).sum())) for i in range(6)]
    first, second = weightiest(training, training.network)
    assert lengths[first] == max(lengths)
    assert sorted(lengths)[-2] == lengths[second]


def test_mistakes_are_those_of_the_rows_with_all_their_values(spine: Dataset) -> None:
    training = trained(spine.examples)
    rows = points(training)
    assert sorted(rows.rows) == list(range(len(spine.examples)))
    assert rows.rows[rows.held_out].tolist() == training.split.held_out.tolist()
    for threshold in (0.3, 0.5):
        said = training.outputs(spine.examples.inputs[rows.rows])[:, 1] >= threshold
        expected = said != (spine.examples.targets[rows.rows] == 1)
        assert rows.wrong(training, training.network, threshold).tolist() == expected.tolist()


def test_of_many_rows_only_some_are_points(spine: Dataset) -> None:
    rows = points(trained(spine.examples, epochs=1), most=20)
    assert (len(rows.rows), int(rows.held_out.sum())) == (40, 20)


def test_principal_components_are_scikit_learns(spine: Dataset) -> None:
    decomposition = pytest.importorskip("sklearn.decomposition")
    training = trained(spine.examples)
    inputs = training.preparation.inputs(spine.examples.inputs[training.split.train])
    ours, theirs = components(inputs), decomposition.PCA(2).fit(inputs)
    np.testing.assert_allclose(np.abs(ours.directions), np.abs(theirs.components_), atol=1e-9)
    np.testing.assert_allclose(ours.shares, theirs.explained_variance_ratio_, rtol=1e-9)
    np.testing.assert_allclose(np.abs(ours.scores(inputs)), np.abs(theirs.transform(inputs)), atol=1e-8)
    assert (ours.directions.max(axis=1) == np.abs(ours.directions).max(axis=1)).all()
    with pytest.raises(ValueError, match="two columns"):
        components(inputs[:, :1])


def test_a_plane_of_components_goes_through_the_mean_or_the_held_row(spine: Dataset) -> None:
    training = trained(spine.examples)
    rows = points(training)
    found = components(training.preparation.inputs(spine.examples.inputs[training.split.train]))
    for held in (None, spine.examples.inputs[4]):
        grid = component_plane(training, found, rows, 5, 3, held)
        np.testing.assert_allclose(found.scores(grid.inputs[7:8]), [[grid.x[2], grid.y[1]]], atol=1e-9)
        start = found.centre if held is None else training.preparation.inputs(held[None])[0]
        off = grid.inputs - start
        np.testing.assert_allclose(off - off @ found.directions.T @ found.directions, 0.0, atol=1e-9)


def test_the_other_features_are_as_in_the_row_that_is_held(spine: Dataset) -> None:
    training = trained(spine.examples)
    held = spine.examples.inputs[11]
    grid = plane(training, 2, 3, 4, 4, held)
    raw = held.copy()
    raw[2], raw[3] = grid.x[3], grid.y[1]
    found = surface(training, grid, training.network)[1, 3]
    np.testing.assert_allclose(found, training.outputs(raw[None])[0], rtol=1e-9)


def far_out(far: float) -> Training:
    rng = np.random.default_rng(3)
    inputs = rng.normal(size=(400, 2))
    inputs[:3, 0] = far
    examples = Examples(
        (Feature("a"), Feature("b")), inputs, (inputs[:, 1] > 0).astype(np.intp), ("no", "yes")
    )
    return Training(examples, Settings(epochs=1))


@pytest.mark.parametrize("far", [30.0, -1e6])
def test_far_outliers_are_off_the_plane_unless_all_is_asked_for(far: float) -> None:
    training = far_out(far)
    near, whole = plane(training, 0, 1, 8, 8), plane(training, 0, 1, 8, 8, whole=True)
    column = training.examples.inputs[:, 0]
    first, last = np.quantile(column, (0.01, 0.99))
    assert near.x_span[0] == pytest.approx(first - 0.04 * (last - first))
    assert near.x_span[1] == pytest.approx(last + 0.04 * (last - first))
    assert whole.x_span[0] <= min(far, column.min())
    assert whole.x_span[1] >= max(far, column.max())
    assert near.y_span == whole.y_span, "where nothing is far off, all is shown"
    places = training.examples.inputs
    assert whole.holds(places).all()
    assert not near.holds(places)[:3].any()
    assert near.holds(places).mean() > 0.97
