"""At 80 x 24 a full screen says which epoch it shows and how one leaves it, whatever goes on."""

from __future__ import annotations

import pytest

from epochal.core.settings import Settings
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from tests.lab import SIZES, Person, lab

LONG = Settings(epochs=10_000_000)


def last_line(person: Person) -> str:
    return person.lines()[-1].rstrip()


@pytest.mark.parametrize("key", ["n", "e", "i"])
async def test_the_epoch_and_the_way_back_are_never_cut(key: str, spine: Dataset) -> None:
    async with lab(spine, LONG, SIZES["80x24"]) as person:
        await person.press("t")
        await person.until(lambda: person.app.run_shown and person.app.run_shown.length > 20)
        await person.press("3", "home", "right", "right", "right", key)
        await person.until_shown("epoch 3 of 10,000,000 (looking back)")
        assert last_line(person).endswith("esc Back")
        if key == "e":
            await person.press("p")
            await person.until_shown("component 1 (55 %) across, 2 (19 %) up")
            assert "epoch 3 of 10,000,000 (looking back)" in person.screen()
            assert "a row's own answer may differ." in person.screen()
        if key == "n":
            await person.press("x")
            assert "epoch 3 of 10,000,000 (looking back)" in person.screen()


async def test_the_playground_says_all_its_keys() -> None:
    async with lab(dataset_from(open_table("moons")), LONG, SIZES["80x24"]) as person:
        await person.press("t")
        await person.until(lambda: person.app.run_shown and person.app.run_shown.length > 20)
        await person.press("e")
        await person.until_shown("400 points, noise 0.15")
        for said in ("n New sample", "+ - Noise", "( ) Points", "t Pause", "s Step"):
            assert said in last_line(person)
        assert last_line(person).endswith("esc Back")
        assert "There are no other features" in person.screen()


async def test_the_row_under_the_microscope_is_named(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=300), SIZES["80x24"]) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("m")
        await person.until_shown("row 1 of 32 (row 196, Abnormal)")
        assert last_line(person).endswith("esc Back")
