"""The result in one line: an accuracy, or of a rare class the AUC, which says more."""

from __future__ import annotations

import numpy as np

from epochal.core.evaluation.evaluation import ClassEvaluation, evaluate_classes
from epochal.tui.widgets.headline import headline


def judged(share: float, shift: float) -> ClassEvaluation:
    rng = np.random.default_rng(1)
    truth = (rng.random(600) < share).astype(int)
    second = 1.0 / (1.0 + np.exp(3.5 - 0.5 * rng.normal(size=600) - shift * truth))
    both = np.column_stack([1.0 - second, second])
    return evaluate_classes(both, truth, ("no", "yes"), (1000 * (1 - share), 1000 * share))


def line(evaluation: ClassEvaluation) -> str:
    return "".join(text for text, _ in headline(evaluation, 80))


def test_a_rare_class_is_headed_by_its_ranking() -> None:
    well, badly = judged(0.05, 1.0), judged(0.05, 0.0)
    assert well.beats_baseline is not True
    assert line(well).startswith(f"AUC {well.auc:.3f}")
    assert "better than" in line(well)
    assert "no better than" not in line(well)
    assert "better than" not in line(badly).replace("no better than", "")


def test_classes_that_are_not_rare_are_headed_by_the_accuracy() -> None:
    half = judged(0.5, 7.0)
    assert "%" in line(half)
    assert "AUC" not in line(half)
    assert "better than" in line(half)
