"""Rivals on the same folds, against scikit-learn's own; and the words of a comparison."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from epochal.core.rows.examples import Examples, Feature, Split, split
from epochal.core.settings import Settings
from epochal.core.studies.comparison import difference, in_words
from epochal.core.studies.cross_validation import cross_validate
from epochal.core.studies.resampling import summarise
from epochal.core.studies.rivals import RIVALS, _neighbours, rival_folds
from epochal.data.tables.dataset import Dataset


def test_neighbours_answer_as_scikit_learns(iris: Dataset) -> None:
    """The same votes, before one of every class is added."""
    neighbors = pytest.importorskip("sklearn.neighbors")
    examples = iris.examples
    rows = split(examples, 0.3, 0)
    inputs = examples.inputs
    centre, spread = inputs[rows.train].mean(axis=0), inputs[rows.train].std(axis=0)
    scaled = (inputs - centre) / spread
    for count, outputs in _neighbours(examples, rows.train, rows.held_out, (1, 7)):
        theirs = neighbors.KNeighborsClassifier(count).fit(scaled[rows.train], examples.targets[rows.train])
        votes = outputs * (count + 3) - 1.0
        np.testing.assert_allclose(votes / count, theirs.predict_proba(scaled[rows.held_out]), atol=1e-12)


def test_neighbours_of_numbers_are_averaged() -> None:
    """On a line with a neighbour on either side."""
    examples = Examples((Feature("x"),), np.arange(12.0)[:, None], np.arange(12.0)[:, None])
    train, asked = np.array([0, 1, 2, 4, 5, 6]), np.array([3])
    ((_, outputs),) = _neighbours(examples, train, asked, (2,))
    assert outputs.tolist() == [[3.0]]


@pytest.mark.parametrize("name", RIVALS)
def test_a_rival_learns_from_the_training_rows_alone(name: str) -> None:
    """The held-out rows' labels turned round change none of its answers."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(90, 3))
    targets = (inputs[:, 0] + 0.3 * rng.normal(size=90) > 0).astype(np.intp)
    examples = Examples(tuple(map(Feature, "abc")), inputs, targets, ("no", "yes"))
    rows = Split(np.arange(60), np.arange(60, 90), stratified=False)
    turned = targets.copy()
    turned[60:] = 1 - turned[60:]
    model = RIVALS[name].value
    one, other = (model(table, rows, 0) for table in (examples, replace(examples, targets=turned)))
    assert one.tobytes() == other.tobytes()
    assert (one.argmax(axis=1) == targets[60:]).mean() > 0.75


@pytest.mark.parametrize("name", ["knn", "linear"])
def test_rivals_have_the_folds_of_cross_validation(name: str, spine: Dataset) -> None:
    """The same rows held out, and an accuracy that is no accident."""
    theirs = list(rival_folds(name, spine.examples, 2, 1, 0))
    ours = list(cross_validate(spine.examples, Settings(epochs=1), 2, 1))
    for one, other in zip(theirs, ours, strict=True):
        assert one.split.held_out.tolist() == other.split.held_out.tolist()
    assert summarise(theirs).score.mean > 0.75


def test_the_words_follow_the_interval(spine: Dataset) -> None:
    """Better, worse, or not to be told apart; the difference of a model to itself is none."""
    good = summarise(list(cross_validate(spine.examples, Settings(), 5, 1)))
    bad = summarise(list(cross_validate(spine.examples, Settings(epochs=1, learning_rate=1e-9), 5, 1)))
    assert difference(good, good).mean == 0.0
    assert "As good" in in_words("twin", good, good)
    assert difference(good, bad).mean == pytest.approx(good.score.mean - bad.score.mean)
    assert "The network is better, beyond chance" in in_words("untrained", good, bad)
    assert "It is better than the network" in in_words("trained", bad, good)
