"""What opens over the lab at a key, and what the lab takes from it when it is left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING

from epochal.data.runs.database import HistoryError
from epochal.data.runs.record import RecordedRun
from epochal.data.runs.resume import dataset_of, has_its_state
from epochal.data.tables.bundled import spoken_name
from epochal.data.tables.dataset import dataset_from
from epochal.data.tables.synthetic import Sample
from epochal.tui.runner.run import Branch, Run
from epochal.tui.runner.worker import off_screen
from epochal.tui.screens.ask import Ask

if TYPE_CHECKING:
    from epochal.tui.lab.app import EpochalApp

# Every screen is imported when it is first wanted: the first paint needs none of them. What asks before it
# opens is awaited; the others open at once, so that the next key, which may already wait, is theirs.

# Seconds between two looks at whether a paused run has come to the end of its epoch.
LOOK = 0.02


def result(lab: EpochalApp) -> None:
    """The result in full; a mistake chosen there goes to the form, or is found in the table."""
    from epochal.tui.screens.result.screen import ResultScreen

    run = lab.run_shown
    if run is None:
        return

    def left_with(chosen: tuple[str, int] | None) -> None:
        lab.look_back()
        lab.result_pane.show_again()
        if chosen is None or run is not lab.run_shown:
            return
        what, example = chosen
        if what == "row":
            lab.result_pane.show_row(example)
            lab.action_pane("result")
        else:
            lab.data_pane.view.move_to(int(run.dataset.rows[example]))
            lab.action_pane("data")

    lab.push_screen(ResultScreen(run), left_with)


def network(lab: EpochalApp) -> None:
    """The network, drawn: every node, its weights, and what is lost without it."""
    from epochal.tui.screens.network.screen import NetworkScreen

    if lab.run_shown is None:
        lab.say("There is no network yet. Press t to train one, or s for one epoch.")
    else:
        lab.push_screen(NetworkScreen(lab.run_shown), lambda _: lab.look_back())


def boundary(lab: EpochalApp) -> None:
    """What the network answers over any two features; on a synthetic table, a playground."""
    from epochal.tui.screens.boundary.screen import BoundaryScreen

    def trained_on(sample: Sample) -> Run | None:
        lab.show_dataset(dataset_from(sample.table()))
        return lab.begin()

    if lab.run_shown is None:
        lab.say("There is no boundary yet. Press t to train, or s for one epoch.")
    else:
        screen = BoundaryScreen(lab.run_shown, lab.result_pane.typed, trained_on)
        lab.push_screen(screen, lambda _: lab.look_back())


def what_if(lab: EpochalApp) -> None:
    """The typed row: what each feature does to the answer, and what would change it."""
    from epochal.tui.screens.what_if.screen import WhatIfScreen

    run = lab.run_shown
    if run is None or run.training is None or not run.length:
        lab.say("Nothing has been learned yet. Press t to train.")
        return
    form = lab.result_pane.form

    def left_with(texts: dict[str, str] | None) -> None:
        lab.look_back()
        if run is lab.run_shown and texts is not None and texts != form.texts:
            lab.result_pane.show_texts(texts)

    lab.push_screen(WhatIfScreen(run, form.texts, lab.result_pane.example), left_with)


def microscope(lab: EpochalApp) -> None:
    """The next step, number by number."""
    from epochal.tui.screens.microscope.screen import look_closely

    if lab.dataset and (lab.run_shown or not lab.wrong_setting()):
        look_closely(lab, lab.dataset, lab.settings, lab.gate, lab.run_shown)


async def branch(lab: EpochalApp) -> None:
    """Go on from the epoch shown with other settings, beside the run; or change the run itself."""
    from epochal.tui.screens.branch import BranchScreen

    run = lab.run_shown
    weights = run.weights_at(lab.epoch_shown) if run else None
    if run is None or run.training is None or weights is None:
        lab.say("There is nothing to branch off from yet. Press t to train.")
        return
    leaves = run.owner_of(weights.epoch)
    may_steer = run.is_active and lab.epoch_shown is None and run.can_be_steered
    now = run.settings_now if may_steer else leaves.settings_at(weights.epoch)
    chosen = await lab.push_screen_wait(BranchScreen(weights.epoch, now, may_steer=may_steer))
    if chosen is None or run is not lab.run_shown:
        return
    act, changed = chosen
    if act == "steer":
        for name, value in changed.items():
            lab.steer(name, value)
        return
    run.stop()
    settings = now.model_copy(update=changed)
    lab.show_run(lab.new_run(run.dataset, settings, Branch(leaves, weights, changed)))
    lab.action_pane("error")


async def predictions(lab: EpochalApp) -> None:
    """Predict every row of a file, and write what comes of it."""
    from epochal.tui.lab.predicting import predict_file

    if run := await _rested(lab):
        await predict_file(lab, run)


async def writing(lab: EpochalApp) -> None:
    """Write the trained network, its epochs, predictions, chart or a report to a file."""
    from epochal.tui.lab.writing import write_something

    if run := await _rested(lab):
        await write_something(lab, run)


async def _rested(lab: EpochalApp) -> Run | None:
    """The run, if it has learned something and does not go on just now; else a sentence is said."""
    run = lab.run_shown
    if run is None or not run.length:
        lab.say("Nothing has been learned yet. Press t to train.")
    elif run.phase == "training":
        lab.say("The weights still change: t pauses, x stops.")
    else:
        # A run that is paused may still be in its epoch.
        while run.is_active and not run.is_waiting:
            await asyncio.sleep(LOOK)
        return run
    return None


async def validation(lab: EpochalApp) -> None:
    """Judge the settings on every row, fold by fold."""
    from epochal.tui.screens.cross_validation import ValidationScreen

    if not await lab.may_stop("Stop this run and cross-validate?"):
        return
    if lab.dataset and not lab.wrong_setting():
        if lab.run_shown:
            lab.run_shown.stop()
        await lab.push_screen_wait(ValidationScreen(lab.dataset, lab.settings, lab.gate))


async def fan(lab: EpochalApp) -> None:
    """The same settings from many seeds; the next one is compared with this."""
    from epochal.tui.screens.seed_study import SeedStudyScreen

    if not await lab.may_stop("Stop this run and grow a seed fan?"):
        return
    if lab.dataset and not lab.wrong_setting():
        if lab.run_shown:
            lab.run_shown.stop()
        lab.seed_study = await lab.push_screen_wait(
            SeedStudyScreen(lab.dataset, lab.settings, lab.gate, lab.seed_study)
        )


async def search(lab: EpochalApp) -> None:
    """Find settings that suit the table, on its training rows."""
    from epochal.tui.screens.search import SearchScreen

    if not await lab.may_stop("Stop this run and look for settings?"):
        return
    if lab.dataset and not lab.wrong_setting():
        if lab.run_shown:
            lab.run_shown.stop()
        found = await lab.push_screen_wait(SearchScreen(lab.dataset, lab.settings, lab.gate))
        if found:
            lab.settings_pane.show_settings(found)


async def runs(lab: EpochalApp) -> None:
    """Every run there was; one of them, or its settings, may come back to the lab."""
    from epochal.tui.screens.runs.screen import RunsScreen

    if lab.recorder.folder is None:
        lab.say("No run is recorded here: the history is off.")
        return
    wish = await lab.push_screen_wait(RunsScreen(lab.recorder.folder))
    if wish:
        what, run = wish
        if await lab.may_stop(f"Stop this run and take up run {run.id}?"):
            await take_up(lab, run, settings_only=what == "settings")


async def take_up(lab: EpochalApp, run: RecordedRun, *, settings_only: bool = False) -> None:
    """Bring a recorded run back: its settings, or all of it, to be looked at or gone on with."""
    try:
        if lab.run_shown:
            lab.run_shown.stop()
        lab.settings_pane.form.locked = False
        if settings_only:
            lab.settings_pane.show_settings(run.settings)
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
    lab.reading = run.reading
    lab.show_dataset(dataset)
    lab.settings_pane.show_settings(run.settings)
    lab.show_run(lab.new_run(dataset, run.settings, went_on=run))
    lab.action_pane("error" if run.can_go_on else "result")


async def tables(lab: EpochalApp) -> None:
    """Choose another table."""
    from epochal.tui.screens.open import Open

    if not await lab.may_stop("Stop this run and open another table?"):
        return
    table = lab.dataset.table if lab.dataset else None
    is_a_file = table is not None and spoken_name(table) == table.path
    folder = Path(table.path).parent if table and is_a_file else Path()
    name = await lab.push_screen_wait(Open(folder.absolute()))
    if name:
        await lab.load(name, {})


async def reading(lab: EpochalApp) -> None:
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


def help_(lab: EpochalApp) -> None:
    """What one is looking at, and every key."""
    from epochal.tui.screens.help import Help

    lab.push_screen(Help())


def article(lab: EpochalApp) -> None:
    """How a tutorial came to print 62.00 %, defect by defect."""
    from epochal.tui.screens.article.screen import ArticleScreen

    lab.push_screen(ArticleScreen(lab.gate))


SHOWN: dict[str, Callable[[EpochalApp], Coroutine[object, object, None] | None]] = {
    "result": result,
    "network": network,
    "boundary": boundary,
    "what_if": what_if,
    "branch": branch,
    "microscope": microscope,
    "predictions": predictions,
    "writing": writing,
    "validation": validation,
    "fan": fan,
    "runs": runs,
    "search": search,
    "tables": tables,
    "reading": reading,
    "article": article,
    "help": help_,
}
