"""The seed fan in the lab: f grows it, and f again after a change says what the change did."""

from __future__ import annotations

import pytest

from epochal.core.settings import Settings
from epochal.core.studies.seed_comparison import comparison_in_words, fan_in_words
from epochal.core.studies.seed_study import run_seeds
from epochal.data.tables.dataset import Dataset
from epochal.tui.screens.seed_study import SeedStudyScreen
from tests.lab import SIZES, Person, lab
from tests.runs import sampled

QUICK = Settings(epochs=15)
LONG = Settings(epochs=10_000_000)


def screen(person: Person) -> SeedStudyScreen:
    assert isinstance(person.app.screen, SeedStudyScreen)
    return person.app.screen


async def results(person: Person) -> None:
    await person.until(lambda: (study := screen(person).study) and study.is_complete)
    await person.until_shown("Held-out error")


@pytest.mark.parametrize("size", sampled(SIZES, 1, "a fan is grown and"))
async def test_a_fan_is_grown_and_says_what_sixteen_seeds_came_to(spine: Dataset, size: str) -> None:
    *_, expected = run_seeds(spine.examples, QUICK)
    async with lab(spine, QUICK, SIZES[size]) as person:
        await person.press("f")
        await results(person)
        for sentence in fan_in_words(expected):
            await person.until_said(sentence)
        assert "16 seeds, epoch 15 of 15" in person.screen()
        assert "median" in person.screen()


async def test_the_next_fan_is_compared_with_the_one_before(spine: Dataset) -> None:
    other = QUICK.model_copy(update={"learning_rate": 0.05})
    *_, first = run_seeds(spine.examples, QUICK)
    *_, second = run_seeds(spine.examples, other)
    async with lab(spine, QUICK) as person:
        await person.press("f")
        await results(person)
        await person.press("escape", "2", "down", "down", "down", "enter", "ctrl+u")
        await person.type("0.05")
        await person.press("enter", "f")
        await results(person)
        await person.until_said("Before: learning rate 0.003.")
        for sentence in comparison_in_words(first, second):
            await person.until_said(sentence)
        assert "median before" in person.screen()
        await person.press("escape", "f")
        assert screen(person).growing is None
        await person.until_said("Change a setting and press f again")


async def test_a_long_fan_can_be_stopped_and_left(spine: Dataset) -> None:
    async with lab(spine, LONG) as person:
        await person.press("f")
        await person.until(lambda: screen(person).growing and screen(person).growing.done)
        await person.press("x")
        await person.until_shown("stopped: 0 of 16 seeds done")
        await person.press("escape")
        assert person.app.seed_study is None


async def test_a_run_that_goes_is_only_stopped_if_one_says_so(spine: Dataset) -> None:
    async with lab(spine, LONG) as person:
        await person.press("t")
        await person.until(lambda: person.app.run_shown and person.app.run_shown.length > 0)
        await person.press("f")
        await person.until(lambda: len(person.app.screen_stack) == 2)
        assert "train from 16 seeds?" in person.dialog()
        await person.press("down", "enter")
        assert len(person.app.screen_stack) == 1
        assert person.app.run_shown is not None
        assert person.app.run_shown.is_active


async def test_another_table_forgets_the_fan(spine: Dataset, iris: Dataset) -> None:
    async with lab(spine, QUICK) as person:
        await person.press("f")
        await results(person)
        await person.press("escape")
        assert person.app.seed_study is not None
        person.app.show_dataset(iris)
        assert person.app.seed_study is None
