"""The lesson plan: its keys are pressed, and what it says the screen shows is looked for."""

from __future__ import annotations

import re
import shlex

import pytest

from docs.tour import HERE, Box, Key, Picture, parts
from epochal.core.presets import PRESETS
from epochal.core.settings import read_settings
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from
from tests.lab import lab

LESSON = (HERE / "how-to" / "teach.md").read_text(encoding="utf-8")
STARTS = list(
    re.finditer(r"```sh\nepochal (\S+) --preset (\S+)([^\n]*)\n```(.*?)(?=```sh|\Z)", LESSON, re.DOTALL)
)


def test_the_lesson_has_two_sittings() -> None:
    assert [start[1] for start in STARTS] == ["circles", "column_2C_weka"]
    assert sum(isinstance(part, Key) for start in STARTS for part in parts(start[4])) > 20


@pytest.mark.parametrize("start", STARTS, ids=lambda start: start[1])
async def test_the_lesson_shows_what_it_says(start: re.Match[str]) -> None:
    table, preset, options, text = start.groups()
    words = shlex.split(options)
    given = {name[2:].replace("-", "_"): value for name, value in zip(words[::2], words[1::2], strict=True)}
    settings = read_settings(given, PRESETS[preset])
    async with lab(dataset_from(open_table(table)), settings, size=(80, 24)) as person:
        for part in parts(text):
            match part:
                case Key(name):
                    await person.press(name)
                case Box(texts):
                    for said in texts:
                        await person.until_said(said)
                case Picture():
                    raise AssertionError("The lesson has no pictures.")
