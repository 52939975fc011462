"""The run history: what goes in comes out, whatever happens to the disk, the file or the process."""

from __future__ import annotations

import errno
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.core.settings import Settings
from epochal.core.training.resume import resumed
from epochal.core.training.state import TrainingState
from epochal.core.training.training import Training
from epochal.data.paths import WORDS
from epochal.data.runs import database
from epochal.data.runs import recorder as recorder_module
from epochal.data.runs import recording as recording_module
from epochal.data.runs.database import NAME, DamagedHistory, ForeignHistory, HistoryError
from epochal.data.runs.process import is_running, this_process
from epochal.data.runs.queries import (
    delete_run,
    describe_run,
    epochs_of,
    put_back,
    recorded_run,
    recorded_runs,
    state_of,
)
from epochal.data.runs.record import RecordedRun
from epochal.data.runs.recorder import Recorder
from epochal.data.runs.states import state_bytes, state_from
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


# States as bytes.


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_state_comes_back_from_its_bytes(optimizer: str, precision: str, spine: Dataset) -> None:
    dropout = 0.0 if optimizer == "lbfgs" else 0.1
    settings = Settings(optimizer=optimizer, precision=precision, epochs=9, patience=5, dropout=dropout)
    training = Training(spine.examples, settings)
    list(islice(training, 4))
    state = training.state()
    bits = state.vectors.view(f"u{state.vectors.itemsize}")
    state.vectors[0, :4] = [-0.0, 5e-324, np.inf, np.nan]
    bits[0, 4] = bits[0, 3] | 0x7  # a not-a-number that says something
    bits[0, 5] = 1
    back = state_from(state_bytes(state))
    assert back.vectors.tobytes() == state.vectors.tobytes()
    assert (back.gradient.tobytes(), back.best.tobytes()) == (state.gradient.tobytes(), state.best.tobytes())
    assert back.vectors.dtype == state.vectors.dtype
    assert (back.order, back.dropout, back.best_error) == (state.order, state.dropout, state.best_error)
    np.testing.assert_array_equal(back.history, state.history)


def test_arrays_that_lie_otherwise_in_memory_come_back_too(spine: Dataset) -> None:
    state = Training(spine.examples, Settings()).state()
    values = {name: getattr(state, name) for name in state.__dataclass_fields__}
    turned = TrainingState(**{**values, "vectors": np.asfortranarray(state.vectors).astype(">f8")})
    assert state_bytes(turned) == state_bytes(state)
    assert state_from(state_bytes(turned)).vectors.flags.writeable


def test_a_state_before_the_first_epoch_comes_back(spine: Dataset) -> None:
    state = Training(spine.examples, Settings(optimizer="sgd", hidden=())).state()
    back = state_from(state_bytes(state))
    assert (len(state.history), back.history.shape) == (0, state.history.shape)
    assert (back.vectors.shape, back.vectors.tobytes()) == (state.vectors.shape, state.vectors.tobytes())


def test_bytes_of_no_state_are_refused(spine: Dataset) -> None:
    whole = state_bytes(Training(spine.examples, Settings(hidden=())).state())
    header, _, rest = whole.partition(b"\n")
    hostile = [
        *(whole[:length] for length in range(0, len(whole), 97)),
        whole + b"\0",
        header.replace(b'"<f8"', b'"|O"', 1) + b"\n" + rest,
        header.replace(b'"<f8"', b'"<i8"', 1) + b"\n" + rest,
        header.replace(b"[4, 7]", b"[4000000000, 7000000000]", 1) + b"\n" + rest,
        header.replace(b"[3, 7]", b"[-3, -7]", 1) + b"\n" + rest,
        header.replace(b'"steps": 0', b'"steps": "0"') + b"\n" + rest,
        header.replace(b'"steps": 0', b'"stops": 0') + b"\n" + rest,
        b"[" * 100_000,
        b'{"arrays": {}, "values": {}}\n',
        b'{"arrays": [], "values": {}}\n',
        b'{"arrays": {"vectors": ["<f8", null]}, "values": {}}\n',
    ]
    for content in hostile:
        if content != whole:
            with pytest.raises(ValueError, match=r"\w"):
                state_from(content)


# Going on.


@pytest.mark.parametrize("more", [{}, {"batch_size": "full"}, {"patience": 6, "dropout": 0.2}], ids=str)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_run_gone_on_with_ends_as_one_never_interrupted(
    optimizer: str, more: dict[str, Any], home: Path, iris: Dataset
) -> None:
    settings: dict[str, Any] = {"optimizer": optimizer, "epochs": 15, **more}
    if optimizer == "lbfgs":
        settings["dropout"] = 0.0
    whole = record_run(home, iris, **settings)
    record_run(home, iris, stop_after=6, **settings)
    run = recorded_runs(home).runs[0]
    assert run.can_go_on
    state = state_of(home, run)
    assert state is not None
    again = resumed(iris.examples, run.settings, state)
    with Recorder.open(home) as recorder:
        recording = recorder.begin(run.metadata, again.history, run)
        list(recording.epochs(again))
        recording.end(again.ending, RESULT, again.state())
    assert again.network.parameters.tobytes() == whole.network.parameters.tobytes()
    done, first = recorded_runs(home).runs
    assert (done.id, done.ending, done.started) == (run.id, again.ending, run.started)
    np.testing.assert_array_equal(epochs_of(home, done)[0][:, :5], epochs_of(home, first)[0][:, :5])


@pytest.mark.parametrize("has_state", [True, False])
def test_a_run_that_is_told_again_keeps_what_it_came_to_whenever_that_ends(
    has_state: bool, home: Path, spine: Dataset
) -> None:
    first = record_run(home, spine)
    (before,) = recorded_runs(home).runs
    state = state_of(home, before)
    assert state is not None
    again = (
        resumed(spine.examples, before.settings, state)
        if has_state
        else Training(spine.examples, before.settings)
    )
    with Recorder.open(home) as recorder:
        recording = recorder.begin(before.metadata, again.history, before)
        list(islice(again, 5))
        recording.keep(again.state())
        assert recorder.flush()
        # As the next process finds it if this one is killed now.
        assert recorded_runs(home).runs == (before,)
        assert epochs_of(home, before)[0].tobytes() == measures(first).tobytes()
        list(recording.epochs(again))
        recording.end("finished", RESULT, again.state())
    (after,) = recorded_runs(home).runs
    assert (after.id, after.ending, after.result) == (before.id, "finished", RESULT)
    np.testing.assert_array_equal(epochs_of(home, after)[0], measures(again))


def test_what_an_interrupted_run_came_to_stays_until_it_has_another_epoch(home: Path, spine: Dataset) -> None:
    with Recorder.open(home) as recorder:
        training, recording = begun(recorder, spine)
        list(islice(training, 5))
        recording.end("interrupted", RESULT, training.state())
    (before,) = recorded_runs(home).runs
    again = resumed(spine.examples, before.settings, training.state())
    with Recorder.open(home) as recorder:
        recording = recorder.begin(before.metadata, again.history, before)
        assert recorder.flush()
        now = recorded_run(home, before.id)
        assert (now.ending, now.epochs, now.result) == ("running", 5, RESULT)
        next(again)
        assert recorder.flush()
        now = recorded_run(home, before.id)
        assert (now.ending, now.epochs, now.result) == ("running", 6, None)


def test_epochs_after_the_last_state_are_trained_again_and_kept_once(home: Path, spine: Dataset) -> None:
    with Recorder.open(home) as recorder:
        training, recording = begun(recorder, spine, epochs=30)
        list(islice(training, 4))
        recorder.flush()
        list(islice(training, 4))
        recording.keep(training.state())
        list(islice(training, 5))
        recorder.flush()
        list(islice(training, 3))
        recording.end("interrupted")
    (run,) = recorded_runs(home).runs
    assert run.epochs == 16
    state = state_of(home, run)
    assert state is not None
    assert len(state.history) == 8
    again = resumed(spine.examples, run.settings, state)
    with Recorder.open(home) as recorder:
        recording = recorder.begin(run.metadata, again.history, run)
        list(islice(again, 2))
        assert recorder.flush()
        assert recorded_run(home, run.id).epochs == 10
        np.testing.assert_array_equal(epochs_of(home, run)[0][:10], measures(again))
        list(again)
        recording.end("finished", RESULT, again.state())
    np.testing.assert_array_equal(epochs_of(home, recorded_run(home, run.id))[0], measures(again))


def test_a_run_that_another_process_goes_on_with_is_left_to_it(home: Path, spine: Dataset) -> None:
    with Recorder.open(home) as recorder:
        training, recording = begun(recorder, spine)
        list(islice(training, 3))
        recorder.flush()
        with closing(sqlite3.connect(home / NAME)) as connection, connection:
            connection.execute("UPDATE runs SET process = 'another'")
        list(training)
        recording.end("finished", RESULT, training.state())
    assert recorder.problem == ""
    (run,) = recorded_runs(home).runs
    assert (run.epochs, run.ending) == (3, "interrupted")


def test_a_process_is_known_by_more_than_its_number() -> None:
    assert is_running(this_process())
    child = subprocess.run(
        [sys.executable, "-c", "from epochal.data.runs.process import this_process; print(this_process())"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not is_running(child.stdout.strip())
    machine, number, mark = this_process().rsplit(" ", 2)
    assert not is_running(f"elsewhere {number} {mark}")
    assert not is_running(f"{machine} {number} another-boot/1")
    for nonsense in (
        "",
        " ",
        "a b",
        f"{machine} -1 -",
        f"{machine} 99999999999999999999 -",
        f"{machine} ²  -",
    ):
        assert not is_running(nonsense)


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


# Trouble.


def trained_in_spite(folder: Path, dataset: Dataset) -> Recorder:
    """A training as always, whatever the history is like; its recorder, closed."""
    with Recorder.open(folder) as recorder:
        training, recording = begun(recorder, dataset, epochs=3)
        assert len(list(recording.epochs(training))) == 3
        recording.end("finished", RESULT, training.state())
    return recorder


def test_a_home_that_cannot_be_made_is_said_and_nothing_stops(tmp_path: Path, spine: Dataset) -> None:
    (tmp_path / "file").write_text("in the way")
    recorder = trained_in_spite(tmp_path / "file" / "home", spine)
    assert "cannot be written" in recorder.problem
    assert "kept in memory" in recorder.problem


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_home_is_said_and_nothing_stops(home: Path, spine: Dataset) -> None:
    record_run(home, spine)
    (home / NAME).chmod(0o400)
    home.chmod(0o500)
    try:
        assert "may not be written" in trained_in_spite(home, spine).problem
        assert len(recorded_runs(home).runs) == 1
    finally:
        home.chmod(0o700)


def test_no_home_at_all_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, spine: Dataset) -> None:
    monkeypatch.chdir(tmp_path)
    assert "set HOME" in trained_in_spite(Path("~/.local/share/epochal"), spine).problem
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS])
def test_an_error_of_the_disk_is_said_and_writing_goes_on_when_it_can(
    number: int, home: Path, spine: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    working = database.connect

    def failing(path: Path, *, create: bool) -> sqlite3.Connection:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(recorder_module, "connect", failing)
    with Recorder.open(home, said.append) as recorder:
        training, recording = begun(recorder, spine)
        list(islice(training, 5))
        assert not recorder.flush()
        assert WORDS[number] in recorder.problem
        assert recording.id is None
        list(training)
        monkeypatch.setattr(recorder_module, "connect", working)
        assert recorder.flush()
        assert recorder.problem == ""
        recording.end("finished", RESULT, training.state())
    assert len(said) == 2
    (run,) = recorded_runs(home).runs
    np.testing.assert_array_equal(epochs_of(home, run)[0], measures(training))


def test_a_full_disk_is_said_and_writing_goes_on_when_there_is_room(
    home: Path, spine: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = 16
    working = database.connect

    def limited(path: Path, *, create: bool) -> sqlite3.Connection:
        connection = working(path, create=create)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(recorder_module, "connect", limited)
    with Recorder.open(home) as recorder:
        training, recording = begun(recorder, spine, epochs=2000, batch_size="full")
        recorder.flush()
        list(training)
        recording.end("finished", RESULT, training.state())
        assert not recorder.flush()
        assert "the disk is full" in recorder.problem
        assert recorded_runs(home).runs[0].epochs == 0, "all of it or nothing"
        pages = 10_000
        assert recorder.flush()
        assert recorder.problem == ""
    (run,) = recorded_runs(home).runs
    np.testing.assert_array_equal(epochs_of(home, run)[0], measures(training))


class Failing:
    """A connection whose n-th statement fails: before it does anything, or after it has."""

    def __init__(self, connection: sqlite3.Connection, fails: Callable[[], str]) -> None:
        self.connection, self.fails = connection, fails

    def execute(self, *words: object) -> sqlite3.Cursor:
        how = self.fails()
        if how == "before":
            raise io_error()
        cursor = self.connection.execute(*words)  # type: ignore[arg-type]
        if how == "after":
            raise io_error()
        return cursor

    def close(self) -> None:
        self.connection.close()


def io_error() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
    return error


@pytest.mark.parametrize("how", ["before", "after"])
@pytest.mark.parametrize("nth", range(1, 30, 2))
def test_whichever_statement_fails_everything_is_written_once_in_the_end(
    nth: int, how: str, home: Path, spine: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    working, count = database.connect, 0

    def fails() -> str:
        nonlocal count
        count += 1
        return how if count == nth else ""

    monkeypatch.setattr(
        recorder_module, "connect", lambda path, create: Failing(working(path, create=create), fails)
    )
    with Recorder.open(home) as recorder:
        training, recording = begun(recorder, spine)
        recorder.flush()
        list(islice(training, 5))
        recording.keep(training.state())
        recorder.flush()
        list(training)
        recording.end("finished", RESULT, training.state())
        recorder.flush()
        recorder.flush()
    assert recorder.problem == ""
    (run,) = recorded_runs(home).runs
    assert (run.ending, run.result) == ("finished", RESULT)
    np.testing.assert_array_equal(epochs_of(home, run)[0], measures(training))
    assert state_bytes(state_of(home, run)) == state_bytes(training.state())  # type: ignore[arg-type]


def test_what_waits_to_be_written_has_its_limit(
    tmp_path: Path, spine: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "MOST_WAITING", 10_000)
    (tmp_path / "file").write_text("in the way")
    with Recorder.open(tmp_path / "file" / "home") as recorder:
        for seed in range(8):
            training, recording = begun(recorder, spine, epochs=60, seed=seed)
            list(training)
            recording.end("finished", RESULT, training.state())
            recorder.flush()
        (tmp_path / "file").unlink()
        assert recorder.flush()
    kept = [run.settings.seed for run in reversed(recorded_runs(tmp_path / "file" / "home").runs)]
    assert 1 <= len(kept) < 8
    assert kept == list(range(8 - len(kept), 8)), "the oldest go first"


def test_a_history_taken_away_while_it_is_written_is_begun_anew(home: Path, spine: Dataset) -> None:
    with Recorder.open(home) as recorder:
        training, recording = begun(recorder, spine)
        list(islice(training, 5))
        recorder.flush()
        shutil.rmtree(home)
        list(training)
        recording.end("finished", RESULT, training.state())
    (run,) = recorded_runs(home).runs
    np.testing.assert_array_equal(epochs_of(home, run)[0], measures(training))


# Files that are not as we left them.


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, iris: Dataset) -> bytes:
    """A history of two runs, as it should be."""
    folder = tmp_path_factory.mktemp("sound")
    record_run(folder, iris, hidden=(2,), epochs=40)
    record_run(folder, iris, hidden=(2,), epochs=40, stop_after=20)
    return (folder / NAME).read_bytes()


@contextmanager
def history_of(folder: Path, content: bytes) -> Iterator[Path]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / NAME).write_bytes(content)
    yield folder


def ask_everything(folder: Path) -> list[RecordedRun]:
    """Ask all there is to ask; whatever the file holds, only a HistoryError may come of it."""
    runs: list[RecordedRun] = []
    try:
        runs += recorded_runs(folder).runs
        for run in runs:
            rows, _ = epochs_of(folder, run)
            assert len(rows) <= 40
            state = state_of(folder, run)
            assert state is None or state.vectors.shape == (3, 19)
    except HistoryError:
        pass
    return runs


def record_onto(folder: Path, content: bytes, dataset: Dataset) -> None:
    """Record a run onto this file: it is in the history afterwards or in memory, and the old file is kept."""
    recorder = trained_in_spite(folder, dataset)
    beside = [path for path in folder.iterdir() if ".damaged-" in path.name]
    if beside:
        assert [path.read_bytes() for path in beside] == [content]
        assert beside[0].name in recorder.problem
        assert [run.epochs for run in recorded_runs(folder).runs] == [3]
    elif recorder.problem:
        assert (folder / NAME).read_bytes() == content
    else:
        assert recorded_runs(folder).runs[0].epochs == 3


def test_a_history_cut_short_anywhere_is_set_beside(tmp_path: Path, sound: bytes, iris: Dataset) -> None:
    for length in range(512, len(sound), 512):
        with history_of(tmp_path / "home", sound[:length]) as folder:
            ask_everything(folder)
            record_onto(folder, sound[:length], iris)


def test_a_history_with_any_page_zeroed_is_survived(tmp_path: Path, sound: bytes, iris: Dataset) -> None:
    page = int.from_bytes(sound[16:18], "big")
    for start in range(0, len(sound), page):
        content = sound[:start] + bytes(page) + sound[start + page :]
        with history_of(tmp_path / "home", content) as folder:
            ask_everything(folder)
            record_onto(folder, content, iris)


@pytest.mark.parametrize("flips", [200, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_flipped_byte_is_never_taken_for_a_measure(
    flips: int, tmp_path: Path, sound: bytes, iris: Dataset
) -> None:
    chance = random.Random(flips)
    with history_of(tmp_path / "home", sound) as folder:
        known = {run.id: epochs_of(folder, run)[0] for run in ask_everything(folder)}
    assert len(known) == 2
    for number in range(flips):
        content = bytearray(sound)
        content[chance.randrange(len(sound))] ^= 1 << chance.randrange(8)
        with history_of(tmp_path / "home", bytes(content)) as folder:
            for run in ask_everything(folder):
                try:
                    rows, damaged = epochs_of(folder, run)
                except HistoryError:
                    continue
                if run.id in known and not damaged and len(rows) == len(known[run.id]):
                    np.testing.assert_array_equal(rows, known[run.id])
            if number % 8 == 0:
                record_onto(folder, bytes(content), iris)


def test_damaged_measures_are_counted_and_the_run_can_still_go_on(
    tmp_path: Path, sound: bytes, iris: Dataset
) -> None:
    with history_of(tmp_path / "home", sound) as folder:
        with closing(sqlite3.connect(folder / NAME)) as connection, connection:
            connection.execute("UPDATE epochs SET measures = zeroblob(length(measures)) WHERE run = 2")
        run = recorded_run(folder, 2)
        rows, damaged = epochs_of(folder, run)
        assert damaged == 20
        assert np.isnan(rows[:, 1:]).all()
        state = state_of(folder, run)
        assert state is not None
        again = resumed(iris.examples, run.settings, state)
        list(again)
        whole = Training(iris.examples, run.settings)
        list(whole)
        assert again.network.parameters.tobytes() == whole.network.parameters.tobytes()


def test_a_damaged_state_gives_way_to_the_one_before(home: Path, spine: Dataset) -> None:
    with Recorder.open(home) as recorder:
        training, recording = begun(recorder, spine)
        for _ in range(2):
            list(islice(training, 3))
            recording.keep(training.state())
            recorder.flush()
    with closing(sqlite3.connect(home / NAME)) as connection, connection:
        connection.execute("UPDATE checkpoints SET state = substr(state, 1, 100) WHERE epoch = 6")
    (run,) = recorded_runs(home).runs
    assert len(state_of(home, run).history) == 3  # type: ignore[union-attr]


def test_a_run_whose_record_is_damaged_is_left_out_and_said(tmp_path: Path, sound: bytes) -> None:
    with history_of(tmp_path / "home", sound) as folder:
        with closing(sqlite3.connect(folder / NAME)) as connection, connection:
            connection.execute("UPDATE runs SET about = replace(about, 'iris', 'Iris') WHERE id = 1")
            connection.execute("UPDATE runs SET ending = 'x', epochs = 'many', started = 1e300 WHERE id = 2")
        listing = recorded_runs(folder)
        assert "1 run is damaged" in listing.problem
        assert [(run.id, run.epochs, run.ending) for run in listing.runs] == [(2, 0, "interrupted")]
        with pytest.raises(HistoryError, match="run 1 is damaged"):
            recorded_run(folder, 1)


@pytest.mark.parametrize(
    "content", [b"when,what\n2026-01-01,trained\n", b"\xff\xfe\x00binary" * 300, b"SQLite format 4\0" * 64]
)
def test_a_file_of_another_kind_is_left_as_it_is(content: bytes, tmp_path: Path, spine: Dataset) -> None:
    with history_of(tmp_path / "home", content) as folder:
        recorder = trained_in_spite(folder, spine)
        assert "is no run history of Epochal's, so it is left as it is" in recorder.problem
        assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [(NAME, content)]
        with pytest.raises(ForeignHistory):
            recorded_runs(folder)


def test_an_empty_file_is_begun_in(tmp_path: Path, spine: Dataset) -> None:
    with history_of(tmp_path / "home", b"") as folder:
        assert recorded_runs(folder).runs == ()
        assert trained_in_spite(folder, spine).problem == ""
        assert len(recorded_runs(folder).runs) == 1


def test_a_database_of_another_program_is_left_as_it_is(tmp_path: Path, spine: Dataset) -> None:
    with history_of(tmp_path / "home", b"") as folder:
        with closing(sqlite3.connect(folder / NAME)) as connection, connection:
            connection.execute("CREATE TABLE runs (id INTEGER PRIMARY KEY, distance REAL)")
        before = (folder / NAME).read_bytes()
        assert "left as it is" in trained_in_spite(folder, spine).problem
        assert (folder / NAME).read_bytes() == before
        with pytest.raises(ForeignHistory):
            delete_run(folder, 1)


def test_a_history_of_a_newer_version_is_left_as_it_is(tmp_path: Path, sound: bytes, spine: Dataset) -> None:
    with history_of(tmp_path / "home", sound) as folder:
        with closing(sqlite3.connect(folder / NAME)) as connection:
            connection.execute("PRAGMA user_version = 99")
        before = (folder / NAME).read_bytes()
        assert "newer version" in trained_in_spite(folder, spine).problem
        assert (folder / NAME).read_bytes() == before
        with pytest.raises(ForeignHistory, match="newer version"):
            recorded_runs(folder)


@pytest.mark.parametrize(
    "trick",
    [
        "CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM runs; END",
        "CREATE VIEW v AS SELECT * FROM runs",
        "ALTER TABLE runs RENAME TO r; CREATE VIEW runs AS SELECT * FROM r",
        "DROP TABLE epochs",
        "ALTER TABLE runs ADD COLUMN more TEXT",
    ],
)
def test_tables_that_are_not_ours_are_never_used(
    trick: str, tmp_path: Path, sound: bytes, iris: Dataset
) -> None:
    with history_of(tmp_path / "home", sound) as folder:
        with closing(sqlite3.connect(folder / NAME)) as connection, connection:
            connection.executescript(trick)
        with pytest.raises(DamagedHistory, match="does not hold the tables"):
            recorded_runs(folder)
        record_onto(folder, (folder / NAME).read_bytes(), iris)
        assert len(list(folder.iterdir())) == 2


def test_a_folder_or_a_pipe_in_the_files_place_is_left_alone(home: Path, spine: Dataset) -> None:
    (home / NAME).mkdir(parents=True)
    assert "is no file" in trained_in_spite(home, spine).problem
    (home / NAME).rmdir()
    os.mkfifo(home / NAME)
    assert "is no file" in trained_in_spite(home, spine).problem
    with pytest.raises(HistoryError):
        recorded_runs(home)


def test_a_journal_left_by_a_killed_process_goes_with_its_damaged_file(
    tmp_path: Path, sound: bytes, iris: Dataset
) -> None:
    with history_of(tmp_path / "home", sound[:2048]) as folder:
        (folder / f"{NAME}-journal").write_bytes(b"")
        trained_in_spite(folder, iris)
        assert not (folder / f"{NAME}-journal").exists()
        assert [run.epochs for run in recorded_runs(folder).runs] == [3]


def test_an_older_history_is_brought_up_to_date(
    tmp_path: Path, sound: bytes, iris: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = (*database.MIGRATIONS, "CREATE TABLE more (run INTEGER)")
    monkeypatch.setattr(database, "MIGRATIONS", newer)
    database.expected_schema.cache_clear()
    try:
        with history_of(tmp_path / "home", sound) as folder:
            assert len(recorded_runs(folder).runs) == 2
            assert trained_in_spite(folder, iris).problem == ""
            with closing(sqlite3.connect(folder / NAME)) as connection:
                assert connection.execute("PRAGMA user_version").fetchone() == (len(newer),)
                assert connection.execute("SELECT count(*) FROM runs").fetchone() == (3,)
    finally:
        database.expected_schema.cache_clear()
