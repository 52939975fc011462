"""Examples: what cannot be meant is refused in a sentence, and what people have is taken as it is."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochal.core.rows.examples import Examples, Feature
from epochal.core.settings import Settings
from epochal.core.training.training import Training

TWO = (Feature("a"), Feature("b"))
INPUTS = np.arange(8.0).reshape(4, 2)
LABELS = np.array([0, 1, 0, 1])


def with_cell(value: float) -> np.ndarray:
    inputs = INPUTS.copy()
    inputs[2, 1] = value
    return inputs


@pytest.mark.parametrize(
    ("inputs", "targets", "classes", "sentence"),
    [
        (
            INPUTS,
            np.array([0, 1, 2, 1]),
            ("no", "yes"),
            "label 2 of row 3 is no index into 2 classes",
        ),
        (INPUTS, np.array([0, -1, 0, 1]), ("no", "yes"), "label -1 of row 2 is no index"),
        (INPUTS, np.array([0.0, 1.0, 0.5, 1.0]), ("no", "yes"), "label 0.5 of row 3 is no index"),
        (INPUTS, np.array([0.0, np.nan, 0.0, 1.0]), ("no", "yes"), "label nan of row 2 is no index"),
        (INPUTS, LABELS[:, None], ("no", "yes"), "one index a row"),
        (INPUTS, np.array(["x", "y", "x", "y"]), ("x", "y"), "targets are an array of numbers, not <U1"),
        (INPUTS, LABELS[:3], ("no", "yes"), "4 rows of inputs, but 3 targets"),
        (INPUTS, np.array([1.0, np.inf, 2.0, 3.0]), (), "target of row 2 is no finite number"),
        (INPUTS, np.array([1.0, 2.0, 2.0, np.nan]), (), "target of row 4 is no finite number"),
        (INPUTS, np.ones((4, 2)), (), "rows x 1 outputs"),
        (with_cell(np.inf), LABELS, ("no", "yes"), "input b of row 3 is infinite"),
        (with_cell(-np.inf), LABELS, ("no", "yes"), "input b of row 3 is infinite"),
        (INPUTS.astype(str), LABELS, ("no", "yes"), "inputs are an array of numbers, not <U"),
        (INPUTS.astype(object), LABELS, ("no", "yes"), "inputs are an array of numbers, not object"),
        (INPUTS.tolist(), LABELS, ("no", "yes"), "inputs are an array of numbers, not list"),
        (INPUTS[:, :1], LABELS, ("no", "yes"), "rows x 2 features"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(
    inputs: np.ndarray, targets: np.ndarray, classes: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        Examples(TWO, inputs, targets, classes)


def test_missing_inputs_and_whole_floats_as_labels_are_meant() -> None:
    examples = Examples(TWO, with_cell(np.nan), LABELS.astype(np.float64), ("no", "yes"))
    assert examples.task == "classification"


@pytest.mark.parametrize(
    ("labels", "classes", "targets"),
    [
        (["b", "a", "b", "a"], ("a", "b"), [1, 0, 1, 0]),
        (np.array(["b", "a", "b", "a"]), ("a", "b"), [1, 0, 1, 0]),
        (np.array(["b", "a", "b", "a"], object), ("a", "b"), [1, 0, 1, 0]),
        ([10, 9, 10, 9], ("9", "10"), [1, 0, 1, 0]),
        (np.array([10, 9, 10, 9], np.uint8)[:, None], ("9", "10"), [1, 0, 1, 0]),
        ([True, False, True, True], ("False", "True"), [1, 0, 1, 1]),
        ([0.5, 1.0, 2.0, 3.0], (), [[0.5], [1.0], [2.0], [3.0]]),
        ([1.0, 0.0, 1.0, 0.0], (), [[1.0], [0.0], [1.0], [0.0]]),
        (
            [[0.5, 1.0], [2.0, 3.0], [4.0, 5.0], [6.0, 7.0]],
            (),
            [[0.5, 1.0], [2.0, 3.0], [4.0, 5.0], [6.0, 7.0]],
        ),
    ],
)
def test_labels_are_taken_as_they_are(
    labels: Sequence[object], classes: tuple[str, ...], targets: list[object]
) -> None:
    examples = Examples.from_arrays(INPUTS, labels)
    assert examples.classes == classes
    assert examples.targets.tolist() == targets
    assert [feature.name for feature in examples.features] == ["x1", "x2"]
    for _ in Training(examples, Settings(epochs=2, held_out=0.5)):
        pass


@pytest.mark.parametrize(
    ("inputs", "labels", "sentence"),
    [
        (INPUTS, ["a", 1, "b", 2], "words and numbers among the labels"),
        (INPUTS, ["a", None, "b", "c"], "Number 2 of the labels is missing"),
        (INPUTS, [1.0, float("nan"), 2.0, 3.0], "Number 2 of the labels is missing"),
        (INPUTS, [1, 1, 1, 1], "nothing to learn: every label is 1"),
        (INPUTS, [1j, 2j, 1j, 2j], "complex cannot be meant by the labels"),
        (INPUTS, np.array(["2020-01-01"] * 4, "M8[D]"), "words or numbers, not datetime64"),
        (INPUTS, [[1, 2], [3, 4], [1, 2], [3, 4]], "Classes are one a row"),
        (INPUTS, [[1.0, 2.0], [3.0]], "list cannot be meant by the labels"),
        (INPUTS, "abab", "one a row"),
        (INPUTS, [0, 1, 0], "4 rows of inputs, but 3 targets"),
        (np.zeros((30, 1)), np.arange(30), "give floats"),
        ([[1, 2], [3]], [0, 1], "Row 1 has 2 inputs, but row 2 has 1"),
        ([["a", 1], [2, 3]], [0, 1], "words and numbers among the column x1"),
        ([[float("inf"), 1], [2, 3]], [0, 1], "input x1 of row 1 is infinite"),
        ([[10**400], [1]], [0, 1], "too large a number in the column x1"),
        ([[{}], [{}]], [0, 1], "dict cannot be meant by the column x1"),
        ([], [], "no inputs"),
        (7, [0, 1], "rows x features, not int"),
    ],
)
def test_arrays_that_cannot_be_meant_are_refused_in_a_sentence(
    inputs: object, labels: object, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        Examples.from_arrays(inputs, labels)


def test_names_are_those_given_or_the_frames_own_and_words_become_categories() -> None:
    columns = {"colour": np.array(["red", None, "blue", "red"], object), "size": np.array([1, 2, 3, 4])}
    frame = SimpleNamespace(columns=list(columns), __getitem__=columns.__getitem__)
    holder = type("Frame", (), {"columns": frame.columns, "__getitem__": lambda _, key: columns[key]})()
    examples = Examples.from_arrays(holder, ["n", "y", "n", "y"])
    assert examples.features == (Feature("colour", ("blue", "red")), Feature("size"))
    np.testing.assert_array_equal(examples.inputs, [[1, 1], [np.nan, 2], [0, 3], [1, 4]])
    renamed = Examples.from_arrays(INPUTS, LABELS, names=["u", "v"])
    assert [feature.name for feature in renamed.features] == ["u", "v"]
    with pytest.raises(ValueError, match="2 features, but 1 names"):
        Examples.from_arrays(INPUTS, LABELS, names=["u"])


@given(st.lists(st.one_of(st.text(max_size=3), st.integers(-5, 5), st.booleans(), st.floats()), min_size=2))
def test_whatever_the_labels_are_they_are_kept_or_refused_as_a_wrong_value(labels: list[object]) -> None:
    try:
        examples = Examples.from_arrays(np.zeros((len(labels), 1)), labels)
    except ValueError:
        return
    assert len(examples.targets) == len(labels)
    for label, target in zip(labels, examples.targets.tolist(), strict=True):
        if isinstance(label, str):
            assert examples.classes[target] == label
        else:
            assert examples.classes or target == [float(label)]  # type: ignore[arg-type]
