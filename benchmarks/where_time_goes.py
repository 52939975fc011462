"""Where the time of an epoch goes: each kind of NumPy call of a run, as a table in markdown.

    python benchmarks/where_time_goes.py
    python benchmarks/where_time_goes.py --rows batch-1,full-batch --precision float32

The rows are those of benchmarks/peers.py. Every call that a run makes in an epoch is repeated alone, in
processor time, the quickest of several rounds; a column is the sum over an epoch of the calls of its kind.
`products` are those of matrices, `tanh and exp` all that NumPy computes by a series, `cheap` the other calls
on whole arrays, `update` the optimizer's, and `rest` is what the epoch takes beyond: Python, caches that a
call alone finds warm, the sums of errors, the history. `measuring` is what the errors of all rows take at the
end of an epoch, in all of these columns; of a full batch, the next epoch's way forward is in it.
"""

from __future__ import annotations

import argparse
import os
import timeit
from collections import Counter
from collections.abc import Callable, Iterable
from time import process_time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from peers import duration, line
from peers_rows import ROWS, Row, examples_of

from epochal.core.bound_ops import BoundOp
from epochal.core.settings import Settings
from epochal.core.training.training import Training

KINDS = ("shuffling", "products", "tanh and exp", "cheap", "update", "rest")
PRODUCTS = ("dot", "matmul")
SERIES = ("tanh", "exp", "log", "log1p")
TIMED = [name for name, row in ROWS.items() if row.measure != "memory" and not row.kind]


def seconds(work: Callable[[], object]) -> float:
    """Of the quickest of five rounds, each as long as a hundredth of a second."""
    begun = process_time()
    work()
    number = max(1, int(0.01 / max(process_time() - begun, 1e-6)))
    return min(timeit.repeat(work, number=number, repeat=5, timer=process_time)) / number


def kind(call: BoundOp) -> str:
    """What sort of work a bound call is."""
    name = getattr(getattr(call, "func", call), "__name__", "")
    return "products" if name in PRODUCTS else "tanh and exp" if name in SERIES else "cheap"


def share(calls: Iterable[BoundOp], times: int, found: Counter[str]) -> int:
    """Add what these calls take when made so many times; how many there are."""
    calls = list(calls)
    for call in calls:
        found[kind(call)] += times * seconds(call)
    return times * len(calls)


def profile(row: Row, precision: str) -> tuple[float, int, Counter[str], float]:
    """Seconds of an epoch, the NumPy calls in it, what each kind of them takes, and measuring."""
    names = {name: value for name, value in row.network.items() if name != "hidden"}
    settings = Settings(
        hidden=tuple(row.network["hidden"]), l2=0.0, epochs=10**6, precision=precision, **names
    )
    training = Training(examples_of(row.table), settings)
    next(training)
    epoch = min(timeit.repeat(lambda: next(training), number=1, repeat=30, timer=process_time))
    if row.table == "spine":
        epoch = min(timeit.repeat(lambda: next(training), number=50, repeat=20, timer=process_time)) / 50
    descent, measure, found = training.engine.stackable, training._measure, Counter[str]()
    assert descent is not None
    count = len(descent.rows)
    steps = -(-count // descent.batch)
    with np.errstate(all="ignore"):  # calls repeated alone run away
        if descent.shuffled:
            calls = share(descent._steps[0], count // descent.batch, found)
            if count % descent.batch:
                calls += share(descent._rest[0], 1, found)
            found["shuffling"] += seconds(lambda: training.order_rng.permutation(count))
            for gathering, _ in descent._gathering:
                found["shuffling"] += sum(map(seconds, gathering))
            calls += share(measure._calls, 1, found)
        else:  # measuring has taken all rows forward already
            calls = share(descent._backward, 1, found) + share(measure._calls, 1, found)
        found["update"] = steps * seconds(lambda: descent.update(1e-9, 5))
        measuring = seconds(measure)
    found["rest"] = epoch - sum(found.values())
    return epoch, calls, found, measuring


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", default=",".join(TIMED), help="names, with commas: " + ", ".join(TIMED))
    parser.add_argument("--precision", default="float64", choices=("float64", "float32"))
    options = parser.parse_args()
    names = options.rows.split(",")
    if unknown := [name for name in names if name not in TIMED]:
        parser.error(f"there is no row {unknown[0]}; there are {', '.join(TIMED)}")
    print(line("work", "precision", "an epoch", "calls", *KINDS, "measuring"))
    print("|---" * (5 + len(KINDS)) + "|")
    for row in (ROWS[name] for name in names):
        epoch, calls, found, measuring = profile(row, options.precision)
        shares = [f"{part / epoch:.0%}" for part in (*(found[each] for each in KINDS), measuring)]
        print(line(row.words, options.precision, duration(epoch), f"{calls:,}", *shares), flush=True)


if __name__ == "__main__":
    main()
