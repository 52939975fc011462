"""Writing what there is of a trained run from the lab: chosen, named, and written whole."""

from __future__ import annotations

from textual.app import App

from epochal.data.models.prediction_files import free_name
from epochal.data.paths import with_target
from epochal.data.tables.bundled import path_beside
from epochal.tui.reporting.outputs import OUTPUTS, NotWritten, Trained, write
from epochal.tui.runner.run import Run
from epochal.tui.runner.worker import WorkFailed, off_screen
from epochal.tui.screens.ask import Ask
from epochal.tui.screens.save import Save


async def write_something(app: App[None], run: Run) -> None:
    """Ask what of the run and where to, write it, and say so."""
    outputs = {output.name: output for output in OUTPUTS}
    answers = {output.name: f"{output.title}: {output.sentence}" for output in OUTPUTS}
    name = await app.push_screen_wait(Ask(f"Write what, after {run.length:,} epochs?", answers))
    if name is None:
        return
    output = outputs[name]
    kind = output.what.removeprefix("the ").split()[0].lower()
    proposed = free_name(path_beside(run.dataset.table), kind, output.endings[0])
    explanation = [f"{output.title}, after {run.length:,} epochs: {output.sentence}"]
    if name == "save":
        explanation.append("epochal predict MODEL TABLE reads it, without the table it was trained on.")
    place = await app.push_screen_wait(Save(proposed, explanation, output.wrong_ending))
    if place is None:
        return
    try:
        await off_screen(
            lambda: write(output, _trained(run), place.path, force=place.force),
            f"Writing {output.what}",
            (NotWritten,),
        )
    except (NotWritten, WorkFailed) as error:
        said = str(error)
    else:
        said = f"Wrote {output.what} to {with_target(place.path)}."
    await app.push_screen_wait(Ask(said, {"back": "Back"}))


def _trained(run: Run) -> Trained:
    """The run as it is now; a run that is paused is judged as if it were stopped."""
    assert run.metadata is not None
    number = run.recording.id if run.recording else None
    return Trained(run.dataset, run.outcome_now(), run.metadata, number or 0)
