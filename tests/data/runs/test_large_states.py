"""A network too large for one blob is kept in pieces, and of one that has ended the weights alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from epochal.core.settings import Settings
from epochal.core.training.gate import OpenGate
from epochal.core.training.resume import resumed
from epochal.core.training.training import Training
from epochal.core.training.weight_history import Weights
from epochal.data.runs import checkpoints
from epochal.data.runs.database import NAME
from epochal.data.runs.queries import delete_run, epochs_of, put_back, recorded_runs, state_of
from epochal.data.runs.recorder import Recorder
from epochal.data.runs.resume import training_of
from epochal.data.runs.states import state_bytes
from epochal.data.tables.dataset import Dataset
from epochal.tui.runner.branching import branch_of
from tests.runs import RESULT, begun, measures, record_run


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "PIECE", 1000)
    monkeypatch.setattr(checkpoints, "FREE_BYTES", 4096)


def count(home: Path, table: str) -> int:
    with closing(sqlite3.connect(home / NAME)) as connection:
        found: tuple[int] = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return found[0]


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "lbfgs"])
def test_an_interrupted_run_goes_on_to_the_same_bytes(optimizer: str, iris: Dataset, home: Path) -> None:
    part = record_run(home, iris, stop_after=5, optimizer=optimizer, hidden=(30,), l2=0.0)
    (run,) = recorded_runs(home).runs
    assert count(home, "pieces") > 1
    state = state_of(home, run)
    assert state is not None
    assert state_bytes(state) == state_bytes(part.state())
    again = training_of(home, run, iris)
    list(again)
    whole = Training(iris.examples, run.settings)
    list(whole)
    assert again.network.parameters.tobytes() == whole.network.parameters.tobytes()


@pytest.mark.parametrize("patience", [0, 3])
def test_of_a_run_that_has_ended_the_weights_alone_are_kept(patience: int, iris: Dataset, home: Path) -> None:
    whole = record_run(home, iris, hidden=(40,), epochs=30, patience=patience)
    (run,) = recorded_runs(home).runs
    assert run.result == RESULT
    assert len(epochs_of(home, run)[0]) == len(measures(whole))
    state = state_of(home, run)
    assert state is not None
    assert state.has_weights_alone
    again = training_of(home, run, iris)
    assert again.ending == whole.ending
    assert again.kept_epoch == whole.kept_epoch
    assert again.network.parameters.tobytes() == whole.network.parameters.tobytes()
    assert again.last_parameters.tobytes() == whole.last_parameters.tobytes()
    assert not list(again)
    longer = run.settings.model_copy(update={"epochs": 90, "patience": 0})
    with pytest.raises(ValueError, match="only the weights are kept"):
        resumed(iris.examples, longer, replace(state, ending="finished"))


def test_a_branch_of_such_a_run_begins_its_optimizer_afresh(iris: Dataset, home: Path) -> None:
    record_run(home, iris, hidden=(40,))
    (run,) = recorded_runs(home).runs
    left = training_of(home, run, iris)
    settings = run.settings.model_copy(update={"epochs": 20})
    weights = Weights(left.history.length, left.network.parameters.copy())
    branch = branch_of(left, weights, settings, iris.examples, OpenGate())
    list(branch)
    assert branch.history.length == 20
    assert np.isfinite(branch.network.parameters).all()


def test_only_two_states_of_a_run_that_goes_on_take_room(iris: Dataset, home: Path) -> None:
    with Recorder.open(home) as recorder:
        training, recording = begun(recorder, iris, hidden=(60,))
        sizes = []
        for _ in range(4):
            list(islice(training, 2))
            recording.keep(training.state())
            assert recorder.flush()
            sizes.append(count(home, "pieces"))
        recording.end("stopped", RESULT, training.state())
    assert sizes[1] == sizes[2] == sizes[3]
    assert count(home, "checkpoints") == 1


def test_a_deleted_run_gives_its_room_back_and_can_be_put_back(iris: Dataset, home: Path) -> None:
    record_run(home, iris, stop_after=3, hidden=(2000,))
    (run,) = recorded_runs(home).runs
    state, size = state_of(home, run), (home / NAME).stat().st_size
    deleted = delete_run(home, run.id)
    assert (home / NAME).stat().st_size < size / 4
    assert count(home, "pieces") == 0
    put_back(home, deleted)
    back = state_of(home, run)
    assert back is not None
    assert state is not None
    assert state_bytes(back) == state_bytes(state)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE pieces SET content = zeroblob(length(content)) WHERE place = 1",
        "UPDATE pieces SET content = 7 WHERE place = 1",
        "DELETE FROM pieces WHERE place = 1",
        "UPDATE pieces SET place = place + 5000 WHERE place = 0",
    ],
)
def test_damaged_pieces_are_no_state(damage: str, iris: Dataset, home: Path) -> None:
    record_run(home, iris, stop_after=3, hidden=(60,))
    with closing(sqlite3.connect(home / NAME)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        try:
            connection.execute(damage)
        except sqlite3.IntegrityError:
            pytest.skip("SQLite refuses this damage itself")
    (run,) = recorded_runs(home).runs
    assert state_of(home, run) is None


def test_a_history_without_large_states_stays_of_the_version_it_was(
    iris: Dataset, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "PIECE", 1 << 20)
    record_run(home, iris)
    with closing(sqlite3.connect(home / NAME)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    monkeypatch.setattr(checkpoints, "PIECE", 1000)
    record_run(home, iris, hidden=(60,))
    assert [run.ending for run in recorded_runs(home).runs] == ["finished", "finished"]
    assert Settings.model_validate(recorded_runs(home).runs[0].metadata.settings).hidden == (60,)
