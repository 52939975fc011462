"""The full search in the lab: what a search by itself finds, ranked live, trained, written, recorded."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from epochal.core.settings import Settings
from epochal.core.studies.auto.auto import AutoSearch
from epochal.data.exports.search_csv import search_csv
from epochal.data.runs.queries import recorded_runs
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.tui.runner.settings_search import Automatic
from epochal.tui.screens.leaderboard import LeaderboardScreen
from epochal.tui.screens.search import SearchScreen
from tests.lab import SIZES, Person, lab, run_of

BUDGET = 0.3


def screen(person: Person) -> LeaderboardScreen:
    assert isinstance(person.app.screen, LeaderboardScreen)
    return person.app.screen


async def type_budget(person: Person, text: str) -> None:
    await person.press("enter", "home", "shift+end", "backspace")
    await person.type(text)
    await person.press("enter")


async def searched(person: Person) -> None:
    await person.press("g")
    await type_budget(person, str(BUDGET))
    await person.press("g")
    await person.until_shown("Finished: 100 %")


def by_itself(dataset: Dataset, settings: Settings, fixed: tuple[str, ...] = ()) -> AutoSearch:
    search = AutoSearch(dataset.examples, settings, fixed, budget=BUDGET)
    for _ in search:
        pass
    return search


@pytest.mark.parametrize("size", ["80x24", "120x40"])
async def test_the_winner_of_a_search_by_itself_is_trained_and_recorded(
    size: str, iris: Dataset, tmp_path: Path
) -> None:
    """With every candidate in the history; afterwards t searches as before."""
    expected = by_itself(iris, Settings(hidden=(6,)), ("hidden",))
    fixed = Automatic(frozenset({"hidden"}))
    async with lab(iris, Settings(hidden=(6,)), SIZES[size], Recorder.open(tmp_path), fixed) as person:
        await searched(person)
        shown = person.screen()
        assert "Settings found by a search" in shown
        await person.press("u")
        await person.wait_for_the_end()
        run = run_of(person)
        assert run.settings == expected.settings()
        assert person.app.settings == run.settings
        assert person.app.automatic == fixed
    [recorded] = recorded_runs(tmp_path).runs
    assert recorded.metadata.search is not None
    assert recorded.metadata.search.fixed == ("hidden",)
    assert recorded.metadata.search.sentences == tuple(expected.report().sentences())
    assert len(recorded.metadata.search.candidates) == len(expected.candidates)


async def test_a_line_for_each_candidate_says_how_far_it_is_from_the_lowest() -> None:
    dataset = dataset_from(open_table("diabetes"))
    expected = by_itself(dataset, Settings())
    async with lab(dataset, Settings(), SIZES["200x50"]) as person:
        await searched(person)
        report = expected.report()
        shown = person.screen()
        assert f"{report.candidates[0].loss:.3g}"[:4] in shown
        finalists = [one for one in report.candidates if one.difference]
        assert finalists
        for one in finalists:
            assert one.difference.in_words in shown


async def test_all_candidates_are_written_as_csv(iris: Dataset, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with lab(iris, Settings(), SIZES["120x40"]) as person:
        await searched(person)
        await person.press("w")
        await person.until_shown("Every candidate of the search")
        await person.press("enter")
        await person.until(lambda: list(tmp_path.rglob("*.csv")))
    [place] = tmp_path.rglob("*.csv")
    assert place.read_text() == search_csv(by_itself(iris, Settings()).report())
    assert len(list(csv.DictReader(place.read_text().splitlines()))) > 10


async def test_a_search_is_stopped_and_values_of_ones_own_are_a_key_away(iris: Dataset) -> None:
    async with lab(iris, Settings(), SIZES["120x40"]) as person:
        await person.press("g")
        for wrong in ("soon", "-3", "nan"):
            await type_budget(person, wrong)
            await person.until_shown("a number of seconds above 0")
            await person.press("g")
            assert screen(person).search is None
        await type_budget(person, "600")
        await person.press("g", "x")
        await person.until_shown("Stopped")
        await person.press("v")
        await person.until(lambda: isinstance(person.app.screen, SearchScreen))
        await person.press("escape")
        await person.until(lambda: len(person.app.screen_stack) == 1)
        assert person.app.settings == Settings()


async def test_too_few_rows_are_said(tmp_path: Path) -> None:
    table = tmp_path / "few.csv"
    table.write_text("a,kind\n1,x\n2,y\n3,x\n4,y\n")
    async with lab(dataset_from(open_table(str(table))), Settings(), SIZES["120x40"]) as person:
        await person.press("g", "g")
        await person.until(lambda: screen(person).search and not screen(person).goes_on)
        await person.until_shown("rows")
        await person.press("escape")
