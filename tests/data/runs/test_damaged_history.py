"""A history file that is not as it was left: what can be read is, what cannot is set aside."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from epochal.core.training.resume import resumed
from epochal.core.training.training import Training
from epochal.data.runs import database
from epochal.data.runs.database import NAME, DamagedHistory, ForeignHistory, HistoryError
from epochal.data.runs.queries import (
    delete_run,
    epochs_of,
    recorded_run,
    recorded_runs,
    state_of,
)
from epochal.data.runs.record import RecordedRun
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.dataset import Dataset
from tests.runs import begun, record_run, trained_in_spite

HERE = Path(__file__).parents[3]


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
