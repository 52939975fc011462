"""What if, in words and bars: what is said of a typed row beside its fields and below them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from epochal.core.evaluation.evaluation import decide
from epochal.core.explain.importance import Importance
from epochal.core.explain.what_if import Counterfactual, Neighbour
from epochal.core.network.predictor import Predictor
from epochal.core.numerals import figure, formatted
from epochal.core.rows.examples import Examples, Feature, Floats, Rows
from epochal.tui.widgets.measurements import as_typed
from epochal.tui.widgets.text import GLYPHS, visible

FULL, REST, MIDDLE = ("━", "─", "│") if GLYPHS else ("#", "-", "|")

# Cells on each side of a push's middle.
SIDE = 5


def bar(share: float, cells: int) -> str:
    """A share of 1 as a line of cells."""
    filled = round(min(max(share, 0.0), 1.0) * cells)
    return FULL * filled + REST * (cells - filled)


def push_bar(push: float, largest: float) -> str:
    """To the left of the middle where it pushes down, to the right where up."""
    cells = round(SIDE * min(abs(push) / largest, 1.0)) if largest > 0.0 else 0
    left, right = (cells, 0) if push < 0 else (0, cells)
    return " " * (SIDE - left) + FULL * left + MIDDLE + FULL * right + " " * (SIDE - right)


def notes(
    features: Sequence[Feature], pushed: Floats, lost: Importance | None, *, classes: bool
) -> dict[str, str]:
    """For each feature its push, as a number and a bar, and its importance."""
    largest = float(np.abs(pushed).max()) if len(pushed) else 0.0
    said = {}
    for index, feature in enumerate(features):
        push = formatted(100 * pushed[index], "+7.1f") if classes else formatted(pushed[index], "+9.3g")
        text = f"{push} {push_bar(pushed[index], largest)}"
        if lost is not None:
            if classes:
                text += f" {100 * lost.mean[index]:6.1f} ± {100 * lost.deviation[index]:.1f}"
            else:
                text += f" {lost.mean[index]:9.3g} ± {lost.deviation[index]:.2g}"
        said[feature.name] = text if GLYPHS else text.replace("±", "+-")
    return said


def heading(name: str, lost: Importance | None, *, classes: bool, training: bool) -> str:
    """What stands in the two columns beside the fields."""
    gradient_attributions = (
        f"push towards {name}, points of probability: gradient x distance from the median"
        if classes
        else f"push on {name}: gradient x distance from the median"
    )
    if lost is None:
        return f"{gradient_attributions}{'; importance once it waits' if training else ''}"
    unit = "points of accuracy lost" if classes else "typical error added"
    among = f"when permuted among {lost.rows:,} held-out rows"
    return f"{gradient_attributions}; then permutation importance: {unit} {among}"


def answer_line(examples: Examples, target: str, outputs: Floats, threshold: float, cells: int) -> str:
    """The answer, and for classes how probable, as a bar that moves."""
    if not examples.classes:
        return f"{visible(target)}: {figure(float(outputs[0]))}"
    answer = int(decide(outputs[None, :], threshold)[0])
    name = visible(examples.classes[answer])
    share = formatted(float(outputs[answer]), ".1%").replace("%", " %")
    return f"{name} {share} {bar(float(outputs[answer]), max(8, cells - len(name) - len(share) - 2))}"


def flip_lines(
    examples: Examples,
    predictor: Predictor,
    row: Floats,
    found: Sequence[Counterfactual],
    threshold: float,
) -> list[str]:
    """The least single change that gives another answer, and the next ones, in values one can type."""
    if not found:
        return ["No single change within the training rows' range flips it."]
    said = []
    for flip in found[:3]:
        feature = examples.features[flip.feature]
        old = as_typed(feature, flip.old)
        new = _typed_flip(predictor, row, flip, feature, threshold)
        far = "" if np.isnan(flip.distance) else f" ({formatted(flip.distance, '.2g')} deviations)"
        said.append(
            f"{visible(feature.name)} from {visible(old)} to {visible(new)}{far}, "
            f"then {visible(examples.classes[flip.answer])}"
        )
    first, *others = said
    return [f"Smallest single change that flips it: {first}.", *(f"Or {other}." for other in others)]


def _typed_flip(
    predictor: Predictor, row: Floats, flip: Counterfactual, feature: Feature, threshold: float
) -> str:
    """The shortest way of writing the value that still flips the answer."""
    if feature.categories:
        return as_typed(feature, flip.new)
    for digits in range(2, 12):
        text = f"{flip.new:.{digits}g}"
        there = row.copy()
        there[flip.feature] = float(text)
        if decide(predictor.outputs(there[None]), threshold)[0] == flip.answer:
            return np.format_float_positional(float(text), trim="-")
    return repr(flip.new)


def neighbour_line(examples: Examples, table_rows: Rows, nearest: Sequence[Neighbour]) -> str:
    """The training rows most like it, each with its true answer."""
    said = []
    for each in nearest:
        truth = examples.targets[each.example]
        name = examples.classes[int(truth)] if examples.classes else figure(float(np.ravel(truth)[0]))
        said.append(
            f"row {table_rows[each.example] + 1:,} {visible(name)} ({formatted(each.distance, '.2f')})"
        )
    return f"Most like it, of the training rows (distance in deviations): {', '.join(said)}."
