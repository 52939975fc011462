"""One session of the lab, from the first paint until it is left."""

from __future__ import annotations

import gc
import os
import sys

from epochal.core.settings import Settings
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.options import Reading
from epochal.data.user_files import home
from epochal.tui.lab.app import EpochalApp
from epochal.tui.lab.leaving import leaving_in_time, put_away
from epochal.tui.reporting.playground_state import PlaygroundState
from epochal.tui.runner.browser import in_browser
from epochal.tui.runner.settings_search import Automatic
from epochal.tui.runner.step_gate import ScreenGate, gated_event_loop
from epochal.tui.runner.worker_pool import WorkerPool
from epochal.tui.widgets.partial_update import send_only_what_changed
from epochal.tui.widgets.plain_scrollbars import use_plain_scrollbars
from epochal.tui.widgets.text import GLYPHS


def session(
    dataset: Dataset,
    settings: Settings,
    reading: Reading,
    *,
    automatic: Automatic | None = None,
    pool: WorkerPool | None = None,
    records: bool = True,
    any_table: bool = False,
    playground: PlaygroundState | None = None,
) -> EpochalApp:
    """Show the lab until it is left: the app as it was then, whose `return_code` is to end with.

    The `pool`, processes on all cores but one if not given, trains what can be trained side by side.
    """
    if not in_browser():
        _take_the_terminal()
    send_only_what_changed()
    if not GLYPHS:
        use_plain_scrollbars()
    gate, pool = ScreenGate(), pool or WorkerPool(None)
    recorder = Recorder.open(home() if records else None)
    app = EpochalApp(
        dataset,
        settings,
        gate,
        reading,
        recorder,
        any_table=any_table,
        automatic=automatic,
        pool=pool,
        playground=playground,
    )
    gc.enable()
    with leaving_in_time(app):
        app.run(loop=gated_event_loop(gate), mouse=False)
        gate.open()
        pool.end()
        put_away(app.run_shown, recorder)
    return app


def _take_the_terminal() -> None:
    # Exported, they would be taken for the size of the terminal, whatever becomes of that.
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
    if not sys.stderr.isatty():
        # Textual draws there; what is meant for the file that it leads to still goes to `sys.stderr`.
        drawn_on = os.dup(sys.stdout.fileno())
        sys.__stderr__ = os.fdopen(drawn_on, "w", encoding=sys.stdout.encoding)  # type: ignore[misc]
