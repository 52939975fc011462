"""Cross-validation in the lab: begun, followed, stopped by keys, and the same as off screen."""

from __future__ import annotations

import asyncio

import pytest

from epochal.core.evaluation.wording import percent
from epochal.core.settings import Settings
from epochal.core.studies.cross_validation import Fold, cross_validate
from epochal.core.studies.resampling import summarise
from epochal.data.tables.dataset import Dataset
from epochal.tui.runner.background import Background
from epochal.tui.screens.cross_validation import ValidationScreen
from tests.lab import SIZES, Person, lab
from tests.runs import GIVE_UP, sampled


def screen(person: Person) -> ValidationScreen:
    assert isinstance(person.app.screen, ValidationScreen)
    return person.app.screen


def validation(person: Person) -> Background[Fold]:
    found = screen(person).validation
    assert found is not None
    return found


@pytest.mark.parametrize("size", sampled(SIZES, 1, "it says what the command"))
async def test_it_says_what_the_command_line_says(size: str, spine: Dataset) -> None:
    settings = Settings(epochs=8)
    async with lab(spine, settings, SIZES[size]) as person:
        await person.press("c", "enter", "backspace", "backspace", "4", "down", "backspace", "2", "enter")
        await person.press("c")
        assert await asyncio.to_thread(validation(person).join, GIVE_UP)
        await person.until_shown("Finished: 8 of 8 trainings")
        expected = summarise(list(cross_validate(spine.examples, settings, 4, 2)))
        shown = summarise(validation(person).done)
        assert shown.measures["accuracy"] == expected.measures["accuracy"]
        assert f"Accuracy {percent(expected.measures['accuracy'].mean)} on average" in person.dialog()
        assert "Nadeau and Bengio" in person.dialog()


async def test_it_can_be_stopped_in_the_middle_of_a_fold(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=1_000_000)) as person:
        await person.press("c", "c")
        await person.press("x")
        assert await asyncio.to_thread(validation(person).join, GIVE_UP)
        await person.until_shown("Stopped before the first fold was evaluated")
        assert validation(person).done == []


async def test_leaving_ends_it(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=1_000_000)) as person:
        await person.press("c", "c")
        running = validation(person)
        await person.press("escape")
        assert await asyncio.to_thread(running.join, GIVE_UP)
        assert running.phase == "stopped"
        assert len(person.app.screen_stack) == 1


@pytest.mark.parametrize("folds", ["1", "156", "many", ""])
async def test_a_wrong_number_of_folds_is_said_and_nothing_begins(folds: str, spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("c", "enter", "backspace", "backspace")
        await person.type(folds)
        await person.press("enter", "c")
        assert "a whole number from 2 to 155" in person.dialog()
        assert screen(person).validation is None


async def test_a_wrong_setting_gets_the_cursor_instead(spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("2", "down", "enter", "minus", "enter", "c")
        assert len(person.app.screen_stack) == 1
        assert person.app.settings_pane.form.has_focus
