"""Random tables written in random dialects: what is read is what was written, or the file is refused."""

from __future__ import annotations

import csv
import io
import os
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from epochal.data.tables.cells import MISSING
from epochal.data.tables.reading import read_table
from epochal.data.tables.table import Table, TableError

# As many as the bar asks for: EPOCHAL_RANDOM_TABLES=10000.
TABLES = int(os.environ.get("EPOCHAL_RANDOM_TABLES", "240"))
PARTS = 6
LETTERS = "abcdefgh xyzÄéñß-_/.&#"
ODD = [*",;\t|:'\\\n", '"', "''", '""', '\\"', "it's", "5'", '6"', "d'a, b", "'q'", "=1"]


@dataclass(frozen=True)
class Written:
    """A table's cells, header first where there is one, and the bytes of the file."""

    cells: list[list[str]]
    header: bool
    content: bytes
    dialect: str


def word(rng: random.Random, oddness: float) -> str:
    parts = ["".join(rng.choices(LETTERS, k=rng.randint(1, 6))) for _ in range(rng.randint(1, 3))]
    if rng.random() < oddness:
        parts.insert(rng.randrange(len(parts) + 1), rng.choice(ODD))
    text = "".join(parts).strip()
    # Two quotes alone are an empty cell, whatever other quote the file has.
    return text if text.strip("\"'") else f"w{text}"


def column(rng: random.Random, rows: int, oddness: float) -> list[str]:
    kind = rng.random()
    if kind < 0.25:
        return [str(rng.randint(0, 999)) for _ in range(rows)]
    if kind < 0.5:
        digits = rng.randint(1, 6)
        return [f"{rng.gauss(0, 50):.{digits}f}" for _ in range(rows)]
    if kind < 0.75:
        labels = [word(rng, oddness) for _ in range(rng.randint(2, 5))]
        return [rng.choice(labels) for _ in range(rows)]
    return [word(rng, oddness) for _ in range(rows)]


def random_file(seed: int) -> Written:
    rng = random.Random(seed)
    rows, width = (
        rng.choice([rng.randint(5, 12), rng.randint(8, 80), rng.randint(250, 500)]),
        rng.randint(2, 6),
    )
    oddness = rng.choice([0, 0.05, 0.3])
    columns = [column(rng, rows, oddness) for _ in range(width)]
    cells = [list(row) for row in zip(*columns, strict=True)]
    for _ in range(rng.choice([0, 0, 2])):
        cells[rng.randrange(rows)][rng.randrange(1, width)] = ""
    has_header = rng.random() < 0.8
    # A name that is a number, as `.0`, cannot be told from a cell.
    names = [
        f"n{name}" if _number(name) is not None else name
        for name in (f"{word(rng, oddness / 3)}{place}" for place in range(width))
    ]
    delimiter, quote = rng.choice(",;\t|"), rng.choice('""\'')
    escape = rng.choice([None, None, None, "\\"])
    quoting: Literal[0, 1, 2, 3] = rng.choice(
        [csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]
    )
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=delimiter,
        quotechar=quote,
        quoting=quoting,
        doublequote=escape is None,
        escapechar=escape,
        lineterminator=rng.choice(["\n", "\r\n"]),
    )
    whole = [names, *cells] if has_header else cells
    writer.writerows(whole)
    encoding = rng.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32"])
    dialect = f"{delimiter!r} {quote} {quoting} {escape} {encoding}"
    return Written(whole, has_header, text.getvalue().encode(encoding), dialect)


def change(written: Written, read: Table) -> str:
    """What was read otherwise than it was written; empty when nothing was."""
    cells = written.cells
    if read.dialect.header != written.header:
        return f"header {read.dialect.header}, first rows {cells[:3]}"
    if len(read.columns) != len(cells[0]):
        return f"{len(read.columns)} columns"
    if written.header and list(read.names) != [name.strip() for name in cells[0]]:
        return f"names {read.names} of {cells[0]}"
    rows = cells[1:] if written.header else cells
    if read.rows != len(rows):
        return f"{read.rows} rows of {len(rows)}"
    for place, made in enumerate(read.columns):
        for row, wanted in enumerate(record[place] for record in rows):
            found = made.text(row)
            if made.numeric:
                same = (found == "" and wanted.strip() == "") or _number(wanted) == float(found or "nan")
            else:
                same = found == wanted or (found == "" and wanted.strip().lower() in MISSING)
            if not same:
                return f"cell {found!r} of {wanted!r} in row {row}"
    return ""


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


@pytest.mark.parametrize("part", range(PARTS))
def test_what_is_read_is_what_was_written_or_is_refused(part: int, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    ends: Counter[str] = Counter()
    for seed in range(part, TABLES, PARTS):
        written = random_file(seed)
        path.write_bytes(written.content)
        try:
            read = read_table(path)
        except TableError:
            ends["refused"] += 1
            continue
        assert not (said := change(written, read)), (seed, written.dialect, said)
        ends["right"] += 1
    assert ends["right"] > 2 * ends["refused"]
