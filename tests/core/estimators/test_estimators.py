"""Classifier and Regressor by scikit-learn's contract: its own checks, and its own tools with them."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.inspection import permutation_importance
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import epochal
from epochal.core.settings import DECLARATIONS
from tests.frames import PandasCategories, PandasLike

polars = pytest.importorskip("polars")


with warnings.catch_warnings():
    # It has all that is asked for without the class that would make scikit-learn a dependency.
    warnings.filterwarnings("ignore", "Estimator .* does not inherit from")
    EVERY_CHECK = parametrize_with_checks([epochal.Classifier(epochs=40), epochal.Regressor(epochs=40)])


@EVERY_CHECK
def test_scikit_learn_has_nothing_to_object(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.fixture(scope="module")
def flowers() -> tuple[np.ndarray, np.ndarray]:
    table = epochal.read_table("iris")
    inputs = np.column_stack([column.values for column in table.columns if column.numeric])
    species = table.column("species")
    return inputs, np.array(species.categories)[species.values.astype(int)]


def quick(**parameters: Any) -> epochal.Classifier:
    return epochal.Classifier(**{"hidden": 4, "epochs": 30, "learning_rate": 0.03, **parameters})


def test_every_setting_but_the_held_out_share_is_a_parameter() -> None:
    names = set(epochal.Classifier().get_params())
    assert names == {"settings", "budget", *DECLARATIONS} - {"held_out"}


def test_it_works_in_pipelines_searches_and_calibration(flowers: Any) -> None:
    inputs, labels = flowers
    assert cross_val_score(quick(), inputs, labels, cv=3).mean() > 0.9
    search = GridSearchCV(
        make_pipeline(StandardScaler(), quick()),
        {"classifier__hidden": [(), 4], "classifier__l2": [0.0, 1.0]},
        cv=2,
    ).fit(inputs, labels)
    assert search.best_score_ > 0.85
    calibrated = CalibratedClassifierCV(quick(), cv=2).fit(inputs, labels, sample_weight=np.ones(len(labels)))
    assert np.allclose(calibrated.predict_proba(inputs).sum(axis=1), 1.0)
    fitted = quick().fit(inputs, labels)
    found = permutation_importance(fitted, inputs, labels, n_repeats=2, random_state=0)
    assert found.importances_mean.argmax() in (2, 3)
    table = epochal.read_table("auto_mpg").dataset().examples
    answers = cross_val_predict(
        epochal.Regressor(epochs=60, learning_rate=0.01), table.inputs, table.targets.ravel(), cv=3
    )
    assert np.corrcoef(answers, table.targets.ravel())[0, 1] > 0.85


def test_what_was_fitted_can_be_looked_at_copied_and_stored(flowers: Any) -> None:
    inputs, labels = flowers
    fitted = quick(seed=3).fit(inputs, labels)
    assert (is_classifier(fitted), is_regressor(epochal.Regressor())) == (True, True)
    assert len(fitted.loss_curve_) == fitted.n_iter_ == 30
    assert fitted.loss_curve_[-1] < fitted.loss_curve_[0]
    assert fitted.settings_ == epochal.Settings(hidden=4, epochs=30, learning_rate=0.03, seed=3)
    assert repr(fitted) == "Classifier(hidden=4, learning_rate=0.03, epochs=30, seed=3)"
    again = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(again.predict_proba(inputs), fitted.predict_proba(inputs))
    copied = clone(fitted)
    assert copied.get_params() == fitted.get_params()
    assert not hasattr(copied, "predictor_")
    with pytest.raises(ValueError, match="not fitted yet"):
        copied.predict(inputs)


def test_the_order_of_rows_changes_nothing_and_whole_weights_repeat_them(flowers: Any) -> None:
    inputs, labels = flowers
    rng = np.random.default_rng(0)
    order, times = rng.permutation(len(labels)), rng.integers(0, 4, len(labels))
    plain = quick(epochs=5).fit(inputs, labels)
    shuffled = quick(epochs=5).fit(inputs[order], labels[order])
    assert np.array_equal(plain.predict_proba(inputs), shuffled.predict_proba(inputs))
    by_weight = quick(epochs=5).fit(inputs, labels, sample_weight=times)
    repeated = quick(epochs=5).fit(np.repeat(inputs, times, axis=0), np.repeat(labels, times))
    assert np.array_equal(by_weight.predict_proba(inputs), repeated.predict_proba(inputs))


def test_weights_with_fractions_pull_the_probabilities(flowers: Any) -> None:
    inputs, labels = flowers
    rows = labels != "setosa"
    heavy = np.where(labels[rows] == "virginica", 2.5, 0.25)
    plain, pulled = quick().fit(inputs[rows], labels[rows]), quick().fit(inputs[rows], labels[rows], heavy)
    place = list(plain.classes_).index("virginica")
    difference = pulled.predict_proba(inputs[rows]) - plain.predict_proba(inputs[rows])
    assert difference[:, place].mean() > 0.03


def test_a_frame_with_words_and_missing_cells_is_fitted_and_predicted() -> None:
    table = epochal.read_table("penguins")
    columns = {
        one.name: [one.text(row) or None for row in range(table.rows)] if not one.numeric else one.values
        for one in table.columns
    }
    labels = columns.pop("species")
    frame = polars.DataFrame(columns).fill_nan(None)
    fitted = quick().fit(frame, labels)
    assert list(fitted.feature_names_in_) == frame.columns
    assert fitted.score(frame, labels) > 0.95
    part = frame.filter(polars.col("island") == "Dream")
    assert np.allclose(fitted.predict_proba(part), fitted.predict_proba(frame)[frame["island"] == "Dream"])
    unknown = part.with_columns(polars.lit("Atlantis").alias("island"))
    assert np.isfinite(fitted.predict_proba(unknown)).all()
    with pytest.raises(ValueError, match="must be in the same order"):
        fitted.predict(frame.select(reversed(frame.columns)))
    with pytest.raises(ValueError, match="seen at fit time, yet now missing:\n- sex"):
        fitted.predict(frame.rename({"sex": "gender"}))


def test_pandas_names_features_only_where_they_are_words(flowers: Any) -> None:
    inputs, labels = flowers
    named = PandasLike({"a": inputs[:, 0], "size": PandasCategories([0, 1] * 75, ["small", "large"])})
    assert list(quick(epochs=2).fit(named, labels).feature_names_in_) == ["a", "size"]
    by_place = PandasLike({0: inputs[:, 0], 1: inputs[:, 1]})  # type: ignore[dict-item]
    fitted = quick(epochs=2).fit(by_place, labels)
    assert not hasattr(fitted, "feature_names_in_")
    assert np.array_equal(fitted.predict(inputs[:, :2]), fitted.predict(by_place))


def test_auto_searches_and_keeps_what_is_given(flowers: Any) -> None:
    fitted = epochal.Classifier(settings="auto", budget=0.2, hidden=3, activation="tanh").fit(*flowers)
    assert fitted.settings_.hidden == (3,)
    assert fitted.score(*flowers) > 0.9
    with pytest.raises(epochal.SettingError, match="settings are one of auto, sensible"):
        epochal.Classifier(settings="best").fit(*flowers)
    with pytest.raises(epochal.SettingError, match="Activation is one of"):
        epochal.Classifier(activation="rely").fit(*flowers)
    given = epochal.Settings(hidden=2, epochs=7)
    assert epochal.Classifier(settings=given, seed=1).fit(*flowers).n_iter_ == 7


def test_several_numbers_are_predicted_at_once() -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(120, 3))
    targets = np.column_stack([inputs.sum(axis=1), inputs[:, 0] - inputs[:, 1]])
    fitted = epochal.Regressor(epochs=150, learning_rate=0.02).fit(inputs, targets)
    assert fitted.predict(inputs).shape == (120, 2)
    assert fitted.score(inputs, targets) > 0.95


def test_a_run_that_diverges_warns_and_still_answers() -> None:
    inputs = np.random.default_rng(0).normal(size=(50, 2))
    wild = epochal.Regressor(optimizer="sgd", learning_rate=1e4, epochs=20, l2=0.0)
    with pytest.warns(RuntimeWarning, match="try a smaller learning_rate"):
        wild.fit(inputs, inputs[:, 0])
    assert np.isfinite(wild.predict(inputs)).all()


def test_scikit_learn_is_not_imported_for_any_of_it() -> None:
    program = (
        "import sys, numpy as np, epochal\n"
        "X = np.arange(40.0).reshape(20, 2); y = np.arange(20) % 2\n"
        "for one in (epochal.Classifier(epochs=2), epochal.Regressor(epochs=2)):\n"
        "    one.fit(X, y).score(X, y)\n"
        "    try: type(one)().predict(X)\n"
        "    except ValueError as error: print(error)\n"
        "print('sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "This Classifier is not fitted yet: call fit with rows to learn from first.",
        "This Regressor is not fitted yet: call fit with rows to learn from first.",
        "False",
    ]
