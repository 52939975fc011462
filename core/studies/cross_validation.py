"""Repeated stratified cross-validation: every row held out once in each repeat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import tee

import numpy as np

from epochal.core.evaluation.judgement import Evaluation, evaluate
from epochal.core.rows.examples import Examples, Split, generator
from epochal.core.settings import Settings
from epochal.core.training.gate import StepGate
from epochal.core.training.population import trained
from epochal.core.training.training import Training


@dataclass(frozen=True, eq=False)
class Fold:
    """One training on all rows but one fold, judged on that fold; both counted from 1."""

    repeat: int
    number: int
    split: Split
    evaluation: Evaluation
    epochs: int
    ending: str


def fold_splits(examples: Examples, folds: int, repeats: int, seed: int) -> Iterator[tuple[int, int, Split]]:
    """Repeat, fold and rows; with classes each fold has its share of each. ValueError if a row is lacking."""
    rows = len(examples)
    if not 2 <= folds <= rows // 2:
        raise ValueError(f"{rows} rows can be put into 2 to {rows // 2} folds, not into {folds}.")
    for repeat in range(1, repeats + 1):
        rng = generator(seed, "split", repeat)
        order = rng.permutation(rows)
        if examples.classes:
            order = order[np.argsort(examples.targets[order], kind="stable")]
        # Dealt like cards, one class after the other, so that the folds' sizes differ by one row at most.
        fold_of = np.empty(rows, dtype=np.intp)
        fold_of[order] = np.arange(rows) % folds
        for number in range(folds):
            held_out = np.flatnonzero(fold_of == number)
            train = np.flatnonzero(fold_of != number)
            yield repeat, number + 1, Split(train, held_out, stratified=bool(examples.classes))


def cross_validate(
    examples: Examples, settings: Settings, folds: int, repeats: int, gate: StepGate | None = None
) -> Iterator[Fold]:
    """Train and judge every fold; whoever asks for the next one gets it.

    Some dozens of folds are trained side by side before the first of them is judged. Each repeat draws
    its folds from the settings' seed, and its starting weights and the order of its rows from a seed one
    higher than the repeat before: the spread of the scores has all three in it.
    """
    judged, ahead = tee(fold_splits(examples, folds, repeats, settings.seed))
    seeds = [settings.model_copy(update={"seed": settings.seed + repeat}) for repeat in range(repeats)]
    trainings = trained(
        (Training(examples, seeds[repeat - 1], split_rows=rows) for repeat, _, rows in ahead), gate
    )
    for (repeat, number, rows), training in zip(judged, trainings, strict=True):
        yield Fold(repeat, number, rows, evaluate(training), training.history.length, training.ending)
