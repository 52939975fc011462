"""Axes: round numbers, and spans that stay where they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from epochal.core.chart.axis import settle, ticks

numbers = st.floats(-1e12, 1e12).filter(lambda number: number == 0 or abs(number) > 1e-12)


@given(numbers, numbers)
def test_a_span_holds_its_values_and_they_fill_more_than_half_of_it(one: float, other: float) -> None:
    low, high = sorted((one, other))
    bottom, top = settle(low, high, None)
    slack = 1e-6 * (top - bottom)
    assert bottom <= low + slack
    assert high - slack <= top
    assume(high - low > 1e-3 * max(abs(low), abs(high)))
    used = high - (0 if bottom == 0 else low)
    assert used > (top - bottom) / 2


@pytest.mark.parametrize(("low", "high"), [(0.0, 2.3e-309), (-5e-324, 0.0), (1e-310, 1e-305)])
def test_numbers_next_to_nothing_are_drawn_as_nothing(low: float, high: float) -> None:
    span = settle(low, high, None)
    assert span[0] - 1e-300 <= low <= high <= span[1]
    assert len(ticks(span, 5)) >= 2


@given(st.lists(numbers, min_size=1, max_size=30))
def test_a_span_is_held_until_a_value_leaves_it(values: list[float]) -> None:
    span = None
    for n in range(1, len(values) + 1):
        low, high = min(values[:n]), max(values[:n])
        held = span
        span = settle(low, high, held)
        assert settle(low, high, span) == span
        if held and held[0] <= low and high <= held[1] and span != held:
            assert span[1] - span[0] < (held[1] - held[0]) / 2


def test_a_falling_error_moves_its_axis_only_a_few_times() -> None:
    errors = 0.1 + 0.6 * np.exp(-np.arange(1000) / 80)
    spans, span = [], None
    for n in range(1, 1001, 5):
        span = settle(float(errors[:n].min()), float(errors[:n].max()), span)
        spans.append(span)
    assert len(set(spans)) <= 7
    assert span == (0.0, pytest.approx(0.8))


@pytest.mark.parametrize(
    ("span", "most", "labels"),
    [
        ((0, 0.8), 5, ["0.0", "0.2", "0.4", "0.6", "0.8"]),
        ((0, 256), 6, ["0", "50", "100", "150", "200", "250"]),
        ((0, 256), 2, ["0", "200"]),
        ((0.66, 0.7), 2, ["0.660", "0.700"]),
        ((-3, 5), 4, ["-2", "0", "2", "4"]),
        ((0, 3e6), 4, ["0", "1e6", "2e6", "3e6"]),
        ((1e-9, 3e-9), 4, ["1e-9", "2e-9", "3e-9"]),
    ],
)
def test_ticks_are_round_numbers(span: tuple[float, float], most: int, labels: list[str]) -> None:
    assert [label for _, label in ticks(span, most)] == labels


@pytest.mark.parametrize(
    ("low", "high", "most", "labels"),
    [
        (0.01, 0.7, 6, ["0.01", "0.1", "1"]),
        (0.2, 0.9, 6, ["0.2", "0.5", "1"]),
        (0.2, 0.2, 6, ["0.2", "0.5"]),
        (1e-5, 1, 3, ["0.0001", "0.01", "1"]),
        (1e-7, 9e-7, 4, ["1e-7", "2e-7", "5e-7", "1e-6"]),
    ],
)
def test_a_logarithmic_axis_is_marked_at_one_two_and_five(
    low: float, high: float, most: int, labels: list[str]
) -> None:
    assert [label for _, label in ticks(settle(low, high, None, log=True), most, log=True)] == labels


@given(numbers, numbers, st.integers(2, 9), st.booleans())
def test_ticks_are_at_least_two_and_tell_their_place(one: float, other: float, most: int, log: bool) -> None:
    low, high = sorted((abs(one) + 1e-9, abs(other) + 1e-9) if log else (one, other))
    assume(high - low > 1e-3 * abs(high))
    span = settle(low, high, None, log=log)
    found = ticks(span, most, log=log)
    assert 2 <= len(found) <= most
    height = span[1] - span[0]
    for place, label in found:
        assert span[0] - 1e-9 * height <= place <= span[1] + 1e-9 * height
        value = np.log10(float(label)) if log else float(label)
        assert abs(value - place) <= 0.06 * height


def test_whole_epochs_have_no_fractions() -> None:
    assert [label for _, label in ticks((0, 2), 9, smallest_step=1)] == ["0", "1", "2"]
