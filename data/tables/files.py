"""Looking before opening: what a path holds, decoded and fingerprinted before a cell of it is read."""

from __future__ import annotations

import codecs
import errno
import gzip
import hashlib
import io
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from epochal.data.tables.records import UNDECODED
from epochal.data.tables.table import Problem, TableError

Watch = Callable[[float], None]
"""Is told how far the reading is, from 0 to 1; whatever it raises ends the reading."""

LARGEST = 8 << 30
LARGEST_EXPANDED = 4 << 30
LARGEST_RATIO = 200
LONGEST_LINE = 64 << 20
BLOCK = 1 << 20

SIGNATURES = (
    (b"\x89PNG", "a PNG picture", ""),
    (b"\xff\xd8\xff", "a JPEG picture", ""),
    (b"GIF8", "a GIF picture", ""),
    (b"%PDF", "a PDF document", "save the table in it as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file", "open it there and save it as CSV"),
    (b"\x7fELF", "a program", ""),
    (b"MZ\x90", "a program", ""),
    (b"PAR1", "a Parquet file", "give it a name that ends in .parquet"),
    (b"SQLite format 3", "an SQLite database", "export the table in it as CSV"),
    (b"\x89HDF", "an HDF5 file", "export the table in it as CSV"),
    (b"\x93NUMPY", "a NumPy array", "save it as CSV with numpy.savetxt"),
    (b"BZh", "compressed with bzip2", "expand it first"),
    (b"\xfd7zXZ", "compressed with xz", "expand it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "expand it first"),
    (b"7z\xbc\xaf", "a 7z archive", "expand it first"),
    (b"{\\rtf", "a rich text document", "save it as CSV"),
)
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WORKBOOKS = {
    "xl/": "an Excel workbook",
    "word/": "a Word document",
    "content.xml": "an OpenDocument file",
}
NOT_WINDOWS_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


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
        with _expanded(self.path) as stream:
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
    with _expanded(place) as stream:
        scan = _Scan(place, encoding)
        plain = not isinstance(stream, _Limited)
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
    return Content(place, scan.size, scan.hash.hexdigest(), name, notes, damaged, _stamp(seen))


class _Scan:
    """One pass over the bytes of a file, keeping only what decides how to read it."""

    def __init__(self, path: Path, encoding: str | None) -> None:
        self.path = path
        self.name = path.name
        self.asked = encoding
        self.size = 0
        self.hash = hashlib.sha256()
        self.first_bad_line = 0
        self.decoded = self.undecoded = 0
        self.outside_windows = False
        self.since_line_end = 0
        self.guess = encoding or ""

    def take(self, block: bytes) -> None:
        if not self.size:
            self._begin(block)
        self.hash.update(block)
        if b"\0" in block and not self.wide:
            at = self._line_at(block.index(b"\0"))
            raise TableError(
                f"{self.name} holds a NUL byte in line {at}, so it is no text, or text in an encoding such as"
                " UTF-16 that has to be named",
                [Problem(at, 1, "binary", "")],
            )
        last_end = max(block.rfind(b"\n"), block.rfind(b"\r"))
        self.since_line_end = len(block) - last_end - 1 + (self.since_line_end if last_end < 0 else 0)
        if self.since_line_end > LONGEST_LINE:
            raise TableError(
                f"{self.name}, line {self._line_at(len(block))}: longer than 64 MB, so this is no table"
            )
        self._decode(block, final=False)
        if not block.isascii():
            self.outside_windows = self.outside_windows or bool(NOT_WINDOWS_1252.search(block))
        self.size += len(block)

    def finish(self) -> None:
        if not self.size:
            raise TableError(f"{self.name} is empty: there is no table in it")
        self._decode(b"", final=True)

    def _begin(self, block: bytes) -> None:
        for signature, what, advice in SIGNATURES:
            if block.startswith(signature):
                raise TableError(f"{self.name} is {what}, not a table" + (f": {advice}" if advice else ""))
        if not self.guess:
            self.guess = next((name for mark, name in MARKS if block.startswith(mark)), "utf-8")
        self.wide = self.guess.lower().replace("_", "-").startswith(("utf-16", "utf-32", "utf16", "utf32"))
        self.replaces = self.guess in ("utf-8", "utf-8-sig") and self.asked is None
        errors = "surrogateescape" if self.replaces else "strict"
        self.decoder = codecs.getincrementaldecoder(self.guess)(errors)

    def _decode(self, block: bytes, *, final: bool) -> None:
        try:
            text = self.decoder.decode(block, final)
        except UnicodeDecodeError as error:
            at = self._line_at(error.start)
            raise TableError(
                f"{self.name} is not {self.guess}: line {at} holds a byte that has no meaning in it."
                " Name another encoding, such as utf-8 or windows-1252",
                [Problem(at, 1, "encoding", "")],
            ) from None
        if not text.isascii():
            bad = UNDECODED.search(text)
            if bad and not self.first_bad_line:
                before = text[: bad.start()].encode(errors="surrogateescape")
                self.first_bad_line = self._line_at(len(before))
            if self.first_bad_line:
                self.undecoded += len(UNDECODED.findall(text))
            self.decoded += sum(1 for c in text if c > "\x7f" and not "\udc80" <= c <= "\udcff")

    def _line_at(self, offset: int) -> int:
        """The line, from 1, that an offset into the current block is on."""
        line, left, last = 1, self.size + offset, b""
        with _expanded(self.path) as stream:
            while left > 0 and (block := stream.read(min(BLOCK, left))):
                left -= len(block)
                line += _line_ends(block) - (last == b"\r" and block[:1] == b"\n")
                last = block[-1:]
        return line

    def verdict(self) -> tuple[str, tuple[str, ...], bool]:
        """The encoding, what to say about it, and whether some bytes are not of it."""
        if not self.undecoded:
            return self.guess, (), False
        if self.decoded > self.undecoded or self.guess == "utf-8-sig":
            return self.guess, (), True
        at = self.first_bad_line
        if self.outside_windows:
            raise TableError(
                f"{self.name} is neither UTF-8 nor Windows-1252: line {at} holds the first byte that is not."
                " Name its encoding, such as cp1250, cp1251, shift_jis or gb18030",
                [Problem(at, 1, "encoding", "")],
            )
        note = f"Line {at} holds a byte that is not UTF-8, so the file was read as Windows-1252."
        return "windows-1252", (note,), False


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


class _Limited(io.RawIOBase):
    """What a compressed file expands to, as long as that is believable."""

    def __init__(self, stream: BinaryIO, name: str, packed: int) -> None:
        self.stream, self.name, self.packed, self.at = stream, name, max(packed, 1), 0

    def read(self, size: int = -1) -> bytes:
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
def _expanded(path: Path) -> Iterator[BinaryIO]:
    """The file's bytes, those inside when it is gzip or a zip archive of one file."""
    try:
        with open(path, "rb", buffering=0) as plain:
            start = plain.read(4)
            plain.seek(0)
            packed = os.fstat(plain.fileno()).st_size
            if start.startswith(b"\x1f\x8b"):
                with gzip.GzipFile(fileobj=io.BufferedReader(plain)) as expanded:
                    yield cast("BinaryIO", _Limited(cast("BinaryIO", expanded), path.name, packed))
            elif start == b"PK\x03\x04":
                with zipfile.ZipFile(plain) as archive, _member(archive, path.name) as inside:
                    yield cast("BinaryIO", _Limited(cast("BinaryIO", inside), path.name, packed))
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


def _regular(path: Path) -> os.stat_result:
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


def _line_ends(block: bytes) -> int:
    """How many lines end in a block, whether at a line feed, a carriage return or both."""
    return block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")
