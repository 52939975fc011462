"""What classifier and regressor share: parameters from the settings, and fitting on all rows."""

from __future__ import annotations

import inspect
import warnings
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from epochal.core.estimators.inputs import Inputs, like_training, read_inputs, times_counted, weights_of
from epochal.core.estimators.peers import not_fitted, tags_of
from epochal.core.evaluation.judgement import decision_threshold
from epochal.core.network.predictor import Predictor
from epochal.core.presets import AUTO, PRESET_OPTIONS, PRESETS
from epochal.core.rows.examples import Examples, Floats, Rows, Split
from epochal.core.settings import DECLARATIONS, SettingError, Settings, read_settings
from epochal.core.studies.auto.auto import AutoSearch
from epochal.core.training.completion import complete, final_network
from epochal.core.training.training import Training

# The rows of an estimator are all trained on: who has rows to hold back does so before.
PARAMETERS: dict[str, Any] = {
    "settings": "sensible",
    "budget": None,
    **dict.fromkeys(name for name in DECLARATIONS if name != "held_out"),
}


class Estimator(ABC):
    """Parameters are `settings` ("sensible", another preset, "auto", or Settings) and each setting by itself.

    A setting that is not None holds in place of that of `settings`; "auto" searches for the others on the
    rows that are fitted, within `budget` seconds. There is no `partial_fit`: scaling and imputation are
    learned from all rows, which later ones would have to change.
    """

    _classifies: ClassVar[bool]
    settings: Settings | str
    budget: float | None
    settings_: Settings
    predictor_: Predictor
    threshold_: float
    loss_curve_: list[float]
    loss_: float
    n_iter_: int
    n_features_in_: int
    feature_names_in_: NDArray[np.object_]

    def __init__(self, **parameters: Any) -> None:
        unknown = [name for name in parameters if name not in PARAMETERS]
        if unknown:
            raise TypeError(f"{type(self).__name__} has no parameter {unknown[0]}")
        for name, default in PARAMETERS.items():
            setattr(self, name, parameters.get(name, default))

    @abstractmethod
    def _examples(self, inputs: Inputs, y: object) -> Examples:
        """The rows with their targets."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002
        """The parameters by name."""
        return {name: getattr(self, name) for name in PARAMETERS}

    def set_params(self, **parameters: Any) -> Self:
        """Set parameters. ValueError names one that there is not."""
        for name, value in parameters.items():
            if name not in PARAMETERS:
                raise ValueError(
                    f"Invalid parameter {name!r} for estimator {self}. Valid parameters are: "
                    f"{list(PARAMETERS)}."
                )
            setattr(self, name, value)
        return self

    def fit(self, X: object, y: object, sample_weight: object = None) -> Self:  # noqa: N803
        """Learn from all rows; X is rows x features, an array or a frame, with missing cells and words.

        Rows are first put in an order of their own, so that the one they come in changes nothing. A row whose
        weight is a whole number counts so many times; another weight weighs in the loss.
        """
        name = type(self).__name__
        inputs = read_inputs(X, name)
        if y is None:
            raise ValueError(f"{name} requires y to be passed, but the target y is None.")
        examples = self._examples(inputs, y)
        if len(examples) < 2:
            raise ValueError(f"There is nothing to learn from n_samples=1: {name} needs at least two rows.")
        examples = weighted(examples, weights_of(sample_weight, len(examples)))
        self.n_features_in_ = len(inputs.features)
        if inputs.names is not None:
            self.feature_names_in_ = np.array(inputs.names, object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        self._train(examples)
        return self

    def _train(self, examples: Examples) -> None:
        everything = np.arange(len(examples))
        # Training measures some held-out row in every epoch; nothing is said of it here.
        rows = Split(everything, everything[:1], stratified=False)
        settings, given = self._chosen()
        if self.settings == AUTO:
            search = AutoSearch(examples, settings, given, budget=self.budget, split_rows=rows)
            for _ in search:
                pass
            settings = search.settings()
        training = Training(examples, settings, split_rows=rows)
        for _ in training:
            pass
        if training.diverged_at:
            warnings.warn(
                f"Training diverged in epoch {training.diverged_at:,}: try a smaller learning_rate.",
                RuntimeWarning,
                stacklevel=3,
            )
        self.settings_ = settings
        complete(training)
        network = final_network(training)
        self.predictor_ = Predictor(training.preparation, network)
        self.threshold_ = decision_threshold(training, network)
        self.loss_curve_ = training.history.column("training_error").tolist()
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else training.error_before
        self.n_iter_ = training.history.length

    def _chosen(self) -> tuple[Settings, tuple[str, ...]]:
        """The settings, and which of them are given. SettingError says what is wrong."""
        base: object = self.settings
        given = {name: getattr(self, name) for name in PARAMETERS if name in DECLARATIONS}
        given = {name: value for name, value in given.items() if value is not None}
        if not isinstance(base, Settings):
            preset = PRESET_OPTIONS.get(str(base), str(base))
            if preset != AUTO and preset not in PRESETS:
                raise SettingError("settings", f"settings are one of {', '.join(PRESET_OPTIONS)}, not {base}")
            base = PRESETS.get(preset)
        return read_settings(given, base), tuple(given)

    def _outputs(self, X: object) -> Floats:  # noqa: N803
        if not hasattr(self, "predictor_"):
            raise not_fitted(type(self).__name__)
        features = self.predictor_.preparation.features
        names = getattr(self, "feature_names_in_", None)
        return self.predictor_.outputs(like_training(X, features, names, type(self).__name__))

    def __repr__(self) -> str:
        changed = (
            f"{name}={value!r}" for name, value in self.get_params().items() if value != PARAMETERS[name]
        )
        return f"{type(self).__name__}({', '.join(changed)})"

    def __sklearn_tags__(self) -> Any:
        return tags_of(classifies=self._classifies)


_KEYWORD = inspect.Parameter.KEYWORD_ONLY
Estimator.__init__.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD),
        *(inspect.Parameter(name, _KEYWORD, default=default) for name, default in PARAMETERS.items()),
    ]
)


def weighted(examples: Examples, weights: Floats | None) -> Examples:
    """The examples in the order of their own values, each as often, or as heavy, as its weight says."""
    targets = examples.targets.reshape(len(examples), -1)
    keys = [*examples.inputs.T, *targets.T] + ([] if weights is None else [weights])
    order: Rows = np.lexsort(keys[::-1])
    if weights is None:
        return examples.take(order)
    times = times_counted(weights[order])
    if times is not None:
        return examples.take(np.repeat(order, times))
    kept = order[weights[order] > 0.0]
    found = examples.take(kept)
    return Examples(
        found.features, found.inputs, found.targets, found.classes, found.outputs, weights=weights[kept]
    )
