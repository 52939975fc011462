"""Sentinels: a number that stands far outside a column's others, repeatedly, may stand for a missing cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from epochal.data.tables.offers import as_option
from epochal.data.tables.table import Offer

Floats = NDArray[np.float64]

HUGE = 1e20
MOST = 4
TWICE = 2
LONG = 3


def sentinels(values: Floats) -> list[tuple[float, int]]:
    """Numbers such as -9999, 999.9 or 1e38 that lie far outside all others, each with its count."""
    found: list[tuple[float, int]] = []
    while len(found) < MOST and values.size:
        ends = (float(values.min()), float(values.max()))
        suspects = [end for end in ends if _looks_made_up(end)]
        known = len(found)
        for end in suspects:
            others = values[values != end]
            count = values.size - others.size
            if TWICE <= count <= others.size and _is_far(end, others):
                found.append((end, count))
                values = others
                break
        if len(found) == known:
            break
    return found


def _looks_made_up(value: float) -> bool:
    """Nines or eights throughout, or so large that it can only be the end of a number format."""
    digits = str(abs(int(value))) if value == np.floor(value) and abs(value) < HUGE else repr(abs(value))
    return abs(value) >= HUGE or (len(digits) > 1 and set(digits.replace(".", "")) in ({"9"}, {"8"}))


def _is_far(value: float, others: Floats) -> bool:
    low, high = float(others.min()), float(others.max())
    if low == high:
        return abs(value) >= HUGE
    with np.errstate(over="ignore"):
        width, gap = np.float64(high) - low, max(np.float64(low) - value, value - np.float64(high))
    is_negative_alone = value < 0 <= low and len(f"{-value:.0f}") >= LONG
    # The other end of the range may be a sentinel itself, as large as this one.
    return bool(gap > 0 and (gap > width or is_negative_alone or abs(value) >= HUGE))


def about_sentinels(name: str, values: Floats) -> tuple[list[str], list[Offer]]:
    """What to say of a column's sentinels, and the offer to take them as missing."""
    found = sentinels(values)
    if not found:
        return [], []
    others = values[~np.isin(values, [value for value, _ in found])]
    words = [number_text(value) for value, _ in found]
    shown = " and ".join(f"{word} ({count:,})" for word, (_, count) in zip(words, found, strict=True))
    items = tuple(f"{name}={word}" for word in words)
    note = (
        f"{name} has {shown} far outside its other values ({others.min():g} to {others.max():g}), as if for a"
        f" missing cell. {as_option('missing', *items)} takes them so."
    )
    return [note], [Offer(f"Take {' and '.join(words)} as missing in {name}", {"missing": items})]


def number_text(value: float) -> str:
    """A number in as many digits as it has."""
    return str(int(value)) if value == np.floor(value) and abs(value) < 1e15 else repr(value)
