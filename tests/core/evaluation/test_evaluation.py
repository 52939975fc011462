import math
import time
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

from epochal.core.evaluation.evaluation import decide, evaluate_classes, fewest_right

COLUMN = ("Abnormal", "Normal")


def certain(answers, classes=2):
    return np.eye(classes)[np.asarray(answers, dtype=int)]


def binary_run(hits_abnormal, of_abnormal, hits_normal, of_normal):
    """Rows of two classes of which so many are answered rightly, after training mostly on Abnormal."""
    targets = np.repeat([0, 1], [of_abnormal, of_normal])
    answers = np.concatenate(
        [np.arange(of_abnormal) >= hits_abnormal, np.arange(of_normal) < hits_normal]
    ).astype(int)
    return evaluate_classes(certain(answers), targets, COLUMN, (168, 80))


@st.composite
def judged(draw, least_rows=0):
    """Random probabilities, coarse enough to tie, with targets that lean towards them or not."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows, classes = draw(st.integers(least_rows, 80)), draw(st.integers(2, 5))
    probabilities = rng.dirichlet(np.full(classes, draw(st.sampled_from([0.3, 1.0, 5.0]))), rows)
    if draw(st.booleans()):
        coarse = np.floor(probabilities * 4)
        coarse[:, 0] += 4 - coarse.sum(axis=1)
        probabilities = coarse / 4
    leaning = np.array([rng.choice(classes, p=row) for row in probabilities], dtype=int)
    targets = np.where(rng.random(rows) < 0.5, leaning, rng.integers(0, draw(st.integers(1, classes)), rows))
    return probabilities, targets, tuple("abcde"[:classes])


@settings(max_examples=150, deadline=None)
@given(judged(least_rows=1))
def test_every_measure_of_an_evaluation_is_scikit_learns(case):
    probabilities, targets, classes = case
    result = evaluate_classes(probabilities, targets, classes, np.ones(len(classes), dtype=int))
    answers = decide(probabilities)
    labels = range(len(classes))
    np.testing.assert_array_equal(result.confusion, metrics.confusion_matrix(targets, answers, labels=labels))
    assert result.accuracy == pytest.approx(metrics.accuracy_score(targets, answers))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert result.balanced_accuracy == pytest.approx(metrics.balanced_accuracy_score(targets, answers))
        assert (result.matthews or 0.0) == pytest.approx(metrics.matthews_corrcoef(targets, answers))
        assert result.log_loss == pytest.approx(metrics.log_loss(targets, probabilities, labels=labels))
        assert result.brier == pytest.approx(metrics.brier_score_loss(targets, probabilities, labels=labels))
        reference = metrics.precision_recall_fscore_support(
            targets, answers, labels=labels, zero_division=np.nan
        )
    for measures, precision, recall, f1, support in zip(result.per_class, *reference, strict=True):
        assert measures.support == support
        for ours, theirs in ((measures.precision, precision), (measures.recall, recall), (measures.f1, f1)):
            assert (math.nan if ours is None else ours) == pytest.approx(theirs, nan_ok=True)


@settings(max_examples=200, deadline=None)
@given(judged(least_rows=1))
def test_the_auc_is_scikit_learns_or_none_where_a_class_is_missing(case):
    probabilities, targets, classes = case
    result = evaluate_classes(probabilities, targets, classes, np.ones(len(classes), dtype=int))
    if len(np.unique(targets)) < len(classes):
        assert result.auc is None
    elif len(classes) == 2:
        assert result.auc == pytest.approx(metrics.roc_auc_score(targets, probabilities[:, 1]))
    else:
        reference = metrics.roc_auc_score(
            targets, probabilities, multi_class="ovr", labels=range(len(classes))
        )
        assert result.auc == pytest.approx(reference)


@settings(max_examples=200, deadline=None)
@given(judged(), st.floats(0, 1))
def test_nothing_in_an_evaluation_is_ever_not_a_number(case, threshold):
    probabilities, targets, classes = case
    result = evaluate_classes(probabilities, targets, classes, np.zeros(len(classes), dtype=int), threshold)
    shares = [result.accuracy, result.baseline, result.balanced_accuracy, result.auc, result.brier]
    shares += [result.matthews, result.log_loss, result.p_value, result.no_information_rate, *result.interval]
    for measures in result.per_class:
        shares += [measures.precision, measures.recall, measures.f1]
    assert all(share is None or math.isfinite(share) for share in shares)
    assert result.confusion.sum() == result.rows == len(targets)
    assert sum(group.rows for group in result.reliability) == result.rows


def test_the_baseline_answers_what_was_most_frequent_in_training_not_in_the_held_out_rows():
    result = evaluate_classes(certain([1, 1, 0]), [1, 1, 1], COLUMN, (30, 10))
    assert (result.baseline_class, result.baseline) == ("Abnormal", 0.0)
    assert (result.no_information_class, result.no_information_rate) == ("Normal", 1.0)


def test_of_equally_frequent_held_out_classes_the_one_most_trained_is_the_one_to_beat():
    result = evaluate_classes(certain([0, 1]), [0, 1], COLUMN, (10, 30))
    assert (result.baseline_class, result.no_information_class) == ("Normal", "Normal")


def test_the_p_value_is_the_exact_binomial_tests_against_the_commonest_held_out_class():
    result = binary_run(38, 42, 15, 20)
    reference = stats.binomtest(53, 62, 42 / 62, alternative="greater").pvalue
    assert result.correct == 53
    assert result.p_value == pytest.approx(reference, rel=1e-12)
    assert result.beats_baseline is True


def test_a_network_that_knows_nothing_is_rarely_said_to_beat_the_baseline():
    rng = np.random.default_rng(3)
    targets = np.repeat([0, 1], [42, 20])
    wins = 0
    for _ in range(1000):
        answers = (rng.random(62) < rng.random() * 0.3).astype(int)
        wins += evaluate_classes(certain(answers), targets, COLUMN, (168, 80)).beats_baseline is True
    assert wins <= 50


def test_always_answering_the_commonest_class_does_not_beat_the_baseline():
    assert binary_run(42, 42, 0, 20).beats_baseline is False


def test_a_few_rows_more_than_the_baseline_are_undecided():
    assert binary_run(42, 42, 3, 20).beats_baseline is None


def test_rows_too_few_to_prove_anything_are_undecided():
    assert binary_run(3, 3, 2, 2).beats_baseline is None
    assert binary_run(0, 3, 0, 2).beats_baseline is None


def test_rows_all_of_one_class_prove_nothing_however_many_are_right():
    answers = np.ones(62, dtype=int)
    result = evaluate_classes(certain(answers), np.ones(62, dtype=int), COLUMN, (210, 38))
    assert result.accuracy == 1.0
    assert result.baseline == 0.0
    assert result.beats_baseline is None


def test_the_fewest_rows_beyond_chance_are_just_enough():
    for rows, chance in [(62, 42 / 62), (10, 0.5), (1000, 0.9), (200, 0.01)]:
        needed = fewest_right(rows, chance)
        assert stats.binom.sf(needed - 1, rows, chance) <= 0.05 < stats.binom.sf(needed - 2, rows, chance)
    assert fewest_right(5, 0.68) is None
    assert fewest_right(0, 0.5) is None


def test_no_held_out_rows_leave_everything_open():
    result = evaluate_classes(np.empty((0, 3)), np.empty(0, dtype=int), ("a", "b", "c"), (1, 5, 2))
    assert (result.rows, result.correct, result.accuracy, result.baseline) == (0, 0, None, None)
    assert result.interval == (0.0, 1.0)
    assert result.baseline_class == "b"
    assert (result.auc, result.log_loss, result.brier, result.matthews) == (None, None, None, None)
    assert (result.balanced_accuracy, result.beats_baseline, result.reliability) == (None, None, ())


def test_a_single_class_is_evaluated_without_complaint():
    result = evaluate_classes(np.ones((4, 1)), [0, 0, 0, 0], ("only",), (9,))
    assert (result.accuracy, result.auc, result.beats_baseline) == (1.0, None, None)


def test_the_second_of_two_classes_is_answered_from_the_threshold_on():
    probabilities = np.array([[0.8, 0.2], [0.7, 0.3], [0.5, 0.5], [0.1, 0.9]])
    assert decide(probabilities).tolist() == [0, 0, 1, 1]
    assert decide(probabilities, 0.3).tolist() == [0, 1, 1, 1]
    assert decide(probabilities, 1.0).tolist() == [0, 0, 0, 0]


def test_a_certain_but_wrong_row_leaves_the_log_loss_finite():
    result = evaluate_classes(certain([1]), [0], COLUMN, (5, 5))
    assert result.log_loss == pytest.approx(-math.log(np.finfo(float).eps))


@pytest.mark.parametrize(
    ("probabilities", "targets", "counts", "complaint"),
    [
        ([[0.5, 0.5]], [2], (1, 1), "from 0 to 1"),
        ([[0.5, 0.5]], [-1], (1, 1), "from 0 to 1"),
        ([[0.5, 0.5]], [0.5], (1, 1), "whole numbers"),
        ([[0.5, 0.6]], [0], (1, 1), "sum to 1"),
        ([[-0.5, 1.5]], [0], (1, 1), "at least 0"),
        ([[math.nan, math.nan]], [0], (1, 1), "sum to 1"),
        ([[1.0]], [0], (1, 1), "rows x 2 classes"),
        ([[0.5, 0.5]], [0, 1], (1, 1), "One class index a row"),
        ([[0.5, 0.5]], [0], (1, 1, 1), "training rows a class"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(probabilities, targets, counts, complaint):
    with pytest.raises(ValueError, match=complaint):
        evaluate_classes(np.array(probabilities), targets, COLUMN, counts)


def test_a_confusion_matrix_cannot_be_changed_afterwards():
    with pytest.raises(ValueError, match="read-only"):
        binary_run(38, 42, 15, 20).confusion[0, 0] = 42


def test_a_million_rows_are_judged_in_about_a_second():
    rng = np.random.default_rng(0)
    positive = rng.random(1_000_000)
    targets = (rng.random(1_000_000) < positive).astype(int)
    started = time.process_time()
    evaluate_classes(np.column_stack([1 - positive, positive]), targets, COLUMN, (1, 1))
    assert time.process_time() - started < 3.0
