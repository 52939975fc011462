"""A key in one write with the one that opens a full screen: nothing is raised, and the lab can be reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochal.core.settings import Settings
from epochal.data.tables.dataset import Dataset
from epochal.tui.lab.full_screens import FULL_SCREENS
from epochal.tui.screens.dialog import Dialog
from tests.lab import SIZES, burst, lab
from tests.runs import sampled
from tests.screens import back_in_the_lab, keys_of, settled


@pytest.mark.parametrize(
    "name", ["result", *sampled([one for one in FULL_SCREENS if one != "result"], 1, "burst")]
)
async def test_a_key_may_come_before_the_screen_is_filled(
    name: str, spine: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    opening = FULL_SCREENS[name].command.key
    async with lab(spine, Settings(epochs=3), SIZES["80x24"]) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press(opening)
        await settled(person)
        screen = person.app.screen
        keys = keys_of(screen) if isinstance(screen, Dialog) else []
        await back_in_the_lab(person)
        for key in keys:
            burst(person, opening, key, key)
            await settled(person)
            await back_in_the_lab(person)
        assert person.app.return_code is None
