"""A confined lab: whatever is typed or chosen in its dialogs, nothing outside is seen or written."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from epochal.core.settings import Settings
from epochal.data.tables.dataset import Dataset
from epochal.data.user_files import remember
from epochal.tui.screens.open import Open
from epochal.tui.screens.save import Save
from epochal.tui.widgets.text_input import TextInput
from tests.confined import SECRET, Confined, confined, untouched
from tests.lab import Person, lab

__all__ = ["confined"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links and /proc as POSIX systems have them")


async def typed(person: Person, text: str) -> None:
    """Type a path as a paste would, with all that it completes, and take it."""
    field = person.app.screen.query_one(TextInput)
    field.value = text
    await person.pilot.pause()
    field.focus()
    await person.press("right", "enter")


async def try_all_ways_to_open(person: Person, confined: Confined) -> None:
    """Type every way out, to files and folders, into the dialog that is open."""
    assert isinstance(person.app.screen, Open)
    folders = [os.path.dirname(path) or "." for path in confined.ways_out().values()]
    ways = [*confined.ways_out().values(), *confined.ways_out("missing.csv").values()]
    ways += [path for path in folders if path not in (".", "link.csv")]
    for path in (*ways, "..", "/", "~", "~root", "link-up", "link-to-root"):
        await typed(person, path)
        assert isinstance(person.app.screen, Open), path
        await person.until_said("outside")
        assert SECRET not in person.screen()


async def try_all_ways_to_write(person: Person, confined: Confined, ending: str) -> None:
    """Type every way out into the dialog that asks where to write to."""
    assert isinstance(person.app.screen, Save)
    for path in (*confined.ways_out(f"new{ending}").values(), *confined.ways_out("table.csv").values()):
        await typed(person, path)
        assert isinstance(person.app.screen, Save), path
        await person.until_said("outside")


async def test_no_dialog_leads_out_of_the_folder(confined: Confined, spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=2, hidden=(2,)), (100, 40)) as person:
        with untouched(confined):
            await person.press("t")
            await person.wait_for_the_end()
            await person.press("o")
            await try_all_ways_to_open(person, confined)
            await person.press("escape", "p")
            await try_all_ways_to_open(person, confined)
            await typed(person, "column_2C_weka")
            await person.until(lambda: isinstance(person.app.screen, Save))
            await try_all_ways_to_write(person, confined, ".csv")
            await typed(person, "predicted.csv")
            await person.until_said("written to")
            await person.press("enter", "w", "enter")
            await try_all_ways_to_write(person, confined, ".npz")
            await typed(person, "model.npz")
            await person.until_said("Wrote the model")
    assert (confined.folder / "predicted.csv").is_file()
    assert (confined.folder / "model.npz").is_file()


async def test_the_list_of_places_ends_at_the_folder(
    confined: Confined, spine: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = os.environ.pop("EPOCHAL_FOLDER")
    remember(str(confined.beside / f"{SECRET}.csv"))
    monkeypatch.setenv("EPOCHAL_FOLDER", folder)
    async with lab(spine, size=(100, 40)) as person:
        with untouched(confined):
            await person.press("o")
            await person.until_said("table.csv")
            assert "../" not in person.screen()
            assert "link" not in person.screen()
            assert SECRET not in person.screen()
            await typed(person, "sub")
            await person.until_said("../")
            await person.press("enter")
            await person.until_said("sub/")
            assert "../" not in person.screen()
            await typed(person, "table.csv")
            await person.until(lambda: person.app.dataset is not spine)
    assert person.app.dataset
    assert Path(person.app.dataset.table.path) == confined.folder / "table.csv"
