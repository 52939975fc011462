"""Measurements as people type them: each feature's usual value and range, and a typed row as numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.rows.examples import Examples, Feature
from epochal.tui.widgets.text import GLYPHS

Floats = NDArray[np.float64]

# What is typed where a measurement is not known.
UNKNOWN = "?"

_PIXEL = re.compile(r"pixel_(\d+)_(\d+)")
_LARGEST_PICTURE = 28


@dataclass(frozen=True)
class Usual:
    """What a table holds of one feature: its ends, and the median or the most frequent category."""

    low: float
    high: float
    middle: float
    step: float = 0.0
    """A tenth of its deviation, in two figures; 0 for categories."""

    def range_in_words(self, feature: Feature) -> str:
        """`26.15 to 129.8`, or how many categories there are."""
        return (
            f"{len(feature.categories)} choices"
            if feature.categories
            else f"{self.low:.4g} to {self.high:.4g}"
        )


def usual_values(examples: Examples) -> tuple[Usual, ...]:
    """One for each feature; looked up once a table, as a million rows take a while."""
    return tuple(
        _usual(feature, examples.inputs[:, index]) for index, feature in enumerate(examples.features)
    )


def _usual(feature: Feature, column: Floats) -> Usual:
    present = column[~np.isnan(column)]
    if feature.categories:
        middle = float(np.bincount(present.astype(np.intp)).argmax())
    else:
        middle = float(f"{np.median(present):.6g}")
    step = 0.0 if feature.categories else float(f"{present.std() / 10:.2g}")
    return Usual(float(present.min()), float(present.max()), middle, step)


def typed_row(
    features: Sequence[Feature], usual: Sequence[Usual], texts: Mapping[str, str]
) -> tuple[Floats, dict[str, str], dict[str, str]]:
    """The row as numbers; what is wrong with fields; which fields lie outside what the table holds.

    A feature without a text has its usual value, one with a wrong text too.
    """
    row = np.array([one.middle for one in usual])
    wrong, outside = {}, {}
    for index, (feature, one) in enumerate(zip(features, usual, strict=True)):
        if feature.name not in texts:
            continue
        text = texts[feature.name].strip()
        try:
            row[index] = _number(text, feature)
        except ValueError:
            wrong[feature.name] = f"not a number: {text}" if text else "not filled in; ? if unknown"
            continue
        if not feature.categories:
            if row[index] < one.low:
                outside[feature.name] = f"below the table's {one.low:.4g}"
            elif row[index] > one.high:
                outside[feature.name] = f"above the table's {one.high:.4g}"
    return row, wrong, outside


def as_typed(feature: Feature, value: float) -> str:
    """A measurement as a person would type it."""
    if np.isnan(value):
        return UNKNOWN
    return feature.categories[int(value)] if feature.categories else f"{value:.10g}"


def _number(text: str, feature: Feature) -> float:
    if text == UNKNOWN:
        return float("nan")
    if feature.categories:
        return float(feature.categories.index(text))
    number = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    if not np.isfinite(number):
        raise ValueError(text)
    return number


def picture(features: Sequence[Feature], usual: Sequence[Usual], row: Floats) -> list[str]:
    """Pixels as shades two cells wide, where every feature is called `pixel_ROW_COLUMN`; else no lines."""
    places = [_PIXEL.fullmatch(feature.name) for feature in features]
    found = [(int(place[1]), int(place[2])) for place in places if place]
    if len(found) < len(features) or len(found) < 4 or max(map(max, found)) >= _LARGEST_PICTURE:
        return []
    shades = " ░▒▓█" if GLYPHS else " .:*#"
    brightest = max(max(one.high for one in usual), 1.0)
    steps = np.nan_to_num(row / brightest * (len(shades) - 1)).round().astype(int).clip(0, len(shades) - 1)
    lines = np.zeros(np.max(found, axis=0) + 1, dtype=int)
    # A pixel that never changes is no feature, and stays dark.
    lines[tuple(np.transpose(found))] = steps
    return ["".join(2 * shades[step] for step in line) for line in lines]
