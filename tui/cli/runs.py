"""`epochal runs`: what was trained before, and how to go on with it."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from epochal.core.settings import DECLARATIONS, written
from epochal.data.paths import refusal
from epochal.tui.cli.options import (
    Fault,
    ended,
    force_option,
    json_option,
    new_place,
    output_option,
    output_options,
    places_in,
    say,
    say_csv,
)
from epochal.tui.reporting.outputs import CHART, REPORT
from epochal.tui.reporting.run_words import changed_settings, score, sentences, when, when_exactly

if TYPE_CHECKING:
    from epochal.data.runs.record import RecordedRun
    from epochal.data.runs.result import RunResult

Json = dict[str, object]

number_argument = click.argument("number", metavar="ID", type=click.IntRange(1))


@click.group()
def runs() -> None:
    """The run history: list, show, export, resume and delete runs.

    Example: epochal runs list
    """


@runs.command("list")
@json_option
@click.option(
    "--csv", "as_csv", is_flag=True, help="Print CSV: one row for each run, one column for each setting."
)
def list_runs(as_json: bool, as_csv: bool) -> None:
    """List every recorded run, newest first.

    Example: epochal runs list --csv
    """
    from epochal.data.runs.queries import recorded_runs
    from epochal.data.user_files import home

    if as_json and as_csv:
        raise click.UsageError("--json and --csv are two ways to say the same: give one of them.")
    with _said():
        listing = recorded_runs(home())
    if listing.problem:
        say_aside(listing.problem)
    if as_json:
        click.echo(
            json.dumps(
                {"runs": [_summary(run, run.result) for run in listing.runs], "problem": listing.problem}
            )
        )
    elif as_csv:
        say_csv(_csv(listing.runs))
    elif listing.runs:
        say(_table(listing.runs))
    else:
        say(["No run has been recorded yet: `epochal train TABLE` records one."])


@runs.command()
@number_argument
@json_option
def show(number: int, as_json: bool) -> None:
    """Show run ID: its result, findings, settings and table.

    Example: epochal runs show 12
    """
    run = _run(number)
    if as_json:
        click.echo(json.dumps(_full(run)))
        return
    say(sentences(run))


@runs.command()
@number_argument
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE.csv", help="A new file; stdout if not given."
)
@output_option(CHART)
@output_option(REPORT)
@force_option
def export(number: int, output: Path | None, force: bool, **options: Path | None) -> None:
    """Export run ID: its epochs as CSV, its chart, or a report.

    Example: epochal runs export 12 --report run.html
    """
    from epochal.data.atomic_write import whole_file
    from epochal.data.exports.epochs_csv import epochs_lines
    from epochal.data.runs.queries import epochs_of
    from epochal.data.user_files import home
    from epochal.tui.reporting.outputs import NotWritten, write_chart, write_report

    run = _run(number)
    places = places_in({**options, "force": force})
    if output:
        new_place(output, force=force)
    with _said():
        rows, damaged = epochs_of(home(), run)
    if damaged:
        say_aside(f"The measures of {damaged:,} epochs are damaged in the history: they are left empty.")
    try:
        if output:
            with whole_file(output, force=force) as file:
                file.writelines(line.encode() for line in epochs_lines(rows))
        elif not places:
            sys.stdout.writelines(epochs_lines(rows))
        for wanted, path in places.items():
            (write_chart if wanted is CHART else write_report)(run, rows, path, force=force)
    except NotWritten as error:
        raise Fault(str(error)) from None
    except OSError as error:
        raise Fault(f"The run could not be written: {refusal(error)}.") from None


@runs.command()
@number_argument
def delete(number: int) -> None:
    """Delete run ID from the history, for good.

    Example: epochal runs delete 12
    """
    from epochal.data.runs.queries import delete_run
    from epochal.data.user_files import home

    run = _run(number)
    if run.ending == "running":
        raise Fault(f"Run {number} is training now: end it first.")
    with _said():
        delete_run(home(), number)
    say([f"Run {number} is deleted."])


@runs.command()
@number_argument
@json_option
@output_options
def resume(number: int, as_json: bool, force: bool, **options: Any) -> None:
    """Resume run ID up to its planned epochs, as if it had never been interrupted.

    Example: epochal runs resume 12
    """
    from epochal.data.runs.resume import dataset_of, training_of, versions_since
    from epochal.data.user_files import home
    from epochal.tui.cli.departure import Departure
    from epochal.tui.cli.recorded_training import leave, recorder, trained, written_to
    from epochal.tui.cli.recorded_training import show as show_outcome

    run = _run(number)
    if run.ending == "running":
        raise Fault(f"Run {number} is training now, in another process.")
    places = places_in({**options, "force": force})
    departure = Departure()
    with _said():
        dataset = dataset_of(run)
        training = training_of(home(), run, dataset, departure)
    if changed := versions_since(run):
        say_aside(f"{', '.join(changed)}: the last digits may differ from an uninterrupted run's.")
    if training.ending == "running":
        say_aside(f"Run {number} goes on from epoch {training.history.length:,} of {run.planned:,}.")
    else:
        say_aside(f"Run {number} has ended already; this is its result.")
    with recorder(no_history=False) as history:
        recording = history.begin(run.metadata, training.history, run)
        outcome = trained(dataset, training, recording, history, departure)
    files = written_to(places, outcome, dataset, run.metadata, force=force)
    show_outcome(outcome, files, as_json=as_json)
    leave(outcome, files)


def _run(number: int) -> RecordedRun:
    from epochal.data.runs.queries import recorded_run
    from epochal.data.user_files import home

    with _said():
        return recorded_run(home(), number)


@contextmanager
def _said() -> Iterator[None]:
    from epochal.data.runs.database import HistoryError

    try:
        yield
    except HistoryError as error:
        raise Fault(ended(str(error))) from None


def shortened(name: str) -> str:
    """A name of at most thirty letters: its beginning and its end."""
    return name if len(name) <= 30 else f"{name[:20]}...{name[-7:]}"


def say_aside(line: str) -> None:
    """Say something on stderr, with nothing in it that a terminal would obey."""
    from epochal.tui.widgets.text import visible

    click.echo(visible(line), err=True)


# A run as rows and columns.

SUMMARY = (
    *("id", "started", "name", "note", "table", "target"),
    *("layers", "epochs", "planned", "seconds", "ending"),
)
# The others; that of the epochs is what was planned.
SETTINGS = tuple(name for name in DECLARATIONS if name not in SUMMARY)


def _summary(run: RecordedRun, result: RunResult | None) -> Json:
    from epochal.data.runs.result import plain_values

    held_out = result.held_out if result else None
    return {
        "id": run.id,
        "started": when_exactly(run),
        "name": run.name,
        "note": run.note,
        "table": run.metadata.table.name,
        "target": run.metadata.table.target,
        "layers": list(run.metadata.layers),
        "settings": run.metadata.settings,
        "epochs": run.epochs,
        "planned": run.planned,
        "seconds": run.seconds,
        "ending": run.ending,
        "held_out": plain_values(held_out) if held_out else None,
    }


def _full(run: RecordedRun) -> Json:
    from epochal.data.runs.result import plain_values

    metadata, result = run.metadata.model_dump(exclude={"settings", "measures"}), run.result
    stored = plain_values(result) if result else None
    return {**_summary(run, result), **metadata, "result": stored, "trouble": run.trouble}


HELD_OUT = ("rows", "correct", "accuracy", "rmse", "baseline", "baseline_rmse", "low", "high")


def _csv(found: Iterable[RecordedRun]) -> str:
    """A row for each run: its summary, its measures on the held-out rows, and each of its settings."""
    file = io.StringIO()
    rows = map(_cells, found)
    names = [*SUMMARY, *(f"held_out_{name}" for name in HELD_OUT), *SETTINGS]
    writer = csv.DictWriter(file, names, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _cells(run: RecordedRun) -> Json:
    result = run.result
    held_out = result.held_out if result else None
    low, high = (held_out.interval if held_out else None) or (None, None)
    measured = {**(dict(held_out) if held_out else {}), "low": low, "high": high}
    return {
        **_summary(run, result),
        **{name: written(value) for name, value in run.metadata.settings.items() if name in SETTINGS},
        "layers": "-".join(map(str, run.metadata.layers)),
        **{f"held_out_{name}": value for name, value in measured.items()},
    }


def _table(found: tuple[RecordedRun, ...]) -> list[str]:
    rows = [("ID", "Started", "Table", "Network", "Epochs", "Seconds", "Result", "Ended", "Name: settings")]
    rows += [
        (
            str(run.id),
            when(run),
            shortened(run.metadata.table.name),
            "-".join(map(str, run.metadata.layers)),
            f"{run.epochs:,}/{run.planned:,}",
            f"{run.seconds:.1f}",
            score(run).text,
            run.ending,
            ": ".join(filter(None, (run.name, changed_settings(run)))),
        )
        for run in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
