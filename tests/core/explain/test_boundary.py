"""The boundary: its values against single predictions, and the screen by keys."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from epochal.core.explain.boundary import axes, component_plane, plane, points, surface, weightiest
from epochal.core.explain.principal_components import components
from epochal.core.rows.examples import Examples, Feature
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.table import Column, Table
from epochal.tui.screens.boundary.screen import BoundaryScreen
from epochal.tui.widgets.heat import LEVELS, MARKS, Dots, cells, class_colours, class_tones, number_tones
from tests.lab import SIZES, Person, lab
from tests.tui.screens.test_network_screen import ascii_terminal, part, run_of

QUICK = Settings(epochs=60)


def trained(examples: Examples, **settings: object) -> Training:
    training = Training(examples, Settings(**{"epochs": 20, **settings}))  # type: ignore[arg-type]
    for _ in training:
        pass
    return training


def test_every_pixel_is_the_answer_for_that_place_with_the_others_at_their_medians(spine: Dataset) -> None:
    training = trained(spine.examples)
    grid = plane(training, 5, 1, 7, 4)
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


def test_certainty_grows_from_the_threshold_to_both_ends() -> None:
    positive = np.array([0.0, 0.19, 0.3, 0.31, 0.66, 1.0])
    answered, level = class_tones(np.column_stack([1 - positive, positive]), 0.3)
    assert answered.tolist() == [0, 0, 1, 1, 1, 1]
    assert level.tolist() == [LEVELS - 1, 3, 0, 0, 5, LEVELS - 1]
    answered, level = class_tones(np.array([[1 / 3, 1 / 3, 1 / 3], [0.0, 0.0, 1.0], [0.2, 0.62, 0.18]]), 0.5)
    assert answered.tolist() == [0, 2, 1]
    assert level.tolist() == [0, LEVELS - 1, 4]
    assert number_tones(np.array([-5.0, 0.0, 49.9, 50.1, 100.0, 200.0]), 0.0, 100.0).tolist() == [
        0,
        0,
        4,
        5,
        9,
        9,
    ]


@pytest.mark.parametrize("ascii_only", [True, False])
def test_points_stand_where_they_belong_with_the_mark_of_their_kind(ascii_only: bool) -> None:
    ground = (18, 18, 18)
    colours = class_colours(2, ground)
    height, width = 4, 10
    pixels = np.full((height if ascii_only else 2 * height, width), colours[0, 3], np.uint32)
    pixels[-1, 0] = colours[1, 9]
    dots = Dots(
        np.array([0.05, 0.95, 0.5]), np.array([0.1, 0.99, 0.1]), np.array([0, 3, 2]), np.array([0, 1, 1])
    )
    letters = np.full(pixels.shape, ord("A"), np.uint32)
    drawn = cells(pixels, letters, dots, colours[:, -1], ground, ascii_only=ascii_only)
    marks = MARKS[ascii_only]
    assert chr(drawn.glyphs[3, 0]) == marks[0]
    assert chr(drawn.glyphs[0, 9]) == marks[3]
    assert chr(drawn.glyphs[3, 5]) == marks[2]
    assert drawn.strokes[0, 9] == colours[1, -1]
    assert chr(drawn.glyphs[2, 5]) == "A"
    if ascii_only:
        assert drawn.behind[0, 0] == colours[1, 9]
        assert drawn.glyphs.max() < 127
    else:
        assert (drawn.strokes[0, 0], drawn.behind[0, 0]) == (colours[1, 9], colours[0, 3])


@asynccontextmanager
async def boundary(
    dataset: Dataset, settings: Settings = QUICK, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Person]:
    """The lab with a finished run and its boundary on the screen."""
    async with lab(dataset, settings, size) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("e")
        await person.until_shown("training row")
        yield person


@pytest.mark.parametrize("size", SIZES)
async def test_the_map_its_axes_and_its_legend_fit_every_size(size: str, iris: Dataset) -> None:
    async with boundary(iris, size=SIZES[size]) as person:
        assert "epoch 60 of 60, finished" in part(person, "boundary-top")
        assert "▀" in part(person, "boundary")
        for letter, name in zip("ABC", ("setosa", "versicolor", "virginica"), strict=True):
            assert f"{letter} {name}" in part(person, "boundary-legend")
            assert letter in part(person, "boundary")
        training = run_of(person).training
        assert training is not None
        rows = points(training)
        wrong = rows.wrong(training, training.network, 0.5)
        held_out = rows.held_out
        expected = f"answered wrongly: {wrong[~held_out].sum()} of 120 and {wrong[held_out].sum()} of 30"
        assert expected in part(person, "boundary-legend")


async def test_without_colour_letters_say_everywhere_what_is_answered(
    iris: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with boundary(iris) as person:
        await person.press("r")
        shown = part(person, "boundary")
        assert all(shown.count(letter) > 20 for letter in "ABC")


async def test_arrows_choose_the_features_and_never_the_same_twice(spine: Dataset) -> None:
    async with boundary(spine, size=SIZES["80x24"]) as person:
        seen = set()
        for key in ["right"] * 6 + ["up"] * 6 + ["left", "down"]:
            top = part(person, "boundary-top")
            across, up = re.search(r"(\S+) across, (\S+) up", top).groups()  # type: ignore[union-attr]
            assert across != up
            seen |= {across, up}
            await person.press(key)
        assert len(seen) == 6


async def test_the_rows_can_be_left_out(spine: Dataset) -> None:
    async with boundary(spine) as person:
        assert "○" in part(person, "boundary")
        await person.press("r")
        assert "○" not in part(person, "boundary")
        assert "r shows them" in part(person, "boundary-legend")


async def test_numbers_have_a_scale_with_its_ends() -> None:
    dataset = dataset_from(open_table("diabetes"))
    async with boundary(dataset) as person:
        training = run_of(person).training
        assert training is not None
        targets = dataset.examples.targets[training.split.train]
        legend = part(person, "boundary-legend")
        assert f"{targets.min():.1f} 0123456789 {targets.max():.0f}" in legend
        assert "wrongly" not in legend


async def test_it_follows_a_run_step_by_step(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=10_000_000)) as person:
        await person.press("s")
        await person.until(lambda: run_of(person).length == 1)
        await person.press("e")
        await person.until_shown("epoch 1 of 10,000,000, paused")
        await person.press("s")
        await person.until_shown("epoch 2 of 10,000,000, paused")


async def test_a_table_without_two_numbers_says_so() -> None:
    values = np.random.default_rng(0).normal(size=40)
    table = Table(
        "one",
        (
            Column("only", "number", values),
            Column("class", "category", (values > 0).astype(np.int32), ("no", "yes")),
        ),
    )
    async with lab(dataset_from(table), Settings(epochs=3)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("e")
        await person.until_shown("A plane needs two features that are numbers")
        await person.press("right", "up", "r", "escape")
        assert not isinstance(person.app.screen, BoundaryScreen)


@pytest.mark.parametrize("unicode", [True, False])
async def test_hostile_names_are_shown_as_they_are(unicode: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not unicode:
        ascii_terminal(monkeypatch)
    chance = np.random.default_rng(0)
    values = chance.normal(size=80)
    table = Table(
        "[/x]",
        (
            Column("[@click=app.quit]a[/]", "number", values),
            Column("\x1b[31m\u202eb", "number", chance.normal(size=80)),
            Column("漢字" * 20, "number", np.where(np.arange(80) < 5, np.nan, values)),
            Column("class", "category", (values > 0).astype(np.int32), ("[red]no[/]", "\x1b]52;c;x\x07")),
        ),
    )
    async with boundary(dataset_from(table)) as person:
        for key in ("right", "up", "up", "left"):
            text = "".join(person.lines())
            assert "\x1b" not in text
            assert "\u202e" not in text
            assert "[red]no[/]" in text
            assert unicode or text.isascii()
            await person.press(key)


async def test_without_a_run_it_says_how_to_begin_one(spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("e")
        assert len(person.app.screen_stack) == 1
        await person.until_shown("There is no boundary yet")


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


async def test_components_and_the_typed_row_are_one_key_away(spine: Dataset) -> None:
    async with lab(spine, QUICK) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("e")
        await person.until_shown("at their medians")
        await person.press("p")
        await person.until_shown("component 1 (")
        await person.press("h")
        await person.until_shown("as in the typed row")
        await person.press("p")
        await person.until_shown("held as in the typed row")
        assert "New sample" not in person.screen()


async def test_a_synthetic_table_is_a_playground() -> None:
    async with lab(dataset_from(open_table("moons")), QUICK, (160, 45)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("e")
        await person.until_shown("400 points, noise 0.15")
        await person.press("plus")
        await person.until_shown("400 points, noise 0.2")
        await person.press("right_parenthesis")
        await person.until_shown("800 points, noise 0.2")
        first = run_of(person)
        await person.press("n")
        await person.until(lambda: run_of(person) is not first)
        await person.wait_for_the_end()
        dataset = run_of(person).dataset
        assert dataset.table.name == "moons:rows=800,noise=0.2,seed=1"
        same = open_table(dataset.table.name)
        np.testing.assert_array_equal(same.columns[0].values, dataset.table.columns[0].values)
        await person.press("escape")
        assert person.app.dataset is dataset
