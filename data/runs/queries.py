"""The run history: the questions that can be asked of it, and what a person may change in it."""

from __future__ import annotations

import dataclasses
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from epochal.core.training.state import TrainingState
from epochal.data.runs.checkpoints import checkpoints_of, give_back
from epochal.data.runs.database import (
    NAME,
    HistoryError,
    connect,
    has_pieces,
    history_error_from,
    is_damage,
    reason,
    transaction,
)
from epochal.data.runs.metadata import MEASURES, Measures
from epochal.data.runs.record import COLUMNS, RecordedRun, batch_from, run_from


@dataclass(frozen=True)
class Listing:
    """The runs that could be read, the last first, and a sentence when some could not."""

    runs: tuple[RecordedRun, ...]
    problem: str = ""


@dataclass(frozen=True)
class DeletedRun:
    """Everything a deleted run left, so that it can be put back."""

    rows: tuple[tuple[str, tuple[object, ...]], ...]


@contextmanager
def _asked(folder: Path) -> Iterator[sqlite3.Connection]:
    """A connection for one question or change; HistoryError when that fails."""
    path = folder / NAME
    try:
        connection = connect(path, create=False)
        try:
            yield connection
        finally:
            connection.close()
    except (FileNotFoundError, NotADirectoryError):
        raise HistoryError(f"No run has been recorded yet: there is no {path}") from None
    except (sqlite3.Error, OSError) as error:
        if isinstance(error, sqlite3.Error) and is_damage(error):
            raise history_error_from(error, path) from None
        raise HistoryError(f"The run history {path} cannot be used: {reason(error)}") from None


def _is_absent(folder: Path) -> bool:
    """Whether there is surely no history; one that cannot be looked at is for `_asked` to tell of."""
    if folder.parts[:1] == ("~",):
        return False
    try:
        os.lstat(folder / NAME)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        pass
    return False


def history_bytes(folder: Path) -> int:
    """The size of the history's file; 0 without one."""
    try:
        return os.lstat(folder / NAME).st_size
    except OSError:
        return 0


def recorded_runs(folder: Path, *, newest: int | None = None) -> Listing:
    """Every run in the history of that folder, or the newest ones, the last first; none without a history.

    HistoryError when the file cannot be read at all.
    """
    if _is_absent(folder):
        return Listing(())
    found: list[RecordedRun] = []
    damaged = 0
    alive: dict[str, bool] = {}
    with _asked(folder) as connection:
        # A negative limit is none.
        most = -1 if newest is None else newest
        rows = connection.execute(f"SELECT {COLUMNS} FROM runs ORDER BY id DESC LIMIT ?", (most,))
        while True:
            try:
                row = rows.fetchone()
            except sqlite3.Error as error:
                if not is_damage(error):
                    raise
                return Listing(tuple(found), f"{folder / NAME} is damaged: not every run could be read.")
            if row is None:
                break
            if run := run_from(row, alive):
                found.append(run)
            else:
                damaged += 1
    runs = "1 run is" if damaged == 1 else f"{damaged} runs are"
    return Listing(tuple(found), f"{runs} damaged in {folder / NAME} and left out." if damaged else "")


def newest_run(folder: Path) -> RecordedRun | None:
    """The last run that was begun; None where there is none, or what is known of it is damaged.

    HistoryError when the file cannot be read.
    """
    if _is_absent(folder):
        return None
    with _asked(folder) as connection:
        row = connection.execute(f"SELECT {COLUMNS} FROM runs ORDER BY id DESC LIMIT 1").fetchone()
    return run_from(row, {}) if row else None


def recorded_run(folder: Path, number: int) -> RecordedRun:
    """One run; HistoryError when there is none of that number, or when it is damaged."""
    with _asked(folder) as connection:
        # Larger numbers than SQLite's own would be an error of their own.
        chosen = (min(number, 1 << 62),)
        row = connection.execute(f"SELECT {COLUMNS} FROM runs WHERE id = ?", chosen).fetchone()
        if row is None:
            raise HistoryError(f"There is no run {number}: `epochal runs list` shows those there are")
    run = run_from(row, {})
    if run is None:
        raise HistoryError(f"What is known of run {number} is damaged in {folder / NAME}")
    return run


def epochs_of(folder: Path, run: RecordedRun) -> tuple[Measures, int]:
    """Every epoch's measures, and how many epochs are damaged in the file: their measures are NaN."""
    with _asked(folder) as connection:
        return _epochs(connection, run, run.epochs)


def _epochs(connection: sqlite3.Connection, run: RecordedRun, at_least: int) -> tuple[Measures, int]:
    batches = [
        (first, batch)
        for first, measures, sha256 in connection.execute(
            "SELECT first, measures, sha256 FROM epochs WHERE run = ? ORDER BY first", (run.id,)
        )
        if (batch := batch_from(first, measures, sha256, len(run.metadata.measures))) is not None
    ]
    # Whatever damaged numbers claim, a run has no more epochs than it was planned for.
    length = min(max([at_least, *(first - 1 + len(batch) for first, batch in batches)]), run.planned)
    rows = np.full((length, len(MEASURES)), np.nan)
    known = np.zeros(length, dtype=np.bool_)
    places = [MEASURES.index(name) if name in MEASURES else -1 for name in run.metadata.measures]
    for first, batch in batches:
        part = slice(first - 1, min(first - 1 + len(batch), length))
        for column, place in enumerate(places):
            if place >= 0 and part.start < length:
                rows[part, place] = batch[: part.stop - part.start, column]
        known[part] = True
    rows[:, 0] = np.arange(1, length + 1)
    return rows, int(length - known.sum())


def state_of(folder: Path, run: RecordedRun) -> TrainingState | None:
    """The last checkpoint of a run that is whole, with the epochs up to it; None when there is none."""
    with _asked(folder) as connection:
        for state, epoch in checkpoints_of(connection, run.id):
            rows, _ = _epochs(connection, run, epoch)
            if epoch <= len(rows):
                return dataclasses.replace(state, history=rows[:epoch])
    return None


# Changing.


def describe_run(folder: Path, number: int, *, name: str | None = None, note: str | None = None) -> None:
    """Give a run a name or a note; None leaves what there is."""
    with _asked(folder) as connection, transaction(connection):
        for column, text in (("name", name), ("note", note)):
            if text is not None:
                clean = text.encode(errors="replace").decode()
                connection.execute(f"UPDATE runs SET {column} = ? WHERE id = ?", (clean, number))


def delete_run(folder: Path, number: int) -> DeletedRun:
    """Take a run out of the history for good; what comes back can be given to `put_back`."""
    with _asked(folder) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        with transaction(connection):
            rows = _taken(connection, number)
        give_back(connection)
    if not rows:
        raise HistoryError(f"There is no run {number}: `epochal runs list` shows those there are")
    return DeletedRun(rows)


def _taken(connection: sqlite3.Connection, number: int) -> tuple[tuple[str, tuple[object, ...]], ...]:
    rows: list[tuple[str, tuple[object, ...]]] = []
    pieces = (("pieces", "run"),) if has_pieces(connection) else ()
    for table, column in (("runs", "id"), ("epochs", "run"), ("checkpoints", "run"), *pieces):
        found = connection.execute(f"SELECT * FROM {table} WHERE {column} = ?", (number,)).fetchall()
        rows += [(table, row) for row in found]
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (number,))
    return tuple(rows)


def put_back(folder: Path, deleted: DeletedRun) -> None:
    """Undo a deletion."""
    with _asked(folder) as connection, transaction(connection):
        for table, row in deleted.rows:
            places = ", ".join("?" * len(row))
            connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({places})", row)
