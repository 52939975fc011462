"""Deciding: the class that is answered, from the probabilities of all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from epochal.core.rows.examples import Floats

Classes = NDArray[np.intp]


def decide(probabilities: Floats, threshold: float = 0.5) -> Classes:
    """The class index answered for each row of rows x classes probabilities.

    With two classes the second is positive: it is answered from `threshold` on, the threshold itself
    included, as on the ROC curve. With more, the most probable class is answered, the first of equals,
    and the threshold plays no part.
    """
    if probabilities.shape[1] == 2:
        return (probabilities[:, 1] >= threshold).astype(np.intp)
    most_probable: Classes = probabilities.argmax(axis=1)
    return most_probable
