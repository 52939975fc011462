"""A column decided over all its cells: what it holds, what does not fit, what should be said of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from epochal.data.tables.cells import NOTATIONS, NUMBER, Notation, is_missing
from epochal.data.tables.kinds import IDENTIFIER_NAME, MOSTLY, kind_of_texts
from epochal.data.tables.table import Column, Kind

FEW = 9
EXACT = 2.0**53

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]


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


def is_code(bare: str) -> bool:
    """Whether leading zeros make this a code such as a postcode, not a quantity."""
    return len(bare) > 2 and bare[0] == "0" and bare.isdecimal()


def of_numbers(name: str, values: Floats, tokens: dict[str, int]) -> Found:
    """A column of plain numbers."""
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


def of_texts(
    name: str,
    texts: tuple[str, ...],
    codes: Codes,
    counts: NDArray[np.intp],
    missing: frozenset[str],
    *,
    keep_text: bool,
    decimal_comma: bool,
) -> Found:
    """A column of texts, each once with its count; `codes` say which stands in which row."""
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
    kind = kind_of_texts([text.strip() for text in kept], counts[~empty], filled)
    column = Column(name, kind, order[codes].astype(np.int32), kept)
    return Found(column, (), notes, tokens)


def _are_codes(bare: list[str], empty: NDArray[np.bool_]) -> bool:
    """Whether the column holds codes of one width, some with leading zeros."""
    filled = [text for text, is_empty in zip(bare, empty, strict=True) if not is_empty]
    return (
        len({len(text) for text in filled}) == 1
        and all(text.isdecimal() for text in filled)
        and any(map(is_code, filled))
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
    result = of_numbers(name, worth[codes], tokens)
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
