"""Data frames of any library as columns: by what they can do, so that none of the libraries is needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from epochal.core.rows.arrow import arrow_columns
from epochal.core.rows.frame_columns import FrameColumn, Values
from epochal.core.rows.interchange import interchanged_columns


def frame_columns(table: object) -> list[FrameColumn] | None:
    """The columns of a frame, or of a mapping from names to columns; None for what is neither.

    pandas is asked for its own arrays, as its Arrow streams need a further package; others for Arrow's C
    stream, or by the interchange protocol. ValueError, in a sentence, for columns of unlike lengths.
    """
    if isinstance(table, Mapping):
        columns = [FrameColumn(str(name), one_dimension(name, values)) for name, values in table.items()]
    elif hasattr(table, "iloc") and hasattr(table, "columns"):
        columns = [_of_series(str(name), table.iloc[:, place]) for place, name in enumerate(table.columns)]
    elif hasattr(table, "__arrow_c_stream__"):
        columns = arrow_columns(table)
    elif hasattr(table, "__dataframe__"):
        columns = interchanged_columns(table)
    elif hasattr(table, "columns") and hasattr(table, "__getitem__"):
        columns = [FrameColumn(str(name), one_dimension(name, table[name])) for name in table.columns]
    else:
        return None
    for one in columns[1:]:
        if len(one.values) != len(columns[0].values):
            raise ValueError(
                f"The column {columns[0].name} has {len(columns[0].values):,} rows, but {one.name} has "
                f"{len(one.values):,}."
            )
    return columns


def _of_series(name: str, series: Any) -> FrameColumn:
    categories = getattr(series.dtype, "categories", None)
    if categories is None or not hasattr(series, "cat"):
        return FrameColumn(name, one_dimension(name, series))
    return FrameColumn(name, np.asarray(series.cat.codes), tuple(map(str, categories)))


def one_dimension(name: object, values: object) -> Values:
    """One value a row. ValueError for anything else."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ValueError(f"The column {name} is a value for each row, not {type(values).__name__}.")
    if isinstance(values, np.ndarray) or hasattr(values, "__array__"):
        array = np.asarray(values)
    else:
        # Of words and numbers together NumPy by itself would make words.
        held = list(values)
        array = np.empty(len(held), object)
        array[:] = held
    if array.ndim != 1:
        raise ValueError(f"The column {name} is a value a row, not an array of {array.ndim} dimensions.")
    return array
