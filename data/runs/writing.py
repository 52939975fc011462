"""How one run gets into the history: its row, its epochs in batches, its last states, its end."""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import dataclass, field

from epochal.core.training.state import TrainingState
from epochal.data.runs.checkpoints import drop_earlier_checkpoints, drop_lone_pieces, write_checkpoint
from epochal.data.runs.metadata import MEASURES, Measures, RunMetadata
from epochal.data.runs.process import is_running, this_process
from epochal.data.runs.record import Ending, digest

EPOCHS_A_BATCH = 1 << 16
SECONDS = MEASURES.index("seconds")


@dataclass(frozen=True, eq=False)
class Identity:
    """What makes a run's row: its key is its own, whatever number it gets in a file."""

    key: str
    started: float
    metadata: RunMetadata


@dataclass(frozen=True, eq=False)
class News:
    """A run as it stands: `epochs` of its rows, and all before `state`, are in the file already, if it is.

    `is_entered` says that this process has given the run its row, or has taken it over.
    """

    identity: Identity
    number: int | None
    is_entered: bool
    epochs: int
    rows: Measures
    state: TrainingState | None
    state_epoch: int
    ending: Ending
    result: str | None


@dataclass(eq=False)
class Progress:
    """How much of a run is in the file, as of the last commit."""

    is_entered: bool = False
    epochs: int = 0
    checkpoint: int = -1
    has_ended: bool = False
    is_lost: bool = False
    """Somebody else has deleted the run, or gone on with it."""
    kept_at: float = field(default_factory=time.monotonic)
    """When the last state was written, on the monotonic clock."""
    cost: float = 0.0
    """Seconds that took."""


def write_run(connection: sqlite3.Connection, news: News) -> int | None:
    """Write what is new and give the run's number; None when the run has been lost to somebody else.

    To be called within a transaction.
    """
    number, epochs = news.number, news.epochs
    if news.is_entered:
        found = _row(connection, news.identity.key)
        if found is None or found[1] != this_process():
            return None
        number = found[0]
    else:
        entered = _entered(connection, news)
        if entered is None:
            return None
        number, epochs = entered
    _write_epochs(connection, number, epochs, news)
    if news.state:
        write_checkpoint(connection, number, news.state, news.state_epoch)
    if news.state or news.ending != "running":
        drop_earlier_checkpoints(connection, number, has_ended=news.ending != "running")
    seconds = float(news.rows[-1, SECONDS]) if len(news.rows) else 0.0
    result_digest = digest(news.result.encode()) if news.result else None
    connection.execute(
        "UPDATE runs SET epochs = ?, seconds = ?, ending = ?, result = ?, result_sha256 = ? WHERE id = ?",
        (len(news.rows), seconds, news.ending, news.result, result_digest, number),
    )
    return number


def _row(connection: sqlite3.Connection, key: str) -> tuple[int, str, str] | None:
    found: tuple[int, str, str] | None = connection.execute(
        "SELECT id, process, ending FROM runs WHERE key = ?", (key,)
    ).fetchone()
    return found


def _entered(connection: sqlite3.Connection, news: News) -> tuple[int, int] | None:
    """The number of the run's row, now ours, and how many of its epochs the file has.

    None where another process has just gone on with the run.
    """
    metadata = json.dumps(news.identity.metadata.model_dump())
    content = (metadata, digest(metadata.encode()), this_process())
    if found := _row(connection, news.identity.key):
        if found[2] == "running" and found[1] != this_process() and is_running(str(found[1])):
            return None
        connection.execute(
            "UPDATE runs SET about = ?, about_sha256 = ?, process = ? WHERE id = ?", (*content, found[0])
        )
        _take_back(connection, found[0], news.epochs)
        return found[0], news.epochs
    taken = connection.execute("SELECT 1 FROM runs WHERE id = ?", (news.number,)).fetchone()
    wanted = None if taken else news.number
    inserted = connection.execute(
        "INSERT INTO runs"
        " (id, key, started, about, about_sha256, process, epochs, seconds, ending, name, note)"
        " VALUES (?, ?, ?, ?, ?, ?, 0, 0.0, 'running', '', '')",
        (wanted, news.identity.key, news.identity.started, *content),
    )
    assert inserted.lastrowid is not None
    return inserted.lastrowid, 0


def _take_back(connection: sqlite3.Connection, number: int, epochs: int) -> None:
    """Remove the epochs after those that a run goes on from."""
    execute = connection.execute
    execute("DELETE FROM epochs WHERE run = ? AND first > ?", (number, epochs))
    execute("DELETE FROM checkpoints WHERE run = ? AND epoch > ?", (number, epochs))
    drop_lone_pieces(connection, number)
    last = execute(
        "SELECT first, measures, sha256 FROM epochs WHERE run = ? ORDER BY first DESC LIMIT 1", (number,)
    ).fetchone()
    # A damaged batch stays as it is, so that it goes on being known as damaged.
    if last and isinstance(last[1], bytes) and last[2] == digest(last[1]):
        measures = last[1][: (epochs - last[0] + 1) * 8 * len(MEASURES)]
        execute(
            "UPDATE epochs SET measures = ?, sha256 = ? WHERE run = ? AND first = ?",
            (measures, digest(measures), number, last[0]),
        )


def _write_epochs(connection: sqlite3.Connection, number: int, epochs: int, news: News) -> None:
    for start in range(epochs, len(news.rows), EPOCHS_A_BATCH):
        measures = news.rows[start : start + EPOCHS_A_BATCH].astype("<f8").tobytes()
        connection.execute(
            "INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?)",
            (number, start + 1, measures, digest(measures)),
        )
