"""Runs in a notebook: one that was just trained, and those of the history; each shows its curve."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from epochal.core.evaluation.judgement import Evaluation
from epochal.core.evaluation.wording import in_words, sentences, verdict
from epochal.core.findings.finding import Finding
from epochal.core.network.losses import ERROR_IN_WORDS
from epochal.core.outcome import Outcome, outcome_of
from epochal.core.rows.examples import Floats
from epochal.core.settings import Settings
from epochal.core.studies.auto.report import SearchReport
from epochal.core.training.history import Epoch
from epochal.core.training.training import Training
from epochal.data.exports.error_chart import error_chart
from epochal.data.exports.pages import Block, Chart, Heading, Paragraph, html_fragment
from epochal.data.models.model import model_of
from epochal.data.notebook.models import Model
from epochal.data.notebook.tables import Table
from epochal.data.runs.metadata import MEASURES, Measures
from epochal.data.runs.queries import epochs_of, recorded_runs
from epochal.data.runs.record import RecordedRun
from epochal.data.runs.result import RunResult
from epochal.data.runs.resume import dataset_of, has_its_state, training_of
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.decisions import decisions
from epochal.data.user_files import home

Curve = Mapping[str, Floats]
"""A value an epoch, by the names of the fields of `Epoch`."""


@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """A training that has ended, and its outcome; a notebook shows curve, verdict and findings.

    `outcome` has the evaluation and the kept weights, `search` the report of the search for its settings,
    where there was one.

        run = epochal.train("iris", settings="sensible", epochs=50)
        print(run.evaluation.accuracy, run.evaluation.interval, run.curve["held_out_error"][-1])
    """

    dataset: Dataset
    outcome: Outcome
    search: SearchReport | None = None

    @property
    def table(self) -> Table:
        """What was learned from."""
        return Table.of(self.dataset.table)

    @property
    def training(self) -> Training:
        """The training itself."""
        return self.outcome.training

    @property
    def settings(self) -> Settings:
        """The settings that it was trained with."""
        return self.outcome.training.settings

    @property
    def evaluation(self) -> Evaluation:
        """What the held-out rows say: for classes `accuracy`, `interval`, `confusion`, for numbers `rmse`."""
        return self.outcome.evaluation

    @property
    def verdict(self) -> str:
        """Whether it is better than the simplest answer, beyond chance: a sentence."""
        return verdict(self.outcome.evaluation)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What one should know of the table, the training and the result."""
        return self.outcome.findings

    @property
    def notes(self) -> list[str]:
        """What was decided about the table."""
        return decisions(self.dataset).sentences

    @property
    def curve(self) -> Curve:
        """The measures of every epoch: `curve["training_error"]`, `curve["held_out_error"]`, ..."""
        return curve_of(self.training.history.rows())

    @cached_property
    def model(self) -> Model:
        """What predicts new rows, without the table it learned from."""
        return Model.of(model_of(self.dataset, self.outcome))

    def predict(self, table: object) -> NDArray[np.generic]:
        """The predictions for new rows, as by `Model.predict`."""
        return self.model.predict(table)

    def predict_proba(self, table: object) -> Floats:
        """The probabilities of new rows, as by `Model.predict_proba`."""
        return self.model.predict_proba(table)

    def save(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write the model to a file, for `load` and `epochal predict`."""
        self.model.save(path, force=force)

    def __repr__(self) -> str:
        return (
            f"Run({self.dataset.table.name}: {self.outcome.network.in_words()}; {in_words(self.evaluation)})"
        )

    def _repr_html_(self) -> str:
        return html_fragment(list(self._shown()))

    def _shown(self) -> Iterator[Block]:
        table, training = self.dataset.table, self.training
        yield Heading(f"{table.name}: {self.dataset.target}")
        for line in sentences(self.evaluation):
            yield Paragraph(line)
        rows = training.history.rows()
        kept = self.outcome.kept_epoch
        error = ERROR_IN_WORDS.get(training.loss_name, "error")
        network = "-".join(map(str, training.network.layers))
        shown = kept if training.settings.patience and kept < len(rows) else 0
        yield Chart(error_chart(rows, f"{table.name}, {network}", error, shown), "")
        for one in self.findings:
            yield Paragraph(f"{one.severity.title()}: {one.sentence} {one.advice}")


def curve_of(rows: Measures) -> Curve:
    """Epochs x measures as one array a measure; those that were never taken are left out."""
    columns = {name: rows[:, place].copy() for place, name in enumerate(Epoch._fields)}
    return {name: values for name, values in columns.items() if not np.isnan(values).all() or not len(values)}


@dataclass(frozen=True, eq=False, repr=False)
class PastRun:
    """A run of the history: `number`, `name`, `settings`, its `curve`, its outcome, and its `model`."""

    recorded: RecordedRun
    folder: Path

    @property
    def number(self) -> int:
        """Its number in the history, as `epochal runs` shows it."""
        return self.recorded.id

    @property
    def name(self) -> str:
        """The name that a person gave it; empty where none did."""
        return self.recorded.name

    @property
    def settings(self) -> Settings:
        """The settings that it was trained with. HistoryError where this version has no such settings."""
        return self.recorded.settings

    @property
    def result(self) -> RunResult | None:
        """The outcome as recorded: `held_out`, `findings`, `weights_sha256`; None before it has ended."""
        return self.recorded.result

    @cached_property
    def curve(self) -> Curve:
        """The measures of every epoch, as of `Run`."""
        return curve_of(epochs_of(self.folder, self.recorded)[0])

    @cached_property
    def run(self) -> Run:
        """The run as it ended, with its training. HistoryError when its table has changed or is gone."""
        has_its_state(self.folder, self.recorded)
        dataset = dataset_of(self.recorded)
        return Run(dataset, outcome_of(training_of(self.folder, self.recorded, dataset), "interrupted"))

    @property
    def model(self) -> Model:
        """What it learned, ready to predict. HistoryError as of `run`."""
        return self.run.model

    def __repr__(self) -> str:
        about = self.recorded.metadata
        said = self.result.in_words[0] if self.result and self.result.in_words else f"{self.recorded.ending}."
        named = f" {self.name}," if self.name else ""
        network = "-".join(map(str, about.layers))
        return f"PastRun({self.number},{named} {about.table.name}: {network}; {said.rstrip('.')})"

    def _repr_html_(self) -> str:
        return html_fragment(list(self._shown()))

    def _shown(self) -> Iterator[Block]:
        about, result = self.recorded.metadata, self.result or RunResult()
        yield Heading(f"Run {self.number}: {about.table.name}, {about.table.target}")
        yield from map(Paragraph, result.in_words)
        rows, _ = epochs_of(self.folder, self.recorded)
        error = ERROR_IN_WORDS.get(result.loss, "error")
        title = f"{about.table.name}, {'-'.join(map(str, about.layers))}"
        if len(rows):
            yield Chart(error_chart(rows[:, : len(MEASURES)], title, error), "")
        for one in result.findings:
            yield Paragraph(f"{one.severity.title()}: {one.sentence} {one.advice}")


def runs(folder: str | os.PathLike[str] | None = None) -> Sequence[PastRun]:
    """The runs of the history, the last first: of the lab, `epochal train` and `train(record=True)`.

    `folder` is where the history is, EPOCHAL_HOME or the user's data folder if it is not given. HistoryError
    when it cannot be read.

        epochal.train("iris", settings="sensible", epochs=20, record=True)
        last = epochal.runs()[0]
        print(last.number, last.settings, last.curve["training_error"].min())
        print(last.model.predict("iris")[:3])
    """
    place = home() if folder is None else Path(folder)
    return [PastRun(one, place) for one in recorded_runs(place).runs]
