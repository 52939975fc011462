"""A run on one page: what it is worth, its chart, its settings, and the command that repeats it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from epochal.core.network.losses import ERROR_IN_WORDS
from epochal.core.settings import DECLARATIONS, written
from epochal.core.studies.auto.choice import Difference
from epochal.data.exports.error_chart import error_chart
from epochal.data.exports.pages import Block, Chart, Code, Grid, Heading, Paragraph
from epochal.data.exports.picture import Picture
from epochal.data.runs.database import HistoryError
from epochal.data.runs.metadata import MEASURES, Measures
from epochal.data.runs.record import RecordedRun
from epochal.data.runs.result import HeldOutClasses, RunResult
from epochal.tui.reporting.equivalent_command import command_of
from epochal.tui.reporting.run_words import (
    decided_in_words,
    found_in_words,
    how_it_ended,
    result_in_words,
    score,
    when,
)
from epochal.tui.widgets.drawing import Drawing
from epochal.tui.widgets.plot import Curve, Plot

CHARACTERS = (78, 18)


def report(run: RecordedRun, rows: Measures) -> list[Block]:
    """The page, from what the history knows of the run and its epochs."""
    result = run.result or RunResult()
    return [
        Heading(
            f"{run.metadata.table.name}: {run.metadata.table.target} predicted by a {_network(run)} network"
        ),
        Paragraph(_about(run)),
        *(Paragraph(line) for line in (run.note, run.trouble) if line),
        Heading("Result"),
        *(Paragraph(line) for line in result_in_words(result) or [f"Result: {score(run).text}."]),
        *_confusion(result),
        *_classes(result),
        Heading("Findings"),
        *(Paragraph(line) for line in found_in_words(result) or ["No findings."]),
        *_decided(result),
        Heading("Error by epoch"),
        Chart(chart_of(run, rows), _in_characters(run, rows)),
        Heading("Training"),
        Grid(("", ""), [*_facts(run), *_settings(run)]),
        Heading("How to reproduce it"),
        *_again(run, result),
    ]


def _decided(result: RunResult) -> Iterator[Block]:
    if lines := decided_in_words(result):
        yield Heading("How the table was read")
        yield from map(Paragraph, lines)


def chart_of(run: RecordedRun, rows: Measures) -> Picture:
    """The errors of a run as a picture."""
    kept = run.result.kept_epoch if run.result else 0
    shown = kept if run.metadata.settings.get("patience") and kept < len(rows) else 0
    title = f"{run.metadata.table.name}, {_network(run)}"
    return error_chart(rows, title, _error(run), shown)


def _error(run: RecordedRun) -> str:
    return ERROR_IN_WORDS.get(run.result.loss if run.result else "", "error")


def _network(run: RecordedRun) -> str:
    return "-".join(map(str, run.metadata.layers))


def _about(run: RecordedRun) -> str:
    name = (f"Run {run.id}" if run.id else "A run") + (f", {run.name}" if run.name else "")
    zone = datetime.fromtimestamp(run.started).astimezone().tzname()
    return (
        f"{name}: begun {when(run)} {zone}, {how_it_ended(run)} after {run.epochs:,} of "
        f"{run.planned:,} epochs, in {run.seconds:.2f} s."
    )


def _confusion(result: RunResult) -> Iterator[Block]:
    """The confusion matrix: true classes down, predicted ones across; nothing where numbers are predicted."""
    classes, held_out = result.table.classes if result.table else (), result.held_out
    if isinstance(held_out, HeldOutClasses) and len(classes) == len(held_out.confusion) > 0:
        yield Paragraph("Confusion matrix of the held-out rows: true class down, predicted class across.")
        rows = [[name, *map(str, counts)] for name, counts in zip(classes, held_out.confusion, strict=True)]
        yield Grid(("", *classes), rows)


def _classes(result: RunResult) -> Iterator[Block]:
    if isinstance(result.held_out, HeldOutClasses) and result.held_out.per_class:
        rows = [
            [
                one.name,
                str(one.support),
                str(one.predicted),
                *(_share(value) for value in (one.precision, one.recall, one.f1)),
            ]
            for one in result.held_out.per_class
        ]
        yield Grid(("class", "held-out rows", "predicted", "precision", "recall", "F1"), rows)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _in_characters(run: RecordedRun, rows: Measures) -> str:
    """The chart for a page that can show nothing else."""
    last = max(float(rows[-1, 0]) if len(rows) else 1.0, 1.0)

    def curve(name: str, measure: str, marker: str) -> Curve:
        return Curve(name, rows[:, 0], rows[:, MEASURES.index(measure)], marker=marker)  # type: ignore[arg-type]

    curves = [
        curve("training", "training_error", "line"),
        curve("held-out", "held_out_error", "dashes"),
    ]
    frame = Drawing(ascii_only=True).draw(Plot(curves, (0.0, last), y_label=_error(run)), *CHARACTERS)
    return "\n".join("".join(text for text, _ in frame.runs(row)).rstrip() for row in range(CHARACTERS[1]))


def _facts(run: RecordedRun) -> Iterator[tuple[str, str]]:
    table, split = run.metadata.table, run.metadata.split
    yield "Table", f"{table.spoken}, {table.rows:,} rows, SHA-256 {table.sha256}"
    if table.rows_left_out:
        yield "Rows that could not be read", f"{table.rows_left_out:,}, left out"
    if table.ignored:
        yield "Columns left out on request", ", ".join(table.ignored)
    validation = f", and {split.validation:,} validation rows, for early stopping" if split.validation else ""
    yield "Training rows", f"{split.train:,}{validation}"
    yield "Held-out rows", f"{split.held_out:,}, drawn by seed {split.seed}"
    yield "Network", f"{_network(run)}, {run.metadata.parameters:,} parameters"


def _settings(run: RecordedRun) -> Iterator[tuple[str, str]]:
    for name, declared in DECLARATIONS.items():
        if name in run.metadata.settings:
            value = run.metadata.settings[name]
            usual = "" if value == declared.default else f" (default {written(declared.default)})"
            yield declared.title, f"{written(value)}{usual}"


def _again(run: RecordedRun, result: RunResult) -> Iterator[Block]:
    metadata = run.metadata
    if search := metadata.search:
        yield Paragraph(" ".join(search.sentences))
        yield Grid(
            ("", f"validation {search.loss_name}", "to the lowest", "epochs", "otherwise than in this run"),
            [
                [
                    f"{place}",
                    "-" if one.loss is None else f"{one.loss:.4g}",
                    "" if one.difference is None else Difference(*one.difference).in_words,
                    f"{one.epochs}",
                    ", ".join(f"{name} {written(value)}" for name, value in one.changed.items()),
                ]
                for place, one in enumerate(search.candidates, 1)
            ],
        )
        yield Paragraph("The command trains with the settings that were found, without the search:")
    try:
        yield Code(command_of(run))
    except HistoryError as error:
        yield Paragraph(f"{error}.")
    if metadata.branch:
        yield Paragraph(
            f"This run is a branch of another one, from epoch {metadata.branch.epoch:,}: the command trains "
            "from the first epoch with the settings of the branch, which gives another result."
        )
    if result.changes:
        yield Paragraph("Settings were changed while it trained, which the command does not repeat:")
        yield Grid(
            ("from epoch", "setting", "value"),
            [[str(one.epoch), one.setting, str(one.value)] for one in result.changes],
        )
    if run.ending in ("stopped", "interrupted"):
        yield Paragraph(
            f"This run was ended by hand after epoch {run.epochs:,}; the command goes on to the end."
        )
    if not metadata.branch and not result.changes and run.ending in ("finished", "early"):
        versions = ", ".join(f"{name} {version}" for name, version in sorted(metadata.versions.items()))
        processor = metadata.machine.get("processor") or "a processor of the same kind"
        yield Paragraph(f"With {versions}, on {processor}, it gives the same weights, to the byte.")
    if result.weights_sha256:
        yield Paragraph(f"SHA-256 of the weights, which `--json` says too: {result.weights_sha256}")
