"""Points painted by hand, as rows of a table besides those that it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from epochal.data.tables.table import Column, Table, TableError

MOST = 200
"""Nobody paints more, and a state that names them stays short."""


@dataclass(frozen=True)
class Point:
    """Where a point was painted, by the names of its two features, and the class that it was painted as."""

    cells: Mapping[str, float]
    label: str


def with_points(table: Table, points: Sequence[Point], target: str) -> Table:
    """The table with a row for each point; other columns hold the median, or the most frequent category.

    TableError for a column or a class that the table does not have.
    """
    if not points:
        return table
    if len(points) > MOST:
        raise TableError(f"{len(points)} painted points are too many: at most {MOST} are kept.")
    for point in points:
        for name in (*point.cells, target):
            if name not in table.names:
                raise TableError(f"The table has no column {name} for a painted point.")
    columns = tuple(_longer(column, points, target) for column in table.columns)
    name = f"{table.name} with {len(points)} painted"
    return replace(table, name=name, columns=columns, path="", sha256="", size=0, problems=(), offers=())


def _longer(column: Column, points: Sequence[Point], target: str) -> Column:
    if column.name == target:
        known = [*column.categories] if not column.numeric else [_text(value) for value in column.values]
        try:
            added = [known.index(point.label) for point in points]
        except ValueError:
            labels = sorted({point.label for point in points} - set(known))
            raise TableError(f"The table has no class {labels[0]} for a painted point.") from None
        values = np.array(added) if not column.numeric else column.values[added]
    elif column.numeric:
        present = column.values[~column.empty]
        usual = float(np.median(present)) if len(present) else float("nan")
        values = np.array([point.cells.get(column.name, usual) for point in points])
    else:
        present = column.values[~column.empty]
        usual = float(np.bincount(present.astype(np.intp)).argmax()) if len(present) else -1.0
        values = np.full(len(points), usual)
    return replace(column, values=np.concatenate([column.values, values.astype(column.values.dtype)]))


def _text(value: float) -> str:
    return repr(int(value)) if value == int(value) else repr(float(value))
