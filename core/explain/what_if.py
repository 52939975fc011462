"""What if: how the answer to one row hangs on each of its features, and the rows it is like.

A row is as in `Examples.inputs`: raw values, categories by number, NaN where a cell is missing. Everything
that is learned of the table here is learned from its training rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.network import Network
from epochal.core.network.predictor import Predictor
from epochal.core.rows.examples import Examples, Floats, Rows

# Values tried on each side of a number before the place where the answer changes is narrowed down.
TRIED = 128
HALVINGS = 24


@dataclass(frozen=True, eq=False)
class Usual:
    """Of each feature, over the training rows: its median or most frequent category, its ends, its deviation.

    The deviation of a category is NaN.
    """

    middle: Floats
    low: Floats
    high: Floats
    deviation: Floats


def usual(examples: Examples, train: Rows) -> Usual:
    """What is usual among these rows; a feature that is missing in all of them is 0 throughout."""
    columns = []
    for index, feature in enumerate(examples.features):
        column = examples.inputs[train, index]
        present = column[~np.isnan(column)]
        if not len(present):
            columns.append((0.0, 0.0, 0.0, np.nan if feature.categories else 0.0))
        elif feature.categories:
            most = float(np.bincount(present.astype(np.intp)).argmax())
            columns.append((most, present.min(), present.max(), np.nan))
        else:
            columns.append((float(np.median(present)), present.min(), present.max(), float(present.std())))
    return Usual(*np.array(columns, dtype=np.float64).reshape(-1, 4).T)


def gradient_attributions(predictor: Predictor, row: Floats, middle: Floats, output: int) -> Floats:
    """How hard each feature pushes this output: the gradient at the row times the distance from the usual.

    One number a feature, in the output's own units: probability, or the target's. To first order they add up
    to how far the output is from that of a row with `middle` everywhere; a network bends, so not exactly.
    """
    prepare = predictor.preparation.inputs
    here = prepare(row[None, :])
    slope = output_gradient(predictor.network, here[0], output)
    slope = slope * predictor.network.kind.unit(output, predictor.preparation)
    changed = np.repeat(row[None, :], len(row), axis=0)
    np.fill_diagonal(changed, middle)
    return np.asarray((here - prepare(changed)) @ slope)


def output_gradient(network: Network, inputs: Floats, output: int) -> Floats:
    """The slope of one of `Network.outputs` by each prepared input of one row."""
    trace = network.trace(inputs[None, :])
    flowing = network.kind.slope(trace.logits[0], output)
    inner = [np.ones((1, 1)), *trace.slopes]
    for weights, slopes in zip(reversed(network.weights), reversed(inner), strict=True):
        flowing = (weights[:, :-1].T @ flowing) * slopes[0]
    return np.asarray(flowing, dtype=np.float64)


@dataclass(frozen=True)
class Counterfactual:
    """A single change that gives a row another class: a feature from one value to another.

    `distance` is in deviations of the feature over the training rows, NaN for a category.
    """

    feature: int
    old: float
    new: float
    distance: float
    answer: int


def counterfactuals(
    predictor: Predictor, examples: Examples, row: Floats, known: Usual, threshold: float = 0.5
) -> list[Counterfactual]:
    """For each feature that can do it alone, the least change within the training rows' range that does.

    Numbers first, the least change in deviations before the others, then categories. Of a number, values in
    even steps are tried on both sides; a class that is answered only between two of them is overlooked.
    """
    answer = _answers(predictor, row[None, :], threshold)[0]
    found: list[Counterfactual] = []
    for index, feature in enumerate(examples.features):
        if feature.categories:
            found += _category_flips(predictor, row, index, len(feature.categories), threshold, answer)
        elif known.deviation[index] > 0.0 and not np.isnan(row[index]):
            sides = [
                _number_flip(predictor, row, index, end, threshold, answer)
                for end in (known.low[index], known.high[index])
            ]
            nearest = min(
                (side for side in sides if side), key=lambda side: abs(side[0] - row[index]), default=None
            )
            if nearest:
                new, other = nearest
                distance = abs(new - row[index]) / known.deviation[index]
                found.append(Counterfactual(index, float(row[index]), new, float(distance), other))
    return sorted(found, key=lambda flip: (np.isnan(flip.distance), np.nan_to_num(flip.distance)))


def _number_flip(
    predictor: Predictor, row: Floats, index: int, end: float, threshold: float, answer: int
) -> tuple[float, int] | None:
    """The nearest value towards `end` with another answer, and that answer."""
    tried = np.linspace(row[index], end, TRIED + 1)
    answers = _answers(predictor, _with(row, index, tried), threshold)
    others = np.flatnonzero(answers != answer)
    if not len(others):
        return None
    same, other = float(tried[others[0] - 1]), float(tried[others[0]])
    for _ in range(HALVINGS):
        between = 0.5 * (same + other)
        if _answers(predictor, _with(row, index, np.array([between])), threshold)[0] == answer:
            same = between
        else:
            other = between
    return other, int(_answers(predictor, _with(row, index, np.array([other])), threshold)[0])


def _category_flips(
    predictor: Predictor, row: Floats, index: int, categories: int, threshold: float, answer: int
) -> list[Counterfactual]:
    answers = _answers(predictor, _with(row, index, np.arange(float(categories))), threshold)
    return [
        Counterfactual(index, float(row[index]), float(category), float("nan"), int(answers[category]))
        for category in np.flatnonzero(answers != answer)
    ]


def _with(row: Floats, index: int, values: Floats) -> Floats:
    """The row once for each value of one feature."""
    rows = np.repeat(row[None, :], len(values), axis=0)
    rows[:, index] = values
    return rows


def _answers(predictor: Predictor, rows: Floats, threshold: float) -> NDArray[np.intp]:
    return np.asarray(predictor.network.kind.decide(predictor.outputs(rows), threshold), dtype=np.intp)


@dataclass(frozen=True)
class Neighbour:
    """A training row and how far it is: the distance between prepared rows, where a deviation is about 1."""

    example: int
    distance: float


def neighbours(
    predictor: Predictor, examples: Examples, train: Rows, row: Floats, count: int = 5
) -> list[Neighbour]:
    """The training rows most like this one, the nearest first; of equal ones the first in the table."""
    prepare = predictor.preparation.inputs
    here, squares = prepare(row[None, :]), np.empty(len(train))
    for start in range(0, len(train), 4096):
        part = train[start : start + 4096]
        with np.errstate(over="ignore", invalid="ignore"):  # a row beyond all measure is as far as can be
            squares[start : start + len(part)] = np.square(prepare(examples.inputs[part]) - here).sum(axis=1)
    order = np.lexsort((train, squares))[:count]
    return [Neighbour(int(train[place]), float(np.sqrt(squares[place]))) for place in order]
