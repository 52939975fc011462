"""The ground of the boundary in colours and letters, and the points on it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from rich.color import Color, ColorSystem
from rich.terminal_theme import DEFAULT_TERMINAL_THEME

from epochal.tui.screens.boundary.view import style_of
from epochal.tui.widgets.heat import (
    ANSI,
    LEVELS,
    MARKS,
    Dots,
    cells,
    class_colours,
    class_tones,
    lightness,
    number_colours,
    number_tones,
)


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


def sent(colour: int, system: ColorSystem) -> tuple[int, int, int]:
    """The colour behind a cell as a terminal of so many colours shows what it is sent."""
    written = style_of.__wrapped__(0, colour).render("x", color_system=system)
    codes = [int(code) for code in re.findall(r"\d+", written.split("m")[0])]
    if system is ColorSystem.STANDARD:
        (code,) = (code for code in codes if 40 <= code <= 47 or 100 <= code <= 107)
        return ANSI[code - 40 if code < 50 else code - 92]
    place = codes.index(48)
    if system is ColorSystem.EIGHT_BIT:
        shown = Color.from_ansi(codes[place + 2]).get_truecolor(DEFAULT_TERMINAL_THEME)
        return shown.red, shown.green, shown.blue
    return codes[place + 2], codes[place + 3], codes[place + 4]


def in_order(values: list[float]) -> bool:
    steps = np.diff(values)
    return bool((steps >= 0).all() or (steps <= 0).all())


GROUNDS = [(18, 18, 18), (0, 0, 0), (224, 224, 224), (255, 255, 255), (253, 246, 227), (30, 30, 46)]


@pytest.mark.parametrize(("system", "steps"), [("TRUECOLOR", 10), ("EIGHT_BIT", 2), ("STANDARD", 3)])
@pytest.mark.parametrize("ground", GROUNDS)
def test_ramps_keep_their_order_in_every_number_of_colours(
    system: str, steps: int, ground: tuple[int, int, int]
) -> None:
    depth = {"TRUECOLOR": 1 << 24, "EIGHT_BIT": 256, "STANDARD": 16}[system]
    ramps = [*class_colours(10, ground, depth=depth), number_colours(depth=depth)[0]]
    for ramp in ramps:
        shown = [lightness(sent(int(colour), ColorSystem[system])) for colour in ramp]
        assert in_order(shown), (system, ramp, shown)
        assert len({round(one, 1) for one in shown}) >= steps
    scale = [lightness(sent(int(colour), ColorSystem[system])) for colour in ramps[-1]]
    assert scale[-1] - scale[0] > 50


def test_a_terminal_of_16_colours_is_sent_those_very_ones() -> None:
    for number, (red, green, blue) in enumerate(ANSI):
        assert Color.from_rgb(red, green, blue).downgrade(ColorSystem.STANDARD).number == number


def test_lightness_is_that_of_the_standard() -> None:
    assert lightness((0, 0, 0)) == 0.0
    assert lightness((255, 255, 255)) == pytest.approx(100.0)
    assert lightness((119, 119, 119)) == pytest.approx(50.0, abs=0.2)
    assert lightness((0, 0, 255)) == pytest.approx(32.3, abs=0.1)
