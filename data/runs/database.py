"""The history's file: made, recognised, brought up to date, and quarantined when it is damaged."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from epochal.data.paths import refusal

NAME = "runs.sqlite"
APPLICATION_ID = 0x45504F43
"""Epoc, in the file's header: by it the file is known as ours."""
BUSY_SECONDS = 5.0
CHECKED_UP_TO = 32 << 20
"""Bytes of a file that is looked through before it is written to; that takes a tenth of a second."""

# One script a version: the n-th brings a file of version n - 1 to n.
MIGRATIONS = (
    """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        started REAL NOT NULL,
        about TEXT NOT NULL,
        about_sha256 BLOB NOT NULL,
        epochs INTEGER NOT NULL,
        seconds REAL NOT NULL,
        ending TEXT NOT NULL,
        result TEXT,
        result_sha256 BLOB,
        process TEXT NOT NULL,
        name TEXT NOT NULL,
        note TEXT NOT NULL
    );
    CREATE TABLE epochs (
        run INTEGER NOT NULL,
        first INTEGER NOT NULL,
        measures BLOB NOT NULL,
        sha256 BLOB NOT NULL,
        PRIMARY KEY (run, first)
    );
    CREATE TABLE checkpoints (
        run INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        state BLOB NOT NULL,
        sha256 BLOB NOT NULL,
        PRIMARY KEY (run, epoch)
    );
    """,
)

# For states too large for one blob. A file has it from the first such state on: until then every version of
# the program that reads version 1 reads it.
PIECES = (
    "CREATE TABLE pieces (run INTEGER NOT NULL, epoch INTEGER NOT NULL, place INTEGER NOT NULL,"
    " content BLOB NOT NULL, PRIMARY KEY (run, epoch, place))"
)

DAMAGE = (
    "SQLITE_CORRUPT",
    "SQLITE_NOTADB",
    "SQLITE_FORMAT",
    "SQLITE_MISMATCH",
    "SQLITE_ERROR",
    "SQLITE_CONSTRAINT",
)
REASONS = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_READONLY": "it may not be written to",
    "SQLITE_PERM": "its permissions do not allow it",
    "SQLITE_CANTOPEN": "it cannot be opened",
    "SQLITE_BUSY": "another program holds it",
    "SQLITE_LOCKED": "another program holds it",
    "SQLITE_IOERR": "the disk reports an error, or has no room",
    "SQLITE_NOMEM": "there is not enough memory",
    "SQLITE_TOOBIG": "this run is too large for it",
}


class HistoryError(Exception):
    """Why the run history cannot be used: one or two sentences."""


class DamagedHistory(HistoryError):
    """The file is ours, and something in it is not as we left it."""


class ForeignHistory(HistoryError):
    """The file is somebody else's, or of a newer version: to be left as it is."""


def connect(path: Path, *, create: bool) -> sqlite3.Connection:
    """The history at this path, made or brought up to date as needed; transactions are begun by hand.

    Raises FileNotFoundError when there is none and none is to be made, HistoryError, OSError, or
    sqlite3.Error when the file cannot be used just now.
    """
    if path.parts[:1] == ("~",):
        raise HistoryError(
            "There is no home folder to keep the run history in: set HOME, or EPOCHAL_HOME to a folder"
        )
    if create:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise ForeignHistory(f"{path} is no file, so no run history can be kept there")
    if not create:
        os.stat(path)
    # Never open the file but through SQLite: closing it would drop the locks of this whole process.
    uri = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        _prepare(connection, path, checks=create)
    except sqlite3.Error as error:
        connection.close()
        if is_damage(error):
            raise history_error_from(error, path) from error
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, *, checks: bool) -> None:
    # Bytes that are no UTF-8 are damage to be told of, not an exception in the middle of a row.
    connection.text_factory = lambda text: text.decode(errors="replace")
    connection.execute("PRAGMA trusted_schema = OFF")
    if _is_blank(connection):
        with contextlib.suppress(OSError):
            path.chmod(0o600)
        with transaction(connection):
            if _is_blank(connection):
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                _migrate(connection, 0)
    if _number(connection, "application_id") != APPLICATION_ID:
        raise _foreign(path)
    version = _number(connection, "user_version")
    if version > len(MIGRATIONS) + 1:
        raise ForeignHistory(
            f"{path} was written by a newer version of Epochal, so it is left as it is:"
            " bring Epochal up to date"
        )
    if version < 1:
        raise DamagedHistory(f"{path} says that it is of version {version}, which there is not")
    if version < len(MIGRATIONS):
        with transaction(connection):
            _migrate(connection, _number(connection, "user_version"))
    if _schema(connection) != expected_schema(pieces=has_pieces(connection)):
        raise DamagedHistory(f"{path} does not hold the tables of a run history")
    is_checked = checks and path.stat().st_size <= CHECKED_UP_TO
    if is_checked and connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise DamagedHistory(f"{path} is damaged")
    with contextlib.suppress(OSError):
        path.chmod(0o600)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = FULL")


def _is_blank(connection: sqlite3.Connection) -> bool:
    marks = (_number(connection, "application_id"), _number(connection, "user_version"))
    return marks == (0, 0) and not _schema(connection)


def _migrate(connection: sqlite3.Connection, version: int) -> None:
    for script in MIGRATIONS[version:]:
        for statement in filter(str.strip, script.split(";")):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def _schema(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    return connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").fetchall()


def has_pieces(connection: sqlite3.Connection) -> bool:
    """Whether the file has a table for states in pieces."""
    return _number(connection, "user_version") == len(MIGRATIONS) + 1


def begin_pieces(connection: sqlite3.Connection) -> None:
    """Make that table, unless it is there."""
    if not has_pieces(connection):
        connection.execute(PIECES)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")


@cache
def expected_schema(*, pieces: bool = False) -> list[tuple[object, ...]]:
    """What a file of the present version holds, and nothing besides: no view, no trigger."""
    connection = sqlite3.connect(":memory:")
    _migrate(connection, 0)
    if pieces:
        begin_pieces(connection)
    schema = _schema(connection)
    connection.close()
    return schema


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing, and nobody else writes meanwhile."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _foreign(path: Path) -> ForeignHistory:
    return ForeignHistory(f"{path} is no run history of Epochal's, so it is left as it is")


def history_error_from(error: sqlite3.Error, path: Path) -> HistoryError:
    """What an error that `is_damage` says of the file: that it is damaged, or another's."""
    if getattr(error, "sqlite_errorname", "") == "SQLITE_NOTADB" and not _was_ours(path):
        return _foreign(path)
    return DamagedHistory(f"{path} is damaged")


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the file itself is wrong, not the moment."""
    return str(getattr(error, "sqlite_errorname", "")).startswith(DAMAGE)


def _was_ours(path: Path) -> bool:
    """Whether a file that SQLite does not know still bears our mark, or nothing at all."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        first = file.read(512)
        return first[68:72] == APPLICATION_ID.to_bytes(4, "big") or not any(first)
    return False


def reason(error: Exception) -> str:
    """Why the file cannot be used just now, in words."""
    if isinstance(error, OSError):
        return refusal(error)
    name = str(getattr(error, "sqlite_errorname", ""))
    return next((words for code, words in REASONS.items() if name.startswith(code)), str(error))


def identity(path: Path) -> tuple[int, int] | None:
    """Which file is at that path now; None when there is none."""
    with contextlib.suppress(OSError):
        seen = os.stat(path)
        return seen.st_dev, seen.st_ino
    return None
