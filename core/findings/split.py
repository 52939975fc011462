"""Findings on the split: held-out rows that cannot show what the network is worth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.judgement import Evaluation
from epochal.core.findings import signs
from epochal.core.findings.finding import Finding, Subject
from epochal.core.training.training import Training

check = Subject()


@check
def split_ignores_the_order(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """A file sorted by class, and held-out rows that are not drawn from each class."""
    examples, split = training.examples, training.split
    if not examples.classes or split.stratified:
        return
    changes = int(np.count_nonzero(np.diff(examples.targets)))
    in_a_row = int(np.count_nonzero(np.diff(split.held_out) == 1))
    if changes < len(examples.classes) and in_a_row == len(split.held_out) - 1:
        yield Finding(
            "sorted-split",
            "error",
            f"The rows are sorted by class, and the {len(split.held_out):,} held-out rows are neighbours.",
            "Use a stratified split: held-out rows drawn from each class.",
        )


@check
def class_not_held_out(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """A class that no held-out row has: nothing is known about it."""
    if isinstance(evaluation, ClassEvaluation):
        absent = [
            name for name, row in zip(evaluation.classes, evaluation.confusion, strict=True) if not row.sum()
        ]
        if absent:
            yield Finding(
                "class-not-held-out",
                "error",
                f"No held-out row is {' or '.join(absent)}: the accuracy says nothing about it.",
                "Hold out a larger share, or leave the class out.",
            )


@check
def few_rows_of_a_class(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """Fewer than ten held-out rows of a class: one row more or less changes the picture."""
    if isinstance(evaluation, ClassEvaluation):
        counts = evaluation.confusion.sum(axis=1)
        rarest = int(counts.argmin())
        if 0 < counts[rarest] < 10:
            yield Finding(
                "few-held-out",
                "warning",
                f"Only {counts[rarest]} held-out {'row is' if counts[rarest] == 1 else 'rows are'} "
                f"{evaluation.classes[rarest]}: too few to conclude much.",
                "Hold out a larger share, or cross-validate.",
            )


@check
def imbalance(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """One class so frequent that accuracy says little."""
    examples = training.examples
    if examples.classes:
        counts = np.bincount(examples.targets.astype(np.intp), minlength=len(examples.classes))
        frequent = examples.classes[int(counts.argmax())]
        yield from signs.imbalance(frequent, float(counts.max() / counts.sum()))
