"""The ground of the boundary in colours and letters, and the points on it."""

from __future__ import annotations

import numpy as np
import pytest

from epochal.tui.widgets.heat import LEVELS, MARKS, Dots, cells, class_colours, class_tones, number_tones


def test_certainty_grows_from_the_threshold_to_both_ends() -> None:
    positive = np.array([0.0, 0.19, 0.3, 0.31, 0.66, 1.0])
    answered, level = class_tones(np.column_stack([1 - positive, positive]), 0.3)
    assert answered.tolist() == [0, 0, 1, 1, 1, 1]
    assert level.tolist() == [LEVELS - 1, 3, 0, 0, 5, LEVELS - 1]
    answered, level = class_tones(np.array([[1 / 3, 1 / 3, 1 / 3], [0.0, 0.0, 1.0], [0.2, 0.62, 0.18]]), 0.5)
    assert answered.tolist() == [0, 2, 1]
    assert level.tolist() == [0, LEVELS - 1, 4]
    assert number_tones(np.array([-5.0, 0.0, 49.9, 50.1, 100.0, 200.0]), 0.0, 100.0).tolist() == [
        0,
        0,
        4,
        5,
        9,
        9,
    ]


@pytest.mark.parametrize("ascii_only", [True, False])
def test_points_stand_where_they_belong_with_the_mark_of_their_kind(ascii_only: bool) -> None:
    ground = (18, 18, 18)
    colours = class_colours(2, ground)
    height, width = 4, 10
    pixels = np.full((height if ascii_only else 2 * height, width), colours[0, 3], np.uint32)
    pixels[-1, 0] = colours[1, 9]
    dots = Dots(
        np.array([0.05, 0.95, 0.5]), np.array([0.1, 0.99, 0.1]), np.array([0, 3, 2]), np.array([0, 1, 1])
    )
    letters = np.full(pixels.shape, ord("A"), np.uint32)
    drawn = cells(pixels, letters, dots, colours[:, -1], ground, ascii_only=ascii_only)
    marks = MARKS[ascii_only]
    assert chr(drawn.glyphs[3, 0]) == marks[0]
    assert chr(drawn.glyphs[0, 9]) == marks[3]
    assert chr(drawn.glyphs[3, 5]) == marks[2]
    assert drawn.strokes[0, 9] == colours[1, -1]
    assert chr(drawn.glyphs[2, 5]) == "A"
    if ascii_only:
        assert drawn.behind[0, 0] == colours[1, 9]
        assert drawn.glyphs.max() < 127
    else:
        assert (drawn.strokes[0, 0], drawn.behind[0, 0]) == (colours[1, 9], colours[0, 3])
