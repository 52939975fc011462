"""Predicting a whole file in the lab: chosen, read, looked at, and written beside it."""

from __future__ import annotations

from itertools import islice

from textual.app import App

from epochal.data.models.model import Model, model_of
from epochal.data.models.prediction_files import Layout, free_name, layout_for, write_predictions
from epochal.data.models.predictions import Predictions
from epochal.data.models.table_columns import wanted_names
from epochal.data.paths import refusal
from epochal.data.tables.bundled import path_beside
from epochal.data.tables.files import Watch
from epochal.data.tables.options import Reading
from epochal.data.tables.rows import open_rows
from epochal.data.tables.table import Table, TableError
from epochal.data.tables.wording import counted
from epochal.tui.lab.opening import read_with_bar, until_read
from epochal.tui.runner.run import Run
from epochal.tui.runner.worker import off_screen
from epochal.tui.screens.ask import Ask
from epochal.tui.screens.open import Open
from epochal.tui.screens.save import Save
from epochal.tui.widgets.text import fit

# What is shown of the predictions before they are written: rows, cells of a column, cells of a line.
ROWS, CELLS, LINE = 5, 14, 84
MOST_NOTES = 6


async def predict_file(app: App[None], run: Run) -> None:
    """Ask which file and where to, show the first predictions, write them all, and say so."""
    assert run.training is not None
    folder = path_beside(run.dataset.table).parent
    name = await app.push_screen_wait(Open(folder, "Predict the rows of: type a path, or Tab to choose."))
    if not name:
        return
    outcome = await off_screen(run.outcome_now, "Evaluating the run")
    model = model_of(run.dataset, outcome)

    async def read(reading: Reading) -> Predictions | None:
        return await read_with_bar(app, name, lambda watch: _predictions(model, name, reading, watch))

    found = await until_read(app, name, {}, read)
    if found is None:
        return
    predictions, _ = found
    shape = layout_for(predictions)
    shown = await off_screen(lambda: preview(predictions, shape), "Predicting", (TableError,))
    source = predictions.source
    beside = path_beside(Table(source.name, (), source.path))
    place = await app.push_screen_wait(Save(free_name(beside), shown))
    if place is None:
        return
    path, force = place
    try:
        await off_screen(
            lambda: write_predictions(path, predictions, shape, force=force),
            "Writing the predictions",
            (OSError, TableError),
        )
    except OSError as error:
        said = [f"Nothing was written to {path}: {refusal(error)}."]
    except TableError as error:
        said = [f"Nothing was written to {path}. {error}."]
    else:
        notes = [*shape.notes, *predictions.notes]
        more = [f"{len(notes) - MOST_NOTES:,} more notes."] if len(notes) > MOST_NOTES else []
        count = counted(predictions.rows, "prediction was", "predictions were")
        said = [f"{count} written to {path}.", *notes[:MOST_NOTES], *more]
    await app.push_screen_wait(Ask("\n".join(said), {"back": "Back"}))


def _predictions(model: Model, name: str, reading: Reading, watch: Watch) -> Predictions:
    return Predictions(model, open_rows(name, wanted_names(model), watch=watch, **reading), watch)


def preview(predictions: Predictions, shape: Layout) -> list[str]:
    """The first rows: what is predicted, then as many of the table's columns as a line holds."""
    batch = next(islice(predictions.batches(), 1), None)
    rows = batch.rows[:ROWS] if batch else []
    made = (
        shape.cells(batch.outputs[:ROWS], None if batch.spread is None else batch.spread[:ROWS])
        if batch
        else []
    )
    cells = [[*shape.added, *shape.header]]
    cells += [[*own, *(row[place] for place in shape.kept)] for own, row in zip(made, rows, strict=True)]
    widths = [min(max(len(row[at]) for row in cells), CELLS) for at in range(len(cells[0]))]
    while sum(widths) + 2 * len(widths) > LINE and len(widths) > 1:
        widths.pop()
    lines = ["  ".join(fit(cell, width) for cell, width in zip(row, widths, strict=False)) for row in cells]
    heading = (
        f"{counted(predictions.found, 'row', 'rows')} of {predictions.source.name}; the first predictions:"
    )
    notes = [*shape.notes, *predictions.source.notes[:MOST_NOTES]]
    return [heading, "", *lines, *([""] if notes else []), *notes]
