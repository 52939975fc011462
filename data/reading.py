"""Reading: a comma-separated file with a header becomes a Table, or a sentence says why it does not."""

from __future__ import annotations

import csv
import hashlib
import io
import stat
from pathlib import Path

import numpy as np

from data.table import Column, Kind, Problem, Table, TableError

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "?", "-", "."})

# Text columns with more distinct texts than this are not categories to learn from.
MOST_CATEGORIES = 50
MOST_PROBLEMS = 100
EXCERPT = 80


def read_table(path: str | Path) -> Table:
    """Read a table. Raises TableError with a sentence, and the place of each fault where there is one."""
    path = Path(path)
    text, raw = _text(path)
    records, lines = _records(path, text)
    if not records:
        raise TableError(f"{path} is empty: a table needs a line of column names and rows below it.")
    header, *rows = records
    if not rows:
        raise TableError(f"{path} has a line of column names but no rows.")
    problems = [
        Problem(line, min(len(row), len(header)) + 1, "cells", ",".join(row)[:EXCERPT])
        for row, line in zip(rows, lines[1:], strict=True)
        if len(row) != len(header)
    ]
    if problems:
        first = problems[0]
        found = len(rows[lines.index(first.line) - 1])
        raise TableError(
            f"{path}, line {first.line}: {found} cells where the header has {len(header)}. "
            + (f"{len(problems) - 1} more lines are like it. " if len(problems) > 1 else "")
            + "Mend the line, or remove it.",
            problems[:MOST_PROBLEMS],
        )
    notes: list[str] = []
    names = _unique([name.strip() for name in header], notes)
    columns = tuple(_column(name, [row[index] for row in rows]) for index, name in enumerate(names))
    return Table(
        path.stem,
        columns,
        str(path),
        notes=tuple(notes),
        size=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
    )


def _text(path: Path) -> tuple[str, bytes]:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise TableError(f"{path} is a folder: name a file in it.")
        if not stat.S_ISREG(mode):
            raise TableError(f"{path} is not a file that can be read as a table.")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise TableError(
            f"There is no file {path}. `epochal tables` lists the tables that come along."
        ) from None
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise TableError(f"{path} is no name a file can have.") from None
    if b"\0" in raw:
        raise TableError(f"{path} is not text: it holds zero bytes. Save the table as CSV.")
    try:
        return raw.decode("utf-8-sig"), raw
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise TableError(f"{path}, line {line}: not UTF-8 text. Save the table as UTF-8.") from None


def _records(path: Path, text: str) -> tuple[list[list[str]], list[int]]:
    """The records, blank lines left out, and the line each begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records, lines, begins = [], [], 1
    try:
        for record in reader:
            if record and any(cell.strip() for cell in record):
                records.append(record)
                lines.append(begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise TableError(
            f"{path}, line {begins}: {error}. Mend the quotes of that line.",
            [Problem(begins, 1, "quotes", text.splitlines()[begins - 1][:EXCERPT])],
        ) from None
    return records, lines


def _unique(names: list[str], notes: list[str]) -> list[str]:
    """Every column with a name of its own, and a note for each that had none."""
    taken: set[str] = set()
    result = []
    for index, name in enumerate(names, 1):
        unique = base = name or f"column {index}"
        count = 2
        while unique in taken:
            unique = f"{base} ({count})"
            count += 1
        if unique != name:
            notes.append(
                f"Column {index} is called {unique} here, as its name was " + ("taken." if name else "empty.")
            )
        taken.add(unique)
        result.append(unique)
    return result


def _column(name: str, cells: list[str]) -> Column:
    numbers = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        text = cell.strip()
        if text.lower() in MISSING:
            continue
        number = _number(text)
        if number is None:
            return _texts(name, cells)
        numbers[row] = number
    return Column(name, "number", numbers)


def _number(text: str) -> float | None:
    """A finite decimal number; not what `float` takes besides, such as 1_000 or infinity."""
    if not set(text) <= set("0123456789+-.eE"):
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _texts(name: str, cells: list[str]) -> Column:
    codes: dict[str, int] = {}
    values = [-1 if cell.strip().lower() in MISSING else codes.setdefault(cell, len(codes)) for cell in cells]
    kind: Kind = "category" if len(codes) <= MOST_CATEGORIES else "text"
    return Column(name, kind, np.array(values, dtype=np.int32), tuple(codes))
