"""Every screen and dialog at every size, while it is shrunk and widened under a run: nothing is raised."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import pytest

from epochal.core.settings import Settings
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.dataset import Dataset
from epochal.tui.widgets.too_small import SMALLEST
from tests.lab import Person, lab
from tests.runs import GIVE_UP
from tests.screens import OPENED, back_in_the_lab, is_in_front

WIDTHS = (1, 3, 20, 39, 59, 60, 80, 100, 180, 300)
HEIGHTS = (1, 2, 5, 8, 14, 15, 24, 32, 40, 100)
SIZES = [(width, random.Random(width + 7 * place).choice(HEIGHTS)) for place in range(3) for width in WIDTHS]
SOME_SIZES = [(1, 1), (20, 5), (60, 5), (60, 15)]
SOME = random.Random("any size").sample(sorted(OPENED), 3)
TOO_SMALL = "Epochal needs at least 60 x 15 cells."
# Keys that move about, or show another view.
KEYS = ("down", "right", "tab", "end", "home", "pagedown")


async def at(person: Person, size: tuple[int, int]) -> None:
    """The terminal has another size now, and all is drawn in it."""
    await person.pilot.resize_terminal(*size)
    await person.until(lambda: person.app.size == size and len(person.lines()) == size[1])
    if size[0] >= 20 and size[1] >= 5:
        is_small = size[0] < SMALLEST[0] or size[1] < SMALLEST[1]
        await person.until(lambda: (TOO_SMALL in " ".join(person.screen().split())) == is_small)


@pytest.mark.parametrize(
    ("screens", "sizes"),
    [(SOME, SOME_SIZES), pytest.param(OPENED, SIZES, marks=pytest.mark.slow)],
    ids=["some", "all"],
)
async def test_no_size_ends_a_screen(
    screens: Iterable[str],
    sizes: list[tuple[int, int]],
    spine: Dataset,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    recorder = Recorder.open(home)
    chance = random.Random(str(sizes))
    async with lab(spine, Settings(epochs=3), (120, 40), recorder) as person:
        for _ in range(2):
            await person.press("t")
            await person.wait_for_the_end()
        assert await asyncio.to_thread(recorder.flush, GIVE_UP)
        for pane in "1234":
            await person.press(pane)
            for size in chance.sample(sizes, len(sizes)):
                await at(person, size)
        for name in screens:
            await at(person, (120, 40))
            await OPENED[name](person)
            await person.until(partial(is_in_front, person, name))
            for size in chance.sample(sizes, len(sizes)):
                await at(person, size)
                await person.press(chance.choice(KEYS))
            await back_in_the_lab(person)
    recorder.close()


@pytest.mark.parametrize("name", ["NetworkScreen", "BoundaryScreen", "WhatIfScreen"])
async def test_no_size_ends_a_screen_that_follows_a_run(name: str, spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=10_000_000), (120, 40)) as person:
        await person.press("t")
        await person.until(lambda: person.app.run_shown and person.app.run_shown.length > 3)
        await OPENED[name](person)
        await person.until(partial(is_in_front, person, name))
        for size in SOME_SIZES:
            await at(person, size)
        await at(person, (120, 40))
        assert person.app.run_shown
        assert person.app.run_shown.is_active
