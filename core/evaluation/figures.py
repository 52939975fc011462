"""Figures as texts, in which no rounding claims more than was measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from epochal.core.numerals import UNKNOWN, formatted, significant


def percent(share: float) -> str:
    """A share as "85.5 %"; as many decimals as keep "0.0" for nothing and "100.0" for everything."""
    return f"{percentages(share)[0]} %" if math.isfinite(share) else UNKNOWN


def percentages(*shares: float) -> list[str]:
    """Shares in per cent, with as many decimals as tell them apart."""
    values = [100.0 * share for share in shares]
    return apart(values, (0.0, 100.0), lambda value, extra: formatted(value, f".{1 + extra}f"))


def probability(value: float, alpha: float) -> str:
    """A p-value, on the right side of `alpha` even when rounded."""
    # A smaller one is no different to anybody, and "at most" is said of it.
    decimals = 2 if value > 0.1 else 4
    return apart(
        [max(value, 1e-4)], (alpha, 1.0), lambda value, extra: formatted(value, f".{decimals + extra}f")
    )[0]


def interval_in_words(interval: tuple[float, float]) -> str:
    """`2.1 to 3.4`."""
    return " to ".join(figures(*interval))


def figures(*values: float) -> list[str]:
    """Numbers to three significant digits, or as many more as tell them apart."""
    return apart(values, (), lambda value, extra: significant(value, 3 + extra))


def apart(values: Sequence[float], marks: Sequence[float], text: Callable[[float, int], str]) -> list[str]:
    """The values as texts with as few extra digits as tell different ones, and the marks, apart.

    Differences beyond twelve more digits are the arithmetic's own.
    """
    different = len({*values, *marks})
    for extra in range(12):
        texts = [text(value, extra) for value in (*values, *marks)]
        if len(set(texts)) == different:
            break
    return texts[: len(values)]


def level_in_words(level: float) -> str:
    """`95 %`."""
    return f"{100.0 * level:g} %"


def rows_in_words(rows: int) -> str:
    """`62 held-out rows`."""
    return "1 held-out row" if rows == 1 else f"{rows} held-out rows"
