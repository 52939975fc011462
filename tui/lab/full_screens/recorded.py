"""The history of runs as a full screen, and a recorded run that comes back to the lab."""

from __future__ import annotations

from epochal.data.runs.database import HistoryError
from epochal.data.runs.record import RecordedRun
from epochal.data.runs.resume import dataset_of, has_its_state
from epochal.tui.lab.full_screens.declaration import full_screen
from epochal.tui.lab.lab import Lab
from epochal.tui.runner.worker import off_screen
from epochal.tui.screens.ask import Ask


@full_screen(
    "h",
    "Runs",
    "every run there was: search, sort, compare, name, delete with undo, load, go on",
    group="Tables and files",
    words="history compare earlier past resume experiments log load",
    ready=lambda lab: lab.recorder.folder is not None,
    empty="No run is recorded here: the history is off.",
)
async def runs(lab: Lab) -> None:
    """Every run there was; one of them, or its settings, may come back to the lab."""
    from epochal.tui.screens.runs.screen import RunsScreen

    assert lab.recorder.folder is not None
    wish = await lab.push_screen_wait(RunsScreen(lab.recorder.folder))
    if wish:
        what, run = wish
        if await lab.may_stop(f"Stop this run and take up run {run.id}?"):
            await take_up(lab, run, settings_only=what == "settings")


async def take_up(lab: Lab, run: RecordedRun, *, settings_only: bool = False) -> None:
    """Bring a recorded run back: its settings, or all of it, to be looked at or gone on with."""
    try:
        if lab.run_shown:
            lab.run_shown.stop()
        lab.settings_pane.form.locked = False
        if settings_only:
            lab.change_settings(run.settings)
            lab.action_pane("settings")
            return
        dataset = await off_screen(lambda: dataset_of(run), f"Taking up run {run.id}", (HistoryError,))
        if not run.can_go_on and run.ending != "running":
            await off_screen(
                lambda: has_its_state(lab.recorder.folder, run), f"Taking up run {run.id}", (HistoryError,)
            )
    except HistoryError as error:
        await lab.push_screen_wait(Ask(f"{error}.", {"back": "Back"}))
        return
    if run.ending == "running":
        lab.say(f"Run {run.id} is training now, in another process.")
        return
    lab.show_dataset(dataset, run.reading, run.settings)
    lab.show_run(lab.new_run(dataset, run.settings, went_on=run))
    lab.action_pane("error" if run.can_go_on else "result")
