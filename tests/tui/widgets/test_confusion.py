"""The confusion matrix in cells, and what stands for it where it has no room."""

from __future__ import annotations

import numpy as np
import pytest

from epochal.core.evaluation.evaluation import ClassEvaluation, evaluate_classes
from epochal.tui.widgets.confusion import matrix_lines


def judged(classes: int, rows: int = 600) -> ClassEvaluation:
    rng = np.random.default_rng(classes)
    truth = rng.integers(0, classes, rows)
    answers = np.where(rng.random(rows) < 0.7, truth, (truth + 1) % classes)
    outputs = np.full((rows, classes), 0.2 / classes)
    outputs[np.arange(rows), answers] += 0.8
    names = tuple(f"class {i}" for i in range(classes))
    return evaluate_classes(outputs / outputs.sum(axis=1, keepdims=True), truth, names, np.full(classes, 9))


def text(evaluation: ClassEvaluation, width: int, **options: bool) -> list[str]:
    return ["".join(piece for piece, _ in line) for line in matrix_lines(evaluation, width, **options)]


@pytest.mark.parametrize("width", [56, 78, 118])
@pytest.mark.parametrize("classes", [2, 3, 10, 50, 120])
def test_no_line_is_wider_than_there_is_room(classes: int, width: int) -> None:
    for with_picture in (False, True):
        assert max(map(len, text(judged(classes), width, with_picture=with_picture))) <= width


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
    few, many = text(judged(20), 56, with_picture=True), text(judged(50), 56, with_picture=True)
    assert [len(line) for line in few[1:21]] == [20] * 20
    assert "each cell one class" in few[0]
    assert [len(line) for line in many[1:26]] == [25] * 25
    assert "each cell 2 classes" in many[0]
