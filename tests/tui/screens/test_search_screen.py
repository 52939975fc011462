"""Search in the lab: values typed, candidates ranked, the best used; the same ranking as off screen."""

from __future__ import annotations

import asyncio

import pytest

from epochal.core.settings import Settings
from epochal.core.studies.search import EvaluatedCandidate, candidates, ranked, search
from epochal.data.tables.dataset import Dataset
from epochal.tui.runner.background import Background
from epochal.tui.screens.search import SearchScreen
from tests.lab import SIZES, Person, lab
from tests.runs import GIVE_UP

QUICK = Settings(epochs=6)


def screen(person: Person) -> SearchScreen:
    assert isinstance(person.app.screen, SearchScreen)
    return person.app.screen


def search_of(person: Person) -> Background[EvaluatedCandidate]:
    found = screen(person).search
    assert found is not None
    return found


async def type_values(person: Person, **values: str) -> None:
    """Put texts into fields of the search, by keys."""
    for place, name in enumerate(("hidden", "learning_rate", "l2", "optimizer", "folds")):
        if name in values:
            await person.press("home", *["down"] * place, "enter")
            await person.press("home", "shift+end", "backspace")
            await person.type(values[name])
            await person.press("enter")


@pytest.mark.parametrize("size", ["80x24", "120x40"])
async def test_candidates_are_ranked_as_off_screen_and_the_best_is_used(size: str, spine: Dataset) -> None:
    async with lab(spine, QUICK, SIZES[size]) as person:
        await person.press("g", "v")
        await type_values(
            person, hidden="3 4,2", learning_rate="0.00001 0.3", l2="0", optimizer="adam", folds="3"
        )
        await person.press("g")
        assert await asyncio.to_thread(search_of(person).join, GIVE_UP)
        await person.until_shown("Finished: 4 of 4 candidates")
        tried = candidates(
            QUICK,
            {"hidden": ["3", "4,2"], "learning_rate": ["0.00001", "0.3"], "l2": ["0"], "optimizer": ["adam"]},
        )
        order = ranked(list(search(spine.examples, tried, 3)))
        assert [one.settings for one in ranked(search_of(person).done)] == [one.settings for one in order]
        await person.press("u")
        await person.until(lambda: len(person.app.screen_stack) == 1)
        assert person.app.settings == order[0].settings


async def test_it_can_be_stopped_and_left(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=1_000_000)) as person:
        await person.press("g", "v")
        await type_values(person, optimizer="adam")
        await person.press("g", "x")
        running = search_of(person)
        assert await asyncio.to_thread(running.join, GIVE_UP)
        await person.until_shown("Stopped: 0 of")
        await person.press("escape")
        assert len(person.app.screen_stack) == 1
        assert person.app.settings.epochs == 1_000_000


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"l2": "0.1 much"}, "not much"),
        ({"optimizer": "sgd adm"}, "not adm"),
        ({"folds": "1"}, "a whole number from 2 on"),
        ({"folds": "2", "hidden": "1 2"}, "28 combinations are too many"),
    ],
)
async def test_a_wrong_value_is_said_and_nothing_begins(
    values: dict[str, str], words: str, spine: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("epochal.tui.screens.search.MOST", 20)
    async with lab(spine, QUICK, (200, 50)) as person:
        await person.press("g", "v")
        await type_values(person, **values)
        await person.press("g")
        assert words in person.dialog()
        assert screen(person).search is None
