"""The recorder: a thread that writes to the history what runs come to, whatever stands in its way.

A training does not wait for the disk and sends nothing: the thread looks at its history from time to
time and writes what is new, many epochs in one transaction. What could not be written is still there
to be written the next time.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from epochal.core.training.history import History
from epochal.data.runs.checkpoints import give_back
from epochal.data.runs.database import (
    NAME,
    DamagedHistory,
    HistoryError,
    connect,
    history_error_from,
    identity,
    is_damage,
    reason,
    transaction,
)
from epochal.data.runs.metadata import RunMetadata
from epochal.data.runs.quarantine import quarantine
from epochal.data.runs.record import RecordedRun
from epochal.data.runs.recording import Recording
from epochal.data.runs.writing import Progress, write_run

# At most so many seconds of epochs are lost with the process.
INTERVAL = 0.7
# After a failure so many seconds pass before the next attempt.
RETRY = 2.0
# Bytes of ended runs that wait to be written; beyond it the oldest is given up.
MOST_WAITING = 64 << 20

KEPT = "Runs are kept in memory meanwhile, and written once that is possible."

Tell = Callable[[str], object]


class Recorder:
    """The history of one folder, written in a thread of its own.

    `problem` is a sentence as long as the history cannot be written, and from when a damaged file had
    to be quarantined; `tell` is called in the thread with each new one. Nothing here raises because of
    the file.
    """

    def __init__(self, folder: Path | None, tell: Tell | None = None) -> None:
        self.problem = ""
        self.tell = tell
        self.folder = folder
        self._path = folder / NAME if folder else None
        self._wake = threading.Condition()
        self._recordings: list[Recording] = []
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._written_to: tuple[int, int] | None = None
        self._notice = ""
        self._closing = self._hurried = False
        self._begun = self._done = 0
        self._thread = threading.Thread(target=self._work, name="epochal-history", daemon=True)

    @classmethod
    def open(cls, folder: Path | None, tell: Tell | None = None) -> Recorder:
        """A recorder at work; without a folder nothing is recorded."""
        recorder = cls(folder, tell)
        if folder is not None:
            recorder._thread.start()
        return recorder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def begin(self, metadata: RunMetadata, history: History, went_on: RecordedRun | None = None) -> Recording:
        """Record a run from now on; `went_on` is the recorded run that this one continues."""
        recording = Recording(self._wake, metadata, history, went_on)
        if self._path is not None:
            with self._wake:
                self._recordings.append(recording)
                self._wake.notify_all()
        return recording

    def has_lost(self, recording: Recording) -> bool:
        """Whether another process goes on with this run, which is known once it has been written."""
        self.flush()
        return recording.is_lost

    def flush(self, seconds: float = 10.0) -> bool:
        """Write what there is now; whether all of it is in the file."""
        with self._wake:
            if not self._thread.is_alive():
                return False
            aim = self._begun + 1
            self._hurried = True
            self._wake.notify_all()
            return self._wake.wait_for(lambda: self._done >= aim, seconds) and not self._waits()

    @property
    def is_at_work(self) -> bool:
        """Whether its thread goes on."""
        return self._thread.is_alive()

    def close(self, seconds: float = 10.0) -> bool:
        """Write what there is and end the thread; whether all of it was written in that time."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        if self._path is None:
            return True
        self._thread.join(seconds)
        with self._wake:
            return not self._thread.is_alive() and not self._waits()

    def _waits(self) -> bool:
        return any(run.news() for run in self._recordings)

    # The thread.

    def _work(self) -> None:
        failed_at = -RETRY
        closing = False
        while not closing:
            with self._wake:
                if not (self._closing or self._hurried):
                    is_idle = not self._recordings and self._connection is not None
                    self._wake.wait(None if is_idle else INTERVAL)
                closing, hurried = self._closing, self._hurried
                self._hurried = False
                self._begun += 1
            if closing or hurried or time.monotonic() - failed_at >= RETRY:
                is_needed = self._recordings or not closing
                failed_at = -RETRY if not is_needed or self._tried() else time.monotonic()
            with self._wake:
                self._let_go()
                self._done = self._begun
                self._wake.notify_all()
        if self._connection:
            self._connection.close()

    def _tried(self, *, again: bool = True) -> bool:
        """Write; whether that went well. A damaged file is quarantined, and the next one tried."""
        assert self._path
        try:
            self._write(self._path)
        except DamagedHistory as error:
            self._disconnect()
            try:
                beside = quarantine(self._path, self._file)
            except OSError as refusal:
                self._say(f"{error} and cannot be renamed: {reason(refusal)}. {KEPT}")
                return False
            if beside:
                self._notice = f"The run history was damaged: it is now {beside}, and a new one is begun."
            return again and self._tried(again=False)
        except HistoryError as error:
            self._disconnect()
            self._say(f"{error}. {KEPT}")
        # Whatever else it may be, the training goes on.
        except Exception as error:
            self._disconnect()
            self._say(f"The run history {self._path} cannot be written: {reason(error)}. {KEPT}")
        else:
            self._say(self._notice)
            return True
        return False

    def _write(self, path: Path) -> None:
        """All news of all runs in one transaction; what counts as written follows the commit."""
        if self._connection is None or identity(path) != self._file:
            self._connect(path)
        assert self._connection
        begun = time.monotonic()
        with self._wake:
            runs = list(self._recordings)
        news = [(run, one) for run in runs if (one := run.news())]
        if news:
            try:
                with transaction(self._connection):
                    numbers = [write_run(self._connection, one) for _, one in news]
            except sqlite3.Error as error:
                if is_damage(error):
                    raise history_error_from(error, path) from error
                raise
            for (run, one), number in zip(news, numbers, strict=True):
                run.written(one, number, time.monotonic() - begun)
            if any(one.ending != "running" for _, one in news):
                give_back(self._connection)
        for run in runs:
            run.ask_for_state()

    def _connect(self, path: Path) -> None:
        # Looked at while the file before is still open, so that a new one cannot have got its number.
        self._file = identity(path)
        if self._file != self._written_to:
            self._written_to = None
            for run in self._recordings:
                if run.progress.is_entered:
                    run.progress = Progress()
        self._disconnect()
        self._connection = connect(path, create=True)
        self._file = self._written_to = identity(path)

    def _disconnect(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    def _say(self, sentence: str) -> None:
        if sentence != self.problem:
            self.problem = sentence
            if self.tell:
                # Whoever is told may be gone already; the writing is not to end with them.
                with contextlib.suppress(Exception):
                    self.tell(sentence)

    def _let_go(self) -> None:
        """Drop the runs that are in the file to their end; and the oldest when too many wait."""
        self._recordings = [run for run in self._recordings if not run.is_over]
        while sum(run.size for run in self._recordings) > MOST_WAITING:
            ended = [run for run in self._recordings if run.ending != "running"]
            if len(ended) < 2:
                return
            self._recordings.remove(ended[0])
