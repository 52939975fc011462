"""The confusion matrix in cells, and what stands for it where it has no room."""

from __future__ import annotations

import numpy as np
import pytest

from epochal.core.evaluation.evaluation import ClassEvaluation, evaluate_classes
from epochal.tui.widgets.confusion import Folded, matrix_lines, picture_lines


def judged(classes: int, rows: int = 600) -> ClassEvaluation:
    rng = np.random.default_rng(classes)
    truth = rng.integers(0, classes, rows)
    answers = np.where(rng.random(rows) < 0.7, truth, (truth + 1) % classes)
    outputs = np.full((rows, classes), 0.2 / classes)
    outputs[np.arange(rows), answers] += 0.8
    names = tuple(f"class {i}" for i in range(classes))
    return evaluate_classes(outputs / outputs.sum(axis=1, keepdims=True), truth, names, np.full(classes, 9))


def text(evaluation: ClassEvaluation, width: int) -> list[str]:
    return ["".join(piece for piece, _ in line) for line in matrix_lines(evaluation, width)]


def picture(evaluation: ClassEvaluation, at: tuple[int, int], width: int = 56, most: int = 25) -> list[str]:
    lines = picture_lines(Folded.of(evaluation, most), width, at)
    return ["".join(piece for piece, _ in line) for line in lines]


@pytest.mark.parametrize("width", [56, 78, 118])
@pytest.mark.parametrize("classes", [2, 3, 10, 50, 120])
def test_no_line_is_wider_than_there_is_room(classes: int, width: int) -> None:
    for lines in (text(judged(classes), width), picture(judged(classes), (0, 0), width)):
        assert max(map(len, lines)) <= width


def test_of_few_classes_every_count_is_shown() -> None:
    evaluation = judged(3)
    shown = " ".join(text(evaluation, 78))
    for count in evaluation.confusion.ravel().tolist():
        assert f"{count}" in shown


@pytest.mark.parametrize("classes", [50, 120])
def test_of_many_classes_the_largest_confusions_are_listed(classes: int) -> None:
    evaluation = judged(classes)
    lines = text(evaluation, 56)
    counts = evaluation.confusion.copy()
    np.fill_diagonal(counts, 0)
    assert lines[0] == f"{counts.sum():,} rows are misclassified, most often:"
    true, answered = divmod(int(counts.argmax()), classes)
    rows = evaluation.confusion[true].sum()
    assert lines[1] == f"  class {true} taken for class {answered}: {counts.max()} of its {rows} rows"
    assert len(lines) <= 9


def test_the_picture_has_a_cell_for_each_pair_or_for_several() -> None:
    few, many = picture(judged(20), (0, 0)), picture(judged(50), (0, 0))
    assert [len(line) for line in few[2:]] == [40] * 20
    assert "each cell one class" in few[0]
    assert [len(line) for line in many[2:]] == [50] * 25
    assert "each cell 2 classes" in many[0]


@pytest.mark.parametrize("most", [25, 17, 6])
@pytest.mark.parametrize("classes", [11, 50, 53])
def test_the_cell_at_the_cursor_says_its_rows(classes: int, most: int) -> None:
    evaluation = judged(classes)
    folded = Folded.of(evaluation, most)
    each, side = folded.each, len(folded.counts)
    assert side <= most
    for row in range(side):
        for column in range(side):
            part = evaluation.confusion[row * each : (row + 1) * each, column * each : (column + 1) * each]
            lines = picture(evaluation, (row, column), 78, most)
            counted = int(np.trace(part)) if row == column else int(part.sum())
            assert f": {counted:,} of " in lines[1]
            assert f" {evaluation.confusion[row * each : (row + 1) * each].sum():,} rows" in lines[1]
            assert lines[2 + row][2 * column] in "◆@"
