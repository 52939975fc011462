"""Each sentence of a result is said once: a finding does not repeat the verdict above it."""

from __future__ import annotations

from collections import Counter

import pytest

from epochal.core.settings import read_settings
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from
from tests.lab import lab
from tests.runs import sampled, told

WEAK = {"epochs": "1", "hidden": "none", "learning_rate": "1e-06"}
SHORT = {"epochs": "1"}
RUNS = [
    (table, settings) for table in ("iris", "xor", "diabetes", "sine", "digits") for settings in (WEAK, SHORT)
]


def said_twice(text: str) -> list[str]:
    """Sentences of four words and more that are there more than once, wherever lines are broken."""
    ended = " ".join(text.split()).replace(": ", ". ").split(". ")
    return [one for one, times in Counter(ended).items() if times > 1 and len(one.split()) > 3]


@pytest.mark.parametrize(("table", "settings"), sampled(RUNS, 4, "said once"))
def test_a_command_says_each_sentence_once(table: str, settings: dict[str, str]) -> None:
    options = [part for name, value in settings.items() for part in ("--" + name.replace("_", "-"), value)]
    output = told("train", table, *options).output
    assert "Warning: " in output or "etter than" in output or settings is SHORT
    assert said_twice(output) == []
    assert said_twice(told("runs", "show", "1").output) == []


async def test_the_pane_says_each_sentence_once() -> None:
    async with lab(dataset_from(open_table("iris")), read_settings(WEAK), (200, 60)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        said = person.pane("result")
        assert "Do not use this network to decide anything." in said
        assert said_twice(said) == []
