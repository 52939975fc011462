"""A run judged on its held-out rows: thresholds, answers, mistakes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.judgement import (
    balanced,
    decision_threshold,
    evaluate,
    held_out_predictions,
    judge,
    mistakes,
)
from epochal.core.rows.examples import Examples
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.tables.dataset import Dataset


def trained(examples: Examples, **settings: object) -> Training:
    training = Training(examples, Settings.model_validate({"epochs": 40, **settings}))
    list(training)
    return training


def test_answers_are_the_networks_outputs_for_the_held_out_rows(spine: Dataset) -> None:
    training = trained(spine.examples)
    answers = held_out_predictions(training)
    assert np.array_equal(answers.rows, training.split.held_out)
    assert np.array_equal(answers.targets, spine.examples.targets[training.split.held_out])
    assert np.array_equal(answers.outputs, training.outputs(spine.examples.inputs[answers.rows]))


def test_a_balanced_threshold_is_the_best_one_on_the_training_rows(spine: Dataset) -> None:
    training = trained(spine.examples, threshold="balanced")
    rows = training.split.train
    scores, truth = training.outputs(spine.examples.inputs[rows])[:, 1], spine.examples.targets[rows]
    best = max(balanced_accuracy_score(truth, scores >= score) for score in np.unique(scores))
    chosen = decision_threshold(training)
    assert balanced_accuracy_score(truth, scores >= chosen) == pytest.approx(best)
    evaluation = evaluate(training)
    assert isinstance(evaluation, ClassEvaluation)
    assert evaluation.threshold == chosen != 0.5


def test_a_balanced_threshold_does_not_look_at_held_out_rows(spine: Dataset) -> None:
    training = trained(spine.examples)
    before = balanced(training)
    training.examples.targets[training.split.held_out] ^= 1
    try:
        assert balanced(training) == before
    finally:
        training.examples.targets[training.split.held_out] ^= 1


def test_the_threshold_of_the_settings_decides(spine: Dataset) -> None:
    low, high = (evaluate(trained(spine.examples, threshold=t)) for t in (0.2, 0.8))
    assert isinstance(low, ClassEvaluation)
    assert isinstance(high, ClassEvaluation)
    assert low.confusion[:, 1].sum() > high.confusion[:, 1].sum()
    assert low.auc == high.auc


def test_more_classes_and_numbers_know_no_threshold(iris: Dataset, line: Examples) -> None:
    for examples in (iris.examples, line):
        assert balanced(trained(examples)) == 0.5


def test_mistakes_are_the_wrong_rows_the_surest_first(spine: Dataset) -> None:
    training = trained(spine.examples)
    answers = held_out_predictions(training)
    places = mistakes(answers)
    evaluation = judge(training, answers)
    assert isinstance(evaluation, ClassEvaluation)
    assert len(places) == evaluation.rows - evaluation.correct
    given = answers.outputs[places, answers.targets[places].astype(int)]
    assert (np.diff(given) >= 0).all()
    assert (given <= 0.5).all()


def test_of_numbers_every_row_is_listed_the_largest_error_first(line: Examples) -> None:
    answers = held_out_predictions(trained(line, hidden=()))
    places = mistakes(answers)
    errors = (np.abs(answers.outputs - answers.targets) / answers.targets.std(axis=0)).max(axis=1)
    assert sorted(places) == list(range(len(errors)))
    assert (np.diff(errors[places]) <= 0).all()
