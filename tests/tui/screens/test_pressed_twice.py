"""Every key of every screen and dialog, twice in one burst: nothing is raised, and the lab can be reached."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.widgets import OptionList

from epochal.core.settings import Settings
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.dataset import Dataset
from epochal.tui.screens.ask import Ask
from epochal.tui.screens.dialog import Dialog
from epochal.tui.screens.loading import Loading
from tests.lab import SIZES, burst, lab
from tests.runs import GIVE_UP, sampled
from tests.screens import OPENED, back_in_the_lab, keys_of, settled


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
