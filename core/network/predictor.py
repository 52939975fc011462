"""What a run has learned, without the rows it learned from: raw inputs in, answers out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.network import Network
from epochal.core.rows.preparation import Preparation

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Predictor:
    """A preparation and the network that was trained on what it prepares."""

    preparation: Preparation
    network: Network

    def outputs(self, inputs: Floats) -> Floats:
        """Rows x classes of probabilities, or rows x numbers in the target's units, for raw inputs.

        Inputs are as in `Examples.inputs`. Those so large that sums overflow give infinities or NaN.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            answers = self.network.outputs(self.preparation.inputs(inputs))
            outputs = np.asarray(answers, dtype=np.float64)
            return self.network.kind.in_units(outputs, self.preparation)
