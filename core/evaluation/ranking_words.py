"""The ranking of a rare class in sentences: how far its probabilities tell it apart, and what that buys."""

from __future__ import annotations

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.figures import apart, level_in_words, percent, probability


def ranking_words(evaluation: ClassEvaluation) -> str:
    """How often a row of the class is ranked above another one, and how sure that is."""
    ranking = evaluation.ranking
    assert ranking is not None
    area, low, high = apart(
        (ranking.auc, *ranking.auc_interval), (0.0, 0.5, 1.0), lambda value, extra: f"{value:.{3 + extra}f}"
    )
    return (
        f"its probabilities rank {ranking.name} first in {percent(ranking.auc)} of pairs with another row "
        f"(AUC {area}, {level_in_words(ranking.level)} interval {low} to {high}; guessing: 0.5)"
    )


def ranking_verdict(evaluation: ClassEvaluation) -> str:
    """Whether that is beyond chance, and whether the probabilities say more than the base rate."""
    ranking = evaluation.ranking
    assert ranking is not None
    chance = probability(ranking.p_value, 1.0 - ranking.level)
    precision, low, high, rate = apart(
        (ranking.average_precision, *ranking.average_precision_interval, ranking.base_rate),
        (),
        lambda value, extra: f"{value:.{2 + extra}f}",
    )
    found = f"average precision {precision} ({low} to {high}), against a base rate of {rate}"
    if ranking.beats_chance:
        return (
            f"Better than guessing, beyond chance: random ranks would do this well with a probability of "
            f"{chance} at most (Mann-Whitney test); {found}{_chances(evaluation)}."
        )
    if ranking.beats_chance is None:
        return f"Not beyond chance: random ranks would do this well with a probability of {chance}; {found}."
    return f"No better than guessing which rows are {ranking.name}; {found}."


def _chances(evaluation: ClassEvaluation) -> str:
    chances = evaluation.chances
    if chances is None:
        return ""
    loss, base = apart(
        (chances.log_loss, chances.base_log_loss), (), lambda value, extra: f"{value:.{3 + extra}f}"
    )
    worse = "" if chances.gain > 0.0 else ": use them to rank, not as chances"
    return f"; log loss {loss}, against {base} when always saying the base rate{worse}"


def chances_words(evaluation: ClassEvaluation) -> list[str]:
    """Of more than two classes: whether the probabilities say more than the classes' shares."""
    chances = evaluation.chances
    if chances is None or len(evaluation.per_class) < 3:
        return []
    loss, base, gain, low, high = apart(
        (chances.log_loss, chances.base_log_loss, chances.gain, *chances.gain_interval),
        (0.0,),
        lambda value, extra: f"{value:.{3 + extra}f}",
    )
    said = f"log loss {loss}, against {base} when always saying the classes' shares"
    sure = f"lower by {gain}, {level_in_words(evaluation.level)} interval {low} to {high}"
    if chances.beats_base_rate is None:
        return [f"Probabilities: {said}: {sure}, which is not beyond chance."]
    if not chances.beats_base_rate:
        return [f"Probabilities: {said}: they say no more than these."]
    yet = (
        "Yet the probabilities say more than that" if evaluation.beats_baseline is False else "Probabilities"
    )
    return [f"{yet}: {said} ({sure})."]


def operating_words(evaluation: ClassEvaluation) -> list[str]:
    """What a threshold finds, and its false alarms; nothing where there is none."""
    point = evaluation.operating
    if point is None:
        return []
    chosen = ", chosen on the training rows," if point.is_chosen else ""
    from_on = f"With threshold {point.threshold:.2g}{chosen}"
    rows = f"{point.rows:,} held-out rows that are {point.name}"
    if not point.found:
        found = f"{from_on} it finds none of the {rows}"
    else:
        each = point.alarms / point.found
        alarms = "no false alarm" if not point.alarms else f"{each:.2g} false alarms for each found"
        share = percent(point.found / point.rows)
        found = f"{from_on} it finds {share} of the {rows} ({point.found:,}), with {alarms}"
    if point.costs is None:
        return [f"{found}."]
    never, always = (
        point.costs.total(point.rows, 0),
        point.costs.total(0, evaluation.rows - point.rows),
    )
    return [
        f"{found}: its errors cost {point.cost:,.6g}, a miss {point.costs.miss:g} and a false alarm "
        f"{point.costs.alarm:g}; always answering {point.name} costs {always:,.6g}, never {never:,.6g}."
    ]
