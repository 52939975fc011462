"""Nested cross-validation of automatic settings: every fold searches anew on its own training rows.

Settings chosen with the rows that evaluate them look better than they are (Cawley and Talbot 2010).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

from epochal.core.evaluation.judgement import evaluate
from epochal.core.rows.examples import Examples
from epochal.core.rows.folds import check_folds, folds_of_rows, split_by
from epochal.core.settings import Settings
from epochal.core.studies.auto.auto import AutoSearch
from epochal.core.studies.cross_validation import Fold
from epochal.core.studies.tasks import carried_out
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
    executor: Executor | None = None,
) -> Iterator[Fold]:
    """Search, train and judge every fold; whoever asks for the next one gets it.

    Folds and seeds are those of `cross_validate`. With an executor each fold is a task of its own. ValueError
    where a search raises it.
    """
    check_folds(len(examples), folds)
    asked = [
        _Searched(base, frozenset(fixed), folds, repeat, number, budget)
        for repeat in range(1, repeats + 1)
        for number in range(1, folds + 1)
    ]
    yield from carried_out(_searched_and_judged, examples, asked, gate, executor)


@dataclass(frozen=True)
class _Searched:
    """A fold to search, train and judge."""

    base: Settings
    fixed: frozenset[str]
    folds: int
    repeat: int
    number: int
    budget: float | None


def _searched_and_judged(examples: Examples, asked: _Searched, gate: StepGate | None) -> Fold:
    base = asked.base
    rows = split_by(examples, folds_of_rows(examples, asked.folds, base.seed, asked.repeat), asked.number)
    seeded = base.model_copy(update={"seed": base.seed + asked.repeat - 1})
    search = AutoSearch(examples, seeded, asked.fixed, budget=asked.budget, split_rows=rows, gate=gate)
    for _ in search:
        pass
    training = Training(examples, search.settings(), split_rows=rows, gate=gate)
    for _ in training:
        pass
    ended = training.history.length, training.ending
    return Fold(asked.repeat, asked.number, rows, evaluate(training), *ended)
