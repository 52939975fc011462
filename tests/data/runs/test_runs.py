"""The run history: what goes in comes out, by whatever name, and while another process writes."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from epochal.data.runs import recording as recording_module
from epochal.data.runs.database import NAME, HistoryError
from epochal.data.runs.queries import (
    delete_run,
    describe_run,
    epochs_of,
    put_back,
    recorded_run,
    recorded_runs,
    state_of,
)
from epochal.data.runs.recorder import Recorder
from epochal.data.runs.states import state_bytes
from epochal.data.tables.dataset import Dataset
from tests.runs import RESULT, begun, measures, record_run

HERE = Path(__file__).parents[3]


# What goes in comes out.


def test_a_recorded_run_is_read_back_whole(home: Path, spine: Dataset) -> None:
    before = time.time()
    training = record_run(home, spine, seed=4, hidden=(5, 2))
    (run,) = recorded_runs(home).runs
    assert run == recorded_run(home, run.id)
    assert before <= run.started <= time.time()
    assert run.settings == training.settings
    assert (run.ending, run.epochs, run.planned, run.result) == ("finished", 12, 12, RESULT)
    assert run.seconds == training.history[-1].seconds
    table = run.metadata.table
    assert (table.spoken, table.sha256, table.rows) == ("column_2C_weka", spine.table.sha256, 310)
    assert (table.target, table.task, run.metadata.layers) == ("class", "classification", (6, 5, 2, 1))
    assert (run.metadata.split.train, run.metadata.split.held_out, run.metadata.split.seed) == (248, 62, 4)
    assert {"epochal", "python", "numpy"} == set(run.metadata.versions)
    rows, damaged = epochs_of(home, run)
    assert damaged == 0
    np.testing.assert_array_equal(rows, measures(training))
    state = state_of(home, run)
    assert state is not None
    assert state_bytes(state) == state_bytes(training.state())


def test_numbers_are_predicted_and_recorded_with_them(home: Path) -> None:
    from epochal.data.tables.bundled import open_table
    from epochal.data.tables.dataset import dataset_from

    numbers = dataset_from(open_table("auto_mpg"))
    training = record_run(home, numbers)
    (run,) = recorded_runs(home).runs
    assert run.metadata.table.task == "regression"
    np.testing.assert_array_equal(epochs_of(home, run)[0], measures(training))


def test_runs_are_listed_the_last_first_even_when_the_clock_is_set_back(
    home: Path, spine: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(2_000_000_000, 1_000_000_000, -100_000_000))
    monkeypatch.setattr(time, "time", lambda: float(next(clock)))
    for _ in range(3):
        record_run(home, spine, epochs=2)
    runs = recorded_runs(home).runs
    assert [run.id for run in runs] == [3, 2, 1]
    assert runs[0].started < runs[2].started
    assert all(run.seconds > 0 for run in runs)


def test_the_history_is_for_its_owner_only(home: Path, spine: Dataset) -> None:
    record_run(home, spine)
    assert (home / NAME).stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700
    assert os.listdir(home) == [NAME]


@pytest.mark.parametrize("folder", ["with a space", "émoji 🧠 #?%25", "a'b\"c"])
def test_a_home_of_any_name_will_do(folder: str, tmp_path: Path, spine: Dataset) -> None:
    record_run(tmp_path / folder, spine)
    assert (tmp_path / folder / NAME).is_file()
    assert len(recorded_runs(tmp_path / folder).runs) == 1


def test_without_a_folder_nothing_is_written(home: Path, spine: Dataset) -> None:
    with Recorder.open(None) as recorder:
        training, recording = begun(recorder, spine)
        list(recording.epochs(training))
        recording.end("finished", RESULT, training.state())
    assert (recording.id, recorder.problem, home.exists()) == (None, "", False)


def test_a_run_is_in_the_file_while_it_goes(home: Path, spine: Dataset) -> None:
    with Recorder.open(home) as recorder:
        training, recording = begun(recorder, spine)
        assert recorder.flush()
        (run,) = recorded_runs(home).runs
        assert (run.ending, run.epochs, run.id) == ("running", 0, recording.id)
        list(islice(training, 5))
        assert recorder.flush()
        assert recorded_run(home, run.id).epochs == 5
        recording.keep(training.state())
        list(islice(training, 2))
        assert recorder.flush()
        run = recorded_run(home, run.id)
        assert (run.epochs, len(state_of(home, run).history)) == (7, 5)  # type: ignore[union-attr]


def test_a_state_is_asked_for_every_few_seconds_and_two_are_kept(
    home: Path, spine: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_module, "CHECKPOINT_EVERY", 0.0)
    monkeypatch.setattr(recording_module, "CHECKPOINT_SHARE", 1e9)
    with Recorder.open(home) as recorder:
        training, recording = begun(recorder, spine)
        for number in range(1, 6):
            assert recorder.flush()
            assert recording.is_due
            assert next(recording.epochs(training)).number == number
            assert not recording.is_due
        assert recorder.flush()
        with closing(sqlite3.connect(home / NAME)) as connection:
            assert connection.execute("SELECT epoch FROM checkpoints").fetchall() == [(4,), (5,)]


# Names, notes, deletion.


def test_a_run_has_a_name_and_a_note(home: Path, spine: Dataset) -> None:
    record_run(home, spine)
    describe_run(home, 1, name="small \x1b[31m[red]", note="läuft\udc80")
    run = recorded_run(home, 1)
    assert (run.name, run.note) == ("small \x1b[31m[red]", "läuft?")
    describe_run(home, 1, note="")
    assert (recorded_run(home, 1).name, recorded_run(home, 1).note) == ("small \x1b[31m[red]", "")


def test_a_deleted_run_is_gone_and_can_be_put_back(home: Path, spine: Dataset) -> None:
    record_run(home, spine)
    training = record_run(home, spine, seed=1)
    before = recorded_runs(home)
    deleted = delete_run(home, 2)
    assert [run.id for run in recorded_runs(home).runs] == [1]
    assert training.state().vectors.tobytes() not in (home / NAME).read_bytes()
    put_back(home, deleted)
    assert recorded_runs(home) == before
    np.testing.assert_array_equal(epochs_of(home, before.runs[0])[0], measures(training))
    delete_run(home, 2)
    record_run(home, spine)
    assert recorded_runs(home).runs[0].id == 3, "a number is given once"


def test_a_run_there_is_not_is_named(home: Path, spine: Dataset) -> None:
    with pytest.raises(HistoryError, match="No run has been recorded yet"):
        recorded_run(home, 1)
    record_run(home, spine)
    for ask in (recorded_run, delete_run):
        with pytest.raises(HistoryError, match="There is no run 7"):
            ask(home, 7)
    with pytest.raises(HistoryError, match="There is no run"):
        recorded_run(home, 10**30)


def test_a_run_deleted_while_it_trains_stays_deleted(home: Path, spine: Dataset) -> None:
    with Recorder.open(home) as recorder:
        training, recording = begun(recorder, spine)
        recorder.flush()
        delete_run(home, 1)
        list(training)
        recording.end("finished", RESULT, training.state())
    assert (recorded_runs(home).runs, recorder.problem) == ((), "")


# Two at once.


def test_two_processes_record_at_once_and_nothing_is_lost(home: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.data.runs.test_runs import record_run;"
        "from epochal.data.tables.bundled import open_table;"
        "from epochal.data.tables.dataset import dataset_from;"
        "d = dataset_from(open_table('iris'));"
        "[record_run(Path(sys.argv[1]), d, seed=seed, epochs=3) for seed in range(12)]"
    )
    both = [subprocess.Popen([sys.executable, "-c", script, str(home)], cwd=HERE) for _ in range(2)]
    assert [one.wait(60) for one in both] == [0, 0]
    listing = recorded_runs(home)
    assert listing.problem == ""
    assert sorted(run.id for run in listing.runs) == list(range(1, 25))
    assert all((run.epochs, run.ending, run.result) == (3, "finished", RESULT) for run in listing.runs)


def test_a_reader_that_keeps_the_file_is_waited_for(home: Path, spine: Dataset) -> None:
    record_run(home, spine)
    with closing(sqlite3.connect(home / NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with Recorder.open(home) as recorder:
            training, recording = begun(recorder, spine)
            list(training)
            recording.end("finished", RESULT, training.state())
            assert not recorder.flush(0.1)
            other.execute("COMMIT")
    assert recorder.problem == ""
    assert len(recorded_runs(home).runs) == 2
