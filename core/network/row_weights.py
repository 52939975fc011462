"""Row weights: how much each row counts in the loss, with classes of the same weight where that is asked."""

from __future__ import annotations

import numpy as np

from epochal.core.network.output_kind import kind_for
from epochal.core.rows.examples import Examples, Floats, Rows


def row_weights(examples: Examples, train: Rows, class_weights: str) -> Floats | None:
    """How much each row counts, 1 on average over the training rows; None where all count the same."""
    weights = examples.weights
    if class_weights == "balanced":
        balanced = kind_for(examples).class_balance(examples, train)
        if balanced is not None:
            weights = balanced if weights is None else weights * balanced
    if weights is None:
        return None
    total = float(weights[train].sum())
    if not (np.isfinite(weights).all() and (weights >= 0.0).all() and total > 0.0):
        raise ValueError("Weights of rows are finite, at least 0, and not all 0.")
    return weights * (len(train) / total)
