"""The command line's options: what table, how it is read, what is learned from it, with which settings."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

import click

from epochal.core.settings import DECLARATIONS, written
from epochal.data.paths import PathError, may_be_written
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, TargetNeeded, dataset_from
from epochal.data.tables.names import names_in
from epochal.data.tables.offers import offer_lines
from epochal.data.tables.options import OPTIONS, Option, Reading, complete
from epochal.data.tables.table import Table, TableError
from epochal.tui.cli.candidates import complete_setting
from epochal.tui.reporting.outputs import OUTPUTS, Output

Command = TypeVar("Command", bound=Callable[..., Any])
Options = dict[str, Any]
Places = dict[Output, Path]


class Fault(click.ClickException):
    """The input is at fault: one or two sentences on stderr, and exit code 1."""

    exit_code = 1

    def show(self, file: object = None) -> None:
        """Say it, with nothing in it that a terminal would obey."""
        from epochal.tui.widgets.text import visible

        click.echo("\n".join(map(visible, self.message.splitlines())), err=True)


def say(lines: Iterable[str]) -> None:
    """Print lines with nothing in them that a terminal would obey."""
    from epochal.tui.widgets.text import visible

    click.echo("\n".join(map(visible, lines)))


def say_csv(text: str) -> None:
    """Print CSV: to the byte for a pipe or a file, with nothing a terminal would obey for a person."""
    if sys.stdout.isatty():
        say(text.splitlines())
    else:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()


force_option = click.option("--force", is_flag=True, help="Replace the files that are there.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")

history_option = click.option("--no-history", is_flag=True, help="Do not record this in the run history.")

LEARNING = (
    click.option("--target", metavar="COLUMN", help="The column to predict."),
    click.option("--ignore", metavar="COLUMN,...", default="", help="Columns to leave out."),
    click.option(
        "--task",
        type=click.Choice(["classification", "regression"]),
        help="Predict classes or numbers, where it could be either.",
    ),
)


def table_options(command: Command) -> Command:
    """How the table is read and what is learned from which columns."""
    command = reading_options(command)
    for option in reversed(LEARNING):
        command = option(command)
    return command


def reading_options(command: Command) -> Command:
    """An option for everything that can be said of a file, made from its declaration."""
    for one in reversed(OPTIONS.values()):
        command = _reading_option(one)(command)
    return command


def file_reading_options(command: Command) -> Command:
    """The same without what a column holds, where that is known already."""
    for one in reversed(OPTIONS.values()):
        if not one.metavar.startswith("COLUMN"):
            command = _reading_option(one)(command)
    return command


def _reading_option(one: Option) -> Callable[[Command], Command]:
    if one.kind == "flag":
        return click.option(one.option, one.name, is_flag=True, help=one.sentence)
    if one.kind == "switch":
        both = f"{one.option}/--no-{one.option.removeprefix('--')}"
        return click.option(both, one.name, default=None, help=one.sentence)
    if one.kind == "count":
        kind: Any = click.IntRange(one.minimum)
    else:
        kind = click.STRING
    return click.option(one.option, one.name, type=kind, metavar=one.metavar or None, help=one.sentence)


def setting_options(command: Command) -> Command:
    """An option for every setting, made from its declaration."""
    for declared in reversed(DECLARATIONS.values()):
        text = (
            f"{declared.sentence} {declared.allowed.capitalize()}; {written(declared.default)} if not given."
        )
        command = click.option(
            declared.option, declared.name, metavar="VALUE", help=text, shell_complete=complete_setting
        )(command)
    return command


def output_option(output: Output) -> Callable[[Command], Command]:
    """An option to write this to a file."""
    return click.option(
        output.option,
        output.name,
        type=click.Path(path_type=Path),
        metavar=output.metavar,
        help=f"Write {output.what} to a file. {output.sentence}",
    )


def output_options(command: Command) -> Command:
    """An option for everything that can be written of a trained run, and --force."""
    command = force_option(command)
    for output in reversed(OUTPUTS):
        command = output_option(output)(command)
    return command


def places_in(options: Mapping[str, Any]) -> Places:
    """Where to write what; Fault when that could not be done, which is better known before training."""
    places = {output: options[output.name] for output in OUTPUTS if options.get(output.name)}
    for output, path in places.items():
        if wrong := output.wrong_ending(path):
            raise Fault(wrong)
        new_place(path, force=options["force"])
    if len({os.path.realpath(path) for path in places.values()}) < len(places):
        raise Fault("Two of the files to write are the same one: name each differently.")
    return places


def reading_from(options: Mapping[str, Any]) -> Reading:
    """What the options say about the file; Fault where one says nothing a file can be read by."""
    given = {name: options[name] for name in OPTIONS if options.get(name) is not None}
    try:
        reading = complete(
            {name: _read(OPTIONS[name], value) for name, value in given.items()},
        )
    except TableError as error:
        raise Fault(sentence(error)) from None
    # A stray cell in a column that is left out anyway is no reason to refuse the file.
    reading["as_text"] = (*reading["as_text"], *names_in(options.get("ignore", "")))
    return reading


def _read(one: Option, value: Any) -> Any:
    return one.read(value) if isinstance(value, str) and value else value


def learned_from(table: Table, options: Mapping[str, Any]) -> Dataset:
    """The dataset that the options ask for; TableError says why there is none."""
    return dataset_from(table, options["target"], names_in(options["ignore"]), options["task"])


def dataset_named(table: str, options: Mapping[str, Any]) -> Dataset:
    """The dataset of a table named on the command line; Fault says why there is none."""
    try:
        return learned_from(table_named(table, reading_from(options)), options)
    except TargetNeeded as error:
        raise Fault(f"{sentence(error)} On the command line: --target COLUMN.") from None
    except TableError as error:
        raise Fault(sentence(error)) from None


def table_named(table: str, reading: Reading) -> Table:
    """The table named on the command line, with a word on stderr while a long one is read."""
    with reading_told(table) as watch:
        return open_table(table, watch=watch, **reading)


def new_place(path: Path, *, force: bool) -> None:
    """Fault when nothing could be written there: better now than after an hour of training."""
    try:
        may_be_written(path)
    except PathError as error:
        raise Fault(str(error)) from None
    if os.path.lexists(path) and not force:
        raise Fault(f"{path} is there already: name a new file, or replace it with --force.")


@contextlib.contextmanager
def reading_told(name: str, doing: str = "Reading") -> Iterator[Callable[[float], None]]:
    """Say on stderr, if that is a terminal, how far a long reading is."""
    begun, said = monotonic(), False

    def watch(share: float) -> None:
        nonlocal said
        if sys.stderr.isatty() and monotonic() - begun > 0.5:
            said = True
            click.echo(f"\r{doing} {Path(name).name!r}: {share:.0%} ", err=True, nl=False)

    try:
        yield watch
    finally:
        if said:
            click.echo(err=True)


def sentence(error: TableError) -> str:
    """An error's sentence, ended as one, and a line for each repair that is offered."""
    return "\n".join([ended(str(error)), *(f"  {line}" for line in offer_lines(error.offers))])


def ended(text: str) -> str:
    """A sentence with its full stop."""
    return text if text.endswith((".", "?", ")")) else f"{text}."
