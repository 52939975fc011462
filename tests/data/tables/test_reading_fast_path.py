"""Random tables with slips: columns as long as the file, and the fast path reads as the strict one."""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from epochal.data.tables import records
from epochal.data.tables.reading import read_table
from epochal.data.tables.table import Table, TableError

QUICK_TABLES = 60
# As many as the bar asks for: EPOCHAL_RANDOM_TABLES=5000.
TABLES = int(os.environ.get("EPOCHAL_RANDOM_TABLES", QUICK_TABLES))
SLIPS = ("x", "oops", "1,5", "007", "5%", "1e999", "2020-01-31", "", "NA", '"7"', '"a b"', '"', "1.234,5")
DELIMITERS = {",": 6, ";": 3, "\t": 3, "|": 1, " ": 1, ":": 1}


@dataclass(frozen=True)
class Slipped:
    """A table as text; the numbers it was made from, one row a line, and the lines with a slip in them."""

    text: str
    delimiter: str
    cells: list[list[str]]
    slipped: frozenset[int]


def slipped_table(seed: int) -> Slipped:
    """Numbers with 0 to 3 slips at random places; the first lines are the likeliest place of one."""
    rng = random.Random(seed)
    rows = round(10 ** rng.uniform(0, 3.5)) if rng.random() < 0.7 else rng.randint(1, 3000)
    rows, width = min(rows, 3000), rng.randint(2, 5)
    delimiter = rng.choices(list(DELIMITERS), list(DELIMITERS.values()))[0]
    end = rng.choice(["\n", "\n", "\r\n", "\r"])
    write = [rng.choice([_whole, _decimal, _signed, _class]) for _ in range(width)]
    cells = [[one(rng) for one in write] for _ in range(rows)]
    lines = [list(row) for row in cells]
    slipped: set[int] = set()
    for _ in range(rng.randint(0, 3)):
        row = rng.randrange(min(rows, 400)) if rng.random() < 0.6 else rng.randrange(rows)
        _slip(rng, lines[row])
        slipped.add(row)
    header = [] if rng.random() < 0.2 else [[f"c{place}" for place in range(width)]]
    text = end.join(delimiter.join(line) for line in [*header, *lines])
    return Slipped(text + end * rng.choice([1, 1, 0, 3]), delimiter, cells, frozenset(slipped))


def _whole(rng: random.Random) -> str:
    return str(rng.randint(-99, 9999))


def _decimal(rng: random.Random) -> str:
    return f"{rng.gauss(0, 10):.3f}"


def _signed(rng: random.Random) -> str:
    return f"{rng.choice(['', '+', '-'])}{rng.random():.2e}"


def _class(rng: random.Random) -> str:
    return str(rng.randint(0, 1))


def _slip(rng: random.Random, line: list[str]) -> None:
    kind = rng.random()
    if kind < 0.7:
        line[rng.randrange(len(line))] = rng.choice(SLIPS)
    elif kind < 0.78:
        del line[rng.randrange(len(line))]
    elif kind < 0.86:
        line.insert(rng.randrange(len(line) + 1), rng.choice(["3", "", "more"]))
    elif kind < 0.93:
        line[:] = [""] * len(line)
    else:
        line[:] = ['"' + cell + '"' for cell in line]


@pytest.fixture
def outcome(tmp_path, monkeypatch):
    path = tmp_path / "table.csv"

    def read(table: Slipped, *, drop: bool, fast: bool, block: int) -> Table | TableError:
        path.write_bytes(table.text.encode())
        with monkeypatch.context() as patched:
            patched.setattr(records, "BLOCK", block)
            if not fast:
                patched.setattr(records, "plain_numbers", lambda *_: None)
            try:
                return read_table(path, delimiter=table.delimiter, drop_bad_rows=drop)
            except TableError as error:
                return error

    return read


def cells_of(read: Table | TableError) -> object:
    """All that is known of a table or a refusal, to be compared."""
    table = read.table if isinstance(read, TableError) else read
    if table is None:
        return str(read)
    columns = [
        (c.name, c.kind, c.categories, [c.text(row) for row in range(table.rows)]) for c in table.columns
    ]
    sentence = str(read) if isinstance(read, TableError) else ""
    return sentence, table.problems, table.notes, table.rows_left_out, columns


def mispaired(table: Slipped, read: Table) -> Iterator[str]:
    """What of a table that was read does not stand as it was written.

    The rows read are rows of the file in their order, each with all its own cells; and of the rows that
    are not there, all are blank or counted, where no quote may have joined some to one.
    """
    if len(read.columns) != len(table.cells[0]):
        return
    written = iter(enumerate(table.cells))
    for at in range(read.rows):
        cells = [column.text(at) for column in read.columns]
        if not any(_is_same(cells, row) or number in table.slipped for number, row in written):
            yield f"row {at} of what was read is none of the file's: {cells}"
            return
    gone = len(table.cells) - read.rows - read.rows_left_out
    if gone > 0 and '"' not in table.text and not _blank_lines(table):
        yield f"{gone} rows are gone, and nothing is said"


def _is_same(found: list[str], written: list[str]) -> bool:
    return all(one == other or _value(one) == float(other) for one, other in zip(found, written, strict=True))


def _value(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _blank_lines(table: Slipped) -> bool:
    return any(not line.strip(table.delimiter + " ") for line in table.text.splitlines())


@pytest.mark.parametrize("part", range(5))
def test_the_fast_path_reads_tables_with_slips_as_the_strict_path_does(outcome, part):
    for seed in range(part, TABLES, 5):
        table = slipped_table(seed)
        block = random.Random(seed).choice([1 << 9, 1 << 12, 1 << 19])
        for drop in (False, True):
            fast = outcome(table, drop=drop, fast=True, block=block)
            strict = outcome(table, drop=drop, fast=False, block=1 << 19)
            assert cells_of(fast) == cells_of(strict), (seed, drop)
            if isinstance(fast, Table):
                assert not list(mispaired(table, fast))[:3], (seed, drop)


@pytest.fixture
def read(tmp_path):
    def write_and_read(lines, **reading):
        path = tmp_path / "table.csv"
        path.write_text("\n".join(lines) + "\n")
        return read_table(path, **reading)

    return write_and_read


@pytest.mark.parametrize("slip", ["x", "oops", '"1,5"', "007", "5%", "1e999", "2020-01-31"])
@pytest.mark.parametrize("place", [1, 3])
def test_one_odd_cell_in_the_first_lines_of_a_long_table_of_numbers_is_located(read, slip, place):
    lines = ["a,b,c,class", *(f"{row},{row / 8},{-row},{row % 2}" for row in range(400))]
    cells = lines[5].split(",")
    lines[5] = ",".join([*cells[:place], slip, *cells[place + 1 :]])
    refused = None
    try:
        table = read(lines)
    except TableError as error:
        refused, table = error, error.table
    if refused:
        assert [(p.line, p.column) for p in refused.problems] == [(6, place + 1)]
    else:
        # 1,5 and 007 are numbers in some way of writing them, so only these may be read without a word.
        assert slip in ("007", '"1,5"')
    assert {len(column.values) for column in table.columns} == {400}
    labels = [table.column("class").text(row) for row in range(400) if row != 4]
    assert labels == [str(row % 2) for row in range(400) if row != 4]


def test_a_bad_row_after_a_quoted_one_leaves_the_columns_in_step(read):
    lines = ["a,b", *(f"{row},{row * 2}" for row in range(900))]
    lines[4] = '"w",6'
    lines[9] = '8,"16'
    table = read(lines, drop_bad_rows=True)
    assert [len(column.values) for column in table.columns] == [898, 898]
    assert table.rows_left_out == 2
    assert all(table.columns[1].values == 2 * table.columns[0].values)
