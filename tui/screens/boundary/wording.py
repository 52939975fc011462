"""The boundary in words: which epoch and axes are shown, and what colours, letters and marks mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from textual.content import Content

from epochal.core.numerals import figure
from epochal.core.training.training import Training
from epochal.tui.widgets.heat import LETTERS, LEVELS, MARKS, Rgb
from epochal.tui.widgets.text import GLYPHS, fit, width_of

_LONGEST_NAME, _UNSURE = 20, "faint: unsure"


def heading(epoch: str, phase: str, axes: Sequence[str], more: str, width: int) -> str:
    """The epoch and both axes always; what else there is room for."""
    for state in (f" Boundary, {epoch}, {phase}", f" {epoch}, {phase}", f" {epoch}"):
        room = width - len(f"{state}    across,  up{more}")
        if width_of("".join(axes)) <= room:
            break
    # What the shorter name leaves is the longer one's.
    rooms = [max(room // 2, room - width_of(name)) for name in reversed(axes)]
    across, up = (
        fit(name, min(width_of(name), max(cells, 4))) for name, cells in zip(axes, rooms, strict=True)
    )
    return f"{state}   {across} across, {up} up{more}"


def component_names(shares: Sequence[float], *, wide: bool) -> list[str]:
    """The two principal components, each with its share of the variance."""
    first, second = (f"{share:.0%}".replace("%", " %") for share in shares)
    if wide:
        return [f"component 1 ({first} of the variance)", f"component 2 ({second})"]
    return [f"component 1 ({first})", f"2 ({second})"]


def letter(place: int) -> str:
    """What a class is called on the map."""
    return LETTERS[place % len(LETTERS)]


def colours_line(training: Training, colours: NDArray[np.uint32], ground: Rgb, width: int) -> Content:
    """Each class with its letter and colour, or the scale of numbers with its ends."""
    examples = training.examples
    pieces: list[tuple[str, str]] = []
    if examples.classes:
        names = examples.classes[: len(LETTERS)]
        room = max((width - len(_UNSURE)) // len(names) - 6, 1)
        for place, name in enumerate(names):
            text = fit(name, min(width_of(name), _LONGEST_NAME, room))
            pieces += [(f" {letter(place)} ", _on(int(colours[place, -1]), ground)), (f" {text}  ", "")]
        pieces.append((_UNSURE, "dim"))
    else:
        low, high = scale_of(training)
        pieces.append((f"{figure(low)} ", ""))
        for level in range(LEVELS):
            pieces.append((str(level), _on(int(colours[0, level]), ground)))
        name = examples.outputs[0]
        pieces.append((f" {figure(high)}, the training rows' range of ", ""))
        pieces.append((fit(name, min(width_of(name), _LONGEST_NAME)), ""))
    return Content.assemble(*pieces)


def marks_line(wrong: str, missing: int, beyond: int, *, with_rows: bool) -> str:
    """What each mark stands for; `wrong` counts the mistakes, where there can be any.

    So many rows are `missing` a cell, or lie `beyond` the plane.
    """
    marks = MARKS[not GLYPHS]
    said = f"{marks[0]} training row  {marks[1]} held-out row"
    if wrong:
        said += f"  {marks[2]} {marks[3]} misclassified: {wrong}"
    if not with_rows:
        said += "  (r shows them)"
    if beyond:
        said += f"  {beyond:,} far off (z shows)"
    if missing:
        said += f"  {missing:,} without a cell not shown"
    return said


def others_line(*, has_others: bool, by_components: bool, holds_typed: bool) -> str:
    """Where everything is held that the two axes do not say."""
    if not has_others:
        return "There are no other features: this is all the network sees."
    if by_components:
        said = f"Off these directions all is as in the {'typed' if holds_typed else 'mean'} row"
    else:
        said = f"The other features are held {'as in the typed row' if holds_typed else 'at their medians'}"
    return f"{said}; a row's own answer may differ."


def scale_of(training: Training) -> tuple[float, float]:
    """The lowest and highest number among the training rows' targets."""
    targets = training.examples.targets[training.split.train].reshape(len(training.split.train), -1)[:, 0]
    return float(targets.min()), float(targets.max())


def _on(packed: int, ground: Rgb) -> str:
    return f"{'#ffffff' if sum(ground) < 384 else '#000000'} on #{packed:06x}"
