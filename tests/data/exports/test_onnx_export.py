"""The exported ONNX graph, run by onnxruntime: the same answers, its preparation included."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from epochal.core.evaluation.evaluation import decide
from epochal.core.network.activations import ACTIVATIONS
from epochal.core.outcome import outcome_of
from epochal.core.rows.examples import Examples, Feature
from epochal.core.rows.scaling import SCALINGS
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.models.model import Model, ModelError, model_of
from epochal.data.models.model_file import save_model
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.table import Table
from epochal.tui.cli.export import export
from tests.exports import mixed

pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

from epochal.data.exports.onnx import onnx_bytes  # noqa: E402


def trained(dataset: Dataset, **settings: object) -> Model:
    training = Training(dataset.examples, Settings.model_validate({"epochs": 3, **settings}))
    list(training)
    return model_of(dataset, outcome_of(training))


def run(graph: bytes, model: Model, inputs: NDArray[np.float64]) -> dict[str, NDArray[np.generic]]:
    """What the graph answers for rows x features as in `Examples.inputs`."""
    feeds: dict[str, NDArray[np.generic]] = {}
    for feature, column in zip(model.features, inputs.T, strict=True):
        words = [*feature.categories, "never seen"]
        texts = (
            ["" if np.isnan(value) else words[int(value)] for value in column] if feature.categories else []
        )
        feeds[feature.name] = np.array(texts, object)[:, None] if texts else column[:, None].copy()
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, feeds), strict=True))


@pytest.mark.parametrize("table", ["column_2C_weka", "column_3C_weka", "penguins", "auto_mpg"])
def test_the_graph_answers_as_the_model_does(table: str) -> None:
    dataset = dataset_from(open_table(table))
    model = trained(dataset, hidden="6,4", threshold="balanced", precision="float32")
    inputs = dataset.examples.inputs
    found, expected = run(onnx_bytes(model), model, inputs), model.outputs(inputs)
    if not model.classes:
        assert np.allclose(found["predicted"], expected, rtol=1e-6, atol=0)
        return
    assert np.abs(found["probabilities"] - expected).max() < 1e-6
    assert list(found["predicted"]) == [model.classes[i] for i in decide(expected, model.threshold)]


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "step"])
def test_every_activation_is_drawn_right(activation: str, iris: Dataset) -> None:
    model = trained(iris, activation=activation, hidden="7,3", initial_weights="normal")
    inputs = np.vstack([iris.examples.inputs, -10 * iris.examples.inputs])
    found = run(onnx_bytes(model), model, inputs)["probabilities"]
    assert np.abs(found - model.outputs(inputs)).max() < 1e-6


@pytest.mark.parametrize("hidden", ["5", "4,3"])
def test_an_ensemble_with_a_temperature_is_drawn_right(hidden: str, iris: Dataset) -> None:
    model = trained(iris, hidden=hidden, networks=3, temperature=0.5)
    found = run(onnx_bytes(model), model, iris.examples.inputs)["probabilities"]
    assert np.abs(found - model.outputs(iris.examples.inputs)).max() < 1e-6


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_a_deviance_is_drawn_with_its_power(loss: str) -> None:
    dataset = dataset_from(open_table("diabetes"))
    model, inputs = trained(dataset, loss=loss), dataset.examples.inputs
    found = run(onnx_bytes(model), model, inputs)["predicted"]
    assert np.abs(found / model.outputs(inputs) - 1.0).max() < 1e-6


@pytest.mark.parametrize("scaling", SCALINGS)
def test_every_scaling_is_drawn_right(scaling: str, iris: Dataset) -> None:
    model = trained(iris, scaling=scaling, hidden="5")
    inputs = np.vstack([iris.examples.inputs, -100 * iris.examples.inputs])
    found = run(onnx_bytes(model), model, inputs)["probabilities"]
    assert np.abs(found - model.outputs(inputs)).max() < 1e-6


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("classes", [0, 2, 3])
@pytest.mark.parametrize("activation", ["gelu", "softplus"])
def test_missing_and_unknown_cells_are_drawn_right_in_both_precisions(
    precision: str, classes: int, activation: str
) -> None:
    dataset = mixed(classes)
    model = trained(dataset, precision=precision, activation=activation, hidden="6,4")
    inputs = np.vstack([dataset.examples.inputs, [[6, 70, 3, 0.1], [np.nan] * 4]])
    found = run(onnx_bytes(model), model, inputs)["probabilities" if classes else "predicted"]
    assert np.allclose(found, model.outputs(inputs), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("scaling", SCALINGS)
def test_every_scaling_is_drawn_right_with_every_precision(
    scaling: str, precision: str, iris: Dataset
) -> None:
    model = trained(iris, scaling=scaling, hidden="5", precision=precision)
    found = run(onnx_bytes(model), model, iris.examples.inputs)["probabilities"]
    assert np.abs(found - model.outputs(iris.examples.inputs)).max() < 1e-6


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "step"])
def test_every_activation_is_drawn_right_in_single_precision(activation: str, iris: Dataset) -> None:
    model = trained(iris, activation=activation, hidden="7,3", precision="float32")
    found = run(onnx_bytes(model), model, iris.examples.inputs)["probabilities"]
    assert np.abs(found - model.outputs(iris.examples.inputs)).max() < 1e-6


def test_a_perceptron_is_a_graph_too(spine: Dataset) -> None:
    model = trained(spine, activation="step", hidden="none")
    found = run(onnx_bytes(model), model, spine.examples.inputs)["probabilities"]
    assert np.array_equal(found, model.outputs(spine.examples.inputs))


def many_words() -> Dataset:
    """Seventy categories, of which some share a column; missing cells in both kinds of column."""
    chance = np.random.default_rng(1)
    features = (Feature("word", tuple(f"w{i}" for i in range(70))), Feature("/0"))
    inputs = np.column_stack([chance.integers(0, 70, 200), chance.normal(size=200)]).astype(float)
    inputs[::9, 0], inputs[::7, 1] = np.nan, np.nan
    examples = Examples(features, inputs, np.arange(200) % 2, ("no", "yes"), ("kind",))
    return Dataset(Table("made", ()), examples, "kind", "classification", np.arange(200))


def test_rare_unknown_and_missing_cells_count_as_in_the_lab() -> None:
    dataset = many_words()
    model = trained(dataset)
    inputs = np.vstack([dataset.examples.inputs, [[70.0, 0.1], [np.nan, np.nan]]])
    found = run(onnx_bytes(model), model, inputs)["probabilities"]
    assert np.abs(found - model.outputs(inputs)).max() < 1e-6


def test_a_name_that_cannot_name_an_input_is_refused() -> None:
    dataset = many_words()
    examples = dataset.examples
    for name in ("", "predicted", "word"):
        renamed = Examples(
            (examples.features[0], Feature(name)), examples.inputs, examples.targets, examples.classes
        )
        model = trained(Dataset(dataset.table, renamed, "kind", "classification", dataset.rows))
        with pytest.raises(ModelError, match="cannot be an input"):
            onnx_bytes(model)


def test_the_command_writes_the_graph(iris: Dataset, tmp_path: Path) -> None:
    save_model(tmp_path / "m.npz", trained(iris))
    path = tmp_path / "m.onnx"
    done = CliRunner().invoke(export, [str(tmp_path / "m.npz"), "--onnx", str(path)])
    assert (done.exit_code, done.output) == (0, f"The model was written to {path}.\n")
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_inputs()] == [one.name for one in iris.examples.features]
