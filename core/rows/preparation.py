"""Preparation: from a table's own units to what a network eats, learned from training rows only."""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, inf, sqrt

import numpy as np
from numpy.typing import NDArray

from epochal.core.rows.examples import Examples, Feature, Rows
from epochal.core.rows.scaling import SCALINGS, Scaling

Floats = NDArray[np.float64]

# Numbers that are looked at together while a preparation is learned, as far as columns do not depend on
# each other: bounds the copies made of a long table.
AT_ONCE = 1 << 20

# A column of equal numbers can show a spread of rounding errors; dividing by it would blow noise up.
NO_SPREAD = 1e-12

# Categories of one feature with a column of their own; the rarer ones beyond share another.
MOST_LEVELS = 64


def smoothly_clipped(values: Floats, bound: float) -> Floats:
    """Each value x as x / sqrt(1 + (x / bound)^2): nearly x where it is small, never beyond the bound."""
    return np.asarray(values / np.sqrt(1.0 + np.square(values / bound)))


def unclipped(value: float, bound: float) -> float:
    """The number that `smoothly_clipped` made this of; infinite at the bound itself."""
    share = value / bound
    return value / sqrt(1.0 - share * share) if abs(share) < 1.0 else copysign(inf, value)


@dataclass(frozen=True, eq=False, repr=False)
class Preparation:
    """How one run turns raw inputs into columns, and targets into what the loss wants, and back.

    `levels` are the categories of each feature that have a column of their own, none for a number;
    `filled` replaces a missing cell of each feature; `indicators` are the features that also get a
    column saying that a cell was missing; `kept` are the encoded columns that varied in training.
    """

    features: tuple[Feature, ...]
    levels: tuple[Rows, ...]
    filled: Floats
    indicators: Rows
    kept: Rows
    centre: Floats
    spread: Floats
    target_centre: Floats
    target_spread: Floats
    bound: float = inf
    """Beyond which no scaled value lies, as it is clipped smoothly; infinite where nothing is clipped."""

    def __repr__(self) -> str:
        return f"Preparation({len(self.features)} features to {len(self.kept)} inputs)"

    def inputs(self, raw: Floats) -> Floats:
        """Rows x columns, ready for the network, from rows x features as in `Examples.inputs`."""
        encoded = _encode(self.features, self.levels, raw, self.filled, self.indicators)
        columns = encoded if len(self.kept) == encoded.shape[1] else encoded[:, self.kept]
        scaled = (columns - self.centre) / self.spread
        return scaled if self.bound == inf else smoothly_clipped(scaled, self.bound)

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each prepared column: `width`, `colour = red`, `width missing`."""
        names: list[str] = []
        for feature, levels in zip(self.features, self.levels, strict=True):
            if not feature.categories:
                names.append(feature.name)
            names += [f"{feature.name} = {feature.categories[level]}" for level in levels]
            if len(levels) < len(feature.categories):
                names.append(f"{feature.name} = any other")
        names += [f"{self.features[index].name} missing" for index in self.indicators]
        return tuple(names[index] for index in self.kept)


def prepare(examples: Examples, train: Rows, scaling: str) -> Preparation:
    """Learn fillings, encoding and scaling from the rows `train`, and from no others.

    Missing numbers are filled with the median, missing categories with the most frequent one; a
    feature with missing cells gets an indicator column besides. Categories become one column each,
    the rarest beyond MOST_LEVELS one together; a category never seen in training is 0 in all of them.
    A column that is constant over the training rows is left out. Raises ValueError if none is left.
    """
    rule, size = SCALINGS[scaling].value, len(examples.features)
    together = max(1, AT_ONCE // max(len(train), 1)) if rule.by_column else max(1, size)
    parts = []
    for start in range(0, max(1, size), together):
        features = examples.features[start : start + together]
        parts.append(_learned(features, examples.inputs[:, start : start + together][train], rule))
    # The features' own columns come first, then all that say that a cell was missing.
    ends = [len(part.varies) - part.missing.sum() for part in parts]
    ordered = [
        np.concatenate(
            [columns[:end] for columns, end in zip(each, ends, strict=True)]
            + [columns[end:] for columns, end in zip(each, ends, strict=True)]
        )
        for each in zip(*((part.varies, part.centre, part.spread) for part in parts), strict=True)
    ]
    kept = np.flatnonzero(ordered[0])
    if not len(kept):
        raise ValueError("Every feature is constant over the training rows: there is nothing to learn from.")
    centre, spread = ordered[1][kept], ordered[2][kept]
    filled = np.concatenate([part.filled for part in parts])
    indicators = np.flatnonzero(np.concatenate([part.missing for part in parts]))
    levels = tuple(level for part in parts for level in part.levels)
    target_centre, target_spread = np.zeros(1), np.ones(1)
    if not examples.classes:
        targets = np.asarray(examples.targets[train], dtype=np.float64).reshape(len(train), -1)
        target_centre = targets.mean(axis=0)
        deviation = targets.std(axis=0)
        target_spread = np.where(deviation > NO_SPREAD * np.abs(target_centre), deviation, 1.0)
    return Preparation(
        features=examples.features,
        levels=levels,
        filled=filled,
        indicators=indicators,
        kept=kept,
        centre=centre,
        spread=spread,
        target_centre=target_centre,
        target_spread=target_spread,
        bound=rule.bound,
    )


@dataclass(frozen=True, eq=False)
class _Learned:
    """Of some features: fillings, whether cells are missing, levels; and of their columns, those of missing
    cells last: whether each varies, and its centre and spread.
    """  # noqa: D205

    filled: Floats
    missing: NDArray[np.bool_]
    levels: tuple[Rows, ...]
    varies: NDArray[np.bool_]
    centre: Floats
    spread: Floats


def _learned(features: tuple[Feature, ...], raw: Floats, scaling: Scaling) -> _Learned:
    missing = np.asarray(np.isnan(raw).any(axis=0))
    filled = np.array([_filling(feature, raw[:, i]) for i, feature in enumerate(features)])
    levels = tuple(_levels(feature, raw[:, i]) for i, feature in enumerate(features))
    encoded = _encode(features, levels, raw, filled, np.flatnonzero(missing))
    low, high = encoded.min(axis=0), encoded.max(axis=0)
    varies = high - low > NO_SPREAD * np.maximum(np.abs(low), np.abs(high))
    centre, spread = np.zeros(len(varies)), np.ones(len(varies))
    if varies.any():
        centre[varies], spread[varies] = scaling.learn(encoded if varies.all() else encoded[:, varies])
    return _Learned(filled, missing, levels, varies, centre, spread)


def _filling(feature: Feature, column: Floats) -> float:
    present = column[~np.isnan(column)]
    if not len(present):
        return 0.0
    if feature.categories:
        return float(np.bincount(present.astype(np.intp)).argmax())
    return float(np.median(present))


def _levels(feature: Feature, column: Floats) -> Rows:
    """The most frequent categories, in their own order."""
    if not feature.categories:
        return np.empty(0, dtype=np.intp)
    counts = np.bincount(column[~np.isnan(column)].astype(np.intp), minlength=len(feature.categories))
    return np.sort(np.argsort(-counts, kind="stable")[:MOST_LEVELS])


def _encode(
    features: tuple[Feature, ...], levels: tuple[Rows, ...], raw: Floats, filled: Floats, indicators: Rows
) -> Floats:
    missing = np.isnan(raw)
    if not any(feature.categories for feature in features) and not missing.any() and not len(indicators):
        return raw
    complete = np.where(missing, filled, raw)
    blocks = []
    for index, (feature, own) in enumerate(zip(features, levels, strict=True)):
        column = complete[:, [index]]
        if not feature.categories:
            blocks.append(column)
            continue
        blocks.append((column == own).astype(float))
        if len(own) < len(feature.categories):
            known = column < len(feature.categories)
            blocks.append((known & ~np.isin(column, own)).astype(float))
    return np.hstack([*blocks, missing[:, indicators].astype(float)])
