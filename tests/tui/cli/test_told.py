"""What was decided about a table is told by every command, in its text and in its JSON, and in the report."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from epochal.core.settings import Settings
from epochal.data.models.model_file import load_model
from epochal.data.tables.dataset import dataset_from
from epochal.data.tables.decisions import REASONS
from epochal.data.tables.reading import read_table
from epochal.tui.cli.main import epochal
from epochal.tui.panes.data import summary
from epochal.tui.reporting.equivalent_command import command_for
from tests.lab import lab

ROWS = 60


@dataclass(frozen=True)
class Told:
    """A table that causes a decision, the words that tell it, and where it stands among plain values."""

    text: str
    words: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    rows_left_out: int = 0
    without_target: int = 0
    target: tuple[str, str] = ("class", "its name")
    encoding: str = "utf-8"


def csv_of(columns: dict[str, Any], delimiter: str = ",", header: bool = True, rows: int = ROWS) -> str:
    """A table whose every column is made by its function of the row's number."""
    lines = [delimiter.join(str(make(n)) for make in columns.values()) for n in range(rows)]
    return "\n".join([*([delimiter.join(columns)] if header else []), *lines, ""])


def size(n: int) -> str:
    return f"{(n * 37) % 50 / 10:.1f}"


def kind(n: int) -> str:
    return "ab"[n % 2]


SOUND: dict[str, Any] = {"size": size, "width": lambda n: f"{(n * 13) % 50 / 10:.1f}", "class": kind}


def beside(**columns: Any) -> str:
    return csv_of({**columns, **SOUND})


TITLES = "A survey of 2024\n\n"

DECISIONS = {
    "the target by its name": Told(csv_of({"class": kind, "size": size})),
    "the target as the last column": Told(
        csv_of({"size": size, "sort": kind}), target=("sort", "last column")
    ),
    "the target asked for": Told(
        beside(), (), ("--target", "width"), target=("width", "asked for")
    ),
    "a name that may be a feature's, asked for": Told(
        csv_of({"size": size, "class": kind, "width": SOUND["width"]}),
        (),
        ("--target", "class"),
        target=("class", "asked for"),
    ),
    "which task": Told(
        csv_of({"size": size, "grade": lambda n: n % 3}),
        ("grade has 3 different whole numbers", "could be regression"),
        target=("grade", "last column"),
    ),
    "an identifier": Told(
        beside(code=lambda n: f"P{n:03}x"), ("code is left out: it holds a name or number",), (), ("code",)
    ),
    "row numbers": Told(beside(id=lambda n: n + 1), ("id is left out",), (), ("id",)),
    "dates": Told(
        beside(day=lambda n: f"2024-01-{n % 28 + 1:02}"), ("day holds dates, of which features were made",)
    ),
    "dates that may be read in two ways": Told(
        beside(day=lambda n: f"{n % 12 + 1:02}/{n % 11 + 1:02}/2024"),
        ("day is left out: it holds dates", "day and month cannot be told apart"),
        (),
        ("day",),
    ),
    "free text": Told(
        beside(note=lambda n: f"a long story that is told only once and bears the number {n}"),
        ("note is left out: it holds free text",),
        (),
        ("note",),
    ),
    "a constant column": Told(beside(same=lambda n: 7), ("same is left out: it is the same",), (), ("same",)),
    "an empty column": Told(
        beside(none=lambda n: ""), ("none is left out: it holds nothing",), (), ("none",)
    ),
    "two columns for one reason": Told(
        beside(p=lambda n: f"P{n}x", q=lambda n: f"Q{n}y"), ("2 columns are left out", "p, q"), (), ("p", "q")
    ),
    "a column left out by request": Told(
        beside(), ("width is left out: it was not wanted",), ("--ignore", "width"), ("width",)
    ),
    "words for missing cells": Told(
        beside(len=lambda n: "N/A" if n % 5 == 0 else n % 7), ("Taken as missing: N/A (12)", "len 12")
    ),
    "own words for missing cells": Told(
        beside(len=lambda n: "lost" if n % 5 == 0 else n % 7),
        ("Taken as missing: lost (12)",),
        ("--missing", "lost"),
    ),
    "empty cells": Told(beside(len=lambda n: "" if n % 6 == 0 else n % 7), ("Missing cells", "len 10")),
    "a class that is called like nothing": Told(
        csv_of({"size": size, "region": lambda n: ("EU", "SA", "AS", "NA")[n % 4]}),
        ("15 rows have no region, the target, and are set aside", "NA (15)"),
        ("--missing", "region=NA"),
        target=("region", "last column"),
        without_target=15,
    ),
    "one row without a target": Told(
        csv_of({"size": size, "sort": lambda n: "" if n == 5 else kind(n)}),
        ("1 row has no sort, the target, and is set aside",),
        target=("sort", "last column"),
        without_target=1,
    ),
    "rows that cannot be read": Told(
        beside() + "1.5\n2.5\n", ("2 rows were left out",), ("--drop-bad-rows",), rows_left_out=2
    ),
    "no header": Told(
        csv_of(SOUND, header=False), ("No line names the columns",), target=("column 3", "last column")
    ),
    "decimal commas": Told(
        csv_of({"len": lambda n: f"{n % 7},25", **SOUND}, ";"), ("len is written with a decimal comma",)
    ),
    "decimal commas in two columns": Told(
        csv_of({"len": lambda n: f"{n % 7},25", "long": lambda n: f"{n % 9},5", **SOUND}, ";"),
        ("Each of len, long is written with a decimal comma",),
    ),
    "thousands": Told(
        beside(pay=lambda n: f'"{n + 1},{(n * 91) % 1000:03}.5"'), ("pay is written with commas between",)
    ),
    "pooled levels": Told(
        csv_of({"city": lambda n: f"town{n % 73}", **SOUND}, rows=300),
        ("city has 73 categories", "the 64 most frequent", "the other 9 share one"),
    ),
    "titles above": Told(
        TITLES + beside(), ("The table begins at line 3.",), ("--first-line", "3")
    ),
    "blank lines": Told(beside().replace("\n", "\n\n", 1), ("1 blank line skipped",)),
    "a column without a name": Told(
        csv_of({"": lambda n: n % 7, **SOUND}), ("1 column has no name",)
    ),
    "two columns of one name": Told(
        csv_of({"width": size, "width ": size, **SOUND}).replace("width ,size,width", "width,size,wide"),
        ("Two columns are called width",),
    ),
    "an encoding": Told(
        beside(colour=lambda n: ("gr\xfcn", "rot")[n % 2]), ("read as Windows-1252",), encoding="latin-1"
    ),
}  # fmt: skip

SHORT = ("--epochs", "1", "--hidden", "2", "--preset", "sensible")
COMMANDS = {
    "inspect": (),
    "train": (*SHORT, "--no-history"),
    "validate": (*SHORT, "--folds", "2", "--repeats", "1"),
    "search": (*SHORT, "--folds", "2", "--vary", "l2=0.1,0.2"),
}


@pytest.fixture(params=DECISIONS)
def decision(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Told]:
    told = DECISIONS[request.param]
    path = tmp_path / "table.csv"
    path.write_bytes(told.text.encode(told.encoding))
    return str(path), told


def run(*arguments: str) -> Result:
    done = CliRunner().invoke(epochal, arguments)
    assert done.exit_code == 0, (done.output, done.exception)
    return done


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_tells_it_in_words_and_in_json(command: str, decision: tuple[str, Told]) -> None:
    path, told = decision
    given = (command, path, *COMMANDS[command], *told.options)
    said = run(*given).stdout
    for words in (f"Target: {told.target[0]} (", REASONS[told.target[1]], *told.words):
        assert words in said
    values = json.loads(run(*given, "--json").stdout)
    table = values if command == "inspect" else values["table"]
    assert (table["target"], table["target_reason"]) == told.target
    assert [one["name"] for one in table["left_out"]] == list(told.left_out)
    assert all(one["reason"] for one in table["left_out"])
    assert (table["rows_left_out"], table["rows_without_target"]) == (told.rows_left_out, told.without_target)
    in_words = " ".join(table["notes"])
    for words in told.words:
        assert words in in_words
    for name in told.left_out:
        assert name in in_words


def test_the_report_the_history_the_model_and_predict_tell_it(
    decision: tuple[str, Told], tmp_path: Path
) -> None:
    path, told = decision
    page, saved = tmp_path / "report.md", tmp_path / "model.npz"
    run("train", path, *SHORT, *told.options, "--report", str(page), "--save", str(saved))
    kept = load_model(saved).decisions
    assert kept is not None
    assert kept.target_reason == told.target[1]
    assert tuple(one.name for one in kept.left_out) == told.left_out
    assert (kept.rows_left_out, kept.rows_without_target) == (told.rows_left_out, told.without_target)
    for words in told.words:
        assert words in " ".join(kept.notes)
    of_file = told.options if told.options[:1] not in (("--target",), ("--ignore",)) else ()
    predicted = json.loads(run("predict", str(saved), path, *of_file, "--json").stdout)
    assert predicted["learned_from"]["target_reason"] == told.target[1]
    assert {*told.left_out} == {one["name"] for one in predicted["left_out"]}
    assert predicted["rows_left_out"] == told.rows_left_out
    for words in told.words:
        assert words in " ".join(predicted["learned_from"]["notes"])
    said_aside = run("predict", str(saved), path, *of_file).stderr
    assert said_aside.splitlines() == predicted["notes"]
    for name in told.left_out:
        assert name in said_aside
    for said in (page.read_text(encoding="utf-8"), run("runs", "show", "1").stdout):
        for words in (f"Target: {told.target[0]}, {REASONS[told.target[1]]}", *told.words):
            assert words in said.replace("\\", "")


def test_the_data_pane_tells_all_of_it(decision: tuple[str, Told]) -> None:
    path, told = decision
    if not told.options:
        said = " ".join(summary(dataset_from(read_table(path))))
        for words in (f"To predict: {told.target[0]} (", *told.words):
            assert words in said


async def test_notes_that_do_not_fit_are_reached_by_keys(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    columns = {name: size for n in range(12) for name in (f"place {n}", f"spot {n}")}
    path.write_text(beside(**columns).replace("spot", "place"), encoding="utf-8")
    async with lab(dataset_from(read_table(path)), size=(80, 24)) as person:
        assert "columns are called place 0;" in person.pane("data")
        assert "columns are called place 11" not in person.pane("data")
        assert "shift+down" in person.pane("data")
        await person.press(*["shift+down"] * 6)
        assert "columns are called place 11" in person.pane("data")
        await person.press(*["shift+up"] * 6)
        assert "columns are called place 0;" in person.pane("data")


def test_the_command_that_repeats_a_run_names_a_target_that_had_to_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(csv_of({"size": size, "class": kind, "width": SOUND["width"]}), encoding="utf-8")
    dataset = dataset_from(read_table(path), "class")
    again = shlex.split(command_for(dataset, Settings(epochs=1), {}))
    assert CliRunner().invoke(epochal, [*again[1:], "--preset", "sensible"]).exit_code == 0


def test_a_clean_table_gets_one_line_of_it() -> None:
    said = run("train", "iris", *SHORT).stdout.splitlines()
    assert said[0] == "Target: species (3 classes), chosen by its name."
    assert said[1].startswith("4 + bias")


@pytest.mark.parametrize("make", [lambda n: f"P{n}x", lambda n: f"2024-01-{n % 28 + 1:02}", lambda n: 7])
@pytest.mark.parametrize("command", COMMANDS)
def test_another_target_than_the_rule_gives_is_asked_for_not_taken(
    command: str, make: Any, tmp_path: Path
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(csv_of({"size": size, "width": size, "price": make}), encoding="utf-8")
    done = CliRunner().invoke(epochal, [command, str(path), *COMMANDS[command]])
    assert done.exit_code == 1
    assert "price" in done.output
    if command != "inspect":
        assert "--target" in done.stderr
        assert done.stdout == ""
    run(command, str(path), *COMMANDS[command], "--target", "width")
