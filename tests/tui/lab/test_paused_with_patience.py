"""A paused run with patience: whatever is written of it holds the weights of the epoch it names."""

import csv
import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.outcome import outcome_of
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.models.model_file import load_model
from epochal.data.tables.dataset import Dataset
from epochal.tui.runner.run import Run
from tests.lab import Person, lab, write

# The best epoch by the validation rows is an early one; the last is worse, and answers differently.
SETTINGS = Settings(hidden=(30,), epochs=400, patience=400, optimizer="adam", learning_rate=0.05, seed=1)
EPOCHS = 25


async def paused(person: Person) -> Run:
    """The run after `EPOCHS` epochs, taken one by one."""
    await person.press("s")
    run = person.app.run_shown
    assert run is not None
    await person.until(lambda: run.is_waiting and run.length)
    while run.length < EPOCHS:
        before = run.length
        run.step()
        await person.until(lambda before=before: run.is_waiting and run.length > before)  # type: ignore[misc]
    return run


@pytest.fixture(scope="module")
def kept(spine: Dataset) -> Training:
    """The same run, trained to the epoch that is kept and no further: a reference of its own."""
    whole = Training(spine.examples, SETTINGS)
    for _ in range(EPOCHS):
        next(whole)
    assert 0 < whole.kept_epoch < EPOCHS
    training = Training(spine.examples, SETTINGS)
    for _ in range(whole.kept_epoch):
        next(training)
    assert training.network.parameters.tobytes() != whole.network.parameters.tobytes()
    return training


def test_asking_for_the_outcome_changes_nothing_in_the_run(spine: Dataset, kept: Training) -> None:
    asked, unasked = Training(spine.examples, SETTINGS), Training(spine.examples, SETTINGS)
    for _ in range(EPOCHS):
        next(asked)
        next(unasked)
    outcome = outcome_of(asked)
    assert outcome.network.parameters.tobytes() == kept.network.parameters.tobytes()
    assert (outcome.kept_epoch, outcome.ending, outcome.epochs) == (kept.kept_epoch, "stopped", EPOCHS)
    assert outcome.evaluation.rows == len(kept.split.held_out)
    assert asked.network.parameters.tobytes() == unasked.network.parameters.tobytes()
    assert next(asked)[1:5] == next(unasked)[1:5]
    assert asked.network.parameters.tobytes() == unasked.network.parameters.tobytes()
    assert outcome.network.parameters.tobytes() == kept.network.parameters.tobytes()


async def test_everything_written_is_of_the_kept_epoch(
    spine: Dataset, kept: Training, tmp_path: Path
) -> None:
    names = {
        "save": "m.npz",
        "python": "m.py",
        "predictions": "held_out.csv",
        "report": "report.md",
    }
    async with lab(spine, SETTINGS) as person:
        run = await paused(person)
        assert run.training is not None
        last = run.training.network.parameters.tobytes()
        for name, file in names.items():
            await write(person, tmp_path / file, name)
            await person.until(lambda: "Wrote the" in person.dialog())
            await person.press("enter")
        table = tmp_path / "new.csv"
        table.write_bytes(Path(spine.table.path).read_bytes())
        outcome = run.outcome_now()
        assert run.training.network.parameters.tobytes() == last
    expected = kept.outputs(spine.examples.inputs)
    assert outcome.predictor.outputs(spine.examples.inputs).tobytes() == expected.tobytes()

    model = load_model(tmp_path / "m.npz")
    assert model.epochs == kept.kept_epoch
    assert model.outputs(spine.examples.inputs).tobytes() == expected.tobytes()

    printed = subprocess.run(
        [sys.executable, str(tmp_path / "m.py"), str(table)], capture_output=True, text=True, check=True
    ).stdout
    rows = list(csv.DictReader(printed.splitlines()))
    second = f"probability_{spine.examples.classes[1]}"
    assert np.allclose([float(row[second]) for row in rows], expected[:, 1], atol=1e-6)

    with (tmp_path / "held_out.csv").open(encoding="utf-8") as lines:
        held_out = list(csv.DictReader(lines))
    assert [row[second] for row in held_out] == [
        f"{expected[int(row['row']) - 1, 1]:.6f}" for row in held_out
    ]

    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert hashlib.sha256(kept.network.parameters.tobytes()).hexdigest() in text
    evaluation = outcome_of(kept).evaluation
    assert isinstance(evaluation, ClassEvaluation)
    assert f"{evaluation.correct} of {evaluation.rows}" in text


async def test_a_file_is_predicted_with_the_weights_of_the_kept_epoch(
    spine: Dataset, kept: Training, tmp_path: Path
) -> None:
    path = tmp_path / "new.csv"
    path.write_bytes(Path(spine.table.path).read_bytes())
    async with lab(spine, SETTINGS) as person:
        await paused(person)
        await person.press("p")
        await person.until(lambda: "Predict the rows of" in person.dialog())
        person.app.screen.query_one("Input").value = str(path)  # type: ignore[attr-defined]
        await person.press("enter")
        await person.until(lambda: "310 rows of new" in person.dialog())
        await person.press("enter")
        await person.until(lambda: "were written" in person.dialog())
    expected = kept.outputs(spine.examples.inputs)
    with (tmp_path / "new-predicted.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    second = f"probability_{spine.examples.classes[1]}"
    assert [row[second] for row in rows] == [f"{share:.6f}" for share in expected[:, 1]]
