"""The seed study: the same settings from many seeds on one split, and what that alone does to a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from time import monotonic

import numpy as np

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.outcome import outcome_of
from epochal.core.rows.examples import Examples, Floats, Split, split, with_validation
from epochal.core.settings import Settings
from epochal.core.studies.tasks import carried_out, cut, most_together
from epochal.core.training.gate import OpenGate, StepGate
from epochal.core.training.history import History
from epochal.core.training.population import Population, members_at_once
from epochal.core.training.training import Training

SEEDS = 16

# Epochs of a longer run are thinned out to so many, evenly.
MOST_POINTS = 2000

# Seconds from one look at what there is to the next, at first; later a share of the time it all took.
FIRST_LOOK, LOOK_SHARE = 0.25, 0.05


@dataclass(frozen=True)
class Band:
    """One measure over the epochs: of all seeds the median, and the 10th and 90th percentiles."""

    low: Floats
    median: Floats
    high: Floats


@dataclass(frozen=True)
class SeedResult:
    """How one seed's run ended: its error on the held-out rows, and how many of them it answers rightly.

    With numbers `right` is None, and `rmse` the typical error in the target's units.
    """

    seed: int
    ending: str
    epochs: int
    error: float
    right: int | None
    rmse: float | None


@dataclass(frozen=True, eq=False)
class SeedStudy:
    """What there is of a fan: bands over the epochs, and the seeds that are done."""

    settings: Settings
    held_out_rows: int
    epochs: Floats
    training: Band
    held_out: Band
    results: tuple[SeedResult, ...]
    seeds: int

    @property
    def is_complete(self) -> bool:
        """Whether every seed is done."""
        return len(self.results) == self.seeds


def run_seeds(
    examples: Examples,
    settings: Settings,
    gate: StepGate | None = None,
    seeds: int = SEEDS,
    executor: Executor | None = None,
) -> Iterator[SeedStudy]:
    """Train from the settings' seed and those after it; a fan comes now and then, and the whole one last.

    All have the rows that the first seed draws: what differs is their weights at the start, the order of
    the rows, and what is dropped out. So the first is the run of these settings itself. Some are trained as
    one stack, which is a task of its own for an executor; L-BFGS, which finds its own steps, one by one.
    """
    rows = _rows_of(examples, settings)
    size = most_together(examples, settings, len(rows.train), len(examples))
    parts = cut([None] * seeds, lambda _: size)
    done: list[_Grown] = []
    if executor is not None:
        tasks = [(settings, part) for part in parts]
        for grown in carried_out(_grown, examples, tasks, gate, executor):
            done += grown
            if len(done) < seeds:
                yield _study_of(settings, rows, done, (), seeds)
    else:
        started = looked = monotonic()
        for part in parts:
            group = [_member(examples, settings, rows, place) for place in part]
            for _ in _epochs(group, gate or OpenGate()):
                now = monotonic()
                if now - looked > max(FIRST_LOOK, LOOK_SHARE * (now - started)):
                    yield _study_of(settings, rows, done, [one.history for one in group], seeds)
                    looked = monotonic()
            done += [(training.history, _result_of(training)) for training in group]
    yield _study_of(settings, rows, done, (), seeds)


_Grown = tuple[History, SeedResult]


def _grown(examples: Examples, asked: tuple[Settings, Sequence[int]], gate: StepGate | None) -> list[_Grown]:
    """The seeds at these places, each trained to its end."""
    settings, places = asked
    rows = _rows_of(examples, settings)
    group = [_member(examples, settings, rows, place) for place in places]
    for _ in _epochs(group, gate or OpenGate()):
        pass
    return [(History.of(training.history.rows()), _result_of(training)) for training in group]


def _epochs(group: Sequence[Training], gate: StepGate) -> Iterator[int]:
    """Epochs of all, in as many stacks as suit the cache."""
    size = members_at_once(group[0])
    for start in range(0, len(group), size):
        yield from Population(group[start : start + size], gate)


def _rows_of(examples: Examples, settings: Settings) -> Split:
    rows = split(examples, settings.held_out, settings.seed)
    if settings.patience:
        rows = with_validation(examples, rows, settings.validation, settings.seed)
    return rows


def _member(examples: Examples, settings: Settings, rows: Split, place: int) -> Training:
    own = settings.model_copy(update={"seed": (settings.seed + place) % (1 << 32)})
    return Training(examples, own, split_rows=rows)


def _result_of(training: Training) -> SeedResult:
    outcome = outcome_of(training, completes=False)
    evaluation, kept = outcome.evaluation, outcome.kept
    by_class = isinstance(evaluation, ClassEvaluation)
    return SeedResult(
        seed=training.settings.seed,
        ending=outcome.ending,
        epochs=outcome.epochs,
        error=kept.held_out_error if kept else float("nan"),
        right=evaluation.correct if isinstance(evaluation, ClassEvaluation) else None,
        rmse=None if by_class else evaluation.rmse,  # type: ignore[union-attr]
    )


def _study_of(
    settings: Settings, rows: Split, done: Sequence[_Grown], growing: Sequence[History], seeds: int
) -> SeedStudy:
    histories = [*(history for history, _ in done), *growing]
    longest = max(history.length for history in histories)
    every = max(1, -(-longest // MOST_POINTS))
    places = (
        np.unique(np.append(np.arange(every - 1, longest, every), longest - 1))
        if longest
        else np.array([], int)
    )
    return SeedStudy(
        settings=settings,
        held_out_rows=len(rows.held_out),
        epochs=places + 1.0,
        training=_band(histories, "training_error", places),
        held_out=_band(histories, "held_out_error", places),
        results=tuple(result for _, result in done),
        seeds=seeds,
    )


def _band(histories: Sequence[History], measure: str, places: Floats) -> Band:
    values = np.full((len(histories), len(places)), np.nan)
    for row, history in zip(values, histories, strict=True):
        column = history.column(measure)
        reached = places[places < len(column)].astype(np.intp)
        row[: len(reached)] = column[reached]
    return Band(*percentiles(values, (0.1, 0.5, 0.9)))


def percentiles(values: Floats, shares: Sequence[float]) -> list[Floats]:
    """For each share, the quantile of every column's numbers, NaN in a column that has none.

    Between two numbers it is as far as the share says, as in Hyndman and Fan's seventh definition (1996).
    """
    ordered = np.sort(values, axis=0)  # NaN comes last
    counts = np.count_nonzero(~np.isnan(ordered), axis=0)
    columns = np.arange(ordered.shape[1])
    found = []
    for share in shares:
        place = np.maximum(counts - 1, 0) * share
        below = np.floor(place).astype(np.intp)
        above = np.minimum(below + 1, np.maximum(counts - 1, 0))
        low, high = ordered[below, columns], ordered[above, columns]
        found.append(np.where(counts > 0, low + (place - below) * (high - low), np.nan))
    return found
