"""Compressed files: their bytes expanded, as long as what they expand to is believable."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from epochal.data.tables.table import TableError

LARGEST_EXPANDED = 4 << 30
LARGEST_RATIO = 200
WORKBOOKS = {
    "xl/": "an Excel workbook",
    "word/": "a Word document",
    "content.xml": "an OpenDocument file",
}


class Expanded(io.RawIOBase):
    """What a compressed file expands to, as long as that is believable."""

    def __init__(self, stream: BinaryIO, name: str, packed: int) -> None:
        self.stream, self.name, self.packed, self.at = stream, name, max(packed, 1), 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes; TableError for damaged ones and for more than is believable."""
        try:
            block = self.stream.read(size)
        except EOFError:
            raise TableError(f"{self.name} is cut off: its compressed data end too early") from None
        except (zlib.error, zipfile.BadZipFile, gzip.BadGzipFile, RuntimeError, NotImplementedError) as error:
            raise TableError(f"{self.name} cannot be expanded: {error}") from None
        self.at += len(block)
        if self.at > LARGEST_EXPANDED or (self.at > 64 << 20 and self.at > LARGEST_RATIO * self.packed):
            raise TableError(
                f"{self.name} expands to more than {self.at // (1 << 20)} MB from {self.packed} bytes:"
                " that is no honest table, so it was not read"
            )
        return block


@contextmanager
def expanded(path: Path) -> Iterator[BinaryIO]:
    """The file's bytes, those inside when it is gzip or a zip archive of one file."""
    try:
        with open(path, "rb", buffering=0) as plain:
            start = plain.read(4)
            plain.seek(0)
            packed = os.fstat(plain.fileno()).st_size
            if start.startswith(b"\x1f\x8b"):
                with gzip.GzipFile(fileobj=io.BufferedReader(plain)) as unpacked:
                    yield cast("BinaryIO", Expanded(cast("BinaryIO", unpacked), path.name, packed))
            elif start == b"PK\x03\x04":
                with zipfile.ZipFile(plain) as archive, _member(archive, path.name) as inside:
                    yield cast("BinaryIO", Expanded(cast("BinaryIO", inside), path.name, packed))
            else:
                yield cast("BinaryIO", plain)
    except PermissionError:
        raise TableError(f"{path} cannot be read: its permissions do not allow it") from None
    except zipfile.BadZipFile:
        raise TableError(f"{path.name} is a damaged zip archive") from None


def _member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    try:
        return archive.open(_only_member(archive, name))
    except (RuntimeError, NotImplementedError) as error:  # encrypted, or packed in a way Python does not know
        raise TableError(f"{name} cannot be expanded: {error}") from None


def _only_member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    for inside, what in WORKBOOKS.items():
        if any(entry.filename.startswith(inside) for entry in archive.infolist()):
            raise TableError(f"{name} is {what}, not a text table: open it there and save it as CSV")
    members = [
        entry
        for entry in archive.infolist()
        if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
    ]
    if len(members) != 1:
        raise TableError(f"{name} holds {len(members)} files: unpack it and open the one with the table")
    return members[0]
