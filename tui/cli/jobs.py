"""`--jobs`: how many processes share the work of a study."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import Any, TypeVar

import click

from epochal.tui.cli.options import Fault

Command = TypeVar("Command", bound=Callable[..., Any])

# Processes take about a second to start: what is done by then starts none unless told to.
WORTH_STARTING = 2.0


def jobs_option(command: Command) -> Command:
    """How many processes train."""
    return click.option(
        "--jobs",
        type=click.IntRange(1),
        metavar="N",
        help="Processes that train; all cores but one if not given. The result is the same, whatever N.",
    )(command)


@contextlib.contextmanager
def workers(jobs: int | None, seconds: float) -> Iterator[Executor | None]:
    """An executor of so many processes, which end with the block; None for one, which is this process.

    Not told how many, what is done within `seconds` by the cost model is done here if these are few.
    Fault where processes cannot be started, or one dies twice at the same task.
    """
    from epochal.tui.runner.processes import Processes, WorkLost, usual_jobs

    if jobs is None:
        jobs = usual_jobs() if seconds >= WORTH_STARTING else 1
    if jobs == 1:
        yield None
        return
    try:
        processes = Processes(jobs)
    except OSError as error:
        raise Fault(f"{jobs} processes cannot be started: {error.strerror}. Try fewer: --jobs 1.") from None
    try:
        yield processes
    except WorkLost as error:
        raise Fault(str(error)) from None
    finally:
        processes.end()
