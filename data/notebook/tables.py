"""Tables in a notebook: from a file, a name or a data frame; shown by their portrait."""

from __future__ import annotations

import os
from dataclasses import fields
from typing import Self, Unpack

from epochal.core.rows.examples import Task
from epochal.data.exports.pages import html_fragment
from epochal.data.notebook.portrait import portrait
from epochal.data.tables import table as tables
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.frames import table_from
from epochal.data.tables.options import Reading


class Table(tables.Table):
    """A table as it was read: typed columns, missing cells, and what the reader noticed (`notes`).

    A notebook shows its portrait: every column with its kind, missing cells and distribution.

        table = epochal.read_table("penguins")
        print(table)
        print(table.dataset("species").features)
    """

    @classmethod
    def of(cls, table: tables.Table) -> Self:
        """The same table, to be shown."""
        return cls(**{one.name: getattr(table, one.name) for one in fields(table)})

    def dataset(
        self, target: str | None = None, ignore: tuple[str, ...] = (), task: Task | None = None
    ) -> Dataset:
        """What is learned from what: the target, which is found where none is named, and the features."""
        return dataset_from(self, target, ignore, task)

    def _repr_html_(self) -> str:
        return html_fragment(portrait(self))


def read_table(source: object, *, seed: int = 0, **reading: Unpack[Reading]) -> Table:
    """Read a table: a file's path, a bundled table's name such as "iris", or a data frame.

    A file is CSV of any dialect, plain or compressed, ARFF or Parquet; how it is written is found out, and
    `reading` says otherwise: `delimiter=";"`, `missing=["-9"]`, `as_category=["zip"]`. A data frame is one of
    pandas, polars or pyarrow, a mapping from names to columns, or an array of two axes. TableError says what
    is wrong, where, and what to do.

        table = epochal.read_table({"width": [1.5, 2.5, None], "colour": ["red", None, "blue"]})
        assert table.names == ("width", "colour")
        assert table.column("width").missing == 1
    """
    if isinstance(source, Table):
        return source
    if isinstance(source, tables.Table):
        return Table.of(source)
    if isinstance(source, str | os.PathLike):
        return Table.of(open_table(source, seed=seed, **reading))
    return Table.of(table_from(source))
