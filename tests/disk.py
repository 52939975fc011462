"""A disk whose n-th call fails, once or from then on: below SQLite's own code, and below Python's files."""

from __future__ import annotations

import ctypes
import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from typing import Any

import pytest

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)


class Disk:
    """Counts the calls that change something; the `nth` fails with `error`, and with `lasting` all after."""

    def __init__(self, nth: int = 0, error: int = errno.EIO, *, lasting: bool = False) -> None:
        self.nth, self.error, self.lasting = nth, error, lasting
        self.count = 0
        self.failed = 0

    def fails(self) -> bool:
        self.count += 1
        now = self.nth > 0 and (self.count >= self.nth if self.lasting else self.count == self.nth)
        self.failed += now
        return now

    def mend(self) -> None:
        """From now on all goes well."""
        self.nth = 0


# Below Python's files.


class FailingFile(io.FileIO):
    disk: Disk

    def write(self, content: Any) -> int:
        if self.disk.fails():
            super().write(memoryview(content)[: len(content) // 2])
            raise OSError(self.disk.error, os.strerror(self.disk.error))
        return super().write(content)


def put_below_files(disk: Disk, patch: pytest.MonkeyPatch) -> None:
    """Every write, fsync, open, link and rename that is asked of `os` counts from now on."""

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def made(*words: Any, **more: Any) -> Any:
            if disk.fails():
                raise OSError(disk.error, os.strerror(disk.error))
            return call(*words, **more)

        return made

    def opened(handle: int, mode: str) -> io.BufferedWriter:
        file = FailingFile(handle, mode)
        file.disk = disk
        return io.BufferedWriter(file, 512)

    for name in ("open", "fsync", "link", "replace", "rename"):
        patch.setattr(os, name, counted(getattr(os, name)))
    patch.setattr(os, "fdopen", opened)


# Below SQLite: its own file system with five of its calls put between, as its documentation allows.


class _Methods(Structure):
    _fields_ = (
        ("version", c_int),
        *((name, c_void_p) for name in ("close", "read", "write", "truncate", "sync")),
        ("others", c_void_p * 13),
    )


class _File(Structure):
    _fields_ = (("methods", POINTER(_Methods)),)


class _System(Structure):
    _fields_ = (
        ("version", c_int),
        ("size_of_file", c_int),
        ("longest_path", c_int),
        ("following", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", c_void_p),
        ("delete", c_void_p),
        ("others", c_void_p * 14),
    )


_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(_File), c_int, c_void_p)
_DELETE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)
_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)

# What SQLite's own calls give on such errors.
_FULL, _CANTOPEN, _IO_WRITE, _IO_SYNC, _IO_TRUNCATE, _IO_DELETE = 13, 14, 778, 1034, 1546, 2570


@contextmanager
def below_sqlite(disk: Disk) -> Iterator[None]:
    """Every connection opened inside is to this disk; skips the test where SQLite cannot be reached."""
    try:
        import _sqlite3

        library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
        find, register, unregister = (
            getattr(library, f"sqlite3_vfs_{name}") for name in ("find", "register", "unregister")
        )
    except (ImportError, AttributeError, OSError):
        pytest.skip("SQLite's functions cannot be called from here")
    find.restype, find.argtypes = POINTER(_System), [c_char_p]
    register.argtypes, unregister.argtypes = [POINTER(_System), c_int], [POINTER(_System)]
    usual = find(None)
    assert usual
    system = _System.from_buffer_copy(usual.contents)
    system.name = b"failing"
    own_open, own_delete = _OPEN(usual.contents.open), _DELETE(usual.contents.delete)
    tables: dict[int, tuple[_Methods, object]] = {}

    def between(methods: _Methods) -> tuple[_Methods, object]:
        ours = _Methods.from_buffer_copy(methods)
        own_write, own_truncate, own_sync = (
            _WRITE(methods.write),
            _TRUNCATE(methods.truncate),
            _SYNC(methods.sync),
        )

        @_WRITE
        def write(file: int, content: int, length: int, offset: int) -> int:
            if disk.fails():
                own_write(file, content, length // 2, offset)
                return _FULL if disk.error == errno.ENOSPC else _IO_WRITE
            return int(own_write(file, content, length, offset))

        @_TRUNCATE
        def truncate(file: int, length: int) -> int:
            return _IO_TRUNCATE if disk.fails() else int(own_truncate(file, length))

        @_SYNC
        def sync(file: int, flags: int) -> int:
            return _IO_SYNC if disk.fails() else int(own_sync(file, flags))

        ours.write, ours.truncate, ours.sync = (
            ctypes.cast(call, c_void_p) for call in (write, truncate, sync)
        )
        return ours, (write, truncate, sync)

    @_OPEN
    def open_(_: int, name: int, file: Any, flags: int, out: int) -> int:
        if disk.fails():
            file.contents.methods = POINTER(_Methods)()
            return _CANTOPEN
        code = int(own_open(ctypes.addressof(system), name, file, flags, out))
        if code == 0:
            own = ctypes.addressof(file.contents.methods.contents)
            if own not in tables:
                tables[own] = between(file.contents.methods.contents)
            file.contents.methods = ctypes.pointer(tables[own][0])
        return code

    @_DELETE
    def delete(_: int, name: int, sync: int) -> int:
        return _IO_DELETE if disk.fails() else int(own_delete(ctypes.addressof(system), name, sync))

    system.open, system.delete = ctypes.cast(open_, c_void_p), ctypes.cast(delete, c_void_p)
    assert register(ctypes.byref(system), 1) == 0
    try:
        yield
    finally:
        unregister(ctypes.byref(system))
        register(usual, 1)
