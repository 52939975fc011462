"""What a table asks of a network: its output nodes, what they make of their sums, its targets and weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.losses import OutputActivation
from epochal.core.rows.examples import Examples, Rows
from epochal.core.rows.preparation import Preparation

Floats = NDArray[np.float64]
Targets = NDArray[np.float64] | NDArray[np.intp]


def link_for(examples: Examples, activation: str = "") -> OutputActivation:
    """A sigmoid for two classes, a softmax for more, the sums themselves for numbers; a perceptron's step.

    ValueError when a perceptron is asked for anything but two classes.
    """
    if activation == "step":
        if len(examples.classes) != 2:
            what = f"{len(examples.classes)} classes" if examples.classes else "numbers"
            raise ValueError(f"A perceptron tells two classes apart; here are {what}.")
        return "step"
    if not examples.classes:
        return "identity"
    return "sigmoid" if len(examples.classes) == 2 else "softmax"


def output_nodes(examples: Examples) -> int:
    """One node for two classes, else one for each class or number."""
    if not examples.classes:
        return len(examples.outputs)
    return 1 if len(examples.classes) == 2 else len(examples.classes)


def row_weights(examples: Examples, train: Rows, class_weights: str) -> NDArray[np.float64] | None:
    """How much each row counts, 1 on average over the training rows; None where all count the same.

    Balanced classes weigh rows / (classes x rows of the class), by G. King and L. Zeng 2001.
    """
    weights = examples.weights
    if class_weights == "balanced" and examples.classes:
        counts = np.bincount(examples.targets[train].astype(np.intp), minlength=len(examples.classes))
        of_class = len(train) / (np.count_nonzero(counts) * np.maximum(counts, 1))
        balanced = of_class[examples.targets.astype(np.intp)]
        weights = balanced if weights is None else weights * balanced
    if weights is None:
        return None
    total = float(weights[train].sum())
    if not (np.isfinite(weights).all() and (weights >= 0.0).all() and total > 0.0):
        raise ValueError("Weights of rows are finite, at least 0, and not all 0.")
    return weights * (len(train) / total)


def encoded_targets(
    targets: Targets, link: OutputActivation, outputs: int, preparation: Preparation
) -> Floats:
    """Targets as the losses like them, rows x outputs."""
    if link in ("sigmoid", "step"):
        return np.where(targets == 1, 1.0, -1.0)[:, None]
    if link == "softmax":
        return np.asarray(targets[:, None] == np.arange(outputs), np.float64)
    numbers = targets.reshape(len(targets), -1)
    return np.asarray((numbers - preparation.target_centre) / preparation.target_spread)
