"""Each hidden node's map is its value at each place; a picture's weights stand where their pixels do."""

from __future__ import annotations

import numpy as np
import pytest

from epochal.core.explain.boundary import discretized, plane
from epochal.core.explain.node_maps import node_maps, pixels_of, weight_picture
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from
from tests.runs import trained


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_a_map_is_the_node_s_own_value_at_each_place(activation: str) -> None:
    training = trained(
        dataset_from(open_table("moons")).examples, hidden=(4, 3), activation=activation, epochs=5
    )
    grid = plane(training, 0, 1, 7, 5)
    maps = node_maps(training.network, grid)
    assert [layer.shape for layer in maps.layers] == [(4, 5, 7), (3, 5, 7)]
    place = np.array([[grid.x[3], grid.y[1]]])
    values = training.network.trace(training.preparation.inputs(place)).values
    for layer, own in zip(maps.layers, values, strict=True):
        shares = layer[:, 1, 3] if activation != "relu" else layer[:, 1, 3] / np.abs(layer).max()
        if activation == "relu":
            assert np.abs(layer).max() in (0.0, pytest.approx(1.0))
            assert (shares >= 0).all()
        else:
            np.testing.assert_allclose(shares, own[0], atol=1e-12)
        assert np.abs(layer).max() <= 1.0 + 1e-12


def test_digits_are_pictures_and_measurements_are_none() -> None:
    digits = dataset_from(open_table("digits"))
    side, pixels = pixels_of(digits.features)
    assert side == 8
    assert [f"pixel_{pixel // 8}_{pixel % 8}" for pixel in pixels] == list(digits.features)
    for table in ("iris", "column_2C_weka", "moons", "breast_cancer"):
        assert pixels_of(dataset_from(open_table(table)).features) == (0, ())
    for names in ([], [f"x{n}" for n in range(16)], [f"pixel{n}" for n in range(9)], ["a_1_2", "b_1_3"] * 8):
        assert pixels_of(names) == (0, ())


@pytest.mark.parametrize(
    "named", ["pixel{n}", "pixel_{n}", "px{one}", "{row1}x{column1}", "p_{row}_{column}", "r{row}c{column}"]
)
def test_pixels_are_known_by_their_names_as_people_write_them(named: str) -> None:
    def name(n: int) -> str:
        row, column = divmod(n, 28)
        return named.format(n=n, one=n + 1, row=row, column=column, row1=row + 1, column1=column + 1)

    side, pixels = pixels_of([name(n) for n in range(784)])
    assert (side, pixels) == (28, tuple(range(784)))


def test_a_weight_stands_where_its_pixel_does() -> None:
    training = trained(dataset_from(open_table("digits")).examples, hidden=(5,), epochs=1, held_out=0.9)
    names = training.preparation.names
    places = [tuple(map(int, name.split("_")[1:])) for name in names]
    picture = weight_picture(training.network, 2, [8 * row + column for row, column in places], 8)
    weights = training.network.weights[0][2, :-1]
    largest = np.abs(weights).max()
    for place, pixel in enumerate(places):
        assert picture[pixel] == pytest.approx(weights[place] / largest)
    assert np.count_nonzero(picture) <= len(names) < 64


@pytest.mark.parametrize("table", ["moons", "iris", "auto_mpg"])
def test_discretized_answers_are_classes_or_the_ends_of_the_scale(table: str) -> None:
    training = trained(dataset_from(open_table(table)).examples, epochs=3)
    rng = np.random.default_rng(0)
    wide = max(len(training.examples.classes), 1)
    answers = rng.random((6, 5, wide)) if training.examples.classes else 10 + 30 * rng.random((6, 5, 1))
    if training.examples.classes:
        answers /= answers.sum(axis=-1, keepdims=True)
    hard = discretized(training, answers, 0.5)
    if training.examples.classes:
        np.testing.assert_array_equal(hard.argmax(axis=-1), answers.argmax(axis=-1))
        assert set(hard.ravel().tolist()) <= {0.0, 1.0}
    else:
        targets = training.examples.targets[training.split.train]
        assert set(hard.ravel().tolist()) <= {float(targets.min()), float(targets.max())}


def test_settings_of_a_bare_network_have_no_maps() -> None:
    training = trained(dataset_from(open_table("moons")).examples, hidden=(), epochs=2)
    assert node_maps(training.network, plane(training, 0, 1, 4, 4)).layers == ()
