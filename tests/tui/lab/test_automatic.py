"""Automatic settings in the lab: t searches before the eyes of the person, then trains what was found."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochal.core.presets import AUTO
from epochal.core.settings import Settings
from epochal.core.studies.auto.auto import AutoSearch
from epochal.data.runs.queries import recorded_runs
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.tui.runner.settings_search import Automatic
from tests.lab import SIZES, Person, lab, run_of

QUICK = Automatic(budget=0.3)
LONG = Automatic(budget=60.0)


async def chosen_preset(person: Person) -> str:
    """What the form says."""
    await person.pilot.pause()
    return person.app.settings_pane.form.texts["preset"]


async def test_t_finds_settings_and_trains_them(iris: Dataset, tmp_path: Path) -> None:
    """The form, the result and the record say what was found: what a search by itself finds."""
    search = AutoSearch(iris.examples, Settings(), budget=0.3)
    for _ in search:
        pass
    async with lab(iris, None, SIZES["200x50"], Recorder.open(tmp_path), QUICK) as person:
        assert await chosen_preset(person) == AUTO
        await person.press("t")
        await person.wait_for_the_end()
        run = run_of(person)
        assert run.phase == "finished"
        assert run.settings == search.settings()
        assert person.app.settings == run.settings
        assert person.app.settings_pane.typed == run.settings
        assert await chosen_preset(person) == AUTO
        await person.until_said("Settings found by a search")
    [recorded] = recorded_runs(tmp_path).runs
    assert recorded.metadata.search is not None
    assert tuple(search.report().sentences()) == recorded.metadata.search.sentences


async def test_what_is_typed_stays_and_the_search_goes_around_it(iris: Dataset) -> None:
    """And a named preset ends the searching."""
    async with lab(iris, automatic=QUICK) as person:
        await person.press("2")
        person.app.settings_pane.form.go_to("hidden")
        await person.press("enter", *["backspace"] * 3)
        await person.type("7")
        await person.press("enter")
        assert await chosen_preset(person) == AUTO
        assert person.app.automatic == Automatic(frozenset({"hidden"}), 0.3)
        await person.until_said("Hidden layers stays as typed")
        await person.press("t")
        await person.wait_for_the_end()
        assert run_of(person).settings.hidden == (7,)
        assert run_of(person).settings.schedule == "cosine"
        await person.press("2")
        person.app.settings_pane.form.go_to("preset")
        await person.press("right")
        assert await chosen_preset(person) == "sensible"
        assert person.app.automatic is None
        await person.press("t")
        await person.wait_for_the_end()
        assert run_of(person).settings == Settings()


async def test_x_takes_the_best_so_far(iris: Dataset) -> None:
    """The leaderboard stands below the chart, and the run that follows is trained to its end."""
    async with lab(iris, automatic=LONG) as person:
        await person.press("t")
        await person.until_shown("searching")
        run = run_of(person)
        await person.until(lambda: run.search is not None and run.search.search.has_choice)
        await person.until_shown(" L2 ")
        await person.press("x")
        await person.wait_for_the_end()
        assert run.phase == "finished"
        assert run.length == run.settings.epochs


@pytest.mark.parametrize("key", ["z", "o"])
async def test_a_search_can_be_left(iris: Dataset, spine: Dataset, key: str) -> None:
    """Forgotten, or for another table: nothing is trained and nothing written."""
    async with lab(iris, automatic=LONG) as person:
        await person.press("t")
        await person.until_shown("searching")
        run = run_of(person)
        if key == "z":
            await person.press("z")
            await person.until(lambda: len(person.app.screen_stack) > 1)
            await person.press("enter")
            await person.until(lambda: person.app.run_shown is None)
        else:
            person.app.show_dataset(spine)
            await person.pilot.pause()
        await person.until(lambda: not run.is_active)
        assert run.phase == "stopped"
        assert run.length == 0


async def test_one_candidate_alone_is_trained_at_once(iris: Dataset) -> None:
    """Where everything that is searched is given."""
    given = frozenset({"hidden", "activation", "l2", "learning_rate", "epochs"})
    async with lab(iris, Settings(epochs=5), automatic=Automatic(given)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        assert run_of(person).settings.epochs == 5
        assert run_of(person).length == 5


async def test_a_search_in_which_all_diverge_says_so() -> None:
    """And the lab goes on."""
    sine = dataset_from(open_table("sine"))
    wild = Settings(optimizer="sgd", learning_rate=1e300)
    async with lab(sine, wild, automatic=Automatic(frozenset({"optimizer", "learning_rate"}), 0.2)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        assert run_of(person).phase == "failed"
        await person.until_said("Every candidate diverged")
        await person.press("z")
        await person.until(lambda: person.app.run_shown is None)
