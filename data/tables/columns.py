"""What a column holds, decided over all its cells: numbers, categories, dates, text or identifiers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from epochal.data.tables.table import Column, Kind

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "?", "-", "."})
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
NUMBER_BYTES = b"0123456789+-.eE\n"
CODES = re.compile(rb"\n0[0-9]{2,}(?:\n|\Z)")
MOSTLY = 0.9
FEW = 9
EXACT = 2.0**53
MOST_CATEGORIES = 1000

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]


@dataclass(frozen=True)
class Notation:
    """One way of writing numbers; `plain` turns a text that matches into one float() understands."""

    name: str
    pattern: re.Pattern[str]
    plain: Callable[[str], str]


def _notation(name: str, pattern: str, plain: Callable[[str], str]) -> Notation:
    return Notation(name, re.compile(rf"[+-]?(?:{pattern})", re.ASCII), plain)


NOTATIONS = (
    Notation("", NUMBER, str),
    _notation("a decimal comma", r"(?:\d+(?:,\d*)?|,\d+)(?:[eE][+-]?\d+)?", lambda t: t.replace(",", ".")),
    _notation("commas between thousands", r"\d{1,3}(?:,\d{3})*(?:\.\d*)?", lambda t: t.replace(",", "")),
    _notation(
        "points between thousands and a decimal comma",
        r"\d{1,3}(?:\.\d{3})*(?:,\d*)?",
        lambda t: t.replace(".", "").replace(",", "."),
    ),
    _notation(
        "spaces between thousands",
        r"\d{1,3}(?:[ \u00a0\u202f]\d{3})*(?:\.\d*)?",
        lambda t: re.sub("[ \u00a0\u202f]", "", t),
    ),
    _notation(
        "spaces between thousands and a decimal comma",
        r"\d{1,3}(?:[ \u00a0\u202f]\d{3})*(?:,\d*)?",
        lambda t: re.sub("[ \u00a0\u202f]", "", t).replace(",", "."),
    ),
    _notation(
        "apostrophes between thousands",
        "\\d{1,3}(?:['\u2019]\\d{3})*(?:\\.\\d*)?",
        lambda t: re.sub("['\u2019]", "", t),
    ),
)

_MONTH = r"[A-Za-z]{3,9}\.?"
_DIGITS = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
_DAY = rf"{_DIGITS}|\d{{1,2}}[ -]?{_MONTH},?[ -]?\d{{2,4}}|{_MONTH} \d{{1,2}},? \d{{4}}"
_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?"
DATE = re.compile(rf"(?:{_DAY})(?:[T ]+(?:{_TIME}))?|{_TIME}|\d{{4}}-\d{{2}}|\d{{4}}[-/ ]?Q[1-4]", re.ASCII)
IDENTIFIER_NAME = re.compile(
    r"(?:^|[ _.-])(?:id|key|uuid|guid|index|idx|rownames|row|no|nr)$|Id$|ID$|^column 1$", re.ASCII
)


def is_missing(cell: str, more: frozenset[str] = frozenset()) -> bool:
    """Whether a cell stands for nothing."""
    bare = cell.strip()
    return bare.lower() in MISSING or bare in more


def is_number(cell: str) -> bool:
    """Whether a cell is a number in any notation: not `1_000`, `0x1f` or `infinity`."""
    bare = cell.strip()
    return any(notation.pattern.fullmatch(bare) for notation in NOTATIONS)


@dataclass(frozen=True)
class Stray:
    """A cell that does not belong in its column: which row, and why in one or two words."""

    row: int
    kind: str
    cell: str


@dataclass(frozen=True)
class Found:
    """A column, what does not fit in it, and what should be said about it."""

    column: Column
    strays: tuple[Stray, ...] = ()
    notes: tuple[str, ...] = ()
    tokens: dict[str, int] = field(default_factory=dict)


class Building:
    """A column under construction, chunk by chunk.

    Plain numbers are kept as numbers and their text is forgotten. When a later chunk shows that the
    column is not plain numbers `reread` becomes True: it must be read once more with `as_text`.
    """

    def __init__(self, missing: frozenset[str], *, as_text: bool = False) -> None:
        self.missing = missing
        self.as_text = as_text
        self.reread = False
        self.numbers: list[Floats] = []
        self.codes: list[Codes] = []
        self.texts: dict[str, int] = {}
        self.tokens: dict[str, int] = {}

    def add(self, cells: Sequence[str]) -> None:
        """Take the next cells of the column."""
        if self.reread:
            return
        if not self.as_text:
            numbers = self._numbers(cells)
            if numbers is not None:
                self.numbers.append(numbers)
                return
            if self.numbers:
                self.reread = True
                self.numbers.clear()
                return
            self.as_text = True
        known = self.texts
        self.codes.append(np.array([known.setdefault(cell, len(known)) for cell in cells], np.int32))

    def add_numbers(self, values: Floats) -> None:
        """Take the next cells, plain numbers already; not in a column that holds text."""
        if self.as_text:
            raise AssertionError("numbers without their text cannot go into a column of text")
        if not self.reread:
            self.numbers.append(values.copy())

    def _numbers(self, cells: Sequence[str]) -> Floats | None:
        """The cells as plain numbers, NaN where missing; None if any is something else."""
        joined = "\n" + "\n".join(cells)
        if joined.isascii() and not (written := joined.encode()).translate(None, NUMBER_BYTES):
            try:
                values = np.fromiter(map(float, cells), np.float64, len(cells))
            except ValueError:
                values = None
            if values is not None:
                return values if np.isfinite(values).all() and not CODES.search(written) else None
        worth: dict[str, float] = {}
        tokens: dict[str, int] = {}
        for cell in set(cells):
            bare = cell.strip()
            if NUMBER.fullmatch(bare):
                value = float(bare)
                if abs(value) == np.inf or _is_code(bare):
                    return None
                worth[cell] = value
            elif is_missing(bare, self.missing):
                worth[cell] = np.nan
                if bare:
                    tokens[cell] = 0
            else:
                return None
        for token in tokens:
            self.tokens[token] = self.tokens.get(token, 0) + cells.count(token)
        return np.fromiter(map(worth.__getitem__, cells), np.float64, len(cells))

    def finish(self, name: str, rows: int, *, keep_text: bool, decimal_comma: bool) -> Found:
        """Decide what the column of so many rows holds.

        `keep_text` forbids numbers; `decimal_comma` settles `1,234`. AssertionError if a cell is missing
        or too many: a column out of step with the others would pair rows with other rows' labels.
        """
        taken = sum(map(len, self.numbers)) + sum(map(len, self.codes))
        if taken != rows or (self.numbers and self.codes):
            raise AssertionError(f"{name} has {taken} values for {rows} rows: please report this")
        if self.numbers or not self.codes:
            values = np.concatenate(self.numbers) if self.numbers else np.empty(0)
            self.numbers.clear()
            return _of_numbers(name, values, self.tokens)
        codes = np.concatenate(self.codes)
        self.codes.clear()
        texts = tuple(self.texts)
        counts = np.bincount(codes, minlength=len(texts))
        return _of_texts(
            name, texts, codes, counts, self.missing, keep_text=keep_text, decimal_comma=decimal_comma
        )


def _is_code(bare: str) -> bool:
    """Whether leading zeros make this a code such as a postcode, not a quantity."""
    return len(bare) > 2 and bare[0] == "0" and bare.isdecimal()


def _of_numbers(name: str, values: Floats, tokens: dict[str, int]) -> Found:
    kind: Kind = "number"
    notes: list[str] = []
    missing = np.isnan(values)
    filled = values[~missing] if missing.any() else values
    like_identifier = IDENTIFIER_NAME.search(name) is not None
    large = filled.size > 0 and max(filled.max(), -filled.min()) > EXACT
    if (large or like_identifier) and filled.size and bool(np.all(filled == np.floor(filled))):
        if large:
            notes.append(f"{name} holds whole numbers beyond 2^53, which are not exact here.")
        if like_identifier and np.unique(filled).size == filled.size > 2:
            kind = "identifier"
    return Found(Column(name, kind, values), (), tuple(notes), tokens)


def _of_texts(
    name: str,
    texts: tuple[str, ...],
    codes: Codes,
    counts: NDArray[np.intp],
    missing: frozenset[str],
    *,
    keep_text: bool,
    decimal_comma: bool,
) -> Found:
    bare = [text.strip() for text in texts]
    empty = np.array([is_missing(text, missing) for text in bare], bool)
    tokens = {texts[i]: int(counts[i]) for i in np.flatnonzero(empty) if bare[i]}
    filled = int(counts[~empty].sum())
    if not keep_text and filled and not _are_codes(bare, empty):
        notation, fits = _notation_of(bare, counts, empty, decimal_comma=decimal_comma)
        share = int(counts[fits].sum()) / filled
        strays = ~(fits | empty)
        if share == 1 or share >= MOSTLY or (strays.sum() == 1 and counts[strays].sum() == 1 and filled > 3):
            return _written_numbers(name, texts, bare, codes, fits, strays, notation, tokens)
    notes = _mixture(name, bare, counts, empty, filled) if not keep_text else ()
    order = np.cumsum(~empty) - 1
    order[empty] = -1
    kept = tuple(text for text, is_empty in zip(texts, empty, strict=True) if not is_empty)
    kind = _kind_of_texts([text.strip() for text in kept], counts[~empty], filled)
    column = Column(name, kind, order[codes].astype(np.int32), kept)
    return Found(column, (), notes, tokens)


def _are_codes(bare: list[str], empty: NDArray[np.bool_]) -> bool:
    """Whether the column holds codes of one width, some with leading zeros."""
    filled = [text for text, is_empty in zip(bare, empty, strict=True) if not is_empty]
    return (
        len({len(text) for text in filled}) == 1
        and all(text.isdecimal() for text in filled)
        and any(map(_is_code, filled))
    )


def _notation_of(
    bare: list[str], counts: NDArray[np.intp], empty: NDArray[np.bool_], *, decimal_comma: bool
) -> tuple[Notation, NDArray[np.bool_]]:
    """The notation in which most cells are numbers, and which texts are.

    Plain numbers stay what they are where another notation would give some of them another value and only
    one cell, or a few of a hundred, speak for it: `9.509` beside `1.234,5` may be either, so the odd cell is
    left for a person to look at.
    """
    best, best_fits, most = NOTATIONS[0], np.zeros(len(bare), bool), -1
    plain_fits = best_fits
    order = list(NOTATIONS)
    if not decimal_comma:
        order[1], order[2] = order[2], order[1]
    for notation in order:
        match = notation.pattern.fullmatch
        fits = np.array([match(text) is not None for text in bare], bool) & ~empty
        total = int(counts[fits].sum())
        # One odd cell among many plain numbers is a slip of the pen, not another notation.
        if total > most and not (notation.name and total == most + 1 and most >= FEW):
            best, best_fits, most = notation, fits, total
        if not notation.name:
            plain_fits = fits
    odd = int(counts[best_fits & ~plain_fits].sum())
    is_rare = odd <= 1 or odd <= (1 - MOSTLY) * int(counts[~empty].sum())
    both = np.flatnonzero(plain_fits & best_fits)
    if is_rare and any(float(bare[i]) != float(best.plain(bare[i])) for i in both):
        return NOTATIONS[0], plain_fits
    return best, best_fits


def _written_numbers(
    name: str,
    texts: tuple[str, ...],
    bare: list[str],
    codes: Codes,
    fits: NDArray[np.bool_],
    strays: NDArray[np.bool_],
    notation: Notation,
    tokens: dict[str, int],
) -> Found:
    worth = np.full(len(texts), np.nan)
    for i in np.flatnonzero(fits):
        worth[i] = float(notation.plain(bare[i]))
    infinite = np.isinf(worth)
    bad = strays | infinite
    found = [
        Stray(
            int(row), "too large a number" if infinite[codes[row]] else "text in numbers", texts[codes[row]]
        )
        for row in np.flatnonzero(bad[codes])
    ]
    worth[infinite] = np.nan
    result = _of_numbers(name, worth[codes], tokens)
    notes = list(result.notes)
    if notation.name:
        notes.insert(0, f"{name} is written with {notation.name}.")
    return Found(result.column, tuple(found), tuple(notes), tokens)


def _mixture(
    name: str, bare: list[str], counts: NDArray[np.intp], empty: NDArray[np.bool_], filled: int
) -> tuple[str, ...]:
    numbers = sum(
        int(count)
        for text, count, is_empty in zip(bare, counts, empty, strict=True)
        if not is_empty and NUMBER.fullmatch(text)
    )
    if not numbers or numbers == filled:
        return ()
    return (f"{name} mixes {numbers} numbers with {filled - numbers} texts, so it was read as text.",)


def _kind_of_texts(texts: list[str], counts: NDArray[np.intp], filled: int) -> Kind:
    if not texts:
        return "category"
    dates = sum(int(count) for text, count in zip(texts, counts, strict=True) if DATE.fullmatch(text))
    if dates >= MOSTLY * filled:
        return "date"
    length = sum(len(text) * int(count) for text, count in zip(texts, counts, strict=True)) / filled
    spaced = sum(int(count) for text, count in zip(texts, counts, strict=True) if " " in text)
    if length > 40 or any("\n" in text for text in texts):
        return "text"
    if len(texts) == filled and filled >= 5:
        return "text" if spaced > filled / 2 else "identifier"
    if len(texts) > MOST_CATEGORIES or (len(texts) > 20 and len(texts) > filled / 2):
        return "text"
    return "category"
