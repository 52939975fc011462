"""Writing the trained network of the lab to a file that predicts: named, waited for, and written whole."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual.app import App

from core.judgement import decision_threshold, evaluate
from data.bundled import spoken_name
from data.models import Model, ModelError, model_of, save_model
from data.predictions import free_name
from tui.run import Run
from tui.screens.ask import Ask
from tui.screens.save import Save

# Seconds between two looks at whether a paused run has come to the end of its epoch.
LOOK = 0.02


async def write_model(app: App[None], run: Run) -> None:
    """Ask where to, write the model, and say so."""
    source = run.dataset.table
    beside = Path(source.path) if spoken_name(source) == source.path else Path(f"{source.name}.csv")
    about = [
        f"The network after {run.length:,} epochs, with what it needs to predict {run.dataset.target}.",
        "epochal predict MODEL TABLE reads it, without the table it was trained on.",
    ]
    path = await app.push_screen_wait(Save(free_name(beside.absolute(), "model", ".npz"), about))
    if path is None:
        return
    while not _rests(run):
        await asyncio.sleep(LOOK)
    try:
        await asyncio.to_thread(lambda: save_model(path, _model(run)))
    except ModelError as error:
        said = str(error)
    except OSError as error:
        said = f"Nothing was written to {path}: {error.strerror or error}."
    else:
        said = f"The model was written to {path}."
    await app.push_screen_wait(Ask(said, {"back": "Back"}))


def _rests(run: Run) -> bool:
    """Whether the weights are those at the end of an epoch: a run that is paused may still be in one."""
    return not run.is_active or run.is_waiting


def _model(run: Run) -> Model:
    training = run.training
    assert training is not None
    if run.evaluation:
        return model_of(run.dataset, training, run.evaluation, run.threshold)
    return model_of(run.dataset, training, evaluate(training), decision_threshold(training))
