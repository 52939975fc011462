"""Findings on duplicates: rows of the file that stand on both sides of the split."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from epochal.core.evaluation.judgement import Evaluation
from epochal.core.findings.finding import Finding, Subject
from epochal.core.rows.examples import Examples, Split
from epochal.core.training.training import Training

check = Subject()

Hashes = NDArray[np.uint64]


@check
def rows_on_both_sides(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """Held-out rows that equal a training row in all of the file were learned, not predicted."""
    rows = len(training.split.held_out)
    equal = repeated_rows(training.examples, training.split, at_least=max(2, round(0.05 * rows)))
    if equal:
        yield Finding(
            "duplicates",
            "warning",
            f"{equal:,} of the {rows:,} held-out rows equal a training row: "
            "they were learned, not predicted.",
            "Take the duplicates out of the table.",
        )


def repeated_rows(examples: Examples, split: Split, at_least: int) -> int:
    """Held-out rows that equal a training row; 0 of fewer than `at_least`, or if coarse columns explain them.

    Where columns of a few values each make rows equal by chance, at least as many have a training row that
    differs in a single column. Copies have next to none of these.
    """
    hashes = _hashes(examples)
    whole = np.add.reduce(hashes, dtype=np.uint64)
    train, held_out = split.train, split.held_out
    equal = _matches(whole[held_out], whole[train])
    count = int(np.count_nonzero(equal))
    if count < at_least:
        return 0
    nearly = np.zeros(len(held_out), np.bool_)
    for column in hashes:
        without = whole - column
        nearly |= _matches(without[held_out], without[train]) > equal
    return count if count > int(nearly.sum()) else 0


def _matches(rows: Hashes, among: Hashes) -> NDArray[np.intp]:
    """How many of these each row equals."""
    ordered = np.sort(among)
    return np.searchsorted(ordered, rows, "right") - np.searchsorted(ordered, rows, "left")


def _hashes(examples: Examples) -> list[Hashes]:
    """For each column of the file, a number a row; their sum is the row's.

    Codes of equal cells times a random odd number of each column's own: two rows that differ have the same
    sum once in 2^63.
    """
    rng = np.random.default_rng(0)
    columns = [*examples.inputs.T, *examples.targets.reshape(len(examples), -1).T]
    if examples.unused is not None:
        columns.append(examples.unused)
    factors = rng.integers(1 << 63, size=len(columns), dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    return [
        np.unique(column, return_inverse=True)[1].astype(np.uint64) * factor
        for column, factor in zip(columns, factors, strict=True)
    ]
