"""What a network answers over a plane of two features, every other one held where the middle row has it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.explain.principal_components import Components
from epochal.core.network.network import Network
from epochal.core.rows.examples import Examples, Floats, Rows
from epochal.core.training.training import Training

# Beyond the outermost rows the plane goes on by this share of its width, so that none of them is at its edge.
MARGIN = 0.04


# Outliers stay off the plane where, with them, the other 98 % of the rows would have less than this of it.
ROOM = 0.6


def axes(training: Training) -> Rows:
    """The features that can span a plane: numbers that are not all equal."""
    return axes_of(training.examples)


def axes_of(examples: Examples) -> Rows:
    """The same of examples that nothing is trained on yet."""
    usable = []
    for place, feature in enumerate(examples.features):
        column = examples.inputs[:, place]
        present = column[np.isfinite(column)]
        if not feature.categories and len(present) and present.min() < present.max():
            usable.append(place)
    return np.array(usable, dtype=np.intp)


def weightiest(training: Training, network: Network) -> tuple[int, int]:
    """The two axes whose columns have the longest outgoing weights, as prepared; the longest first.

    ValueError when fewer than two features can be axes.
    """
    usable = axes(training)
    if len(usable) < 2:
        raise ValueError("A plane needs two features that are numbers, and this table has fewer.")
    lengths = np.linalg.norm(network.weights[0][:, :-1], axis=0)
    names = training.preparation.names
    by_name = dict(zip(names, lengths.tolist(), strict=True))
    features = training.examples.features
    weights = np.array([by_name.get(features[place].name, 0.0) for place in usable])
    first, second = usable[np.argsort(-weights, kind="stable")[:2]].tolist()
    return first, second


@dataclass(frozen=True, eq=False)
class Plane:
    """A grid over two features, or two components: `x` and `y` are its pixels' middles, ascending.

    `inputs` are prepared, a row for each pixel, the lowest `y` first.
    """

    x_span: tuple[float, float]
    y_span: tuple[float, float]
    x: Floats
    y: Floats
    inputs: Floats

    def holds(self, places: Floats) -> NDArray[np.bool_]:
        """Which of these places, rows x 2, lie on it."""
        ends = np.array([self.x_span, self.y_span])
        return np.asarray(((places >= ends[:, 0]) & (places <= ends[:, 1])).all(axis=1))


def plane(
    training: Training,
    across: int,
    up: int,
    columns: int,
    rows: int,
    held: Floats | None = None,
    *,
    whole: bool = False,
) -> Plane:
    """The plane of two features, that holds the rows of the examples: all, or all but a few far outliers.

    Features that are not axes are as in the row `held`, or have the training rows' median, a category the
    most frequent one: what a missing cell is filled with.
    """
    inputs = training.examples.inputs
    x_span, y_span = (_span(inputs[:, axis], whole=whole) for axis in (across, up))
    x, y = _middles(x_span, columns), _middles(y_span, rows)
    raw = np.tile(training.preparation.filled if held is None else held, (rows * columns, 1))
    raw[:, across] = np.tile(x, rows)
    raw[:, up] = np.repeat(y, columns)
    return Plane(x_span, y_span, x, y, training.preparation.inputs(raw))


def component_plane(
    training: Training,
    found: Components,
    shown: Points,
    columns: int,
    rows: int,
    held: Floats | None = None,
    *,
    whole: bool = False,
) -> Plane:
    """The plane of two principal components over the rows shown, as `plane`; in deviations, where scaled so.

    Whatever lies off these two directions is as in the row `held`, or as in the mean row.
    """
    scores = found.scores(shown.inputs)
    x_span, y_span = (_span(scores[:, axis], whole=whole) for axis in (0, 1))
    x, y = _middles(x_span, columns), _middles(y_span, rows)
    start = found.centre
    if held is not None:
        row = training.preparation.inputs(held[None])
        start = row[0] - found.scores(row)[0] @ found.directions
    places = np.column_stack([np.tile(x, rows), np.repeat(y, columns)])
    return Plane(x_span, y_span, x, y, start + places @ found.directions)


def surface(training: Training, grid: Plane, network: Network) -> Floats:
    """Rows x columns x classes of probabilities, or x outputs in the target's units; the lowest row first."""
    answers = np.asarray(network.outputs(grid.inputs), dtype=np.float64)
    answers = network.kind.in_units(answers, training.preparation)
    return answers.reshape(len(grid.y), len(grid.x), -1)


def discretized(training: Training, answers: Floats, threshold: float) -> Floats:
    """Answers without how sure they are: the class alone; of numbers the lowest or the highest trained on."""
    if training.examples.classes:
        chosen = training.network.kind.decide(answers.reshape(-1, answers.shape[-1]), threshold)
        return np.eye(answers.shape[-1])[chosen.astype(np.intp)].reshape(answers.shape)
    targets = training.examples.targets[training.split.train]
    low, high = float(targets.min()), float(targets.max())
    return np.where(answers >= (low + high) / 2, high, low)


@dataclass(frozen=True, eq=False)
class Points:
    """Rows of the examples to be shown on planes: which they are, and their prepared inputs."""

    rows: Rows
    held_out: NDArray[np.bool_]
    inputs: Floats

    def wrong(self, training: Training, network: Network, threshold: float) -> NDArray[np.bool_]:
        """Which of them are misclassified, each with all of its own values; none with numbers."""
        outputs = np.asarray(network.outputs(self.inputs), dtype=np.float64)
        return network.kind.wrong(outputs, training.examples.targets[self.rows], threshold)


def points(training: Training, most: int = 2000) -> Points:
    """The training and the held-out rows, of each kind at most so many, evenly spread over the table."""
    kinds = [_thinned(rows, most) for rows in (training.split.train, training.split.held_out)]
    rows = np.concatenate(kinds)
    held_out = np.arange(len(rows)) >= len(kinds[0])
    return Points(rows, held_out, training.preparation.inputs(training.examples.inputs[rows]))


def _thinned(rows: Rows, most: int) -> Rows:
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).astype(np.intp)]


def _span(column: Floats, *, whole: bool) -> tuple[float, float]:
    """All values; or 1 to 99 % of them, where the others would leave these little room."""
    present = column[np.isfinite(column)]
    low, high = float(present.min()), float(present.max())
    first, last = (float(end) for end in np.quantile(present, (0.01, 0.99)))
    if not whole and 0.0 < last - first < ROOM * (high - low):
        low, high = first, last
    margin = MARGIN * ((high - low) or 1.0)
    return low - margin, high + margin


def _middles(span: tuple[float, float], count: int) -> Floats:
    low, high = span
    return low + (np.arange(count) + 0.5) / count * (high - low)
