"""Folds: every row held out once, each class shared out evenly among them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from epochal.core.rows.examples import Examples, Rows, Split, generator

# The share of the rows that validates where there are no folds is one in so many.
ONE_IN = 4


def fold_splits(examples: Examples, folds: int, repeats: int, seed: int) -> Iterator[tuple[int, int, Split]]:
    """Repeat, fold and rows; with classes each fold has its share of each. ValueError if a row is lacking."""
    check_folds(len(examples), folds)
    for repeat in range(1, repeats + 1):
        fold_of = folds_of_rows(examples, folds, seed, repeat)
        for number in range(1, folds + 1):
            yield repeat, number, split_by(examples, fold_of, number)


def check_folds(rows: int, folds: int) -> None:
    """ValueError, in a sentence, where so many rows cannot be put into so many folds."""
    if not 2 <= folds <= rows // 2:
        raise ValueError(f"{rows} rows can be put into 2 to {rows // 2} folds, not into {folds}.")


def folds_of_rows(examples: Examples, folds: int, seed: int, repeat: int) -> Rows:
    """The fold of each row in one repeat, counted from 1."""
    rows = len(examples)
    order = generator(seed, "split", repeat).permutation(rows)
    if examples.classes:
        order = order[np.argsort(examples.targets[order], kind="stable")]
    # Dealt like cards, one class after the other, so that the folds' sizes differ by one row at most.
    fold_of = np.empty(rows, dtype=np.intp)
    fold_of[order] = np.arange(rows) % folds + 1
    return fold_of


def split_by(examples: Examples, fold_of: Rows, number: int) -> Split:
    """The rows of one fold held out, all others to train."""
    return Split(np.flatnonzero(fold_of != number), np.flatnonzero(fold_of == number), bool(examples.classes))


def inner_splits(examples: Examples, folds: int, seed: int) -> list[Split]:
    """Folds of equal size, or for 1 a single share of a quarter; rows that are left over only train.

    Equal sizes let the networks of all folds train side by side.
    """
    made = [
        rows for _, _, rows in fold_splits(examples, max(folds, ONE_IN) if folds == 1 else folds, 1, seed)
    ]
    size = min(len(rows.held_out) for rows in made)
    return [
        Split(
            np.sort(np.concatenate([rows.train, rows.held_out[size:]])),
            rows.held_out[:size],
            rows.stratified,
        )
        for rows in made[:folds]
    ]
