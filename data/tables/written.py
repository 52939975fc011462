"""Numbers in a column of texts: which cells are some, in the column's one notation, currency or unit."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.data.tables.amounts import ONE_LETTER_UNITS, Amount, amount, is_currency
from epochal.data.tables.notations import (
    Convention,
    Counts,
    Flags,
    Marks,
    Notation,
    best_notation,
    marks_of,
)

_BARE = re.compile(r"[0-9.,eE+\-'\s]*", re.ASCII)
FEWEST_WITH_UNIT = 3


@dataclass(frozen=True, eq=False)
class Amounts:
    """The distinct texts of a column, each with its count, taken apart as amounts where they are some.

    `cores` are the digits with their marks, `candidates` the texts whose currency or unit is the column's
    own `affix`, `affixes` all that occur.
    """

    cores: list[str]
    negative: Flags
    candidates: Flags
    counts: Counts
    affix: str
    affixes: frozenset[str]
    marks: Marks
    signs: bool

    @property
    def cells(self) -> int:
        """How many cells are amounts of the column's affix."""
        return int(self.counts[self.candidates].sum())


def amounts_in(bare: list[str], counts: Counts, empty: Flags, *, lenient: bool = False) -> Amounts:
    """Take the texts apart; `lenient`: bare numbers and limits such as `<0.5` go with a unit's numbers."""
    if not lenient and _BARE.fullmatch("".join(bare)):
        return _without_affixes(bare, counts, empty)
    found = [None if gone else amount(text, limits=lenient) for text, gone in zip(bare, empty, strict=True)]
    weights: Counter[str] = Counter()
    for one, count in zip(found, counts.tolist(), strict=True):
        if one is not None:
            weights[one.affix] += count
    affix = max(weights, key=lambda key: weights[key], default="")
    if lenient and not affix and len(weights) == 2:
        affix = next(key for key in weights if key)
    if affix and not (lenient or _is_unit(affix, found)):
        affix = ""
    accepted = {affix, ""} if lenient else {affix}
    candidates = np.array([one is not None and one.affix in accepted for one in found], bool) & ~empty
    cores = [one.core if one else text for one, text in zip(found, bare, strict=True)]
    return Amounts(
        cores=cores,
        negative=np.array([one is not None and one.negative for one in found], bool),
        candidates=candidates,
        counts=counts,
        affix=affix,
        affixes=frozenset(weights),
        marks=marks_of((cores[i], int(counts[i])) for i in np.flatnonzero(candidates)),
        signs=any(one is not None and not one.plain for one in found),
    )


def _without_affixes(bare: list[str], counts: Counts, empty: Flags) -> Amounts:
    """Texts of digits, marks and signs alone, which need no taking apart."""
    signed = np.array([text[:1] in ("-", "+") for text in bare], bool)
    cores = [text[1:] if is_signed else text for text, is_signed in zip(bare, signed.tolist(), strict=True)]
    return Amounts(
        cores=cores,
        negative=np.array([text[:1] == "-" for text in bare], bool),
        candidates=~empty,
        counts=counts,
        affix="",
        affixes=frozenset({""}),
        marks=marks_of(zip(*_filled(cores, counts, empty), strict=True)),
        signs=False,
    )


def _filled(cores: list[str], counts: Counts, empty: Flags) -> tuple[list[str], list[int]]:
    places = np.flatnonzero(~empty)
    return [cores[i] for i in places], counts[places].tolist()


def _is_unit(affix: str, found: list[Amount | None]) -> bool:
    """Whether what follows the numbers is a unit, rather than the end of a code such as `4WD` or `12A`."""
    if is_currency(affix):
        return True
    with_it = [one for one in found if one is not None and one.affix == affix]
    unit = affix.strip("#")
    return (
        len({one.core for one in with_it}) >= FEWEST_WITH_UNIT
        and (unit in ONE_LETTER_UNITS or len(unit) > 1 or all(one.spaced for one in with_it))
        and not any(len(one.core) > 1 and one.core[0] == "0" and one.core.isdecimal() for one in with_it)
    )


@dataclass(frozen=True, eq=False)
class Written:
    """The texts that are numbers in the best notation, their values, and whether that is beyond doubt."""

    notation: Notation
    fits: Flags
    worth: NDArray[np.float64]
    is_clear: bool


def numbers_in(found: Amounts, convention: Convention) -> Written:
    """The values of the amounts, NaN for every other text."""
    decimals, is_clear = convention.decimals(found.marks, found.cells)
    notations = convention.notations(decimals)
    notation, fits = best_notation(found.cores, found.counts, found.candidates, notations)
    worth = np.full(len(found.cores), np.nan)
    for i in np.flatnonzero(fits):
        value = float(notation.plain(found.cores[i]))
        worth[i] = -value if found.negative[i] else value
    return Written(notation, fits, worth, is_clear)


def about_writing(name: str, found: Amounts, written: Written) -> list[str]:
    """What to say of how the numbers are written."""
    notes: list[str] = []
    unit = found.affix.strip("#")
    if written.notation.name:
        notes.append(f"{name} is written with {written.notation.name}.")
    if unit in ("%", "‰"):
        notes.append(f"{name} is in {'percent' if unit == '%' else 'per mille'}: 12 {unit} was read as 12.")
    elif unit:
        notes.append(f"{name} is in {unit}, which was taken off its numbers.")
    if found.signs:
        notes.append(f"{name} has a minus sign of another kind, or numbers in parentheses: read as negative.")
    return notes
