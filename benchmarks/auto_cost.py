"""What an epoch costs: the terms of the cost model of `core/studies/auto/budget.py`, measured and fitted.

`python benchmarks/auto_cost.py` trains stacks of many shapes in float32 with Adam on one thread. It prints
the seconds of each term beside those that the model has now, and the ratio of model to measurement.
"""

from __future__ import annotations

from itertools import pairwise, product
from time import process_time

import numpy as np
from threadpoolctl import threadpool_limits

from epochal.core.rows.examples import Examples, Feature, Split
from epochal.core.settings import Settings
from epochal.core.studies.auto import budget
from epochal.core.training.population import Population, members_at_once
from epochal.core.training.training import Training

SIZES = ((240, 32), (1000, 32), (4000, 64), (15_000, 128))
HIDDEN = ((), (10,), (64,), (128,), (64, 64))
TERMS = (
    "SECONDS_AN_EPOCH",
    "SECONDS_A_STEP",
    "SECONDS_A_WEIGHT",
    "SECONDS_A_WEIGHT_AND_ROW",
    "SECONDS_A_NODE_AND_ROW",
)


def measured(rows: int, batch: int, columns: int, classes: int, hidden: tuple[int, ...], members: int):
    """The terms of one shape, and its seconds for an epoch of a member."""
    rng = np.random.default_rng(0)
    examples = Examples(
        tuple(Feature(f"x{index}") for index in range(columns)),
        rng.normal(size=(rows, columns)),
        rng.integers(0, classes, rows),
        tuple(map(str, range(classes))),
    )
    learned = rows * 4 // 5
    split = Split(np.arange(learned), np.arange(learned, rows), stratified=True)
    settings = Settings(
        hidden=hidden, activation="relu", initial_weights="he", batch_size=batch, precision="float32"
    )
    trainings = [
        Training(examples, settings.model_copy(update={"seed": seed}), split_rows=split)
        for seed in range(members)
    ]
    together = min(members, members_at_once(trainings[0]))
    population = Population(trainings[:together])
    next(population)
    epochs = max(1, 4000 // rows)
    started = process_time()
    for _ in range(epochs):
        next(population)
    seconds = (process_time() - started) / epochs / together
    layers = trainings[0].network.layers
    weights = sum((below + 1) * above for below, above in pairwise(layers))
    steps = -(-learned // batch)
    of_rows = steps * batch
    return (1.0, steps / together, steps * weights, of_rows * weights, of_rows * sum(layers[1:])), seconds


def main() -> None:
    """Fit relative errors by least squares without negative seconds."""
    from scipy.optimize import nnls

    with threadpool_limits(1):
        shapes = [
            (rows, batch, columns, classes, hidden, members)
            for (rows, batch), columns, classes, hidden, members in product(
                SIZES, (8, 40), (2, 7), HIDDEN, (1, 4, 16)
            )
            if rows * members <= 70_000
        ]
        found = [measured(*shape) for shape in shapes]
    terms, seconds = np.array([one for one, _ in found]), np.array([one for _, one in found])
    fitted, _ = nnls(terms / seconds[:, None], np.ones(len(seconds)))
    now = np.array([getattr(budget, name) for name in TERMS])
    for name, mine, best in zip(TERMS, now, fitted, strict=True):
        print(f"{name:26s} {mine:9.2e} in the model, {best:9.2e} fitted here")
    ratios = terms @ now / seconds
    print(
        "model over measurement, 10th, 50th and 90th percentile:",
        np.percentile(ratios, (10, 50, 90)).round(2),
    )


if __name__ == "__main__":
    main()
