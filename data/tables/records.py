"""The records of a delimited text: the standard library's strict csv, with every fault located.

A fault never drags its neighbours along. When a stray quote swallows the lines after it, reading goes
on at the first line from which good records follow, so one bad line is one problem.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from epochal.data.tables.format import (
    CLOSING,
    Format,
    first_fault,
    is_free_of_quotes,
    is_quoted_well,
    oddity,
    parse,
)
from epochal.data.tables.numbers import plain_numbers
from epochal.data.tables.table import Problem

BLOCK = 1 << 19
LOOKAHEAD = 64
EXCERPT = 80
# After a fault so many lines are looked at, then more and more: to begin anew costs what is looked at.
SHORT, FARTHER, EVERYTHING = 64, 4, 1 << 40
UNDECODED = re.compile("[\udc80-\udcff]")


class Lines(Protocol):
    """A text that gives its next lines, about `hint` characters of them, ends kept; none at its end."""

    def readlines(self, hint: int = ..., /) -> list[str]:
        """The next lines."""


@dataclass
class Batch:
    """Records of the same width and the line each begins on; all of them as `numbers` if they are plain."""

    rows: list[list[str]] = field(default_factory=list)
    lines: Sequence[int] = ()
    numbers: NDArray[np.float64] | None = None


class Records:
    """All records of `width` cells, in batches; the others become problems.

    `faults` grows while the batches are read: (problem, cells found); after more than `most` of them
    nothing more is read. `damaged` text has lone surrogates where bytes were not of its encoding.
    `takes_numbers` is asked before every batch whether it may come as numbers alone, without their text.
    `blank` counts the lines without anything above the last record, `first_blank` is the first of them.
    `ends_open` says whether the last line read has no end.
    `passed_over` counts the lines with something on them that were skipped to get over a fault before them.
    """

    def __init__(
        self,
        lines: Lines,
        form: Format,
        width: int,
        *,
        first_line: int = 1,
        skip_last: int = 0,
        most: int | None = None,
        takes_numbers: Callable[[], bool] = lambda: False,
        damaged: bool = False,
    ) -> None:
        self.form = form
        self.width = width
        self.faults: list[tuple[Problem, int]] = []
        self.most = most
        self.takes_numbers = takes_numbers
        self.damaged = damaged
        self.blank = 0
        self.passed_over = 0
        self.blank_since = 0
        self.first_blank = 0
        self.first_line = first_line
        self.skip_last = skip_last
        self.source = lines
        self.buffer: list[str] = []
        self.number = 1
        self.held: list[str] = []
        self.ended = False
        self.ends_open = False
        self.reach = EVERYTHING

    def batches(self) -> Iterator[Batch]:
        """Read to the end; `faults` is complete once this is exhausted."""
        while self.number < self.first_line and (self.buffer or self._more()):
            skipped = min(self.first_line - self.number, len(self.buffer))
            self._forget(skipped)
        while (self.buffer or self._more()) and (self.most is None or len(self.faults) <= self.most):
            is_whole = self.reach >= len(self.buffer)
            batch = (
                self._plain_batch() if is_whole and self.takes_numbers() else None
            ) or self._strict_batch()
            if batch.lines:
                yield batch

    def _more(self) -> bool:
        """Lengthen the buffer; False at the end of the text."""
        if self.ended:
            return False
        lines = self.source.readlines(BLOCK)
        if lines:
            self.ends_open = not lines[-1].endswith(("\n", "\r"))
        if not lines:
            self.ended = True
            return False
        if not self.skip_last:
            self.buffer += lines
            return True
        waiting = self.held + lines
        self.held = waiting[-self.skip_last :]
        self.buffer += waiting[: -self.skip_last]
        return bool(self.buffer) or self._more()

    def _forget(self, lines: int) -> None:
        del self.buffer[:lines]
        self.number += lines

    def _plain_batch(self) -> Batch | None:
        """The whole buffer as numbers, if it holds nothing else."""
        numbers = plain_numbers(self.buffer, self.form.delimiter, self.width)
        if numbers is None:
            return None
        batch = Batch(lines=range(self.number, self.number + len(numbers)), numbers=numbers)
        self._count_blank()
        self._forget(len(self.buffer))
        return batch

    def _strict_batch(self) -> Batch:
        """The records of the buffer, or of its beginning, up to a fault that has to be got over."""
        reached = self.buffer[: self.reach]
        rows, ends, error = parse(reached, self.form)
        if error and _is_open(error) and len(reached) < len(self.buffer):
            self.reach *= FARTHER
            return Batch()
        if error and _is_open(error) and not self.ended and self._is_short(ends) and self._more():
            return Batch()
        text = "".join(reached)
        has_quotes = not is_free_of_quotes(text, self.form)
        suspicious = (
            self.damaged or self.form.delimiter + " " in text or any(mark in text for mark in CLOSING)
        )
        # A record of empty cells alone is a blank line, here as among quotes.
        empty = [""] * self.width
        if (
            not (error or has_quotes or suspicious)
            and set(map(len, rows)) <= {self.width}
            and (self.width == 1 or empty not in rows)
        ):
            batch = Batch(rows, range(self.number, self.number + len(rows)))
            self._count_blank()
            self._forget(len(reached))
            self.reach = min(EVERYTHING, FARTHER * self.reach)
            return batch
        good: list[list[str]] = []
        lines: list[int] = []
        begin = 0
        for row, end in zip(rows, ends, strict=True):
            if row and not any(row) and self.width > 1:
                row = []
            if not row:
                self.blank_since += 1
                self.first_blank = self.first_blank or self.number + begin
            elif len(row) != self.width or (has_quotes and not self._is_quoted_well(begin, end)):
                resume = self._got_over(begin, end, row)
                if resume != end:
                    self._forget(resume)
                    self.reach = SHORT
                    return Batch(good, lines)
            elif self.damaged and UNDECODED.search(self._text(begin, end)):
                self._note(begin, "encoding", 1, len(row))
            elif suspicious and (oddness := oddity(row, self._text(begin, end), self.form)):
                self._note(begin, oddness, 1, len(row))
            else:
                good.append(row)
                lines.append(self.number + begin)
                self._count_blank()
            begin = end
        self.reach = SHORT if error else min(EVERYTHING, FARTHER * self.reach)
        if error:
            begin = self._got_over(begin, len(reached), None, error)
        self._forget(begin)
        return Batch(good, lines)

    def _count_blank(self) -> None:
        """Blank lines count once something follows them."""
        self.blank += self.blank_since
        self.blank_since = 0

    def _is_short(self, ends: list[int]) -> bool:
        """Whether the record left open at the end of the buffer may still find its closing quote."""
        opened = ends[-1] if ends else 0
        return sum(map(len, self.buffer[opened:])) <= csv.field_size_limit()

    def _is_quoted_well(self, begin: int, end: int) -> bool:
        return is_quoted_well(self._text(begin, end), self.form)

    def _text(self, begin: int, end: int) -> str:
        return self.buffer[begin] if end - begin == 1 else "".join(self.buffer[begin:end])

    def _note(self, at: int, kind: str, column: int, cells: int) -> None:
        excerpt = UNDECODED.sub("\ufffd", self.buffer[at].rstrip("\r\n")[:EXCERPT])
        self.faults.append((Problem(self.number + at, column, kind, excerpt), cells))

    def _got_over(self, begin: int, end: int, row: list[str] | None, error: str = "") -> int:
        """Note the fault in the record at `begin`; the index of the line to go on with."""
        text = "".join(self.buffer[begin:end])
        kind, column, offset = self._fault(text, row, error)
        at, past = begin, 0
        while past + len(self.buffer[at]) <= offset and at < end - 1:
            past += len(self.buffer[at])
            at += 1
        self._note(at, kind, column, len(row) if row else 0)
        if row is not None and end - begin == 1:
            return end
        while not self.ended and len(self.buffer) < at + 2 * LOOKAHEAD and self._more():
            pass
        for resume in range(at + 1, min(at + LOOKAHEAD, len(self.buffer)) + 1):
            if self._continues(resume):
                self.passed_over += sum(1 for line in self.buffer[at + 1 : resume] if line.strip())
                return resume
        return at + 1

    def _fault(self, text: str, row: list[str] | None, error: str) -> tuple[str, int, int]:
        """The kind of fault, its column, and where in the record's text it is."""
        column, offset, kind = first_fault(text, self.form)
        if kind:
            return kind, column, offset
        if row is None:
            return ("long cell" if "limit" in error else "quote"), column, offset
        if other := self._other_delimiter(text, row):
            return other, 1, 0
        if len(row) < self.width:
            return "missing cells", len(row) + 1, 0
        return "extra cells", self.width + 1, 0

    def _other_delimiter(self, text: str, row: list[str]) -> str:
        """Whether another delimiter would make this one line fit."""
        if len(row) >= self.width:
            return ""
        for other in ",;\t|:":
            if other != self.form.delimiter and text.count(other) >= self.width - 1:
                rows, _, error = parse([text], Format(other, self.form.quote, space_after=True))
                if not error and len(rows) == 1 and len(rows[0]) == self.width:
                    return "delimiter"
        return ""

    def _continues(self, at: int) -> bool:
        """Whether good records follow from this line on."""
        rows, ends, error = parse(self.buffer[at : at + LOOKAHEAD], self.form, most=3)
        if not rows:
            return not error
        begin = at
        for row, length in zip(rows, ends, strict=True):
            if (row and len(row) != self.width) or not self._is_quoted_well(begin, at + length):
                return False
            begin = at + length
        return not error or len(rows) == 3


def _is_open(error: str) -> bool:
    return error.startswith("unexpected end")
