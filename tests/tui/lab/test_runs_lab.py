"""The lab and the run history: every run recorded, nothing lost by leaving, trouble said in a banner."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from epochal.core.settings import Settings
from epochal.data.runs.queries import epochs_of, recorded_runs, state_of
from epochal.data.runs.record import RecordedRun
from epochal.data.runs.recorder import Recorder
from epochal.data.runs.result import HeldOutClasses
from epochal.data.runs.resume import dataset_of
from epochal.data.tables.dataset import Dataset
from epochal.tui.cli.main import epochal
from epochal.tui.runner.run import Run
from epochal.tui.runner.step_gate import ScreenGate
from tests.lab import Person, lab
from tests.runs import GIVE_UP, Terminal, leave, record_run, sampled


@asynccontextmanager
async def recording_lab(
    dataset: Dataset, settings: Settings, folder: Path
) -> AsyncIterator[tuple[Person, Recorder]]:
    """The lab with a history."""

    with Recorder.open(folder) as recorder:
        async with lab(dataset, settings, recorder=recorder) as person:
            yield person, recorder


def only_run(folder: Path) -> RecordedRun:
    (run,) = recorded_runs(folder).runs
    return run


async def test_a_run_in_the_lab_is_recorded_with_its_result(spine: Dataset, home: Path) -> None:
    async with recording_lab(spine, Settings(epochs=30), home) as (person, recorder):
        await person.press("t")
        await person.wait_for_the_end()
        assert recorder.flush()
        shown = person.app.run_shown
        assert shown is not None
        assert shown.training is not None
        run = only_run(home)
        assert (run.ending, run.epochs) == ("finished", 30)
        assert run.result is not None
        assert isinstance(run.result.held_out, HeldOutClasses)
        assert run.result.held_out.correct == shown.evaluation.correct  # type: ignore[union-attr]
        state = state_of(home, run)
        assert state is not None
        assert state.vectors[0].tobytes() == shown.training.network.parameters.tobytes()


async def test_a_paused_run_is_kept_where_it_stands(spine: Dataset, home: Path) -> None:
    async with recording_lab(spine, Settings(epochs=30), home) as (person, recorder):
        for _ in range(3):
            await person.press("s")
        await person.until(lambda: person.app.run_shown is not None and person.app.run_shown.length == 3)

        def kept() -> int:
            recorder.flush()
            state = state_of(home, only_run(home))
            return len(state.history) if state else 0

        await person.until(lambda: kept() == 3)
        await person.press("x")
        await person.wait_for_the_end()
        assert recorder.flush()
        run = only_run(home)
        assert (run.ending, run.epochs, run.can_go_on) == ("stopped", 3, True)
        assert run.result is not None


def test_a_recorded_run_goes_on_in_the_lab_to_the_same_bytes(iris: Dataset, home: Path) -> None:
    whole = record_run(home, iris, epochs=25)
    record_run(home, iris, epochs=25, stop_after=10)
    waiting = recorded_runs(home).runs[0]
    with Recorder.open(home) as recorder:
        run = Run(
            dataset_of(waiting), waiting.settings, ScreenGate(), lambda run: None, recorder, None, waiting
        )
        run.start()
        assert run.join(GIVE_UP)
    assert (run.phase, run.length) == ("finished", 25)
    assert run.training is not None
    assert run.training.network.parameters.tobytes() == whole.network.parameters.tobytes()
    assert [(one.id, one.ending, one.epochs) for one in recorded_runs(home).runs] == [
        (2, "finished", 25),
        (1, "finished", 25),
    ]


async def test_a_history_that_cannot_be_written_is_said_in_a_banner(spine: Dataset, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    home = tmp_path / "file" / "home"
    async with recording_lab(spine, Settings(epochs=5), home) as (person, recorder):
        await person.press("t")
        await person.wait_for_the_end()
        await person.until(lambda: any("cannot be written" in said for said in person.corner()))
        (tmp_path / "file").unlink()
        assert recorder.flush()
        await person.until(lambda: any("can be written again" in said for said in person.corner()))
        assert only_run(home).epochs == 5


@pytest.mark.parametrize(
    "way", sampled(["ctrl+q", "ctrl+c", "SIGINT", "SIGTERM", "SIGHUP", "closed"], 2, "runs left behind")
)
def test_a_run_left_behind_can_be_gone_on_with(way: str, home: Path) -> None:
    terminal = Terminal("iris", "--epochs", "1000000", "--hidden", "2")
    try:
        terminal.until("Press t to train")
        terminal.press("t")
        terminal.until(r"epoch [\d,]+ of 1,000,000")
        leave(terminal, way)
    finally:
        if way != "closed":
            terminal.child.close(force=True)
    run = only_run(home)
    state = state_of(home, run)
    assert state is not None
    assert (run.ending, len(state.history)) == ("interrupted", run.epochs)
    assert epochs_of(home, run)[1] == 0
    assert "To go on: epochal runs resume 1" in CliRunner().invoke(epochal, ["runs", "show", "1"]).stdout


def test_the_lab_leaves_no_history_where_none_is_wanted(home: Path) -> None:
    terminal = Terminal("iris", "--epochs", "20", "--no-history")
    try:
        terminal.until("Press t to train")
        terminal.press("t")
        terminal.until("held-out rows right")
        terminal.press("\x11")
        terminal.end()
    finally:
        terminal.child.close(force=True)
    assert not home.exists()
