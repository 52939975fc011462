"""Temperature scaling: logits divided by one number, so that probabilities are as sure as they are right.

C. Guo and others 2017. The output layer's weights are divided, so that whatever uses the network uses the
temperature too. The ranking of rows, and of two classes the answer at a threshold of one half, stay.
"""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np

from epochal.core.network.kind_of_output import OutputKind
from epochal.core.network.losses import LOSSES
from epochal.core.network.network import Network
from epochal.core.rows.examples import Floats

FITTED = "fitted"
"""The temperature setting that stands for one found on folds of the training rows."""

# The prior's deviation. On the tables of `benchmarks/real_tables.py` 0.1 to 0.3 do about as well.
PRIOR = 0.3
FEWEST_ROWS = 50
"""Fewer say nothing about how sure a network should be."""
# No temperature is further from 1 than this factor.
FARTHEST = 20.0
# A bisection of that range so often leaves nothing to be found.
HALVINGS = 40


def first_temperature(kind: OutputKind, setting: float | str) -> float:
    """The setting's own number, and 1 while one is still to be fitted.

    ValueError, in a sentence, when it is not 1 and the outputs are no probabilities.
    """
    if setting == 1.0 or kind.has_probabilities:
        return 1.0 if setting == FITTED else float(setting)
    raise ValueError(
        "A temperature is for probabilities of classes; here are "
        f"{'answers without probabilities' if kind.has_classes else kind.what}."
    )


def tempered(network: Network, temperature: float) -> Network:
    """The network with its logits divided by the temperature; with 1, itself."""
    if temperature == 1.0:
        return network
    divided = network.with_parameters(network.parameters.copy())
    divided.weights[-1][:] /= temperature
    divided.parameters.flags.writeable = False
    return divided


def fitted_temperature(
    kind: OutputKind, logits: Floats, targets: Floats
) -> tuple[float, tuple[float, float]]:
    """The temperature of least log loss, or 1 where it gains no more than one standard error, row by row.

    Beside it the mean log loss with 1 and with the temperature.

    `logits` are rows x output nodes, of rows that the network was not trained on, and `targets` these rows'
    own, encoded as the losses take them. The logarithm has a normal prior, without which a few rows that are
    all answered rightly would ask for a temperature of 0. Three digits: the rows say no more.
    """
    if not np.isfinite(logits).all() or len(logits) < FEWEST_ROWS:
        return 1.0, (float("nan"), float("nan"))
    low, high = -log(FARTHEST), log(FARTHEST)
    shares = kind.plain_targets(targets)
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        factor = exp(-middle)
        if factor * _slope(kind, logits, shares, factor) - middle / PRIOR**2 > 0.0:
            low = middle
        else:
            high = middle
    temperature = float(f"{exp(low):.3g}")
    before, after = (_losses(kind, logits, targets, 1.0 / one) for one in (1.0, temperature))
    gain = before - after
    if float(gain.mean()) <= float(gain.std(ddof=1)) / sqrt(len(gain)):
        temperature, after = 1.0, before
    return temperature, (float(before.mean()), float(after.mean()))


def _losses(kind: OutputKind, logits: Floats, targets: Floats, factor: float) -> Floats:
    loss = LOSSES[kind.output_activation]["cross-entropy"].value
    return np.asarray(loss.errors(factor * logits.T, targets.T))


def _slope(kind: OutputKind, logits: Floats, shares: Floats, factor: float) -> float:
    """The derivative of the summed log loss by the factor that logits are multiplied by.

    The log loss is convex in it: where it falls, a larger factor, a lower temperature, is better.
    """
    return float(((kind.activate(factor * logits.T) - shares.T) * logits.T).sum())
