"""A classifier of scikit-learn's contract."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from epochal.core.estimators.estimator import Estimator
from epochal.core.estimators.inputs import Inputs, weights_of
from epochal.core.estimators.peers import warn_of_column
from epochal.core.rows.examples import Examples, Floats

Labels = NDArray[np.generic]


class Classifier(Estimator):
    """A network that predicts a class; works wherever scikit-learn takes an estimator, and without it.

    `Classifier(hidden=8, epochs=100)` takes the other settings from the preset "sensible";
    `Classifier(settings="auto")` searches for them. After `fit` there are `classes_`, `loss_curve_` (the
    training error by epoch), `settings_`, `n_iter_`, `n_features_in_` and, of a frame, `feature_names_in_`.

        inputs, labels = [[0.1 * i, i % 7] for i in range(40)], ["low"] * 20 + ["high"] * 20
        classifier = epochal.Classifier(hidden=4, epochs=100).fit(inputs, labels)
        print(classifier.score(inputs, labels), classifier.predict_proba(inputs[:2]))
    """

    _classifies: ClassVar[bool] = True

    def _examples(self, inputs: Inputs, y: object) -> Examples:
        labels = _labels(y, len(inputs.values), type(self).__name__)
        self.classes_, targets = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"There is nothing to learn: every row has one class, {self.classes_[0]}.")
        names = tuple(map(str, self.classes_.tolist()))
        return Examples(inputs.features, inputs.values, targets.astype(np.intp), names)

    def fit(self, X: object, y: object, sample_weight: object = None) -> Self:  # noqa: N803
        """Learn from all rows, as `Estimator.fit`; y is one label a row, words or whole numbers."""
        if sample_weight is not None and y is not None:
            labels = np.asarray(y)
            weights = weights_of(sample_weight, len(labels))
            left = np.unique(labels[weights > 0.0]) if weights is not None and labels.ndim == 1 else labels
            if len(left) < 2:
                raise ValueError(f"There is nothing to learn: {left[0]} is the one class with any weight.")
        return super().fit(X, y, sample_weight)

    def predict_proba(self, X: object) -> Floats:  # noqa: N803
        """Rows x `classes_` of probabilities."""
        return self._outputs(X)

    def predict(self, X: object) -> Labels:  # noqa: N803
        """The class of each row; of two classes, the second from `threshold_` on."""
        outputs = self._outputs(X)
        kind = self.predictor_.network.kind
        chosen: Labels = self.classes_[np.asarray(kind.decide(outputs, self.threshold_), np.intp)]
        return chosen

    def score(self, X: object, y: object, sample_weight: object = None) -> float:  # noqa: N803
        """The accuracy: the share of rows, or of their weight, that is right."""
        right = self.predict(X) == _labels(y, -1, type(self).__name__)
        return float(np.average(right, weights=weights_of(sample_weight, len(right))))


def _labels(y: object, rows: int, name: str) -> Labels:
    """One label a row. ValueError for anything else."""
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] == 1:
        warn_of_column(name)
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise ValueError(f"y should be a 1d array, got an array of shape {labels.shape} instead.")
    if rows >= 0 and len(labels) != rows:
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: [{rows}, {len(labels)}]."
        )
    if labels.dtype.kind == "f":
        if not np.isfinite(labels).all():
            raise ValueError("Input y contains NaN or infinity: every row has a class.")
        if np.any(labels != np.floor(labels)):
            raise ValueError(
                "Unknown label type: continuous. Numbers with fractions are no classes: use Regressor."
            )
    if labels.dtype.kind == "c":
        raise ValueError("Complex data not supported: labels are words or whole numbers.")
    if labels.dtype.kind == "O" and any(one is None or one != one for one in labels.tolist()):
        raise ValueError("Input y contains NaN or None: every row has a class.")
    return labels
