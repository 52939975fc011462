"""Scoring: which measure comes first for each kind of evaluation, how it is written, which way is better."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.regression import NumberEvaluation
from epochal.core.evaluation.wording import percent
from epochal.core.numerals import figure

INFINITE = float("inf")

Evaluation = ClassEvaluation | NumberEvaluation
Bounds = tuple[float, float]


@dataclass(frozen=True)
class Scoring:
    """The measures of one kind of evaluation; each is an attribute of it and a key of the JSON.

    `headline` comes first, `tie_breaker` decides between equals, the lower the better, `others` are said
    besides with their words and how they are written. `baseline` is the headline of the simplest answer.
    `measures` gives the bounds of each. `scale` and `axis` are those of a chart.
    """

    headline: str
    title: str
    heading: str
    short_heading: str
    higher_is_better: bool
    baseline: str
    measures: Mapping[str, Bounds]
    others: tuple[tuple[str, str, Callable[[float], str]], ...]
    written: Callable[[float], str]
    difference: Callable[[float], str]
    difference_unit: str
    scale: float
    axis: str
    baseline_answer: Callable[[Evaluation], str]
    improvement: Callable[[Evaluation], float | None]
    tie_breaker: str = ""


def _more_right(evaluation: Evaluation) -> float | None:
    """The accuracy above the baseline's."""
    assert isinstance(evaluation, ClassEvaluation)
    if evaluation.accuracy is None or evaluation.baseline is None:
        return None
    return evaluation.accuracy - evaluation.baseline


def _less_error(evaluation: Evaluation) -> float | None:
    """The RMSE below the baseline's."""
    assert isinstance(evaluation, NumberEvaluation)
    return evaluation.improvement


def _most_frequent_class(evaluation: Evaluation) -> str:
    assert isinstance(evaluation, ClassEvaluation)
    return evaluation.baseline_class


def _three_decimals(value: float) -> str:
    return f"{value:.3f}"


SCORINGS: dict[type[Evaluation], Scoring] = {
    ClassEvaluation: Scoring(
        headline="accuracy",
        title="Accuracy",
        heading="accuracy",
        short_heading="accuracy",
        higher_is_better=True,
        tie_breaker="log_loss",
        baseline="baseline",
        baseline_answer=_most_frequent_class,
        improvement=_more_right,
        measures={
            "accuracy": (0.0, 1.0),
            "balanced_accuracy": (0.0, 1.0),
            "auc": (0.0, 1.0),
            "matthews": (-1.0, 1.0),
            "log_loss": (0.0, INFINITE),
            "brier": (0.0, 2.0),
            "baseline": (0.0, 1.0),
        },
        others=(("auc", "AUC", _three_decimals), ("balanced_accuracy", "balanced accuracy", percent)),
        written=percent,
        difference=lambda share: f"{100.0 * share:.1f}",
        difference_unit=" points",
        scale=100.0,
        axis="accuracy, %",
    ),
    NumberEvaluation: Scoring(
        headline="rmse",
        title="Typical error",
        heading="RMSE",
        short_heading="error",
        higher_is_better=False,
        baseline="baseline_rmse",
        baseline_answer=lambda _: "the training mean",
        improvement=_less_error,
        measures={
            "rmse": (0.0, INFINITE),
            "mae": (0.0, INFINITE),
            "r2": (-INFINITE, 1.0),
            "baseline_rmse": (0.0, INFINITE),
        },
        others=(("r2", "R2", _three_decimals),),
        written=figure,
        difference=figure,
        difference_unit="",
        scale=1.0,
        axis="typical error",
    ),
}
"""Another kind of evaluation is another entry."""


def scoring_of(evaluation: Evaluation) -> Scoring:
    """The scoring of evaluations of this kind."""
    return SCORINGS[type(evaluation)]
