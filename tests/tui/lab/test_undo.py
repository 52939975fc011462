"""What is changed can be taken back, and what changes nothing throws nothing away."""

from __future__ import annotations

import random

import numpy as np
import pytest

from epochal.core.presets import PRESETS
from epochal.core.settings import Settings
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.table import Column, Table
from epochal.tui.screens.ask import Ask
from tests.lab import Person, lab


@pytest.fixture
def with_id() -> Dataset:
    rng = np.random.default_rng(0)
    x = rng.normal(size=60)
    return dataset_from(
        Table(
            "t",
            (
                Column("id", "number", np.ones(60)),
                Column("x", "number", x),
                Column("y", "category", (x > 0).astype(np.int32), ("no", "yes")),
            ),
        )
    )


async def type_setting(person: Person, name: str, text: str) -> None:
    person.app.action_pane("settings")
    person.app.settings_pane.form.go_to(name)
    await person.press("enter")
    await person.type(text)
    await person.press("enter")


async def test_a_preset_is_undone_and_done_again(iris: Dataset) -> None:
    async with lab(iris) as person:
        await type_setting(person, "learning_rate", "0.123")
        mine = person.app.settings
        await person.press("home", "left")
        preset = person.app.settings
        assert preset in PRESETS.values()
        await person.press("u")
        assert person.app.settings == mine
        assert person.app.settings_pane.form.texts["learning_rate"] == "0.123"
        assert "learning rate 0.123" not in person.app.settings_pane.form.texts["preset"]
        await person.press("U")
        assert person.app.settings == preset
        await person.press("u", "u")
        assert person.app.settings == Settings()


@pytest.mark.parametrize("seed", range(3))
async def test_any_changes_are_undone_and_done_again_one_by_one(seed: int, iris: Dataset) -> None:
    rng = random.Random(seed)
    async with lab(iris) as person:
        were = [person.app.settings]
        for _ in range(4):
            name = rng.choice(["learning_rate", "epochs", "seed", "l2"])
            await type_setting(person, name, str(rng.randint(1, 9999)))
            if person.app.settings != were[-1]:
                were.append(person.app.settings)
        for settings in were[-2::-1]:
            await person.press("u")
            assert person.app.settings == settings
        assert not person.app.changes.can_undo
        for settings in were[1:]:
            await person.press("U")
            assert person.app.settings == settings


async def test_a_forgotten_run_comes_back_with_its_result(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=20)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        run, said = person.app.run_shown, person.pane("result")
        await person.press("z")
        assert person.app.run_shown is None
        assert person.corner() == ["The run is forgotten; u brings it back."]
        await person.press("u")
        assert person.app.run_shown is run
        assert person.corner() == ["Undone: the run is forgotten."]
        await person.until(lambda: person.pane("result") == said)
        await person.press("U")
        assert person.app.run_shown is None


async def test_another_target_is_undone_with_the_run_it_discarded(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=5)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        run = person.app.run_shown
        await person.press("3", "1", "enter", "down", "enter")
        await person.until_shown("To predict: sepal_length")
        assert person.app.run_shown is None
        await person.press("u")
        await person.until_shown("To predict: species")
        assert person.app.run_shown is run
        assert person.app.dataset is iris


async def test_a_column_that_is_left_out_already_is_not_offered_to_be(with_id: Dataset) -> None:
    assert with_id.features == ("x",)
    async with lab(with_id, Settings(epochs=5)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        run = person.app.run_shown
        await person.press("3", "1", "home", "enter")
        await person.until(lambda: isinstance(person.app.screen, Ask))
        assert "Leave out id" not in person.dialog()
        assert "which is left out" in person.dialog()
        await person.press("escape")
        assert person.app.run_shown is run


async def test_opening_the_same_table_keeps_the_run(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=5)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        run = person.app.run_shown
        await person.press("o")
        await person.type("iris")
        await person.press("enter")
        await person.until(lambda: not person.app.is_asking)
        assert person.app.run_shown is run
        await person.press("o")
        await person.type("wine")
        await person.press("enter")
        await person.until_shown("wine, not trained")


async def test_settings_stay_with_their_table(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=7)) as person:
        await type_setting(person, "learning_rate", "0.5")
        found = person.app.settings
        for table, expected in (("xor", Settings(epochs=7)), ("iris", found), ("xor", Settings(epochs=7))):
            await person.press("o")
            await person.type(table)
            await person.press("enter")
            await person.until_shown(f"{table}, not trained")
            assert person.app.settings == expected
            assert person.app.settings_pane.typed == expected
        await person.press("u")
        await person.until_shown("iris, not trained")
        assert person.app.settings == found
