"""A regressor of scikit-learn's contract."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from epochal.core.estimators.estimator import Estimator
from epochal.core.estimators.inputs import Inputs, weights_of
from epochal.core.rows.examples import Examples, Floats


class Regressor(Estimator):
    """A network that predicts a number, or several; works wherever scikit-learn takes an estimator.

    Parameters and what there is after `fit` are as of `Classifier`, but for the classes.

        inputs = {"size": [float(i) for i in range(40)], "kind": ["a", "b"] * 20}
        regressor = epochal.Regressor(epochs=100).fit(inputs, [2.5 * i for i in range(40)])
        print(regressor.predict({"size": [7.0, None], "kind": ["a", "c"]}))
    """

    _classifies: ClassVar[bool] = False

    def _examples(self, inputs: Inputs, y: object) -> Examples:
        targets = _numbers(y)
        if len(targets) != len(inputs.values):
            raise ValueError(
                "Found input variables with inconsistent numbers of samples: "
                f"[{len(inputs.values)}, {len(targets)}]"
            )
        self.n_outputs_ = 1 if targets.ndim == 1 else targets.shape[1]
        self._is_flat = targets.ndim == 1
        names = tuple(f"y{place}" for place in range(self.n_outputs_))
        return Examples(inputs.features, inputs.values, targets.reshape(len(targets), -1), (), names)

    def predict(self, X: object) -> Floats:  # noqa: N803
        """The number of each row; rows x numbers where y was such."""
        outputs = self._outputs(X)
        return outputs[:, 0] if self._is_flat else outputs

    def score(self, X: object, y: object, sample_weight: object = None) -> float:  # noqa: N803
        """R2: 1 - squared error / variance, the mean over several numbers; 0 is always answering the mean."""
        truth = _numbers(y).reshape(len(_numbers(y)), -1)
        answers = self.predict(X).reshape(len(truth), -1)
        weights = weights_of(sample_weight, len(truth))
        error = np.average(np.square(truth - answers), axis=0, weights=weights)
        mean = np.average(truth, axis=0, weights=weights)
        variance = np.average(np.square(truth - mean), axis=0, weights=weights)
        perfect = np.where(error == 0.0, 1.0, 0.0)
        known = variance > 0.0
        return float(np.mean(np.where(known, 1.0 - error / np.where(known, variance, 1.0), perfect)))


def _numbers(y: object) -> Floats:
    """One number a row, or several. ValueError for anything else."""
    found = np.asarray(y)
    if found.dtype.kind == "c":
        raise ValueError("Complex data not supported: targets are numbers.")
    try:
        numbers = found.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"y holds what is no number ({found.dtype}): use Classifier for classes.") from None
    if numbers.ndim not in (1, 2):
        raise ValueError(f"y should be a 1d array, or rows x numbers, not of {numbers.ndim} dimensions.")
    if not np.isfinite(numbers).all():
        raise ValueError("Input y contains NaN or infinity: every row has a number.")
    return numbers
