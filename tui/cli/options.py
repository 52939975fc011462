"""The command line's options: what table, how it is read, what is learned from it, with which settings."""

from __future__ import annotations

import contextlib
import csv
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

import click

from epochal.core.settings import DECLARATIONS, SettingError, Settings, read_settings, written
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.reading import Reading
from epochal.data.tables.table import Table, TableError
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

history_option = click.option("--no-history", is_flag=True, help="Leave this out of the history of runs.")

READING = (
    click.option("--delimiter", metavar="CHAR", help="What stands between cells; tab for a tab."),
    click.option("--encoding", metavar="NAME", help="How the text is encoded, such as utf-8 or cp1252."),
    click.option("--header/--no-header", default=None, help="Whether the first line names the columns."),
    click.option(
        "--first-line", type=click.IntRange(1), metavar="N", help="Line of the header or first row."
    ),
    click.option(
        "--skip-last", type=click.IntRange(0), default=0, metavar="N", help="Lines below the table."
    ),
    click.option("--missing", metavar="WORD,...", default="", help="Further words for a missing cell."),
    click.option(
        "--as-text", metavar="COLUMN,...", default="", help="Columns of digits that are no numbers."
    ),
    click.option("--drop-bad-rows", is_flag=True, help="Leave out the rows that cannot be read."),
)
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
    """How the table is read."""
    for option in reversed(READING):
        command = option(command)
    return command


def setting_options(command: Command) -> Command:
    """An option for every setting, made from its declaration."""
    for declared in reversed(DECLARATIONS.values()):
        text = (
            f"{declared.sentence} {declared.allowed.capitalize()}; {written(declared.default)} if not given."
        )
        command = click.option(declared.option, declared.name, metavar="VALUE", help=text)(command)
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


def names_in(text: str) -> tuple[str, ...]:
    """Names with commas between them, quoted where a name holds a comma."""
    return tuple(name.strip() for name in next(csv.reader([text], skipinitialspace=True))) if text else ()


def reading_from(options: Mapping[str, Any]) -> Reading:
    """What the options say about the file."""
    delimiter = options["delimiter"]
    return {
        "delimiter": "\t" if delimiter in ("tab", "\\t") else delimiter,
        "encoding": options["encoding"],
        "header": options["header"],
        "first_line": options["first_line"],
        "skip_last": options["skip_last"],
        "missing": names_in(options["missing"]),
        # A stray cell in a column that is left out anyway is no reason to refuse the file.
        "as_text": (*names_in(options["as_text"]), *names_in(options.get("ignore", ""))),
        "drop_bad_rows": options["drop_bad_rows"],
    }


def learned_from(table: Table, options: Mapping[str, Any]) -> Dataset:
    """The dataset that the options ask for; TableError says why there is none."""
    return dataset_from(table, options["target"], names_in(options["ignore"]), options["task"])


def dataset_named(table: str, options: Mapping[str, Any]) -> Dataset:
    """The dataset of a table named on the command line; Fault says why there is none."""
    try:
        return learned_from(table_named(table, reading_from(options)), options)
    except TableError as error:
        raise Fault(sentence(error)) from None


def table_named(table: str, reading: Reading) -> Table:
    """The table named on the command line, with a word on stderr while a long one is read."""
    with _told(table) as watch:
        return open_table(table, watch=watch, **reading)


def new_place(path: Path, *, force: bool) -> None:
    """Fault when nothing could be written there: better now than after an hour of training."""
    if path.is_dir():
        raise Fault(f"{path} is a folder: name a file in it.")
    if os.path.lexists(path) and not force:
        raise Fault(f"{path} is there already: name a new file, or replace it with --force.")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise Fault(f"There is no folder {folder} to write {path.name} to.")
    if not os.access(folder, os.W_OK):
        raise Fault(f"{path.name} cannot be written: the folder {folder} does not allow it.")


@contextlib.contextmanager
def _told(name: str) -> Iterator[Callable[[float], None]]:
    """Say on stderr, if that is a terminal, how far a long reading is."""
    begun, said = monotonic(), False

    def watch(share: float) -> None:
        nonlocal said
        if sys.stderr.isatty() and monotonic() - begun > 0.5:
            said = True
            click.echo(f"\rReading {Path(name).name!r}: {share:.0%} ", err=True, nl=False)

    try:
        yield watch
    finally:
        if said:
            click.echo(err=True)


def sentence(error: TableError) -> str:
    """An error's sentence, ended as one."""
    return ended(str(error))


def ended(text: str) -> str:
    """A sentence with its full stop."""
    return text if text.endswith((".", "?", ")")) else f"{text}."


def settings_from(options: Mapping[str, Any]) -> Settings:
    """Settings from the options given; Fault names the first wrong one."""
    given = {name: options[name] for name in DECLARATIONS if options[name] is not None}
    try:
        return read_settings(given)
    except SettingError as error:
        raise Fault(f"{error}.") from None
