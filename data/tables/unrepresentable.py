"""Why a table of numbers that cannot be computed with is refused: the column, the rows, and the ways out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from epochal.core.rows.extremes import Extreme
from epochal.data.tables.offers import as_option
from epochal.data.tables.table import Offer, TableError

# So many columns, rows and different numbers are named.
MOST_COLUMNS, MOST_PLACES, MOST_VALUES = 3, 3, 4

Rows = NDArray[np.intp]


class Unrepresentable(TableError):
    """Columns hold numbers that cannot be computed with; `offers` are the readings without those."""

    def __init__(self, extremes: Sequence[Extreme], rows: Rows) -> None:
        super().__init__("; ".join(_extreme_in_words(one, rows) for one in extremes[:MOST_COLUMNS]))
        self.features = tuple(one.name for one in extremes if not one.is_target)
        words = [_as_missing(one) for one in extremes]
        if all(words):
            items = tuple(item for each in words for item in each)
            self.offers = (Offer("Take those numbers as missing", {"missing": items}),)


def _as_missing(extreme: Extreme) -> tuple[str, ...]:
    """The words that say so; none where they are many numbers, which stand for themselves."""
    is_few = extreme.kind == "large" and len(extreme.values) <= MOST_VALUES
    return tuple(f"{extreme.name}={value!r}" for value in extreme.values) if is_few else ()


def _extreme_in_words(extreme: Extreme, rows: Rows) -> str:
    name, values, count = extreme.name, extreme.values, len(extreme.rows)
    if extreme.kind == "small":
        return f"{name} holds no number beyond {values[-1]:.3g}, too small to compute with: multiply it first"
    places = ", ".join(f"{rows[row] + 1:,}" for row in extreme.rows[:MOST_PLACES])
    places += f" and {count - MOST_PLACES:,} more" if count > MOST_PLACES else ""
    numbers = " and ".join(map(repr, values[:2])) + (", ..." if len(values) > 2 else "")
    leave_out = f"leave the column out (--ignore {name})"
    ways = ["divide the column first" if extreme.is_target else leave_out]
    if words := _as_missing(extreme):
        ways.insert(0, f"if it stands for a missing cell, say so ({as_option('missing', *words)})")
    return (
        f"{name} holds {'a number' if count == 1 else f'{count:,} numbers'} too large to compute with "
        f"({'row' if count == 1 else 'rows'} {places}: {numbers}): {', or '.join(ways)}"
    )
