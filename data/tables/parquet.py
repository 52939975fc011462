"""Parquet, for those who have pyarrow: its columns as ours."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from epochal.data.tables.building import column_of_texts
from epochal.data.tables.table import Column, Dialect, Table, TableError

SUFFIXES = (".parquet", ".pq")


def read_parquet(path: Path) -> Table:
    """The whole file in memory. Raises TableError without pyarrow, or for a file that is not Parquet."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise TableError(
            f"{path.name} is a Parquet file: install epochal[parquet] to read it, or save it as CSV"
        ) from None
    try:
        read = pyarrow.parquet.read_table(path)
        columns = tuple(
            _column(name, read.column(place), pyarrow) for place, name in enumerate(read.column_names)
        )
    except (pyarrow.ArrowException, OSError) as error:
        raise TableError(f"{path.name} cannot be read as Parquet: {error}") from None
    if read.num_rows < 2 or len(columns) < 2:
        raise TableError(f"{path.name} has {read.num_rows} rows and {len(columns)} columns: too few")
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Table(
        name=path.stem,
        columns=columns,
        path=str(path),
        dialect=Dialect(delimiter=""),
        notes=("A Parquet file.",),
        size=path.stat().st_size,
        sha256=sha256,
    )


def _column(name, cells, pyarrow) -> Column:  # type: ignore[no-untyped-def]
    types = pyarrow.types
    kind = cells.type
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        values = cells.cast(pyarrow.float64(), safe=False).to_numpy(zero_copy_only=False)
        return Column(name, "number", np.where(np.isfinite(values), values, np.nan))
    found = column_of_texts(name, ["" if cell is None else str(cell) for cell in cells.to_pylist()])
    return Column(name, "date" if types.is_temporal(kind) else found.kind, found.values, found.categories)
