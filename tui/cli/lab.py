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
from epochal.tui.cli.jobs import jobs_option
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


@click.command(hidden=True)
@click.argument("table", default=None, required=False)
@table_options
@preset_options
@setting_options
@jobs_option
@history_option
@click.option("--state", metavar="LINE", help="Open the playground as the line says that l shows there.")
def lab(table: str | None, jobs: int | None, no_history: bool, state: str | None, **options: Any) -> None:
    """Open the lab on TABLE.

    Example: epochal iris --hidden 4
    """
    settings, given = settings_given(options)
    playground = None if state is None else _playground(state, table)
    if playground:
        dataset, settings = _dataset_of(playground), playground.settings
    else:
        dataset = dataset_named(table or "column_2C_weka", options)
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
        raise Fault("The lab needs a terminal that can draw. Without one, use: epochal train TABLE --json")
    gc.disable()
    # Exported, they would be taken for the size of the terminal, whatever becomes of that.
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
    if not sys.stderr.isatty():
        # Textual draws there; what is meant for the file that it leads to still goes to `sys.stderr`.
        drawn_on = os.dup(sys.stdout.fileno())
        sys.__stderr__ = os.fdopen(drawn_on, "w", encoding=sys.stdout.encoding)  # type: ignore[misc]
    from epochal.data.runs.recorder import Recorder
    from epochal.data.user_files import home
    from epochal.tui.lab.app import EpochalApp
    from epochal.tui.lab.leaving import leaving_in_time, put_away, wait_for_nobody
    from epochal.tui.runner.settings_search import Automatic
    from epochal.tui.runner.step_gate import ScreenGate, gated_event_loop
    from epochal.tui.runner.worker_pool import WorkerPool
    from epochal.tui.widgets.partial_update import send_only_what_changed
    from epochal.tui.widgets.plain_scrollbars import use_plain_scrollbars
    from epochal.tui.widgets.text import GLYPHS

    send_only_what_changed()
    if not GLYPHS:
        use_plain_scrollbars()
    gate, pool = ScreenGate(), WorkerPool(jobs)
    recorder = Recorder.open(None if no_history else home())
    app = EpochalApp(
        dataset,
        settings,
        gate,
        reading_from(options),
        recorder,
        any_table=table is None,
        automatic=Automatic(frozenset(given), options["budget"])
        if playground is None and is_automatic(options)
        else None,
        pool=pool,
        playground=playground,
    )
    gc.freeze()
    gc.enable()
    with leaving_in_time(app):
        app.run(loop=gated_event_loop(gate), mouse=False)
        gate.open()
        pool.end()
        put_away(app.run_shown, recorder)
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
