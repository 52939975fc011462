"""Arrays as people have them: labels of any kind, and columns of numbers or words, in lists or frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Number, Real

import numpy as np
from numpy.typing import NDArray

from epochal.core.rows.frame_columns import FrameColumn
from epochal.core.rows.frames import frame_columns

Floats = NDArray[np.float64]
Column = tuple[str, Floats, tuple[str, ...]]
"""Its name, its numbers, and its categories, into which the numbers are then indices."""


def labels_of(values: object) -> tuple[NDArray[np.intp], tuple[str, ...]] | Floats:
    """Class indices with the classes' names, sorted; or rows x numbers where the labels are floats.

    Words, whole numbers, and True and False are classes. ValueError, in a sentence, for what is neither, for
    one that is missing, and where all are alike.
    """
    # Of a list of words and numbers, NumPy by itself would make words.
    try:
        array = np.array(values, object) if isinstance(values, list | tuple) else np.asarray(values)
    except ValueError:
        raise ValueError("Labels are one a row, or the same number of them in each.") from None
    if array.ndim not in (1, 2):
        raise ValueError(f"Labels are one a row, or rows x numbers, not an array of {array.ndim} dimensions.")
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype.kind == "O":
        array = _of_one_kind(array, "the labels")
    if array.dtype.kind == "f":
        return np.asarray(array.reshape(len(array), -1), np.float64)
    if array.dtype.kind not in "biuU":
        raise ValueError(f"Labels are words or numbers, not {array.dtype}.")
    if array.ndim == 2:
        raise ValueError("Classes are one a row. Several numbers a row are predicted if they are floats.")
    names, places = np.unique(array, return_inverse=True)
    if len(names) < 2:
        alike = f": every label is {names[0]}" if len(names) else ", for there are no labels"
        raise ValueError(f"There is nothing to learn{alike}.")
    if array.dtype.kind in "iu" and len(names) > max(20, len(array) // 2):
        raise ValueError(
            f"Of {len(array):,} labels {len(names):,} are different whole numbers, each of them a class. "
            "If they are numbers to be predicted, give floats."
        )
    return places.astype(np.intp), tuple(map(str, names.tolist()))


def columns_of(table: object, names: Sequence[str] | None) -> list[Column]:
    """The columns of rows x features: a list of rows, an array, or a frame, which names its columns itself.

    A frame is one of pandas, polars or pyarrow, a mapping, or what `epochal.core.rows.frames` knows besides.

    Words become categories, what is missing NaN. ValueError, in a sentence, for rows of unlike lengths, names
    too few or too many, and columns that hold neither numbers nor words.
    """
    frame = frame_columns(table)
    if frame is None:
        array = np.asarray(table) if hasattr(table, "__array__") else _rows(table)
        if array.ndim != 2:
            raise ValueError(f"Inputs are rows x features, not an array of {array.ndim} dimensions.")
        frame = [FrameColumn(f"x{place + 1}", part) for place, part in enumerate(array.T)]
    names = names or [one.name for one in frame]
    if len(names) != len(frame):
        raise ValueError(f"{len(frame)} features, but {len(names)} names.")
    return [
        _column(name, one.values) if one.categories is None else _of_categories(name, one)
        for name, one in zip(names, frame, strict=True)
    ]


def _of_categories(name: str, column: FrameColumn) -> Column:
    numbers = column.values.astype(np.float64)
    return name, np.where(numbers < 0, np.nan, numbers), column.categories or ()


def _rows(table: object) -> NDArray[np.object_]:
    if not isinstance(table, Iterable):
        raise ValueError(f"Inputs are rows x features, not {type(table).__name__}.")
    rows = [list(row) if isinstance(row, Iterable) and not isinstance(row, str) else [row] for row in table]
    lengths = {len(row) for row in rows}
    if len(lengths) > 1:
        number = next(place for place, row in enumerate(rows, 1) if len(row) != len(rows[0]))
        raise ValueError(f"Row 1 has {len(rows[0])} inputs, but row {number} has {len(rows[number - 1])}.")
    array = np.empty((len(rows), lengths.pop() if lengths else 0), object)
    for place, row in enumerate(rows):
        array[place] = row
    return array


def _column(name: str, values: NDArray[np.generic]) -> Column:
    if values.dtype.kind == "O":
        missing = np.array([_is_missing(value) for value in values], np.bool_)
        known = _of_one_kind(values[~missing], f"the column {name}")
        if known.dtype.kind == "U":
            categories, places = np.unique(known, return_inverse=True)
            numbers = np.full(len(values), np.nan)
            numbers[~missing] = places
            return name, numbers, tuple(map(str, categories.tolist()))
        numbers = np.full(len(values), np.nan)
        numbers[~missing] = known
        return name, numbers, ()
    if values.dtype.kind == "U":
        categories, places = np.unique(values, return_inverse=True)
        return name, places.astype(np.float64), tuple(map(str, categories.tolist()))
    if values.dtype.kind not in "biuf":
        raise ValueError(f"Inputs are numbers or words: the column {name} holds {values.dtype}.")
    return name, values.astype(np.float64), ()


def _of_one_kind(values: NDArray[np.generic], where: str) -> NDArray[np.generic]:
    """Python's own values as an array of words, of truth values, of whole numbers or of floats."""
    for place, value in enumerate(values.flat, 1):
        if _is_missing(value):
            raise ValueError(f"Number {place} of {where} is missing: leave its row out.")
    words = sum(isinstance(value, str) for value in values.flat)
    if words == values.size and words:
        return values.astype(np.str_)
    if words:
        raise ValueError(f"There are words and numbers among {where}: one kind only can be meant.")
    for value in values.flat:
        if not isinstance(value, Number | np.bool_) or isinstance(value, complex):
            raise ValueError(f"{type(value).__name__} cannot be meant by {where}: words or numbers can.")
    if values.size and all(isinstance(value, bool | np.bool_) for value in values.flat):
        return values.astype(np.bool_)
    try:
        if values.size and all(isinstance(value, int | np.integer) for value in values.flat):
            return values.astype(np.int64)
        return values.astype(np.float64)
    except OverflowError:
        raise ValueError(f"There is too large a number in {where}.") from None


def _is_missing(value: object) -> bool:
    if isinstance(value, Real):
        return bool(value != value)  # only NaN is not itself
    return value is None or type(value).__name__ in ("NAType", "NaTType")
