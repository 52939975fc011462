"""The command line: `epochal` opens the lab, its commands do the same work without a screen."""

from __future__ import annotations

import csv
import gc
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from core.settings import DECLARATIONS, SettingError, Settings, read_settings, written
from data.dataset import Dataset, dataset_from
from data.table import TableError

Command = TypeVar("Command", bound=Callable[..., Any])


class Fault(click.ClickException):
    """The input is at fault: one or two sentences on stderr, and exit code 1."""

    exit_code = 1

    def show(self, file: object = None) -> None:
        """Say it, with nothing in it that a terminal would obey."""
        from tui.text import visible

        click.echo("\n".join(map(visible, self.message.splitlines())), err=True)


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


def setting_options(command: Command) -> Command:
    """An option for every setting, made from its declaration."""
    for declared in reversed(DECLARATIONS.values()):
        text = (
            f"{declared.sentence} {declared.allowed.capitalize()}; {written(declared.default)} if not given."
        )
        command = click.option(declared.option, declared.name, metavar="VALUE", help=text)(command)
    return command


def table_options(command: Command) -> Command:
    """What is learned from which columns."""
    command = click.option("--ignore", metavar="COLUMN,...", default="", help="Columns to leave out.")(
        command
    )
    return click.option("--target", metavar="COLUMN", help="The column to predict.")(command)


def dataset_named(table: str, target: str | None, ignore: str) -> Dataset:
    """The dataset of a table named on the command line, or the reason why there is none."""
    from data.bundled import open_table

    try:
        names = tuple(next(csv.reader([ignore]))) if ignore else ()
        return dataset_from(open_table(table), target=target, ignore=names)
    except TableError as error:
        raise Fault(str(error)) from None


def settings_from(options: dict[str, str | None]) -> Settings:
    """Settings from the options given."""
    try:
        return read_settings({name: text for name, text in options.items() if text is not None})
    except SettingError as error:
        raise Fault(f"{error}.") from None


@epochal.command(hidden=True)
@click.argument("table", default="column_2C_weka")
@table_options
@setting_options
def lab(table: str, target: str | None, ignore: str, **options: str | None) -> None:
    """Open the lab on TABLE.

    Example: epochal iris --hidden 4
    """
    settings = settings_from(options)
    dataset = dataset_named(table, target, ignore)
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
        raise Fault("The lab needs a terminal that can draw. Without one, use: epochal train TABLE --json")
    gc.disable()
    from tui.app import EpochalApp
    from tui.floor import Gate, gated_event_loop
    from tui.leaving import leaving_in_time
    from tui.partial_update import send_only_what_changed

    send_only_what_changed()
    gate = Gate()
    app = EpochalApp(dataset, settings, gate)
    gc.freeze()
    gc.enable()
    with leaving_in_time(app):
        app.run(loop=gated_event_loop(gate), mouse=False)
    raise SystemExit(app.return_code or 0)


@epochal.command()
@click.argument("table")
@table_options
@setting_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.option(
    "--curve", type=click.Path(path_type=Path), metavar="FILE.csv", help="Write a row an epoch to a new file."
)
def train(
    table: str, target: str | None, ignore: str, as_json: bool, curve: Path | None, **options: str | None
) -> None:
    """Train on TABLE and judge the result on its held-out rows.

    Example: epochal train column_2C_weka --hidden 10 --epochs 500 --json
    """
    from core.training import Training, evaluate
    from tui.record import record

    settings = settings_from(options)
    dataset = dataset_named(table, target, ignore)
    if curve and curve.exists():
        raise Fault(f"{curve} is there already: name a new file for the curve.")
    try:
        training = Training(dataset.examples, settings)
    except ValueError as error:
        raise Fault(str(error)) from None
    interrupted = False
    try:
        with _progress(settings.epochs) as advance:
            for _ in training:
                advance(1)
    except KeyboardInterrupt:
        interrupted = True
    evaluation = evaluate(training)
    stopped = "interrupted" if interrupted else training.ending
    if as_json:
        click.echo(json.dumps(record(dataset, training, evaluation, stopped)))
    else:
        from tui.text import visible

        lines = [training.network.in_words(), *evaluation.in_words()]
        if training.history.length:
            last = training.history[-1]
            lines.append(
                f"Training error {last.training_error:.4f}, held-out error {last.held_out_error:.4f} "
                f"after {last.number:,} epochs in {last.seconds:.2f} s."
            )
        click.echo("\n".join(map(visible, lines)))
    if curve:
        _write_curve(curve, training)
    if training.diverged_at:
        raise Fault(
            f"The error ran away in epoch {training.diverged_at:,}: "
            f"try a learning rate a tenth of {written(settings.learning_rate)}."
        )
    if interrupted:
        raise SystemExit(130)


@epochal.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def tables(as_json: bool) -> None:
    """List the tables that come with the program.

    Example: epochal tables
    """
    from data.bundled import tables as bundled

    if as_json:
        keys = ("name", "rows", "columns", "task", "sentence")
        click.echo(json.dumps({"tables": [{key: getattr(t, key) for key in keys} for t in bundled()]}))
        return
    for table in bundled():
        click.echo(f"{table.name:<16} {table.rows:>6,} rows {table.columns:>3} columns  {table.sentence}")


class _progress:  # noqa: N801
    """A bar on stderr while training, if stderr is a terminal."""

    def __init__(self, epochs: int) -> None:
        self._bar = click.progressbar(
            length=epochs,
            label="Training",
            file=sys.stderr,
            hidden=not sys.stderr.isatty(),
            update_min_steps=max(epochs // 100, 1),
        )

    def __enter__(self) -> Callable[[int], None]:
        bar = self._bar.__enter__()
        return bar.update

    def __exit__(self, *exception: Any) -> None:
        self._bar.__exit__(*exception)


def _write_curve(path: Path, training: Any) -> None:
    """One row an epoch."""
    from core.history import Epoch

    try:
        with path.open("x", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("epoch", *Epoch._fields[1:]))
            writer.writerows(training.history[index] for index in range(training.history.length))
    except OSError as error:
        raise Fault(f"The curve could not be written to {path}: {error.strerror}.") from None
