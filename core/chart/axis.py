"""An axis: a span that rarely moves, and a few round numbers on it."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor, isclose, log10

Span = tuple[float, float]
"""From a lower to a higher number; of a logarithmic axis, their decimal logarithms."""

Tick = tuple[float, str]
"""A place on the axis, in the span's own numbers, and what is written there."""

# Numbers this small, and smaller, have no round steps between them that could be told apart.
LEAST = 1e-300


# An axis begins at zero where that is at most so far below the values, as a share of their own height.
NEAR, MAY_FALL = 0.25, 1.5


def settle(low: float, high: float, held: Span | None, *, log: bool = False, fitted: bool = False) -> Span:
    """A span with round ends for values from low to high, which on a logarithmic axis are above 0.

    The span held so far stays while it holds the values and is not more than twice too high. A fresh span
    fills more than half of its height, so the two bounds never take turns. A `fitted` one begins at zero
    only where that is near; others do so where values that fall might come there.
    """
    near = NEAR if fitted else MAY_FALL
    fresh = _log_span(low, high) if log else _linear_span(low, high, near)
    if held is None:
        return fresh
    bottom, top = (log10(low), log10(high)) if log else (low, high)
    height = held[1] - held[0]
    slack = 1e-9 * height
    holds = held[0] - slack <= bottom and top <= held[1] + slack
    return held if holds and 2 * (fresh[1] - fresh[0]) >= height - slack else fresh


def ticks(span: Span, most: int, *, smallest_step: float = 0.0, log: bool = False) -> list[Tick]:
    """At most `most` round numbers within the span; its two ends where fewer than two would fit."""
    if log:
        return _log_ticks(span, most)
    low, high = span
    for step in _round_steps(max((high - low) / most, smallest_step)):
        first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
        if last - first < most:
            break
    places = [place * step for place in range(first, last + 1)]
    if len(places) < 2:
        places, step = [low, high], (high - low) / 10
    return [(place, _written(place, step, max(abs(low), abs(high)))) for place in places]


def _linear_span(low: float, high: float, near: float) -> Span:
    size = max(abs(low), abs(high))
    if size < LEAST:
        low = high = size = 0.0
    if low >= 0 and (low < near * (high - low) or low == high):
        low = 0.0
    if high - low <= 1e-6 * size or high == low:
        low, high = low - (size or 0.0) / 2, high + (size or 1.0) / 2
    step = next(_round_steps((high - low) / 5))
    return floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step


def _log_span(low: float, high: float) -> Span:
    bottom, top = log10(low), log10(high)
    if top - bottom >= 3:
        return float(floor(bottom + 1e-9)), float(ceil(top - 1e-9))
    bottom = max(mark for mark in _one_two_five(floor(bottom) - 1, ceil(bottom) + 1) if mark <= bottom + 1e-9)
    above = (mark for mark in _one_two_five(floor(top) - 1, ceil(top) + 2) if mark >= top - 1e-9)
    return bottom, next(mark for mark in above if mark > bottom + 1e-9)


def _log_ticks(span: Span, most: int) -> list[Tick]:
    low, high = span
    first, last = ceil(low - 1e-9), floor(high + 1e-9)
    fine = [mark for mark in _one_two_five(first - 1, last + 1) if low - 1e-9 <= mark <= high + 1e-9]
    places = fine
    for step in range(1, last - first + 2):
        if len(places) <= most:
            break
        places = [float(place) for place in range(first, last + 1) if place % step == 0]
    if len(places) < 2:
        places = [low, high]
    return [(place, _power(place)) for place in places]


def _one_two_five(first_decade: int, last_decade: int) -> Iterator[float]:
    for decade in range(first_decade, last_decade + 1):
        yield from (decade, decade + log10(2), decade + log10(5))


def _round_steps(least: float) -> Iterator[float]:
    decade = floor(log10(least))
    while True:
        for factor in (1, 2, 5):
            step = factor * 10.0**decade if decade >= 0 else factor / 10.0**-decade
            if step >= least * (1 - 1e-9):
                yield step
        decade += 1


def _written(value: float, step: float, size: float) -> str:
    decimals = max(0, -floor(log10(step) + 1e-9))
    if size < 1e6 and decimals <= 5:
        return f"{value:.{decimals}f}"
    digits = max(0, floor(log10(size) + 1e-9) - floor(log10(step) + 1e-9))
    return "0" if isclose(value, 0, abs_tol=step / 100) else _short_exponent(f"{value:.{digits}e}")


def _power(exponent: float) -> str:
    decade = floor(exponent + 1e-9)
    factor = round(10 ** (exponent - decade))
    if -4 <= decade < 5:
        return f"{factor * 10.0**decade:.{max(0, -decade)}f}"
    return f"{factor}e{decade}"


def _short_exponent(number: str) -> str:
    digits, exponent = number.split("e")
    return f"{digits}e{int(exponent)}"
