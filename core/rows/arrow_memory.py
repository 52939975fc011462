"""The structures of Arrow's C data interface, and arrays of what they point to: nothing need be installed."""

from __future__ import annotations

import ctypes
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray


class ArrowSchema(ctypes.Structure):
    """The name and type of an array, and of those it is made of."""


class ArrowArray(ctypes.Structure):
    """The buffers of an array, and of those it is made of."""


ArrowSchema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_void_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(ArrowSchema))),
    ("dictionary", ctypes.POINTER(ArrowSchema)),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(ArrowSchema))),
    ("private_data", ctypes.c_void_p),
]
ArrowArray._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(ArrowArray))),
    ("dictionary", ctypes.POINTER(ArrowArray)),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(ArrowArray))),
    ("private_data", ctypes.c_void_p),
]


class ArrowStream(ctypes.Structure):
    """Arrays of one schema, one after the other."""

    _fields_: ClassVar[Any] = [
        ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ArrowSchema))),
        ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ArrowArray))),
        ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p)),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    ]


def stream_in(capsule: object) -> ArrowStream:
    """The stream in a capsule, which goes on owning it."""
    pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
    pointer_of.restype, pointer_of.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    stream: ArrowStream = ctypes.cast(
        pointer_of(capsule, b"arrow_array_stream"), ctypes.POINTER(ArrowStream)
    ).contents
    return stream


def memory(address: int | None, dtype: str | np.dtype[Any], count: int) -> NDArray[Any]:
    """So many values at an address, as a copy."""
    size = np.dtype(dtype).itemsize * count
    if not (address and size):
        return np.empty(0, dtype)
    return np.frombuffer(ctypes.string_at(address, size), dtype)


def bits(address: int | None, start: int, count: int) -> NDArray[np.bool_]:
    """So many bits from one on, the lowest of each byte first."""
    stretch = memory(address, "u1", (start + count + 7) // 8)
    return np.unpackbits(stretch, bitorder="little")[start : start + count].astype(bool)


def is_set(function: object) -> bool:
    """Whether a pointer to a function points to one."""
    return bool(function)
