"""Data frames as their protocols define them, made by hand: of libraries that are not installed here."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import Any

import numpy as np

from epochal.core.rows.arrow_memory import ArrowArray, ArrowSchema, ArrowStream

Cells = list[Any]


class PandasLike:
    """Columns by place and name, of arrays or of categories: what pandas offers by itself."""

    def __init__(self, columns: dict[str, Any]) -> None:
        self._columns = columns
        self.columns = list(columns)
        self.iloc = self

    def __getitem__(self, key: Any) -> Any:
        return self._columns[self.columns[key[1]] if isinstance(key, tuple) else key]

    def __arrow_c_stream__(self) -> object:
        raise ImportError("pandas hands out Arrow streams with pyarrow alone")


class PandasCategories:
    """A series of categories with codes, -1 where missing."""

    def __init__(self, codes: list[int], categories: list[str]) -> None:
        self.dtype = SimpleNamespace(categories=categories)
        self.cat = SimpleNamespace(codes=np.array(codes, np.int8))


class NAType:
    """As pandas' own, which is not even equal to itself."""

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")


class ArrayOnly:
    """An object of which nothing is known but that it can be an array."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = array

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self._array


def _bits(flags: list[bool], offset: int) -> np.ndarray:
    return np.packbits([False] * offset + flags, bitorder="little")


class Interchanged:
    """A frame of the interchange protocol; each column stands `offset` cells into its buffers."""

    def __init__(
        self, columns: dict[str, Cells], offset: int = 0, null: str = "bits", chunks: int = 1
    ) -> None:
        self._columns, self._offset, self._null, self._chunks = columns, offset, null, chunks

    def __dataframe__(self) -> Interchanged:
        return self

    def column_names(self) -> list[str]:
        return list(self._columns)

    def get_column_by_name(self, name: str) -> _Column:
        return _Column(self._columns[name], self._offset, self._null, self._chunks)


class _Column:
    def __init__(self, cells: Cells, offset: int, null: str, chunks: int = 1) -> None:
        self.cells, self.offset, self.null, self.chunks = cells, offset, null, chunks
        known = [one for one in cells if one is not None]
        self.categories: Any = known[0][1] if known and isinstance(known[0], tuple) else None
        if self.categories:
            self.values: Cells = [None if one is None else one[0] for one in cells]
            self.dtype: tuple[Any, ...] = (23, 8, "c", "=")
        else:
            self.values = cells
            kind = type(known[0]) if known else float
            self.dtype = {
                int: (0, 64, "l", "="),
                float: (2, 64, "g", "="),
                bool: (20, 8, "b", "="),
                str: (21, 8, "u", "="),
                np.datetime64: (22, 64, "tsm:", "="),
            }[kind]

    def get_chunks(self) -> list[_Column]:
        size = -(-len(self.cells) // self.chunks)
        parts = [self.cells[at : at + size] for at in range(0, len(self.cells), size)]
        chunks = [_Column(part, self.offset, self.null) for part in parts]
        for one, part in zip(chunks, parts, strict=True):
            one.dtype, one.categories = self.dtype, self.categories
            one.values = [cell[0] if isinstance(cell, tuple) else cell for cell in part]
        return chunks

    def size(self) -> int:
        return len(self.cells)

    @property
    def describe_null(self) -> tuple[int, Any]:
        if self.null == "bytes":
            return 4, 1
        if self.null == "sentinel":
            return 2, -1
        return 3, 0

    @property
    def describe_categorical(self) -> dict[str, Any]:
        return {"is_ordered": False, "is_dictionary": True, "categories": _Column(self.categories, 0, "bits")}

    def get_buffers(self) -> dict[str, Any]:
        before, missing = self.offset, [one is None for one in self.values]
        offsets = None
        if self.dtype[0] == 21:
            texts = ["zz"] * before + [one or "" for one in self.values]
            data = np.frombuffer("".join(texts).encode() or b"\0", np.uint8)
            ends = np.cumsum([0, *(len(one.encode()) for one in texts)]).astype(np.int64)
            offsets = (_buffer(ends), (0, 64, "l", "="))
        else:
            kind = {0: "i8", 2: "f8", 20: "u1", 22: "M8[ms]", 23: "i1"}[self.dtype[0]]
            empty = -1 if self.null == "sentinel" else 0
            cells = [empty if one is None else one for one in self.values]
            data = np.array([empty] * before + cells).astype(kind)
        stored = {20: (20, 8, "b", "="), 23: (0, 8, "c", "=")}.get(self.dtype[0], self.dtype)
        if self.null == "bytes":
            validity = _buffer(np.array([0] * before + missing, np.uint8))
        else:
            validity = _buffer(_bits([not one for one in missing], before))
        told = None if self.null == "sentinel" else (validity, (20, 1, "b", "="))
        return {"data": (_buffer(data), stored), "validity": told, "offsets": offsets}


def _buffer(array: np.ndarray) -> Any:
    return SimpleNamespace(ptr=array.ctypes.data, bufsize=array.nbytes, array=array)


class ArrowTexts:
    """A frame of one column of texts as an Arrow stream, in the layout `u`, `U` or with a dictionary.

    The cells stand `offset` into the arrays, and the stream has them in so many batches.
    """

    def __init__(self, cells: Cells, layout: str, offset: int = 0, batches: int = 1) -> None:
        self._keep: list[Any] = []
        self.released = 0
        size = -(-len(cells) // batches)
        self._batches = [cells[at : at + size] for at in range(0, len(cells), size)]
        self._layout, self._offset = layout, offset

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        stream = ArrowStream()
        waiting = list(self._batches)
        fields = dict(ArrowStream._fields_)

        def get_schema(_: int, out: Any) -> int:
            texts = self._schema("u" if self._layout == "dictionary" else self._layout)
            child = self._schema("c", texts, name=b"words") if self._layout == "dictionary" else texts
            child.name = b"words"
            self._fill(out.contents, self._schema("+s", children=[child]))
            return 0

        def get_next(_: int, out: Any) -> int:
            if waiting:
                self._fill(out.contents, self._batch(waiting.pop(0)))
            return 0

        for name, function in (("get_schema", get_schema), ("get_next", get_next)):
            kept = fields[name](function)
            self._keep.append(kept)
            setattr(stream, name, kept)
        self._keep.append(stream)
        new = ctypes.pythonapi.PyCapsule_New
        new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        return new(ctypes.addressof(stream), b"arrow_array_stream", None)

    def _fill(self, out: Any, made: Any) -> None:
        ctypes.memmove(ctypes.addressof(out), ctypes.addressof(made), ctypes.sizeof(made))

    def _schema(
        self, form: str, dictionary: Any = None, children: Any = (), name: bytes = b""
    ) -> ArrowSchema:
        schema = ArrowSchema(format=form.encode(), name=name, n_children=len(children))
        if dictionary is not None:
            schema.dictionary = ctypes.pointer(dictionary)
        self._finish(schema, ArrowSchema, children)
        return schema

    def _finish(self, made: Any, kind: Any, children: Any) -> None:
        pointers = (ctypes.POINTER(kind) * max(len(children), 1))(*(ctypes.pointer(one) for one in children))
        made.children = pointers

        def release(_: Any) -> None:
            self.released += 1

        kept = dict(kind._fields_)["release"](release)
        made.release = kept
        self._keep += [made, pointers, kept, *children]

    def _array(
        self, length: int, buffers: list[Any], offset: int, dictionary: Any = None, children: Any = ()
    ) -> Any:
        held = (ctypes.c_void_p * len(buffers))(
            *(None if one is None else one.ctypes.data for one in buffers)
        )
        array = ArrowArray(
            length=length, null_count=-1, offset=offset, n_buffers=len(buffers), n_children=len(children)
        )
        array.buffers = ctypes.cast(held, ctypes.POINTER(ctypes.c_void_p))
        if dictionary is not None:
            array.dictionary = ctypes.pointer(dictionary)
        self._keep += [held, buffers, dictionary]
        self._finish(array, ArrowArray, children)
        return array

    def _batch(self, cells: Cells) -> Any:
        before = self._offset
        known = _bits([one is not None for one in cells], before)
        if self._layout == "dictionary":
            own = list(dict.fromkeys(one for one in reversed(cells) if one is not None))
            codes = np.array([0] * before + [0 if one is None else own.index(one) for one in cells], np.int8)
            child = self._array(len(cells), [known, codes], before, self._texts(own, 0, None, np.int32))
        else:
            width = np.int32 if self._layout == "u" else np.int64
            child = self._texts(cells, before, known, width)
        return self._array(len(cells), [None], 0, children=[child])

    def _texts(self, cells: Cells, before: int, known: Any, width: Any) -> Any:
        texts = ["zz"] * before + [one or "" for one in cells]
        ends = np.cumsum([0, *(len(one.encode()) for one in texts)]).astype(width)
        data = np.frombuffer("".join(texts).encode() or b"\0", np.uint8)
        return self._array(len(cells), [known, ends, data], before)
