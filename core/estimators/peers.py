"""What only scikit-learn can hand out, for those who have it loaded; nothing else imports it.

Its checks and its meta-estimators catch its own exceptions; where it is not loaded, nobody does.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any


class NotFittedError(ValueError, AttributeError):
    """An estimator is asked for what it has yet to learn."""


def not_fitted(name: str) -> Exception:
    """That exception, as scikit-learn's own where that is loaded."""
    kind = getattr(sys.modules.get("sklearn.exceptions"), "NotFittedError", NotFittedError)
    error: Exception = kind(f"This {name} is not fitted yet: call fit with rows to learn from first.")
    return error


def warn_of_column(name: str) -> None:
    """Warn that labels came as a column, where one label a row is meant."""
    kind = getattr(sys.modules.get("sklearn.exceptions"), "DataConversionWarning", UserWarning)
    said = f"A column-vector y was passed when a 1d array was expected: {name} takes it as one."
    warnings.warn(said, kind, stacklevel=4)


def tags_of(*, classifies: bool) -> Any:
    """The tags of an estimator, which scikit-learn alone asks for."""
    from sklearn.utils import ClassifierTags, InputTags, RegressorTags, Tags, TargetTags

    return Tags(
        estimator_type="classifier" if classifies else "regressor",
        target_tags=TargetTags(required=True, multi_output=not classifies),
        transformer_tags=None,
        classifier_tags=ClassifierTags() if classifies else None,
        regressor_tags=None if classifies else RegressorTags(),
        input_tags=InputTags(allow_nan=True, categorical=True),
    )
