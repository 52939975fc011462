"""Repeated stratified cross-validation: every row held out once in each repeat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from epochal.core.evaluation.judgement import Evaluation, evaluate
from epochal.core.rows.examples import Examples, Rows, Split
from epochal.core.rows.folds import check_folds, folds_of_rows, split_by
from epochal.core.settings import DECLARATIONS, Settings
from epochal.core.studies.tasks import carried_out, cut, in_order, most_together
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


def cross_validate(
    examples: Examples,
    settings: Settings,
    folds: int,
    repeats: int,
    gate: StepGate | None = None,
    executor: Executor | None = None,
) -> Iterator[Fold]:
    """Train and judge every fold; whoever asks for the next one gets it.

    Some of the folds are trained side by side before the first of them is judged; with an executor each such
    stack is a task of its own. Each repeat draws its folds from the settings' seed, and its starting weights
    and the order of its rows from a seed one higher than the repeat before: the spread of the scores has all
    three in it.
    """
    yield from judged_folds(examples, [settings], folds, repeats, gate, executor)


@dataclass(frozen=True)
class _Asked:
    """One training of a study: its settings with the seed of its repeat, and the fold that it holds out."""

    settings: Settings
    folds: int
    split_seed: int
    repeat: int
    number: int


@dataclass(frozen=True, eq=False)
class _Judged:
    """What came of it, without the rows, which whoever asked knows."""

    evaluation: Evaluation
    epochs: int
    ending: str


MOST_REPEATS = 1000
# What may differ among the members of a stack.
OF_ITS_OWN = ("seed", "learning_rate", "l2", "l1", "clip", "schedule")


def judged_folds(
    examples: Examples,
    candidates: Sequence[Settings],
    folds: int,
    repeats: int,
    gate: StepGate | None = None,
    executor: Executor | None = None,
) -> Iterator[Fold]:
    """The folds of one candidate after the other. ValueError if a row is lacking."""
    rows = len(examples)
    check_folds(rows, folds)
    if repeats > MOST_REPEATS:
        raise ValueError(f"Folds are repeated {MOST_REPEATS:,} times at most, not {repeats:,} times.")
    asked = [
        _Asked(one.model_copy(update={"seed": one.seed + repeat}), folds, one.seed, repeat + 1, number + 1)
        for one in candidates
        for repeat in range(repeats)
        for number in range(folds)
    ]
    unlike = [name for name in DECLARATIONS if name not in OF_ITS_OWN]
    kinds = [(one.number <= rows % folds, *(getattr(one.settings, name) for name in unlike)) for one in asked]
    parts = cut(
        kinds,
        lambda place: most_together(examples, asked[place].settings, rows - rows // folds, rows),
    )
    tasks = [[asked[place] for place in part] for part in parts]
    results = in_order(parts, carried_out(_trained_and_judged, examples, tasks, gate, executor))
    assigned: dict[tuple[int, int], Rows] = {}
    for one, judged in zip(asked, results, strict=True):
        if (key := (one.split_seed, one.repeat)) not in assigned:
            assigned = {key: folds_of_rows(examples, folds, *key)}
        rows_of_it = split_by(examples, assigned[key], one.number)
        yield Fold(one.repeat, one.number, rows_of_it, judged.evaluation, judged.epochs, judged.ending)


def _trained_and_judged(examples: Examples, asked: Sequence[_Asked], gate: StepGate | None) -> list[_Judged]:
    return [
        _Judged(evaluate(training), training.history.length, training.ending)
        for training in trained(_trainings(examples, asked), gate)
    ]


def _trainings(examples: Examples, asked: Sequence[_Asked]) -> Iterator[Training]:
    """A training for each; those that hold out the same fold share its rows."""
    assigned: dict[tuple[int, int], Rows] = {}
    alike: dict[tuple[int, int, int], Training] = {}
    for one in asked:
        of_repeat = (one.split_seed, one.repeat)
        if of_repeat not in assigned:
            assigned[of_repeat] = folds_of_rows(examples, one.folds, *of_repeat)
        first = alike.get((*of_repeat, one.number))
        rows = first.split if first else split_by(examples, assigned[of_repeat], one.number)
        training = Training(examples, one.settings, split_rows=rows, alike=first)
        alike.setdefault((*of_repeat, one.number), training)
        yield training
