"""Association: how strongly two columns go together, whatever kinds they are of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from epochal.core.profile.variables import Codes
from epochal.core.rows.examples import Floats

FOLDS = 5
MOST_CLASSES = 20
"""An AUC is taken over the pairs of this many classes, the most frequent ones."""


def pearson(x: Floats, y: Floats) -> float | None:
    """The correlation of two columns without missing cells, from -1 to 1; None where one is constant."""
    if len(x) < 2:
        return None
    x, y = centred(x), centred(y)
    size = np.sqrt(float(x @ x) * float(y @ y))
    return float(np.clip(x @ y / size, -1.0, 1.0)) if size > 0 else None


def centred(values: Floats) -> Floats:
    """The values around their mean, in units of the largest distance from it: no square of it overflows."""
    largest = float(np.abs(values).max(initial=0.0))
    if largest == 0:
        return np.zeros_like(values)
    values = values / largest
    around = values - values.mean()
    # What is left of equal values is rounding.
    reach = float(np.abs(around).max(initial=0.0))
    return around / reach if reach > 1e-13 else np.zeros_like(around)


def ranks(values: Floats) -> Floats:
    """Each value's rank from 1; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place], np.float64)


def spearman(x: Floats, y: Floats) -> float | None:
    """The correlation of the ranks (C. Spearman 1904): any rising curve is 1."""
    return pearson(ranks(x), ranks(y))


def correlation_ratio(codes: Codes, values: Floats) -> float | None:
    """How much of the numbers' spread lies between the categories, from 0 to 1: the root of a share.

    K. Pearson's eta, corrected for chance as T. L. Kelley did (1935), or many categories would always
    explain much. None where the numbers are constant or as many as the categories.
    """
    around = centred(values)
    total = float(around @ around)
    counts = np.bincount(codes)
    used = int(np.count_nonzero(counts))
    rows = len(values)
    if total == 0 or rows <= used:
        return None
    sums = np.bincount(codes, around)[counts > 0]
    between = float((sums * sums / counts[counts > 0]).sum()) / total
    return float(np.sqrt(np.clip(1 - (1 - between) * (rows - 1) / (rows - used), 0.0, 1.0)))


def cramers_v(x: Codes, y: Codes) -> float | None:
    """How strongly two columns of categories go together, from 0 to 1 (H. Cramer 1946).

    Corrected for chance by W. Bergsma (2013), or two columns of many categories would always seem to.
    None where one is constant.
    """
    counts = contingency(x, y)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0].astype(np.float64)
    across, down = counts.shape
    rows = counts.sum()
    if min(across, down) < 2 or rows < 2:
        return None
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / rows
    share = float(((counts - expected) ** 2 / expected).sum()) / rows
    share = max(0.0, share - (across - 1) * (down - 1) / (rows - 1))
    least = min(across - (across - 1) ** 2 / (rows - 1), down - (down - 1) ** 2 / (rows - 1))
    return float(np.sqrt(min(share / (least - 1), 1.0))) if least > 1 else None


def contingency(x: Codes, y: Codes) -> NDArray[np.int64]:
    """How many rows have each pair of codes."""
    across, down = int(x.max(initial=0)) + 1, int(y.max(initial=0)) + 1
    return np.bincount(x * down + y, minlength=across * down).reshape(across, down)


def auc_of_numbers(values: Floats, classes: Codes) -> float | None:
    """How well one column of numbers tells the classes apart, from 0.5 to 1, whichever has the larger ones.

    The AUC of each pair of classes, larger or smaller than one half counting alike, and their mean over the
    pairs (D. J. Hand and R. J. Till 2001). None with a single class.
    """
    classes = _frequent(classes)
    values, classes = values[classes >= 0], classes[classes >= 0]
    if not len(values):
        return None
    distinct, place = np.unique(values, return_inverse=True)
    count = int(classes.max()) + 1
    table = np.bincount(place * count + classes, minlength=len(distinct) * count)
    wins, pairs = _wins(table.reshape(-1, count).astype(np.float64))
    first, second = np.triu_indices(count, 1)
    there = pairs[first, second] > 0
    if not there.any():
        return None
    areas = wins[first, second][there] / pairs[first, second][there]
    return float(np.maximum(areas, 1 - areas).mean())


def auc_of_categories(values: Codes, classes: Codes, rng: np.random.Generator) -> float | None:
    """The same of a column of categories, each standing for its share of the classes in other rows.

    The shares are taken from four fifths of the rows and judged by the last one, in turn: judged by their
    own rows, many rare categories would seem to tell everything. 0.5 where they tell nothing.
    """
    classes = _frequent(classes)
    values, classes = values[classes >= 0], classes[classes >= 0]
    if not len(values):
        return None
    count, levels = int(classes.max()) + 1, int(values.max()) + 1
    folds = rng.permutation(len(values)) % FOLDS
    table = np.bincount((folds * levels + values) * count + classes, minlength=FOLDS * levels * count)
    judged = table.reshape(FOLDS, levels, count).astype(np.float64)
    learned = judged.sum(axis=0) - judged
    areas = []
    for first, second in zip(*np.triu_indices(count, 1), strict=True):
        won = total = 0.0
        for fold in range(FOLDS):
            known = learned[fold][:, [first, second]]
            prior = known.sum(axis=0) / max(known.sum(), 1.0)
            share = (known[:, 0] + prior[0]) / (known.sum(axis=1) + 1)
            _, place = np.unique(share, return_inverse=True)
            cells = np.zeros((int(place.max()) + 1, 2))
            np.add.at(cells, place, judged[fold][:, [first, second]])
            wins, pairs = _wins(cells)
            won, total = won + wins[0, 1], total + pairs[0, 1]
        if total:
            areas.append(max(won / total, 0.5))
    return float(np.mean(areas)) if areas else None


def _wins(table: Floats) -> tuple[Floats, Floats]:
    """Of distinct values, ascending, by class: in how many pairs of rows each class has the larger one."""
    sizes = table.sum(axis=0)
    below = np.cumsum(table, axis=0) - table
    return table.T @ (below + table / 2), np.outer(sizes, sizes)


def _frequent(classes: Codes) -> Codes:
    """The codes, with -1 for all but the most frequent classes."""
    counts = np.bincount(classes[classes >= 0])
    if len(counts) <= MOST_CLASSES:
        return classes
    kept = np.sort(np.argsort(-counts, kind="stable")[:MOST_CLASSES])
    place = np.full(len(counts) + 1, -1)
    place[kept] = np.arange(MOST_CLASSES)
    return np.asarray(place[classes])
