"""The map's colours: of the answers behind, and of the rows in front, as their true class or number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.explain.boundary import Plane, Points
from epochal.core.rows.examples import Floats
from epochal.core.training.training import Training
from epochal.tui.screens.boundary.wording import letter, scale_of
from epochal.tui.widgets.heat import (
    TRUECOLOR,
    Cells,
    Dots,
    Rgb,
    cells,
    class_colours,
    class_tones,
    number_colours,
    number_tones,
    tinted,
)
from epochal.tui.widgets.text import GLYPHS


@dataclass(frozen=True, eq=False)
class Painting:
    """Of each answer its colour and letter; the tints of rows, and which of them each row has."""

    colours: NDArray[np.uint32]
    pixels: NDArray[np.uint32]
    letters: NDArray[np.uint32]
    tints: NDArray[np.uint32]
    tones: NDArray[np.intp]
    ground: Rgb

    def cells(
        self,
        grid: Plane,
        places: Floats,
        kinds: NDArray[np.intp],
        tones: NDArray[np.intp],
        *,
        every: tuple[int, int],
    ) -> Cells:
        """The map with rows at these places, each with its mark and its tint."""
        across, up = (
            (places[:, axis] - low) / (high - low)
            for axis, (low, high) in enumerate((grid.x_span, grid.y_span))
        )
        dots, is_ascii = Dots(across, up, kinds, tones), not GLYPHS
        return cells(
            self.pixels, self.letters, dots, self.tints, self.ground, ascii_only=is_ascii, every=every
        )


def painted(
    training: Training,
    answers: Floats,
    rows: Points,
    threshold: float,
    ground: Rgb,
    *,
    depth: int = TRUECOLOR,
) -> Painting:
    """Classes in colours of their own, faint where unsure; numbers on the scale of the training rows.

    `depth` is how many colours the terminal has.
    """
    examples = training.examples
    truth = examples.targets[rows.rows]
    if examples.classes:
        answered, level = class_tones(answers, threshold)
        colours = class_colours(len(examples.classes), ground, depth=depth)
        letters = np.array([ord(letter(i)) for i in range(len(examples.classes))], np.uint32)[answered]
        tints = tinted(colours[:, -1], ground, 0.45)
        return Painting(colours, colours[answered, level], letters, tints, truth.astype(np.intp), ground)
    low, high = scale_of(training)
    colours = number_colours(depth=depth)
    level = number_tones(answers[..., 0], low, high)
    tones = number_tones(truth.reshape(len(truth), -1)[:, 0].astype(np.float64), low, high)
    letters = (ord("0") + level).astype(np.uint32)
    tints = tinted(colours[0], ground, 0.35)
    return Painting(colours, colours[0][level], letters, tints, tones, ground)


def mistakes_in_words(training: Training, rows: Points, wrong: NDArray[np.bool_]) -> str:
    """How many of the training rows and of the held-out rows are misclassified; of numbers, nothing."""
    if not training.examples.classes:
        return ""
    held_out = int(rows.held_out.sum())
    all_rows = len(training.split.train) + len(training.split.held_out)
    return (
        f"{int(wrong[~rows.held_out].sum()):,} of {len(wrong) - held_out:,} "
        f"and {int(wrong[rows.held_out].sum()):,} of {held_out:,}"
        + (" looked at" if len(wrong) < all_rows else "")
    )
