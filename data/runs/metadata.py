"""What the history knows of a run as it begins: its table, settings, split, network, versions, machine."""

from __future__ import annotations

import platform
from math import isfinite
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator

from epochal.core.studies.auto.report import SearchReport
from epochal.core.training.history import Epoch
from epochal.core.training.training import Training
from epochal.core.version import __version__
from epochal.data.paths import from_root
from epochal.data.runs.stored import Stored
from epochal.data.tables.bundled import spoken_name
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.options import Reading, said

Measures = NDArray[np.float64]
"""Epochs x the fields of `Epoch`."""
MEASURES = tuple(Epoch._fields)


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
    difference: tuple[float, float, float] | None = None
    """Of a finalist's loss from the lowest, and its 95 % interval."""


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
                difference=one.difference and (one.difference.mean, one.difference.low, one.difference.high),
            )
            for one in report.candidates
        ),
        chosen=report.chosen,
        sentences=tuple(report.sentences()),
    )


def present_versions() -> dict[str, str]:
    """The versions on which a run's last bits may depend."""
    return {"epochal": __version__, "python": platform.python_version(), "numpy": np.__version__}
