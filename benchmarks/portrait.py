"""How long the portrait of a large table takes: 1,000,000 rows of 20 columns, and 500 columns.

python benchmarks/portrait.py
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from time import perf_counter, process_time

import numpy as np

from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.profiling import profile_of
from epochal.data.tables.table import Column, Table

SIZES = ((1_000_000, 20), (10_000, 500), (310, 7))
WORDS = 4
TIMES = 3


def dataset(rows: int, columns: int) -> Dataset:
    rng = np.random.default_rng(0)
    classes = rng.integers(3, size=rows)
    made = [
        Column(f"x{index}", "number", rng.normal(size=rows) + (index % 4 == 0) * classes)
        for index in range(columns - 1 - WORDS * (columns > WORDS + 2))
    ]
    made += [
        Column(f"w{index}", "category", rng.integers(8, size=rows).astype(np.int32), tuple("abcdefgh"))
        for index in range(columns - 1 - len(made))
    ]
    names = ("one", "two", "three")
    return dataset_from(Table("t", (*made, Column("class", "category", classes.astype(np.int32), names))))


def main() -> None:
    print(f"{'rows':>10} {'columns':>8} {'seconds':>8} {'CPU':>6} {'looked at':>10}")
    for rows, columns in SIZES:
        table = dataset(rows, columns)
        taken = []
        for _ in range(TIMES):
            wall, cpu = perf_counter(), process_time()
            found = profile_of(table)
            taken.append((perf_counter() - wall, process_time() - cpu))
        wall, cpu = min(taken)
        print(f"{rows:>10,} {columns:>8} {wall:>8.2f} {cpu:>6.2f} {len(found.rows):>10,}")


if __name__ == "__main__":
    main()
