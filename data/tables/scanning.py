"""One pass over the bytes of a file: whether it is text, and in which encoding."""

from __future__ import annotations

import codecs
import hashlib
import re
from pathlib import Path

from epochal.data.tables.encodings import BETTER, ENOUGH, Candidate, candidates, wide_encoding
from epochal.data.tables.expanding import expanded
from epochal.data.tables.records import UNDECODED
from epochal.data.tables.table import Offer, Problem, TableError

LONGEST_LINE = 64 << 20
BLOCK = 1 << 20
FOREIGN = 1 << 14
MOST_OFFERS = 3

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
    (b"version https://git-lfs.github.com/spec/", "a Git LFS pointer", "fetch the file with git lfs pull"),
    (b"/annex/objects/", "a git-annex pointer", "fetch the file with git annex get"),
    (b"<!doctype html", "a web page", "download the file itself"),
    (b"<html", "a web page", "download the file itself"),
)
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NOT_WINDOWS_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


class Scan:
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
        self.notes: tuple[str, ...] = ()
        self.foreign = b""

    def take(self, block: bytes) -> None:
        """Look at the next bytes; TableError when they are no text."""
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
            if len(self.foreign) < FOREIGN:
                self.foreign += b"\n".join(line for line in block.splitlines() if not line.isascii())[
                    :FOREIGN
                ]
            self.outside_windows = self.outside_windows or bool(NOT_WINDOWS_1252.search(block))
        self.size += len(block)

    def finish(self) -> None:
        """Look at what is left in the decoder."""
        if not self.size:
            raise TableError(f"{self.name} is empty: there is no table in it")
        self._decode(b"", final=True)

    def _begin(self, block: bytes) -> None:
        start = block[:64].removeprefix(codecs.BOM_UTF8).lstrip().lower()
        for signature, what, advice in SIGNATURES:
            if block.startswith(signature) or start.startswith(signature):
                raise TableError(f"{self.name} is {what}, not a table" + (f": {advice}" if advice else ""))
        self.guess = self._first_guess(block)
        self.wide = self.guess.lower().replace("_", "-").startswith(("utf-16", "utf-32", "utf16", "utf32"))
        self.replaces = self.guess in ("utf-8", "utf-8-sig") and self.asked is None
        errors = "surrogateescape" if self.replaces else "strict"
        self.decoder = codecs.getincrementaldecoder(self.guess)(errors)

    def _first_guess(self, block: bytes) -> str:
        """The encoding asked for, by the byte order mark, or by where zeros stand; else UTF-8."""
        asked = _family(self.asked or "")
        marked = next((name for mark, name in MARKS if block.startswith(mark)), "")
        if marked and (not asked or _family(marked) == asked):
            return marked
        if self.asked is not None and (
            asked not in ("utf16", "utf32") or self.asked[-2:].lower() in ("le", "be")
        ):
            return self.asked
        wide = wide_encoding(block)
        if self.asked is not None:
            wide = wide if _family(wide) == asked else f"{asked[:3]}-{asked[3:]}-le"
        if wide:
            self.notes = (f"There is no byte order mark: the file was read as {wide}.",)
        return wide or "utf-8"

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
        with expanded(self.path) as stream:
            while left > 0 and (block := stream.read(min(BLOCK, left))):
                left -= len(block)
                line += _line_ends(block) - (last == b"\r" and block[:1] == b"\n")
                last = block[-1:]
        return line

    def _unknown(self, at: int, found: list[Candidate]) -> UnknownEncoding:
        shown = " or ".join(f"{one.name} ({one.example})" for one in found)
        likely = shown or "cp1250, cp1251, shift_jis or gb18030"
        return UnknownEncoding(
            f"{self.name} is neither UTF-8 nor Windows-1252: line {at} holds the first byte that is not."
            f" Name its encoding, such as {likely}",
            [Problem(at, 1, "encoding", "")],
            offers=[Offer(f"Read it as {one.name} ({one.example})", {"encoding": one.name}) for one in found],
        )

    def verdict(self) -> tuple[str, tuple[str, ...], bool]:
        """The encoding, what to say about it, and whether some bytes are not of it."""
        if not self.undecoded:
            return self.guess, self.notes, False
        if self.decoded > self.undecoded or self.guess == "utf-8-sig":
            return self.guess, (), True
        at = self.first_bad_line
        found = candidates(self.foreign)
        windows = next((one.score for one in found if one.name == "cp1252"), -1.0)
        best = max((one.score for one in found), default=-1.0)
        if self.outside_windows or (windows < ENOUGH and best > windows + BETTER):
            raise self._unknown(
                at, [one for one in found if one.score > 0 or one.score == best][:MOST_OFFERS]
            )
        note = f"Line {at} holds a byte that is not UTF-8, so the file was read as Windows-1252."
        return "windows-1252", (note,), False


class UnknownEncoding(TableError):
    """The bytes are neither UTF-8 nor, as far as one can see, Windows-1252: a person is asked."""


def _family(name: str) -> str:
    """An encoding's name without its byte order."""
    bare = name.lower().replace("-", "").replace("_", "").removesuffix("sig")
    return bare[:5] if bare.startswith(("utf16", "utf32")) else bare


def _line_ends(block: bytes) -> int:
    """How many lines end in a block, whether at a line feed, a carriage return or both."""
    return block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")
