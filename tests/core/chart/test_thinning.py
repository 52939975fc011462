"""Thinning: what a chart column shows is what the curve did there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochal.core.chart.thinning import Floats, thin

values = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([0.0, 1.0, np.nan, np.inf, -np.inf]))


def points_by_column(x: Floats, y: Floats, columns: int, span: tuple[float, float]) -> dict[int, list[float]]:
    low, high = span
    found: dict[int, list[float]] = {}
    for at, value in zip(x, y, strict=True):
        if low <= at <= high and np.isfinite(value):
            column = min(int((at - low) * (columns / (high - low))), columns - 1)
            found.setdefault(column, []).append(float(value))
    return found


@given(st.lists(values, max_size=300), st.integers(1, 40), st.integers(-20, 100), st.integers(1, 400))
def test_every_column_keeps_its_lowest_and_highest_value(
    y: list[float], columns: int, low: int, width: int
) -> None:
    epochs = np.arange(1.0, len(y) + 1)
    errors = np.array(y, dtype=float)
    span = (float(low), float(low + width))
    thin_x, thin_y = thin(epochs, errors, columns, span)

    expected = points_by_column(epochs, errors, columns, span)
    kept = points_by_column(thin_x, thin_y, columns, span)
    assert {c: (min(v), max(v)) for c, v in kept.items()} == {
        c: (min(v), max(v)) for c, v in expected.items()
    }
    assert len(thin_x) <= 3 * columns + 2


@given(st.lists(values, min_size=1, max_size=200), st.integers(1, 30))
def test_what_remains_is_the_curve_s_own_points_from_first_to_last(y: list[float], columns: int) -> None:
    epochs = np.arange(1.0, len(y) + 1)
    errors = np.array(y, dtype=float)
    thin_x, thin_y = thin(epochs, errors, columns, (0.0, float(len(y))))

    drawn = np.isfinite(thin_x)
    assert np.array_equal(drawn, np.isfinite(thin_y))
    assert np.all(np.diff(thin_x[drawn]) > 0)
    assert np.array_equal(errors[thin_x[drawn].astype(int) - 1], thin_y[drawn])
    finite = epochs[np.isfinite(errors)]
    if finite.size:
        assert (thin_x[drawn][0], thin_x[drawn][-1]) == (finite[0], finite[-1])


@given(st.lists(values, max_size=200), st.integers(1, 30))
def test_a_gap_stands_between_columns_where_something_is_missing(y: list[float], columns: int) -> None:
    epochs = np.arange(1.0, len(y) + 1)
    errors = np.array(y, dtype=float)
    high = float(max(len(y), 1))
    finite = [i for i, value in enumerate(errors) if np.isfinite(value)]
    column = [min(int(epochs[i] * (columns / high)), columns - 1) for i in finite]
    missing = sum(
        finite[k + 1] - finite[k] > 1 and column[k + 1] != column[k] for k in range(len(finite) - 1)
    )
    thin_x, _ = thin(epochs, errors, columns, (0.0, high))
    gaps = np.isnan(thin_x)
    assert gaps.sum() == missing
    assert not gaps[:1].any()
    assert not gaps[-1:].any()
    assert not (gaps[1:] & gaps[:-1]).any()


def test_a_curve_shorter_than_the_chart_is_left_as_it_is() -> None:
    x, y = thin(np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.5, 2.0]), 80, (0.0, 128.0))
    assert x.tolist() == [1.0, 2.0, 3.0]
    assert y.tolist() == [3.0, 2.5, 2.0]


def test_points_already_drawn_stay_as_the_curve_grows() -> None:
    y = np.random.default_rng(0).random(1000)
    x = np.arange(1.0, 1001)
    before, _ = thin(x[:500], y[:500], 64, (0.0, 1024.0))
    after, _ = thin(x[:600], y[:600], 64, (0.0, 1024.0))
    finished = before[before < 496]
    assert np.array_equal(after[: finished.size], finished)


def test_a_span_that_holds_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"from 3\.0 to 3\.0"):
        thin(np.ones(1), np.ones(1), 10, (3.0, 3.0))
