"""What the history knows of a run: its table, settings, versions, epochs, and how it ended."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from time import time
from typing import Literal

import numpy as np

from epochal.core.settings import SettingError, Settings, read_settings
from epochal.core.training.history import History
from epochal.data.runs.database import HistoryError
from epochal.data.runs.metadata import Measures, RunMetadata
from epochal.data.runs.process import is_running
from epochal.data.runs.result import RunResult, result_text
from epochal.data.runs.stored import read_stored
from epochal.data.tables.options import OPTIONS, Reading

Ending = Literal["running", "interrupted", "stopped", "finished", "early", "diverged", "failed"]
ENDINGS: tuple[Ending, ...] = (
    "running",
    "interrupted",
    "stopped",
    "finished",
    "early",
    "diverged",
    "failed",
)
UNENDED: tuple[Ending, ...] = ("interrupted", "stopped")
"""Endings from which a run can go on to the epochs it was planned for."""
MOST_EPOCHS = 10_000_000


@dataclass(frozen=True)
class RecordedRun:
    """One run as the history has it; `started` is in seconds of the wall clock since 1970.

    `result_text` is None before it has ended, and empty where the file's is damaged.
    """

    id: int
    key: str
    started: float
    metadata: RunMetadata
    epochs: int
    seconds: float
    ending: Ending
    result_text: str | None
    name: str
    note: str

    @property
    def result(self) -> RunResult | None:
        """The outcome of a run that was evaluated; read from its text, and not kept."""
        return read_stored(RunResult, self.result_text) if self.result_text else None

    @property
    def trouble(self) -> str:
        """What of it is damaged in the file, in a sentence."""
        is_damaged = self.result_text is not None and self.result is None
        return "Its result is damaged in the file." if is_damaged else ""

    @cached_property
    def settings(self) -> Settings:
        """The run's settings; HistoryError when this version has no such settings."""
        try:
            return read_settings(self.metadata.settings)
        except SettingError as error:
            raise HistoryError(f"Run {self.id} has settings this version does not know: {error}") from None

    @property
    def planned(self) -> int:
        """Epochs asked for."""
        planned = self.metadata.settings.get("epochs")
        return min(planned, MOST_EPOCHS) if isinstance(planned, int) else 0

    @property
    def can_go_on(self) -> bool:
        """Whether it has epochs left, and nobody is training it."""
        return self.ending in UNENDED

    @property
    def reading(self) -> Reading:
        """How the table was read."""
        allowed = {name: value for name, value in self.metadata.table.reading.items() if value is not None}
        return {name: allowed[name] for name in OPTIONS if name in allowed}  # type: ignore[return-value]


def recorded_now(metadata: RunMetadata, history: History, result: RunResult, number: int = 0) -> RecordedRun:
    """A run that has just ended, as the history would have it.

    Its `key` is empty, as it is none of the file's.
    """
    seconds = history[-1].seconds if history.length else 0.0
    return RecordedRun(
        id=number,
        key="",
        started=time() - seconds,
        metadata=metadata,
        epochs=history.length,
        seconds=seconds,
        ending=_ending(result.stopped),
        result_text=result_text(result),
        name="",
        note="",
    )


def _ending(stored: object) -> Ending:
    return next((ending for ending in ENDINGS if ending == stored), "interrupted")


def digest(content: bytes) -> bytes:
    """The SHA-256 that stands beside each blob and text."""
    return hashlib.sha256(content).digest()


COLUMNS = (
    "id, key, started, about, about_sha256, epochs, seconds, ending, result, result_sha256,"
    " process, name, note"
)


def run_from(row: tuple[object, ...], alive: dict[str, bool]) -> RecordedRun | None:
    """The run of a row; None where what it is about is damaged. Whatever the file says is checked."""
    (
        number,
        key,
        started,
        metadata,
        about_sha,
        epochs,
        seconds,
        ending,
        result,
        result_sha,
        process,
        name,
        note,
    ) = row
    if not isinstance(metadata, str) or not isinstance(number, int) or about_sha != digest(metadata.encode()):
        return None
    known = read_stored(RunMetadata, metadata)
    if known is None:
        return None
    is_whole = isinstance(result, str) and result_sha == digest(result.encode())
    ended = _ending(ending)
    if ended == "running":
        if process not in alive:
            alive[str(process)] = is_running(str(process))
        ended = "running" if alive[str(process)] else "interrupted"
    return RecordedRun(
        id=number,
        key=str(key),
        started=started if isinstance(started, float) and 0 <= started < 2.5e11 else 0.0,
        metadata=known,
        epochs=epochs if isinstance(epochs, int) and epochs >= 0 else 0,
        seconds=seconds if isinstance(seconds, float) and seconds >= 0 else 0.0,
        ending=ended,
        result_text=None if result is None else str(result) if is_whole else "",
        name=name if isinstance(name, str) else "",
        note=note if isinstance(note, str) else "",
    )


def batch_from(first: object, measures: object, sha256: object, width: int) -> Measures | None:
    """The epochs of one row of the file; None where they are damaged."""
    if not (isinstance(first, int) and first >= 1 and isinstance(measures, bytes)):
        return None
    if sha256 != digest(measures) or width == 0 or len(measures) % (8 * width):
        return None
    return np.frombuffer(measures, "<f8").reshape(-1, width).astype(np.float64)
