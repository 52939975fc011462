"""The public surface in a notebook: a table in, a run shown, a model that predicts on frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import epochal
from epochal.data.runs.result import result_of
from tests.runs import told_json

SETTINGS: dict[str, Any] = {"settings": "sensible", "epochs": 20, "hidden": 4}
HOSTILE = "<script>alert('x')</script>\x1b[31m\u202e &amp;"


def shown(value: Any) -> ElementTree.Element:
    """Its HTML, which must be well formed and hold no script."""
    html = value._repr_html_()
    assert "<script" not in html
    assert not {"\x1b", "\u202e"} & set(html)
    return ElementTree.fromstring(html)


@pytest.fixture(scope="module")
def run() -> epochal.Run:
    return epochal.train("penguins", "species", **SETTINGS)


def test_a_run_shows_its_curve_its_verdict_and_its_findings(run: epochal.Run) -> None:
    page = shown(run)
    assert page.find(".//{http://www.w3.org/2000/svg}polyline") is not None
    said = "\n".join("".join(one.itertext()) for one in page.iter("p"))
    assert run.verdict in said
    assert all(one.sentence in said for one in run.findings)
    assert run.curve["training_error"].shape == (20,)
    assert repr(run).startswith("Run(penguins: ")
    assert "\n" not in repr(run)


def test_a_run_is_that_of_the_command_line_to_the_byte(run: epochal.Run) -> None:
    by_command = told_json(
        "train",
        "penguins",
        "--no-history",
        "--json",
        "--target",
        "species",
        "--epochs",
        "20",
        "--hidden",
        "4",
    )
    assert by_command["held_out"]["correct"] == run.evaluation.correct  # type: ignore[union-attr]
    recorded = result_of(run.dataset, run.outcome)
    assert recorded.weights_sha256 == by_command["weights_sha256"]


def test_a_table_shows_its_portrait_and_is_one_line_in_a_terminal() -> None:
    table = epochal.read_table("penguins")
    page = shown(table)
    assert len(page.findall(".//{http://www.w3.org/2000/svg}svg")) == len(table.columns)
    assert repr(table) == "Table(penguins: 344 rows x 8 columns; 3 category, 5 number)"


def test_texts_of_a_file_are_shown_as_texts() -> None:
    frame = {HOSTILE: [HOSTILE, "b"] * 10, "x": list(range(20)), "class": ["u", HOSTILE] * 10}
    table = epochal.read_table(frame)
    run = epochal.train(table, **SETTINGS)
    for one in (table, run, run.model):
        page = shown(one)
        assert any("alert('x')" in text for text in page.itertext())


def test_a_saved_model_predicts_on_frames(run: epochal.Run, tmp_path: Path) -> None:
    table = run.table
    frame = {one.name: [one.text(row) or None for row in range(table.rows)] for one in table.columns}
    epochal.save(run, tmp_path / "penguins.npz")
    model = epochal.load(tmp_path / "penguins.npz")
    answers = model.predict(frame)
    assert set(answers) == set(model.classes)
    assert np.array_equal(answers, run.predict("penguins"))
    chances = model.predict_proba(frame)
    assert np.array_equal(chances.argmax(axis=1), [model.classes.index(one) for one in answers])
    # The outputs for the rows it was judged on.
    held_out = run.training.split.held_out
    assert np.allclose(chances[run.dataset.rows[held_out]], run.outcome.answers.outputs, 1e-12, 0)
    assert repr(model).startswith("Model(species from 7 features: ")
    assert "Of 69 rows held out" in "".join(shown(model).itertext())
    with pytest.raises(FileExistsError):
        epochal.save(model, tmp_path / "penguins.npz")
    with pytest.raises(epochal.TableError, match="has no column island"):
        model.predict({"x": [1, 2], "y": [1, 2]})


def test_one_row_is_enough_and_a_file_is_read_as_the_command_reads_it(
    run: epochal.Run, tmp_path: Path
) -> None:
    model, table = run.model, run.table
    one = {column.name: [column.text(7) or None] for column in table.columns}
    assert np.allclose(model.predict_proba(one)[0], model.predict_proba("penguins")[7], 1e-12, 0)
    (tmp_path / "one.csv").write_text(
        "\n".join(
            ",".join(line)
            for line in zip(*((name, cell[0] or "") for name, cell in one.items()), strict=True)
        )
        + "\n"
    )
    assert model.predict(tmp_path / "one.csv").tolist() == model.predict(one).tolist()
    assert model.predict(table).tolist() == model.predict("penguins").tolist()
    lone = epochal.train({"x": [i / 5 for i in range(40)], "class": ["u", "v"] * 20}, **SETTINGS)
    assert lone.predict({"x": [1.5]}).shape == (1,)
    with pytest.raises(epochal.TableError, match="nothing can be predicted"):
        lone.predict({"x": []})


def test_numbers_are_predicted_as_numbers_and_have_no_probabilities() -> None:
    run = epochal.train("auto_mpg", **SETTINGS)
    assert run.predict("auto_mpg").shape == (398,)
    with pytest.raises(TypeError, match="mpg is a number"):
        run.predict_proba("auto_mpg")


def test_a_recorded_run_is_in_the_history_with_its_curve_and_its_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EPOCHAL_HOME", str(tmp_path))
    assert list(epochal.runs()) == []
    run = epochal.train("iris", record=True, **SETTINGS)
    (past,) = epochal.runs()
    assert (past.number, past.settings) == (1, run.settings)
    assert np.array_equal(past.curve["held_out_error"], run.curve["held_out_error"])
    assert np.array_equal(past.model.predict("iris"), run.predict("iris"))
    assert past.result is not None
    assert repr(past).startswith("PastRun(1, iris: 4-4-3; ")
    assert run.verdict in "".join(shown(past).itertext())


def test_settings_of_a_preset_are_kept_and_what_is_given_wins() -> None:
    run = epochal.train("iris", settings="no-hidden-layer", epochs=3)
    assert (run.settings.hidden, run.settings.epochs) == ((), 3)
    mine = epochal.Settings(hidden=3, epochs=2)
    assert epochal.train("iris", settings=mine, seed=5).settings == epochal.Settings(
        hidden=3, epochs=2, seed=5
    )
    with pytest.raises(epochal.SettingError, match="A preset is one of auto, sensible"):
        epochal.train("iris", settings="best")
    with pytest.raises(epochal.SettingError, match="did you mean hidden"):
        epochal.train("iris", hiden=3)


def test_auto_finds_settings_and_keeps_those_that_are_given() -> None:
    run = epochal.train("iris", hidden=2, activation="tanh", budget=0.2)
    assert run.settings.hidden == (2,)
    assert run.search is not None
    assert run.search.winner.settings == run.settings


def test_validation_and_search_say_what_they_found() -> None:
    validation = epochal.validate("iris", folds=3, repeats=1, **SETTINGS)
    assert len(validation.summary.folds) == 3
    assert 0 <= validation.score <= 1
    assert f"{100 * validation.score:.1f} %" in repr(validation)
    assert validation.sentences[0] in "".join(shown(validation).itertext())
    found = epochal.search("iris", settings="sensible", vary={"hidden": [2, 6]}, folds=3, epochs=10)
    assert {one.settings.hidden for one in found.candidates} == {(2,), (6,)}
    assert found.settings == found.candidates[0].settings
    assert "2 candidates" in repr(found)
    assert "6" in "".join(shown(found).itertext())
