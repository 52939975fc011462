"""The last states of a run in its history: each one blob, or in pieces where it is large."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import sqlite3
from collections.abc import Iterator

from epochal.core.training.state import TrainingState
from epochal.data.runs.database import begin_pieces, has_pieces
from epochal.data.runs.states import state_from_parts, state_parts

CHECKPOINTS_KEPT = 2
# Bytes of a state from which on it lies in pieces of as many: SQLite takes no blob beyond a billion.
PIECE = 32 << 20
# Pages that are free in the file from which on the room is given back to the disk.
FREE_BYTES = 64 << 20


def write_checkpoint(connection: sqlite3.Connection, run: int, state: TrainingState, epoch: int) -> None:
    """Write a state whose epochs are in the file already.

    To be called within a transaction.
    """
    head, arrays = state_parts(state)
    head = b"%d\n%s\n" % (epoch, head)
    seen = hashlib.sha256(head)
    for part in arrays:
        seen.update(part)
    if has_pieces(connection):
        connection.execute("DELETE FROM pieces WHERE run = ? AND epoch = ?", (run, epoch))
    if len(head) + sum(part.nbytes for part in arrays) > PIECE:
        begin_pieces(connection)
        for place, piece in enumerate(_pieces(arrays)):
            connection.execute("INSERT INTO pieces VALUES (?, ?, ?, ?)", (run, epoch, place, piece))
    else:
        head = b"".join([head, *arrays])
    connection.execute(
        "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?)", (run, epoch, head, seen.digest())
    )


def drop_earlier_checkpoints(connection: sqlite3.Connection, run: int, *, has_ended: bool) -> None:
    """Keep the last state, and while the run goes on the one before, should the last be damaged."""
    connection.execute(
        "DELETE FROM checkpoints WHERE run = ? AND epoch NOT IN"
        " (SELECT epoch FROM checkpoints WHERE run = ? ORDER BY epoch DESC LIMIT ?)",
        (run, run, 1 if has_ended else CHECKPOINTS_KEPT),
    )
    drop_lone_pieces(connection, run)


def _pieces(arrays: list[memoryview]) -> Iterator[memoryview]:
    for part in arrays:
        for start in range(0, part.nbytes, PIECE):
            yield part[start : start + PIECE]


def drop_lone_pieces(connection: sqlite3.Connection, run: int) -> None:
    """Drop the pieces of states that are no longer in the file."""
    if has_pieces(connection):
        connection.execute(
            "DELETE FROM pieces WHERE run = ? AND epoch NOT IN (SELECT epoch FROM checkpoints WHERE run = ?)",
            (run, run),
        )


def checkpoints_of(connection: sqlite3.Connection, run: int) -> Iterator[tuple[TrainingState, int]]:
    """The states of a run that are whole, without their epochs, and how many those were; the last first."""
    found = connection.execute(
        "SELECT epoch, state, sha256 FROM checkpoints WHERE run = ? ORDER BY epoch DESC", (run,)
    ).fetchall()
    for place, content, sha256 in found:
        if not isinstance(content, bytes):
            continue
        count, _, rest = content.partition(b"\n")
        head, _, tail = rest.partition(b"\n")
        body = bytearray(tail)
        is_whole = True
        if has_pieces(connection):
            for (piece,) in connection.execute(
                "SELECT content FROM pieces WHERE run = ? AND epoch = ? ORDER BY place", (run, place)
            ):
                is_whole &= isinstance(piece, bytes)
                body += piece if isinstance(piece, bytes) else b""
        seen = hashlib.sha256(content[: len(content) - len(tail)])
        seen.update(body)
        if not is_whole or sha256 != seen.digest() or not (count.isdigit() and len(count) < 10):
            continue
        with contextlib.suppress(ValueError):
            yield state_from_parts(head, body), int(count)


def give_back(connection: sqlite3.Connection) -> None:
    """Give the room of what was deleted back to the disk where it is much; another time if that fails now."""
    with contextlib.suppress(sqlite3.Error):
        (pages,), (size,) = (
            connection.execute(f"PRAGMA {name}").fetchone() for name in ("freelist_count", "page_size")
        )
        if pages * size > FREE_BYTES:
            connection.execute("VACUUM")


def bare(state: TrainingState) -> TrainingState:
    """The state without its epochs, which are in the history; of a large run that has ended, the weights."""
    state = dataclasses.replace(state, history=state.history[:0].copy())
    return state.weights_alone() if state.ending != "running" and state.vectors.nbytes > PIECE else state
