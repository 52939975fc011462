"""Scaling: what each rule makes of a column, against plain formulas."""

from __future__ import annotations

import numpy as np
import pytest

from epochal.core.rows.examples import Examples, Feature
from epochal.core.rows.preparation import prepare, smoothly_clipped, unclipped
from epochal.core.rows.scaling import SCALINGS


def with_outlier() -> Examples:
    """A column of two hundred numbers, one of them a million times as far out as the others."""
    column = np.random.default_rng(0).normal(5.0, 2.0, 200)
    column[17] = 1e7
    return Examples((Feature("x"), Feature("y")), np.column_stack([column, np.arange(200.0)]), np.zeros(200))


def test_smooth_clip_is_median_quartiles_and_a_bound() -> None:
    """Nearly the robust scaling in the middle; an outlier, also one far beyond training, stays within 3."""
    examples, train = with_outlier(), np.arange(150)
    clipped, robust = (
        prepare(examples, train, name).inputs(examples.inputs) for name in ("smooth-clip", "robust")
    )
    np.testing.assert_allclose(clipped, robust / np.sqrt(1.0 + (robust / 3.0) ** 2), rtol=1e-12)
    assert np.abs(clipped).max() <= 3.0
    assert clipped[17, 0] == pytest.approx(3.0, abs=1e-6)
    middle = np.abs(robust[:, 0]) < 0.3
    np.testing.assert_allclose(clipped[middle, 0], robust[middle, 0], rtol=0.006)


def test_clipping_keeps_the_order_and_can_be_undone() -> None:
    """Strictly rising, and inverted as far as digits go."""
    values = np.linspace(-20.0, 20.0, 401)
    clipped = smoothly_clipped(values, 3.0)
    assert (np.diff(clipped) > 0).all()
    np.testing.assert_allclose([unclipped(one, 3.0) for one in clipped.tolist()], values, atol=1e-9)
    assert unclipped(3.0, 3.0) == np.inf
    assert unclipped(0.7, np.inf) == 0.7


@pytest.mark.parametrize("name", [name for name in SCALINGS if name != "smooth-clip"])
def test_no_other_scaling_clips(name: str) -> None:
    """What lies far out stays far out."""
    assert prepare(with_outlier(), np.arange(200), name).bound == np.inf


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [0.1, 37.3, 1e9])
def test_robust_scaling_does_not_divide_by_rounding(seed: int, size: float) -> None:
    """Equal numbers that differ in their last digit are equal; the others decide the spread."""
    rng = np.random.default_rng(seed)
    column = size + rng.choice([-1.0, 0.0, 1.0], 200) * np.spacing(size)
    column[:20] += rng.normal(size=20) * size
    _, spread = SCALINGS["robust"].value.learn(column[:, None])
    assert spread[0] > 1e-3 * size
