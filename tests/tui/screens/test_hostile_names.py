"""The last guard: of no name, cell, path, note or pasted text acts a byte on the terminal, on any screen."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import pytest
from textual import events
from textual.drivers.headless_driver import HeadlessDriver

from epochal.core.settings import Settings
from epochal.data.runs.queries import describe_run, recorded_runs
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from
from epochal.data.tables.table import TableError
from epochal.tui.screens.ask import Ask
from epochal.tui.screens.dialog import Dialog
from epochal.tui.screens.loading import Loading
from epochal.tui.screens.problems import Problems
from epochal.tui.widgets.text import visible
from epochal.tui.widgets.text_input import TextInput
from tests.hostile_names import HOSTILE, foreign, table_named
from tests.lab import SIZES, Person, burst, lab
from tests.runs import GIVE_UP
from tests.screens import OPENED, back_in_the_lab, is_in_front, keys_of, settled


class Written:
    """What the lab writes to its terminal, as it would write to a real one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.text: list[str] = []
        monkeypatch.setattr(HeadlessDriver, "is_headless", False)
        monkeypatch.setattr(HeadlessDriver, "write", lambda _driver, data: self.text.append(data))

    def check(self, person: Person, where: str) -> None:
        """Nothing foreign was written since the last check, and nothing drawn is a link of a name's."""
        written = "".join(self.text)
        self.text.clear()
        assert not foreign(written), (where, foreign(written))
        for strip in person.app.screen._compositor.render_strips():
            for one in strip:
                assert "@click" not in (one.style.meta if one.style else {}), (where, one.text)


@pytest.mark.parametrize("evil", HOSTILE.values(), ids=HOSTILE)
def test_the_guard_sees_every_one(evil: str) -> None:
    drawn = f"\x1b[1;1H\x1b[38;2;1;2;3mfolder{evil}name\x1b[0m"
    assert bool(foreign(drawn)) == (visible(evil) != evil)
    assert not foreign(drawn.replace(evil, visible(evil)))


# The quick suite takes one name to some of the screens; those marked slow take every name to all of them.
SOME = random.Random("hostile names").sample(sorted(OPENED), 7)


@pytest.mark.parametrize(
    ("kind", "screens"),
    [("several", SOME), *(pytest.param(kind, OPENED, marks=pytest.mark.slow) for kind in HOSTILE)],
    ids=["some", *HOSTILE],
)
async def test_no_byte_of_a_name_acts_on_the_terminal(
    kind: str, screens: Iterable[str], home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = HOSTILE[kind]
    path = table_named(evil, tmp_path)
    monkeypatch.chdir(path.parent)
    broken = path.with_name(f"{path.stem}2.csv")
    broken.write_text(path.read_text("utf-8") + f'"{evil}",1\n"{evil}","{evil}",1,2,3,4\n', encoding="utf-8")
    with pytest.raises(TableError) as refused:
        open_table(broken, delimiter=",")
    written = Written(monkeypatch)
    table = open_table(path, delimiter=",")
    dataset = dataset_from(table, table.columns[-1].name)
    recorder = Recorder.open(home)
    async with lab(dataset, Settings(epochs=3), SIZES["120x40"], recorder) as person:
        for _ in range(2):
            await person.press("t")
            await person.wait_for_the_end()
        assert await asyncio.to_thread(recorder.flush, GIVE_UP)
        for run in recorded_runs(home).runs:
            describe_run(home, run.id, name=f"{evil}name", note=f"{evil}note")
        assert visible(evil) in person.screen()
        for pane in "1234":
            await person.press(pane, "down", "enter", "r")
            written.check(person, f"pane {pane}")
            await back_in_the_lab(person)
        for dialog in (
            Ask(f"{evil}?", {"one": f"{evil}1", "two": evil}),
            Problems(str(broken), refused.value),
            Loading(str(path)),
        ):
            person.app.push_screen(dialog)
            await settled(person)
            written.check(person, type(dialog).__name__)
            assert visible(evil) in person.screen()
            await back_in_the_lab(person)
        for name in screens:
            await OPENED[name](person)
            await person.until(partial(is_in_front, person, name))
            await settled(person)
            written.check(person, name)
            await used(person, evil, written, name)
            await back_in_the_lab(person)
    recorder.close()


async def used(person: Person, evil: str, written: Written, name: str) -> None:
    """Every field of the screen filled, every key of it pressed once; but none that leaves, or copies."""
    screen = person.app.screen
    assert isinstance(screen, Dialog)
    for field in screen.query(TextInput):
        field.focus()
        person.app.post_message(events.Paste(f"{evil}pasted"))
        await settled(person)
        written.check(person, f"{name}, pasted")
        field.value = f"{evil}d"
        await settled(person)
        written.check(person, f"{name}, a suggestion")
    for key in keys_of(screen):
        if person.app.screen is screen and key not in ("escape", "ctrl+q", "ctrl+x"):
            burst(person, key)
            await person.pilot.pause()
            written.check(person, f"{name}, {key}")
