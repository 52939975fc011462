"""Whatever work in the background raises ends that work alone, and is said with a way to report it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import NoReturn

import pytest

from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.crash_log import NAME
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.dataset import Dataset
from epochal.tui.runner.worker import Worker, WorkFailed, off_screen
from tests.lab import Person, lab
from tests.runs import GIVE_UP


class Unspeakable(Exception):
    """Cannot say what it is about."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


RAISED: tuple[Callable[[], BaseException], ...] = (
    lambda: IndexError("list index out of range"),
    lambda: ZeroDivisionError("division by zero"),
    MemoryError,
    lambda: KeyError("[red]boo[/] [/x] \x1b]52;c;aGk=\x07"),
    Unspeakable,
    lambda: SystemExit(7),
    lambda: StopIteration("of a generator"),
)


@dataclass(frozen=True)
class Work:
    """A kind of work in the background: what does it, and the keys that begin it after a trained run."""

    target: str
    keys: tuple[str, ...]
    leave: int = 1
    """How often escape is pressed to be back in the lab."""


WORK = {
    "search": Work("epochal.tui.screens.search.search", ("g", "v", "g")),
    "cross-validation": Work("epochal.tui.screens.cross_validation.cross_validate", ("c", "c")),
    "seed study": Work("epochal.tui.screens.seed_study.run_seeds", ("f",)),
    "microscope step": Work("epochal.tui.screens.microscope.screen.coming_steps", ("m",)),
    "gradient check": Work("epochal.tui.screens.microscope.screen.gradient_check", ("m", "ready", "g")),
    "importance": Work("epochal.tui.screens.what_if.screen.importance", ("i",)),
    "ablation": Work("epochal.tui.screens.network.screen.each_without", ("n", "o")),
    "the tutorial's runs": Work("epochal.tui.runner.article_run.open_table", ("a",)),
    "reading a table": Work("epochal.tui.lab.opening.open_table", ("o", *"iris", "enter")),
    "preview of a table": Work("epochal.tui.screens.reading.open_table", ("d",)),
    "listing runs": Work("epochal.tui.screens.runs.screen.recorded_runs", ("h",)),
    "curves of runs": Work("epochal.tui.screens.runs.comparison.epochs_of", ("h", "listed", "o"), leave=2),
    "taking a run up": Work(
        "epochal.tui.lab.full_screens.recorded.dataset_of", ("h", "listed", "enter"), leave=0
    ),
    "writing": Work("epochal.tui.lab.writing.write", ("w", "enter", "named", "enter")),
    "predicting": Work(
        "epochal.tui.lab.predicting.write_predictions", ("p", *"iris", "enter", "named", "enter")
    ),
}


@pytest.fixture(params=range(len(RAISED)), ids=lambda index: RAISED[index]().__class__.__name__)
def error(request: pytest.FixtureRequest) -> Callable[[], BaseException]:
    return RAISED[request.param]


def raiser(error: Callable[[], BaseException]) -> Callable[..., NoReturn]:
    def fails(*_: object, **__: object) -> NoReturn:
        raise error()

    return fails


def said(person: Person) -> str:
    """The screen, and what stands in its corner, without frames, blanks and breaks of lines."""
    return re.sub(r"[\W_]", "", " ".join([person.screen(), *person.corner()]))


def sentence(error: Callable[[], BaseException]) -> str:
    return "thereisnotenoughmemory" if error is MemoryError else "becauseofafaultinEpochal"


async def press(person: Person, keys: tuple[str, ...]) -> None:
    for key in keys:
        match key:
            case "ready":
                await person.until_shown("step 1 of")
            case "listed":
                await person.until_shown("Runs: 1")
            case "named":
                await person.until(lambda: type(person.app.screen).__name__ == "Save")
            case _:
                await person.press(key)


# Each kind of work meets one exception, each exception two kinds; and marked as slow, all meet all.
MEETINGS = [
    pytest.param(kind, (RAISED[place % len(RAISED)],), id=kind) for place, kind in enumerate(WORK)
] + [pytest.param(kind, RAISED, id=f"{kind}, all", marks=pytest.mark.slow) for kind in WORK]


@pytest.mark.parametrize(("kind", "errors"), MEETINGS)
async def test_the_lab_goes_on_when_work_fails(
    kind: str,
    errors: tuple[Callable[[], BaseException], ...],
    iris: Dataset,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every kind of work, one exception after the other in the same lab."""
    monkeypatch.chdir(tmp_path)
    work = WORK[kind]
    recorder = Recorder.open(home)
    async with lab(iris, Settings(epochs=3), recorder=recorder) as person:
        await person.press("t")
        await person.wait_for_the_end()
        assert await asyncio.to_thread(recorder.flush, GIVE_UP)
        for error in errors:
            with monkeypatch.context() as patch:
                patch.setattr(work.target, raiser(error))
                await press(person, work.keys)
                await person.until((home / NAME).exists)
                await person.until(lambda error=error: sentence(error) in said(person))  # type: ignore[misc]
                log = (home / NAME).read_text(encoding="utf-8")
                assert "Traceback (most recent call last)" in log
                assert type(error()).__name__ in log
            for _ in range(work.leave):
                await person.press("escape")
            await person.until(lambda: len(person.app.screen_stack) == 1)
            person.app.clear_notifications()
            await person.until(lambda error=error: sentence(error) not in said(person))  # type: ignore[misc]
            (home / NAME).unlink()
        await person.press("1")
        assert person.app.pane_shown == "data"
        await person.press("t")
        await person.wait_for_the_end()
        assert person.app.run_shown
        assert person.app.run_shown.phase == "finished"
    recorder.close()


async def test_a_run_that_fails_keeps_its_epochs_and_the_next_one_trains(
    error: Callable[[], BaseException], iris: Dataset, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder.open(home)
    async with lab(iris, Settings(epochs=50), recorder=recorder) as person:
        with monkeypatch.context() as patch:
            patch.setattr(Training, "__next__", failing_after(5, error))
            await person.press("t")
            await person.wait_for_the_end()
        run = person.app.run_shown
        assert run
        assert (run.phase, run.length) == ("failed", 5)
        assert str(home / NAME) in run.failure
        await person.until(lambda: sentence(error) in said(person))
        await person.press("4")
        assert "5 epochs before that are kept" in person.pane("result")
        log = (home / NAME).read_text(encoding="utf-8")
        assert "in __next__" in log or "in fails" in log
        (home / NAME).unlink()
        assert await asyncio.to_thread(recorder.flush, GIVE_UP)
        await person.press("h")
        await person.until_shown("Runs: 1")
        await person.until_shown("failed")
        await person.press("escape", "t")
        await person.wait_for_the_end()
        assert person.app.run_shown.phase == "finished"
    recorder.close()


def failing_after(epochs: int, error: Callable[[], BaseException]) -> Callable[[Training], object]:
    real, calls = Training.__next__, count()

    def fails(training: Training) -> object:
        if next(calls) < epochs:
            return real(training)
        # As a generator would turn it into: `next(training, None)` takes a StopIteration for the end.
        raise RuntimeError("ended") if isinstance(error(), StopIteration) else error()

    return fails


async def test_a_log_that_cannot_be_written_is_said_too(
    iris: Dataset, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / NAME).mkdir(parents=True)
    async with lab(iris, Settings(epochs=50)) as person:
        monkeypatch.setattr(Training, "__next__", failing_after(2, lambda: IndexError("gone")))
        await person.press("t")
        await person.wait_for_the_end()
        assert person.app.run_shown
        assert "the traceback cannot be written to" in person.app.run_shown.failure
        assert person.app.run_shown.length == 2
    (home / NAME).rmdir()


async def test_what_an_async_handler_raises_is_said(iris: Dataset, home: Path) -> None:
    async def fails() -> None:
        raise IndexError("of a handler")

    async with lab(iris) as person:
        person.app.ask(fails())
        await person.until(lambda: "IndexErrorofahandler" in said(person))
        await person.press("3")
        assert person.app.pane_shown == "error"
    (home / NAME).unlink()


def test_what_is_expected_is_its_own_sentence_and_leaves_no_log(home: Path) -> None:
    told: list[str] = []
    worker = Worker(raiser(lambda: ValueError("Too few rows")), told.append, "Training", (ValueError,))
    worker.start()
    assert worker.join(GIVE_UP)
    assert told == ["Too few rows"]
    assert not (home / NAME).exists()


def test_a_worker_whose_end_cannot_be_told_ends_all_the_same(home: Path) -> None:
    worker = Worker(raiser(lambda: IndexError("first")), raiser(lambda: SystemExit(2)), "Training")
    worker.start()
    assert worker.join(GIVE_UP)
    assert "SystemExit" in (home / NAME).read_text(encoding="utf-8")
    (home / NAME).unlink()


async def test_work_off_the_screen_gives_its_value_or_what_is_expected_of_it(home: Path) -> None:
    assert await off_screen(lambda: 42, "Counting") == 42
    with pytest.raises(OSError, match="full"):
        await off_screen(raiser(lambda: OSError("full")), "Writing", (OSError,))
    with pytest.raises(WorkFailed, match=r"Writing failed because of a fault in Epochal \(KeyError: 'x'\)"):
        await off_screen(raiser(lambda: KeyError("x")), "Writing", (OSError,))
    (home / NAME).unlink()


@pytest.fixture(autouse=True)
def _no_thread_says_anything(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """No traceback is printed over the screen."""
    yield
    assert "Traceback" not in capfd.readouterr().err
