"""Whether `auto` fools its user: how often noise is called better than the baseline, and a signal missed.

`python benchmarks/honesty.py` makes 200 tables whose labels have nothing to do with their inputs, and 200
with a planted linear signal, searches settings for each, trains, and counts the verdicts. Noise may be called
better at most as often as the level of the test allows, 5 %; the signal is to be found as often as by the
best rule, which knows it.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from epochal.core.evaluation.evaluation import evaluate_classes
from epochal.core.outcome import outcome_of
from epochal.core.rows.examples import Examples, Feature
from epochal.core.settings import Settings
from epochal.core.studies.auto.auto import AutoSearch
from epochal.core.training.training import Training

ROWS, COLUMNS = 200, 6


def verdicts(seed: int, signal: float) -> tuple[bool, bool]:
    """Of one table: whether the network found is called better than the baseline, and the rule that knows."""
    threadpool_limits(1)
    rng = np.random.default_rng([seed, round(1000 * signal)])
    inputs = rng.normal(size=(ROWS, COLUMNS))
    probabilities = 1.0 / (1.0 + np.exp(-signal * inputs[:, 0]))
    targets = (rng.random(ROWS) < probabilities).astype(np.intp)
    features = tuple(Feature(f"x{index}") for index in range(COLUMNS))
    examples = Examples(features, inputs, targets, ("no", "yes"))
    search = AutoSearch(examples, Settings(seed=seed), budget=0.5)
    for _ in search:
        pass
    training = Training(examples, search.settings())
    for _ in training:
        pass
    rows = training.split
    counts = np.bincount(targets[rows.train], minlength=2)
    known = np.column_stack([1.0 - probabilities, probabilities])[rows.held_out]
    best = evaluate_classes(known, targets[rows.held_out], examples.classes, counts)
    found = outcome_of(training).evaluation
    return getattr(found, "beats_baseline", None) is True, best.beats_baseline is True


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    with ProcessPoolExecutor(given.processes) as pool:
        for name, signal in (("noise", 0.0), ("signal", 2.0)):
            told = list(pool.map(partial(verdicts, signal=signal), range(given.tables)))
            found, known = (100.0 * np.mean([one[place] for one in told]) for place in (0, 1))
            error = 100.0 * np.sqrt(max(found * (100.0 - found), 1.0)) / 100.0 / np.sqrt(given.tables)
            print(
                f"{name}: called better than the baseline in {found:.1f} % of {given.tables} tables "
                f"(standard error {error:.1f}); the rule that made the table in {known:.1f} %"
            )


if __name__ == "__main__":
    main()
