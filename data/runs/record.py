"""What the history knows of a run: its table, settings, versions, epochs, and how it ended."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from time import time
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator

from epochal import __version__
from epochal.core.settings import SettingError, Settings, read_settings
from epochal.core.studies.auto.report import SearchReport
from epochal.core.training.history import Epoch, History
from epochal.core.training.training import Training
from epochal.data.paths import from_root
from epochal.data.runs.database import HistoryError
from epochal.data.runs.process import is_running
from epochal.data.runs.result import RunResult, result_text
from epochal.data.runs.stored import Stored, read_stored
from epochal.data.tables.bundled import spoken_name
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.options import OPTIONS, Reading, said

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

Measures = NDArray[np.float64]
"""Epochs x the fields of `Epoch`."""
MEASURES = tuple(Epoch._fields)
MOST_EPOCHS = 10_000_000


def _as_settings_are(values: dict[str, object]) -> dict[str, object]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


SettingValues = Annotated[dict[str, object], AfterValidator(_as_settings_are)]
"""Settings by name, also such as this version does not know; JSON's lists are tuples, as in `Settings`."""


class TableOfRun(Stored):
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


class SplitOfRun(Stored):
    """How many rows were on each side, and the seed that drew them."""

    seed: int
    train: int
    held_out: int
    validation: int
    stratified: bool


class BranchOfRun(Stored):
    """Which run a branch left, after which epoch, and the settings it has otherwise than that run had then.

    `run` is the other run's key; the history may have lost it since.
    """

    run: str
    epoch: int
    changed: SettingValues


class CandidateOfRun(Stored):
    """Settings that a search tried, as far as they differ from the run's own, and how they did."""

    changed: dict[str, object]
    epochs: int
    loss: float | None
    is_finalist: bool
    is_indistinguishable: bool


class SearchOfRun(Stored):
    """The search that found the settings of a run: what was asked for, and every candidate, the best first.

    `fixed` are the settings that were given; `chosen` is the place of the run's own settings. A candidate
    without a loss diverged, or was never judged.
    """

    fixed: tuple[str, ...]
    budget: float
    folds: int
    rows: int
    training_rows: int
    loss_name: str
    candidates: tuple[CandidateOfRun, ...]
    chosen: int
    sentences: tuple[str, ...]


class RunMetadata(Stored):
    """All that is known of a run as it begins."""

    table: TableOfRun
    settings: SettingValues
    split: SplitOfRun
    layers: tuple[int, ...]
    parameters: int
    measures: tuple[str, ...]
    versions: dict[str, str]
    machine: dict[str, str]
    branch: BranchOfRun | None = None
    search: SearchOfRun | None = None


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
        """Whether it has not come to its end, and nobody is training it."""
        return self.ending in UNENDED

    @property
    def reading(self) -> Reading:
        """How the table was read."""
        allowed = {name: value for name, value in self.metadata.table.reading.items() if value is not None}
        return {name: allowed[name] for name in OPTIONS if name in allowed}  # type: ignore[return-value]


def run_metadata(
    dataset: Dataset,
    training: Training,
    reading: Reading | None = None,
    *,
    branch: BranchOfRun | None = None,
    search: SearchReport | None = None,
) -> RunMetadata:
    """What there is to know of a run as it begins; `reading` is what a person said about the file."""
    table, split, settings = dataset.table, training.split, training.settings
    spoken = spoken_name(table)
    return RunMetadata(
        table=TableOfRun(
            name=table.name,
            spoken=from_root(spoken) if spoken == table.path else spoken,
            size=table.size,
            sha256=table.sha256,
            rows=table.rows,
            rows_left_out=table.rows_left_out,
            target=dataset.target,
            ignored=dataset.ignored,
            task=dataset.task,
            reading=said(reading or {}),
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
        search=None if search is None else search_of(search),
    )


def search_of(report: SearchReport) -> SearchOfRun:
    """The report as it is stored."""
    own = report.winner.settings
    return SearchOfRun(
        fixed=report.fixed,
        budget=report.budget,
        folds=report.folds,
        rows=report.rows,
        training_rows=report.training_rows,
        loss_name=report.loss_name,
        candidates=tuple(
            CandidateOfRun(
                changed={
                    name: value
                    for name, value in one.settings.model_dump(mode="json").items()
                    if getattr(one.settings, name) != getattr(own, name)
                },
                epochs=one.epochs,
                loss=one.loss if isfinite(one.loss) else None,
                is_finalist=one.is_finalist,
                is_indistinguishable=one.is_indistinguishable,
            )
            for one in report.candidates
        ),
        chosen=report.chosen,
        sentences=tuple(report.sentences()),
    )


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
