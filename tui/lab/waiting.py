"""The question whether to go on with the run that was interrupted last."""

from __future__ import annotations

from epochal.data.runs.database import HistoryError
from epochal.data.runs.queries import newest_run
from epochal.data.runs.record import RecordedRun
from epochal.data.tables.bundled import spoken_name
from epochal.tui.lab.full_screens.recorded import take_up
from epochal.tui.lab.lab import Lab
from epochal.tui.runner.worker import off_screen
from epochal.tui.screens.ask import Ask


async def ask_about_waiting(lab: Lab) -> None:
    """Ask, if the newest run of the history waits, and is of the lab's table or the lab was given none.

    Only the newest: whoever has trained something else since then has gone on without it.
    """
    folder = lab.recorder.folder
    if folder is None:
        return
    try:
        run = await off_screen(lambda: newest_run(folder), "Reading the run history", (HistoryError,))
    except HistoryError:
        # The recorder says so, of a file that cannot be read.
        return
    if run is None or not run.can_go_on or lab.run_shown or not _is_meant(lab, run):
        return
    answers = {"yes": "Go on with it", "no": f"Not now: h lists it, as run {run.id}"}
    if await lab.push_screen_wait(Ask(waiting_in_words(run), answers)) == "yes":
        await take_up(lab, run)


def waiting_in_words(run: RecordedRun) -> str:
    """`An interrupted run is waiting at epoch 4,310 of 10,000: ...`."""
    network = "-".join(map(str, run.metadata.layers))
    return (
        f"An interrupted run is waiting at epoch {run.epochs:,} of {run.planned:,}: "
        f"{run.metadata.table.name}, {network}. Go on with it?"
    )


def _is_meant(lab: Lab, run: RecordedRun) -> bool:
    if lab.any_table or lab.dataset is None:
        return lab.any_table
    table, told = lab.dataset.table, run.metadata.table
    return (spoken_name(table), table.sha256) == (told.spoken, told.sha256)
