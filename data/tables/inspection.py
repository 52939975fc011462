"""What the reader understood of a file, as plain values for scripts."""

from __future__ import annotations

from typing import TypedDict

from epochal.data.tables.dataset import Dataset, guess_target
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


class Inspection(TypedDict):
    """What `epochal inspect --json` prints."""

    rows: int
    columns: list[ColumnReport]
    target: str | None
    task: str | None
    dialect: DialectReport | None
    problems: list[ProblemReport]
    notes: list[str]


def inspection(read: Table | TableError, learned: Dataset | TableError | None = None) -> Inspection:
    """A report on a table, or on why it was refused; `learned` is what `dataset_from` made or raised."""
    table = read.table if isinstance(read, TableError) else read
    problems = read.problems if isinstance(read, TableError) or not table else table.problems
    notes = list(read.notes)
    if isinstance(read, TableError):
        notes.insert(0, str(read))
    target = task = None
    if isinstance(learned, Dataset):
        target, task = learned.target, learned.task
        notes += [*learned.notes, *(f"{one.name} was left out: it {one.reason}." for one in learned.left_out)]
    elif table is not None and table.columns:
        target = guess_target(table)
    if isinstance(learned, TableError):
        notes.insert(0, str(learned))
    return {
        "rows": table.rows if table else 0,
        "columns": [
            {"name": column.name, "type": column.kind, "missing": column.missing}
            for column in (table.columns if table else ())
        ],
        "target": target,
        "task": task,
        "dialect": _dialect(table) if table else None,
        "problems": [
            {"line": one.line, "column": one.column, "kind": one.kind, "excerpt": one.excerpt}
            for one in problems
        ],
        "notes": notes,
    }


def _dialect(table: Table) -> DialectReport:
    return {
        "delimiter": table.dialect.delimiter,
        "encoding": table.dialect.encoding,
        "header": table.dialect.header,
        "first_line": table.dialect.first_line,
    }
