"""The Runs screen: runs found, compared, named, deleted and put back, and taken up again in the lab."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from epochal.core.settings import Settings
from epochal.core.training.gate import OpenGate
from epochal.core.training.training import Training
from epochal.data.runs.database import NAME
from epochal.data.runs.queries import describe_run, recorded_runs
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.tui.lab.app import EpochalApp
from epochal.tui.runner.run import Run
from epochal.tui.screens.runs.screen import RunsScreen
from tests.lab import SIZES, Person
from tests.runs import GIVE_UP, sampled

LONG = Settings(epochs=60, optimizer="momentum", learning_rate=0.01)


def recorded(folder: Path, dataset: Dataset, settings: Settings, *, interrupted_at: int = 0) -> Run:
    """A run in the history of that folder; perhaps one that was left after an epoch."""
    with Recorder.open(folder) as recorder:
        run = Run(dataset, settings, OpenGate(), lambda run: None, recorder)
        run.start(paused=bool(interrupted_at))
        for epoch in range(1, interrupted_at + 1):
            run.step()
            while run.length < epoch or not run.is_waiting:
                pass
        assert run.leave(GIVE_UP) if interrupted_at else run.join(GIVE_UP)
    return run


@pytest.fixture
def wine() -> Dataset:
    """A table that none of the runs is of."""
    return dataset_from(open_table("wine"))


@pytest.fixture
def history(tmp_path: Path, spine: Dataset, iris: Dataset) -> Path:
    """A history of three runs, of which the last is interrupted."""
    recorded(tmp_path, spine, Settings(epochs=10, learning_rate=0.02))
    recorded(tmp_path, iris, Settings(epochs=12, hidden=(4,)))
    recorded(tmp_path, spine, LONG, interrupted_at=20)
    return tmp_path


@asynccontextmanager
async def lab_of(
    home: Path, dataset: Dataset, size: str = "120x40", *, any_table: bool = False
) -> AsyncIterator[Person]:
    with Recorder.open(home) as recorder:
        app = EpochalApp(dataset, Settings(), recorder=recorder, any_table=any_table)
        async with app.run_test(size=SIZES[size], notifications=True) as pilot:
            person = Person(app, pilot)
            await person.until(lambda: len(app.screen_stack) > 1 or all(w.is_finished for w in app.workers))
            yield person
            if app.run_shown:
                app.run_shown.stop()
                assert app.run_shown.join(GIVE_UP)


async def at_the_runs(person: Person) -> None:
    await person.press("h")
    await person.until_shown("Runs: 3")


def rows(home: Path) -> list[list[tuple[object, ...]]]:
    with closing(sqlite3.connect(home / NAME)) as connection:
        return [
            connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in ("runs", "epochs", "checkpoints")
        ]


def order(person: Person) -> list[int]:
    screen = person.app.screen
    assert isinstance(screen, RunsScreen)
    return [row.run.id for row in screen._table.shown]


@pytest.mark.parametrize("size", sampled(SIZES, 1, "every run is listed with"))
async def test_every_run_is_listed_with_what_it_came_to(history: Path, wine: Dataset, size: str) -> None:
    async with lab_of(history, wine, size) as person:
        await at_the_runs(person)
        shown = person.screen()
        for run in recorded_runs(history).runs:
            assert run.metadata.table.name[:8] in shown
        assert "interrupted" in shown
        assert "To go on: epochal runs resume 3" in shown
        await person.press("down")
        await person.until_said("Changed settings: --hidden 4 --epochs 12.")


async def test_on_a_narrow_screen_all_keys_and_what_a_run_came_to_are_in_view(
    history: Path, wine: Dataset
) -> None:
    async with lab_of(history, wine, "80x24") as person:
        await at_the_runs(person)
        await person.press("down", "d")
        await person.until_shown("Runs: 2,")
        await person.press("space", "up", "space")
        await person.until_shown("2 marked")
        assert "held-out rows right" in person.screen()
        assert "Changed settings" in person.screen()
        await person.press("up")
        keys = person.lines()[-1]
        for key in ("enter Load", "l Settings", "r Go on", "o Curves", "v Beside", "e Name", "d Delete"):
            assert key in keys
        assert keys.rstrip().endswith("u Undo esc Back")
        assert "space marks, s S sort, / finds" in person.lines()[0]


async def test_the_year_is_said_where_it_is_not_this_one(history: Path, wine: Dataset) -> None:
    with closing(sqlite3.connect(history / NAME)) as connection, connection:
        connection.execute("UPDATE runs SET started = 1500000000.0 WHERE id = 1")
    async with lab_of(history, wine) as person:
        await at_the_runs(person)
        (first,) = [line for line in person.lines() if line.startswith("   1 ")]
        assert first.split()[1] == "2017-07-14"
        await person.press("end")
        await person.until_said("Run 1: begun 2017-07-14 ")


async def test_what_is_long_goes_on_in_the_next_line(history: Path, wine: Dataset) -> None:
    note = "why it was tried, and what came of it in the end, told at length"
    describe_run(history, 3, note=note)
    async with lab_of(history, wine, "80x24") as person:
        await at_the_runs(person)
        await person.press("space", "space", "v")
        await person.until_shown("The same in both")
        told = [line[49:77].strip() for line in person.lines()]
        assert note in " ".join(part for part in told if part)


async def test_runs_are_sorted_and_turned_by_keys(history: Path, wine: Dataset) -> None:
    async with lab_of(history, wine) as person:
        await at_the_runs(person)
        assert order(person) == [3, 2, 1]
        await person.press("S")
        assert order(person) == [1, 2, 3]
        await person.press("S", *["s"] * 5)
        await person.until_shown("by epochs, falling")
        assert order(person) == [3, 2, 1]
        await person.press("S")
        assert order(person) == [1, 2, 3]
        await person.press("s", "s", "s", "s")
        await person.until_shown("by run, rising")


async def test_a_search_finds_as_one_types(history: Path, wine: Dataset) -> None:
    async with lab_of(history, wine) as person:
        await at_the_runs(person)
        await person.press("slash")
        await person.type("iris")
        await person.until_shown("Runs: 1 of 3")
        assert order(person) == [2]
        await person.type("zzz")
        await person.until_shown("No run contains all of these words.")
        await person.press("escape")
        await person.until_shown("Runs: 3,")
        assert order(person) == [3, 2, 1]
        await person.press("slash")
        await person.type("momentum 0.01")
        await person.press("enter", "space")
        assert order(person) == [3]
        await person.until_shown("1 marked")


async def test_two_runs_stand_side_by_side_with_their_differences_first(history: Path, wine: Dataset) -> None:
    async with lab_of(history, wine) as person:
        await at_the_runs(person)
        await person.press("space", "down", "space", "v")
        await person.until_shown("The same in both")
        different, same = person.screen().split("The same in both")
        for title in ("Learning rate", "Optimizer", "Ended"):
            assert title in different
            assert title not in same
        assert "Batch size" in same
        await person.press("escape")
        await person.press("o")
        await person.until_shown("held-out error")
        await person.until_shown("run 3")
        assert "run 1" in person.screen()


async def test_a_name_and_a_note_are_kept_and_shown_as_they_are(history: Path, wine: Dataset) -> None:
    hostile = "[red]x[/] [@click=app.quit]y[/]"
    async with lab_of(history, wine) as person:
        await at_the_runs(person)
        await person.press("e")
        await person.until_shown("Enter goes on")
        person.app.screen.query_one("#run-name").value = hostile  # type: ignore[attr-defined]
        await person.press("enter")
        await person.type("first try")
        await person.press("enter")
        await person.until_shown("Run 3, [red]x[/]")
        assert "first try" in person.screen()
        await person.press("slash")
        await person.type("try")
        await person.until_shown("Runs: 1 of 3")
    named = recorded_runs(history).runs[0]
    assert (named.name, named.note) == (hostile, "first try")


async def test_a_deleted_run_comes_back_to_the_byte(history: Path, wine: Dataset) -> None:
    before = rows(history)
    async with lab_of(history, wine) as person:
        await at_the_runs(person)
        await person.press("down", "d")
        await person.until_shown("Runs: 2,")
        assert [run.id for run in recorded_runs(history).runs] == [3, 1]
        await person.press("d")
        await person.until_shown("Runs: 1,")
        await person.press("u")
        await person.until_shown("Runs: 2,")
        await person.press("u")
        await person.until_shown("Runs: 3,")
        assert order(person) == [3, 2, 1]
    assert rows(history) == before


async def test_settings_come_back_to_the_form(history: Path, wine: Dataset) -> None:
    async with lab_of(history, wine) as person:
        await at_the_runs(person)
        await person.press("l")
        await person.until(lambda: person.app.settings == LONG)
        assert "momentum" in person.pane("settings")
        assert person.app.run_shown is None


async def test_a_network_comes_back_as_it_was_judged(history: Path, wine: Dataset, spine: Dataset) -> None:
    alone = Training(spine.examples, Settings(epochs=10, learning_rate=0.02))
    for _ in alone:
        pass
    async with lab_of(history, wine) as person:
        await at_the_runs(person)
        await person.press("end", "enter")
        await person.until(lambda: person.app.run_shown)
        await person.wait_for_the_end()
        run = person.app.run_shown
        assert run is not None
        assert run.training is not None
        assert run.training.network.parameters.tobytes() == alone.network.parameters.tobytes()
        assert "held-out rows right" in person.pane("result")
        assert person.app.dataset is not None
        assert person.app.dataset.table.name == "column_2C_weka"
    assert [run.ending for run in recorded_runs(history).runs] == ["interrupted", "finished", "finished"]


@pytest.mark.parametrize("how", ["by r", "by the question"])
async def test_an_interrupted_run_goes_on_to_the_same_bytes(
    history: Path, wine: Dataset, spine: Dataset, how: str
) -> None:
    whole = Training(spine.examples, LONG)
    for _ in whole:
        pass
    async with lab_of(history, wine, any_table=how == "by the question") as person:
        if how == "by r":
            assert len(person.app.screen_stack) == 1
            await at_the_runs(person)
            await person.press("r")
        else:
            assert "waiting at epoch 20 of 60" in person.dialog()
            await person.press("enter")
        await person.until(lambda: person.app.run_shown)
        await person.wait_for_the_end()
        run = person.app.run_shown
        assert run is not None
        assert run.training is not None
        assert run.training.network.parameters.tobytes() == whole.network.parameters.tobytes()
    assert recorded_runs(history).runs[0].ending == "finished"


async def test_the_question_is_asked_of_the_same_table_only(
    history: Path, spine: Dataset, iris: Dataset
) -> None:
    async with lab_of(history, iris) as person:
        assert len(person.app.screen_stack) == 1
    async with lab_of(history, spine) as person:
        assert "waiting at epoch 20 of 60" in person.dialog()
        await person.press("down", "enter")
        assert person.app.run_shown is None
    recorded(history, spine, Settings(epochs=3))
    async with lab_of(history, spine) as person:
        assert len(person.app.screen_stack) == 1


async def test_a_run_without_its_table_is_not_taken_up(tmp_path: Path, wine: Dataset) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("a,b,y\n" + "".join(f"{i},{i * i % 7},{'xy'[i % 2]}\n" for i in range(40)))
    recorded(tmp_path, dataset_from(open_table(str(path))), Settings(epochs=3))
    path.write_text("a,b,y\n" + "".join(f"{i},{i * i % 5},{'xy'[i % 2]}\n" for i in range(40)))
    async with lab_of(tmp_path, wine) as person:
        await person.press("h")
        await person.until_shown("Runs: 1")
        await person.press("enter")
        await person.until_said("has changed since run 1 began")
        assert person.app.run_shown is None


async def test_names_from_a_hostile_history_are_shown_as_text(history: Path, wine: Dataset) -> None:
    describe_run(history, 1, name="\x1b]52;c;aGk=\x07[/x]", note="\x9b2J")
    async with lab_of(history, wine) as person:
        await at_the_runs(person)
        await person.press("end")
        shown = "\n".join(person.lines())
        assert "\x1b" not in shown
        assert "\x9b" not in shown
        assert "[/x]" in shown


async def test_a_history_that_is_none_is_said_and_left_alone(tmp_path: Path, wine: Dataset) -> None:
    (tmp_path / NAME).write_text("when,what\n")
    async with lab_of(tmp_path, wine) as person:
        await person.press("h")
        await person.until_said("is no run history of Epochal's, so it is left as it is.")
        assert person.lines()[0].strip() == "Runs"
        assert "Reading" not in person.screen()
    assert (tmp_path / NAME).read_text() == "when,what\n"


async def test_without_a_history_it_says_so(wine: Dataset) -> None:
    app = EpochalApp(wine, Settings(), recorder=Recorder.open(None))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        person = Person(app, pilot)
        await person.press("h")
        await person.until_said("No run is recorded here")


async def test_an_empty_history_says_what_will_be_there(tmp_path: Path, wine: Dataset) -> None:
    async with lab_of(tmp_path, wine) as person:
        await person.press("h")
        await person.until_said("None has been recorded yet: press t in the lab.")
