"""A result in one line to be read across a room: the figure, its interval as a bar, the verdict."""

from __future__ import annotations

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.judgement import Evaluation
from epochal.core.evaluation.regression import NumberEvaluation
from epochal.core.evaluation.wording import percent
from epochal.core.numerals import figure
from epochal.tui.widgets.colored_lines import ColoredLines, Ink, Line
from epochal.tui.widgets.text import GLYPHS

NARROWEST_BAR = 16
RAIL, INTERVAL, POINT, BASELINE = ("─", "━", "●", "┃") if GLYPHS else ("-", "=", "O", "|")


class Headline(ColoredLines):
    """Empty until something is judged."""

    DEFAULT_CSS = """
    Headline { height: 1; }
    """

    _evaluation: Evaluation | None = None

    def show(self, evaluation: Evaluation | None) -> None:
        """Show another result."""
        if evaluation is not self._evaluation:
            self._evaluation = evaluation
            self.redraw()

    def lines(self, width: int, height: int) -> list[Line]:
        """The one line."""
        return [headline(self._evaluation, width)] if self._evaluation else []


def headline(evaluation: Evaluation, width: int) -> Line:
    """Figure, bar and verdict as they fit: the bar goes first, then the verdict."""
    if evaluation.rows == 0:
        return [("no held-out rows", "muted")]
    if isinstance(evaluation, NumberEvaluation):
        value = f"typical error {figure(evaluation.rmse or 0.0)}"
        low, high = evaluation.interval or (evaluation.rmse or 0.0, evaluation.rmse or 0.0)
        point, baseline = evaluation.rmse or 0.0, evaluation.baseline_rmse or 0.0
        top = 1.05 * max(high, baseline, 1e-300)
    elif evaluation.is_judged_by_ranking and (ranking := evaluation.ranking) is not None:
        value = f"AUC {ranking.auc:.3f}"
        (low, high), top = ranking.auc_interval, 1.0
        point, baseline = ranking.auc, 0.5
    else:
        value = percent(evaluation.accuracy or 0.0)
        (low, high), top = evaluation.interval, 1.0
        point, baseline = evaluation.accuracy or 0.0, evaluation.no_information_rate or 0.0
    said, ink = _verdict(evaluation)
    line: list[tuple[str, Ink]] = [(value, "strong")]
    room = width - len(value) - len(said) - 4
    if room >= NARROWEST_BAR:
        line += [
            ("  ", "text"),
            *_bar([share / top for share in (low, high, point, baseline)], min(room, 60), ink),
        ]
    if len(value) + 2 + len(said) <= width:
        line += [("  ", "text"), (said, ink)]
    return line


def _bar(shares: list[float], cells: int, ink: Ink) -> list[tuple[str, Ink]]:
    """A rail from nothing to everything, the interval on it, the figure, and the simplest answer's."""
    low, high, point, baseline = (min(max(round(share * (cells - 1)), 0), cells - 1) for share in shares)
    marks: list[tuple[str, Ink]] = [(RAIL, "muted")] * cells
    marks[low : high + 1] = [(INTERVAL, ink)] * (high + 1 - low)
    marks[baseline] = (BASELINE, "text")
    marks[point] = (POINT, "strong")
    joined: list[tuple[str, Ink]] = []
    for mark, of in marks:
        if joined and joined[-1][1] == of:
            joined[-1] = (joined[-1][0] + mark, of)
        else:
            joined.append((mark, of))
    return joined


def _verdict(evaluation: ClassEvaluation | NumberEvaluation) -> tuple[str, Ink]:
    if isinstance(evaluation, NumberEvaluation) and evaluation.improvement_interval is None:
        return "too few rows", "muted"
    if isinstance(evaluation, ClassEvaluation) and evaluation.informs_better_than_it_decides:
        return "its probabilities say more", "good"
    useful = evaluation.is_useful if isinstance(evaluation, ClassEvaluation) else evaluation.beats_baseline
    match useful:
        case True:
            return f"better than {BASELINE}", "good"
        case False:
            return f"no better than {BASELINE}", "bad"
        case _:
            return "may be luck", "published"
