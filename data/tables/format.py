"""What takes a line apart: delimiter, quotes and escapes, and where these stand as they may not."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from epochal.data.tables.cells import is_missing
from epochal.data.tables.notations import is_number

CLOSING = {"'": "'", "`": "'`", "\u2018": "\u2019", "\u201c": "\u201d"}


@dataclass(frozen=True)
class Format:
    """What takes a line apart."""

    delimiter: str = ","
    quote: str = '"'
    space_after: bool = False
    escape: str = ""

    def reader(self, lines: Sequence[str]) -> Iterator[list[str]]:
        """The standard library's strict reader of these lines."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape or None,
            skipinitialspace=self.space_after,
            strict=True,
        )


def parse(lines: Sequence[str], form: Format, most: int = 0) -> tuple[list[list[str]], list[int], str]:
    """The records of these lines, the index after each one's last line, and what ended it early."""
    reader = form.reader(lines)
    rows: list[list[str]] = []
    ends: list[int] = []
    try:
        for row in reader:
            rows.append(row)
            ends.append(reader.line_num)  # type: ignore[attr-defined]
            if len(rows) == most:
                break
    except csv.Error as error:
        return rows, ends, str(error)
    return rows, ends, ""


def oddity(row: Sequence[str], text: str, form: Format) -> str:
    """What makes a record look as if written by other rules, though its count of cells is right."""
    if len(row) < 2:
        return ""
    if (
        all(cell[:1] == " " for cell in row[1:])
        and text.count(form.delimiter + " ") >= len(row) - 1
        and not form.space_after
        and not all(map(_is_plain, row))
    ):
        return "spaces"
    first = next((cell[0] for cell in row if cell), "")
    if first in CLOSING and all(
        not cell or (len(cell) > 1 and cell[0] == first and cell[-1] in CLOSING[first]) for cell in row
    ):
        return "strange quotes"
    return ""


def _is_plain(cell: str) -> bool:
    """Whether spaces around this cell say nothing: it is a number or empty."""
    return is_missing(cell) or is_number(cell)


def is_quoted_well(text: str, form: Format) -> bool:
    """Whether quotes and escapes in a record's text stand only where they may."""
    return is_free_of_quotes(text, form) or record_pattern(form).match(text) is not None


def is_free_of_quotes(text: str, form: Format) -> bool:
    """Whether nothing in a text could be a quote or an escape."""
    return not ('"' in text or form.quote in text or (form.escape and form.escape in text))


@cache
def _field_pattern(form: Format) -> re.Pattern[str]:
    quote, delimiter, escape = re.escape(form.quote), re.escape(form.delimiter), re.escape(form.escape)
    space = " *+" if form.space_after else ""
    pair = rf"{quote}{quote}|{escape}[{quote}{escape}]" if escape else quote * 2
    inside = rf"[^{quote}{escape}]*+(?:(?:{pair})[^{quote}{escape}]*+)*+"
    bare = rf"[^\"{quote}{delimiter}{escape}\r\n]"
    bare = rf"(?:{bare}|{escape}[{quote}{escape}{delimiter}])" if escape else bare
    return re.compile(rf"{space}(?:{quote}{inside}{quote}|{bare}*+)")


@cache
def record_pattern(form: Format) -> re.Pattern[str]:
    """One whole record in which quotes stand only around a field, or doubled inside one that has them."""
    one = _field_pattern(form).pattern
    return re.compile(rf"{one}(?:{re.escape(form.delimiter)}{one})*+[\r\n]*\Z")


def first_fault(text: str, form: Format) -> tuple[int, int, str]:
    """Column (from 1) and offset of the first field whose quotes are wrong; the kind is "" if none is."""
    pattern = _field_pattern(form)
    at, column = 0, 1
    while match := pattern.match(text, at):
        after = match.end()
        if after >= len(text) or text[after] in "\r\n":
            return column, at, ""
        if text[after] != form.delimiter:
            unclosed = match.group().strip() == "" and text[after] == form.quote
            escaped = "\\" + form.quote in text[at : after + 1]
            return column, at, "escaped quote" if escaped else "unclosed quote" if unclosed else "quote"
        at, column = after + 1, column + 1
    return column, at, ""


def usual_width(rows: Sequence[list[str]]) -> int:
    """How many cells most records have; the first one's count unless another is clearly more usual."""
    counts = Counter(len(row) for row in rows if len(row) > 1)
    if not counts:
        return 1 if any(rows) else 0
    first = next((len(row) for row in rows if row), 0)
    width, times = counts.most_common(1)[0]
    return first if counts[first] >= times or (times < 2 and first > 1) else width
