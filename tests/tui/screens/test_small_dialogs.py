"""On a low screen what a dialog says below its list or its field stays in view, and so does its cursor."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.widgets import OptionList

from epochal.core.settings import Settings
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.dataset import Dataset
from tests.lab import lab
from tests.runs import GIVE_UP
from tests.screens import OPENED, back_in_the_lab


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
async def test_the_hint_and_the_cursor_stay_in_view(
    size: tuple[int, int], iris: Dataset, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for place in range(30):
        (tmp_path / f"folder{place}").mkdir()
    recorder = Recorder.open(home)
    async with lab(iris, Settings(epochs=3), size, recorder) as person:
        await person.press("t")
        await person.wait_for_the_end()
        assert await asyncio.to_thread(recorder.flush, GIVE_UP)
        with_hint = 0
        for name in ("Ask", "Help", "NameScreen", "Open", "ReadingScreen", "Save"):
            await OPENED[name](person)
            assert type(person.app.screen).__name__ == name
            hints = [" ".join(str(hint.render()).split()) for hint in person.app.screen.query(".hint")]
            with_hint += len(hints)
            for hint in hints:
                assert hint in person.dialog(), name
            for options in person.app.screen.query(OptionList):
                options.add_options([f"{name} answer {place} of many" for place in range(40)])
                options.focus()
                await person.press("end")
                for said in (f"{name} answer 39 of many", *hints):
                    assert said in person.dialog(), name
            await back_in_the_lab(person)
        assert with_hint == 6
    recorder.close()
