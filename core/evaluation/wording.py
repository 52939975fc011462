"""A result as sentences, in which no rounded figure claims more than was measured."""

from __future__ import annotations

from epochal.core.evaluation.evaluation import ClassEvaluation, fewest_right
from epochal.core.evaluation.figures import (
    figures,
    interval_in_words,
    level_in_words,
    percent,
    percentages,
    probability,
    rows_in_words,
)
from epochal.core.evaluation.ranking_words import (
    chances_words,
    operating_words,
    ranking_verdict,
    ranking_words,
)
from epochal.core.evaluation.regression import FEWEST_ROWS, NumberEvaluation
from epochal.core.numerals import figure

__all__ = ["in_words", "percent", "sentences", "verdict"]


def in_words(evaluation: ClassEvaluation | NumberEvaluation) -> str:
    """How well new rows are predicted, how sure that is, and what the simplest answer would reach."""
    if evaluation.rows == 0:
        return "no held-out rows: how well new rows are predicted is unknown"
    if isinstance(evaluation, NumberEvaluation):
        return _error_in_words(evaluation)
    return _accuracy_in_words(evaluation)


def verdict(evaluation: ClassEvaluation | NumberEvaluation) -> str:
    """Whether that is better than the simplest answer, beyond chance: a sentence with its own numbers."""
    if evaluation.rows == 0:
        return "Without held-out rows, nothing can be told about new ones."
    if isinstance(evaluation, NumberEvaluation):
        return _error_verdict(evaluation)
    if evaluation.is_judged_by_ranking:
        return ranking_verdict(evaluation)
    said = _accuracy_verdict(evaluation)
    return f"{said} Yet {ranking_words(evaluation)}." if evaluation.ranks_better_than_it_decides else said


def sentences(evaluation: ClassEvaluation | NumberEvaluation) -> list[str]:
    """Both as whole sentences; of a rare class its ranking first, and what a threshold buys."""
    words = in_words(evaluation)
    if isinstance(evaluation, NumberEvaluation) and evaluation.rows:
        words = f"on {rows_in_words(evaluation.rows)}, {words}"
    said = [_sentence(words), verdict(evaluation)]
    if isinstance(evaluation, NumberEvaluation):
        return [*said, *_deviance_in_words(evaluation)]
    bought = operating_words(evaluation)
    if evaluation.is_judged_by_ranking:
        return [_sentence(ranking_words(evaluation)), said[1], *bought, said[0]]
    if evaluation.ranks_better_than_it_decides:
        return [*said, *bought]
    return [*said, *chances_words(evaluation)]


def _deviance_in_words(evaluation: NumberEvaluation) -> list[str]:
    """What training minimized, if that was a deviance, beside the baseline's."""
    found, baseline = evaluation.deviance, evaluation.baseline_deviance
    if found is None or not baseline:
        return []
    explained = percent(max(1.0 - found / baseline, 0.0))
    return [
        f"Mean deviance {figure(found)}, against {figure(baseline)} when always answering the training mean: "
        f"{explained} of it explained."
    ]


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _accuracy_in_words(evaluation: ClassEvaluation) -> str:
    # The best single answer for these rows, against which the verdict tests too.
    baseline = evaluation.no_information_rate or 0.0
    accuracy, baseline_text = percentages(evaluation.correct / evaluation.rows, baseline)
    low, high = percentages(*evaluation.interval)
    return (
        f"{evaluation.correct} of {rows_in_words(evaluation.rows)} right: {accuracy} % "
        f"({level_in_words(evaluation.level)} interval {low} to {high} %); "
        f"always answering {evaluation.no_information_class}: {baseline_text} %"
    )


def _accuracy_verdict(evaluation: ClassEvaluation) -> str:
    rows, correct, name = evaluation.rows, evaluation.correct, evaluation.no_information_class
    by_answering_one = int(evaluation.confusion.sum(axis=1).max())
    alpha = 1.0 - evaluation.level
    chance = probability(evaluation.p_value, alpha)
    if by_answering_one == rows:
        return (
            f"These rows cannot tell: all {rows} are {name}, so always answering {name} gets every one right."
            if rows > 1
            else f"One held-out row cannot tell: always answering {name} gets it right."
        )
    if evaluation.beats_baseline:
        return (
            f"Better than always answering {name}, beyond chance: that gets {by_answering_one} of {rows} "
            f"right; a network no better would get {correct} or more with a probability of {chance} at most "
            f"(exact binomial test)."
        )
    needed = fewest_right(rows, by_answering_one / rows, alpha)
    if needed is None:
        by_luck = probability((by_answering_one / rows) ** rows, alpha)
        return (
            f"Too few held-out rows to tell: a network no better than always answering {name} might get "
            f"even all {rows} right, with a probability of up to {by_luck}."
        )
    if evaluation.beats_baseline is None:
        return (
            f"Not beyond chance: always answering {name} gets {by_answering_one} of {rows} right, and a "
            f"network no better would get {correct} or more with a probability of up to {chance}; it takes "
            f"at least {needed} right to rule that out."
        )
    return (
        f"No better than always answering {name}, which gets {by_answering_one} of {rows} right, against "
        f"{correct} here; better beyond chance begins at {needed}."
    )


def _error_in_words(evaluation: NumberEvaluation) -> str:
    assert evaluation.rmse is not None
    assert evaluation.baseline_rmse is not None
    error, baseline = figures(evaluation.rmse, evaluation.baseline_rmse)
    sure = "too few rows for an interval"
    if evaluation.interval:
        sure = f"{level_in_words(evaluation.level)} interval {interval_in_words(evaluation.interval)}"
    several = f"on average over {len(evaluation.outputs)} outputs, " if len(evaluation.outputs) > 1 else ""
    return (
        f"{several}typical error {error} ({sure}), against {baseline} when always answering the training mean"
    )


def _error_verdict(evaluation: NumberEvaluation) -> str:
    assert evaluation.rmse is not None
    assert evaluation.baseline_rmse is not None
    assert evaluation.improvement is not None
    if evaluation.improvement_interval is None:
        return f"Too few held-out rows to tell: {evaluation.rows}, where at least {FEWEST_ROWS} are needed."
    improvement = figure(abs(evaluation.improvement))
    sure = f"{level_in_words(evaluation.level)} interval {interval_in_words(evaluation.improvement_interval)}"
    if evaluation.beats_baseline:
        return (
            f"Better than always answering the training mean, beyond chance: "
            f"the typical error is smaller by {improvement} ({sure})."
        )
    if evaluation.beats_baseline is None:
        return (
            f"Not beyond chance: the typical error is smaller by {improvement} than when always answering "
            f"the training mean, but the {sure} reaches below 0."
        )
    if evaluation.improvement == 0.0:
        return "No better than always answering the training mean: the typical error is the same."
    return f"No better than always answering the training mean: the typical error is larger by {improvement}."
