"""A history whose disk fails: it is said, nothing stops, and all is written once it can be."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from epochal.data.paths import WORDS
from epochal.data.runs import database
from epochal.data.runs import recorder as recorder_module
from epochal.data.runs.database import NAME
from epochal.data.runs.queries import (
    epochs_of,
    recorded_runs,
    state_of,
)
from epochal.data.runs.recorder import Recorder
from epochal.data.runs.states import state_bytes
from epochal.data.tables.dataset import Dataset
from tests.runs import RESULT, begun, measures, record_run, trained_in_spite

HERE = Path(__file__).parents[3]


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
