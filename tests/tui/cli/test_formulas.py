"""What we write into a table of runs is no formula to a spreadsheet, and takes one line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner

from epochal.data.runs.queries import describe_run, recorded_runs
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.dataset import Dataset
from epochal.tui.cli.main import epochal as program
from tests.runs import RESULT, begun

FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_name_and_a_note_are_no_formulas(text: str, iris: Dataset, home: Path) -> None:
    with Recorder.open(home) as recorder:
        training, recording = begun(recorder, iris, epochs=2)
        list(recording.epochs(training))
        recording.end("finished", RESULT, training.state())
    (run,) = recorded_runs(home).runs
    describe_run(home, run.id, name=text, note=text)
    printed = CliRunner().invoke(program, ["runs", "list", "--csv"]).stdout_bytes.decode()
    (row,) = csv.DictReader(io.StringIO(printed, newline=""))
    expected = "'" + text.replace("\r", " ")
    assert (row["name"], row["note"]) == (expected, expected)
    assert row["table"] == "iris"
    assert recorded_runs(home).runs[0].name == text
