"""The confusion matrix: who was taken for whom, in counts, in shares of each true class, and in colour."""

from __future__ import annotations

import numpy as np
from textual.content import Content
from textual.widgets import Static

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.tui.widgets.text import fit, width_of

Piece = tuple[str, str]

_LABEL = 14
_CELL = 12


class ConfusionMatrix(Static):
    """A line for each true class, a column for each answer; right answers and wrong ones in two colours."""

    _height = 0

    def show(self, evaluation: ClassEvaluation | None, width: int) -> None:
        """Draw it in so many cells; without an evaluation by classes, nothing."""
        lines = matrix_lines(evaluation, width) if evaluation else []
        same_height = len(lines) == self._height
        self._height = len(lines)
        self.update(Content("\n").join(Content.assemble(*line) for line in lines), layout=not same_height)


def matrix_lines(evaluation: ClassEvaluation, width: int) -> list[list[Piece]]:
    """Pieces of text with their styles, line by line; each share is of the true class's rows."""
    classes, counts = evaluation.classes, evaluation.confusion
    longest = max(map(width_of, classes))
    label = min(longest, _LABEL)
    digits = len(f"{counts.max():,}")
    room = (width - label - 6) // len(classes) - 1
    with_shares = room >= digits + 6
    # As wide as its class's name where all of them fit, and never narrower than its figures.
    cell = max(digits + 6 if with_shares else digits, min(longest, _CELL, room), 1)
    indent = " " * (label + 7)
    lines: list[list[Piece]] = [
        [(f"{indent}answered", "")],
        [(indent + " ".join(fit(name, cell, right=True) for name in classes), "")],
    ]
    for index, name in enumerate(classes):
        row = counts[index]
        line: list[Piece] = [(f"{'true' if index == 0 else '    '}  {fit(name, label)} ", "")]
        for column, count in enumerate(row.tolist()):
            share = count / max(int(row.sum()), 1)
            text = f"{count:,}"
            if with_shares and row.sum():
                text += f" {_whole_percent(share):>3} %"
            line += [(f"{text:>{cell}}", _style(share, right=index == column)), (" ", "")]
        lines.append(line[:-1])
    return lines


def _whole_percent(share: float) -> str:
    """Neither 0 nor 100 unless it is exactly that."""
    return f"{min(max(round(100 * share), 1), 99)}" if 0.0 < share < 1.0 else f"{100 * share:.0f}"


def _style(share: float, *, right: bool) -> str:
    if share == 0.0:
        return ""
    depth = int(np.ceil(share * 5)) * 10
    return f"on ${'success' if right else 'error'} {depth}%"
