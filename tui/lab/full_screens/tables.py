"""Full screens about files: tables that are opened, and what of a run is written."""

from __future__ import annotations

import asyncio

from epochal.core.profile.profile import Profile
from epochal.data.paths import current_folder
from epochal.data.tables.bundled import path_beside, spoken_name
from epochal.tui.lab.full_screens.declaration import full_screen, has_learned
from epochal.tui.lab.lab import Lab
from epochal.tui.reporting.equivalent_command import command_for
from epochal.tui.runner.run import Run

NOTHING_LEARNED = "Nothing has been learned yet. Press t to train."

# What a command says of a run, by whether it is a branch, and whether it was steered.
NOT_REPEATED = {
    (False, False): " It repeats this run, to the bit.",
    (False, True): " This run was steered as it went: the command repeats it without that.",
    (True, False): " This run is a branch: the command trains with its settings from the beginning.",
    (True, True): " This run is a branch, and was steered: the command trains from the beginning.",
}

# Seconds between two looks at whether a paused run has come to the end of its epoch.
LOOK = 0.02


@full_screen(
    "o",
    "Open a table",
    "one of ours, or a file of yours",
    group="Tables and files",
    words="load file csv data dataset browse import excel tsv arff parquet",
)
async def tables(lab: Lab) -> None:
    """Choose another table."""
    from epochal.tui.screens.open import Open

    if not await lab.may_stop("Stop this run and open another table?"):
        return
    table = lab.dataset.table if lab.dataset else None
    folder = path_beside(table).parent if table else current_folder()
    name = await lab.push_screen_wait(Open(folder))
    if name:
        await lab.load(name, {})


@full_screen(
    "d",
    "How the file is read",
    "delimiter, encoding, header, missing cells, with the table as it comes out",
    group="Tables and files",
    words="reading csv separator comma semicolon import parse",
)
async def reading(lab: Lab) -> None:
    """Say how the file is to be read."""
    from epochal.tui.screens.reading import ReadingScreen

    if not await lab.may_stop("Stop this run and read the file in another way?"):
        return
    if lab.dataset is None or not lab.dataset.table.path:
        lab.say("This table is made by the program, not read from a file.")
        return
    name = spoken_name(lab.dataset.table)
    chosen = await lab.push_screen_wait(ReadingScreen(name, lab.reading))
    if chosen is not None:
        await lab.load(name, chosen)


@full_screen(
    "y",
    "The table",
    "each column's distribution and what it tells, correlations, and any two columns as points",
    group="Tables and files",
    words="profile portrait histogram statistics correlation scatter missing outliers leak eda data quality",
    ready=lambda lab: lab.dataset is not None,
    empty="No table is open. Press o to open one.",
)
def profile(lab: Lab) -> None:
    """What a careful analyst would look at first, before anything is trained."""
    show_profile(lab)


def show_profile(lab: Lab, column: str | None = None) -> None:
    """The portrait of the table, with the cursor on a column."""
    from epochal.tui.screens.profile.screen import ProfileScreen

    dataset = lab.dataset
    if dataset is None:
        return

    def left_with(found: Profile | None) -> None:
        lab.look_back()
        if found is not None:
            lab.profiles[dataset] = found

    lab.push_screen(ProfileScreen(dataset, lab.profiles.get(dataset), column), left_with)


@full_screen(
    "p",
    "Predict a file",
    "every row of it, into a new file",
    group="Tables and files",
    words="predictions apply score new csv batch",
    ready=has_learned,
    empty=NOTHING_LEARNED,
)
async def predictions(lab: Lab) -> None:
    """Predict every row of a file, and write what comes of it."""
    from epochal.tui.lab.predicting import predict_file

    if run := await _rested(lab):
        await predict_file(lab, run)


@full_screen(
    "w",
    "Write a file",
    "save the model, a Python program, the epochs, predictions, the chart, or a report",
    group="Tables and files",
    words="save export weights model csv onnx picture svg html",
    ready=has_learned,
    empty=NOTHING_LEARNED,
)
async def writing(lab: Lab) -> None:
    """Write the trained network, its epochs, predictions, chart or a report to a file."""
    from epochal.tui.lab.writing import write_something

    if run := await _rested(lab):
        await write_something(lab, run)


@full_screen(
    "C",
    "Copy the command",
    "the command line that repeats the run, to the clipboard",
    group="Tables and files",
    words="copy clipboard shell repeat script paste reproduce line",
    ready=lambda lab: lab.dataset is not None,
    empty="No table is open. Press o to open one.",
)
def command(lab: Lab) -> None:
    """The command that repeats the run, or before a run trains with the settings as they are."""
    from epochal.tui.screens.command_line import CommandScreen

    dataset, run = lab.dataset, lab.run_shown
    if dataset is None:
        return
    if run is None or not run.length:
        fixed = lab.automatic.fixed if lab.automatic else None
        lab.push_screen(CommandScreen(command_for(dataset, lab.settings, lab.reading, fixed)))
        return
    said = NOT_REPEATED[bool(run.branch), bool(run.training and run.training.changes)]
    lab.push_screen(CommandScreen(command_for(run.dataset, run.settings, lab.reading), said))


async def _rested(lab: Lab) -> Run | None:
    """The run, if it does not go on just now; else a sentence is said."""
    run = lab.run_shown
    if run is None or run.phase == "training":
        lab.say("The weights still change: t pauses, x stops.")
        return None
    # A run that is paused may still be in its epoch.
    while run.is_active and not run.is_waiting:
        await asyncio.sleep(LOOK)
    return run
