"""A plane's answers as coloured cells, two pixels in each where half blocks can be drawn, and points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from string import ascii_uppercase

import numpy as np
from numpy.typing import NDArray
from rich.color import Color, ColorSystem

from epochal.core.rows.examples import Floats
from epochal.tui.widgets.pen import SPACE, Glyphs

Rgb = tuple[int, int, int]
Colours = NDArray[np.uint32]
"""0xRRGGBB, rows x columns."""

HUES: tuple[Rgb, ...] = (
    (222, 143, 5),
    (1, 125, 200),
    (40, 170, 70),
    (204, 80, 188),
    (240, 110, 100),
    (110, 100, 235),
    (226, 214, 60),
    (150, 150, 150),
    (90, 210, 230),
    (130, 225, 120),
)
"""For classes, near Wong's palette for the colour-blind (Nature Methods 2011); a terminal of 16 colours has
a colour of its own for each."""

RANGE_HUES: tuple[Rgb, ...] = (HUES[1], HUES[2], HUES[6])
"""For three ranges of a number, from low to high: dark to light, as in viridis."""

_SCALE = np.array([(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)], float)
"""Five stations of viridis (van der Walt and Smith 2015), from low to high numbers."""

_DIM = ((0, 0, 0), (2, 0, 0), (0, 2, 0), (2, 1, 0), (0, 0, 2), (2, 0, 2), (0, 2, 2), (2, 2, 2))
_BRIGHT = ((1, 1, 1), (3, 1, 1), (1, 3, 1), (3, 3, 1), (1, 1, 3), (3, 1, 3), (1, 3, 3), (3, 3, 3))
ANSI: tuple[Rgb, ...] = tuple((85 * red, 85 * green, 85 * blue) for red, green, blue in (*_DIM, *_BRIGHT))
"""A terminal's 16 colours as they are taken for these: each of these is sent as that very one."""

TRUECOLOR = 1 << 24
"""Colours of a terminal that has them all."""

FEW = ((3, 11), (4, 12), (2, 10), (5, 13), (1, 9), (6, 14), (8, 7))
"""For classes where there are 16 colours: a dim one and a bright one of about the same hue."""

FEW_NUMBERS = (4, 12, 6, 10, 11)
"""For numbers, each lighter than the one before."""

LEVELS = 10
"""Shades of certainty, or of a number: a digit can name each."""

LETTERS = ascii_uppercase + ascii_uppercase.lower()
MARKS = ("•○×⊗", ".o*X")
"""Training row, held-out row, and each of them wrongly answered; as it is and in ASCII."""

_HALF = ord("▀")
# A letter stands on every so manyth row and column, and says what is answered there: without colour it is
# all that says it.
SPARSE, DENSE = (5, 14), (2, 4)


@dataclass(frozen=True, eq=False)
class Cells:
    """Characters with the colours of their strokes and of what is behind them, rows x columns."""

    glyphs: Glyphs
    strokes: Colours
    behind: Colours


@dataclass(frozen=True, eq=False)
class Dots:
    """Points of a plane as fractions of its width and height, from 0 to 1, low to high; with kind and colour.

    `kinds` are indices of MARKS, the later drawn over the earlier; `tones` as `tones` gives for answers.
    """

    across: Floats
    up: Floats
    kinds: NDArray[np.intp]
    tones: NDArray[np.intp]


def class_tones(answers: Floats, threshold: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The class answered for probabilities (... x classes), and a level from 0, uncertain, to LEVELS - 1."""
    classes = answers.shape[-1]
    if classes == 2:
        positive = answers[..., 1]
        answered = (positive >= threshold).astype(np.intp)
        sure = np.where(
            answered == 1,
            (positive - threshold) / max(1 - threshold, 1e-9),
            1 - positive / max(threshold, 1e-9),
        )
    else:
        answered = answers.argmax(axis=-1)
        sure = (answers.max(axis=-1) - 1 / classes) / (1 - 1 / classes)
    return answered, _level(sure)


def number_tones(values: Floats, low: float, high: float) -> NDArray[np.intp]:
    """A level from 0 at the low end to LEVELS - 1 at the high one, and no farther."""
    return _level((values - low) / max(high - low, 1e-300))


def _level(shares: Floats) -> NDArray[np.intp]:
    return (np.clip(shares, 0.0, 1.0) * (LEVELS - 1e-9)).astype(np.intp)


def class_colours(classes: int, ground: Rgb, *, depth: int = TRUECOLOR) -> NDArray[np.uint32]:
    """Classes x LEVELS: from near the screen's own ground to each class's hue.

    Where a terminal has 256 colours or 16, by `depth`, they still get darker or lighter all the way.
    """
    if depth == 16:
        return np.array([_few(*FEW[index % len(FEW)], ground) for index in range(classes)], np.uint32)
    shares = np.linspace(0.14, 0.8, LEVELS)
    hues = np.array([HUES[index % len(HUES)] for index in range(classes)], float)
    ramps = _packed(np.array(ground) + shares[None, :, None] * (hues[:, None, :] - np.array(ground)))
    return np.array([_ordered(ramp) for ramp in ramps], np.uint32) if depth == 256 else ramps


def number_colours(*, depth: int = TRUECOLOR) -> NDArray[np.uint32]:
    """1 x LEVELS, from low to high, dark to light, in as many colours as there are."""
    if depth == 16:
        steps = [ANSI[FEW_NUMBERS[level * len(FEW_NUMBERS) // LEVELS]] for level in range(LEVELS)]
        return _packed(np.array([steps], float))
    places = np.linspace(0, len(_SCALE) - 1, LEVELS)
    stations = np.arange(len(_SCALE))
    return _packed(np.stack([np.interp(places, stations, _SCALE[:, part]) for part in range(3)], -1))[None]


def _few(dim: int, bright: int, ground: Rgb) -> NDArray[np.uint32]:
    """Black, dim and bright on a dark ground; white, bright and dim on a light one."""
    steps = (0, dim, bright) if sum(ground) < 384 else (15, bright, dim)
    return _packed(np.array([ANSI[steps[level * len(steps) // LEVELS]] for level in range(LEVELS)], float))


def _ordered(ramp: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The ramp without colours that 256 would show against its order: such a one is as the one before."""
    made = ramp.copy()
    shown = [lightness(_nearest_of_256(int(colour))) for colour in ramp]
    rises = shown[-1] >= shown[0]
    for place in range(1, len(ramp)):
        if (shown[place] >= shown[place - 1]) is not rises and shown[place] != shown[place - 1]:
            made[place], shown[place] = made[place - 1], shown[place - 1]
    return made


@cache
def _nearest_of_256(packed: int) -> Rgb:
    """What a terminal of 256 colours shows in place of this one."""
    shown = Color.from_rgb(*rgb_of(packed)).downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
    return shown.red, shown.green, shown.blue


def lightness(colour: Rgb) -> float:
    """CIE L*, from 0, black, to 100, white."""
    parts = np.array(colour) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ [0.2126, 0.7152, 0.0722])
    return float(116 * luminance ** (1 / 3) - 16 if luminance > 0.008856 else 903.3 * luminance)


def rgb_of(packed: int) -> Rgb:
    """The three parts of 0xRRGGBB."""
    return packed >> 16 & 255, packed >> 8 & 255, packed & 255


def tinted(colours: Colours, ground: Rgb, share: float) -> Colours:
    """The colours moved away from the ground, to white on a dark one and to black on a light one."""
    end = 255.0 if sum(ground) < 384 else 0.0
    parts = np.stack([(colours >> shift) & 255 for shift in (16, 8, 0)], -1).astype(np.float64)
    return _packed(parts + share * (end - parts))


def cells(
    pixels: Colours,
    letters: Glyphs,
    dots: Dots,
    tints: Colours,
    ground: Rgb,
    *,
    ascii_only: bool,
    every: tuple[int, int] = SPARSE,
) -> Cells:
    """Cells for pixels, the lowest row first: two rows of them in a cell, or one in ASCII.

    `letters` say of each pixel what is answered there, and are written on `every` so manyth row and column;
    `tints` are the colours of the dots by tone.
    """
    top_down = pixels[::-1]
    upper = top_down if ascii_only else top_down[::2]
    lower = top_down if ascii_only else top_down[1::2]
    height, width = upper.shape
    same = upper == lower
    glyphs: Glyphs = np.where(same, SPACE, _HALF).astype(np.uint32)
    strokes, behind = upper.copy(), lower.copy()
    shown = letters[::-1] if ascii_only else letters[::-1][::2]
    rows, columns = np.meshgrid(
        np.arange(every[0] // 2, height, every[0]),
        np.arange(every[1] // 3 + 1, width, every[1]),
        indexing="ij",
    )
    glyphs[rows, columns] = shown[rows, columns]
    strokes[rows, columns] = tinted(upper[rows, columns], ground, 0.5)
    behind[rows, columns] = upper[rows, columns]
    order = np.argsort(dots.kinds, kind="stable")
    across = np.clip((dots.across[order] * width).astype(np.intp), 0, width - 1)
    down = np.clip(((1.0 - dots.up[order]) * height).astype(np.intp), 0, height - 1)
    marks = np.array([ord(mark) for mark in MARKS[ascii_only]], dtype=np.uint32)
    glyphs[down, across] = marks[dots.kinds[order]]
    strokes[down, across] = tints[dots.tones[order]]
    behind[down, across] = lower[down, across]
    return Cells(glyphs, strokes, behind)


def _packed(parts: Floats) -> NDArray[np.uint32]:
    red, green, blue = np.moveaxis(np.rint(np.clip(parts, 0, 255)).astype(np.uint32), -1, 0)
    return np.asarray((red << 16) | (green << 8) | blue)
