"""Distributions: quartiles, outliers and histograms of a column, by group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.profile.variables import Codes
from epochal.core.rows.examples import Floats

# J. W. Tukey's fences (1977), in interquartile ranges beyond the quartiles: outside, and far out.
OUTSIDE, FAR_OUT = 1.5, 3.0

MOST_BINS = 40
MOST_CATEGORIES = 12


@dataclass(frozen=True)
class Quartiles:
    """The five numbers of a box plot, of so many cells that hold something."""

    rows: int
    lowest: float
    first: float
    median: float
    third: float
    highest: float

    def fences(self, ranges: float) -> tuple[float, float]:
        """The limits so many interquartile ranges below and above the quartiles; none without a range."""
        with np.errstate(over="ignore"):
            reach = float(np.float64(ranges) * (np.float64(self.third) - np.float64(self.first)))
        return (self.first - reach, self.third + reach) if reach > 0 else (-np.inf, np.inf)


@dataclass(frozen=True, eq=False)
class Histogram:
    """How many rows fall into each bin, groups x bins.

    Bins lie between `edges`, the last one's upper edge included; or they are the categories `labels`, when
    there are any. `below` and `above` lie far out, beyond the edges; `others` are in rarer categories.
    """

    counts: NDArray[np.int64]
    edges: Floats
    labels: tuple[str, ...] = ()
    below: int = 0
    above: int = 0
    others: int = 0


def quartiles(values: Floats) -> Quartiles | None:
    """Of the cells that hold something, interpolated linearly as NumPy does; None when none does."""
    filled = values[~np.isnan(values)]
    if not filled.size:
        return None
    # Halved before and doubled after: between the largest and the smallest number NumPy would overflow.
    first, median, third = (2 * np.quantile(filled / 2, (0.25, 0.5, 0.75))).tolist()
    return Quartiles(filled.size, float(filled.min()), first, median, third, float(filled.max()))


def outliers(values: Floats, box: Quartiles | None, ranges: float = OUTSIDE) -> int:
    """How many cells lie beyond the fences."""
    if box is None:
        return 0
    low, high = box.fences(ranges)
    return int(np.count_nonzero((values < low) | (values > high)))


def number_histogram(values: Floats, codes: Codes, groups: int, most: int = MOST_BINS) -> Histogram:
    """Of numbers; a bin for each whole number where they are few. Without a code a row is not counted."""
    edges = bin_edges(values, most)
    rows = (codes >= 0) & ~np.isnan(values)
    counted, group = values[rows], codes[rows]
    below, above = counted < edges[0], counted > edges[-1]
    within = ~(below | above)
    places = np.searchsorted(edges[1:-1], counted[within], side="right")
    bins = len(edges) - 1
    counts = np.bincount(group[within] * bins + places, minlength=groups * bins).reshape(groups, bins)
    return Histogram(counts, edges, (), int(below.sum()), int(above.sum()))


def category_histogram(
    values: Floats, categories: tuple[str, ...], codes: Codes, groups: int, most: int = MOST_CATEGORIES
) -> Histogram:
    """Of categories, in their order; of very many only the most frequent, the first one leading."""
    rows = (codes >= 0) & ~np.isnan(values)
    size = max(len(categories), 1)
    places = codes[rows] * size + values[rows].astype(np.intp)
    counts = np.bincount(places, minlength=groups * size).reshape(groups, size)[:, : len(categories)]
    if len(categories) <= most:
        return Histogram(counts, np.empty(0), categories)
    frequent = np.argsort(-counts.sum(axis=0), kind="stable")[:most]
    others = int(counts.sum() - counts[:, frequent].sum())
    return Histogram(counts[:, frequent], np.empty(0), tuple(categories[i] for i in frequent), others=others)


def bin_edges(values: Floats, most: int = MOST_BINS) -> Floats:
    """At most so many bins of equal width, without what lies far out; as many as the rows can fill.

    The width is D. Freedman's and P. Diaconis's (1981), or H. A. Sturges's (1926) where that is finer.
    """
    box = quartiles(values)
    if box is None:
        return np.array([0.0, 1.0])
    low_fence, high_fence = box.fences(FAR_OUT)
    kept = values[(values >= low_fence) & (values <= high_fence)]
    low, high = float(kept.min()), float(kept.max())
    if low == high:
        return np.array([low - max(abs(low) / 2, 0.5), high + max(abs(high) / 2, 0.5)])
    if high - low < most and bool((kept == np.floor(kept)).all()):
        return np.arange(low - 0.5, high + 1.0)
    sturges = np.log2(kept.size) + 1
    width = 2 * (box.third / 2 - box.first / 2) / kept.size ** (1 / 3) * 2
    diaconis = (high / 2 - low / 2) / (width / 2) if width > 0 else 0.0
    bins = int(min(max(np.ceil(sturges), np.ceil(diaconis), 2), most))
    shares = np.linspace(0.0, 1.0, bins + 1)
    edges = np.unique(low * (1 - shares) + high * shares)
    edges[0], edges[-1] = low, high
    return edges
