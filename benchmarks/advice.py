"""Whether the advice of findings helps: follow it, and measure.

`python benchmarks/advice.py [FOLDER]` trains the bundled tables, synthetic ones and those that
FOLDER/tables.json lists (name, file, target, task, ignore) in ways that go wrong, follows the advice of each
finding with other settings, and says in how many cases the held-out rows agree that it helped. Advice that
does not help in two thirds of them is to be reworded or removed.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.findings.underfit import freer_l2
from epochal.core.outcome import Outcome, outcome_of
from epochal.core.rows.examples import Examples
from epochal.core.settings import Settings, read_settings
from epochal.core.training.training import Training
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from

BUNDLED = (
    "column_2C_weka",
    "column_3C_weka",
    "iris",
    "wine",
    "breast_cancer",
    "penguins",
    "diabetes",
    "auto_mpg",
    "spiral",
    "xor",
    "moons:rows=1000,noise=0.4",
    "circles:rows=300,noise=0.2",
)

# Ways to go wrong, beside the settings that are mostly right.
WAYS: dict[str, dict[str, object]] = {
    "sensible": {},
    "too free": {"hidden": (64,), "l2": 0.0, "learning_rate": 0.02},
    "too fast": {"learning_rate": 3.0, "optimizer": "sgd"},
    "far too fast": {"learning_rate": 1.0},
    "too short": {"epochs": 12},
    "held back": {"l2": 0.2},
    "unscaled": {"scaling": "none"},
    "large weights": {"initial_weights": "normal", "hidden": (32,)},
    "no start": {"initial_weights": "zeros"},
}

Change = dict[str, object] | Callable[[Outcome], dict[str, object]]

TENTH_OF_RATE: Change = lambda run: {"learning_rate": asked(run).learning_rate / 10}  # noqa: E731
LARGER_L2: Change = lambda run: {"l2": max(10 * asked(run).l2, 0.01)}  # noqa: E731
MORE_EPOCHS: Change = lambda run: {"epochs": 4 * asked(run).epochs}  # noqa: E731
FITTED: Change = {"temperature": "fitted"}

# Advice that is followed by other settings: its words, the settings, and what should become better.
FOLLOWED: dict[str, dict[str, tuple[Change, str]]] = {
    "overfitting": {
        "a patience": ({"patience": 20}, "loss"),
        "train for about": (lambda run: {"epochs": best_epoch(run)}, "loss"),
        "a larger L2": (LARGER_L2, "loss"),
        "fewer hidden nodes": (
            lambda run: {"hidden": tuple(max(2, nodes // 4) for nodes in asked(run).hidden)},
            "loss",
        ),
    },
    "not-finished": {
        "more epochs": (MORE_EPOCHS, "loss"),
        "a larger learning rate": (lambda run: {"learning_rate": 3 * asked(run).learning_rate}, "loss"),
    },
    "diverged": {"learning rate a tenth": (TENTH_OF_RATE, "loss")},
    "error-rose": {"learning rate a tenth": (TENTH_OF_RATE, "loss")},
    "idle-nodes": {
        "smaller learning rate": (TENTH_OF_RATE, "loss"),
        "smaller initial weights": ({"initial_weights": "xavier"}, "loss"),
        "scaled columns": ({"scaling": "standard"}, "loss"),
    },
    "zero-weights": {"other initial weights": ({"initial_weights": "xavier"}, "loss")},
    "unlike-scales": {"standard scaling": ({"scaling": "standard"}, "loss")},
    "underfit": {
        "hidden layers 64, activation relu": (
            lambda run: {
                "hidden": (64,),
                "activation": "relu",
                "initial_weights": "he",
                "schedule": "cosine",
                "l2": freer_l2(len(run.training.split.train)),
            },
            "loss",
        )
    },
    "rarely-answered": {
        "threshold: balanced": ({"threshold": "balanced"}, "balanced accuracy"),
        "class weights balanced": ({"class_weights": "balanced"}, "balanced accuracy"),
    },
    "calibration, too sure": {
        "temperature to fitted": (FITTED, "calibration"),
        "a patience": ({"patience": 20}, "calibration"),
        "a larger L2": (LARGER_L2, "calibration"),
    },
    "calibration, not sure enough": {
        "temperature to fitted": (FITTED, "calibration"),
        "more epochs": (MORE_EPOCHS, "calibration"),
        "a smaller L2": (lambda run: {"l2": asked(run).l2 / 10}, "calibration"),
    },
}


def asked(run: Outcome) -> Settings:
    """The settings of a run."""
    return run.training.settings


def best_epoch(outcome: Outcome) -> int:
    """As the finding names it: of smoothed held-out error the least."""
    errors = outcome.training.history.column("held_out_error")
    width = max(len(errors) // 20, 1)
    return int(np.convolve(errors, np.ones(width) / width, "valid").argmin()) + width


def gap(outcome: Outcome) -> float:
    """How much surer the answers are than right."""
    outputs = outcome.answers.outputs
    return float(outputs.max(axis=1).mean() - (outputs.argmax(axis=1) == outcome.answers.targets).mean())


def measure(outcome: Outcome, name: str) -> float:
    """The lower the better; infinite where there is nothing to measure."""
    evaluation = outcome.evaluation
    if name == "calibration":
        return abs(gap(outcome))
    if not isinstance(evaluation, ClassEvaluation):
        return evaluation.rmse if evaluation.rmse is not None else np.inf
    value = evaluation.log_loss if name == "loss" else -(evaluation.balanced_accuracy or 0.0)
    return np.inf if value is None else value


def run(examples: Examples, settings: Settings) -> Outcome:
    """One training, judged."""
    training = Training(examples, settings)
    for _ in training:
        pass
    return outcome_of(training)


def cases(folder: Path | None) -> Iterator[tuple[str, Examples]]:
    """Every table by its name."""
    for name in BUNDLED:
        yield name, dataset_from(open_table(name)).examples
    for table in json.loads((folder / "tables.json").read_text()) if folder else []:
        ignore = [name for name in table["ignore"].split(",") if name]
        dataset = dataset_from(open_table(folder / table["file"]), table["target"], ignore, table["task"])
        yield table["name"], dataset.examples


def tried(
    name: str, examples: Examples, way: str, longest: int, given_all: bool
) -> list[tuple[str, str, str, bool]]:
    """Of each finding's advice: the code, the advice, the table, and whether it helped."""
    epochs = min(300, max(20, longest // len(examples)))
    settings = read_settings({"epochs": epochs, **WAYS[way]})
    before = run(examples, settings)
    found = []
    advised = {finding.code: finding.advice for finding in before.findings}
    if "calibration" in advised:
        sure = "too sure" if gap(before) > 0.0 else "not sure enough"
        advised[f"calibration, {sure}"] = advised["calibration"]
    for code in advised.keys() & FOLLOWED.keys():
        for advice, (change, better) in FOLLOWED[code].items():
            changed = change if isinstance(change, dict) else change(before)
            is_meant = given_all or advice in advised[code]
            if not is_meant or all(getattr(settings, key) == value for key, value in changed.items()):
                continue
            after = run(examples, read_settings({**settings.model_dump(), **changed}))
            found.append((code, advice, f"{name}, {way}", measure(after, better) < measure(before, better)))
    return found


def _work(task: tuple[str, Examples, str, int, bool]) -> list[tuple[str, str, str, bool]]:
    return tried(*task)


def main() -> None:
    """Print a row for each piece of advice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--rows", type=int, default=3000, help="tables of more rows are left out")
    parser.add_argument("--epoch-rows", type=int, default=100_000, help="rows that a training may see in all")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--all", action="store_true", help="also what no finding advises, to compare")
    parser.add_argument("--cases", action="store_true", help="name the cases in which it did not help")
    given = parser.parse_args()
    tasks = [
        (name, examples, way, given.epoch_rows, given.all)
        for name, examples in cases(given.folder)
        if len(examples) <= given.rows
        for way in given.ways.split(",")
    ]
    counted: dict[tuple[str, str], list[tuple[str, bool]]] = defaultdict(list)
    with get_context("spawn").Pool(given.processes) as pool:
        for results in pool.imap_unordered(_work, tasks):
            for code, advice, case, helped in results:
                counted[code, advice].append((case, helped))
    print("| finding | advice | cases | helped |\n|---|---|---|---|")
    for (code, advice), results in sorted(counted.items()):
        share = sum(helped for _, helped in results) / len(results)
        print(f"| {code} | {advice} | {len(results)} | {share:.0%} |")
        if given.cases:
            print("\n".join(f"    not: {case}" for case, helped in results if not helped))


if __name__ == "__main__":
    main()
