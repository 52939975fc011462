"""The leaderboard of a search for settings, as the Error pane shows it while the search goes on."""

from __future__ import annotations

import numpy as np

from epochal.core.numerals import significant
from epochal.core.settings import written
from epochal.core.studies.auto.halving import Standing
from epochal.core.studies.auto.report import network_in_words
from epochal.tui.runner.settings_search import SettingsSearch
from epochal.tui.widgets.chart import Curve
from epochal.tui.widgets.frame import Colour
from epochal.tui.widgets.text import UNICODE, fit

# Curves on the chart: more would hide each other.
MOST_CURVES = 5
INKS: tuple[Colour, Colour] = ("success", "secondary")


def in_words(search: SettingsSearch, width: int) -> str:
    """How far the search is, on how many candidates, and how to end it."""
    auto = search.search
    folds = auto.effort.folds
    how = f"{folds} folds" if folds > 1 else "a validation share"
    words = f"searching settings: {len(auto.candidates)} candidates on {how}; x takes the best so far"
    if len(words) > width - 8:
        words = f"searching {len(auto.candidates)} candidates; x takes the best"
    cells = width - len(words) - 1
    if cells < 5:
        return fit(words, width)
    full, empty = ("━", "─") if UNICODE else ("#", "-")
    filled = int(cells * search.progress)
    return f"{full * filled}{empty * (cells - filled)} {words}"


def rows(standings: list[Standing], height: int, width: int) -> list[str]:
    """A row for each of the best: place, mean validation error, epochs, settings."""
    lines = []
    for place, one in enumerate(sorted(standings, key=_by_error)[:height], 1):
        error = significant(float(one.curve[-1]), 3) if len(one.curve) else "-"
        mark = " " if one.is_running else "x" if not UNICODE else "·"
        settings = one.settings
        text = (
            f"{place:>2}{mark} {error:>6}  {network_in_words(settings):<14} L2 {written(settings.l2):<8} "
            f"rate {written(settings.learning_rate):<6} epoch {one.epochs}"
        )
        lines.append(fit(text, width))
    return lines


def _by_error(one: Standing) -> tuple[bool, float]:
    """Those that still run first, the lowest error as it is now first."""
    return not one.is_running, float(one.curve[-1]) if len(one.curve) else float("inf")


def curves(standings: list[Standing]) -> list[Curve]:
    """The validation error of the best ones that still run; the first of them stands out."""
    ordered = sorted(standings, key=_by_error)
    running = [one for one in ordered if one.is_running and len(one.curve)][:MOST_CURVES]
    made = []
    for place, one in reversed(list(enumerate(running))):
        numbers = np.arange(1.0, len(one.curve) + 1.0)
        name = f"best: {network_in_words(one.settings)}" if place == 0 else "others" if place == 1 else ""
        made.append(Curve(name, numbers, one.curve, INKS[min(place, 1)], "line" if place == 0 else "dots"))
    return made
