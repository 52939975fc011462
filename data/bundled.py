"""The tables that come with the program, and how a table is named."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from data.reading import read_table
from data.table import Table, TableError

HERE = Path(__file__).parent


@dataclass(frozen=True)
class BundledTable:
    """One table of ours: its name on the command line, its size, what it is."""

    name: str
    rows: int
    columns: int
    task: str
    sentence: str


TABLES = (
    BundledTable(
        "column_2C_weka", 310, 7, "classification", "Six measurements of the spine; Abnormal or Normal."
    ),
    BundledTable(
        "column_3C_weka",
        310,
        7,
        "classification",
        "The same spines; Hernia, Spondylolisthesis or Normal.",
    ),
    BundledTable("iris", 150, 5, "classification", "Four lengths of a flower; three species."),
)


def tables() -> tuple[BundledTable, ...]:
    """All of them."""
    return TABLES


def open_table(name: str) -> Table:
    """A bundled table by its name, or a file by its path. Raises TableError if there is neither."""
    names = [table.name for table in TABLES]
    if name in names:
        return read_table(HERE / f"{name}.csv")
    near = get_close_matches(name, names, n=1)
    if near and not Path(name).exists():
        raise TableError(f"There is no file and no table {name}. Did you mean {near[0]}?")
    return read_table(name)


def spoken_name(table: Table) -> str:
    """What to type to open this table again: a bundled table's name, else the path."""
    bundled = Path(table.path).parent == HERE
    return table.name if bundled else table.path
