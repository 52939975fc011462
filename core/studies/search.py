"""Search: which settings suit a table, judged on its training rows alone.

Every candidate is cross-validated on the same folds of the training rows. The held-out rows are asked once,
of the winner: the accuracy that made it win is the best of many, so it is biased upwards; theirs is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import islice, product
from math import prod
from statistics import fmean, stdev

from epochal.core.evaluation.intervals import corrected_interval
from epochal.core.outcome import Outcome, outcome_of
from epochal.core.rows.examples import Examples, split
from epochal.core.settings import DECLARATIONS, SettingError, Settings, read_settings
from epochal.core.studies.cross_validation import judged_folds
from epochal.core.studies.resampling import ScoreSummary, Summary, summarise
from epochal.core.training.gate import StepGate
from epochal.core.training.training import Training

# They decide which rows are held out, which must be the same for all.
FIXED = ("seed", "held_out")


@dataclass(frozen=True, eq=False)
class EvaluatedCandidate:
    """A candidate and what its folds say."""

    settings: Settings
    summary: Summary

    @property
    def score(self) -> ScoreSummary:
        """The measure that comes first: the accuracy, or for numbers the RMSE."""
        return self.summary.score

    @property
    def merit(self) -> tuple[float, float]:
        """Higher is better: the first measure, and among equals the one that breaks ties."""
        scoring, measures = self.summary.scoring, self.summary.measures
        first = self.score.mean if scoring.higher_is_better else -self.score.mean
        return first, -measures[scoring.tie_breaker].mean if scoring.tie_breaker else 0.0


MOST_CANDIDATES = 10_000


def check_varied(names: Iterable[str]) -> None:
    """SettingError names one that may not vary, or does not exist."""
    for name in names:
        if name in FIXED:
            raise SettingError(
                name, f"{DECLARATIONS[name].title} decides which rows are held out: it cannot vary"
            )
        if name not in DECLARATIONS:
            read_settings({name: ""})


def candidates(base: Settings, vary: Mapping[str, Sequence[object]]) -> list[Settings]:
    """Every combination of the values given, the other settings as in `base`, in the order given.

    SettingError names a setting that does not exist, may not vary, or a value that is wrong.
    """
    check_varied(vary)
    if (combinations := prod(map(len, vary.values()))) > MOST_CANDIDATES:
        raise SettingError(
            next(iter(vary)),
            f"These are {combinations:,} combinations, more than {MOST_CANDIDATES:,}: vary fewer values",
        )
    made = [read_settings(dict(zip(vary, values, strict=True)), base) for values in product(*vary.values())]
    return list(dict.fromkeys(made))


def search(
    examples: Examples,
    settings: Sequence[Settings],
    folds: int = 5,
    repeats: int = 1,
    *,
    gate: StepGate | None = None,
    executor: Executor | None = None,
) -> Iterator[EvaluatedCandidate]:
    """Judge one candidate after the other on folds of the training rows; whoever asks gets the next.

    All are to have the same seed and held-out share. Trainings of one shape go together, whichever candidate
    they are of; an executor, of threads, processes or machines, takes several such stacks at a time. The
    answers come in the order given. ValueError when there are too few rows for the folds.
    """
    first = settings[0]
    inner = examples.take(split(examples, first.held_out, first.seed).train)
    judged = judged_folds(inner, settings, folds, repeats, gate, executor)
    for one in settings:
        yield EvaluatedCandidate(one, summarise(list(islice(judged, folds * repeats))))


def ranked(judged: Sequence[EvaluatedCandidate]) -> list[EvaluatedCandidate]:
    """The best first; of equals, the one given first."""
    return sorted(judged, key=lambda one: one.merit, reverse=True)


def is_indistinguishable(best: EvaluatedCandidate, other: EvaluatedCandidate) -> bool:
    """Whether the folds cannot tell another candidate from the best.

    That is when the differences, fold by fold, have a 95 % corrected interval that reaches 0.
    """
    if best is other:
        return True
    differences = difference(best, other)
    return differences.interval is None or differences.interval[0] <= 0.0 <= differences.interval[1]


def difference(first: EvaluatedCandidate, second: EvaluatedCandidate) -> ScoreSummary:
    """How much higher the first one's score is, fold by fold, on the folds that both have."""
    pairs = list(zip(first.score.scores, second.score.scores, strict=True))
    scores = tuple(a - b for a, b in pairs)
    if len(scores) < 2:
        return ScoreSummary(scores[0], None, None, scores)
    rows = first.summary.folds
    interval = corrected_interval(
        scores,
        fmean(len(fold.split.train) for fold in rows),
        fmean(len(fold.split.held_out) for fold in rows),
        bounds=(-float("inf"), float("inf")),
    )
    return ScoreSummary(fmean(scores), stdev(scores), interval, scores)


def refit_and_evaluate(examples: Examples, best: EvaluatedCandidate) -> Outcome:
    """The winner, trained on all training rows and evaluated on the held-out rows."""
    training = Training(examples, best.settings)
    for _ in training:
        pass
    return outcome_of(training)
