"""What a run may be asked for besides: stopping early, resuming, other precisions, weights, a perceptron."""

from __future__ import annotations

import dataclasses
from itertools import islice

import numpy as np
import pytest
from sklearn.linear_model import Perceptron
from sklearn.metrics import mean_gamma_deviance, mean_poisson_deviance
from sklearn.neural_network import MLPClassifier

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.judgement import evaluate
from epochal.core.evaluation.wording import sentences
from epochal.core.findings.findings import findings
from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.core.presets import PRESETS
from epochal.core.rows.examples import Examples, Feature
from epochal.core.settings import SettingError, Settings, read_settings
from epochal.core.training.resume import resumed
from epochal.core.training.training import Training
from epochal.data.tables.dataset import Dataset


def run(examples: Examples, **settings: object) -> Training:
    training = Training(examples, Settings.model_validate({"epochs": 20, **settings}))
    for _ in training:
        pass
    return training


# Stopping early.


def test_patience_ends_a_run_and_keeps_the_best_weights(spine: Dataset) -> None:
    settings = {"epochs": 2000, "patience": 15, "learning_rate": 0.05, "l2": 0.0, "hidden": (30,)}
    training = run(spine.examples, **settings)
    errors = training.history.column("validation_error")
    best = int(errors.argmin()) + 1
    assert training.ending == "early"
    assert (training.kept_epoch, training.history.length) == (best, best + 15)
    again = Training(spine.examples, training.settings)
    for _ in islice(again, best):
        pass
    assert again.network.parameters.tobytes() == training.network.parameters.tobytes()


def test_validation_rows_are_training_rows_that_nothing_is_fitted_to(spine: Dataset) -> None:
    plain = Training(spine.examples, Settings())
    watched = Training(spine.examples, Settings(patience=5, validation=0.25))
    rows = watched.split
    assert np.array_equal(rows.held_out, plain.split.held_out)
    assert np.array_equal(np.sort(np.concatenate([rows.train, rows.validation])), plain.split.train)
    assert len(rows.validation) == round(0.25 * len(plain.split.train))
    shares = [np.mean(spine.examples.targets[part]) for part in (rows.train, rows.validation)]
    assert shares[0] == pytest.approx(shares[1], abs=0.01)
    inputs = spine.examples.inputs.copy()
    inputs[rows.validation] = 1e6
    spoiled = Training(dataclasses.replace(spine.examples, inputs=inputs), watched.settings)
    assert np.array_equal(spoiled.preparation.centre, watched.preparation.centre)


def test_held_out_rows_have_no_say_in_when_to_stop(spine: Dataset) -> None:
    settings = Settings(epochs=300, patience=5, learning_rate=0.05)
    training = run(spine.examples, **settings.model_dump())
    targets = spine.examples.targets.copy()
    targets[training.split.held_out] ^= 1
    other = Training(
        dataclasses.replace(spine.examples, targets=targets),
        settings,
        split_rows=training.split,
    )
    assert [e.training_error for e in other] == training.history.column("training_error").tolist()
    assert other.kept_epoch == training.kept_epoch


def test_without_patience_the_last_weights_are_kept(spine: Dataset) -> None:
    training = run(spine.examples)
    assert (training.kept_epoch, len(training.split.validation)) == (20, 0)


# Going on.


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"batch_size": "full"},
        {"dropout": 0.3, "hidden": (6, 5)},
        {"patience": 4, "learning_rate": 0.05},
        {"precision": "float32"},
    ],
    ids=["batches", "full", "dropout", "patience", "float32"],
)
def test_a_resumed_run_ends_with_the_bytes_of_one_never_interrupted(
    optimizer: str, more: dict[str, object], spine: Dataset
) -> None:
    if optimizer == "lbfgs" and "dropout" in more:
        more = {**more, "dropout": 0.0}
    settings = Settings.model_validate({"epochs": 30, "optimizer": optimizer, **more})
    whole = Training(spine.examples, settings)
    list(whole)
    part = Training(spine.examples, settings)
    for _ in islice(part, 11):
        pass
    state = part.state()
    list(part)  # whatever the interrupted run does later, the state is a copy
    again = resumed(spine.examples, settings, state)
    list(again)
    assert again.network.parameters.tobytes() == whole.network.parameters.tobytes()
    assert again.ending == whole.ending
    assert again.kept_epoch == whole.kept_epoch
    for name in ("number", "training_error", "held_out_error", "gradient_norm", "validation_error"):
        np.testing.assert_array_equal(again.history.column(name), whole.history.column(name))


@pytest.mark.parametrize("patience", [0, 1000])
def test_a_finished_run_goes_on_when_more_epochs_are_asked_for(patience: int, spine: Dataset) -> None:
    short, long = Settings(epochs=10, patience=patience), Settings(epochs=25, patience=patience)
    first, whole = Training(spine.examples, short), Training(spine.examples, long)
    list(first)
    list(whole)
    again = resumed(spine.examples, long, first.state())
    list(again)
    assert again.network.parameters.tobytes() == whole.network.parameters.tobytes()


def test_a_state_of_another_network_is_refused(spine: Dataset) -> None:
    state = Training(spine.examples, Settings()).state()
    with pytest.raises(ValueError, match="belongs to another network"):
        resumed(spine.examples, Settings(hidden=(3,)), state)


def test_the_learning_rate_can_be_changed_while_it_runs(spine: Dataset) -> None:
    slow = Settings(optimizer="sgd", learning_rate=0.01, epochs=20, batch_size="full", l2=0.0)
    training = Training(spine.examples, slow)
    for _ in islice(training, 10):
        pass
    training.learning_rate = 0.3
    again = resumed(spine.examples, slow, training.state())
    before = training.network.parameters.copy()
    epoch = next(training)
    assert np.linalg.norm(training.network.parameters - before) == pytest.approx(0.3 * epoch.gradient_norm)
    assert again.learning_rate == 0.3
    next(again)
    assert again.network.parameters.tobytes() == training.network.parameters.tobytes()
    for wrong in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="above 0"):
            training.learning_rate = wrong


# Precision.


@pytest.mark.parametrize("batch_size", [1, 32, "full"])
def test_float32_learns_the_same_to_its_seven_digits(batch_size: object, iris: Dataset) -> None:
    exact, quick = (
        run(iris.examples, precision=p, batch_size=batch_size, epochs=5) for p in ("float64", "float32")
    )
    assert quick.network.parameters.dtype == np.float32
    np.testing.assert_allclose(quick.network.parameters, exact.network.parameters, rtol=2e-3, atol=2e-4)
    assert quick.history[-1].held_out_error == pytest.approx(exact.history[-1].held_out_error, rel=1e-3)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_no_optimizer_leaves_float32(optimizer: str, spine: Dataset) -> None:
    training = run(spine.examples, precision="float32", optimizer=optimizer, epochs=3)
    state = training.state()
    assert {a.dtype for a in (state.vectors, state.gradient, state.best)} == {np.dtype(np.float32)}


# Losses and weights.


def test_a_loss_that_does_not_fit_the_target_is_a_sentence(spine: Dataset, line: Examples) -> None:
    with pytest.raises(ValueError, match=r"huber cannot be used for classes: there is cross-entropy or sq"):
        Training(spine.examples, Settings(loss="huber"))
    with pytest.raises(
        ValueError, match=r"cross-entropy cannot be used for numbers: there is squared or abs"
    ):
        Training(line, Settings(loss="cross-entropy"))


@pytest.mark.parametrize("loss", ["squared", "absolute", "huber"])
def test_every_loss_for_numbers_learns(loss: str, line: Examples) -> None:
    training = run(line, loss=loss, epochs=200, learning_rate=0.02, l2=0.0)
    assert training.loss_name == loss
    assert training.history[-1].training_error < 0.3 * training.error_before


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_a_deviance_finds_what_a_log_linear_model_is_made_of(loss: str, optimizer: str) -> None:
    """Its weights, and its deviance as scikit-learn measures it; no answer is below 0."""
    chance = np.random.default_rng(1)
    inputs = chance.normal(size=(1500, 2))
    mean = np.exp(1.0 + 0.6 * inputs[:, 0] - 0.3 * inputs[:, 1])
    targets = chance.poisson(mean).astype(float) if loss == "poisson" else chance.gamma(4.0, mean / 4.0)
    examples = Examples((Feature("a"), Feature("b")), inputs, targets[:, None])
    steps = {"schedule": "cosine", "learning_rate": 0.02} if optimizer == "adam" else {}
    training = run(examples, loss=loss, optimizer=optimizer, hidden=(), epochs=60, l2=0.0, **steps)
    outputs = training.outputs(inputs)[:, 0]
    assert outputs.min() > 0.0
    assert abs(np.log(outputs / mean)).mean() < 0.05
    found = evaluate(training)
    rows = training.split.held_out
    measure = {"poisson": mean_poisson_deviance, "gamma": mean_gamma_deviance}[loss]
    assert found.deviance == pytest.approx(measure(targets[rows], outputs[rows]), rel=1e-9)
    constant = np.full(len(rows), targets[training.split.train].mean())
    assert found.baseline_deviance == pytest.approx(measure(targets[rows], constant), rel=1e-9)
    assert "of it explained" in sentences(found)[-1]


def test_a_deviance_of_numbers_below_0_is_refused(line: Examples) -> None:
    with pytest.raises(ValueError, match="numbers from 0 on, such as counts and prices"):
        Training(line, Settings(loss="poisson"))


def test_an_absolute_error_is_not_swayed_by_a_wild_target() -> None:
    chance = np.random.default_rng(0)
    inputs = chance.normal(size=(200, 1))
    targets = 3.0 * inputs
    targets[:10] += 300.0
    examples = Examples((Feature("x"),), inputs, targets)
    settings = {"hidden": (), "epochs": 300, "learning_rate": 0.02, "l2": 0.0}
    probe = np.array([[-1.0], [1.0]])
    squared, absolute = (
        run(examples, loss=name, **settings).outputs(probe) for name in ("squared", "absolute")
    )
    assert np.abs(absolute[:, 0] - [-3.0, 3.0]).max() < 1.0
    assert np.abs(squared[:, 0] - [-3.0, 3.0]).max() > 5.0


def test_balanced_class_weights_find_more_of_a_rare_class(spine: Dataset) -> None:
    abnormal = np.flatnonzero(spine.examples.targets == 0)
    normal = np.flatnonzero(spine.examples.targets == 1)[:30]
    rows = np.sort(np.concatenate([abnormal, normal]))
    rare = dataclasses.replace(
        spine.examples, inputs=spine.examples.inputs[rows], targets=spine.examples.targets[rows]
    )
    plain, balanced = (evaluate(run(rare, class_weights=name, epochs=100)) for name in ("none", "balanced"))
    assert isinstance(plain, ClassEvaluation)
    assert isinstance(balanced, ClassEvaluation)
    assert balanced.per_class[1].recall > plain.per_class[1].recall  # type: ignore[operator]


def test_weights_of_rows_count_as_often_as_they_say(iris: Dataset) -> None:
    """Doubling every weight changes nothing, and a weight of 0 leaves a row out of the error."""
    weights = np.random.default_rng(0).uniform(0.5, 2.0, 150)
    once, twice = (run(dataclasses.replace(iris.examples, weights=factor * weights)) for factor in (1.0, 2.0))
    np.testing.assert_allclose(once.network.parameters, twice.network.parameters, rtol=1e-12)
    rows = once.split.train
    true = once.outputs(iris.examples.inputs[rows])[np.arange(len(rows)), iris.examples.targets[rows]]
    expected = -(weights[rows] * np.log(true)).sum() / weights[rows].sum()
    assert once.history[-1].training_error == pytest.approx(expected, rel=1e-12)
    with pytest.raises(ValueError, match="at least 0"):
        Training(dataclasses.replace(iris.examples, weights=-weights), Settings())


# The perceptron.


def test_the_perceptron_preset_follows_the_perceptron_rule(spine: Dataset) -> None:
    """Against scikit-learn's, which takes the rows in the same order when nobody shuffles them."""
    examples = spine.examples
    settings = PRESETS["perceptron"].model_copy(update={"epochs": 1, "learning_rate": 1.0})
    training = Training(examples, settings)
    order = np.random.default_rng([0, 2]).permutation(len(training.split.train))
    rows = training.split.train[order]
    peer = Perceptron(shuffle=False, max_iter=1, tol=None, eta0=1.0, penalty=None)
    peer.fit(training.preparation.inputs(examples.inputs[rows]), examples.targets[rows])
    next(training)
    (weights,) = training.network.weights
    np.testing.assert_allclose(weights[0], [*peer.coef_[0], *peer.intercept_], rtol=1e-9, atol=1e-12)


def test_a_perceptron_is_for_two_classes_and_has_no_hidden_layer(iris: Dataset, line: Examples) -> None:
    for examples, words in ((iris.examples, "here are 3 classes"), (line, "here are numbers")):
        with pytest.raises(ValueError, match=words):
            Training(examples, PRESETS["perceptron"])
    with pytest.raises(SettingError) as refused:
        read_settings({"activation": "step", "hidden": "10"})
    assert "no slope" in str(refused.value)


def test_a_perceptron_is_judged_like_any_other(spine: Dataset) -> None:
    evaluation = evaluate(run(spine.examples, **PRESETS["perceptron"].model_dump()))
    assert isinstance(evaluation, ClassEvaluation)
    assert evaluation.accuracy is not None
    assert evaluation.accuracy > 0.7
    training = run(spine.examples, **PRESETS["perceptron"].model_dump())
    assert "calibration" not in {finding.code for finding in findings(training, evaluation)}


# The starting weights.


@pytest.mark.parametrize(
    ("name", "variance"),
    [
        ("xavier", 2 / (300 + 200)),
        ("xavier-normal", 2 / (300 + 200)),
        ("he", 2 / 200),
        ("he-uniform", 2 / 200),
        ("lecun", 1 / 200),
        ("lecun-uniform", 1 / 200),
        ("normal", 1.0),
        ("zeros", 0.0),
    ],
)
def test_starting_weights_have_the_variance_of_their_paper(name: str, variance: float) -> None:
    inputs = np.random.default_rng(0).normal(size=(20, 200))
    examples = Examples(tuple(Feature(str(i)) for i in range(200)), inputs, np.arange(20) % 2, ("no", "yes"))
    training = Training(examples, Settings(hidden=(300,), initial_weights=name))
    weights = training.network.weights[0]
    assert weights[:, :-1].mean() == pytest.approx(0.0, abs=5 * (variance / 60_000) ** 0.5)
    assert weights[:, :-1].var() == pytest.approx(variance, rel=0.03)
    assert not weights[:, -1].any()
    if name in ("xavier", "he-uniform", "lecun-uniform"):
        assert np.abs(weights).max() <= (3 * variance) ** 0.5


# Schedules.


def test_the_rate_of_each_epoch_is_the_schedules(spine: Dataset) -> None:
    """Plain descent on all rows moves by the rate times the gradient, so the rate can be seen."""
    settings = Settings(
        optimizer="sgd", batch_size="full", learning_rate=0.2, schedule="cosine", warm_up=3, epochs=12
    )
    training = Training(spine.examples, settings)
    for number in range(1, 13):
        before = training.network.parameters.copy()
        epoch = next(training)
        moved = np.linalg.norm(training.network.parameters - before) / epoch.gradient_norm
        expected = 0.2 * 0.5 * (1 + np.cos(np.pi * (number - 1) / 12)) * min(1.0, number / 4)
        assert moved == pytest.approx(expected, rel=1e-9)


def test_a_plateau_halves_the_rate_and_is_resumed(spine: Dataset) -> None:
    settings = Settings(schedule="plateau", learning_rate=0.5, epochs=120, optimizer="adam", batch_size=8)
    whole = Training(spine.examples, settings)
    list(whole)
    part = Training(spine.examples, settings)
    for _ in islice(part, 77):
        pass
    assert part.state().plateau.factor < 1.0
    again = resumed(spine.examples, settings, part.state())
    list(again)
    assert again.network.parameters.tobytes() == whole.network.parameters.tobytes()


# L-BFGS.


def test_lbfgs_goes_below_what_scikit_learns_reaches(spine: Dataset) -> None:
    settings = Settings(optimizer="lbfgs", epochs=300, l2=0.01)
    training = Training(spine.examples, settings)
    rows = training.split.train
    inputs = training.preparation.inputs(spine.examples.inputs[rows])
    weights = [w.copy() for w in training.network.weights]
    peer = MLPClassifier(
        (10,), activation="tanh", solver="lbfgs", alpha=0.01 * len(rows), max_iter=300, tol=1e-10
    )

    def objective(weights: list[np.ndarray]) -> float:
        values = inputs
        for layer in weights[:-1]:
            values = np.tanh(values @ layer[:, :-1].T + layer[:, -1])
        z = (values @ weights[-1][:, :-1].T + weights[-1][:, -1])[:, 0]
        signs = np.where(spine.examples.targets[rows] == 1, 1.0, -1.0)
        penalty = 0.005 * sum(np.square(layer[:, :-1]).sum() for layer in weights)
        return float(np.logaddexp(0.0, -signs * z).mean() + penalty)

    start = objective(weights)
    list(training)
    peer.fit(inputs, spine.examples.targets[rows])
    theirs = [np.column_stack([c.T, i]) for c, i in zip(peer.coefs_, peer.intercepts_, strict=True)]
    assert objective(training.network.weights) < start
    assert objective(training.network.weights) <= objective(theirs) * 1.01


def test_lbfgs_ends_when_there_is_no_lower_error(spine: Dataset) -> None:
    training = run(spine.examples, optimizer="lbfgs", hidden=(), epochs=10_000, l2=0.1)
    assert training.ending == "early"
    assert training.history.length < 1000
    again = resumed(spine.examples, training.settings, training.state())
    assert next(again, None) is None
    assert training.history[-1].gradient_norm < 1e-5


def test_lbfgs_says_what_it_cannot_be_combined_with(spine: Dataset) -> None:
    with pytest.raises(ValueError, match="Dropout and Clipping must be 0"):
        Training(spine.examples, Settings(optimizer="lbfgs", dropout=0.1))
