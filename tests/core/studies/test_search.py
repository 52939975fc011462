"""Search: candidates from values, ranked on training rows alone, the winner judged on the held-out rows."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from statistics import fmean

import pytest

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.rows.examples import Examples, split
from epochal.core.settings import SettingError, Settings
from epochal.core.studies.cross_validation import cross_validate
from epochal.core.studies.resampling import summarise
from epochal.core.studies.search import (
    EvaluatedCandidate,
    candidates,
    difference,
    is_indistinguishable,
    ranked,
    refit_and_evaluate,
    search,
)
from epochal.core.training.training import Training
from epochal.data.tables.dataset import Dataset

QUICK = Settings(epochs=6, hidden=(3,))
RATES = {"learning_rate": ["0.3", "0.00001"]}


def test_every_combination_is_a_candidate_once() -> None:
    made = candidates(QUICK, {"hidden": ["4", "16,8", "none"], "l2": ["0", "0.1", "0.0"]})
    assert [(one.hidden, one.l2) for one in made] == [
        ((4,), 0.0), ((4,), 0.1), ((16, 8), 0.0), ((16, 8), 0.1), ((), 0.0), ((), 0.1)
    ]  # fmt: skip
    assert {one.epochs for one in made} == {6}


@pytest.mark.parametrize(
    ("vary", "words"),
    [
        ({"learning_rate": ["0.1", "fast"]}, "Learning rate is a number above 0, not fast"),
        ({"sed": ["1"]}, "There is no setting sed; did you mean seed"),
        ({"seed": ["1", "2"]}, "which rows are held out"),
        ({"held_out": ["0.1", "0.2"]}, "which rows are held out"),
    ],
)
def test_what_cannot_vary_is_said(vary: dict[str, list[str]], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        candidates(QUICK, vary)


def test_a_candidate_is_judged_by_cross_validation_of_the_training_rows(spine: Dataset) -> None:
    (judged,) = search(spine.examples, [QUICK], folds=4, repeats=2)
    train = split(spine.examples, QUICK.held_out, QUICK.seed).train
    expected = summarise(list(cross_validate(spine.examples.take(train), QUICK, 4, 2)))
    assert judged.score.scores == expected.measures["accuracy"].scores


def test_held_out_rows_have_no_say_in_the_choice(spine: Dataset) -> None:
    settings = candidates(QUICK, RATES)
    held_out = split(spine.examples, QUICK.held_out, QUICK.seed).held_out
    inputs = spine.examples.inputs.copy()
    inputs[held_out] = -1e6
    spoiled = dataclasses.replace(spine.examples, inputs=inputs)
    first, second = ([one.score for one in search(e, settings, 3)] for e in (spine.examples, spoiled))
    assert first == second


def test_the_better_settings_win_and_the_winner_is_judged_on_the_held_out_rows(spine: Dataset) -> None:
    order = ranked(list(search(spine.examples, candidates(QUICK, RATES), 5)))
    assert order[0].settings.learning_rate == 0.3
    outcome = refit_and_evaluate(spine.examples, order[0])
    training, evaluation = outcome.training, outcome.evaluation
    again = Training(spine.examples, order[0].settings)
    list(again)
    assert training.network.parameters.tobytes() == again.network.parameters.tobytes()
    assert isinstance(evaluation, ClassEvaluation)
    assert evaluation.rows == 62


def test_numbers_are_ranked_by_the_smaller_error(line: Examples) -> None:
    order = ranked(list(search(line, candidates(QUICK, RATES), 3)))
    assert order[0].score.mean < order[1].score.mean


def test_an_executor_gives_the_same_answers_in_the_same_order(spine: Dataset) -> None:
    settings = candidates(QUICK, {"l2": ["0", "0.1", "1"]})
    alone = [one.score for one in search(spine.examples, settings, 3)]
    with ThreadPoolExecutor(2) as executor:
        assert [one.score for one in search(spine.examples, settings, 3, executor=executor)] == alone


def test_differences_are_taken_fold_by_fold(spine: Dataset) -> None:
    settings = candidates(QUICK, {"epochs": ["40", "1"], "learning_rate": ["0.03"], "batch_size": ["full"]})
    good, bad = search(spine.examples, settings, 10, 3)
    between = difference(good, bad)
    assert between.mean == pytest.approx(fmean(good.score.scores) - fmean(bad.score.scores))
    assert not is_indistinguishable(good, bad)
    assert is_indistinguishable(good, good)
    twin = EvaluatedCandidate(good.settings, good.summary)
    assert is_indistinguishable(good, twin)
