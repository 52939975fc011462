"""The trained network written to a file from the lab."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochal.core.settings import Settings
from epochal.data.models.model import ClassScores
from epochal.data.models.model_file import load_model
from epochal.data.tables.dataset import Dataset
from epochal.tui.widgets.text_input import TextInput
from tests.lab import choose, lab, write


async def test_the_trained_network_is_written_and_predicts_alike(spine: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "spine.npz"
    async with lab(spine, Settings(epochs=6, seed=2, patience=3)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        run = person.app.run_shown
        assert run is not None
        assert run.training is not None
        run.judge_at(0.3)
        await write(person, path)
        await person.until_shown("Wrote the model to")
        expected = run.training.outputs(spine.examples.inputs)
        kept, judged = run.training.kept_epoch, run.evaluation
    model = load_model(path)
    assert model.outputs(spine.examples.inputs).tobytes() == expected.tobytes()
    assert (model.epochs, model.threshold) == (kept, 0.3)
    assert isinstance(model.evaluation, ClassScores)
    assert judged is not None
    assert model.evaluation.correct == getattr(judged, "correct", None)
    assert model.table.sha256 == spine.table.sha256


async def test_a_paused_network_is_written_as_it_is(spine: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "spine.npz"
    async with lab(spine, Settings(epochs=9999)) as person:
        await person.press("s")
        await person.until(lambda: person.app.run_shown and person.app.run_shown.length == 1)
        await write(person, path)
        await person.until_shown("Wrote the model to")
        run = person.app.run_shown
        assert run is not None
        assert run.training is not None
        expected = run.training.outputs(spine.examples.inputs)
    model = load_model(path)
    assert (model.epochs, model.outputs(spine.examples.inputs).tobytes()) == (1, expected.tobytes())
    assert model.evaluation is not None


async def test_what_is_there_is_kept_and_escape_writes_nothing(
    spine: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "taken.npz"
    path.write_text("precious", encoding="utf-8")
    async with lab(spine, Settings(epochs=3)) as person:
        await person.press("w")
        await person.until_shown("Nothing has been learned yet")
        await person.press("t")
        await person.wait_for_the_end()
        await write(person, path)
        await person.until(lambda: "taken.npz is there already. Replace it?" in person.dialog())
        await person.press("enter")
        await person.until(lambda: "Enter writes it" in person.dialog())
        await person.press("escape")
        await choose(person, "save")
        await person.until(lambda: "column_2C_weka-model.npz" in person.dialog())
        await person.press("escape")
    assert path.read_text(encoding="utf-8") == "precious"
    assert sorted(one.name for one in tmp_path.iterdir() if one.suffix == ".npz") == ["taken.npz"]


async def test_what_is_there_is_replaced_when_the_person_says_so(spine: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "taken.npz"
    path.write_text("precious", encoding="utf-8")
    async with lab(spine, Settings(epochs=3)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await write(person, tmp_path)
        await person.until(lambda: "is a folder: name a file in it" in person.dialog())
        await person.press("escape")
        await write(person, path)
        await person.until(lambda: "Replace it?" in person.dialog())
        await person.press("down", "enter")
        await person.until_shown("Wrote the model to")
    assert load_model(path).epochs == 3


async def test_ctrl_c_copies_what_is_selected_and_else_leaves(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=3)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await choose(person, "save")
        field = person.app.screen.query_one(TextInput)
        await person.press("home", "shift+end", "ctrl+c")
        await person.until(lambda: person.app.clipboard == field.value)
        await person.until_shown("ctrl+q quits")
        await person.press("end", "ctrl+c")
        await person.until(lambda: not person.app.is_running)


async def test_weights_that_change_are_not_written(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=1_000_000)) as person:
        await person.press("t")
        await person.until(lambda: person.app.run_shown and person.app.run_shown.length)
        await person.press("w")
        await person.until_shown("The weights still change")
