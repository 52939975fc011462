"""A data frame of any library becomes a Table: its categories and missing values are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from epochal.core.rows.frame_columns import FrameColumn
from epochal.core.rows.frames import frame_columns
from epochal.data.tables.building import Building
from epochal.data.tables.columns import Found, Texts, of_numbers, of_texts
from epochal.data.tables.dates import dates_in
from epochal.data.tables.notations import Convention
from epochal.data.tables.rules import Rules, normal
from epochal.data.tables.table import Column, Dialect, Table, TableError

# A word in a frame is a word: what is missing is missing there, and "NA" may be Namibia.
RULES = Rules(as_text=True, usual=False)


def table_from(frame: object, name: str = "frame", *, to_learn: bool = True) -> Table:
    """The table in a data frame (pandas, polars, pyarrow, ...), a mapping of columns, or an array.

    TableError, in a sentence, for what is none of these, or cannot be a table; `to_learn` from, it needs two
    rows and two columns.
    """
    try:
        columns = frame_columns(frame)
        if columns is None:
            columns = _of_array(frame)
    except ValueError as error:
        raise TableError(str(error).rstrip(".")) from None
    names = [normal(one.name) for one in columns]
    if doubled := next((one for one in names if names.count(one) > 1), None):
        raise TableError(f"Two columns are called {doubled}: give each a name of its own")
    found = [_found(column, own) for column, own in zip(columns, names, strict=True)]
    rows = len(found[0].column.values) if found else 0
    if to_learn and (rows < 2 or len(found) < 2):
        raise TableError(f"The frame has {rows} rows and {len(found)} columns: too few to learn from")
    return Table(
        name=name,
        columns=tuple(one.column for one in found),
        dialect=Dialect(delimiter=""),
        notes=tuple(note for one in found for note in one.notes),
        size=sum(one.column.values.nbytes for one in found),
        sha256=_sha256(one.column for one in found),
    )


def _of_array(frame: object) -> list[FrameColumn]:
    fields = getattr(getattr(frame, "dtype", None), "names", None)
    if fields:
        return [FrameColumn(str(one), np.asarray(frame[one])) for one in fields]  # type: ignore[index]
    if not (isinstance(frame, list | tuple) or hasattr(frame, "__array__")):
        raise ValueError(f"A table is a path, a name or a data frame, not {type(frame).__name__}.")
    array = np.array(frame, object) if isinstance(frame, list | tuple) else np.asarray(frame)
    if array.ndim != 2:
        raise ValueError(f"A table has rows and columns: this array has {array.ndim} dimensions.")
    return [FrameColumn(f"column {place + 1}", part) for place, part in enumerate(array.T)]


def _found(column: FrameColumn, name: str) -> Found:
    values = column.values
    if column.categories is not None:
        codes = values.astype(np.int32)
        if np.any(codes >= len(column.categories)):
            raise TableError(f"The column {name} has places beyond its {len(column.categories)} categories")
        return Found(Column(name, "category", codes, column.categories))
    if values.dtype.kind == "O":
        return _of_objects(name, values)
    if values.dtype.kind == "b":
        return Found(Column(name, "category", values.astype(np.int32), ("False", "True")))
    if values.dtype.kind == "m":
        values = np.where(np.isnat(values), np.nan, values.astype("m8[us]").astype(np.float64) / 1e6)
    if values.dtype.kind in "iuf":
        return _of_numbers(name, values.astype(np.float64))
    if values.dtype.kind == "M":
        day = values.astype("M8[D]")
        whole = day == values
        shown = day if whole[~np.isnat(values)].all() else values.astype("M8[s]")
        texts = ["" if text == "NaT" else text for text in np.datetime_as_string(shown).tolist()]
        return _of_words(name, texts, is_date=True)
    if values.dtype.kind in "UT":
        return _of_words(name, values.astype(object).tolist())
    raise TableError(
        f"The column {name} holds {values.dtype}: only numbers, words and dates can be learned from"
    )


def _of_objects(name: str, values: NDArray[np.generic]) -> Found:
    """Python's own values: numbers if all of them are, else their texts."""
    cells = values.tolist()
    known = [one for one in cells if not _is_missing(one)]
    if known and all(isinstance(one, bool | np.bool_) for one in known):
        codes = np.array([-1 if _is_missing(one) else int(one) for one in cells], np.int32)
        return Found(Column(name, "category", codes, ("False", "True")))
    if known and not any(isinstance(one, str | bool | np.bool_) for one in known):
        try:
            numbers = np.array([np.nan if _is_missing(one) else float(one) for one in cells], np.float64)
        except (TypeError, ValueError, OverflowError):
            pass
        else:
            return _of_numbers(name, numbers)
    return _of_words(name, ["" if _is_missing(one) else str(one) for one in cells])


def _is_missing(value: object) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating) and bool(value != value)  # only NaN is not itself


def _of_numbers(name: str, values: NDArray[np.float64]) -> Found:
    if np.isinf(values).any():
        row = int(np.flatnonzero(np.isinf(values))[0]) + 1
        raise TableError(f"The column {name} is infinite in row {row:,}: nothing can be learned from that")
    return of_numbers(name, values, {}, RULES)


def _of_words(name: str, texts: list[str], *, is_date: bool = False) -> Found:
    building = Building(RULES)
    building.add(texts)
    found = building.finish(name, len(texts))
    read = of_texts(found, Convention()) if isinstance(found, Texts) else found
    if is_date:
        order = dates_in(read.column.categories, "year-first", asked=True)
        made = read.column
        column = Column(name, "date", made.values, made.categories, order.order if order else "")
        return Found(column, (), read.notes)
    # Texts of a frame are no dates unless they say so in a way that is beyond doubt; nothing is offered.
    return Found(read.column, (), read.notes)


def _sha256(columns: Iterable[Column]) -> str:
    """What makes equal tables equal: names, kinds, categories and cells."""
    digest = hashlib.sha256()
    for column in columns:
        head = "\0".join((column.name, column.kind, column.values.dtype.str, *column.categories))
        digest.update(len(head).to_bytes(8, "little"))
        digest.update(head.encode("utf-8", "replace"))
        digest.update(np.ascontiguousarray(column.values).tobytes())
    return digest.hexdigest()
