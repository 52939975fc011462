"""Decimals and thousands: a convention of the file, found by the cells that can be read in one way only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.data.tables.amounts import SPACES, amount, is_currency
from epochal.data.tables.cells import NUMBER

MOSTLY = 0.9
FEW = 9
SURE = 10

Flags = NDArray[np.bool_]
Counts = NDArray[np.intp]


@dataclass(frozen=True)
class Notation:
    """One way of writing numbers; `plain` turns a text that matches into one float() understands."""

    name: str
    decimal: str
    thousands: str
    pattern: re.Pattern[str]
    plain: Callable[[str], str]


def _notation(name: str, decimal: str, thousands: str, pattern: str) -> Notation:
    gone = f"[{SPACES}]" if thousands == " " else "['\u2019]" if thousands == "'" else re.escape(thousands)

    def plain(text: str) -> str:
        return (re.sub(gone, "", text) if thousands else text).replace(decimal, ".")

    return Notation(name, decimal, thousands, re.compile(rf"[+-]?(?:{pattern})", re.ASCII), plain)


_SPACED = rf"\d{{1,3}}(?:[{SPACES}]\d{{3}})*"
NOTATIONS = (
    Notation("", ".", "", NUMBER, str),
    _notation("a decimal comma", ",", "", r"(?:\d+(?:,\d*)?|,\d+)(?:[eE][+-]?\d+)?"),
    _notation("commas between thousands", ".", ",", r"\d{1,3}(?:,\d{3})*(?:\.\d*)?"),
    _notation("points between thousands and a decimal comma", ",", ".", r"\d{1,3}(?:\.\d{3})*(?:,\d*)?"),
    _notation("spaces between thousands", ".", " ", rf"{_SPACED}(?:\.\d*)?"),
    _notation("spaces between thousands and a decimal comma", ",", " ", rf"{_SPACED}(?:,\d*)?"),
    _notation("apostrophes between thousands", ".", "'", "\\d{1,3}(?:['\u2019]\\d{3})*(?:\\.\\d*)?"),
    _notation("commas in the Indian way", ".", ",", r"\d{1,3}(?:(?:,\d{2})*,\d{3})?(?:\.\d*)?"),
)

# What a comma or a point can only be, whatever the others are.
_EITHER = {mark: re.compile(rf"[1-9]\d{{0,2}}{re.escape(mark)}\d{{3}}", re.ASCII) for mark in ",."}
_SHORT = re.compile(r"\d{1,3}", re.ASCII)
_LONG = re.compile(r"\d{4,}", re.ASCII)


@dataclass(frozen=True)
class Marks:
    """How many cells of a column speak for which decimal mark, and how many may be read either way."""

    comma: int = 0
    point: int = 0
    either_comma: int = 0
    either_point: int = 0
    short: int = 0
    ungrouped: int = 0

    @property
    def are_clear(self) -> bool:
        """Whether no cell may be read in two ways."""
        return not (self.either_comma or self.either_point)


def marks_of(cores: Iterable[tuple[str, int]]) -> Marks:
    """The marks in numbers without their signs, each with its count."""
    seen = dict.fromkeys(("comma", "point", "either_comma", "either_point", "short", "ungrouped"), 0)
    for core, count in cores:
        says = _speaks_for(core)
        seen[says] = seen.get(says, 0) + count
    seen.pop("", None)
    return Marks(**seen)


def _speaks_for(core: str) -> str:
    comma, point = core.rfind(","), core.rfind(".")
    if comma < 0 and point < 0:
        return "short" if _SHORT.fullmatch(core) else "ungrouped" if _LONG.fullmatch(core) else ""
    if comma >= 0 and point >= 0:
        return "comma" if comma > point else "point"
    mark = "," if comma >= 0 else "."
    if _EITHER[mark].fullmatch(core):
        return "either_comma" if mark == "," else "either_point"
    once = core.count(mark) == 1
    return ("comma" if mark == "," else "point") if once else ("point" if mark == "," else "comma")


@dataclass(frozen=True)
class Convention:
    """What is known of the whole file: marks that were asked for, and how many columns speak for which.

    `words` stand for a missing cell among the numbers of other columns.
    """

    delimiter: str = ","
    decimal: str | None = None
    thousands: str | None = None
    comma: int = 0
    point: int = 0
    words: frozenset[str] = frozenset()

    def decimals(self, marks: Marks, filled: int) -> tuple[str, bool]:
        """The decimal marks a column may have, and whether it is clear which."""
        if self.decimal is not None:
            return self.decimal, True
        if self.thousands in (",", "."):
            return ("." if self.thousands == "," else ","), True
        if marks.are_clear or (marks.comma and marks.point):
            return ".,", True
        if marks.comma or marks.point:
            own, elsewhere, contrary = (
                (marks.comma, self.comma, marks.either_point)
                if marks.comma
                else (marks.point, self.point, marks.either_comma)
            )
            is_rare = own <= 1 or own <= (1 - MOSTLY) * filled
            if is_rare and contrary and not elsewhere:
                return ".,", True
            return ("," if marks.comma else "."), True
        if marks.ungrouped:
            return ("," if marks.either_comma else "."), not (marks.either_comma and marks.either_point)
        if marks.either_comma and marks.either_point:
            return ".,", False
        if bool(self.comma) != bool(self.point):
            return ("," if self.comma else "."), True
        if marks.either_comma:
            # Who writes commas between cells rarely writes decimal commas, and drops no zeros behind them.
            return ".", self.delimiter == "," and not self.comma and marks.short > 0
        # Who drops no zeros has no bare 397 beside 92.910; who does has other decimals than three.
        drops_zeros = marks.short > 0 and marks.either_point >= SURE
        return ".", not (self.comma or self.delimiter == ";" or drops_zeros)

    def notations(self, decimals: str) -> list[Notation]:
        """The ways of writing numbers to try, the likelier one first."""
        chosen = [
            one
            for one in NOTATIONS
            if one.decimal in decimals and (self.thousands is None or one.thousands in ("", self.thousands))
        ]
        if self.delimiter == "," and len(decimals) > 1:
            chosen.sort(key=lambda one: (one.name != "", one.name == "a decimal comma"))
        return chosen


def best_notation(
    cores: list[str], counts: Counts, candidates: Flags, notations: list[Notation]
) -> tuple[Notation, Flags]:
    """The notation in which most cells are numbers, and which texts are.

    Plain numbers stay what they are where another notation would give some of them another value and only
    one cell, or a few of a hundred, speak for it: `9.509` beside `1.234,5` may be either, so the odd cell is
    left for a person to look at.
    """
    best, best_fits, most = notations[0], np.zeros(len(cores), bool), -1
    plain_fits, whole = best_fits, int(counts[candidates].sum())
    for notation in notations:
        match = notation.pattern.fullmatch
        fits = np.array([match(text) is not None for text in cores], bool) & candidates
        total = int(counts[fits].sum())
        # One odd cell among many plain numbers is a slip of the pen, not another notation.
        if total > most and not (notation.name and total == most + 1 and most >= FEW):
            best, best_fits, most = notation, fits, total
        if not notation.name:
            plain_fits = fits
        if most == whole:
            break
    odd = int(counts[best_fits & ~plain_fits].sum())
    is_rare = odd <= 1 or odd <= (1 - MOSTLY) * whole
    both = np.flatnonzero(plain_fits & best_fits)
    if is_rare and any(float(cores[i]) != float(best.plain(cores[i])) for i in both):
        return NOTATIONS[0], plain_fits
    return best, best_fits


def is_number(cell: str) -> bool:
    """Whether a cell is a number in some notation, money too: not `1_000`, `0x1f` or `infinity`."""
    bare = cell.strip()
    if NUMBER.fullmatch(bare):
        return True
    found = amount(bare)
    if found is None or (found.affix and not is_currency(found.affix)):
        return False
    return any(notation.pattern.fullmatch(found.core) for notation in NOTATIONS)
