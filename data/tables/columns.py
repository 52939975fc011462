"""A column decided over all its cells: what it holds, what does not fit, what should be said of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from epochal.data.tables.date_notes import about_dates
from epochal.data.tables.kinds import MOSTLY, kind_of_numbers, kind_of_texts
from epochal.data.tables.labels import about_alike, about_words, are_levels, merged
from epochal.data.tables.notations import Convention, Counts, Flags
from epochal.data.tables.offers import as_option
from epochal.data.tables.rules import Rules
from epochal.data.tables.sentinels import about_sentinels
from epochal.data.tables.table import Column, Offer
from epochal.data.tables.written import Amounts, Written, about_writing, amounts_in, numbers_in

MOST_WORDS = 5
FEWEST_NUMBERS = 20

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
    """A column, what does not fit in it, what should be said about it, and the repairs offered.

    `doubt` is the first cell that can be read in two ways, where nothing in the file says which.
    """

    column: Column
    strays: tuple[Stray, ...] = ()
    notes: tuple[str, ...] = ()
    tokens: dict[str, int] = field(default_factory=dict)
    offers: tuple[Offer, ...] = ()
    doubt: Stray | None = None


@dataclass(frozen=True, eq=False)
class Texts:
    """The distinct texts of a column in order of appearance, and which of them stands in each row."""

    name: str
    texts: tuple[str, ...]
    codes: Codes
    rules: Rules
    bare: list[str]
    counts: Counts
    empty: Flags
    amounts: Amounts | None

    @classmethod
    def of(cls, name: str, texts: tuple[str, ...], codes: Codes, rules: Rules) -> Texts:
        """Count the texts, and take them apart as amounts unless they are to stay texts."""
        bare = [text.strip() for text in texts]
        counts = np.bincount(codes, minlength=len(texts))
        empty = np.array([rules.is_missing(text) for text in bare], bool)
        are_texts = rules.is_text or bool(empty.all()) or (not rules.as_number and _are_codes(bare, empty))
        amounts = None if are_texts else amounts_in(bare, counts, empty, lenient=rules.as_number)
        return cls(
            name=name,
            texts=texts,
            codes=codes,
            rules=rules,
            bare=bare,
            counts=counts,
            empty=empty,
            amounts=amounts,
        )

    @property
    def filled(self) -> int:
        """How many cells hold something."""
        return int(self.counts[~self.empty].sum())

    def votes(self) -> str:
        """The decimal mark this column speaks for, empty if none."""
        if self.amounts is None or self.amounts.cells < MOSTLY * self.filled:
            return ""
        marks = self.amounts.marks
        own = max(marks.comma, marks.point)
        if not own or own < (1 - MOSTLY) * self.filled:
            return ""
        return "," if marks.comma > marks.point else "."


def is_code(bare: str) -> bool:
    """Whether leading zeros make this a code such as a postcode, not a quantity."""
    return len(bare) > 2 and bare[0] == "0" and bare.isdecimal()


def of_numbers(name: str, values: Floats, tokens: dict[str, int], rules: Rules) -> Found:
    """A column of plain numbers."""
    for number in sorted(rules.numbers):
        gone = values == number
        if gone.any():
            tokens = {**tokens, f"{number:.15g}": int(gone.sum())}
            values = np.where(gone, np.nan, values)
    missing = np.isnan(values)
    filled = values[~missing] if missing.any() else values
    kind, notes = kind_of_numbers(name, filled)
    if rules.keep or rules.as_number:
        kind = "number"
    said, offers = about_sentinels(name, filled) if kind == "number" else ([], [])
    return Found(Column(name, kind, values), (), (*notes, *said), tokens, tuple(offers))


def of_texts(column: Texts, convention: Convention) -> Found:
    """A column of texts: numbers written in some way, or what texts are."""
    if column.amounts is not None:
        written = numbers_in(column.amounts, convention)
        if _are_numbers(column, written):
            return _of_written(column, column.amounts, written)
    return _of_words(column, convention)


def _are_numbers(column: Texts, written: Written) -> bool:
    """Whether the column holds numbers, maybe with a few cells to mend.

    A few words among many numbers are for a person to look at, whatever their share.
    """
    counts, filled = column.counts, column.filled
    strays = ~(written.fits | column.empty)
    share = int(counts[written.fits].sum()) / filled
    if column.rules.as_number or share == 1 or share >= MOSTLY:
        return True
    if strays.sum() == 1 and counts[strays].sum() == 1 and filled > 3:
        return True
    return (
        int(strays.sum()) <= MOST_WORDS
        and int(written.fits.sum()) > FEWEST_NUMBERS
        and not any(column.bare[i][0].isdecimal() for i in np.flatnonzero(strays))
    )


def _of_written(column: Texts, found: Amounts, written: Written) -> Found:
    name, codes, texts = column.name, column.codes, column.texts
    worth = written.worth.copy()
    infinite = np.isinf(worth)
    strays = ~(written.fits | column.empty)
    bad = strays | infinite
    kinds = np.where(infinite, "too large a number", "text in numbers")
    placed = tuple(
        Stray(int(row), str(kinds[codes[row]]), texts[codes[row]]) for row in np.flatnonzero(bad[codes])
    )
    worth[infinite] = np.nan
    tokens = _tokens(column, column.empty)
    result = of_numbers(name, worth[codes], tokens, column.rules)
    doubt = None
    if not written.is_clear:
        row = int(np.flatnonzero((found.candidates & ~_is_short(found))[codes])[0])
        doubt = Stray(row, "decimal or thousands", texts[codes[row]])
    notes = (*about_writing(name, found, written), *result.notes)
    offers = (*_offers_for(column, strays), *result.offers)
    return replace(result, strays=placed, notes=notes, offers=offers, doubt=doubt)


def _is_short(found: Amounts) -> Flags:
    return np.array([not ("," in core or "." in core) for core in found.cores], bool)


def _offers_for(column: Texts, strays: Flags) -> list[Offer]:
    """Offers for the few cells among the numbers that are none: limits, a unit, words for a missing cell."""
    words = [column.bare[i] for i in np.flatnonzero(strays)]
    if words and column.amounts and not column.rules.as_number:
        lenient = amounts_in(column.bare, column.counts, column.empty, lenient=True)
        if lenient.candidates[strays].all():
            return [_as_numbers(column.name, lenient)]
    if not words or len(words) > MOST_WORDS:
        return []
    shown = " and ".join(repr(word) for word in words)
    return [
        Offer(
            f"Take {shown} as missing in {column.name}",
            {"missing": tuple(f"{column.name}={word}" for word in words)},
        )
    ]


def _tokens(column: Texts, empty: Flags) -> dict[str, int]:
    return {column.texts[i]: int(column.counts[i]) for i in np.flatnonzero(empty) if column.bare[i]}


def _of_words(column: Texts, convention: Convention) -> Found:
    """A column of texts that stay texts."""
    name, rules, counts = column.name, column.rules, column.counts
    empty = column.empty & ~are_levels(column.bare, counts, column.empty, rules, convention.words)
    filled = int(counts[~empty].sum())
    notes, offers = about_words(name, column.bare, counts, column.empty, empty)
    if not rules.is_text:
        mixed, repairs = _mixture(column, filled)
        notes, offers = [*mixed, *notes], [*repairs, *offers]
    order = np.cumsum(~empty) - 1
    order[empty] = -1
    kept = tuple(text for text, is_empty in zip(column.texts, empty, strict=True) if not is_empty)
    values = order[column.codes].astype(np.int32)
    if rules.merge:
        values, kept = merged(values, kept)
    left = np.bincount(values[values >= 0], minlength=len(kept))
    kind = kind_of_texts([text.strip() for text in kept], left, filled, rules)
    if kind == "category":
        said, repairs = about_alike(name, kept, left)
        notes, offers = [*notes, *said], [*offers, *repairs]
    elif kind in ("text", "identifier"):
        offers.append(Offer(f"Keep {name} as a feature", {"keep": (name,)}))
    order_of_dates = ""
    if kind == "date":
        order_of_dates, said, repairs = about_dates(name, kept, left, rules)
        notes, offers = said, repairs
    made = Column(name, kind, values, kept, order_of_dates)
    return Found(made, (), tuple(notes), _tokens(column, empty), tuple(offers))


def _are_codes(bare: list[str], empty: Flags) -> bool:
    """Whether the column holds codes of one width, some with leading zeros."""
    filled = [text for text, is_empty in zip(bare, empty, strict=True) if not is_empty]
    return (
        len({len(text) for text in filled}) == 1
        and all(text.isdecimal() for text in filled)
        and any(map(is_code, filled))
    )


def _mixture(column: Texts, filled: int) -> tuple[list[str], list[Offer]]:
    """What to say and to offer where some cells are numbers and others are not."""
    found = column.amounts
    if found is None:
        return [], []
    lenient = amounts_in(column.bare, column.counts, column.empty, lenient=True)
    numbers, all_numbers = found.cells, lenient.cells
    name = column.name
    if all_numbers == filled:
        return (
            [
                f"{name} holds numbers, some with {_around(lenient)}, and was read as text:"
                f" {as_option('as_number', name)} takes them as numbers."
            ],
            [_as_numbers(name, lenient)],
        )
    if not numbers or numbers == filled:
        return [], []
    strays = ~(found.candidates | column.empty)
    offers = _offers_for(column, strays) if numbers > filled - numbers else []
    note = f"{name} mixes {numbers} numbers with {filled - numbers} texts, so it was read as text."
    if offers:
        items = offers[0].reading["missing"]
        note += f" {as_option('missing', *items)} makes it numbers."  # type: ignore[misc]
    return [note], offers


def _as_numbers(name: str, found: Amounts) -> Offer:
    return Offer(f"Read {name} as numbers, without {_around(found)}", {"as_number": (name,)})


def _around(found: Amounts) -> str:
    return ", ".join(sorted(one.strip("#") for one in found.affixes if one)) or "limits such as <1"
