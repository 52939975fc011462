"""The command that repeats a run is copied by a key, and can be read where a terminal does not take it."""

from __future__ import annotations

import base64
import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochal.core.settings import Settings
from epochal.data.tables.dataset import Dataset
from epochal.tui.reporting.equivalent_command import on_lines
from tests.lab import lab
from tests.runs import Terminal, told_json


def test_the_terminal_is_asked_to_copy_it() -> None:
    terminal = Terminal("iris", "--epochs", "7", "--hidden", "3,2", size=(80, 24))
    terminal.until("not trained")
    terminal.press("C")
    terminal.until("OSC 52")
    (sent,) = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", terminal.bytes)
    copied = base64.b64decode(sent).decode()
    assert copied == "epochal train iris --preset sensible --hidden 3,2 --epochs 7"
    terminal.until(re.escape(copied))
    terminal.press("c")
    while len(re.findall(rb"\x1b\]52;c;", terminal.bytes)) < 2:
        terminal.read()
    terminal.press("\x1b")
    terminal.until("not trained")
    terminal.press("\x11")
    terminal.end()


async def test_what_is_copied_repeats_the_run_whatever_is_set_now(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=5, seed=3), (80, 24)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        run = person.app.run_shown
        assert run
        assert run.training
        person.app.change_settings(Settings(epochs=9))
        await person.press("C")
        await person.until_shown("It repeats this run, to the bit.")
        copied = shlex.split(person.app.clipboard)
        assert shlex.split(re.sub(r"\\ ?\n", "", "\n".join(person.lines()[2:4]))) == copied
        again = told_json(*copied[1:])
        assert again["error"]["train"] == run.training.history[-1].training_error


async def test_that_a_steered_run_is_not_repeated_is_said(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=10_000_000)) as person:
        await person.press("t")
        await person.until(lambda: person.app.run_shown and person.app.run_shown.length > 3)
        person.app.steer("learning_rate", 0.02)
        run = person.app.run_shown
        assert run
        await person.until(lambda: run.training and run.training.changes)
        await person.press("C")
        await person.until_shown("This run was steered as it went")


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=12), st.integers(20, 120))
def test_a_shell_reads_the_lines_as_the_command(parts: list[str], width: int) -> None:
    command = shlex.join(parts)
    lines = on_lines(command, width)
    assert shlex.split("\n".join(lines).replace(" \\\n", "")) == shlex.split(command)
    longest = max(len(shlex.quote(part)) for part in parts)
    assert all(len(line) <= max(width, longest + 4) for line in lines) or "\n" in command


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
async def test_nothing_stands_beside_the_command(size: tuple[int, int], spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=5, hidden=(9, 8, 7), l2=0.25, dropout=0.125), size) as person:
        await person.press("C")
        await person.until_shown("epochal train column_2C_weka")
        start = next(n for n, line in enumerate(person.lines()) if line.startswith("epochal train"))
        shown = "\n".join(person.lines()[start:]).split("\n\n")[0].split("Your terminal")[0]
        assert shlex.split(re.sub(r"\\\s*\n", "", shown)) == shlex.split(person.app.clipboard)
