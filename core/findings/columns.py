"""Findings on the columns: features that teach nothing, or that give the target away."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from epochal.core.evaluation.judgement import Evaluation
from epochal.core.findings import signs
from epochal.core.findings.finding import Finding, Subject
from epochal.core.training.training import Training

check = Subject()


@check
def constant_columns(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """Features that never change in the training rows teach nothing."""
    inputs = training.examples.inputs[training.split.train]
    lowest, highest = np.nanmin(inputs, axis=0), np.nanmax(inputs, axis=0)
    features = training.examples.features
    names = [one.name for one, low, high in zip(features, lowest, highest, strict=True) if low == high]
    yield from signs.constant_columns(names, "training row")


@check
def row_numbers(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """A column that counts the rows: an identifier, not a measurement."""
    for index, feature in enumerate(training.examples.features):
        if not feature.categories:
            yield from signs.row_numbers(feature.name, training.examples.inputs[:, index])


@check
def leak(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """A single column that tells the target is rarely a measurement made beforehand."""
    examples = training.examples
    targets = examples.targets.reshape(len(examples), -1)[:, 0].astype(np.float64)
    for index, feature in enumerate(examples.features):
        column, is_category = examples.inputs[:, index], bool(feature.categories)
        yield from signs.leak(
            feature.name, column, targets, is_category=is_category, classes=examples.classes
        )


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
