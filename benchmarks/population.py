"""A search and a cross-validation as stacked programs, beside scikit-learn's with two processes.

The tutorial's table, 6-10-1 tanh, batches of 32, 200 epochs; ours measures training and held-out rows
after every epoch besides, and judges every network in full. `python benchmarks/population.py [TIMES]`.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported: small products want no help

import sys
import time
import warnings
from collections.abc import Callable
from itertools import product
from statistics import median

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, PredefinedSplit, RepeatedStratifiedKFold, cross_val_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.evaluation import ClassEvaluation
from core.judgement import Evaluation, evaluate
from core.population import trained
from core.settings import Settings
from core.training import Training
from core.validation import cross_validate
from data.bundled import open_table
from data.dataset import dataset_from

RATES, PENALTIES, SEEDS = (0.01, 0.03, 0.1, 0.3), (0.0, 0.001, 0.01, 0.03), (0, 1, 2, 3)
EXAMPLES = dataset_from(open_table("column_2C_weka")).examples


def settings(optimizer: str, **others: float) -> Settings:
    return Settings.model_validate(
        {"optimizer": optimizer, "batch_size": 32, "epochs": 200, "held_out": 0.2, **others}
    )


def accuracy(evaluation: Evaluation) -> float:
    assert isinstance(evaluation, ClassEvaluation)
    return evaluation.accuracy


def peer(optimizer: str) -> object:
    network = MLPClassifier(
        (10,), activation="tanh", solver=optimizer, batch_size=32, max_iter=200, tol=0.0, momentum=0.0
    )
    return make_pipeline(StandardScaler(), network.set_params(n_iter_no_change=1000))


def our_search(optimizer: str) -> float:
    asked = (
        settings(optimizer, learning_rate=rate, l2=penalty, seed=seed)
        for rate, penalty, seed in product(RATES, PENALTIES, SEEDS)
    )
    done = trained(Training(EXAMPLES, each) for each in asked)
    return max(accuracy(evaluate(training)) for training in done)


def alone_search(optimizer: str) -> float:
    scores = []
    for rate, penalty, seed in product(RATES, PENALTIES, SEEDS):
        training = Training(EXAMPLES, settings(optimizer, learning_rate=rate, l2=penalty, seed=seed))
        for _ in training:
            pass
        scores.append(accuracy(evaluate(training)))
    return max(scores)


def their_search(optimizer: str) -> float:
    rows = Training(EXAMPLES, settings(optimizer)).split
    fold = np.full(len(EXAMPLES), -1)
    fold[rows.held_out] = 0
    # Their penalty is divided by the rows of a batch, ours by none.
    grid = {
        "mlpclassifier__learning_rate_init": RATES,
        "mlpclassifier__alpha": [32 * penalty for penalty in PENALTIES],
        "mlpclassifier__random_state": SEEDS,
    }
    search = GridSearchCV(peer(optimizer), grid, cv=PredefinedSplit(fold), n_jobs=2, refit=False)
    return float(search.fit(EXAMPLES.inputs, EXAMPLES.targets).best_score_)


def our_validation(optimizer: str) -> float:
    folds = cross_validate(EXAMPLES, settings(optimizer), 10, 5)
    return float(np.mean([accuracy(fold.evaluation) for fold in folds]))


def their_validation(optimizer: str) -> float:
    splits = RepeatedStratifiedKFold(n_splits=10, n_repeats=5, random_state=0)
    model = peer(optimizer).set_params(mlpclassifier__learning_rate_init=0.003, mlpclassifier__alpha=0.64)
    return float(np.mean(cross_val_score(model, EXAMPLES.inputs, EXAMPLES.targets, cv=splits, n_jobs=2)))


def seconds(work: Callable[[str], float], optimizer: str) -> tuple[float, float]:
    started = time.perf_counter()
    score = work(optimizer)
    return time.perf_counter() - started, score


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    os.environ["PYTHONWARNINGS"] = "ignore"
    warnings.simplefilter("ignore", ConvergenceWarning)
    works = {
        "64 settings": {"stacked": our_search, "one by one": alone_search, "GridSearchCV": their_search},
        "10 folds x 5": {"stacked": our_validation, "cross_val_score": their_validation},
    }
    for optimizer, (name, ways) in product(("sgd", "adam"), works.items()):
        measured: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for _ in range(times):
            for way, work in ways.items():
                measured[way].append(seconds(work, optimizer))
        ours = median(taken for taken, _ in measured["stacked"])
        for way, results in measured.items():
            taken = median(taken for taken, _ in results)
            print(
                f"{optimizer:5} {name:13} {way:16} {taken:7.2f} s {taken / ours:6.1f} x stacked   "
                f"accuracy {results[-1][1]:.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
