"""One side of benchmarks/peers.py in a process of its own: does one job, prints one line of JSON.

The job is a JSON object as the only argument. Each side first does a little of the same work, so that
nothing is imported, loaded or compiled while the clock runs. The clock counts the epochs: on our side with
both errors measured after every one, for scikit-learn all of `fit`, for PyTorch the steps alone; where many
networks are trained, it counts everything. The peers are given rows that we have split and scaled. This file
is also run by a Python that has only NumPy and PyTorch, so each side imports what it needs.
"""

from __future__ import annotations

import gc
import json
import math
import platform
import sys
import time
import warnings
from collections import deque
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

Job = dict[str, Any]
Run = tuple[Callable[[], object], Callable[[], float]]
"""What the clock counts, and what then says how large the error is."""

Start = Callable[[int], Run]
"""Gets a run of so many epochs ready."""

STATUS, FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def epochal(job: Job) -> tuple[Start, dict[str, str]]:
    from epochal.core.rows.examples import Examples
    from epochal.core.settings import Settings
    from epochal.core.training.training import Training

    examples, settings = our_examples(job, Examples), our_settings(job, Settings)

    def start(epochs: int) -> Run:
        training = Training(examples, settings.model_copy(update={"epochs": epochs}))
        return partial(deque, training, 0), lambda: training.history[-1].training_error

    return start, our_versions()


def epochal_folds(job: Job) -> tuple[Start, dict[str, str]]:
    from epochal.core.rows.examples import Examples
    from epochal.core.settings import Settings
    from epochal.core.studies.cross_validation import cross_validate

    examples, settings = our_examples(job, Examples), our_settings(job, Settings)

    def start(epochs: int) -> Run:
        accuracies: list[float] = []

        def validate() -> None:
            few = settings.model_copy(update={"epochs": epochs})
            folds = cross_validate(examples, few, job["folds"], job["repeats"])
            accuracies.extend(fold.evaluation.accuracy for fold in folds)

        return validate, lambda: 1.0 - float(np.mean(accuracies))

    return start, our_versions()


def epochal_settings(job: Job) -> tuple[Start, dict[str, str]]:
    from epochal.core.rows.examples import Examples
    from epochal.core.settings import Settings
    from epochal.core.training.population import trained
    from epochal.core.training.training import Training

    examples, settings = our_examples(job, Examples), our_settings(job, Settings)
    varied = [
        {"learning_rate": rate, "l2": l2, "seed": seed}
        for rate in job["rates"]
        for l2 in job["l2s"]
        for seed in range(job["seeds"])
    ]

    def start(epochs: int) -> Run:
        accuracies: list[float] = []

        def search() -> None:
            few = settings.model_copy(update={"epochs": epochs})
            members = (Training(examples, few.model_copy(update=values)) for values in varied)
            accuracies.extend(one.history[-1].held_out_accuracy for one in trained(members))

        return search, lambda: 1.0 - max(accuracies)

    return start, our_versions()


def our_examples(job: Job, examples: Any) -> Any:
    from epochal.core.rows.examples import Feature

    inputs, targets = np.load(f"{job['data']}/inputs.npy"), np.load(f"{job['data']}/targets.npy")
    features = tuple(Feature(f"x{column}") for column in range(inputs.shape[1]))
    return examples(features, inputs, targets, tuple(map(str, range(targets.max() + 1))))


def our_versions() -> dict[str, str]:
    return {"Python": platform.python_version(), "NumPy": np.__version__}


def our_settings(job: Job, settings: Any) -> Any:
    names = ("activation", "batch_size", "optimizer", "learning_rate", "precision", "held_out")
    return settings(hidden=tuple(job["hidden"]), l2=0.0, **{name: job[name] for name in names})


def sklearn(job: Job) -> tuple[Start, dict[str, str]]:
    from sklearn.metrics import log_loss

    inputs, targets = prepared(job)

    def start(epochs: int) -> Run:
        model = sklearn_network(job, epochs)
        fit = partial(model.fit, inputs, targets)
        return fit, lambda: float(log_loss(targets, model.predict_proba(inputs)))

    return start, sklearn_versions()


def sklearn_folds(job: Job) -> tuple[Start, dict[str, str]]:
    from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score

    inputs, targets = np.load(f"{job['data']}/inputs.npy"), np.load(f"{job['data']}/targets.npy")
    folds = RepeatedStratifiedKFold(n_splits=job["folds"], n_repeats=job["repeats"], random_state=0)

    def start(epochs: int) -> Run:
        scores: list[float] = []

        def validate() -> None:
            scores.extend(cross_val_score(scaled(job, epochs), inputs, targets, cv=folds, n_jobs=job["jobs"]))

        return validate, lambda: 1.0 - float(np.mean(scores))

    return start, sklearn_versions()


def sklearn_settings(job: Job) -> tuple[Start, dict[str, str]]:
    from sklearn.model_selection import GridSearchCV, StratifiedShuffleSplit

    inputs, targets = np.load(f"{job['data']}/inputs.npy"), np.load(f"{job['data']}/targets.npy")
    grid = {
        "mlpclassifier__learning_rate_init": job["rates"],
        # Its penalty is divided by the rows of a batch.
        "mlpclassifier__alpha": [l2 * job["batch_size"] for l2 in job["l2s"]],
        "mlpclassifier__random_state": list(range(job["seeds"])),
    }
    once = StratifiedShuffleSplit(1, test_size=job["held_out"], random_state=0)

    def start(epochs: int) -> Run:
        search = GridSearchCV(scaled(job, epochs), grid, cv=once, n_jobs=job["jobs"], refit=False)
        return partial(search.fit, inputs, targets), lambda: 1.0 - float(search.best_score_)

    return start, sklearn_versions()


def scaled(job: Job, epochs: int) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), sklearn_network(job, epochs))


def sklearn_network(job: Job, epochs: int) -> Any:
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(
        tuple(job["hidden"]),
        activation=job["activation"],
        solver=job["optimizer"],
        alpha=0.0,
        batch_size=job["rows"] if job["batch_size"] == "full" else job["batch_size"],
        learning_rate_init=job["learning_rate"],
        max_iter=epochs,
        shuffle=True,
        random_state=0,
        tol=0.0,
        n_iter_no_change=10**9,
        momentum=0.0,
        nesterovs_momentum=False,
    )


def sklearn_versions() -> dict[str, str]:
    import sklearn

    return {"scikit-learn": sklearn.__version__}


def pytorch(job: Job) -> tuple[Start, dict[str, str]]:
    """Eager, as quick as we could make it: rows gathered once an epoch, no DataLoader, fused updates."""
    import torch

    torch.set_num_threads(job["threads"])
    torch.manual_seed(0)
    inputs, targets = map(torch.from_numpy, prepared(job))
    classes = int(targets.max()) + 1
    if classes == 2:
        targets = targets.to(inputs.dtype)[:, None]
    sizes = [inputs.shape[1], *job["hidden"], 1 if classes == 2 else classes]
    nodes = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}[job["activation"]]
    rows = len(inputs)
    batch = rows if job["batch_size"] == "full" else job["batch_size"]

    def start(epochs: int) -> Run:
        layers: list[Any] = []
        for before, after in pairwise(sizes):
            layers += [torch.nn.Linear(before, after, dtype=inputs.dtype), nodes()]
        network = torch.nn.Sequential(*layers[:-1])
        loss = torch.nn.BCEWithLogitsLoss() if classes == 2 else torch.nn.CrossEntropyLoss()
        kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[job["optimizer"]]
        optimizer = kind(network.parameters(), lr=job["learning_rate"], fused=True)

        def train() -> None:
            mixed_inputs, mixed_targets = inputs, targets
            for _ in range(epochs):
                if batch < rows:
                    order = torch.randperm(rows)
                    mixed_inputs, mixed_targets = inputs[order], targets[order]
                for first in range(0, rows, batch):
                    optimizer.zero_grad()
                    part = slice(first, first + batch)
                    loss(network(mixed_inputs[part]), mixed_targets[part]).backward()
                    optimizer.step()

        return train, lambda: float(loss(network(inputs), targets).detach())

    return start, {"PyTorch": torch.__version__}


def prepared(job: Job) -> tuple[Any, Any]:
    """Our training rows as our preparation scales them."""
    inputs = np.load(f"{job['data']}/train_inputs.npy").astype(job["precision"])
    return inputs, np.load(f"{job['data']}/train_targets.npy")


def product_rate(precision: str, seconds: float = 1.0) -> float:
    """Floating-point operations a second in the best of many products of 2048 x 2048 matrices."""
    left, right = np.random.default_rng(0).random((2, 2048, 2048)).astype(precision)
    out, best, end = np.empty_like(left), math.inf, time.perf_counter() + seconds
    while time.perf_counter() < end:
        begun = time.perf_counter()
        np.dot(left, right, out)
        best = min(best, time.perf_counter() - begun)
    return 2.0 * 2048**3 / best


def megabytes(name: str) -> float:
    (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


SIDES = {
    "epochal": epochal,
    "epochal folds": epochal_folds,
    "epochal settings": epochal_settings,
    "scikit-learn": sklearn,
    "scikit-learn folds": sklearn_folds,
    "scikit-learn settings": sklearn_settings,
    "pytorch": pytorch,
}


def main() -> None:
    job = json.loads(sys.argv[1])
    warnings.simplefilter("ignore")
    start, versions = SIDES[job["side"]](job)
    start(2)[0]()
    result: dict[str, Any] = {"versions": versions}
    if job["measure"] == "memory":
        gc.collect()
        FORGET.write_text("5")  # the most memory ever held counts from here again
        before = megabytes("VmRSS")
        start(job["epochs"])[0]()
        result["megabytes"] = megabytes("VmHWM") - before
    else:
        clock = time.process_time if job["cpu_time"] else time.perf_counter
        go, error = start(job["epochs"])
        begun = clock()
        go()
        result["seconds"] = clock() - begun
        result["error"] = error()
    if job["measure"] == "rate":
        result["product rate"] = product_rate(job["precision"])
    print(json.dumps(result))


if __name__ == "__main__":
    main()
