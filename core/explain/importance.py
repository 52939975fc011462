"""Permutation importance: what is lost when one feature's values are permuted among the rows.

L. Breiman 2001 for forests; A. Fisher, C. Rudin and F. Dominici 2019 for any model. Features that say the
same as others lose little, for the others still tell it: an importance of 0 does not mean useless.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.evaluation.evaluation import decide
from epochal.core.network.predictor import Predictor
from epochal.core.rows.examples import Examples, Floats, Rows

REPEATS = 10


@dataclass(frozen=True, eq=False)
class Importance:
    """For each feature, mean and deviation over the repeats of what was lost.

    For classes the share of rows no longer answered rightly; for numbers by how much the root of the mean
    squared error rose, in the target's units (the mean over several).
    """

    mean: Floats
    deviation: Floats
    rows: int


def importance(
    predictor: Predictor,
    examples: Examples,
    rows: Rows,
    *,
    threshold: float = 0.5,
    seed: int = 0,
    repeats: int = REPEATS,
) -> Importance:
    """The loss over these rows, held-out ones, each feature permuted `repeats` times.

    The same seed deals in the same way. ValueError when there are no rows.
    """
    if not len(rows):
        raise ValueError("There are no rows to try a feature's importance on.")
    inputs, targets = examples.inputs[rows], examples.targets[rows]
    rng = np.random.default_rng(seed)
    is_classes = bool(examples.classes)
    before = _badness(predictor.outputs(inputs), targets, threshold, is_classes=is_classes)
    lost = np.empty((repeats, len(examples.features)))
    for repeat in range(repeats):
        order = rng.permutation(len(rows))
        for index in range(len(examples.features)):
            dealt = inputs.copy()
            dealt[:, index] = inputs[order, index]
            after = _badness(predictor.outputs(dealt), targets, threshold, is_classes=is_classes)
            lost[repeat, index] = after - before
    return Importance(lost.mean(axis=0), lost.std(axis=0), len(rows))


def _badness(
    outputs: Floats,
    targets: NDArray[np.float64] | NDArray[np.intp],
    threshold: float,
    *,
    is_classes: bool,
) -> float:
    if is_classes:
        return float(np.mean(decide(outputs, threshold) != targets))
    squares = np.square(outputs - targets.reshape(len(outputs), -1))
    return float(np.sqrt(squares.mean(axis=0)).mean())
