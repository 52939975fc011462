"""Nested cross-validation of automatic settings: every fold searches anew on its own training rows.

Settings chosen with the rows that evaluate them look better than they are (Cawley and Talbot 2010).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from epochal.core.evaluation.judgement import evaluate
from epochal.core.rows.examples import Examples
from epochal.core.settings import Settings
from epochal.core.studies.auto.auto import AutoSearch
from epochal.core.studies.cross_validation import Fold, fold_splits
from epochal.core.training.gate import StepGate
from epochal.core.training.training import Training


def nested_cross_validate(
    examples: Examples,
    base: Settings,
    fixed: Collection[str],
    folds: int,
    repeats: int,
    *,
    budget: float | None = None,
    gate: StepGate | None = None,
) -> Iterator[Fold]:
    """Search, train and judge every fold; whoever asks for the next one gets it.

    Folds and seeds are those of `cross_validate`. ValueError where a search raises it.
    """
    for repeat, number, rows in fold_splits(examples, folds, repeats, base.seed):
        seeded = base.model_copy(update={"seed": base.seed + repeat - 1})
        search = AutoSearch(examples, seeded, fixed, budget=budget, split_rows=rows, gate=gate)
        for _ in search:
            pass
        training = Training(examples, search.settings(), split_rows=rows, gate=gate)
        for _ in training:
            pass
        yield Fold(repeat, number, rows, evaluate(training), training.history.length, training.ending)
