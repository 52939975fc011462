"""The command that does a run again: the table and how it is read, and every setting that is not usual."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Iterable

from epochal.core.settings import DECLARATIONS, Settings, written
from epochal.data.runs.record import RecordedRun
from epochal.data.tables.bundled import spoken_name
from epochal.data.tables.dataset import Dataset, guess_target
from epochal.data.tables.reading import Reading


def command_for(dataset: Dataset, settings: Settings, reading: Reading) -> str:
    """What the lab trains, as a command line; what the program decides by itself is not said."""
    table = dataset.table
    target = "" if dataset.target == guess_target(table) else dataset.target
    task = dataset.task if dataset.ambiguous else ""
    return _command(spoken_name(table), reading, target, dataset.ignored, task, settings)


def command_of(run: RecordedRun) -> str:
    """What a recorded run was, as a command line. HistoryError when its settings are of another version."""
    table = run.metadata.table
    return _command(table.spoken, run.reading, table.target, table.ignored, table.task, run.settings)


def _command(
    table: str, reading: Reading, target: str, ignored: tuple[str, ...], task: str, settings: Settings
) -> str:
    parts = ["epochal", "train", table]
    if target:
        parts += ["--target", target]
    if ignored:
        parts += ["--ignore", _names(ignored)]
    if task:
        parts += ["--task", task]
    parts += _read_as(reading, ignored)
    for name, declared in DECLARATIONS.items():
        value = getattr(settings, name)
        if value != declared.default:
            parts += [declared.option, written(value)]
    return shlex.join(parts)


def _read_as(reading: Reading, ignored: tuple[str, ...]) -> Iterable[str]:
    """The options of `options.READING` that say this."""
    if delimiter := reading.get("delimiter"):
        yield from ("--delimiter", "tab" if delimiter == "\t" else delimiter)
    if encoding := reading.get("encoding"):
        yield from ("--encoding", encoding)
    if (header := reading.get("header")) is not None:
        yield "--header" if header else "--no-header"
    if first := reading.get("first_line"):
        yield from ("--first-line", str(first))
    if last := reading.get("skip_last"):
        yield from ("--skip-last", str(last))
    if missing := reading.get("missing"):
        yield from ("--missing", _names(missing))
    if as_text := [name for name in reading.get("as_text") or () if name not in ignored]:
        yield from ("--as-text", _names(as_text))
    if reading.get("drop_bad_rows"):
        yield "--drop-bad-rows"


def _names(names: Iterable[str]) -> str:
    """As `options.names_in` reads them."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()
