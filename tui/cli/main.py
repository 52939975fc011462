"""The command line: `epochal` opens the lab, its commands do the same work without a screen."""

from __future__ import annotations

import gc
import json
import os
import sys
from typing import Any

import click

from epochal.tui.cli.article import article
from epochal.tui.cli.export import export
from epochal.tui.cli.options import (
    Fault,
    dataset_named,
    history_option,
    json_option,
    learned_from,
    output_options,
    places_in,
    reading_from,
    say,
    setting_options,
    settings_from,
    table_options,
)
from epochal.tui.cli.predict import predict
from epochal.tui.cli.runs import runs
from epochal.tui.cli.search import search
from epochal.tui.cli.validate import validate


class LabByDefault(click.Group):
    """A group that opens the lab when the first word is no command of its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `epochal [TABLE] [options]` as `epochal lab [TABLE] [options]`."""
        if not args or (args[0] not in self.commands and args[0] not in ("--help", "--version")):
            args = ["lab", *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Name both ways of calling it."""
        formatter.write_usage(ctx.command_path, "[TABLE] [OPTIONS]")
        formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...", prefix="   or: ")


@click.group(cls=LabByDefault, context_settings={"help_option_names": ["--help"], "max_content_width": 100})
@click.version_option(package_name="epochal", prog_name="epochal")
def epochal() -> None:
    """Watch a small neural network learn your table, and know what its accuracy is worth.

    TABLE is a file, or the name of a table that comes with the program (see `epochal tables`);
    without one the lab opens column_2C_weka.

    Example: epochal patients.csv --target diagnosis --hidden 16,8
    """


@epochal.command(hidden=True)
@click.argument("table", default=None, required=False)
@table_options
@setting_options
@history_option
def lab(table: str | None, no_history: bool, **options: Any) -> None:
    """Open the lab on TABLE.

    Example: epochal iris --hidden 4
    """
    settings = settings_from(options)
    dataset = dataset_named(table or "column_2C_weka", options)
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
        raise Fault("The lab needs a terminal that can draw. Without one, use: epochal train TABLE --json")
    gc.disable()
    from epochal.data.runs.recorder import Recorder
    from epochal.data.user_files import home
    from epochal.tui.lab.app import EpochalApp
    from epochal.tui.lab.leaving import leaving_in_time, put_away, wait_for_nobody
    from epochal.tui.runner.step_gate import ScreenGate, gated_event_loop
    from epochal.tui.widgets.partial_update import send_only_what_changed

    send_only_what_changed()
    gate = ScreenGate()
    recorder = Recorder.open(None if no_history else home())
    app = EpochalApp(dataset, settings, gate, reading_from(options), recorder, any_table=table is None)
    gc.freeze()
    gc.enable()
    with leaving_in_time(app):
        app.run(loop=gated_event_loop(gate), mouse=False)
        gate.open()
        put_away(app.run_shown, recorder)
        wait_for_nobody(app.return_code or 0)
    raise SystemExit(app.return_code or 0)


@epochal.command()
@click.argument("table")
@table_options
@setting_options
@json_option
@output_options
@history_option
def train(table: str, as_json: bool, force: bool, no_history: bool, **options: Any) -> None:
    """Train on TABLE and judge the result on its held-out rows.

    Example: epochal train column_2C_weka --hidden 10 --epochs 500 --json
    """
    from epochal.core.training.training import Training
    from epochal.data.runs.record import run_metadata
    from epochal.tui.cli.train import Departure, leave, recorder, show, trained, written_to

    settings = settings_from(options)
    dataset = dataset_named(table, options)
    places = places_in({**options, "force": force})
    departure = Departure()
    try:
        training = Training(dataset.examples, settings, gate=departure)
    except ValueError as error:
        raise Fault(str(error)) from None
    metadata = run_metadata(dataset, training, reading_from(options))
    with recorder(no_history=no_history) as history:
        recording = history.begin(metadata, training.history)
        outcome = trained(dataset, training, recording, history, departure)
    files = written_to(places, outcome, dataset, metadata, force=force)
    show(outcome, files, as_json=as_json)
    leave(outcome, files)


@epochal.command()
@click.argument("table")
@table_options
@json_option
def inspect(table: str, as_json: bool, **options: Any) -> None:
    """Say what the reader makes of TABLE: its dialect, its columns, what is wrong and where.

    Exit code 1 when the table cannot be used as it is.

    Example: epochal inspect patients.csv --json
    """
    from epochal.data.tables.bundled import open_table
    from epochal.data.tables.dataset import Dataset
    from epochal.data.tables.inspection import inspection
    from epochal.data.tables.table import Table, TableError

    read: Table | TableError
    learned: Dataset | TableError | None = None
    try:
        read = open_table(table, **reading_from(options))
        try:
            learned = learned_from(read, options)
        except TableError as error:
            learned = error
    except TableError as error:
        read = error
    report = inspection(read, learned)
    if as_json:
        click.echo(json.dumps(report))
    else:
        say(_inspection_lines(report))
    raise SystemExit(0 if isinstance(learned, Dataset) else 1)


def _inspection_lines(report: Any) -> list[str]:
    lines = [f"{report['rows']:,} rows, {len(report['columns'])} columns"]
    if dialect := report["dialect"]:
        between = {",": "commas", ";": "semicolons", "\t": "tabs"}.get(dialect["delimiter"])
        header = "names the columns" if dialect["header"] else "is the first row"
        lines.append(
            f"{dialect['encoding']}, {between or repr(dialect['delimiter'])} between cells, "
            f"line {dialect['first_line']} {header}"
        )
    lines += [
        f"  {column['name']}: {column['type']}"
        + (f", {column['missing']:,} missing" if column["missing"] else "")
        for column in report["columns"]
    ]
    if report["target"]:
        lines.append(f"To predict: {report['target']}" + (f" ({report['task']})" if report["task"] else ""))
    lines += report["notes"]
    lines += [
        f"line {one['line']}, column {one['column']}: {one['kind']}: {one['excerpt']}"
        for one in report["problems"]
    ]
    return lines


@epochal.command()
@json_option
def tables(as_json: bool) -> None:
    """List the tables that come with the program.

    Example: epochal tables
    """
    from epochal.data.tables.bundled import tables as bundled

    if as_json:
        keys = ("name", "rows", "columns", "task", "sentence")
        click.echo(json.dumps({"tables": [{key: getattr(t, key) for key in keys} for t in bundled()]}))
        return
    for table in bundled():
        click.echo(f"{table.name:<15} {table.rows:>5,} rows {table.columns:>3} columns  {table.sentence}")


epochal.add_command(validate)
epochal.add_command(predict)
epochal.add_command(export)
epochal.add_command(search)
epochal.add_command(article)
epochal.add_command(runs)
