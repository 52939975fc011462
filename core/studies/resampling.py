"""What many trainings say together: the mean of each measure over folds, how sure it is, and its worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.intervals import corrected_interval
from epochal.core.evaluation.judgement import Evaluation
from epochal.core.evaluation.wording import figure, percent
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

    folds: tuple[Fold, ...]
    measures: dict[str, ScoreSummary]
    improvement: ScoreSummary | None
    baseline: float | None
    baseline_answer: str
    level: float

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


CLASS_MEASURES = {
    "accuracy": (0.0, 1.0),
    "balanced_accuracy": (0.0, 1.0),
    "auc": (0.0, 1.0),
    "matthews": (-1.0, 1.0),
    "log_loss": (0.0, INFINITE),
    "brier": (0.0, 2.0),
    "baseline": (0.0, 1.0),
}
NUMBER_MEASURES = {
    "rmse": (0.0, INFINITE),
    "mae": (0.0, INFINITE),
    "r2": (-INFINITE, 1.0),
    "baseline_rmse": (0.0, INFINITE),
}


def summarise(folds: Sequence[Fold], level: float = 0.95) -> Summary:
    """Mean, deviation and corrected interval of every measure. ValueError without folds."""
    if not folds:
        raise ValueError("Nothing has been validated yet: there is no fold.")
    first = folds[0].evaluation
    by_class = isinstance(first, ClassEvaluation)
    names = CLASS_MEASURES if by_class else NUMBER_MEASURES
    measures = {
        name: spread
        for name, bounds in names.items()
        if (spread := _spread(folds, _named(name), bounds, level)) is not None
    }
    baseline = measures.get("baseline" if by_class else "baseline_rmse")
    improvement = _spread(folds, _improvement, (-INFINITE, INFINITE), level)
    answer = first.baseline_class if isinstance(first, ClassEvaluation) else "the training mean"
    return Summary(tuple(folds), measures, improvement, baseline.mean if baseline else None, answer, level)


def _improvement(evaluation: Evaluation) -> float | None:
    if not isinstance(evaluation, ClassEvaluation):
        return evaluation.improvement
    if evaluation.accuracy is None or evaluation.baseline is None:
        return None
    return evaluation.accuracy - evaluation.baseline


def _spread(
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
    by_class = "accuracy" in summary.measures
    measure = summary.measures["accuracy" if by_class else "rmse"]
    written = percent if by_class else figure
    subject = "Accuracy" if by_class else "Typical error"
    if measure.std is None or measure.interval is None:
        return [f"{subject} {written(measure.mean)} in one training: a second one is needed to say how sure."]
    low, high = measure.interval
    lines = [
        f"{subject} {written(measure.mean)} on average over {len(measure.scores)} trainings "
        f"({100 * summary.level:g} % interval {_between(low, high, written)}, "
        "corrected as by Nadeau and Bengio).",
        f"Single trainings reach {_between(min(measure.scores), max(measure.scores), written)}, "
        f"with a standard deviation of {written(measure.std)}.",
        _worth(summary, written),
    ]
    others = [("auc", "AUC"), ("balanced_accuracy", "balanced accuracy")] if by_class else [("r2", "R2")]
    said = []
    for name, words in others:
        if other := summary.measures.get(name):
            value = percent(other.mean) if name == "balanced_accuracy" else f"{other.mean:.3f}"
            said.append(f"{words} {value}")
    if said:
        text = ", ".join(said)
        lines.append(f"{text[0].upper()}{text[1:]}, on average.")
    if diverged := sum(fold.ending == "diverged" for fold in summary.folds):
        lines.append(
            f"In {diverged} of {len(summary.folds)} trainings the error ran away: "
            "try a smaller learning rate."
        )
    return lines


def _worth(summary: Summary, written: Callable[[float], str]) -> str:
    assert summary.improvement is not None
    assert summary.improvement.interval is not None
    assert summary.baseline is not None
    answer, reached = summary.baseline_answer, written(summary.baseline)
    against = f"always answering {answer}, which reaches {reached}"
    if summary.beats_baseline is False:
        return f"No better than {against}."
    points = (lambda improvement: f"{100.0 * improvement:.1f}") if written is percent else figure
    low, high = map(points, summary.improvement.interval)
    improvement = (
        f"{points(summary.improvement.mean)}{' points' if written is percent else ''} ({low} to {high})"
    )
    if summary.beats_baseline:
        return f"Better than {against}, beyond chance: the gain is {improvement}."
    return f"Not better beyond chance than {against}: the gain is {improvement}, where 0 is possible."


def _between(low: float, high: float, written: Callable[[float], str]) -> str:
    return f"{written(low).removesuffix(' %')} to {written(high)}"
