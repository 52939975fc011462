"""What a run lacks at its end: its ensemble's other members, and a temperature of its training rows."""

from __future__ import annotations

import numpy as np
import pytest

from epochal.core.evaluation.judgement import evaluate
from epochal.core.outcome import outcome_of
from epochal.core.rows.examples import Examples, Feature
from epochal.core.settings import Settings
from epochal.core.training.completion import complete, completing, completion_in_words, final_network
from epochal.core.training.resume import replayed
from epochal.core.training.training import Training

SETTINGS = Settings(hidden=(6,), epochs=20, l2=0.0)


def blobs(rows: int = 120, classes: int = 2, seed: int = 0) -> Examples:
    rng = np.random.default_rng(seed)
    targets = rng.integers(classes, size=rows)
    inputs = rng.normal(size=(rows, 3)) + targets[:, None] * np.array([1.0, 0.3, 0.0])
    names = tuple(f"class {number}" for number in range(classes))
    return Examples(tuple(map(Feature, "abc")), inputs, targets, names)


def numbers(rows: int = 90) -> Examples:
    rng = np.random.default_rng(3)
    inputs = rng.normal(size=(rows, 3))
    return Examples(tuple(map(Feature, "abc")), inputs, np.sin(inputs[:, :1]))


def run(examples: Examples, **changed: object) -> Training:
    training = Training(examples, SETTINGS.model_copy(update=changed))
    for _ in training:
        pass
    return training


@pytest.mark.parametrize("examples", [blobs(), blobs(classes=4), numbers()])
@pytest.mark.parametrize("changed", [{}, {"patience": 3}, {"optimizer": "lbfgs"}, {"precision": "float32"}])
def test_an_ensemble_is_the_mean_of_the_runs_of_its_seeds(examples, changed) -> None:
    together = run(examples, networks=3, **changed)
    complete(together)
    logits = []
    for seed in range(3):
        alone = Training(
            examples, SETTINGS.model_copy(update={"seed": seed, **changed}), split_rows=together.split
        )
        for _ in alone:
            pass
        logits.append(alone.kept_network.logits(together.preparation.inputs(examples.inputs)))
    found = final_network(together).logits(together.preparation.inputs(examples.inputs))
    tolerance = 1e-3 if changed.get("precision") else 1e-8
    np.testing.assert_allclose(found, np.mean(logits, axis=0), atol=tolerance)


def test_a_steered_run_has_members_that_were_steered_alike() -> None:
    examples = blobs()
    together = Training(examples, SETTINGS.model_copy(update={"networks": 2}))
    for epoch in together:
        if epoch.number == 8:
            together.steer("learning_rate", 0.1)
    complete(together)
    second = Training(examples, SETTINGS.model_copy(update={"seed": 1}), split_rows=together.split)
    for _ in replayed(second, together.changes):
        pass
    assert np.array_equal(together.completion.others[0].parameters, second.kept_parameters)


@pytest.mark.parametrize("changed", [{"networks": 3}, {"temperature": "fitted"}])
def test_only_a_run_that_has_ended_by_itself_is_completed(changed) -> None:
    training = Training(blobs(), SETTINGS.model_copy(update=changed))
    next(training)
    assert list(completing(training)) == []
    assert len(outcome_of(training).members) == 1
    for _ in training:
        pass
    half = completing(training)
    next(half)
    del half
    assert not training.completion.is_done
    assert np.array_equal(final_network(training).parameters, training.kept_parameters)
    shares = list(completing(training))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert training.completion.is_done
    assert list(completing(training)) == []


def test_settings_that_ask_for_nothing_give_the_weights_as_trained() -> None:
    training = run(blobs())
    outcome = outcome_of(training)
    assert outcome.network.parameters.tobytes() == training.kept_parameters.tobytes()
    assert outcome.completion_in_words == []


def test_a_temperature_divides_the_logits_and_nothing_else() -> None:
    plain, tempered = run(blobs()), run(blobs(), temperature=2.0)
    assert plain.vectors.tobytes() == tempered.vectors.tobytes()
    first, second = evaluate(plain), evaluate(tempered)
    assert (first.correct, first.auc) == (second.correct, second.auc)
    assert first.log_loss != second.log_loss
    assert "Temperature 2: " in outcome_of(tempered).completion_in_words[0]


@pytest.mark.parametrize("changed", [{}, {"networks": 2}, {"patience": 4}])
@pytest.mark.parametrize("classes", [2, 3])
def test_a_fitted_temperature_is_of_the_training_rows_alone(classes, changed) -> None:
    """Wild and mislabelled held-out rows change nothing in it."""
    examples = blobs(classes=classes)
    one = run(examples, temperature="fitted", learning_rate=0.05, epochs=60, **changed)
    rows = one.split.held_out
    inputs, targets = examples.inputs.copy(), examples.targets.copy()
    inputs[rows], targets[rows] = 50.0, np.roll(targets[rows], 1)
    wild = Examples(examples.features, inputs, targets, examples.classes)
    other = Training(wild, one.settings, split_rows=one.split)
    for _ in other:
        pass
    complete(one)
    complete(other)
    assert one.completion.temperature == other.completion.temperature
    assert one.completion.log_loss == other.completion.log_loss
    if not changed:
        assert one.completion.temperature > 1.0, "so many steps without L2 are too sure"
        assert one.completion.log_loss[1] < one.completion.log_loss[0]
        assert "fitted on folds" in " ".join(completion_in_words(one))


def test_too_few_rows_and_linear_models_are_said() -> None:
    few = run(blobs(16), temperature="fitted")
    complete(few)
    assert few.completion.temperature == 1.0
    assert "too few training rows" in completion_in_words(few)[0]
    linear = run(blobs(), hidden=(), networks=4)
    complete(linear)
    assert linear.completion.others == ()
    assert "without hidden layers" in completion_in_words(linear)[0]


@pytest.mark.parametrize("temperature", [1.5, "fitted"])
def test_numbers_have_no_temperature(temperature) -> None:
    with pytest.raises(ValueError, match="probabilities of classes; here are numbers"):
        Training(numbers(), SETTINGS.model_copy(update={"temperature": temperature}))


def test_members_that_diverge_are_left_out() -> None:
    training = run(blobs(), networks=3, learning_rate=1e300, optimizer="sgd")
    assert training.ending == "diverged"
    complete(training)
    assert training.completion.others == ()
