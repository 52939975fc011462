"""Recorded runs as rows and columns: a table to read, CSV, and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from epochal.core.settings import DECLARATIONS, written
from epochal.data.runs.record import RecordedRun
from epochal.data.runs.result import RunResult, plain_values
from epochal.tui.reporting.run_words import changed_settings, score, when, when_exactly

Json = dict[str, object]

SUMMARY = (
    *("id", "started", "name", "note", "table", "target"),
    *("layers", "epochs", "planned", "seconds", "ending"),
)
# The others; that of the epochs is what was planned.
SETTINGS = tuple(name for name in DECLARATIONS if name not in SUMMARY)


def summary(run: RecordedRun, result: RunResult | None) -> Json:
    """What a list of runs says of each."""
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


def full(run: RecordedRun) -> Json:
    """All that is known of it, but its epochs."""
    metadata, result = run.metadata.model_dump(exclude={"settings", "measures"}), run.result
    stored = plain_values(result) if result else None
    return {**summary(run, result), **metadata, "result": stored, "trouble": run.trouble}


HELD_OUT = ("rows", "correct", "accuracy", "rmse", "baseline", "baseline_rmse", "low", "high")


def csv_of(found: Iterable[RecordedRun]) -> str:
    """A row for each run: its summary, its measures on the held-out rows, and each of its settings."""
    file = io.StringIO()
    rows = map(_cells, found)
    names = [*SUMMARY, *(f"held_out_{name}" for name in HELD_OUT), *SETTINGS]
    writer = csv.DictWriter(file, names, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _no_formula(value: object) -> object:
    """A text as one line that no spreadsheet takes for a formula: with an apostrophe before it."""
    if not isinstance(value, str):
        return value
    line = value.replace("\r", " ").replace("\n", " ")
    return f"'{line}" if value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else line


def _cells(run: RecordedRun) -> Json:
    result = run.result
    held_out = result.held_out if result else None
    low, high = (held_out.interval if held_out else None) or (None, None)
    measured = {**(dict(held_out) if held_out else {}), "low": low, "high": high}
    told = summary(run, result)
    return {
        **told,
        **{name: _no_formula(told[name]) for name in ("name", "note", "table", "target")},
        **{name: written(value) for name, value in run.metadata.settings.items() if name in SETTINGS},
        "layers": "-".join(map(str, run.metadata.layers)),
        **{f"held_out_{name}": value for name, value in measured.items()},
    }


def shortened(name: str) -> str:
    """A name of at most thirty letters: its beginning and its end."""
    return name if len(name) <= 30 else f"{name[:20]}...{name[-7:]}"


def table_of(found: tuple[RecordedRun, ...]) -> list[str]:
    """A line for each run, below a line of headings."""
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
