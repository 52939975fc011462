"""The stored result of a run is read by its schema, whatever a stranger's file or another version holds."""

from __future__ import annotations

import copy
import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from epochal.core.outcome import outcome_of
from epochal.core.rows.examples import Examples
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.exports.pages import html
from epochal.data.runs.database import NAME
from epochal.data.runs.metadata import run_metadata
from epochal.data.runs.queries import epochs_of, recorded_run
from epochal.data.runs.record import digest
from epochal.data.runs.recorder import Recorder
from epochal.data.runs.result import (
    HeldOutClasses,
    HeldOutNumbers,
    RunResult,
    plain_values,
    result_of,
    result_text,
)
from epochal.data.runs.stored import read_stored
from epochal.data.tables.dataset import Dataset
from epochal.tui.cli.main import epochal
from epochal.tui.reporting.report import report
from epochal.tui.reporting.run_words import score, sentences
from epochal.tui.screens.runs.comparison import pairs_of
from epochal.tui.screens.runs.table import row_of

WRONG: tuple[object, ...] = (
    {"a": 1},
    [[1]],
    "seven",
    True,
    -1,
    1e400,
    float("nan"),
    [None, None, None],
    None,
)


@pytest.fixture
def recorded(home: Path, iris: Dataset) -> Callable[[str], None]:
    """A history with one run; what is given back replaces the result in it, with a digest that is right."""
    with Recorder.open(home) as recorder:
        training = Training(iris.examples, Settings(hidden=(3,), epochs=4))
        recording = recorder.begin(run_metadata(iris, training), training.history)
        list(recording.epochs(training))
        recording.end("finished", result_of(iris, outcome_of(training)), training.state())

    def replace(text: str) -> None:
        with closing(sqlite3.connect(home / NAME)) as connection:
            connection.execute("UPDATE runs SET result = ?, result_sha256 = ?", (text, digest(text.encode())))
            connection.commit()

    return replace


def stored_text(home: Path) -> str:
    text = recorded_run(home, 1).result_text
    assert text
    return text


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a JSON value."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in items:
            yield (*path, key)
            yield from places(part, (*path, key))


def changed(value: Any, path: tuple[str | int, ...], new: object) -> Any:
    """The value with something else in this place."""
    other = copy.deepcopy(value)
    at = other
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = new
    return other


def shown_everywhere(home: Path) -> str:
    """The run as every reader of the history shows it; a crash in any of them fails the test."""
    run = recorded_run(home, 1)
    rows, _ = epochs_of(home, run)
    html(report(run, rows))
    row_of(run)
    pairs_of(run, run)
    score(run)
    said = "\n".join(sentences(run))
    for words in (["list"], ["list", "--json"], ["list", "--csv"], ["show", "1"], ["show", "1", "--json"]):
        shown = CliRunner().invoke(epochal, ["runs", *words])
        assert shown.exit_code == 0, (words, shown.output, shown.exception)
    return said


@pytest.mark.parametrize("patience", [0, 3])
def test_what_is_stored_is_what_is_read_and_what_json_prints(spine: Dataset, patience: int) -> None:
    training = Training(spine.examples, Settings(epochs=30, patience=patience))
    list(training)
    result = result_of(spine, outcome_of(training))
    read = read_stored(RunResult, result_text(result))
    assert read == result
    assert json.loads(result_text(result)) == json.loads(json.dumps(plain_values(result)))
    assert isinstance(result.held_out, HeldOutClasses)
    assert result.weights_sha256


def test_the_result_of_a_regression_is_stored_as_one(line: Examples, spine: Dataset) -> None:
    training = Training(line, Settings(epochs=5))
    list(training)
    result = result_of(spine, outcome_of(training))
    read = read_stored(RunResult, result_text(result))
    assert read == result
    assert isinstance(read.held_out, HeldOutNumbers)


def test_keys_an_earlier_version_did_not_write_may_be_absent(
    home: Path, recorded: Callable[[str], None]
) -> None:
    whole = json.loads(stored_text(home))
    for path in list(places(whole)):
        if not isinstance(path[-1], str) or path[0] == "settings":
            continue
        part = copy.deepcopy(whole)
        at = part
        for key in path[:-1]:
            at = at[key]
        del at[path[-1]]
        assert read_stored(RunResult, json.dumps(part)) is not None, path
    recorded("{}")
    assert "damaged" not in shown_everywhere(home)
    assert recorded_run(home, 1).trouble == ""


def test_keys_of_a_newer_version_are_kept(home: Path, recorded: Callable[[str], None]) -> None:
    newer = {**json.loads(stored_text(home)), "verdicts": [{"code": "new"}]}
    recorded(json.dumps(newer))
    shown = CliRunner().invoke(epochal, ["runs", "show", "1", "--json"])
    assert json.loads(shown.stdout)["result"] == newer


def test_a_result_of_wrong_types_is_damaged_or_shown_and_never_a_crash(
    home: Path, recorded: Callable[[str], None]
) -> None:
    whole = json.loads(stored_text(home))
    rng = random.Random(14)
    every = [(path, wrong) for path in places(whole) for wrong in WRONG]
    told = 0
    for path, wrong in rng.sample(every, 60):
        recorded(json.dumps(changed(whole, path, wrong)))
        said = shown_everywhere(home)
        is_damaged = recorded_run(home, 1).result is None
        assert ("Its result is damaged in the file." in said) == is_damaged, (path, wrong)
        told += is_damaged
    assert told > 10


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "7", '"x"', "{", "[" * 5000, '{"epochs": 1' + "0" * 5000 + "}"]
)
def test_a_result_that_is_no_object_is_damaged(
    home: Path, recorded: Callable[[str], None], text: str
) -> None:
    recorded(text)
    assert "Its result is damaged in the file." in shown_everywhere(home)


def test_names_that_are_no_text_are_stored_and_read(spine: Dataset) -> None:
    result = RunResult.model_validate({"in_words": ("a\udc80",), "weights_sha256": "\udcff"})
    assert read_stored(RunResult, result_text(result)) == result
