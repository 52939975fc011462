"""The run history of every released version still opens, lists the same runs, and goes on with them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from epochal.core.training.training import Training
from epochal.data.runs.database import NAME
from epochal.data.runs.queries import epochs_of, recorded_run, recorded_runs
from epochal.data.runs.resume import dataset_of, training_of
from epochal.tui.cli.main import epochal

# A folder for each released version: its history, and what its `epochal runs list --json` said of it.
STORED = sorted(Path(__file__).parent.glob("stored_by_*"))


@pytest.fixture(params=STORED, ids=lambda folder: folder.name)
def stored(request: pytest.FixtureRequest, home: Path) -> Path:
    home.mkdir()
    shutil.copy(request.param / NAME, home / NAME)
    return Path(request.param)


def test_there_is_a_history_of_the_first_version() -> None:
    assert "stored_by_0.1.0" in {folder.name for folder in STORED}


def test_a_stored_history_lists_the_same_runs(stored: Path) -> None:
    listed = CliRunner().invoke(epochal, ["runs", "list", "--json"])
    found = json.loads(listed.stdout)
    expected = json.loads((stored / "runs.json").read_text(encoding="utf-8"))
    assert found["problem"] == ""
    assert len(found["runs"]) == len(expected) > 0
    for run, before in zip(found["runs"], expected, strict=True):
        assert {name: run[name] for name in before} == before


def test_each_stored_run_shows_its_epochs_and_its_result(stored: Path, home: Path) -> None:
    for run in recorded_runs(home).runs:
        epochs, damaged = epochs_of(home, run)
        assert (len(epochs), damaged) == (run.epochs, 0)
        assert np.isfinite(epochs[:, :3]).all()
        shown = CliRunner().invoke(epochal, ["runs", "show", str(run.id)])
        assert shown.exit_code == 0
        assert run.metadata.table.name in shown.stdout
        assert run.trouble == ""


def test_a_stored_run_that_was_interrupted_goes_on_as_if_it_never_had_been(stored: Path, home: Path) -> None:
    resumed_at = []
    for run in (one for one in recorded_runs(home).runs if one.can_go_on):
        before, _ = epochs_of(home, run)
        training = training_of(home, recorded_run(home, run.id), dataset_of(run))
        resumed_at.append(training.history.length)
        assert training.history.rows() == pytest.approx(before[: training.history.length], nan_ok=True)
        uninterrupted = Training(dataset_of(run).examples, run.settings)
        for _ in range(training.history.length + 1):
            expected = next(uninterrupted)
        epoch = next(training)
        assert epoch.number == expected.number
        # The arithmetic of another machine than the one that stored it may differ in the last digits.
        assert epoch.training_error == pytest.approx(expected.training_error, rel=1e-6)
        assert epoch.held_out_error == pytest.approx(expected.held_out_error, rel=1e-6)
        assert epoch.validation_error == pytest.approx(expected.validation_error, rel=1e-6, nan_ok=True)
    assert max(resumed_at) > 0
