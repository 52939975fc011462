"""Data frames that hand out an Arrow C stream (polars, pyarrow, DuckDB, ...), read without their libraries.

The layouts are those of https://arrow.apache.org/docs/format/Columnar.html.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import numpy as np

from epochal.core.rows.arrow_memory import (
    ArrowArray,
    ArrowSchema,
    ArrowStream,
    bits,
    is_set,
    memory,
    stream_in,
)
from epochal.core.rows.frame_columns import Categorized, Flags, FrameColumn, Values, joined, with_missing

CODES = ("i1", "u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8")
NUMBERS = dict(zip("cCsSiIlLefg", CODES, strict=True))
TIMES = {"tdD": ("<i4", "M8[D]"), "tdm": ("<i8", "M8[ms]")}
UNITS = {"s": "s", "m": "ms", "u": "us", "n": "ns"}
INLINE = 12
"""Bytes of a text that stand in its view itself."""


def arrow_columns(frame: object) -> list[FrameColumn]:
    """The columns of an object with `__arrow_c_stream__`. ValueError for kinds that are none of ours."""
    capsule = frame.__arrow_c_stream__()  # type: ignore[attr-defined]
    stream = stream_in(capsule)
    schema = ArrowSchema()
    _checked(stream, stream.get_schema(ctypes.addressof(stream), ctypes.byref(schema)))
    try:
        if schema.format != b"+s":
            raise ValueError("Rows come from a table of several columns, not from a single Arrow array.")
        columns = [schema.children[place].contents for place in range(schema.n_children)]
        names = [(one.name or b"").decode() for one in columns]
        parts: list[list[Values]] = [[] for _ in columns]
        categories = [Categorized() if one.dictionary else None for one in columns]
        for batch in _batches(stream):
            for place, (kind, name) in enumerate(zip(columns, names, strict=True)):
                array = batch.children[place].contents
                values = _values(kind, array, name, batch.offset, batch.length)
                if (one := categories[place]) is None:
                    parts[place].append(values)
                else:
                    kinds, held = kind.dictionary.contents, array.dictionary.contents
                    one.add(_codes(values), _values(kinds, held, name, 0, held.length).tolist())
    finally:
        if is_set(schema.release):
            schema.release(ctypes.byref(schema))
    return [
        joined(name, part) if one is None else one.column(name)
        for name, part, one in zip(names, parts, categories, strict=True)
    ]


def _checked(stream: ArrowStream, code: int) -> None:
    if code:
        said = stream.get_last_error(ctypes.addressof(stream)) or b"no reason is given"
        raise ValueError(f"The frame cannot be read: {said.decode(errors='replace')}.")


def _batches(stream: ArrowStream) -> Iterator[ArrowArray]:
    while True:
        batch = ArrowArray()
        _checked(stream, stream.get_next(ctypes.addressof(stream), ctypes.byref(batch)))
        if not is_set(batch.release):
            return
        try:
            yield batch
        finally:
            batch.release(ctypes.byref(batch))


def _codes(places: Values) -> Values:
    """Places in a dictionary, -1 where there is none."""
    if places.dtype.kind == "f":
        return np.where(np.isnan(places), -1, places).astype(np.int64)
    return places.astype(np.int64)


def _values(schema: ArrowSchema, array: ArrowArray, name: str, skipped: int, length: int) -> Values:
    """Rows of an array after those skipped: numbers, flags, dates, or objects."""
    start = array.offset + skipped
    form = schema.format.decode()
    if form == "n":
        return np.full(length, None, object)
    validity = array.buffers[0] if array.n_buffers else None
    known: Flags | None = bits(validity, start, length) if validity and array.null_count else None
    return with_missing(_known_values(form, array, name, start, length), known)


def _known_values(form: str, array: ArrowArray, name: str, start: int, length: int) -> Values:
    def buffer(place: int, dtype: str, count: int) -> Any:
        return memory(array.buffers[place], dtype, count)

    if form in NUMBERS:
        return buffer(1, NUMBERS[form], start + length)[start:]  # type: ignore[no-any-return]
    if form == "b":
        return bits(array.buffers[1], start, length)
    if form in ("u", "U"):
        ends = buffer(1, "<i4" if form == "u" else "<i8", start + length + 1)[start:]
        held = ctypes.string_at(array.buffers[2], int(ends[-1])) if len(ends) and ends[-1] else b""
        return _objects([held[a:b].decode(errors="replace") for a, b in pairwise(ends.tolist())], length)
    if form == "vu":
        return _objects(list(_viewed(array, start, length)), length)
    if form in TIMES or form[:2] == "ts" or form[:2] == "tD":
        stored, meant = TIMES.get(form) or ("<i8", f"{'M8' if form[1] == 's' else 'm8'}[{UNITS[form[2]]}]")
        return buffer(1, stored, start + length)[start:].astype("i8").view(meant)  # type: ignore[no-any-return]
    if form[:2] == "tt":
        wide = "<i4" if form[2] in "sm" else "<i8"
        seconds = np.array(1, f"m8[{UNITS[form[2]]}]") / np.timedelta64(1, "s")
        times = buffer(1, wide, start + length)[start:] * seconds
        return _objects([str(timedelta(seconds=float(one))) for one in times], length)
    if form[:2] == "d:":
        _, scale, *width = form[2:].split(",")
        size = int(width[0]) // 8 if width else 16
        held = ctypes.string_at(array.buffers[1], size * (start + length))[size * start :]
        whole = (held[at : at + size] for at in range(0, len(held), size))
        numbers = (int.from_bytes(one, "little", signed=True) for one in whole)
        return np.array([number / 10 ** int(scale) for number in numbers], np.float64)
    raise ValueError(
        f"The column {name} holds what is neither numbers, words nor dates (Arrow format {form!r}): "
        "leave it out."
    )


def _viewed(array: ArrowArray, start: int, length: int) -> Iterator[str]:
    """Texts by their views: short ones stand in these, long ones in further buffers."""
    views = memory(array.buffers[1], "V16", start + length)[start:].tobytes()
    buffers = int(array.n_buffers) - 3
    sizes = memory(array.buffers[buffers + 2], "<i8", buffers).tolist() if buffers > 0 else []
    held = [ctypes.string_at(array.buffers[2 + place], size) for place, size in enumerate(sizes)]
    for at in range(0, 16 * length, 16):
        size = int.from_bytes(views[at : at + 4], "little")
        if size <= INLINE:
            yield views[at + 4 : at + 4 + size].decode(errors="replace")
            continue
        place, offset = (int.from_bytes(views[at + k : at + k + 4], "little") for k in (8, 12))
        # What stands in a missing cell's view may be anything.
        whole = held[place] if place < len(held) else b""
        yield whole[offset : offset + size].decode(errors="replace")


def _objects(texts: list[str], length: int) -> Values:
    values = np.empty(length, object)
    values[:] = texts
    return values
