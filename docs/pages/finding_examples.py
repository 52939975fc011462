"""An example of each finding: data that triggers it, as small as it can be, and the check that finds it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from epochal.core.evaluation.judgement import evaluate
from epochal.core.findings import columns, duplicates, result, signs, split, training, underfit
from epochal.core.findings.finding import Check, Finding
from epochal.core.rows.examples import Examples, Feature, Split
from epochal.core.settings import Settings
from epochal.core.training.training import Training

Example = tuple[Callable[..., object], Iterable[Finding]]


def of_runs() -> Iterator[Example]:
    """The checks that a run and its evaluation go through."""
    clear, hard = two_classes(), two_classes(80, columns=20, noise=2.0)
    in_order = dataclasses.replace(clear, targets=np.sort(clear.targets))
    last = Split(np.arange(160), np.arange(160, 200), stratified=False)
    yield _run(split.split_ignores_the_order, in_order, last, epochs=5)
    yield _run(split.class_not_held_out, in_order, last, epochs=5)
    yield _run(training.rate_too_large, clear, learning_rate=1e9)
    loud = two_classes(noise=1.0)
    yield _run(
        training.rate_too_large, loud, learning_rate=30.0, optimizer="sgd", batch_size=8, epochs=30, l2=0.0
    )
    yield _run(training.idle_nodes, clear, initial_weights="zeros", epochs=5)
    yield _run(split.few_rows_of_a_class, two_classes(40), epochs=5)
    twice = dataclasses.replace(
        clear, inputs=np.vstack([clear.inputs] * 2), targets=np.concatenate([clear.targets] * 2)
    )
    yield _run(duplicates.rows_on_both_sides, twice, epochs=5)
    numbers = parts_of_a_sum()
    yield _run(columns.linear_leak, numbers, epochs=3)
    large = dataclasses.replace(clear, inputs=clear.inputs * [1.0, 1000.0, 1.0])
    yield _run(columns.unlike_scales, large, scaling="none", epochs=5)
    yield _run(training.overfitting, hard, hidden=(40,), l2=0.0, learning_rate=0.03, epochs=200)
    huge = dataclasses.replace(clear, inputs=clear.inputs * 1e4)
    yield _run(training.idle_nodes, huge, scaling="none", initial_weights="normal", epochs=5)
    yield _run(underfit.underfit, waves(), hidden=(4,), l2=0.1, epochs=20)
    chance = dataclasses.replace(clear, targets=np.random.default_rng(1).integers(2, size=200))
    yield _run(result.baseline, chance, epochs=50)
    yield _run(result.rarely_answered, one_class_hidden(), epochs=20)
    yield _run(training.not_finished, clear, epochs=15)
    unclear = two_classes(300, columns=20, noise=3.0)
    yield _run(result.calibration, unclear, hidden=(60,), l2=0.0, learning_rate=0.03, epochs=200)
    yield _run(result.calibration, two_classes(600, noise=0.0), l2=0.3, epochs=60)
    yield result.looked_often, result.looked_often(7)


def of_columns() -> Iterator[Example]:
    """What the portrait of a table (`y`, `inspect --profile`) says of its columns; some is said of runs too."""
    rng = np.random.default_rng(0)
    rows = np.arange(200.0)
    yield signs.constant_columns, signs.constant_columns(["ward"], "row")
    yield signs.empty_column, [signs.empty_column("remarks")]
    yield signs.row_numbers, signs.row_numbers("patient", rows + 1)
    sick = (rows % 3 == 0).astype(float)
    yield (
        signs.leak,
        signs.leak("code", 10 * sick + 1, sick, is_category=False, classes=("well", "ill")),
    )
    yield signs.missing_cells, signs.missing_cells("height", 0.6, {}, {})
    yield (
        signs.missing_cells,
        signs.missing_cells("biopsy", 0.5, {"well": 0.9, "ill": 0.1}, {"well": 100, "ill": 100}),
    )
    ages = rng.integers(20, 80, size=200).astype(float)
    mistyped, coded = ages.copy(), ages.copy()
    mistyped[7], coded[:5] = 470.0, -9999.0
    yield signs.far_out, signs.far_out("age", mistyped, 0.0, 120.0)
    yield signs.far_out, signs.far_out("age", coded, 0.0, 120.0)
    yield signs.numbers_as_text, signs.numbers_as_text("dose", {"1.5": 40, "2": 30, "none": 3})
    yield signs.many_categories, signs.many_categories("street", 60, 200)
    yield signs.same_columns, [signs.same_columns("cm", "inches", in_every_row=False)]
    for kind, name, reason in (
        ("date", "admitted", "holds dates"),
        ("text", "history", "holds text of its own in nearly every row"),
        ("identifier", "insurance", "names each row"),
    ):
        yield signs.not_measured, [signs.not_measured(name, kind, reason)]
    yield signs.repeated_rows, [signs.repeated_rows(12, 310)]
    yield signs.contradictions, [signs.contradictions(8, 310)]
    yield signs.imbalance, signs.imbalance("genuine", 0.95)


def two_classes(rows: int = 200, columns: int = 3, noise: float = 0.3) -> Examples:
    """Classes that lie on either side of a line, more or less."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(rows, columns))
    targets = (inputs[:, 0] + inputs[:, 1] + noise * rng.normal(size=rows) > 0).astype(int)
    return Examples(tuple(Feature(f"x{i + 1}") for i in range(columns)), inputs, targets, ("well", "ill"))


def parts_of_a_sum() -> Examples:
    """A number, and two columns that it is the sum of."""
    inputs = np.random.default_rng(0).uniform(10.0, 90.0, size=(200, 3))
    features = tuple(map(Feature, ("age", "rent", "heating")))
    return Examples(features, inputs, inputs[:, 1] + inputs[:, 2])


def waves() -> Examples:
    """Classes on either side of a wave, and rows enough to learn it."""
    inputs = np.random.default_rng(0).uniform(-3.0, 3.0, size=(1500, 2))
    targets = (np.sin(1.5 * inputs[:, 0]) > inputs[:, 1] / 3.0).astype(int)
    return Examples((Feature("a"), Feature("b")), inputs, targets, ("low", "high"))


def one_class_hidden() -> Examples:
    """Three classes, the third of which is like the first."""
    rng = np.random.default_rng(3)
    inputs = rng.normal(size=(600, 2))
    targets = rng.choice(3, size=600, p=[0.6, 0.3, 0.1])
    inputs[:, 0] += 3.0 * (targets == 1)
    return Examples((Feature("a"), Feature("b")), inputs, targets, ("red", "green", "blue"))


def _run(check: Check, examples: Examples, rows: Split | None = None, **settings: object) -> Example:
    """What the check finds in a run with these settings."""
    run = Training(examples, Settings(**settings), split_rows=rows)
    for _ in run:
        pass
    return check, check(run, evaluate(run))
