"""`epochal [TABLE]`: the lab."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

import click

from epochal.data.tables.dataset import Dataset
from epochal.data.tables.table import TableError
from epochal.tui.cli.automatic import is_automatic, preset_options, settings_given
from epochal.tui.cli.candidates import complete_table
from epochal.tui.cli.jobs import jobs_option, pool_asked_for
from epochal.tui.cli.options import (
    Fault,
    dataset_named,
    history_option,
    reading_from,
    sentence,
    setting_options,
    table_named,
    table_options,
)
from epochal.tui.reporting.playground_state import PlaygroundState, state_from
from epochal.tui.runner.browser import in_browser


@click.command(hidden=True)
@click.argument("table", default=None, required=False, shell_complete=complete_table)
@table_options
@preset_options
@setting_options
@jobs_option
@history_option
@click.option("--state", metavar="LINE", help="Open the playground as the line says that l shows there.")
def lab(table: str | None, no_history: bool, state: str | None, **options: Any) -> None:
    """Open the lab on TABLE.

    Example: epochal iris --hidden 4
    """
    settings, given = settings_given(options)
    playground = None if state is None else _playground(state, table)
    if playground:
        dataset, settings = _dataset_of(playground), playground.settings
    else:
        dataset = dataset_named(table or "column_2C_weka", options)
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    if not is_terminal and not in_browser():
        raise Fault("The lab needs a terminal that can draw. Without one, use: epochal train TABLE --json")
    gc.disable()
    from epochal.tui.lab.leaving import wait_for_nobody
    from epochal.tui.lab.session import session
    from epochal.tui.runner.settings_search import Automatic

    gc.freeze()
    app = session(
        dataset,
        settings,
        reading_from(options),
        automatic=Automatic(frozenset(given), options["budget"])
        if playground is None and is_automatic(options)
        else None,
        pool=pool_asked_for(options),
        records=not no_history,
        any_table=table is None,
        playground=playground,
    )
    wait_for_nobody(app.return_code or 0)
    raise SystemExit(app.return_code or 0)


def _playground(state: str, table: str | None) -> PlaygroundState:
    """The state that a line says; Fault for anything else."""
    if table is not None:
        raise click.UsageError("--state names its table itself.")
    try:
        return state_from(state)
    except ValueError as error:
        raise Fault(str(error)) from None


def _dataset_of(state: PlaygroundState) -> Dataset:
    try:
        return state.dataset(lambda name: table_named(name, {}))
    except TableError as error:
        raise Fault(sentence(error)) from None
