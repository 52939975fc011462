"""The names that `import epochal` offers: there when they are used, and nothing loaded before."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

import epochal


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = "import epochal, sys; print(*{'numpy', 'pydantic', 'epochal.core'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_every_public_name_is_there_and_listed() -> None:
    for name in epochal.__all__:
        assert getattr(epochal, name) is not None
        assert name in dir(epochal)
    with pytest.raises(AttributeError, match="no attribute 'Trainer'"):
        epochal.Trainer  # type: ignore[attr-defined]  # noqa: B018


def test_the_example_in_the_docstring_runs() -> None:
    assert epochal.__doc__
    example = textwrap.dedent(epochal.__doc__.split("\n\n", 1)[1].rsplit("\n\n", 1)[0])
    printed: list[object] = []
    exec(example, {"print": printed.append})
    assert len(printed) == 2


def test_settings_take_a_number_and_say_what_a_wrong_one_may_be() -> None:
    assert epochal.Settings(hidden=8).hidden == (8,)
    assert epochal.Settings(hidden=None).hidden == ()
    assert repr(epochal.Settings(hidden=8, epochs=10)) == "Settings(hidden=(8,), epochs=10)"
    for wrong, said in (
        ({"activation": "rely"}, "Activation is one of tanh, relu, .* not rely"),
        ({"hidden": -1}, "Hidden layers are whole numbers"),
        ({"hidden": True}, "Hidden layers are whole numbers"),
        ({"learning_rat": 1}, "There is no setting learning_rat; did you mean learning_rate"),
        ({"hidden": 8, "activation": "step"}, "A step has no slope"),
    ):
        with pytest.raises(epochal.SettingError, match=said):
            epochal.Settings(**wrong)


def test_a_first_training_loads_neither_a_screen_nor_a_data_frame() -> None:
    program = (
        "import epochal, sys; epochal.train('iris', settings='sensible', epochs=1); "
        "print(*{'textual', 'rich', 'click', 'plotext', 'pandas', 'polars', 'pyarrow', "
        "'narwhals', 'sklearn', 'onnx', 'PIL'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_what_holds_arrays_is_one_line_without_them() -> None:
    examples = epochal.Examples.from_arrays([[0.1 * row, row % 7] for row in range(40)], ["a", "b"] * 20)
    training = epochal.Training(examples, epochal.Settings(hidden=3, epochs=2))
    next(training)
    assert repr(examples) == "Examples(40 rows x 2 features; 2 classes)"
    assert repr(training) == "Training(2-3-1 on 32 rows: 1 of 2 epochs, running)"
    assert repr(training.predictor) == (
        "Predictor(preparation=Preparation(2 features to 2 inputs), "
        "network=Network(2 + bias -> 3 tanh -> 1 sigmoid: 7 nodes, 13 weights))"
    )
    assert repr(epochal.read_table("iris").dataset()) == "Dataset(iris: species from 4 features)"
    said = repr(epochal.outcome_of(training))
    assert said.startswith("Outcome(stopped after 1 epochs: ")
    assert "array" not in said
