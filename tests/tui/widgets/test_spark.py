"""Sparklines: no row is lost, what is there is seen, and the width is the one asked for."""

from __future__ import annotations

import numpy as np
import pytest

from epochal.tui.widgets.spark import BARS, rebinned, spark


@pytest.mark.parametrize("bins", [1, 2, 7, 40])
@pytest.mark.parametrize("cells", [0, 1, 5, 16, 40, 100])
def test_a_sparkline_has_the_width_asked_for(bins: int, cells: int) -> None:
    counts = np.arange(1, bins + 1)
    assert len(spark(counts, cells)) == cells
    if 0 < cells < bins:
        assert rebinned(counts.astype(float), cells).sum() == pytest.approx(counts.sum())


def test_the_fullest_bin_is_a_full_bar_and_an_empty_one_is_blank() -> None:
    assert spark([0, 1, 1000, 500], 4) == " " + BARS[0] + BARS[-1] + BARS[3]
    assert spark([], 3) == spark([0, 0, 0], 3) == "   "
    assert spark([1, 2], 2, most=4) == BARS[1] + BARS[3]
