"""One step under the microscope: the same numbers as the fast step's, and the check by finite differences."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from epochal.core.explain.gradient_check import gradient_check
from epochal.core.explain.microscope import coming_steps
from epochal.core.explain.node_statistics import Probe
from epochal.core.explain.one_step import OneStep
from epochal.core.explain.textbook import LOSSES as PLAIN_LOSSES
from epochal.core.explain.textbook import OPTIMIZERS as PLAIN_OPTIMIZERS
from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.losses import LOSSES, OutputActivation
from epochal.core.network.network import layer_views
from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.core.rows.examples import Examples, Feature
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.tables.dataset import Dataset

INSIDE = [name for name in ACTIVATIONS if name != "step"]
CASES = [(link, loss) for link in LOSSES if link != "step" for loss in LOSSES[link]]
DIGITS = {"float64": 1e-12, "float32": 2e-5}


def examples_for(link: OutputActivation, rows: int = 11, *, weighted: bool = False) -> Examples:
    """Four features, one of them in categories, and a target for outputs of this kind."""
    chance = np.random.default_rng(3)
    inputs = np.column_stack([chance.normal(3.0, 2.0, (rows, 3)), chance.integers(2, size=rows)])
    features = (*map(Feature, "abc"), Feature("d", ("no", "yes")))
    weights = chance.uniform(0.5, 2.0, rows) if weighted else None
    if link in ("identity", "exponential"):
        numbers = chance.normal(size=(rows, 2)) if link == "identity" else chance.poisson(2.0, (rows, 2))
        return Examples(features, inputs, numbers.astype(np.float64), outputs=("u", "v"), weights=weights)
    classes = ("p", "q", "r") if link == "softmax" else ("p", "q")
    return Examples(features, inputs, np.arange(rows) % len(classes), classes, weights=weights)


def epoch_ahead(training: Training) -> list[OneStep]:
    return list(coming_steps(training, training.state(), training.history.length))


def assert_same_epochs(examples: Examples, settings: Settings, epochs: int = 2) -> None:
    """Whether step by step one arrives where each epoch arrives."""
    training = Training(examples, settings)
    for _ in range(epochs):
        steps = epoch_ahead(training)
        assert next(training, None)
        np.testing.assert_allclose(
            steps[-1].update.after,
            training.network.parameters,
            rtol=DIGITS[settings.precision],
            atol=DIGITS[settings.precision],
        )
        assert steps[-1].update.steps == training.state().steps or settings.optimizer == "lbfgs"


def test_every_loss_and_optimizer_is_in_the_textbook() -> None:
    assert set(PLAIN_LOSSES) == {(link, loss) for link in LOSSES for loss in LOSSES[link]}
    assert set(PLAIN_OPTIMIZERS) == {name for name in OPTIMIZERS if OPTIMIZERS[name].value.rule}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("activation", INSIDE)
def test_a_plain_step_goes_where_the_fast_step_goes(activation: str, optimizer: str) -> None:
    for link, loss in CASES:
        settings = Settings(
            activation=activation, optimizer=optimizer, loss=loss, hidden=(4, 3), batch_size=4, epochs=9
        )
        assert_same_epochs(examples_for(link), settings)


@pytest.mark.parametrize("optimizer", [name for name in OPTIMIZERS if name != "lbfgs"])
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_penalties_clipping_dropout_weights_and_schedules_are_in_it(optimizer: str, precision: str) -> None:
    settings = Settings(
        optimizer=optimizer,
        precision=precision,
        hidden=(5, 4),
        batch_size=3,
        l2=0.1,
        l1=0.02,
        clip=0.3,
        dropout=0.4,
        schedule="cosine",
        warm_up=2,
        class_weights="balanced",
        epochs=9,
    )
    for link in ("sigmoid", "softmax", "identity"):
        assert_same_epochs(examples_for(link, weighted=True), settings)


@pytest.mark.parametrize(
    "changed",
    [
        {"hidden": ()},
        {"batch_size": 1, "optimizer": "sgd"},
        {"batch_size": "full"},
        {"batch_size": "full", "dropout": 0.5},
        {"schedule": "plateau", "learning_rate": 3.0, "optimizer": "sgd", "epochs": 40},
        {"patience": 30, "validation": 0.3},
        {"initial_weights": "zeros", "activation": "relu"},
        {"optimizer": "lbfgs", "l2": 0.1, "l1": 0.01, "epochs": 30},
        {"optimizer": "lbfgs", "precision": "float32"},
    ],
)
def test_other_settings_are_followed_too(changed: dict[str, object]) -> None:
    settings = Settings.model_validate({"epochs": 20, **changed})
    assert_same_epochs(examples_for("sigmoid", 40), settings, epochs=min(settings.epochs - 1, 25))


def test_a_perceptrons_step_is_derived_too() -> None:
    settings = Settings(
        hidden=(), activation="step", optimizer="sgd", initial_weights="zeros", batch_size=1, epochs=5
    )
    assert_same_epochs(examples_for("sigmoid"), settings)


def test_the_run_is_not_disturbed(spine: Dataset) -> None:
    alone, watched = (Training(spine.examples, Settings(epochs=6, dropout=0.2)) for _ in range(2))
    for _ in range(5):
        next(alone)
        next(watched)
        epoch_ahead(watched)
        assert watched.network.parameters.tobytes() == alone.network.parameters.tobytes()


def test_the_batch_is_the_very_next_one(spine: Dataset) -> None:
    training = Training(spine.examples, Settings(epochs=5, batch_size=32))
    for _ in range(2):
        next(training)
    steps = epoch_ahead(training)
    assert [len(step.batch) for step in steps] == [32] * 7 + [24]
    assert np.array_equal(np.sort(np.concatenate([s.batch.rows for s in steps])), training.split.train)
    assert [(step.epoch, step.number, step.of) for step in steps][:2] == [(3, 1, 8), (3, 2, 8)]
    batch = steps[0].batch
    np.testing.assert_array_equal(batch.raw, spine.examples.inputs[batch.rows])
    np.testing.assert_array_equal(batch.inputs, training.preparation.inputs(batch.raw))
    np.testing.assert_array_equal(batch.targets[:, 0], spine.examples.targets[batch.rows])


def test_layers_errors_and_gradients_are_those_of_the_whole_table(spine: Dataset) -> None:
    settings = Settings(epochs=5, batch_size="full", hidden=(6, 4), l2=0.1)
    training = Training(spine.examples, settings)
    next(training)
    (step,) = epoch_ahead(training)
    probe = Probe.of(training)
    layers = probe.layers(training.network)
    for ours, theirs in zip(step.layers[:-1], layers[1:-1], strict=True):
        np.testing.assert_allclose(ours.values, theirs.values, rtol=1e-12)
    of_error = layer_views(step.gradient.of_error, step.shape)
    for gradient, layer in zip(of_error, layers[1:], strict=True):
        np.testing.assert_allclose(gradient, layer.gradient, rtol=1e-10, atol=1e-15)
    assert step.error == pytest.approx(training.history[-1].training_error, rel=1e-12)
    weights = np.concatenate([w[:, :-1].ravel() for w in training.network.weights])
    assert step.penalty == pytest.approx(0.05 * weights @ weights, rel=1e-12)


def test_what_dropout_drops_passes_nothing_on_and_gets_no_delta(spine: Dataset) -> None:
    step = epoch_ahead(Training(spine.examples, Settings(epochs=5, dropout=0.5)))[0]
    hidden = step.layers[0]
    assert hidden.mask is not None
    assert set(np.unique(hidden.mask)) == {0.0, 2.0}
    assert not hidden.leaving[hidden.mask == 0.0].any()
    assert not hidden.deltas[hidden.mask == 0.0].any()
    np.testing.assert_allclose(hidden.leaving[hidden.mask > 0], 2.0 * hidden.values[hidden.mask > 0])


@pytest.mark.parametrize("activation", INSIDE)
@pytest.mark.parametrize(("link", "loss"), CASES)
def test_the_check_agrees_with_every_right_gradient(
    activation: str, link: OutputActivation, loss: str
) -> None:
    settings = Settings(
        activation=activation, loss=loss, hidden=(4, 3), batch_size=5, l2=0.1, l1=0.01, dropout=0.2, epochs=9
    )
    training = Training(examples_for(link, weighted=True), settings)
    next(training)
    check = gradient_check(epoch_ahead(training)[0])
    assert check.agrees
    assert check.tried == check.parameters == len(training.network.parameters)
    assert check.absolute is not None
    # A power of e has gradients of any size, so that digits count, not places.
    size = max(1.0, abs(check.absolute.derived)) if link == "exponential" else 1.0
    assert check.absolute.absolute < 1e-8 * size
    assert check.relative is not None
    assert check.relative.relative < 1e-6


def test_the_check_is_as_sharp_for_a_run_in_float32(spine: Dataset) -> None:
    training = Training(spine.examples, Settings(epochs=5, precision="float32"))
    next(training)
    check = gradient_check(epoch_ahead(training)[0])
    assert check.agrees
    assert check.absolute is not None
    assert check.absolute.absolute < 1e-8


@pytest.mark.parametrize("place", [0, 40, 80])
def test_the_check_finds_the_one_wrong_gradient_and_says_where(place: int, spine: Dataset) -> None:
    step = epoch_ahead(Training(spine.examples, Settings(epochs=5, l2=0.0)))[0]
    wrong = step.gradient.of_error.copy()
    wrong[place] *= 1.001
    check = gradient_check(
        dataclasses.replace(step, gradient=dataclasses.replace(step.gradient, of_error=wrong))
    )
    assert not check.agrees
    assert check.absolute is not None
    assert check.relative is not None
    assert check.absolute.place == check.relative.place == place
    assert check.relative.relative == pytest.approx(1e-3, rel=1e-2)


def test_a_clipped_gradient_is_checked_before_it_is_clipped(spine: Dataset) -> None:
    step = epoch_ahead(Training(spine.examples, Settings(epochs=5, clip=0.01)))[0]
    assert step.gradient.kept < 1.0
    assert np.linalg.norm(step.gradient.whole) == pytest.approx(0.01)
    assert gradient_check(step).agrees


def test_a_kink_within_the_step_is_named_and_not_failed() -> None:
    examples = examples_for("sigmoid")
    zeros = Settings(activation="relu", initial_weights="zeros", hidden=(3,), epochs=5, l2=0.0)
    step = epoch_ahead(Training(examples, zeros))[0]
    check = gradient_check(step)
    # All sums are 0, so each of the 5 weights and the bias into a hidden node leads over the kink.
    assert check.at_kinks == tuple(range(3 * 6))
    assert check.agrees
    pulled = Settings(initial_weights="zeros", hidden=(), l1=0.1, epochs=5)
    assert gradient_check(epoch_ahead(Training(examples, pulled))[0]).at_kinks == (0, 1, 2, 3, 4)


def test_of_a_wide_network_a_sample_is_checked_and_it_says_so(spine: Dataset) -> None:
    step = epoch_ahead(Training(spine.examples, Settings(epochs=5, hidden=(64, 32))))[0]
    check = gradient_check(step, work=0)
    assert (check.tried, check.parameters) == (100, len(step.update.before))
    assert check.agrees


def test_a_run_that_goes_astray_is_shown_as_it_is_and_fails_the_check(spine: Dataset) -> None:
    training = Training(
        spine.examples, Settings(epochs=5, learning_rate=1e300, optimizer="sgd", activation="identity")
    )
    steps = epoch_ahead(training)
    assert not np.isfinite(steps[-1].update.after).all()
    assert not gradient_check(steps[-1]).agrees
