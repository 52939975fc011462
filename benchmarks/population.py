"""A search and a cross-validation as stacked programs, beside scikit-learn's with two processes.

The tutorial's table, 6-10-1 tanh, batches of 32, 200 epochs; ours measures training and held-out rows
after every epoch besides, and judges every network in full. `python benchmarks/population.py [TIMES]`.

On a machine that others use, two processes get less than twice what one gets: so theirs run with one
process too, and seconds of processor time are printed where all work is in this process.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported: small products want no help

import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from itertools import product
from statistics import median

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, PredefinedSplit, RepeatedStratifiedKFold, cross_val_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.judgement import Evaluation, evaluate
from epochal.core.settings import Settings
from epochal.core.studies.cross_validation import cross_validate
from epochal.core.training.population import trained
from epochal.core.training.training import Training
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from

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


def their_search(optimizer: str, jobs: int) -> float:
    rows = Training(EXAMPLES, settings(optimizer)).split
    fold = np.full(len(EXAMPLES), -1)
    fold[rows.held_out] = 0
    # Their penalty is divided by the rows of a batch, ours by none.
    grid = {
        "mlpclassifier__learning_rate_init": RATES,
        "mlpclassifier__alpha": [32 * penalty for penalty in PENALTIES],
        "mlpclassifier__random_state": SEEDS,
    }
    search = GridSearchCV(peer(optimizer), grid, cv=PredefinedSplit(fold), n_jobs=jobs, refit=False)
    return float(search.fit(EXAMPLES.inputs, EXAMPLES.targets).best_score_)


def our_validation(optimizer: str) -> float:
    folds = cross_validate(EXAMPLES, settings(optimizer), 10, 5)
    return float(np.mean([accuracy(fold.evaluation) for fold in folds]))


def their_validation(optimizer: str, jobs: int) -> float:
    splits = RepeatedStratifiedKFold(n_splits=10, n_repeats=5, random_state=0)
    model = peer(optimizer).set_params(mlpclassifier__learning_rate_init=0.003, mlpclassifier__alpha=0.64)
    return float(np.mean(cross_val_score(model, EXAMPLES.inputs, EXAMPLES.targets, cv=splits, n_jobs=jobs)))


def seconds(work: Callable[[str], float], optimizer: str) -> tuple[float, float, float]:
    """By the clock, of the processor in this process, and the score."""
    started, used = time.perf_counter(), time.process_time()
    score = work(optimizer)
    return time.perf_counter() - started, time.process_time() - used, score


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    os.environ["PYTHONWARNINGS"] = "ignore"
    warnings.simplefilter("ignore", ConvergenceWarning)
    works = {
        "64 settings": {
            "stacked": our_search,
            "one by one": alone_search,
            "GridSearchCV, 1 job": partial(their_search, jobs=1),
            "GridSearchCV, 2 jobs": partial(their_search, jobs=2),
        },
        "10 folds x 5": {
            "stacked": our_validation,
            "cross_val_score, 1 job": partial(their_validation, jobs=1),
            "cross_val_score, 2 jobs": partial(their_validation, jobs=2),
        },
    }
    for optimizer, (name, ways) in product(("sgd", "adam"), works.items()):
        measured: dict[str, list[tuple[float, float, float]]] = {way: [] for way in ways}
        for _ in range(times):
            for way, work in ways.items():
                measured[way].append(seconds(work, optimizer))
        ours = [median(column) for column in zip(*measured["stacked"], strict=True)]
        for way, results in measured.items():
            taken, used, score = (median(column) for column in zip(*results, strict=True))
            cpu = f"{used:6.2f} s cpu {used / ours[1]:5.1f} x" if "2 jobs" not in way else " " * 20
            print(
                f"{optimizer:5}{name:13}{way:24}{taken:7.2f} s {taken / ours[0]:5.1f} x   {cpu}   "
                f"accuracy {score:.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
