"""The command that does a run again: the table and how it is read, and every setting that is not usual."""

from __future__ import annotations

import shlex
from collections.abc import Collection

from epochal.core.settings import DECLARATIONS, Settings, written
from epochal.data.runs.record import RecordedRun
from epochal.data.tables.bundled import spoken_name
from epochal.data.tables.dataset import Dataset, guess_target, is_doubtful
from epochal.data.tables.names import written_names
from epochal.data.tables.offers import as_arguments
from epochal.data.tables.options import Reading


def command_for(
    dataset: Dataset, settings: Settings, reading: Reading, fixed: Collection[str] | None = None
) -> str:
    """What the lab trains, as a command line; what the program decides by itself is not said.

    With `fixed` the settings but those are found by a search.
    """
    table = dataset.table
    is_guessed = dataset.target == guess_target(table) and not is_doubtful(table, dataset.target)
    target = "" if is_guessed else dataset.target
    task = dataset.task if dataset.ambiguous else ""
    return _command(
        spoken_name(table), reading, target, dataset.ignored, task, settings=settings, fixed=fixed
    )


def command_of(run: RecordedRun) -> str:
    """What a recorded run was, as a command line. HistoryError when its settings are of another version."""
    table = run.metadata.table
    return _command(table.spoken, run.reading, table.target, table.ignored, table.task, settings=run.settings)


def on_lines(command: str, width: int) -> list[str]:
    """A command on lines that a shell reads as one; an argument longer than a line is not broken."""
    lines = [""]
    for part in map(shlex.quote, shlex.split(command)):
        if lines[-1].strip() and len(lines[-1]) + len(part) + 3 > width:
            lines.append(" ")
        lines[-1] += f" {part}" if lines[-1] else part
    return [f"{line} \\" for line in lines[:-1]] + lines[-1:]


def _command(
    table: str,
    reading: Reading,
    target: str,
    ignored: tuple[str, ...],
    task: str,
    *,
    settings: Settings,
    fixed: Collection[str] | None = None,
) -> str:
    parts = ["epochal", "train", table]
    if target:
        parts += ["--target", target]
    if ignored:
        parts += ["--ignore", written_names(ignored)]
    if task:
        parts += ["--task", task]
    # What is ignored is read as text anyway.
    as_text = tuple(name for name in reading.get("as_text", ()) if name not in ignored)
    parts += as_arguments({**reading, "as_text": as_text})
    if fixed is None:
        parts += ["--preset", "sensible"]
    for name, declared in DECLARATIONS.items():
        value = getattr(settings, name)
        if name in fixed if fixed is not None else value != declared.default:
            parts += [declared.option, written(value)]
    return shlex.join(parts)
