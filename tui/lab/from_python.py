"""The lab opened from Python, on a data frame too, in the same terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection

from epochal.core.presets import AUTO
from epochal.core.rows.examples import Task
from epochal.core.settings import Settings
from epochal.data.notebook.runs import Run
from epochal.data.notebook.training import chosen, dataset_of
from epochal.tui.lab.session import session
from epochal.tui.runner.settings_search import Automatic
from epochal.tui.runner.worker_pool import WorkerPool


def lab(
    table: object,
    target: str | None = None,
    settings: Settings | str = AUTO,
    *,
    ignore: Collection[str] = (),
    task: Task | None = None,
    budget: float | None = None,
    record: bool = True,
    **given: object,
) -> Run | None:
    """Open the lab on a table or a data frame, in the terminal that Python runs in.

    Arguments are those of `train`. When the lab is left, the run that was shown last comes back, if it had
    ended. RuntimeError where there is no terminal, as in most notebooks.
    """
    dataset = dataset_of(table, target, ignore, task)
    base, names = chosen(settings, given)
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
        raise RuntimeError(
            "The lab needs a terminal that can draw: start Python in one, or use epochal.train"
        )
    automatic = Automatic(frozenset(names), budget) if settings == AUTO else None
    # Other processes would run the script that this may be called from once more.
    app = session(dataset, base, {}, automatic=automatic, pool=WorkerPool(1), records=record)
    run = app.run_shown
    return None if run is None or run.outcome is None else Run(run.dataset, run.outcome)
