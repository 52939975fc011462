"""A result as sentences, in which no rounded figure claims more than was measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from epochal.core.evaluation.evaluation import ClassEvaluation, fewest_right
from epochal.core.evaluation.regression import FEWEST_ROWS, NumberEvaluation


def percent(share: float) -> str:
    """A share as "85.5 %"; as many decimals as keep "0.0" for nothing and "100.0" for everything."""
    return f"{_percentages(share)[0]} %"


def figure(value: float) -> str:
    """A number in its own units, to three significant digits; digits before the point are all kept."""
    return significant(value, 3)


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
    return _accuracy_verdict(evaluation)


def sentences(evaluation: ClassEvaluation | NumberEvaluation) -> list[str]:
    """Both, each begun and ended as a sentence."""
    words = in_words(evaluation)
    if isinstance(evaluation, NumberEvaluation) and evaluation.rows:
        words = f"on {_rows(evaluation.rows)}, {words}"
    return [f"{words[0].upper()}{words[1:]}.", verdict(evaluation)]


def _accuracy_in_words(evaluation: ClassEvaluation) -> str:
    accuracy, baseline = _percentages(evaluation.correct / evaluation.rows, evaluation.baseline or 0.0)
    low, high = _percentages(*evaluation.interval)
    return (
        f"{evaluation.correct} of {_rows(evaluation.rows)} right: {accuracy} % "
        f"({_level(evaluation.level)} interval {low} to {high} %); "
        f"always answering {evaluation.baseline_class}: {baseline} %"
    )


def _accuracy_verdict(evaluation: ClassEvaluation) -> str:
    rows, correct, name = evaluation.rows, evaluation.correct, evaluation.no_information_class
    by_answering_one = int(evaluation.confusion.sum(axis=1).max())
    alpha = 1.0 - evaluation.level
    chance = _probability(evaluation.p_value, alpha)
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
        by_luck = _probability((by_answering_one / rows) ** rows, alpha)
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
    error, baseline = _figures(evaluation.rmse, evaluation.baseline_rmse)
    sure = "too few rows for an interval"
    if evaluation.interval:
        sure = f"{_level(evaluation.level)} interval {_range(evaluation.interval)}"
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
    sure = f"{_level(evaluation.level)} interval {_range(evaluation.improvement_interval)}"
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


def _percentages(*shares: float) -> list[str]:
    values = [100.0 * share for share in shares]
    return _apart(values, (0.0, 100.0), lambda value, extra: f"{value:.{1 + extra}f}")


def _probability(value: float, alpha: float) -> str:
    # A smaller one is no different to anybody, and "at most" is said of it.
    decimals = 2 if value > 0.1 else 4
    return _apart([max(value, 1e-4)], (alpha, 1.0), lambda value, extra: f"{value:.{decimals + extra}f}")[0]


def _range(interval: tuple[float, float]) -> str:
    return " to ".join(_figures(*interval))


def _figures(*values: float) -> list[str]:
    return _apart(values, (), lambda value, extra: significant(value, 3 + extra))


def significant(value: float, digits: int) -> str:
    """A number rounded to so many digits; those before the point are all kept, up to nine."""
    if value == 0.0:
        return "0"
    order = math.floor(math.log10(abs(value)))
    if not -5 < order < 9:
        return f"{value:.{digits - 1}e}"
    return f"{value:.{max(0, digits - 1 - order)}f}"


def _apart(values: Sequence[float], marks: Sequence[float], text: Callable[[float, int], str]) -> list[str]:
    """The values as texts with as few extra digits as tell different ones, and the marks, apart.

    Differences beyond twelve more digits are the arithmetic's own.
    """
    different = len({*values, *marks})
    for extra in range(12):
        texts = [text(value, extra) for value in (*values, *marks)]
        if len(set(texts)) == different:
            break
    return texts[: len(values)]


def _level(level: float) -> str:
    return f"{100.0 * level:g} %"


def _rows(rows: int) -> str:
    return "1 held-out row" if rows == 1 else f"{rows} held-out rows"
