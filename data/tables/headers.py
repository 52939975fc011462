"""Whether the first record names the columns, by what would be unlikely if it were data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from epochal.data.tables.amounts import amount
from epochal.data.tables.cells import is_missing
from epochal.data.tables.notations import is_number

CONSISTENT = 0.9
UNLIKELY = 0.05
FEWEST = 4


def names_columns(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool | None:
    """Whether the first record names the columns; None when it may as well be data."""
    # A header that stands again is no sign of data.
    rest = [row for row in rest if list(row) != list(first)]
    if not rest:
        return not any(_is_amount(cell) for cell in first)
    named: list[str] = []
    same: list[str] = []
    below: list[list[str]] = []
    words: list[int] = []
    for place, cell in enumerate(first):
        filled = [row[place] for row in rest if not is_missing(row[place])]
        below.append(filled)
        if not filled or sum(map(_is_amount, filled)) < CONSISTENT * len(filled):
            words.append(place)
        elif _is_amount(cell):
            same.append(cell)
        elif not is_missing(cell):
            named.append(cell)
    if not first[0].strip() and len(same) > 1 and same[0].strip() == "0" and _are_positions(same):
        # The names of an array, behind the empty one of its index.
        return True
    if same and not named and all(not first[place].strip() for place in words):
        counted = _counts_up(same, [below[place] for place in range(len(first)) if place not in words])
        if counted is not False:
            return counted
    if named and same:
        return True if _are_years(same) or _are_positions(same) else None
    recurring = [place for place in words if first[place].strip() and first[place] in below[place]]
    chance = 1.0
    for place in words:
        if place not in recurring and first[place].strip():
            chance *= _chance_of_a_new_word(below[place])
    if named:
        # A word above one column of numbers may be an odd cell of a first record that is data.
        is_odd_cell = len(named) == 1 and _times_again(first, rest, recurring) > 1
        return None if is_odd_cell and chance > UNLIKELY else True
    if same:
        return True if _are_years(same) else None if chance <= UNLIKELY and not recurring else False
    return _of_words(first, rest, recurring, chance)


def _is_amount(cell: str) -> bool:
    """Whether a cell is a number, with whatever unit."""
    return is_number(cell) or amount(cell.strip()) is not None


def _of_words(
    first: Sequence[str], rest: Sequence[Sequence[str]], recurring: Sequence[int], chance: float
) -> bool | None:
    """The answer where no column holds numbers."""
    used = [place for place, cell in enumerate(first) if cell or any(row[place] for row in rest)]
    recurs = _times_again(first, rest, recurring)
    if not recurs:
        is_distinct = len({first[place] for place in used}) == len(used)
        return True if chance <= UNLIKELY or (is_distinct and len(rest) < FEWEST) else None
    if recurs == 1 and chance <= UNLIKELY:
        return True
    return None if recurs == 1 and len(used) > 1 and chance < 1 else False


def _times_again(first: Sequence[str], rest: Sequence[Sequence[str]], recurring: Sequence[int]) -> int:
    """How often the words of the first record stand below, in the same column."""
    return sum(first[place] == row[place] for row in rest for place in recurring)


def _chance_of_a_new_word(below: Sequence[str]) -> float:
    """How likely one more cell of this column would be a word it does not hold (Good and Turing)."""
    if not below:
        return 1.0
    counts = Counter(below)
    return max(sum(count == 1 for count in counts.values()), 0.5) / len(below)


def _counts_up(same: Sequence[str], below: Sequence[Sequence[str]]) -> bool | None:
    """Whether numbers above numbers are positions: None when they may be data as well.

    Names made by counting begin with 0 where an array was written; as data they would be unlikely where
    the columns hold decimals, or are many.
    """
    if not _are_positions(same):
        return False
    has_decimals = sum(any("." in cell or "," in cell for cell in cells) for cells in below)
    if same[0].strip() == "0" and len(same) > 1:
        again = any(cell in cells for cell, cells in zip(same, below, strict=True))
        return (
            True
            if has_decimals * 2 >= len(same) or len(same) > 4
            else None
            if again or len(same) < 4
            else True
        )
    return None if has_decimals == len(same) > 2 else False


def _are_years(cells: Sequence[str]) -> bool:
    """Whether numbers in a header are names after all: years in even steps."""
    if len(cells) < 3 or not all(re.fullmatch("(?:1[89]|20)[0-9][0-9]", cell.strip()) for cell in cells):
        return False
    steps = {int(later) - int(earlier) for earlier, later in pairwise(cells)}
    return len(steps) == 1 and 0 not in steps


def _are_positions(cells: Sequence[str]) -> bool:
    """Whether numbers count the columns, from 0 or 1."""
    return len(cells) > 1 and any(
        [cell.strip() for cell in cells] == [str(n) for n in range(start, start + len(cells))]
        for start in (0, 1)
    )
