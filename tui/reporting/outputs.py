"""What can be written of a trained run, each declared once: for the command line, and for a key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from epochal.core.outcome import Outcome
    from epochal.core.profile.profile import Profile
    from epochal.data.models.model import Model
    from epochal.data.runs.metadata import Measures, RunMetadata
    from epochal.data.runs.record import RecordedRun
    from epochal.data.tables.dataset import Dataset


class NotWritten(Exception):
    """Why there is no such file, in a sentence."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A run at rest: its dataset, its outcome, and its metadata."""

    dataset: Dataset
    outcome: Outcome
    metadata: RunMetadata
    number: int = 0
    """In the history; 0 outside of it."""

    @cached_property
    def recorded(self) -> RecordedRun:
        """As the history has it."""
        from epochal.data.runs.record import recorded_now
        from epochal.data.runs.result import result_of

        history, result = self.outcome.training.history, result_of(self.dataset, self.outcome)
        return recorded_now(self.metadata, history, result, self.number)

    @property
    def epochs(self) -> Measures:
        """Epochs x the fields of `Epoch`."""
        return self.outcome.training.history.rows()

    @property
    def model(self) -> Model:
        """What was learned, apart from the run."""
        from epochal.data.models.model import model_of

        return model_of(self.dataset, self.outcome)


@dataclass(frozen=True)
class Output:
    """Something to write: its name as an option, what it is called, and what its files end in."""

    name: str
    metavar: str
    what: str
    endings: tuple[str, ...]
    sentence: str
    write: Callable[[Trained, Path, bool], None]

    @property
    def option(self) -> str:
        """As the command line spells it."""
        return f"--{self.name}"

    @property
    def title(self) -> str:
        """As a list begins with it."""
        words = self.what.removeprefix("the ")
        return words[0].upper() + words[1:]

    def wrong_ending(self, path: Path) -> str:
        """Why a file of this name could not be one; empty where it could."""
        if len(self.endings) == 1 or path.suffix.lower() in self.endings:
            return ""
        return f"{path.name} must end in {' or '.join(self.endings)}, to say what {self.what} is written as."


def _model(trained: Trained, path: Path, force: bool) -> None:
    from epochal.data.models.model_file import save_model

    save_model(path, trained.model, force=force)


def _python(trained: Trained, path: Path, force: bool) -> None:
    from epochal.data.exports.python import python_source

    _put(path, python_source(trained.model), force)


def _sql(trained: Trained, path: Path, force: bool) -> None:
    from epochal.data.exports.sql import sql_source

    _put(path, sql_source(trained.model), force)


def _c(trained: Trained, path: Path, force: bool) -> None:
    from epochal.data.exports.c import c_source

    _put(path, c_source(trained.model), force)


def _card(trained: Trained, path: Path, force: bool) -> None:
    from epochal.data.exports.card import card
    from epochal.data.exports.pages import html, markdown

    outcome = trained.outcome
    page = card(trained.model, outcome.evaluation, outcome.findings)
    _put(path, html(page) if path.suffix.lower() == ".html" else markdown(page), force)


def _curve(trained: Trained, path: Path, force: bool) -> None:
    from epochal.data.exports.epochs_csv import epochs_csv

    _put(path, epochs_csv(trained.epochs), force)


def _predictions(trained: Trained, path: Path, force: bool) -> None:
    from epochal.data.models.prediction_files import write_held_out

    write_held_out(path, trained.dataset, trained.outcome, trained.recorded.reading, force=force)


def _chart(trained: Trained, path: Path, force: bool) -> None:
    write_chart(trained.recorded, trained.epochs, path, force=force)


def _report(trained: Trained, path: Path, force: bool) -> None:
    write_report(trained.recorded, trained.epochs, path, force=force)


def write_chart(run: RecordedRun, rows: Measures, path: Path, *, force: bool) -> None:
    """The errors as SVG or, by the file's ending, as PNG."""
    from epochal.data.exports.picture import NoPng, png, svg
    from epochal.tui.reporting.report import chart_of

    picture = chart_of(run, rows)
    try:
        content = png(picture) if path.suffix.lower() == ".png" else svg(picture)
    except NoPng as error:
        raise NotWritten(f"{error}.") from None
    _put(path, content, force)


def write_report(run: RecordedRun, rows: Measures, path: Path, *, force: bool) -> None:
    """The run on one page of HTML or, by the file's ending, of Markdown."""
    from epochal.data.exports.pages import html, markdown
    from epochal.tui.reporting.report import report

    page = report(run, rows)
    _put(path, markdown(page) if path.suffix.lower() == ".md" else html(page), force)


def write_profile(profile: Profile, name: str, path: Path, *, force: bool) -> None:
    """The profile of the table of that name on one page of HTML or, by the file's ending, of Markdown."""
    from epochal.data.exports.pages import html, markdown
    from epochal.tui.reporting.profile_page import profile_page

    page = profile_page(profile, name)
    try:
        _put(path, markdown(page) if path.suffix.lower() == ".md" else html(page), force)
    except OSError as error:
        raise NotWritten(f"Nothing was written to {path}: {error.strerror or error}.") from None


def _put(path: Path, content: str | bytes, force: bool) -> None:
    from epochal.data.atomic_write import whole_file

    with whole_file(path, force=force) as file:
        # A name from a file may hold half a character, which is no text.
        file.write(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))


SAVE = Output(
    "save", "MODEL.npz", "the model", (".npz",), "The trained network, for `epochal predict`.", _model
)
PYTHON = Output(
    "python",
    "FILE.py",
    "the Python program",
    (".py",),
    "A program that predicts, with NumPy alone.",
    _python,
)
SQL = Output(
    "sql", "FILE.sql", "the SQL statement", (".sql",), "One SELECT that predicts in a database.", _sql
)
C = Output("c", "FILE.c", "the C program", (".c",), "One C file that predicts, by itself.", _c)
CARD = Output(
    "card",
    "FILE.md",
    "the model card",
    (".md", ".html"),
    "What it is, its figures, its limits.",
    _card,
)
CURVE = Output(
    "curve", "FILE.csv", "the epochs", (".csv",), "The measures of every epoch, one row each.", _curve
)
PREDICTIONS = Output(
    "predictions",
    "FILE.csv",
    "the predictions",
    (".csv",),
    "The held-out rows, each with its prediction.",
    _predictions,
)
CHART = Output(
    "chart", "FILE.svg", "the chart", (".svg", ".png"), "The error curves as a picture: .svg or .png.", _chart
)
REPORT = Output(
    "report",
    "FILE.html",
    "the report",
    (".html", ".md"),
    "All on one page: .html or .md.",
    _report,
)
OUTPUTS = (SAVE, PYTHON, SQL, C, CARD, CURVE, PREDICTIONS, CHART, REPORT)


def write(output: Output, trained: Trained, path: Path, *, force: bool = False) -> None:
    """Write it, whole or not at all; NotWritten says in a sentence why not. Nothing is replaced unasked."""
    from epochal.data.models.model import ModelError
    from epochal.data.paths import refusal

    try:
        output.write(trained, path, force)
    except ModelError as error:
        raise NotWritten(str(error)) from None
    except OSError as error:
        raise NotWritten(f"Nothing was written to {path}: {refusal(error)}.") from None
