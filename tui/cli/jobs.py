"""`--jobs`: how many processes share the work of a study."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from epochal.tui.cli.options import Fault
from epochal.tui.runner.worker_pool import WorkerPool

# More processes than any machine has cores would stop it, not speed it.
MOST_JOBS = 256
Command = TypeVar("Command", bound=Callable[..., Any])


def jobs_option(command: Command) -> Command:
    """How many processes train, or which cluster."""
    command = click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Train on a Dask cluster: tcp://host:8786, or local for one of this machine's own.",
    )(command)
    return click.option(
        "--jobs",
        type=click.IntRange(1, MOST_JOBS),
        metavar="N",
        help="Processes that train; all cores but one if not given. The result is the same, whatever N.",
    )(command)


def pool_asked_for(options: Mapping[str, Any]) -> WorkerPool:
    """The workers that the options ask for, of which none is started yet."""
    jobs_said = click.get_current_context().get_parameter_source("jobs")
    if options["scheduler"] and jobs_said is ParameterSource.COMMANDLINE:
        raise click.UsageError("--jobs is for processes here, --scheduler for a cluster's: give one of them.")
    return WorkerPool(options["jobs"], options["scheduler"])


@contextlib.contextmanager
def workers(options: Mapping[str, Any], seconds: float) -> Iterator[Executor | None]:
    """An executor of so many workers, which end with the block; None where this process does it all.

    Not told how many, what is done within `seconds` by the cost model is done here if these are few.
    Fault where they cannot be had.
    """
    pool = pool_asked_for(options)
    try:
        try:
            executor = pool.for_work(seconds)
        except OSError as error:
            raise Fault(
                f"{options['jobs']} processes cannot be started: {error.strerror}. Try fewer."
            ) from None
        except ValueError as error:
            raise Fault(str(error)) from None
        if pool.dashboard:
            click.echo(f"Dask shows its work at {pool.dashboard}", err=True)
        yield executor
    finally:
        pool.end()
