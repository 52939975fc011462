"""Whatever path is typed or found, the screens that open and save keep running and say what is wrong."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from epochal.core.settings import Settings
from epochal.data.tables.dataset import Dataset
from epochal.data.user_files import completed, recent, remember
from epochal.tui.screens.open import Open
from epochal.tui.screens.save import Save
from epochal.tui.widgets.text_input import TextInput
from tests.hostile_paths import made, to_read, to_write
from tests.lab import Person, lab

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="pipes, sockets and /proc as Linux has them")

ONLY_IN_THE_LAB = {
    "a zero byte": "x\0y.csv",
    "begun like a user's home": "~n",
    "every control": "".join(map(chr, (*range(1, 32), *range(127, 160)))),
    "half a character": "\ud800.csv",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "paths"
    folder.mkdir()
    made(folder)
    monkeypatch.chdir(folder)  # where relative names are written
    return folder


async def typed(person: Person, text: str) -> None:
    """Type a path as a paste would, with all that it completes, and take it."""
    person.app.screen.query_one(TextInput).value = text
    await person.pilot.pause()
    person.app.screen.query_one(TextInput).focus()
    await person.press("right", "enter")


def failing(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """From now on the system refuses all that is asked about a path with `faulty` in it."""

    def refusing(real: Callable[..., object]) -> Callable[..., object]:
        def call(path: object, *rest: object, **named: object) -> object:
            if isinstance(path, (str, os.PathLike)) and "faulty" in os.fspath(path):
                raise OSError(number, os.strerror(number), os.fspath(path))
            return real(path, *rest, **named)

        return call

    for name in ("stat", "lstat", "listdir", "scandir", "open", "readlink"):
        monkeypatch.setattr(os, name, refusing(getattr(os, name)))


async def test_the_open_screen_outlives_every_path(spine: Dataset, folder: Path) -> None:
    async with lab(spine, size=(80, 24)) as person:
        for kind, path in {**to_read(folder), **ONLY_IN_THE_LAB}.items():
            if "locked" in kind and os.geteuid() == 0:
                continue  # nothing is locked for root
            if not isinstance(person.app.screen, Open):
                await person.press("o")
            await typed(person, path)
            await person.until(lambda: len(person.app.screen_stack) > 1)
            assert all(one.isprintable() for one in person.dialog()), kind
            if not isinstance(person.app.screen, Open):
                assert "Leave it" in person.dialog(), (kind, person.dialog())
                await person.press("escape")
        await person.press("escape")
        assert not person.corner()
        assert person.app.dataset is spine


async def test_the_save_screen_outlives_every_path(spine: Dataset, folder: Path) -> None:
    async with lab(spine, Settings(epochs=2), (80, 24)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("w", "enter")
        assert isinstance(person.app.screen, Save)
        for kind, path in {**to_write(folder, ".npz"), **ONLY_IN_THE_LAB}.items():
            if "locked" in kind and os.geteuid() == 0:
                continue
            await typed(person, path)
            if not isinstance(person.app.screen, Save):  # a name that a file can have, if a strange one
                await person.until_said("to")
                await person.press("enter", "w", "enter")
            assert isinstance(person.app.screen, Save), (kind, person.screen())
        assert not person.corner()


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ENAMETOOLONG, errno.ESTALE, errno.ELOOP])
async def test_what_the_system_refuses_is_said_and_nothing_ends(
    spine: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    (tmp_path / "faulty.csv").write_text("a,b\n1,x\n")
    monkeypatch.chdir(tmp_path)
    async with lab(spine, Settings(epochs=2), (80, 24)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        failing(monkeypatch, number)
        await person.press("o")
        await typed(person, f"{tmp_path}/faulty.csv")
        await person.until_said("cannot be")
        await person.press("escape", "w", "enter")
        await typed(person, f"{tmp_path}/faulty/x.npz")
        assert isinstance(person.app.screen, Save)
        await typed(person, f"{tmp_path}/faulty.npz")
        assert isinstance(person.app.screen, Save)
        assert "cannot be" in person.dialog()


async def test_a_folder_that_is_removed_meanwhile_ends_nothing(
    spine: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    async with lab(spine, Settings(epochs=2), (80, 24)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        gone.rmdir()
        await person.press("o")
        await typed(person, "x.csv")
        await person.until_said("The folder you are in has been removed")
        await person.press("escape", "w", "enter")
        await typed(person, "x.npz")
        await person.until_said("The folder you are in has been removed")
        await typed(person, f"{tmp_path}/x.npz")
        await person.until_said("Wrote the model")


@pytest.mark.parametrize(
    "text", ["~n", "~nosuch/x", "~nosuch/", "x" * 300, "x\0y", "\ud800/x", "", "~", "/proc/1/x"]
)
def test_nothing_is_completed_where_nothing_can_be_looked_up(text: str) -> None:
    assert completed(text) is None


def test_recent_files_that_cannot_be_read_are_none(home: Path) -> None:
    home.mkdir()
    for content in ("[" * 100_000, "{}", "null", '["\\u0000", 1, null]', json.dumps(["x" * 5000, "\ud800"])):
        (home / "recent.json").write_text(content)
        assert recent() == []
        remember("/dev/null/x.csv")
