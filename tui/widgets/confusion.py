"""The confusion matrix: who was taken for whom, in counts, in shares of each true class, and in colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from textual.content import Content
from textual.widgets import Static

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.tui.widgets.text import GLYPHS, fit, width_of

Piece = tuple[str, str]

_LABEL = 14
_CELL = 12
_PICTURE = 25


class ConfusionMatrix(Static):
    """A line for each true class, a column for each answer; right answers and wrong ones in two colours."""

    _height = 0

    def __init__(self, *, with_picture: bool = False, id: str | None = None) -> None:  # noqa: A002
        """`with_picture` of a matrix that has no room for its figures."""
        super().__init__(id=id)
        self._with_picture = with_picture

    def show(self, evaluation: ClassEvaluation | None, width: int) -> None:
        """Draw it in so many cells; without an evaluation by classes, nothing."""
        lines = matrix_lines(evaluation, width, with_picture=self._with_picture) if evaluation else []
        same_height = len(lines) == self._height
        self._height = len(lines)
        self.update(Content("\n").join(Content.assemble(*line) for line in lines), layout=not same_height)


def matrix_lines(evaluation: ClassEvaluation, width: int, *, with_picture: bool = False) -> list[list[Piece]]:
    """Pieces of text with their styles, line by line; each share is of the true class's rows.

    Where a column for each class has no room for its figures, its largest confusions, below a picture of it.
    """
    classes, counts = evaluation.classes, evaluation.confusion
    if (width - min(max(map(width_of, classes)), _LABEL) - 6) // len(classes) - 1 < len(f"{counts.max():,}"):
        picture = picture_lines(counts, width) if with_picture else []
        return [*picture, *largest_lines(evaluation, width)]
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


def largest_lines(evaluation: ClassEvaluation, width: int, most: int = 8) -> list[list[Piece]]:
    """Who was taken for whom most often, the most rows first."""
    counts = evaluation.confusion.copy()
    np.fill_diagonal(counts, 0)
    wrong, label = int(counts.sum()), max((width - 30) // 2, 6)
    if not wrong:
        return [[("No row is misclassified.", "")]]
    lines: list[list[Piece]] = [[(f"{wrong:,} rows are misclassified, most often:", "")]]
    for place in np.argsort(-counts, axis=None, kind="stable")[:most].tolist():
        true, answered = divmod(place, len(counts))
        count, rows = int(counts[true, answered]), int(evaluation.confusion[true].sum())
        if count:
            names = [
                fit(evaluation.classes[one], min(label, width_of(evaluation.classes[one])))
                for one in (true, answered)
            ]
            share = f"{count:,} of its {rows:,} rows"
            lines.append(
                [(f"  {names[0]} taken for {names[1]}: ", ""), (share, _style(count / rows, right=False))]
            )
    return lines


def picture_lines(counts: NDArray[np.intp], width: int) -> list[list[Piece]]:
    """The matrix as a picture: a cell for each pair of classes, or for several where there are more."""
    most = max(min(width - 2, _PICTURE), 1)
    each = -(-len(counts) // most)
    size = -(-len(counts) // each)
    shares = np.zeros((size, size))
    diagonal = np.zeros(size)
    for true, answered in zip(*np.nonzero(counts), strict=True):
        if true == answered:
            diagonal[true // each] += counts[true, true]
        else:
            shares[true // each, answered // each] += counts[true, answered]
    rows = np.add.reduceat(counts.sum(axis=1), np.arange(0, len(counts), each))
    said = "each cell one class" if each == 1 else f"each cell {each} classes"
    lines: list[list[Piece]] = [[(f"true down, answered across ({said}):", "")]]
    for true in range(size):
        line: list[Piece] = []
        for answered in range(size):
            right = true == answered
            count = diagonal[true] if right else shares[true, answered]
            share = min(float(count) / max(int(rows[true]), 1), 1.0)
            mark = _plain(share) if not GLYPHS else " " if share else "·"
            line.append((mark, _style(share, right=right)))
        lines.append(line)
    return lines


def _plain(share: float) -> str:
    """A share as a digit, where colours may be few."""
    return "." if share == 0.0 else str(min(int(share * 10), 9))


def _whole_percent(share: float) -> str:
    """Neither 0 nor 100 unless it is exactly that."""
    return f"{min(max(round(100 * share), 1), 99)}" if 0.0 < share < 1.0 else f"{100 * share:.0f}"


def _style(share: float, *, right: bool) -> str:
    if share == 0.0:
        return ""
    depth = int(np.ceil(share * 5)) * 10
    return f"on ${'success' if right else 'error'} {depth}%"
