"""What many trainings say together: the mean of each measure over folds, how sure it is, and its worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.intervals import corrected_interval
from epochal.core.evaluation.judgement import Evaluation
from epochal.core.evaluation.scoring import Scoring, scoring_of
from epochal.core.studies.cross_validation import Fold

INFINITE = float("inf")


@dataclass(frozen=True)
class ScoreSummary:
    """One measure over the folds.

    `std` is that of the folds' own scores; the interval for the mean is Nadeau and Bengio's, which allows
    for the rows that folds share. Both None below two scores.
    """

    mean: float
    std: float | None
    interval: tuple[float, float] | None
    scores: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Summary:
    """Folds taken together: a spread for each measure, by name; a measure no fold has is left out.

    `improvement` is how much better than the baseline each fold was, in the unit of the first measure: of the
    accuracy, right answers more; of the RMSE, error less. Without a second fold `beats_baseline` is None.
    """

    scoring: Scoring
    folds: tuple[Fold, ...]
    measures: dict[str, ScoreSummary]
    improvement: ScoreSummary | None
    baseline: float | None
    baseline_answer: str
    level: float

    @property
    def score(self) -> ScoreSummary:
        """The measure that comes first."""
        return self.measures[self.scoring.headline]

    @property
    def is_judged_by_ranking(self) -> bool:
        """Whether one of two classes is rare, or the threshold moved, in every fold: accuracy says little."""
        auc = self.measures.get("auc")
        return (
            auc is not None
            and auc.interval is not None
            and all(
                isinstance(fold.evaluation, ClassEvaluation) and fold.evaluation.is_judged_by_ranking
                for fold in self.folds
            )
        )

    @property
    def beats_baseline(self) -> bool | None:
        """True: the whole interval of the gain is above 0. False: no gain. None: it cannot be told."""
        if self.improvement is None or self.improvement.interval is None:
            return None
        if self.improvement.interval[0] > 0.0:
            return True
        return None if self.improvement.mean > 0.0 else False


Measured = Callable[[Evaluation], float | None]


def _named(name: str) -> Measured:
    return lambda evaluation: getattr(evaluation, name)


def summarise(folds: Sequence[Fold], level: float = 0.95) -> Summary:
    """Mean, deviation and corrected interval of every measure. ValueError without folds."""
    if not folds:
        raise ValueError("Nothing has been validated yet: there is no fold.")
    first = folds[0].evaluation
    scoring = scoring_of(first)
    measures = {
        name: summary
        for name, bounds in scoring.measures.items()
        if (summary := _summary_of(folds, _named(name), bounds, level)) is not None
    }
    return Summary(
        scoring=scoring,
        folds=tuple(folds),
        measures=measures,
        improvement=_summary_of(folds, scoring.improvement, (-INFINITE, INFINITE), level),
        baseline=measures[scoring.baseline].mean if scoring.baseline in measures else None,
        baseline_answer=scoring.baseline_answer(first),
        level=level,
    )


def _summary_of(
    folds: Sequence[Fold], measured: Measured, bounds: tuple[float, float], level: float
) -> ScoreSummary | None:
    known = [(fold, value) for fold in folds if (value := measured(fold.evaluation)) is not None]
    if not known:
        return None
    scores = tuple(value for _, value in known)
    if len(scores) < 2:
        return ScoreSummary(scores[0], None, None, scores)
    train_rows = fmean(len(fold.split.train) for fold, _ in known)
    test_rows = fmean(len(fold.split.held_out) for fold, _ in known)
    interval = corrected_interval(scores, train_rows, test_rows, level, bounds)
    return ScoreSummary(fmean(scores), stdev(scores), interval, scores)


def summary_sentences(summary: Summary) -> list[str]:
    """How well new rows are predicted, how sure that is, what it is worth, and what went wrong."""
    scoring, measure = summary.scoring, summary.score
    subject, written = scoring.title, scoring.written
    if measure.std is None or measure.interval is None:
        return [f"{subject} {written(measure.mean)} in one training: a second one is needed to say how sure."]
    low, high = measure.interval
    lines = [
        f"{subject} {written(measure.mean)} on average over {len(measure.scores)} trainings "
        f"({100 * summary.level:g} % interval {_between(low, high, written)}, "
        "corrected as by Nadeau and Bengio).",
        f"Single trainings reach {_between(min(measure.scores), max(measure.scores), written)}, "
        f"with a standard deviation of {written(measure.std)}.",
        _against_baseline(summary),
    ]
    if summary.is_judged_by_ranking:
        lines = [_against_guessing(summary), *lines]
    said = [
        f"{words} {in_words(other.mean)}"
        for name, words, in_words in scoring.others
        if (other := summary.measures.get(name))
    ]
    if said:
        text = ", ".join(said)
        lines.append(f"{text[0].upper()}{text[1:]}, on average.")
    if diverged := sum(fold.ending == "diverged" for fold in summary.folds):
        lines.append(f"{diverged} of {len(summary.folds)} trainings diverged: try a smaller learning rate.")
    return lines


def _against_baseline(summary: Summary) -> str:
    assert summary.improvement is not None
    assert summary.improvement.interval is not None
    assert summary.baseline is not None
    scoring = summary.scoring
    answer, reached = summary.baseline_answer, scoring.written(summary.baseline)
    against = f"always answering {answer}, which reaches {reached}"
    if summary.beats_baseline is False:
        subject = "Its answers are no" if summary.is_judged_by_ranking else "No"
        return f"{subject} better than {against}."
    low, high = map(scoring.difference, summary.improvement.interval)
    mean = f"{scoring.difference(summary.improvement.mean)}{scoring.difference_unit}"
    improvement = f"{mean} ({low} to {high})"
    if summary.beats_baseline:
        return f"Better than {against}, beyond chance: the gain is {improvement}."
    return f"Not better beyond chance than {against}: the gain is {improvement}, where 0 is possible."


def _against_guessing(summary: Summary) -> str:
    auc = summary.measures["auc"]
    assert auc.interval is not None
    low, high = auc.interval
    found = f"AUC {auc.mean:.3f} on average ({100 * summary.level:g} % interval {low:.3f} to {high:.3f})"
    if low > 0.5:
        return f"Ranks the rarer class better than guessing, beyond chance: {found}, where guessing has 0.5."
    if auc.mean > 0.5:
        return f"Not beyond chance, it ranks the rarer class better than guessing, which has 0.5: {found}."
    return f"No better than guessing which rows are of the rarer class: {found}, where guessing has 0.5."


def _between(low: float, high: float, written: Callable[[float], str]) -> str:
    return f"{written(low).removesuffix(' %')} to {written(high)}"
