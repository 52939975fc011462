"""The palette finds an action by what it is called, what it does, and other words for it."""

from __future__ import annotations

import pytest
from textual.command import CommandList

from epochal.core.settings import Settings
from epochal.data.tables.dataset import Dataset
from epochal.tui.lab.commands import EVERY_COMMAND, IN_PALETTE
from epochal.tui.lab.palette import worth
from tests.lab import lab

MEANT = {
    "save": "Write a file",
    "model": "Write a file",
    "weights": "Network",
    "theme": "Theme",
    "colour": "Theme",
    "color": "Theme",
    "decision": "Boundary",
    "layers": "Network",
    "load": "Open a table",
    "histogram": "Network",
    "overfit": "Pane Error",
    "undo": "Undo",
    "csv": "Open a table",
    "compare": "Runs",
    "export": "Write a file",
    "search": "Find settings",
    "quit": "Quit",
    "roc": "Full result",
    "gradient": "Microscope",
    "what if": "What if",
    "cross": "Cross-validate",
    "save model": "Write a file",
    "copy": "Copy the command",
    "clipboard": "Copy the command",
    "repeat": "Copy the command",
}


@pytest.mark.parametrize("word", MEANT)
def test_a_word_finds_what_is_meant(word: str) -> None:
    commands = (*EVERY_COMMAND, *IN_PALETTE)
    found = [one.title for one in commands if worth(one, word) > 0]
    assert MEANT[word] in found
    assert len(found) <= len(commands) // 3, "a word that finds most of them finds nothing"


def test_letters_that_no_command_has_find_none() -> None:
    assert not [one for one in (*EVERY_COMMAND, *IN_PALETTE) if worth(one, "xyzzy")]


async def test_a_word_typed_in_the_palette_does_it(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=3)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("ctrl+p")
        await person.type("decision")
        found = person.app.screen.query_one(CommandList)
        await person.until(lambda: found.option_count and found.visible)
        await person.press("enter")
        await person.until_shown("Boundary, epoch 3")
