"""Findings: what a person should be told about this table, this training and this result.

Each check is a function of a finished run and its evaluation that yields what it found: a sentence with
the run's own numbers, and one of advice. The limits are chosen so that healthy runs stay without any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from epochal.core.evaluation.curves import auc
from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.judgement import Evaluation
from epochal.core.evaluation.wording import verdict
from epochal.core.explain.node_statistics import Probe
from epochal.core.rows.examples import Feature
from epochal.core.training.training import Training

Severity = Literal["error", "warning", "note"]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Finding:
    """One thing to know: a stable code for programs, a sentence and advice for people."""

    code: str
    severity: Severity
    sentence: str
    advice: str


Check = Callable[[Training, Evaluation], Iterator[Finding]]
CHECKS: list[Check] = []


def check(function: Check) -> Check:
    """Make the decorated check one of those that every run goes through."""
    CHECKS.append(function)
    return function


def findings(training: Training, evaluation: Evaluation) -> list[Finding]:
    """All there is to say, the gravest first."""
    found = [finding for each in CHECKS for finding in each(training, evaluation)]
    return sorted(found, key=lambda finding: ("error", "warning", "note").index(finding.severity))


# The split.


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
            "Hold out rows drawn from each class: a stratified split.",
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
                f"Only {counts[rarest]} held-out rows are {evaluation.classes[rarest]}: "
                "too few to conclude much.",
                "Hold out a larger share, or cross-validate.",
            )


@check
def rows_on_both_sides(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """Held-out rows that equal a training row were learned, not predicted."""
    examples, split = training.examples, training.split
    answers = examples.targets.reshape(len(examples), -1).astype(np.float64)
    rows = np.ascontiguousarray(np.hstack([examples.inputs, answers]))
    learned = {row.tobytes() for row in rows[split.train]}
    twice = sum(row.tobytes() in learned for row in rows[split.held_out])
    if twice >= 2 and twice >= 0.05 * len(split.held_out):
        yield Finding(
            "duplicates",
            "warning",
            f"{twice:,} of the {len(split.held_out):,} held-out rows equal a training row: "
            "they were learned, not predicted.",
            "Take the duplicates out of the table.",
        )


@check
def imbalance(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """One class so frequent that accuracy says little."""
    examples = training.examples
    if examples.classes:
        counts = np.bincount(examples.targets.astype(np.intp), minlength=len(examples.classes))
        share = counts.max() / counts.sum()
        if share >= 0.9:
            yield Finding(
                "imbalance",
                "warning",
                f"{share:.1%} of the rows are {examples.classes[int(counts.argmax())]}: "
                "always answering that is already that good.".replace("%", " %"),
                "Look at the confusion matrix, not at the accuracy alone.",
            )


# The columns.


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


# The training.


@check
def overfitting(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """Held-out error rising while training error falls."""
    history = training.history
    if history.length < 10:
        return
    kept = training.kept_epoch or history.length
    held_out = _smooth(history.column("held_out_error")[:kept])
    learned = _smooth(history.column("training_error")[:kept])
    best = int(held_out.argmin())
    rows = len(training.split.held_out)
    risen = held_out[-1] - held_out[best]
    if best < 0.9 * kept and risen > max(0.25, 2.5 / rows**0.5) * held_out[best]:
        if learned[-1] >= learned[best]:
            return
        yield Finding(
            "overfitting",
            "warning",
            f"Held-out error has risen since epoch {best + 1:,}, from {held_out[best]:.3f} to "
            f"{held_out[-1]:.3f}, while training error fell from {learned[best]:.3f} to {learned[-1]:.3f}.",
            f"Set a patience, train for about {best + 1:,} epochs, or try a larger L2 or fewer hidden nodes.",
        )


@check
def not_finished(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """Training error still falling at the end, and held-out error with it."""
    history = training.history
    if history.length < 10 or training.ending != "finished" or training.kept_epoch < history.length:
        return
    before = -1 - max(history.length // 10, 1)
    learned, held_out = (_smooth(history.column(f"{side}_error")) for side in ("training", "held_out"))
    fall = learned[before] - learned[-1]
    if fall > 0.01 * training.error_before and held_out[-1] < held_out[before]:
        yield Finding(
            "not-finished",
            "note",
            f"Training error was still falling in the last tenth, from {learned[before]:.4f} "
            f"to {learned[-1]:.4f}.",
            "Train for more epochs, or with a larger learning rate.",
        )


@check
def rate_too_large(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """Error that went up, or away."""
    advice = f"Try a learning rate a tenth of {training.settings.learning_rate:g}."
    if training.diverged_at:
        yield Finding("diverged", "error", f"The error ran away in epoch {training.diverged_at:,}.", advice)
        return
    errors = training.history.column("training_error")
    if len(errors) >= 3 and errors[-1] > 1.02 * training.error_before:
        yield Finding(
            "error-rose",
            "warning",
            f"Training error ended at {errors[-1]:.3f}, above the {training.error_before:.3f} it began with.",
            advice,
        )


@check
def idle_nodes(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """Hidden nodes that answer the same whatever they are shown."""
    if training.settings.initial_weights == "zeros" and training.settings.hidden:
        yield Finding(
            "zero-weights",
            "error",
            "All weights began at zero, so the hidden nodes of a layer have learned one and the same thing.",
            "Choose other initial weights.",
        )
        return
    for number, layer in enumerate(Probe.of(training).layers(training.network)[1:-1], 1):
        for idle, meaning in (
            (layer.dead, "dead: they answer 0 to every training row"),
            (layer.saturated, "saturated: on half of the training rows or more, their slope is nearly 0"),
        ):
            if idle.sum() >= max(1, 0.2 * layer.nodes):
                yield Finding(
                    "idle-nodes",
                    "warning",
                    f"{idle.sum()} of the {layer.nodes} nodes of hidden layer {number} are {meaning}.",
                    "A smaller learning rate, smaller initial weights, or scaled columns.",
                )


# The result.


@check
def baseline(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """An accuracy that doing nothing would reach."""
    if evaluation.beats_baseline:
        return
    sentence = verdict(evaluation)
    yield Finding("baseline", "warning", sentence, "Do not use this network to decide anything.")


@check
def calibration(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """Probabilities that do not mean what they say (Spiegelhalter's test, 1986)."""
    examples, held_out = training.examples, training.split.held_out
    if not examples.classes or len(held_out) < 30 or training.network.link == "step":
        return
    outputs = training.outputs(examples.inputs[held_out])
    likeliest = outputs.argmax(axis=1)
    said = np.clip(outputs.max(axis=1), 1e-6, 1 - 1e-6)
    right = likeliest == examples.targets[held_out]
    spread = np.sqrt(np.sum((1 - 2 * said) ** 2 * said * (1 - said)))
    z = np.sum((right - said) * (1 - 2 * said)) / max(spread, 1e-12)
    gap = said.mean() - right.mean()
    if abs(z) > 3.0 and abs(gap) > 0.05:
        yield Finding(
            "calibration",
            "note",
            f"Its answers are {100 * said.mean():.0f} % sure on average, "
            f"but {100 * right.mean():.0f} % of them are right.",
            "Take its probabilities as an order, not as chances; a larger L2 tames them.",
        )


def looked_often(runs: int) -> Iterator[Finding]:
    """How often the same held-out rows have been looked at with different settings."""
    if runs >= 5:
        yield Finding(
            "looked-often",
            "note",
            f"{runs} different settings have been judged by the same held-out rows: "
            "the best of them flatters itself a little.",
            "Choose another seed for a new split, or cross-validate.",
        )


def _smooth(errors: Floats) -> Floats:
    """The mean over a window of a twentieth of the run, so that one lucky epoch counts little."""
    width = max(len(errors) // 20, 1)
    padded = np.concatenate([np.full(width - 1, errors[0]), errors])
    sums = np.cumsum(np.concatenate([[0.0], padded]))
    return (sums[width:] - sums[:-width]) / width  # type: ignore[no-any-return]


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")
