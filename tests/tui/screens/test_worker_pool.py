"""Search, cross-validation and seeds in the lab by two processes: as by one, and stopped by keys."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from epochal.core.settings import Settings
from epochal.core.studies.search import candidates, search
from epochal.core.studies.seed_study import run_seeds
from epochal.data.tables.dataset import Dataset
from epochal.tui.runner.background import Background
from epochal.tui.runner.worker_pool import WorkerPool
from tests.lab import Person, lab
from tests.runs import GIVE_UP
from tests.work import own_number

KEYS = {"search": ("g", "v", "g"), "validation": ("c", "c"), "growing": ("f",)}


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    """Two workers, kept warm from one test to the next."""
    made = WorkerPool(2)
    yield made
    made.end()


def study(person: Person, name: str) -> Background[Any]:
    found = getattr(person.app.screen, name)
    assert isinstance(found, Background)
    return found


async def test_the_search_ranks_as_without_them(pool: WorkerPool, iris: Dataset) -> None:
    settings = Settings(epochs=3)
    async with lab(iris, settings, pool=pool) as person:
        await person.press(*KEYS["search"])
        found = study(person, "search")
        assert await asyncio.to_thread(found.join, GIVE_UP)
        await person.until_shown("Finished: ")
    tried = candidates(settings, {"l2": ["0.1", "0.03", "0.01", "0.003", "0.001", "0.0001", "0.02"],
                                  "optimizer": [settings.optimizer, "lbfgs"]})  # fmt: skip
    expected = {one.settings: one.score for one in search(iris.examples, tried, 5)}
    assert {one.settings: one.score for one in found.done}.items() <= expected.items()
    assert len(found.done) >= 12


async def test_the_seeds_are_those_without_them(pool: WorkerPool, iris: Dataset) -> None:
    settings = Settings(epochs=3)
    async with lab(iris, settings, pool=pool) as person:
        await person.press(*KEYS["growing"])
        found = study(person, "growing")
        assert await asyncio.to_thread(found.join, GIVE_UP)
        await person.until_shown("16 seeds, epoch 3")
    *_, expected = run_seeds(iris.examples, settings)
    assert found.done[-1].results == expected.results


@pytest.mark.parametrize(("name", "key"), [("search", "x"), ("validation", "x"), ("growing", "escape")])
async def test_a_key_ends_what_they_do_and_they_are_there_for_the_next(
    name: str, key: str, pool: WorkerPool, iris: Dataset
) -> None:
    async with lab(iris, Settings(epochs=1_000_000), pool=pool) as person:
        await person.press(*KEYS[name])
        found = study(person, name)
        await person.press(key)
        assert await asyncio.to_thread(found.join, GIVE_UP)
        assert found.phase == "stopped"
    executor = pool.for_work(0.0)
    assert executor
    assert executor.submit(own_number, 0).result(GIVE_UP)
