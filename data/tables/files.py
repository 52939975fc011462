"""Looking before opening: what a path holds, decoded and fingerprinted before a cell of it is read."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from epochal.data.paths import outside
from epochal.data.tables.expanding import Expanded, expanded
from epochal.data.tables.scanning import Scan
from epochal.data.tables.table import TableError

Watch = Callable[[float], None]
"""Is told how far the reading is, from 0 to 1; whatever it raises ends the reading."""

LARGEST = 8 << 30
BLOCK = 1 << 20


@dataclass(frozen=True)
class Content:
    """A file every byte of which has been looked at once: it is text, and this is how to read it.

    `damaged` means UTF-8 with bytes here and there that are not: those become lone surrogates, for the
    reader to find the lines they are on.
    """

    path: Path
    size: int
    sha256: str
    encoding: str
    notes: tuple[str, ...] = ()
    damaged: bool = False
    stamp: tuple[int, int] = (0, 0)

    @contextmanager
    def lines(self, watch: Watch | None = None) -> Iterator[io.TextIOWrapper]:
        """The text, line ends as they are; afterwards the file must still be the one looked at."""
        with expanded(self.path) as stream:
            tap = _Watched(stream, self.size, watch)
            errors = "surrogateescape" if self.damaged else "strict"
            text = io.TextIOWrapper(
                io.BufferedReader(tap, BLOCK), encoding=self.encoding, errors=errors, newline=""
            )
            # Its own 8 kB at a time would cost a sixth of the reading of a long table.
            text._CHUNK_SIZE = BLOCK  # type: ignore[attr-defined]
            yield text
        if _stamp(os.stat(self.path)) != self.stamp:
            raise TableError(f"{self.path.name} was changed while it was read: read it again")


def look(path: str | os.PathLike[str], encoding: str | None = None, watch: Watch | None = None) -> Content:
    """Read every byte once: regular, not too large, text, in which encoding.

    Raises TableError, and whatever `watch` raises.
    """
    place = Path(path)
    seen = _regular(place)
    if seen.st_size > LARGEST:
        raise TableError(f"{place.name} is {seen.st_size / 1e9:.1f} GB; the largest file read is 8 GB")
    if encoding is not None:
        _known(encoding)
    with expanded(place) as stream:
        scan = Scan(place, encoding)
        plain = not isinstance(stream, Expanded)
        while block := stream.read(BLOCK):
            scan.take(block)
            if plain and scan.size > seen.st_size:
                break
            if watch is not None:
                watch(min(scan.size / max(seen.st_size, scan.size), 1.0))
        scan.finish()
    if _stamp(os.stat(place)) != _stamp(seen):
        raise TableError(f"{place.name} was changed while it was read: read it again")
    name, notes, damaged = scan.verdict()
    return Content(
        path=place,
        size=scan.size,
        sha256=scan.hash.hexdigest(),
        encoding=name,
        notes=notes,
        damaged=damaged,
        stamp=_stamp(seen),
    )


class _Watched(io.RawIOBase):
    """A stream that tells how far it has been read."""

    def __init__(self, stream: BinaryIO, size: int, watch: Watch | None) -> None:
        self.stream, self.size, self.watch, self.at = stream, max(size, 1), watch, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        block = self.stream.read(len(view))
        view[: len(block)] = block
        self.at += len(block)
        if self.watch is not None:
            self.watch(min(self.at / self.size, 1.0))
        return len(block)


def _regular(path: Path) -> os.stat_result:
    if words := outside(path):
        raise TableError(f"{path} cannot be read: {words}")
    try:
        seen = os.stat(path)
    except FileNotFoundError:
        raise TableError(f"{path} does not exist") from None
    except PermissionError:
        raise TableError(f"{path} cannot be read: its permissions do not allow it") from None
    except (OSError, ValueError) as error:
        loop = isinstance(error, OSError) and error.errno == errno.ELOOP
        reason = "it is a link that leads back to itself" if loop else "it is no name a file can have"
        raise TableError(f"{path} cannot be read: {reason}") from None
    for is_kind, what in (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ):
        if is_kind(seen.st_mode):
            raise TableError(f"{path} is {what}, not a file with a table")
    return seen


def _known(encoding: str) -> None:
    try:
        "".encode(encoding)
    except (LookupError, ValueError):
        raise TableError(
            f"There is no encoding called {encoding!r}: try utf-8, windows-1252 or utf-16"
        ) from None


def _stamp(seen: os.stat_result) -> tuple[int, int]:
    return seen.st_size, seen.st_mtime_ns
