"""What the reader understood of a file, as plain values for scripts."""

from __future__ import annotations

import shlex
from typing import TypedDict

from epochal.data.tables.dataset import Dataset, guess_target
from epochal.data.tables.decisions import LeftOutReport, decisions
from epochal.data.tables.offers import as_arguments
from epochal.data.tables.table import Table, TableError


class ColumnReport(TypedDict):
    """One column."""

    name: str
    type: str
    missing: int


class DialectReport(TypedDict):
    """How the text was taken apart."""

    delimiter: str
    encoding: str
    header: bool
    first_line: int


class ProblemReport(TypedDict):
    """One fault and its place, line and column from 1."""

    line: int
    column: int
    kind: str
    excerpt: str


class OfferReport(TypedDict):
    """A repair that is offered, and the options that accept it."""

    sentence: str
    options: str


class Inspection(TypedDict):
    """What `epochal inspect --json` prints."""

    rows: int
    columns: list[ColumnReport]
    target: str | None
    target_reason: str | None
    task: str | None
    dialect: DialectReport | None
    problems: list[ProblemReport]
    notes: list[str]
    offers: list[OfferReport]
    left_out: list[LeftOutReport]
    rows_left_out: int
    rows_without_target: int


def inspection(read: Table | TableError, learned: Dataset | TableError | None = None) -> Inspection:
    """A report on a table, or on why it was refused; `learned` is what `dataset_from` made or raised."""
    table = read.table if isinstance(read, TableError) else read
    problems = read.problems if isinstance(read, TableError) or not table else table.problems
    notes = list(read.notes)
    target = task = told = None
    if isinstance(learned, Dataset):
        target, task = learned.target, learned.task
        told = decisions(learned).report()
        notes = told["notes"]
    elif table is not None and table.columns:
        target = guess_target(table)
    for error in (read, learned):
        if isinstance(error, TableError):
            notes.insert(0, str(error))
    return {
        "rows": table.rows if table else 0,
        "columns": [
            {"name": column.name, "type": column.kind, "missing": column.missing}
            for column in (table.columns if table else ())
        ],
        "target": target,
        "target_reason": told["target_reason"] if told else None,
        "task": task,
        "dialect": _dialect(table) if table else None,
        "problems": [
            {"line": one.line, "column": one.column, "kind": one.kind, "excerpt": one.excerpt}
            for one in problems
        ],
        "notes": notes,
        "offers": [
            {"sentence": one.sentence, "options": shlex.join(as_arguments(one.reading))}
            for one in (read.offers if isinstance(read, TableError) or not table else table.offers)
        ],
        "left_out": told["left_out"] if told else [],
        "rows_left_out": table.rows_left_out if table else 0,
        "rows_without_target": told["rows_without_target"] if told else 0,
    }


def _dialect(table: Table) -> DialectReport:
    return {
        "delimiter": table.dialect.delimiter,
        "encoding": table.dialect.encoding,
        "header": table.dialect.header,
        "first_line": table.dialect.first_line,
    }
