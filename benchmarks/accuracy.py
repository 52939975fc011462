"""Our network at its default settings beside scikit-learn, on the same folds of the bundled tables.

    OPENBLAS_NUM_THREADS=1 python benchmarks/accuracy.py
    OPENBLAS_NUM_THREADS=1 python benchmarks/accuracy.py column_2C_weka iris --set l2=0.01 --set epochs=500

Our settings are fixed before any table is seen. Each of scikit-learn's models but the forest may choose
one number for each table (the grids below), the best in five folds of the whole table drawn from another
seed: the rows it is judged on have a say in that, so the comparison leans towards scikit-learn. All have
10 folds, repeated 5 times, or once for tables of 1000 rows and more; its networks have 10 nodes as ours.
Columns are encoded and filled as ours are, from the training rows of each fold, then scaled by
StandardScaler. Of the tables made from a seed, xor and circles are left out unless named.

A difference has the standard error of Nadeau and Bengio, of the differences fold by fold; "loses" is a
difference beyond one of them against the better of scikit-learn's two MLPs, chosen with hindsight.
"""

from __future__ import annotations

import argparse
import math
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from epochal.core.evaluation.curves import auc
from epochal.core.evaluation.intervals import corrected_interval
from epochal.core.rows.examples import Examples, Split
from epochal.core.rows.folds import fold_splits
from epochal.core.rows.preparation import prepare
from epochal.core.settings import Settings, read_settings
from epochal.core.training.training import Training
from epochal.data.tables.bundled import open_table, tables
from epochal.data.tables.dataset import dataset_from

Floats = NDArray[np.float64]

FOLDS, REPEATS, LARGE, LARGE_REPEATS = 10, 5, 1000, 1
MEASURES = {"classification": ("accuracy", "AUC"), "regression": ("RMSE", "R2")}
BETTER = {"accuracy": 1, "AUC": 1, "RMSE": -1, "R2": 1}
BOUNDS = {"accuracy": (0.0, 1.0), "AUC": (0.0, 1.0), "RMSE": (0.0, math.inf), "R2": (-math.inf, 1.0)}
LEFT_OUT = ("xor", "circles")


@dataclass(frozen=True)
class Peer:
    """A model of scikit-learn's, and the number it may choose."""

    estimator: partial
    number: str = ""
    grid: tuple[float, ...] = ()

    def model(self, task: str, choice: float | None) -> BaseEstimator:
        """Ready to fit, numbers to be predicted scaled as ours are."""
        chosen = {self.number: choice} if self.grid else {}
        scaled = make_pipeline(StandardScaler(), self.estimator(**chosen))
        if task == "classification":
            return scaled
        return TransformedTargetRegressor(scaled, transformer=StandardScaler())


# An MLP's alpha is divided by the rows of a step, a batch or all, so its grid depends on the solver.
MLP = {"hidden_layer_sizes": (10,), "activation": "tanh", "random_state": 0}
ADAM = {**MLP, "solver": "adam", "learning_rate_init": 0.003, "batch_size": 32, "max_iter": 300}
LBFGS = {**MLP, "solver": "lbfgs", "max_iter": 1000}
ADAM_ALPHAS, LBFGS_ALPHAS = (0.0001, 0.01, 0.1, 0.3, 1.0), (0.01, 0.1, 1.0, 3.0, 10.0)
FOREST = {"n_estimators": 100, "random_state": 0}
PENALTIES, MARGINS = (0.1, 1.0, 10.0, 100.0), (0.1, 1.0, 10.0, 100.0)
PEERS = {
    "classification": {
        "linear": Peer(partial(LogisticRegression, max_iter=5000), "C", (0.01, 0.1, 1.0, 10.0)),
        "MLP adam": Peer(partial(MLPClassifier, **ADAM), "alpha", ADAM_ALPHAS),
        "MLP lbfgs": Peer(partial(MLPClassifier, **LBFGS), "alpha", LBFGS_ALPHAS),
        "RBF SV": Peer(partial(SVC), "C", MARGINS),
        "forest": Peer(partial(RandomForestClassifier, **FOREST)),
    },
    "regression": {
        "linear": Peer(partial(Ridge), "alpha", PENALTIES),
        "MLP adam": Peer(partial(MLPRegressor, **ADAM), "alpha", ADAM_ALPHAS),
        "MLP lbfgs": Peer(partial(MLPRegressor, **LBFGS), "alpha", LBFGS_ALPHAS),
        "RBF SV": Peer(partial(SVR), "C", MARGINS),
        "forest": Peer(partial(RandomForestRegressor, **FOREST)),
    },
}
MLPS = ("MLP adam", "MLP lbfgs")


def class_scores(answers: Floats, decided: NDArray[np.intp], truth: NDArray[np.intp]) -> tuple[float, float]:
    """Accuracy, and the AUC of each class against the rest, averaged, of rows x classes of any scores."""
    columns = [1] if answers.shape[1] == 2 else range(answers.shape[1])
    areas = [auc(answers[:, column], truth == column) for column in columns]
    return float((decided == truth).mean()), float(np.mean([area for area in areas if area is not None]))


def number_scores(answers: Floats, truth: Floats) -> tuple[float, float]:
    residuals = truth - answers
    return float(np.sqrt(np.mean(residuals**2))), float(1 - np.mean(residuals**2) / truth.var())


def our_scores(examples: Examples, settings: Settings, rows: Split) -> tuple[float, float]:
    training = Training(examples, settings, split_rows=rows)
    for _ in training:
        pass
    answers, truth = training.outputs(examples.inputs[rows.held_out]), examples.targets[rows.held_out]
    if examples.classes:
        return class_scores(answers, answers.argmax(axis=1), truth)
    return number_scores(answers.ravel(), truth.ravel())


def peer_scores(examples: Examples, peer: Peer, choice: float | None, rows: Split) -> tuple[float, float]:
    preparation = prepare(examples, rows.train, "none")
    inputs, truth = preparation.inputs(examples.inputs), examples.targets.reshape(len(examples))
    model = peer.model(examples.task, choice)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(inputs[rows.train], truth[rows.train])
    shown, truth = inputs[rows.held_out], truth[rows.held_out]
    if not examples.classes:
        return number_scores(model.predict(shown), truth)
    asked = model.predict_proba if hasattr(model, "predict_proba") else model.decision_function
    answers = asked(shown)
    if answers.ndim == 1:
        answers = np.column_stack([-answers, answers])
    return class_scores(answers, model.predict(shown), truth)


def choose(examples: Examples, peer: Peer, seed: int) -> float | None:
    """The number of the grid that does best on five folds of its own; AUC decides between equals."""
    if not peer.grid:
        return None
    measures = MEASURES[examples.task]

    def merit(choice: float) -> tuple[float, ...]:
        splits = fold_splits(examples, 5, 1, seed)
        means = np.mean([peer_scores(examples, peer, choice, rows) for _, _, rows in splits], axis=0)
        return tuple(BETTER[measure] * mean for measure, mean in zip(measures, means, strict=True))

    return max(peer.grid, key=merit)


@dataclass(frozen=True, eq=False)
class Compared:
    """One table: folds x measures of ours and of every peer's, and what the peers chose."""

    name: str
    examples: Examples
    repeats: int
    ours: Floats
    peers: dict[str, Floats]
    choices: dict[str, float | None]

    def interval(self, place: int, measure: str) -> tuple[float, float]:
        """Of our mean, Nadeau and Bengio's, at 95 %."""
        rows = len(self.examples)
        return corrected_interval(
            self.ours[:, place].tolist(), rows - rows / FOLDS, rows / FOLDS, bounds=BOUNDS[measure]
        )

    def standard_error(self, differences: Floats) -> float:
        """Nadeau and Bengio's, of the mean of differences fold by fold."""
        return math.sqrt((1 / len(differences) + 1 / (FOLDS - 1)) * differences.var(ddof=1))

    def best_mlp(self, place: int, measure: str) -> str:
        """Which of scikit-learn's MLPs did best by the measure in that place."""
        return max(MLPS, key=lambda name: BETTER[measure] * self.peers[name][:, place].mean())


def compare(name: str, settings: Settings, seed: int) -> Compared:
    examples = dataset_from(open_table(name)).examples
    peers = PEERS[examples.task]
    repeats = REPEATS if len(examples) < LARGE else LARGE_REPEATS
    splits = [rows for _, _, rows in fold_splits(examples, FOLDS, repeats, seed)]
    ours = np.array([our_scores(examples, settings, rows) for rows in splits])
    choices = {name: choose(examples, peer, seed + 1000) for name, peer in peers.items()}
    theirs = {
        name: np.array([peer_scores(examples, peer, choices[name], rows) for rows in splits])
        for name, peer in peers.items()
    }
    return Compared(name, examples, repeats, ours, theirs, choices)


def lines(one: Compared) -> Iterator[str]:
    for place, measure in enumerate(MEASURES[one.examples.task]):
        best = one.best_mlp(place, measure)
        ours, theirs = one.ours[:, place], one.peers[best][:, place]
        gain = BETTER[measure] * (ours - theirs)
        low, high = one.interval(place, measure)
        error = one.standard_error(gain)
        verdict = "**loses**" if gain.mean() < -error else "wins" if gain.mean() > error else "level"
        others = [f"{scores[:, place].mean():.4f}" for scores in one.peers.values()]
        yield (
            f"| {one.name} {FOLDS}x{one.repeats} | {measure} | {ours.mean():.4f} ({low:.4f} to {high:.4f}) | "
            + " | ".join(others)
            + f" | {best} | {gain.mean():+.4f} ± {error:.4f} | {verdict} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    names = [one.name for one in tables() if one.name not in LEFT_OUT]
    parser.add_argument("tables", nargs="*", default=names, metavar="table", help=", ".join(names))
    parser.add_argument(
        "--set", action="append", default=[], metavar="SETTING=VALUE", help="one of our settings"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the folds and of our weights")
    arguments = parser.parse_args()
    given = dict(one.split("=", 1) for one in arguments.set)
    settings = read_settings({**given, "seed": arguments.seed})
    peers = list(PEERS["classification"])
    print(f"| table, folds | measure | ours (95 %) | {' | '.join(peers)} | best MLP | ahead of it by | |")
    print("|---" * (6 + len(peers)) + "|")
    chosen, started = [], time.perf_counter()
    for name in arguments.tables:
        one = compare(name, settings, arguments.seed)
        for line in lines(one):
            print(line, flush=True)
        told = [f"{peer} {choice:g}" for peer, choice in one.choices.items() if choice is not None]
        chosen.append(f"{name}: {', '.join(told)}")
    print(f"\nChosen by scikit-learn's models (C, or an MLP's alpha): {'; '.join(chosen)}.")
    print(f"{time.perf_counter() - started:.0f} s.")


if __name__ == "__main__":
    main()
