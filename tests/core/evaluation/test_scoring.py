"""Scoring: one entry for each kind of evaluation, whose measures are attributes of it."""

from __future__ import annotations

import dataclasses

import pytest

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.judgement import evaluate
from epochal.core.evaluation.scoring import SCORINGS, Evaluation, scoring_of
from epochal.core.rows.examples import Examples
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.tables.dataset import Dataset


@pytest.fixture(params=["classes", "numbers"])
def evaluation(request: pytest.FixtureRequest, iris: Dataset, line: Examples) -> Evaluation:
    training = Training(iris.examples if request.param == "classes" else line, Settings(epochs=20))
    list(training)
    return evaluate(training)


def test_every_measure_is_one_of_the_evaluation_and_within_its_bounds(evaluation: Evaluation) -> None:
    scoring = scoring_of(evaluation)
    assert scoring is SCORINGS[type(evaluation)]
    for name, (low, high) in scoring.measures.items():
        value = getattr(evaluation, name)
        assert value is None or low <= value <= high, name
    named = {scoring.headline, scoring.baseline, *(name for name, *_ in scoring.others)}
    assert named | ({scoring.tie_breaker} - {""}) <= set(scoring.measures)


def test_better_than_the_baseline_is_an_improvement_above_0(evaluation: Evaluation) -> None:
    scoring = scoring_of(evaluation)
    headline, baseline = getattr(evaluation, scoring.headline), getattr(evaluation, scoring.baseline)
    gained = headline - baseline if scoring.higher_is_better else baseline - headline
    assert scoring.improvement(evaluation) == pytest.approx(gained)
    assert scoring.baseline_answer(evaluation)


def test_where_nothing_is_known_nothing_is_improved(evaluation: Evaluation) -> None:
    if isinstance(evaluation, ClassEvaluation):
        unknown = dataclasses.replace(evaluation, accuracy=None)
        assert scoring_of(unknown).improvement(unknown) is None
