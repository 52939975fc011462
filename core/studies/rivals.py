"""Rivals: simpler or other models on the same folds, so that one sees whether a network is worth it.

Another rival is another registered function: it learns from the training rows of a split alone, what it has
to choose included, and answers for the held-out rows.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from epochal.core.evaluation.evaluation import evaluate_classes
from epochal.core.evaluation.judgement import Evaluation, held_out_predictions
from epochal.core.evaluation.regression import evaluate_numbers
from epochal.core.registry import Registry
from epochal.core.rows.examples import Examples, Floats, Rows, Split
from epochal.core.rows.folds import check_folds, folds_of_rows, inner_splits, split_by
from epochal.core.rows.preparation import prepare
from epochal.core.settings import Settings
from epochal.core.studies.auto.auto import AutoSearch
from epochal.core.studies.auto.halving import row_losses
from epochal.core.studies.cross_validation import Fold
from epochal.core.studies.tasks import carried_out
from epochal.core.training.gate import StepGate
from epochal.core.training.training import Training

Rival = Callable[[Examples, Split, int], Floats]
"""Of examples, a split and a seed: rows x classes or numbers for the held-out rows."""

RIVALS: Registry[Rival] = Registry()

NEIGHBOURS = (1, 3, 5, 10, 20, 50)
# Distances that are in memory at a time.
DISTANCES = 1 << 22


def rival(name: str, sentence: str) -> Callable[[Rival], Rival]:
    """Register the decorated function as the rival `name`."""

    def register(function: Rival) -> Rival:
        RIVALS.add(name, sentence, function)
        return function

    return register


def rival_folds(
    name: str,
    examples: Examples,
    folds: int,
    repeats: int,
    seed: int,
    executor: Executor | None = None,
) -> Iterator[Fold]:
    """Train and judge a rival on the folds of `cross_validate`; ValueError when it cannot be had here."""
    check_folds(len(examples), folds)
    asked = [
        _Asked(name, folds, seed, repeat, number)
        for repeat in range(1, repeats + 1)
        for number in range(1, folds + 1)
    ]
    yield from carried_out(_rival_fold, examples, asked, None, executor)


@dataclass(frozen=True)
class _Asked:
    name: str
    folds: int
    seed: int
    repeat: int
    number: int


def _rival_fold(examples: Examples, asked: _Asked, _: StepGate | None) -> Fold:
    fold_of = folds_of_rows(examples, asked.folds, asked.seed, asked.repeat)
    rows = split_by(examples, fold_of, asked.number)
    outputs = RIVALS[asked.name].value(examples, rows, asked.seed + asked.repeat - 1)
    evaluation = _judged(examples, rows, outputs, asked.seed)
    return Fold(asked.repeat, asked.number, rows, evaluation, 0, "finished")


def _judged(examples: Examples, rows: Split, outputs: Floats, seed: int) -> Evaluation:
    learned, truth = examples.targets[rows.train], examples.targets[rows.held_out]
    if examples.classes:
        counts = np.bincount(learned.astype(np.intp), minlength=len(examples.classes))
        return evaluate_classes(outputs, truth.astype(np.intp), examples.classes, counts)
    means = learned.reshape(len(learned), -1).astype(np.float64).mean(axis=0)
    numbers = truth.reshape(len(truth), -1).astype(np.float64)
    return evaluate_numbers(outputs, numbers, means, examples.outputs, seed)


@rival("linear", "A tuned linear model: logistic or linear regression, its L2 chosen on the training rows.")
def linear(examples: Examples, rows: Split, seed: int) -> Floats:
    """A network without hidden layers, with settings found for it."""
    search = AutoSearch(examples, Settings(hidden=(), seed=seed), ("hidden",), split_rows=rows)
    for _ in search:
        pass
    training = Training(examples, search.settings(), split_rows=rows)
    for _ in training:
        pass
    return held_out_predictions(training).outputs


@rival("knn", "The nearest neighbours' answers, their number chosen on the training rows.")
def knn(examples: Examples, rows: Split, seed: int) -> Floats:
    """Euclidean distance of standardised columns (Fix and Hodges 1951); one neighbour more for each class.

    The added neighbours, one of every class, keep a probability from being 0 (Laplace 1814).
    """
    inner = examples.take(rows.train)
    losses = {count: 0.0 for count in NEIGHBOURS if count < len(inner) // 2} or {1: 0.0}
    for part in inner_splits(inner, min(5, len(inner) // 2), seed):
        for count, outputs in _neighbours(inner, part.train, part.held_out, tuple(losses)):
            losses[count] += float(row_losses(inner, outputs, inner.targets[part.held_out]).sum())
    best = min(losses, key=lambda count: (losses[count], -count))
    return next(outputs for _, outputs in _neighbours(examples, rows.train, rows.held_out, (best,)))


def _neighbours(
    examples: Examples, train: Rows, asked: Rows, counts: tuple[int, ...]
) -> Iterator[tuple[int, Floats]]:
    """For each number of neighbours, what they answer for the rows asked for."""
    preparation = prepare(examples, train, "standard")
    known, new = preparation.inputs(examples.inputs[train]), preparation.inputs(examples.inputs[asked])
    squares, most = np.square(known).sum(axis=1), max(counts)
    nearest = np.empty((len(new), most), np.intp)
    for start in range(0, len(new), max(1, DISTANCES // len(known))):
        part = new[start : start + max(1, DISTANCES // len(known))]
        distances = squares - 2.0 * part @ known.T
        nearest[start : start + len(part)] = np.argsort(distances, axis=1, kind="stable")[:, :most]
    targets = examples.targets[train]
    for count in counts:
        chosen = targets[nearest[:, :count]]
        if examples.classes:
            votes = (chosen[:, :, None] == np.arange(len(examples.classes))).sum(axis=1)
            yield count, (votes + 1.0) / (count + len(examples.classes))
        else:
            yield count, np.asarray(chosen.reshape(len(new), count, -1).mean(axis=1), np.float64)


def _fit(model: Any, inputs: Floats, targets: Floats | Rows) -> None:
    """Fit, whatever the model has to say about its convergence: its defaults are what is compared."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(inputs, targets)


def _scikit_learn(classifier: str, regressor: str) -> Rival:
    """One of its models with its own defaults, on the columns as the network gets them."""

    def answers(examples: Examples, rows: Split, seed: int) -> Floats:
        if find_spec("sklearn") is None:
            raise ValueError("This rival needs scikit-learn: pip install 'epochal[compare]'.")
        from sklearn import ensemble, neural_network
        from sklearn.compose import TransformedTargetRegressor
        from sklearn.preprocessing import StandardScaler

        preparation = prepare(examples, rows.train, "standard")
        inputs, new = (preparation.inputs(examples.inputs[part]) for part in (rows.train, rows.held_out))
        targets = examples.targets[rows.train]
        named = {**vars(ensemble), **vars(neural_network)}
        if not examples.classes:
            model = TransformedTargetRegressor(
                named[regressor](random_state=seed), transformer=StandardScaler()
            )
            _fit(model, inputs, targets.reshape(len(targets), -1))
            return np.asarray(model.predict(new), np.float64).reshape(len(new), -1)
        model = named[classifier](random_state=seed)
        _fit(model, inputs, targets)
        outputs = np.zeros((len(new), len(examples.classes)))
        outputs[:, model.classes_.astype(np.intp)] = model.predict_proba(new)
        return outputs

    return answers


RIVALS.add(
    "mlp",
    "scikit-learn's MLP with its own defaults.",
    _scikit_learn("MLPClassifier", "MLPRegressor"),
)
RIVALS.add(
    "boosting",
    "scikit-learn's histogram gradient boosting with its own defaults.",
    _scikit_learn("HistGradientBoostingClassifier", "HistGradientBoostingRegressor"),
)
RIVALS.add(
    "forest",
    "scikit-learn's random forest with its own defaults.",
    _scikit_learn("RandomForestClassifier", "RandomForestRegressor"),
)
