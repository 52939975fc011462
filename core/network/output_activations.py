"""Output activations: what the output layer makes of its sums, in every form in which somebody needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.activation import LOGISTIC, SUMS, Expression, logistic
from epochal.core.network.deviances import HIGHEST_POWER, limited_power
from epochal.core.network.losses import OutputActivation, softmax

Array = NDArray[np.floating]


@dataclass(frozen=True)
class OutputFunction:
    """One output activation; `tests/core/network/test_activations.py` holds its forms against each other.

    `function` makes values of sums, outputs x rows. `layer_name` is how a network is described, `formula`
    the same in ASCII, of an output's sum `z`. `numpy` is the body of a function of `sums`, rows x outputs,
    which gives the answers that its first line, `numpy_sentence`, promises; `onnx` is the graph of the values
    alone.
    """

    layer_name: str
    function: Callable[[Array], Array]
    formula: str
    numpy_sentence: str
    numpy: str
    onnx: Expression


OUTPUT_ACTIVATIONS: dict[OutputActivation, OutputFunction] = {
    "sigmoid": OutputFunction(
        layer_name="sigmoid",
        function=logistic,
        formula="1 / (1 + exp(-z))",
        numpy_sentence="Rows x classes: the probability of the first class, and of the second.",
        numpy="second = 0.5 + 0.5 * np.tanh(0.5 * sums)\n    return np.hstack([1.0 - second, second])",
        onnx=LOGISTIC,
    ),
    "softmax": OutputFunction(
        layer_name="softmax",
        function=softmax,
        formula="exp(z) / (sum of exp(z) over all outputs)",
        numpy_sentence="Rows x classes: the probability of each class.",
        numpy="powers = np.exp(sums - sums.max(axis=1, keepdims=True))\n"
        "    return powers / powers.sum(axis=1, keepdims=True)",
        onnx=("Softmax", SUMS),
    ),
    "identity": OutputFunction(
        layer_name="linear",
        function=lambda sums: sums,
        formula="z",
        numpy_sentence="Rows x numbers, in the units of the table.",
        numpy="return sums * TARGET_SPREAD + TARGET_CENTRE",
        onnx=SUMS,
    ),
    "exponential": OutputFunction(
        layer_name="exponential",
        function=limited_power,
        formula="exp(z)",
        numpy_sentence="Rows x numbers, in the units of the table.",
        numpy=f"return np.exp(np.minimum(sums, {HIGHEST_POWER})) * TARGET_SPREAD + TARGET_CENTRE",
        onnx=("Exp", ("Min", SUMS, HIGHEST_POWER)),
    ),
    "step": OutputFunction(
        layer_name="step",
        function=lambda sums: (sums >= 0).astype(sums.dtype),
        formula="1 if z >= 0, else 0",
        numpy_sentence="Rows x classes: 1 for the class that is answered, 0 for the other.",
        numpy="second = (sums >= 0.0).astype(float)\n    return np.hstack([1.0 - second, second])",
        onnx=("Where", ("GreaterOrEqual", SUMS, 0.0), 1.0, 0.0),
    ),
}
