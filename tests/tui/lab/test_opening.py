"""Opening tables in the lab: by name, by browsing, with faults, with questions."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import OptionList

from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.user_files import browse, completed, recent, remember
from tests.lab import Person, lab

CLEAN = "a,b,class\n" + "".join(f"{i},{i % 7},{'xy'[i % 2]}\n" for i in range(20))
TITLED = (
    "All about x and y\n\na;b;class\n"
    + "".join(f"{i},5;{i % 7};{'xy'[i % 2]}\n" for i in range(20))
    + "1;2\n"
)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


async def choose(person: Person, identity: str) -> None:
    """Put the cursor of the list in front on an option, and take it."""
    options = person.app.screen.query_one(OptionList)
    options.focus()
    await person.pilot.pause()
    options.highlighted = [option.id for option in options.options].index(identity)
    await person.press("enter")


async def test_a_table_of_ours_is_chosen_from_the_list(spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("o")
        await choose(person, "ours:iris")
        await person.until_shown("150 rows, 4 features")
        assert "4 + bias -> 10 tanh -> 3 softmax" in person.pane("settings")


async def test_a_file_is_found_by_browsing_and_offered_again(
    spine: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    path = written(folder, "[red]x.csv", CLEAN)
    monkeypatch.chdir(tmp_path)
    async with lab(spine) as person:
        await person.press("o")
        await choose(person, f"folder:{folder}")
        assert "[red]x.csv" in person.dialog()
        await choose(person, f"file:{path}")
        await person.until_shown("20 rows, 2 features")
        await person.press("o")
        await person.until_shown("lately:")
    assert recent() == [path]


async def test_a_file_that_is_not_there_is_a_sentence(spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("o")
        await person.type("nowhere.csv")
        await person.press("enter")
        await person.until_shown("nowhere.csv")
        await choose(person, "leave")
        assert person.app.dataset is spine


async def test_faults_are_listed_with_their_lines_and_can_be_left_out(spine: Dataset, tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", TITLED)
    async with lab(spine) as person:
        await person.press("o")
        await person.type(str(path))
        await person.press("enter")
        await person.until_shown("line 24")
        assert "title" in person.dialog()
        await choose(person, "drop")
        await person.until_shown("t: 20 rows, 2 features")
        assert "left out" in person.pane("data")
        assert person.app.dataset.table.rows_left_out >= 1


async def test_how_a_file_is_read_can_be_said_and_is_seen_at_once(spine: Dataset, tmp_path: Path) -> None:
    path = written(tmp_path, "numbers.csv", "".join(f"{i};{i % 3};{i % 2}\n" for i in range(30)))
    async with lab(dataset_from(open_table(path))) as person:
        await person.press("d")
        await person.until_shown("30 rows, 3 columns")
        await person.press("down", "down", "right")
        await person.until_shown("29 rows, 3 columns")
        await person.press("u")
        await person.until_shown("numbers: 29 rows")


async def test_whole_numbers_that_may_be_classes_are_asked_about(spine: Dataset, tmp_path: Path) -> None:
    rows = "".join(f"{i},{(i * 7) % 10},{i % 4}\n" for i in range(60))
    path = written(tmp_path, "rings.csv", "a,b,rings\n" + rows)
    async with lab(spine) as person:
        await person.press("o")
        await person.type(str(path))
        await person.press("enter")
        await person.until_shown("rings has 4 different whole numbers")
        await choose(person, "regression")
        await person.until_shown("a number from 0 to 3")
        assert person.app.dataset.task == "regression"


async def test_where_the_guessed_target_is_impossible_another_is_asked_for(
    spine: Dataset, tmp_path: Path
) -> None:
    rows = "".join(f"{i},{'pq'[i % 2]},same\n" for i in range(30))
    path = written(tmp_path, "one.csv", "a,b,class\n" + rows)
    async with lab(spine) as person:
        await person.press("o")
        await person.type(str(path))
        await person.press("enter")
        await person.until_shown("Every class is same")
        await choose(person, "b")
        await person.until_shown("To predict: b")


async def test_a_long_reading_shows_a_bar_and_can_be_stopped(
    spine: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(name: str, *, watch: Callable[[float], None], **reading: object) -> None:
        while True:
            watch(0.25)

    monkeypatch.setattr("epochal.tui.lab.opening.open_table", endless)
    async with lab(spine) as person:
        await person.press("o")
        await choose(person, "ours:iris")
        await person.until_shown("25%")
        assert "Reading iris" in person.dialog()
        await person.press("escape")
        await person.until(lambda: len(person.app.screen_stack) == 1)
        assert person.app.dataset is spine


def test_paths_are_completed_as_far_as_they_are_certain(tmp_path: Path) -> None:
    for name in ("patients_2024.csv", "patients_2025.csv"):
        written(tmp_path, name, CLEAN)
    (tmp_path / "deeper").mkdir()
    assert completed(f"{tmp_path}/pa") == f"{tmp_path}/patients_202"
    assert completed(f"{tmp_path}/de") == f"{tmp_path}/deeper{os.sep}"
    assert completed(f"{tmp_path}/nothing") is None
    assert completed("/no/such/folder/x") is None


def test_browsing_shows_folders_and_tables_and_the_way_up(tmp_path: Path) -> None:
    written(tmp_path, "b.csv", CLEAN)
    written(tmp_path, "a.py", "")
    written(tmp_path, ".hidden.csv", CLEAN)
    (tmp_path / "z").mkdir()
    assert [(entry.path.name, entry.is_folder) for entry in browse(tmp_path)] == [
        (tmp_path.parent.name, True),
        ("z", True),
        ("b.csv", False),
    ]


def test_the_list_of_recent_files_is_for_its_owner_and_alone_in_its_folder(
    home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")
    for _ in range(2):
        remember(str(path))
    assert os.listdir(home) == ["recent.json"]
    assert (home / "recent.json").stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700


def test_a_damaged_list_of_recent_files_is_an_empty_one(home: Path, tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", CLEAN)
    remember(str(path))
    assert recent() == [path]
    for damage in ("", "{", '{"a": 1}', "[1, null]", '["/gone"]'):
        (home / "recent.json").write_text(damage, encoding="utf-8")
        assert recent() == []
    remember(str(path))
    assert recent() == [path]


async def test_an_offer_is_accepted_where_a_file_is_refused(spine: Dataset, tmp_path: Path) -> None:
    rows = "".join(f"{'unknown' if i % 9 == 0 else i / 7:},{i % 7},{'xy'[i % 2]}\n" for i in range(60))
    path = written(tmp_path, "t.csv", "size,b,class\n" + rows)
    async with lab(spine) as person:
        await person.press("o")
        await person.type(str(path))
        await person.press("enter")
        await person.until_shown("Take 'unknown' as missing in size")
        await choose(person, "offer:0")
        await person.until_shown("t: 60 rows, 2 features")
        assert person.app.reading["missing"] == ("size=unknown",)


async def test_repairs_are_offered_where_a_table_was_read(spine: Dataset, tmp_path: Path) -> None:
    rows = "".join(f"{-9999 if i % 9 == 0 else i / 7:},{i % 7},{'xy'[i % 2]}\n" for i in range(60))
    path = written(tmp_path, "t.csv", "size,b,class\n" + rows)
    async with lab(dataset_from(open_table(path))) as person:
        await person.press("d")
        await person.until_shown("one repair is offered")
        await person.press("r")
        await person.until_shown("Take -9999 as missing in size")
        await person.press("enter")
        await person.until_shown("Taken as missing: -9999 (7)")
        await person.press("u")
        await person.until(lambda: person.app.reading.get("missing") == ("size=-9999",))


async def test_numbers_that_cannot_be_computed_with_are_asked_about(spine: Dataset, tmp_path: Path) -> None:
    cells = [1.7e308 if row in (3, 17, 30) else row / 7 for row in range(40)]
    text = "a,height,y\n" + "".join(f"{row % 5},{cells[row]},{'pq'[row % 2]}\n" for row in range(40))
    path = written(tmp_path, "map.csv", text)
    async with lab(spine) as person:
        await person.press("o")
        await person.type(str(path))
        await person.press("enter")
        await person.until(lambda: len(person.app.screen_stack) > 1 and "height holds" in person.dialog())
        assert "3 numbers too large to compute with (rows 4, 18, 31: 1.7e+308)" in person.dialog()
        await person.press("enter")
        await person.until_shown("40 rows, 2 features")
        assert person.app.reading["missing"] == ("height=1.7e+308",)
    async with lab(spine) as person:
        await person.press("o")
        await person.type(str(path))
        await person.press("enter")
        await person.until(lambda: len(person.app.screen_stack) > 1 and "Leave out height" in person.dialog())
        await person.press("down", "enter")
        await person.until_shown("40 rows, 1 feature")
        assert person.app.dataset.features == ("a",)
