"""The confusion matrix: who was taken for whom, in counts, in shares of each true class, and in colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.tui.widgets.text import GLYPHS, fit, width_of

Piece = tuple[str, str]
Counts = NDArray[np.intp]

_LABEL = 14
_CELL = 12
_PICTURE = 25
CURSOR = "◆" if GLYPHS else "@"


class ConfusionMatrix(Static):
    """A line for each true class, a column for each answer; right answers and wrong ones in two colours.

    Where there is a picture of it instead, arrows move a cursor in that, whose cell is said in words.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1, 0)", "Cell", key_display="arrows"),
        Binding("down", "move(1, 0)", "Cell below", show=False),
        Binding("left", "move(0, -1)", "Cell left", show=False),
        Binding("right", "move(0, 1)", "Cell right", show=False),
        Binding("home", "move(-1000, -1000)", "First cell", show=False),
        Binding("end", "move(1000, 1000)", "Last cell", show=False),
    ]

    _height = 0
    _evaluation: ClassEvaluation | None = None
    # The width, and the cells that a side of the picture has at most.
    _room = (0, 0)

    def __init__(self, *, with_picture: bool = False, id: str | None = None) -> None:  # noqa: A002
        """`with_picture` of a matrix that has no room for its figures."""
        super().__init__(id=id)
        self._with_picture = with_picture
        self._at = (0, 0)

    def show(self, evaluation: ClassEvaluation | None, width: int, height: int = _PICTURE) -> None:
        """Draw it in so many cells; without an evaluation by classes, nothing."""
        before, self._room = self._room, (width, max(min(width - 2, height - 3, _PICTURE), 4))
        self._evaluation, is_first = evaluation, self._evaluation is None
        self.can_focus = evaluation is not None and self._with_picture and not has_room(evaluation, width)
        if evaluation and self.can_focus and (is_first or before != self._room):
            self._at = most_confused(Folded.of(evaluation, self._room[1]))
        self._draw()

    def action_move(self, down: int, across: int) -> None:
        """Go to another cell of the picture."""
        if self._evaluation:
            last = len(Folded.of(self._evaluation, self._room[1]).counts) - 1
            row, column = self._at
            self._at = min(max(row + down, 0), last), min(max(column + across, 0), last)
            self._draw()

    def _draw(self) -> None:
        width, cells = self._room
        lines: list[list[Piece]] = []
        if self._evaluation and self.can_focus:
            lines = picture_lines(Folded.of(self._evaluation, cells), width, self._at)
        if self._evaluation:
            lines += matrix_lines(self._evaluation, width)
        same_height = len(lines) == self._height
        self._height = len(lines)
        self.update(Content("\n").join(Content.assemble(*line) for line in lines), layout=not same_height)


def has_room(evaluation: ClassEvaluation, width: int) -> bool:
    """Whether a column for each class has room for its figures."""
    classes = evaluation.classes
    label = min(max(map(width_of, classes)), _LABEL)
    return (width - label - 6) // len(classes) - 1 >= len(f"{evaluation.confusion.max():,}")


def matrix_lines(evaluation: ClassEvaluation, width: int) -> list[list[Piece]]:
    """Pieces of text with their styles, line by line; each share is of the true class's rows.

    Where a column for each class has no room for its figures, its largest confusions.
    """
    classes, counts = evaluation.classes, evaluation.confusion
    if not has_room(evaluation, width):
        return largest_lines(evaluation, width)
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


@dataclass(frozen=True, eq=False)
class Folded:
    """A matrix in few cells, each of `each` classes by as many: counts, those right, rows of true classes."""

    classes: tuple[str, ...]
    each: int
    counts: Counts
    right: Counts
    rows: Counts

    @classmethod
    def of(cls, evaluation: ClassEvaluation, most: int) -> Folded:
        """At most so many cells to a side."""
        confusion = evaluation.confusion
        each = -(-len(confusion) // most)
        starts = np.arange(0, len(confusion), each)
        counts = np.add.reduceat(np.add.reduceat(confusion, starts, axis=0), starts, axis=1)
        right = np.add.reduceat(np.diagonal(confusion), starts)
        return cls(evaluation.classes, each, counts, right, counts.sum(axis=1))

    def name(self, place: int) -> str:
        """The class of a row or column, or the first and the last of several."""
        classes = self.classes[place * self.each : (place + 1) * self.each]
        return classes[0] if len(classes) == 1 else f"{classes[0]} to {classes[-1]}"


def most_confused(folded: Folded) -> tuple[int, int]:
    """The cell off the diagonal that holds the most rows."""
    counts = folded.counts.copy()
    np.fill_diagonal(counts, -1)
    row, column = divmod(int(counts.argmax()), len(counts))
    return row, column


def picture_lines(folded: Folded, width: int, at: tuple[int, int]) -> list[list[Piece]]:
    """What the cell at the cursor says, and the matrix as a picture."""
    said = "each cell one class" if folded.each == 1 else f"each cell {folded.each} classes"
    lines: list[list[Piece]] = [
        [(fit(f"True down, answered across ({said}):", width).rstrip(), "")],
        [(fit(_cell_in_words(folded, at), width).rstrip(), "bold")],
    ]
    for row, counts in enumerate(folded.counts.tolist()):
        line: list[Piece] = []
        for column, count in enumerate(counts):
            diagonal = row == column
            share = int(folded.right[row] if diagonal else count) / max(int(folded.rows[row]), 1)
            mark, style = (
                _plain(share) if not GLYPHS else " " if share else "·",
                _style(share, right=diagonal),
            )
            if (row, column) == at:
                mark, style = CURSOR, f"bold {style}".strip()
            # Two columns wide, as a row is about as high.
            line.append((f"{mark} " if 2 * len(folded.counts) <= width else mark, style))
        lines.append(line)
    return lines


def _cell_in_words(folded: Folded, at: tuple[int, int]) -> str:
    """`class 7 taken for class 9: 12 of its 40 rows`."""
    row, column = at
    count, rows = int(folded.counts[at]), int(folded.rows[row])
    its = "its" if folded.each == 1 else "their"
    if row != column:
        return f"{folded.name(row)} taken for {folded.name(column)}: {count:,} of {its} {rows:,} rows"
    right = int(folded.right[row])
    among = f", {count - right:,} confused among them" if folded.each > 1 else ""
    return f"{folded.name(row)}: {right:,} of {its} {rows:,} rows right{among}"


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
