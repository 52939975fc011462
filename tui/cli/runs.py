"""`epochal runs`: what was trained before, and how to go on with it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

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
from epochal.tui.reporting.run_words import sentences

if TYPE_CHECKING:
    from epochal.data.runs.record import RecordedRun

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
    from epochal.tui.reporting.run_rows import csv_of, summary, table_of

    if as_json and as_csv:
        raise click.UsageError("--json and --csv are two ways to say the same: give one of them.")
    with _said():
        listing = recorded_runs(home())
    if listing.problem:
        say_aside(listing.problem)
    if as_json:
        click.echo(
            json.dumps(
                {"runs": [summary(run, run.result) for run in listing.runs], "problem": listing.problem}
            )
        )
    elif as_csv:
        say_csv(csv_of(listing.runs))
    elif listing.runs:
        say(table_of(listing.runs))
    else:
        say(["No run has been recorded yet: `epochal train TABLE` records one."])


@runs.command()
@number_argument
@json_option
def show(number: int, as_json: bool) -> None:
    """Show run ID: its result, findings, settings and table.

    Example: epochal runs show 12
    """
    from epochal.tui.reporting.run_rows import full

    run = _run(number)
    if as_json:
        click.echo(json.dumps(full(run)))
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
        if history.has_lost(recording):
            raise Fault(f"Run {number} is training now, in another process.")
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


def say_aside(line: str) -> None:
    """Say something on stderr, with nothing in it that a terminal would obey."""
    from epochal.tui.widgets.text import visible

    click.echo(visible(line), err=True)
