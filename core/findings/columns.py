"""Findings on the columns: features that teach nothing, or that give the target away."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from epochal.core.evaluation.curves import auc
from epochal.core.evaluation.judgement import Evaluation
from epochal.core.findings.finding import Finding, Subject
from epochal.core.rows.examples import Feature, Floats
from epochal.core.training.training import Training

check = Subject()


@check
def constant_columns(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """Features that never change in the training rows teach nothing."""
    inputs = training.examples.inputs[training.split.train]
    names = [
        feature.name
        for feature, low, high in zip(
            training.examples.features, np.nanmin(inputs, axis=0), np.nanmax(inputs, axis=0), strict=True
        )
        if low == high
    ]
    if names:
        yield Finding(
            "constant-column",
            "note",
            f"{_some(names)} {'is' if len(names) == 1 else 'are'} the same in every training row.",
            "Leave it out: it teaches nothing." if len(names) == 1 else "Leave them out: they teach nothing.",
        )


@check
def row_numbers(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """A column that counts the rows: an identifier, not a measurement."""
    examples = training.examples
    for index, feature in enumerate(examples.features):
        column = examples.inputs[:, index]
        if not feature.categories and len(column) > 10 and (np.diff(column) == 1).all():
            yield Finding(
                "row-numbers",
                "warning",
                f"{feature.name} counts the rows from {column[0]:g} to {column[-1]:g}.",
                "Leave it out: new rows will have numbers the network has never seen.",
            )


@check
def leak(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """A single column that tells the target is rarely a measurement made beforehand."""
    examples = training.examples
    if len(examples) < 20:
        return
    targets = examples.targets.reshape(len(examples), -1)[:, 0].astype(np.float64)
    for index, feature in enumerate(examples.features):
        column = examples.inputs[:, index]
        present = ~np.isnan(column)
        if present.mean() > 0.5 and _tells(feature, column[present], targets[present], examples.classes):
            yield Finding(
                "leak",
                "warning",
                f"{feature.name} alone tells the target in (nearly) all {int(present.sum()):,} rows.",
                "Make sure it is known before the answer is; else leave it out.",
            )


def _tells(feature: Feature, column: Floats, targets: Floats, classes: tuple[str, ...]) -> bool:
    """Whether a straight line, an order, ranges or categories of this column give the target away."""
    if column.min() == column.max() or targets.min() == targets.max():
        return False
    if not classes:
        return bool(not feature.categories and abs(np.corrcoef(column, targets)[0, 1]) > 0.99999)
    if feature.categories:
        pairs = len(np.unique(np.column_stack([column, targets]), axis=0))
        found = len(np.unique(column))
        # Of categories with few rows each, every one has its class by chance.
        return pairs == found and len(column) >= 5 * found
    if len(classes) == 2:
        area = auc(column, targets == 1)
        return area is not None and max(area, 1.0 - area) > 0.999
    order = np.lexsort((targets, column))
    ordered, values = targets[order], column[order]
    changed = np.diff(ordered) != 0
    # Equal values with different answers tell nothing, however they sort.
    split_ties = bool((changed & (np.diff(values) == 0)).any())
    return not split_ties and int(changed.sum()) == len(np.unique(targets)) - 1


@check
def unlike_scales(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """Columns of very different size, and a scaling that leaves them so."""
    if training.settings.scaling not in ("none", "one-for-all"):
        return
    raw = training.preparation.inputs(training.examples.inputs[training.split.train])
    spreads = raw.std(axis=0)
    large, small = int(spreads.argmax()), int(spreads.argmin())
    if spreads[large] > 30 * spreads[small]:
        names = training.preparation.names
        yield Finding(
            "unlike-scales",
            "warning",
            f"{names[large]} varies {spreads[large] / spreads[small]:,.0f} times as much as {names[small]}, "
            f"and scaling is {training.settings.scaling}.",
            "Choose the standard scaling.",
        )


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")
