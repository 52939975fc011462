"""Every key of every screen and dialog, twice in one burst: nothing is raised, and the lab can be reached."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.widgets import OptionList

from epochal.core.settings import Settings
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.table import TableError
from epochal.tui.screens.ask import Ask
from epochal.tui.screens.dialog import Dialog
from epochal.tui.screens.loading import Loading
from epochal.tui.screens.problems import Problems
from tests.lab import SIZES, Person, burst, lab
from tests.runs import GIVE_UP, sampled


async def settled(person: Person) -> None:
    for _ in range(6):
        await person.pilot.pause()


def opened_by(*keys: str) -> Callable[[Person], Awaitable[None]]:
    async def open_it(person: Person) -> None:
        await person.press(*keys)

    return open_it


async def asks(person: Person) -> None:
    person.app.push_screen(Ask("Which?", {"one": "One", "two": "Two"}))
    await settled(person)


async def has_problems(person: Person) -> None:
    person.app.push_screen(Problems("t.csv", TableError("t.csv cannot be read")))
    await settled(person)


async def loads(person: Person) -> None:
    person.app.push_screen(Loading("t.csv"))
    await settled(person)


async def saves(person: Person) -> None:
    await person.press("w", "enter")


async def lists_runs(person: Person) -> None:
    await person.press("h")
    await person.until_shown("Runs: ")


async def names_a_run(person: Person) -> None:
    await lists_runs(person)
    await person.press("e")


async def shows_curves(person: Person) -> None:
    await lists_runs(person)
    await person.press("o")


async def shows_two_runs(person: Person) -> None:
    await lists_runs(person)
    await person.press("space", "down", "space", "v")


OPENED: dict[str, Callable[[Person], Awaitable[None]]] = {
    "ArticleScreen": opened_by("a"),
    "Ask": asks,
    "BoundaryScreen": opened_by("e"),
    "BranchScreen": opened_by("k"),
    "CurvesScreen": shows_curves,
    "Help": opened_by("question_mark"),
    "Loading": loads,
    "MicroscopeScreen": opened_by("m"),
    "NameScreen": names_a_run,
    "NetworkScreen": opened_by("n"),
    "Open": opened_by("o"),
    "Problems": has_problems,
    "ProfileScreen": opened_by("y"),
    "ReadingScreen": opened_by("d"),
    "ResultScreen": opened_by("v"),
    "RunsScreen": lists_runs,
    "Save": saves,
    "SearchScreen": opened_by("g"),
    "SeedStudyScreen": opened_by("f"),
    "SideBySide": shows_two_runs,
    "ValidationScreen": opened_by("c"),
    "WhatIfScreen": opened_by("i"),
}


def keys_of(screen: Dialog[object]) -> list[str]:
    """Every key that the screen or what has the focus in it binds."""
    chain = screen._binding_chain if screen.app.screen is screen else []
    keys = {key for _, bindings in chain[:-1] for key in bindings.key_to_bindings}
    # Focus, mouse selection and scrolling are Textual's own.
    return sorted((keys | {"enter", "escape"}) - {"ctrl+c", "super+c"})


@pytest.mark.parametrize("name", sampled(OPENED, 7, "pressed twice"))
async def test_no_key_pressed_twice_ends_the_lab(
    name: str, iris: Dataset, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    recorder = Recorder.open(home)
    async with lab(iris, Settings(epochs=3), SIZES["80x24"], recorder) as person:
        for _ in range(2):
            await person.press("t")
            await person.wait_for_the_end()
        assert await asyncio.to_thread(recorder.flush, GIVE_UP)
        left, keys = [], [""]
        while keys:
            await OPENED[name](person)
            await person.until(lambda: type(person.app.screen).__name__ == name)
            screen = person.app.screen
            assert isinstance(screen, Dialog)
            if keys == [""]:
                keys = keys_of(screen)
            while keys and person.app.screen is screen:
                key = keys.pop()
                burst(person, key, key)
                await settled(person)
            left.append(key)
            await back_in_the_lab(person)
        assert "escape" in left or name == "Loading"
        pane = person.app.pane_shown
        await person.press("tab")
        assert person.app.pane_shown != pane
    recorder.close()


async def back_in_the_lab(person: Person) -> None:
    """Escape leaves every screen; a bar of loading ends when the loading does."""
    for _ in range(8):
        front = person.app.screen
        if len(person.app.screen_stack) == 1:
            await person.until(lambda: not person.app.is_asking)
            # A second key may have come to the lab and begun to edit a field.
            await person.press("escape")
            return
        if isinstance(front, Loading):
            front.end()
        await person.press("escape")
    raise AssertionError(f"{person.app.screen_stack} cannot be left")


def test_every_screen_over_the_lab_is_tried() -> None:
    def below(kind: type[Dialog[object]]) -> set[type[Dialog[object]]]:
        return {kind}.union(*map(below, kind.__subclasses__()))

    import epochal.tui.lab.full_screens  # noqa: F401

    for path in (Path(__file__).parents[3] / "tui" / "screens").rglob("*.py"):
        name = ".".join(path.with_suffix("").relative_to(Path(__file__).parents[3]).parts)
        __import__(f"epochal.{name}")
    assert {kind.__name__ for kind in below(Dialog) if not kind.__subclasses__()} == set(OPENED)


async def test_two_enters_on_a_cell_ask_once(iris: Dataset) -> None:
    async with lab(iris) as person:
        burst(person, "enter", "enter")
        await settled(person)
        burst(person, "escape", "escape")
        await settled(person)
        assert len(person.app.screen_stack) == 1


async def test_two_keys_that_ask_while_it_trains_leave_one_question(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=10_000_000)) as person:
        for key in "zcgfodh":
            await person.press("t")
            burst(person, key, key)
            await settled(person)
            await back_in_the_lab(person)
            assert person.app.run_shown
            assert person.app.run_shown.is_active


async def test_two_enters_on_a_question_answer_it_once(iris: Dataset) -> None:
    answered: list[str | None] = []
    async with lab(iris) as person:
        person.app.push_screen(Ask("Which?", {"one": "One", "two": "Two"}), answered.append)
        await settled(person)
        assert isinstance(person.app.focused, OptionList)
        burst(person, "enter", "enter")
        await settled(person)
        assert answered == ["one"]
        assert len(person.app.screen_stack) == 1


async def test_a_table_that_is_read_behind_a_question_is_not_left_loading(iris: Dataset) -> None:
    async with lab(iris) as person:
        loading = Loading("t.csv")
        person.app.push_screen(loading)
        person.app.push_screen(Ask("Which?", {"one": "One"}))
        await settled(person)
        loading.end()
        await settled(person)
        await person.press("escape")
        await person.until(lambda: len(person.app.screen_stack) == 1)
