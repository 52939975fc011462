"""Findings on the columns: features that teach nothing, or that give the target away."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from epochal.core.evaluation.judgement import Evaluation
from epochal.core.findings import signs
from epochal.core.findings.finding import Finding, Subject
from epochal.core.rows.examples import Floats, Rows
from epochal.core.training.training import Training

check = Subject()

# A sum of more columns than these is a law of the table, not a target in parts.
MOST_PARTS, UNEXPLAINED = 5, 0.01
FEWEST_ROWS, MOST_FITTED = 20, 5000


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
def linear_leak(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """A few columns of which the target is a sum, its own parts perhaps."""
    examples, split = training.examples, training.split
    if examples.classes or examples.targets.reshape(len(examples), -1).shape[1] > 1:
        return
    numeric = [place for place, feature in enumerate(examples.features) if not feature.categories]
    targets = examples.targets.reshape(-1).astype(np.float64)
    parts = parts_of(examples.inputs[:, numeric], targets, split.train, split.held_out)
    if len(parts) > 1:
        names = [examples.features[numeric[place]].name for place in parts]
        yield Finding(
            "leak",
            "warning",
            f"A weighted sum of {' and '.join(names)} tells the target in (nearly) all "
            f"{len(split.held_out):,} held-out rows.",
            "Check that they are known before the target is; otherwise leave them out.",
        )


def parts_of(inputs: Floats, targets: Floats, train: Rows, held_out: Rows) -> list[int]:
    """The fewest columns, found one by one, whose least-squares sum explains all but 1 % of the target.

    Fitted on training rows, judged on held-out ones. Empty when it takes more than MOST_PARTS, or cannot be.
    """
    train = train[:: len(train) // MOST_FITTED + 1]
    if len(train) < FEWEST_ROWS or len(held_out) < FEWEST_ROWS or not inputs.shape[1]:
        return []
    targets = targets / max(float(np.abs(targets).max()), 1e-300)
    spread = float(targets[held_out].var())
    centre = np.nan_to_num(np.nanmean(inputs[train], axis=0))
    filled = np.where(np.isnan(inputs), centre, inputs) - centre
    size = np.abs(filled[train]).max(axis=0)
    filled = filled / np.where(size > 0.0, size, 1.0)
    wanted = targets[train] - targets[train].mean()

    def rest_of(parts: list[int]) -> tuple[Floats, bool]:
        """What a sum of these columns leaves of the training rows, and whether it tells the held-out rows."""
        fit = np.linalg.lstsq(filled[train][:, parts], wanted, rcond=None)[0]
        off = targets[held_out] - targets[train].mean() - filled[held_out][:, parts] @ fit
        tells = float(np.square(off).mean()) < UNEXPLAINED * spread
        return wanted - filled[train][:, parts] @ fit, tells

    parts: list[int] = []
    rest = wanted
    # Twice as many, as some found first may be of no use beside those found later.
    while len(parts) < min(2 * MOST_PARTS, inputs.shape[1]):
        lengths = np.linalg.norm(filled[train], axis=0)
        pulls = np.abs(rest @ filled[train]) / np.where(lengths > 0.0, lengths, np.inf)
        pulls[parts] = 0.0
        if not pulls.max() > 0.0:
            return []
        parts.append(int(pulls.argmax()))
        rest, tells = rest_of(parts)
        if tells:
            for part in list(parts):
                others = [other for other in parts if other != part]
                if others and rest_of(others)[1]:
                    parts = others
            return parts if len(parts) <= MOST_PARTS else []
    return []


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
