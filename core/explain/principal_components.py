"""Principal components: the two directions in which prepared rows differ most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from epochal.core.rows.examples import Floats


@dataclass(frozen=True, eq=False)
class Components:
    """`directions` is 2 x columns, each of length 1; `shares` of the rows' variance lie along them.

    Of a direction and its opposite the one is taken whose largest part is positive.
    """

    centre: Floats
    directions: Floats
    shares: Floats

    def scores(self, inputs: Floats) -> Floats:
        """How far prepared rows lie along each direction, rows x 2."""
        return np.asarray((inputs - self.centre) @ self.directions.T)


def components(inputs: Floats) -> Components:
    """The first two of prepared rows (H. Hotelling 1933), by the eigenvectors of their covariance.

    ValueError when rows have fewer than two columns.
    """
    if inputs.shape[1] < 2:
        raise ValueError("Principal components need two columns or more.")
    centre = inputs.mean(axis=0)
    around = inputs - centre
    variances, vectors = np.linalg.eigh(around.T @ around / len(inputs))
    directions = vectors.T[[-1, -2]]
    largest = np.abs(directions).argmax(axis=1)
    directions *= np.sign(directions[[0, 1], largest])[:, None]
    total = max(float(variances.sum()), np.finfo(np.float64).tiny)
    return Components(centre, directions, np.maximum(variances[[-1, -2]], 0.0) / total)
