"""The tables that come with the program, found by name; anything else is a path."""

from __future__ import annotations

import contextlib
import difflib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack

from epochal.data.paths import PathError, current_folder, kind_of, shortened
from epochal.data.tables.files import Watch
from epochal.data.tables.options import Reading
from epochal.data.tables.reading import read_table
from epochal.data.tables.synthetic import SYNTHETIC, sample_named
from epochal.data.tables.table import Table, TableError

FOLDER = Path(__file__).parents[1]


@dataclass(frozen=True)
class BundledTable:
    """One line of the list a person chooses from."""

    name: str
    rows: int
    columns: int
    task: str
    sentence: str


FILES = (
    BundledTable(
        "column_2C_weka", 310, 7, "classification", "Is a spine normal, from six measurements of it?"
    ),
    BundledTable("column_3C_weka", 310, 7, "classification", "The same spines: hernia, slipped or normal?"),
    BundledTable("iris", 150, 5, "classification", "Which of three irises, from four lengths?"),
    BundledTable("wine", 178, 14, "classification", "Which of three vines, from what is in the wine?"),
    BundledTable(
        "breast_cancer", 569, 31, "classification", "Is a lump malignant, from pictures of its cells?"
    ),
    BundledTable("digits", 1797, 65, "classification", "Which digit was written, from 8x8 grey pixels?"),
    BundledTable(
        "penguins", 344, 8, "classification", "Which penguin? Words and missing cells among the measures."
    ),
    BundledTable("diabetes", 442, 11, "regression", "How far has diabetes gone in a year?"),
    BundledTable("auto_mpg", 398, 9, "regression", "How far does a car of the 1970s go on a gallon?"),
)


def tables() -> tuple[BundledTable, ...]:
    """Every table that has a name, files first."""
    made = (
        BundledTable(name, one.rows, one.columns, one.task, one.sentence) for name, one in SYNTHETIC.items()
    )
    return (*FILES, *made)


def open_table(
    name: str | os.PathLike[str], *, seed: int = 0, watch: Watch | None = None, **reading: Unpack[Reading]
) -> Table:
    """The table of that name, or read from that path; a synthetic one is made from the seed.

    `moons:rows=800,noise=0.3,seed=2` is another sample of a synthetic one.
    A file in the current folder called like a bundled table is meant by writing `./` before it. Raises
    TableError, which names what is spelled alike.
    """
    text = os.fspath(name)
    sample = sample_named(text)
    if sample:
        return (replace(sample, seed=seed) if seed else sample).table()
    return read_table(table_path(text), watch=watch, **reading)


def table_path(name: str) -> Path:
    """The file of a table that has one: one of ours by its name, else the path itself.

    Raises TableError as `open_table` does.
    """
    if any(name == one.name for one in FILES):
        return FOLDER / f"{name}.csv"
    try:
        is_there = kind_of(Path(name)) != "nothing" or os.path.lexists(name)
    except PathError as error:
        raise TableError(str(error).rstrip(".")) from None
    if not is_there:
        raise TableError(_unknown(name))
    return Path(name)


def _unknown(text: str) -> str:
    path = Path(text)
    names = [one.name for one in tables()]
    folder = path.parent
    beside: list[str] = []
    with contextlib.suppress(OSError, ValueError):
        beside = [str(folder / entry.name) for entry in folder.iterdir()]
    near = difflib.get_close_matches(text, [*names, *(one.removeprefix("./") for one in beside)], 3, 0.6)
    text = shortened(text)
    hint = f" Did you mean {' or '.join(near)}?" if near else " `epochal tables` lists the bundled tables."
    return f"There is no table and no file called {text}.{hint}"


def spoken_name(table: Table) -> str:
    """What to type to open this table again: the name of one of ours, else the path."""
    ours = not table.path or Path(table.path).parent == FOLDER
    return table.name if ours else table.path


def path_beside(table: Table) -> Path:
    """The table's own path, from the root on; for one of ours, a file of its name in the folder we are in."""
    own = Path(table.path) if spoken_name(table) == table.path else Path(f"{table.name}.csv")
    return own if own.is_absolute() else current_folder() / own
