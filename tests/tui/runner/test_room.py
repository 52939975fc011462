"""A network that the machine has no memory for is refused in a sentence, before it is made."""

from __future__ import annotations

import pytest

from epochal.core.settings import Settings
from epochal.data.tables.dataset import Dataset
from epochal.tui.runner import room
from tests.lab import lab
from tests.runs import told

SAID = "Training this network takes about"


def test_the_command_line_refuses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "memory_of_machine", lambda: 1_000_000_000)
    done = told("train", "iris", "--hidden", "4096,4096", "--no-history", code=1)
    assert SAID in done.stderr
    assert "this machine has 1 GB: take fewer hidden nodes" in done.stderr


async def test_the_lab_refuses_it(iris: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "memory_of_machine", lambda: 1_000_000_000)
    async with lab(iris, Settings(hidden=(4096, 4096))) as person:
        await person.press("t")
        assert person.app.run_shown is None
        assert SAID in " ".join(person.corner())


def test_where_the_system_does_not_say_nothing_is_refused(
    iris: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "memory_of_machine", lambda: None)
    assert room.lack_of_memory(iris.examples, Settings(hidden=(4096,) * 16)) == ""
