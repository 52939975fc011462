"""The boundary's screen, by keys."""

from __future__ import annotations

import re
from contextlib import AbstractAsyncContextManager

import numpy as np
import pytest

from epochal.core.explain.boundary import points
from epochal.core.settings import Settings
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.table import Column, Table
from epochal.tui.screens.boundary.curve import CurveScreen
from epochal.tui.screens.boundary.screen import BoundaryScreen
from tests.lab import SIZES, Person, ascii_terminal, full_screen, lab, part, run_of
from tests.runs import sampled

QUICK = Settings(epochs=60)


def boundary(
    dataset: Dataset, settings: Settings = QUICK, size: tuple[int, int] = (120, 40)
) -> AbstractAsyncContextManager[Person]:
    """The lab with a finished run and its boundary on the screen."""
    return full_screen("e", "training row", dataset, settings, size)


@pytest.mark.parametrize("size", sampled(SIZES, 1, "the map its axes and"))
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
        expected = f"misclassified: {wrong[~held_out].sum()} of 120 and {wrong[held_out].sum()} of 30"
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
            Column("word", "category", np.arange(40, dtype=np.int32) % 3, ("a", "b", "c")),
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


async def test_without_a_run_the_boundary_is_shown_before_training(spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("e")
        await person.until_shown("Boundary, epoch 0 of 300, paused")
        assert isinstance(person.app.screen, BoundaryScreen)
        assert run_of(person).length == 0


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


async def test_far_outliers_are_counted_and_shown_by_a_key() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=300), rng.normal(size=300)
    x[:3] = 1000.0
    kinds = Column("kind", "category", (y > 0).astype(np.int32), ("no", "yes"))
    table = Table("far", (Column("a", "number", x), Column("b", "number", y), kinds))
    async with lab(dataset_from(table), Settings(epochs=5), (120, 40)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("e")
        await person.until_shown("4 far off (z shows)")
        await person.press("z")
        await person.until_shown("1000")
        assert "far off" not in person.screen()
        await person.press("z")
        await person.until_shown("4 far off (z shows)")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_one_feature_is_shown_as_a_fitted_curve_with_its_points(size: tuple[int, int]) -> None:
    sine = dataset_from(open_table("sine"))
    async with lab(sine, Settings(epochs=150), size) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("e")
        await person.until_shown("Fitted curve, epoch 150 of 150")
        screen = person.app.screen
        assert isinstance(screen, CurveScreen)
        plot = screen._chart._plot
        run = person.app.run_shown
        assert run
        assert run.training
        (predicted, training, held_out) = plot.curves
        expected = run.training.outputs(predicted.x[:, None])[:, 0]
        np.testing.assert_allclose(predicted.y, expected, rtol=1e-9)
        assert len(training.x) == len(run.training.split.train)
        assert len(held_out.x) == len(run.training.split.held_out)
        shown = "\n".join(person.lines())
        assert "•" in shown
        assert "×" in shown
        await person.press("escape", "comma", "e")
        await person.until_shown("epoch 149 of 150 (looking back)")


@pytest.mark.parametrize("classes", [2, 3])
async def test_one_feature_of_classes_is_shown_as_probabilities(classes: int) -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, classes, 200).astype(np.int32)
    x = labels + 0.3 * rng.normal(size=200)
    names = ("low", "middle", "high")[:classes]
    table = Table("one", (Column("x", "number", x), Column("kind", "category", labels, names)))
    async with lab(dataset_from(table), Settings(epochs=30), (80, 24)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("e")
        await person.until_shown("Fitted curve, epoch 30 of 30")
        screen = person.app.screen
        assert isinstance(screen, CurveScreen)
        curves = [curve for curve in screen._chart._plot.curves if curve.name.startswith("chance of")]
        assert [curve.name for curve in curves] == [f"chance of {name}" for name in names[-len(curves) :]]
        assert len(curves) == (1 if classes == 2 else 3)
        if classes == 3:
            np.testing.assert_allclose(sum(curve.y for curve in curves), 1.0)
