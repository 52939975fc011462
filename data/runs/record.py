"""What the history knows of a run: its table, settings, versions, epochs, and how it ended."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from time import time
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from epochal import __version__
from epochal.core.settings import SettingError, Settings, read_settings
from epochal.core.training.history import Epoch, History
from epochal.core.training.training import Training
from epochal.data.runs.database import HistoryError
from epochal.data.runs.process import is_running
from epochal.data.tables.bundled import spoken_name
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.reading import Reading

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

Json = Mapping[str, object]
Measures = NDArray[np.float64]
"""Epochs x the fields of `Epoch`."""
MEASURES = tuple(Epoch._fields)
MOST_EPOCHS = 10_000_000


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=False)


class TableOfRun(_Stored):
    """What was learned from, and how to get it again: `spoken` is the name or path to open."""

    name: str
    spoken: str
    size: int
    sha256: str
    rows: int
    rows_left_out: int
    target: str
    ignored: tuple[str, ...]
    task: Literal["classification", "regression"]
    reading: dict[str, str | int | bool | tuple[str, ...] | None]


class SplitOfRun(_Stored):
    """How many rows were on each side, and the seed that drew them."""

    seed: int
    train: int
    held_out: int
    validation: int
    stratified: bool


class BranchOfRun(_Stored):
    """Which run a branch left, after which epoch, and the settings it has otherwise than that run had then.

    `run` is the other run's key; the history may have lost it since.
    """

    run: str
    epoch: int
    changed: dict[str, object]


class RunMetadata(_Stored):
    """All that is known of a run as it begins."""

    table: TableOfRun
    settings: dict[str, object]
    split: SplitOfRun
    layers: tuple[int, ...]
    parameters: int
    measures: tuple[str, ...]
    versions: dict[str, str]
    machine: dict[str, str]
    branch: BranchOfRun | None = None


@dataclass(frozen=True)
class RecordedRun:
    """One run as the history has it; `started` is in seconds of the wall clock since 1970.

    `trouble` says what of it is damaged in the file.
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
    trouble: str = ""

    @property
    def result(self) -> Json | None:
        """What `epochal train --json` says of a run that was judged; read from its text, and not kept."""
        return None if self.result_text is None else _object(self.result_text)

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
        """Whether it has not come to its end, and nobody is training it."""
        return self.ending in UNENDED

    @property
    def reading(self) -> Reading:
        """How the table was read."""
        allowed = {name: value for name, value in self.metadata.table.reading.items() if value is not None}
        return {name: allowed[name] for name in Reading.__annotations__ if name in allowed}  # type: ignore[return-value]


def run_metadata(
    dataset: Dataset, training: Training, reading: Reading | None = None, branch: BranchOfRun | None = None
) -> RunMetadata:
    """What there is to know of a run as it begins; `reading` is what a person said about the file."""
    table, split, settings = dataset.table, training.split, training.settings
    spoken = spoken_name(table)
    made = {name: value for name, value in (reading or {}).items() if value not in (None, (), [])}
    return RunMetadata(
        table=TableOfRun(
            name=table.name,
            spoken=os.path.abspath(spoken) if spoken == table.path else spoken,
            size=table.size,
            sha256=table.sha256,
            rows=table.rows,
            rows_left_out=table.rows_left_out,
            target=dataset.target,
            ignored=dataset.ignored,
            task=dataset.task,
            reading=made,
        ),
        settings=settings.model_dump(mode="json"),
        split=SplitOfRun(
            seed=settings.seed,
            train=len(split.train),
            held_out=len(split.held_out),
            validation=len(split.validation),
            stratified=split.stratified,
        ),
        layers=training.network.layers,
        parameters=len(training.network.parameters),
        measures=MEASURES,
        versions=present_versions(),
        machine={"name": platform.node(), "system": platform.system(), "processor": platform.machine()},
        branch=branch,
    )


def recorded_now(metadata: RunMetadata, history: History, result: Json, number: int = 0) -> RecordedRun:
    """A run that has just ended, as the history would have it; `result` is what `RecordedRun.result` gives.

    Its `key` is empty, as it is none of the file's.
    """
    ending = result.get("stopped")
    seconds = history[-1].seconds if history.length else 0.0
    return RecordedRun(
        number,
        "",
        time() - seconds,
        metadata,
        history.length,
        seconds,
        ending if ending in ENDINGS else "interrupted",
        json.dumps(result),
        "",
        "",
    )


def present_versions() -> dict[str, str]:
    """The versions on which a run's last bits may depend."""
    return {"epochal": __version__, "python": platform.python_version(), "numpy": np.__version__}


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
    try:
        known = RunMetadata.model_validate(_object(metadata))
    except ValidationError:
        return None
    is_whole = isinstance(result, str) and result_sha == digest(result.encode())
    trouble = "" if is_whole or result is None else "Its result is damaged in the file."
    ended: Ending = ending if ending in ENDINGS else "interrupted"
    if ended == "running":
        if process not in alive:
            alive[str(process)] = is_running(str(process))
        ended = "running" if alive[str(process)] else "interrupted"
    return RecordedRun(
        number,
        str(key),
        started if isinstance(started, float) and 0 <= started < 2.5e11 else 0.0,
        known,
        epochs if isinstance(epochs, int) and epochs >= 0 else 0,
        seconds if isinstance(seconds, float) and seconds >= 0 else 0.0,
        ended,
        result if isinstance(result, str) and is_whole else None,
        name if isinstance(name, str) else "",
        note if isinstance(note, str) else "",
        trouble,
    )


def _object(text: str) -> Json | None:
    try:
        try:
            value = from_json(text)
        except ValueError:
            # A name of a file may hold a byte that is no text, which only the slower reader lets pass.
            value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def batch_from(first: object, measures: object, sha256: object, width: int) -> Measures | None:
    """The epochs of one row of the file; None where they are damaged."""
    if not (isinstance(first, int) and first >= 1 and isinstance(measures, bytes)):
        return None
    if sha256 != digest(measures) or width == 0 or len(measures) % (8 * width):
        return None
    return np.frombuffer(measures, "<f8").reshape(-1, width).astype(np.float64)
