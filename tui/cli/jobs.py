"""`--jobs`: how many processes share the work of a study."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import Any, TypeVar

import click

from epochal.tui.cli.options import Fault

Command = TypeVar("Command", bound=Callable[..., Any])


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
    from epochal.tui.runner.worker_pool import WorkerPool

    pool = WorkerPool(jobs)
    try:
        try:
            executor = pool.for_work(seconds)
        except OSError as error:
            raise Fault(f"{jobs} processes cannot be started: {error.strerror}. Try fewer.") from None
        yield executor
    finally:
        pool.end()
