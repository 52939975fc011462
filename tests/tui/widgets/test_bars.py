"""Stacked bars: every group has its height to an eighth of a cell, in a colour of its own on any terminal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from rich.color import Color, ColorSystem

from epochal.tui.widgets.bars import LYING, UPRIGHT, lying, upright, upright_cells
from epochal.tui.widgets.colored_lines import Line, Paint
from epochal.tui.widgets.heat import HUES, Rgb


def eighths(lines: Sequence[Line], cell: int, marks: str) -> dict[Rgb, int]:
    """How many eighths of a cell each colour has in a column of lines."""
    found: dict[Rgb, int] = {}
    for line in lines:
        cells = [(mark, paint) for text, paint in line for mark in text]
        mark, paint = cells[cell]
        assert isinstance(paint, Paint)
        share = marks.index(mark)
        for colour, part in ((paint.stroke, share), (paint.behind, 8 - share)):
            if colour and part:
                found[colour] = found.get(colour, 0) + part
    return found


@pytest.mark.parametrize("system", [ColorSystem.STANDARD, ColorSystem.EIGHT_BIT])
def test_a_terminal_of_few_colours_tells_every_group_apart(system: ColorSystem) -> None:
    shown = {Color.from_rgb(*hue).downgrade(system).number for hue in HUES}
    assert len(shown) == len(HUES)


def test_two_groups_share_a_bar_to_an_eighth_of_a_cell() -> None:
    counts = np.array([[5.0, 0.0, 20.0], [11.0, 16.0, 12.0]])
    lines = upright(counts, 3, 4, HUES)
    assert len(lines) == 4
    assert eighths(lines, 0, UPRIGHT) == {HUES[0]: 5, HUES[1]: 11}
    assert eighths(lines, 1, UPRIGHT) == {HUES[1]: 16}
    assert eighths(lines, 2, UPRIGHT) == {HUES[0]: 20, HUES[1]: 12}


@pytest.mark.parametrize("seed", range(20))
def test_a_bar_is_as_high_as_its_rows_whatever_the_groups(seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups, bins = int(rng.integers(1, 7)), int(rng.integers(1, 9))
    counts = rng.integers(0, 30, (groups, bins)).astype(float)
    height = int(rng.integers(1, 9))
    lines = upright(counts, bins, height, HUES)
    totals = counts.sum(axis=0)
    for bin_, total in enumerate(totals):
        drawn = sum(eighths(lines, bin_, UPRIGHT).values())
        # A cell has two colours: what is left of a third may be the ground's.
        assert abs(drawn - total / max(totals.max(), 1) * height * 8) <= 8
    for line, total in zip(lying(counts, 10, HUES), totals, strict=True):
        filled = sum(mark != " " for text, _ in line for mark in text)
        assert abs(filled - total / max(totals.max(), 1) * 10) <= 1
    assert set("".join(text for line in lying(counts, 10, HUES) for text, _ in line)) <= set(LYING)


@pytest.mark.parametrize(("bins", "cells"), [(1, 10), (3, 10), (10, 10), (40, 10), (7, 100)])
def test_bars_are_equally_wide(bins: int, cells: int) -> None:
    used = upright_cells(bins, cells)
    assert 0 < used <= cells
    lines = upright(np.ones((2, bins)), cells, 2, HUES)
    assert {sum(len(text) for text, _ in line) for line in lines} == {used}


def test_nothing_is_drawn_of_nothing() -> None:
    assert all(
        not "".join(text for text, _ in line).strip() for line in upright(np.zeros((3, 4)), 8, 2, HUES)
    )
