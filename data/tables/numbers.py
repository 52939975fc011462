"""Plain numbers at NumPy's speed, only where the strict reader could not read them differently."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

PLAIN = b"0123456789+-.eE\r\n"
ZERO, NINE, LINE_FEED = b"0"[0], b"9"[0], b"\n"[0]


def plain_numbers(lines: Sequence[str], delimiter: str, width: int) -> NDArray[np.float64] | None:
    """Rows x `width` numbers, one row a line, NaN for an empty cell; None where there is any doubt.

    Doubtful is every character that is no part of a plain number, a line with another count of cells,
    a number too large for a float, and a whole number with leading zeros, which may be a code.
    """
    rows, text = len(lines), "".join(lines)
    if width < 2 or text.isspace() or not text.isascii() or delimiter in "+-.eE0123456789\r\n":
        return None
    written = text.encode()
    if written.translate(None, PLAIN + delimiter.encode()):
        return None
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        if "\r" in text:
            return None
        written = text.encode()
    marks = np.frombuffer(written, np.uint8)
    between = marks == ord(delimiter)
    # Blank lines, of which loadtxt says nothing or warns, and lines of another count of cells, mostly.
    if np.count_nonzero(between) != rows * (width - 1):
        return None
    ends = between | (marks == LINE_FEED)
    if _may_hold_codes(marks, ends):
        return None
    has_empty = bool(ends[0]) or text[-1] == delimiter or bool((ends[1:] & ends[:-1]).any())
    if has_empty:
        # Spaces in a row are one delimiter to the strict reader.
        if delimiter == " ":
            return None
        lines = _with_nan(text, delimiter).splitlines()
    try:
        values = np.loadtxt(lines, delimiter=delimiter, comments=None, ndmin=2)
    except ValueError:
        return None
    if values.shape != (rows, width) or np.isinf(values).any():
        return None
    # A line of delimiters alone is no record to the strict reader.
    return None if has_empty and np.isnan(values).all(axis=1).any() else values


def _may_hold_codes(marks: NDArray[np.uint8], ends: NDArray[np.bool_]) -> bool:
    """Whether a cell begins with a zero and two more digits."""
    zero = (marks[1:-2] == ZERO) & ends[:-3]
    digit = (marks >= ZERO) & (marks <= NINE)
    first = bool(len(marks) > 2 and marks[0] == ZERO and digit[1] and digit[2])
    return first or bool((zero & digit[2:-1] & digit[3:]).any())


def _with_nan(text: str, delimiter: str) -> str:
    """The text with nan in its empty cells."""
    filled = delimiter + "nan" + delimiter
    text = text.replace(delimiter * 2, filled).replace(delimiter * 2, filled)
    text = text.replace("\n" + delimiter, "\nnan" + delimiter).replace(delimiter + "\n", delimiter + "nan\n")
    start = "nan" if text[0] == delimiter else ""
    return start + text + ("nan" if text[-1] == delimiter else "")
