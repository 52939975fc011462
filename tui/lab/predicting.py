"""Predicting a whole file in the lab: chosen, read, matched by column names, and written beside it."""

from __future__ import annotations

from functools import partial

from textual.app import App

from epochal.data.models.predictions import free_name, inputs_from, write_predictions
from epochal.data.paths import refusal
from epochal.data.tables.bundled import path_beside
from epochal.data.tables.table import TableError
from epochal.tui.lab.opening import table_opened
from epochal.tui.runner.run import Run
from epochal.tui.runner.worker import off_screen
from epochal.tui.screens.ask import Ask
from epochal.tui.screens.open import Open
from epochal.tui.screens.save import Save


async def predict_file(app: App[None], run: Run) -> None:
    """Ask which file and where to, write the predictions, and say so."""
    training = run.training
    assert training is not None
    folder = path_beside(run.dataset.table).parent
    name = await app.push_screen_wait(Open(folder, "Predict the rows of: type a path, or Tab to choose."))
    found = await table_opened(app, name, {}) if name else None
    if not found:
        return
    table, _ = found
    try:
        inputs, notes = inputs_from(table, training.examples.features)
    except TableError as error:
        await app.push_screen_wait(Ask(f"{error}.", {"back": "Back"}))
        return
    outcome = await off_screen(run.outcome_now, "Evaluating the run")
    outputs = await off_screen(partial(outcome.predictor.outputs, inputs), "Predicting")
    explanation = [f"{table.rows:,} rows of {table.name} are predicted.", *notes[:4]]
    place = await app.push_screen_wait(Save(free_name(path_beside(table)), explanation))
    if place is None:
        return
    path, force = place
    classes = training.examples.classes
    try:
        await off_screen(
            lambda: write_predictions(path, table, outputs, classes, outcome.threshold, force=force),
            "Writing the predictions",
            (OSError,),
        )
    except OSError as error:
        await app.push_screen_wait(Ask(f"Nothing was written to {path}: {refusal(error)}.", {"back": "Back"}))
        return
    await app.push_screen_wait(Ask(f"{table.rows:,} predictions were written to {path}.", {"back": "Back"}))
