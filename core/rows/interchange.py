"""Data frames that speak the interchange protocol, `__dataframe__`, read without their libraries.

The protocol is that of https://data-apis.org/dataframe-protocol/latest/API.html.
"""

from __future__ import annotations

import ctypes
from itertools import pairwise
from typing import Any

import numpy as np

from epochal.core.rows.arrow_memory import bits, memory
from epochal.core.rows.frame_columns import Categorized, Flags, FrameColumn, Values, joined, with_missing

INT, UINT, FLOAT, BOOL, STRING, DATETIME, CATEGORICAL = 0, 1, 2, 20, 21, 22, 23
NOT_NULLABLE, IS_NAN, SENTINEL, BIT_MASK, BYTE_MASK = range(5)
LETTERS = {INT: "i", UINT: "u", FLOAT: "f"}


def interchanged_columns(frame: object) -> list[FrameColumn]:
    """The columns of an object with `__dataframe__`. ValueError for kinds that are none of ours."""
    told = frame.__dataframe__()  # type: ignore[attr-defined]
    columns = []
    for name in told.column_names():
        column = told.get_column_by_name(name)
        chunks = list(column.get_chunks())
        if column.dtype[0] == CATEGORICAL:
            built = Categorized()
            for chunk in chunks:
                held = chunk.describe_categorical["categories"]
                if held is None:
                    raise ValueError(f"The categories of the column {name} have no names.")
                built.add(_codes(chunk, name), _values(held, name).tolist())
            columns.append(built.column(str(name)))
        else:
            columns.append(joined(str(name), [_values(chunk, str(name)) for chunk in chunks]))
    return columns


def _codes(chunk: Any, name: str) -> Values:
    """Places in the categories, -1 where missing."""
    buffers = chunk.get_buffers()
    codes = _fixed(buffers["data"], chunk.offset, chunk.size(), name).astype(np.int64)
    known = _known(chunk, buffers, codes)
    return codes if known is None else np.where(known, codes, -1)


def _values(chunk: Any, name: str) -> Values:
    buffers, size = chunk.get_buffers(), chunk.size()
    kind = chunk.dtype[0]
    if kind == STRING:
        values = _texts(buffers, chunk.offset, size)
    elif kind == BOOL and buffers["data"][1][1] == 1:
        values = bits(buffers["data"][0].ptr, chunk.offset, size)
    else:
        values = _fixed(buffers["data"], chunk.offset, size, name)
    if kind == BOOL:
        values = values.astype(bool)
    known = _known(chunk, buffers, values)
    if kind == DATETIME:
        # As in Arrow: `tdD` are days, `tsn:` nanoseconds.
        form = str(chunk.dtype[2])
        unit = {"tdD": "D", "tdm": "ms"}.get(form) or {"s": "s", "m": "ms", "u": "us", "n": "ns"}[form[2]]
        values = values.astype(np.int64).view(f"M8[{unit}]")
    return with_missing(values, known)


def _fixed(data: tuple[Any, Any], offset: int, size: int, name: str) -> Values:
    """Values of one width, without those before the offset."""
    buffer, (kind, width, form, _) = data
    letter = {BOOL: "u", DATETIME: "i"}.get(kind, LETTERS.get(kind))
    if letter is None or width % 8:
        raise ValueError(f"The column {name} holds what is neither numbers, words nor dates ({form!r}).")
    return memory(buffer.ptr, f"{letter}{width // 8}", offset + size)[offset:]


def _texts(buffers: Any, offset: int, size: int) -> Values:
    data, (places, (_, width, *_)) = buffers["data"][0], buffers["offsets"]
    ends = memory(places.ptr, f"i{width // 8}", offset + size + 1)[offset:].tolist()
    held = ctypes.string_at(data.ptr, ends[-1]) if ends and ends[-1] else b""
    values = np.empty(size, object)
    values[:] = [held[a:b].decode() for a, b in pairwise(ends)]
    return values


def _known(chunk: Any, buffers: Any, values: Values) -> Flags | None:
    """Which values are there; None where all are, or where NaN says it."""
    null, meant = chunk.describe_null
    if null == SENTINEL:
        return np.asarray(values != meant)
    if null == BIT_MASK and buffers["validity"]:
        mask = bits(buffers["validity"][0].ptr, chunk.offset, chunk.size())
        return np.asarray(mask != bool(meant))
    if null == BYTE_MASK and buffers["validity"]:
        mask = memory(buffers["validity"][0].ptr, "u1", chunk.offset + chunk.size())[chunk.offset :]
        return np.asarray(mask != meant)
    return None
