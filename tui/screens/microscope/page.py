"""A page of the microscope: formulas, named lines of numbers, and how one of them came about, in ASCII."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Terms of a sum that are written out; of the others it is said how many they are.
MOST_TERMS = 12


@dataclass(frozen=True)
class Column:
    """A column of numbers: its head, and the number on each line; `spare` where there is little room."""

    head: str
    at: Callable[[int], float]
    spare: bool = False


@dataclass(frozen=True, eq=False)
class Page:
    """One stage: so many `lines` of numbers below one another, each with a label, in columns.

    `worked` writes out how a line came about; `norm` is the length of the last column as a vector, None
    where that says nothing. `of_rows`: the lines are the batch's rows.
    """

    stage: str
    title: str
    formulas: tuple[str, ...]
    heading: str
    lines: int
    label: Callable[[int], str]
    columns: tuple[Column, ...]
    worked: Callable[[int], tuple[str, ...]]
    norm: float | None = None
    of_rows: bool = False


def column(head: str, values: Floats, *, spare: bool = False) -> Column:
    """A column of these numbers."""
    return Column(head, lambda place: float(values[place]), spare)


def plain(value: float) -> str:
    """Four significant digits: `0.4832`, `-12.3`, `1.2e-05`."""
    return f"{float(value) + 0.0:.4g}"  # minus nothing becomes nothing


def aligned(value: float) -> str:
    """The number for a column, at most ten characters, signed, its point below those above."""
    if not isfinite(value):
        return str(value)
    if value == 0.0:
        return "0    "
    return f"{value:+.4f}" if 1e-2 <= abs(value) < 1e4 else f"{value:+.2e}"


def with_numbers(formula: str, numbers: Mapping[str, float]) -> str | None:
    """The formula with numbers for its letters; None for one of several cases, which would not be read."""
    if any(word in formula for word in (" if ", " of ", "where", " to ", " but ")):
        return None

    def number(match: re.Match[str]) -> str:
        name = match.group()
        if name not in numbers:
            return name
        text = plain(numbers[name])
        begins = match.start() == 0 or formula[match.start() - 1] == "("
        followed = formula[match.end() : match.end() + 1] == "^"
        return f"({text})" if text.startswith("-") and (followed or not begins) else text

    return re.sub(r"\b[a-z]+\b'?", number, formula)


def came_to(symbol: str, formula: str, numbers: Mapping[str, float], value: float) -> str:
    """`a = tanh(0.5) = 0.4621`; where the formula has several cases, `s = 0.5, so a = 0.4621`."""
    text = with_numbers(formula, numbers)
    if text is not None:
        return f"{symbol} = {plain(value)}" if text == plain(value) else f"{symbol} = {text} = {plain(value)}"
    used = [
        f"{name} = {plain(number)}" for name, number in numbers.items() if re.search(rf"\b{name}\b", formula)
    ]
    return f"{', '.join(used)}, so {symbol} = {plain(value)}"


def sum_of_products(symbol: str, left: Floats, right: Floats, bias: float | None, whole: float) -> str:
    """`s = 0.5*2 + -1*3 + 0.1 = -1.9`; of many terms only the first."""
    terms = _products(left, right)
    if bias is not None:
        terms.append(plain(bias))
    return f"{symbol} = {' + '.join(terms)} = {plain(whole)}"


def mean_of_products(left: Floats, right: Floats, mean: float) -> str:
    """`mean = (0.5*2 + -1*3) / 2 = -1`."""
    terms = " + ".join(_products(left, right))
    if len(left) == 1:
        return f"mean = {terms} = {plain(mean)}"
    return f"mean = ({terms}) / {len(left):,} = {plain(mean)}"


def _products(left: Floats, right: Floats) -> list[str]:
    pairs = zip(left[:MOST_TERMS].tolist(), right[:MOST_TERMS].tolist(), strict=True)
    terms = [f"{plain(a)}*{plain(b)}" for a, b in pairs]
    if len(left) > MOST_TERMS:
        terms.append(f"... {len(left) - MOST_TERMS:,} more ...")
    return terms


def rows_in_words(count: int) -> str:
    """`1 row`, `32 rows`."""
    return f"{count:,} row{'' if count == 1 else 's'}"


def length(vector: Floats) -> float:
    """The vector's length; infinite where it overflows."""
    with np.errstate(all="ignore"):
        return float(np.linalg.norm(vector))
