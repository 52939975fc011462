"""Failures said on the screen: what is raised in a Textual worker ends that worker, and never the lab."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.worker import Worker, WorkerState

from epochal.tui.runner.worker import WorkFailed, failure_in_words

TIMEOUT = 20.0
"""Seconds for which a failure stands in a corner of the screen."""


def say_failure(app: App[Any], sentence: str) -> None:
    """Show the sentence in a corner, longer than what went well."""
    app.notify(sentence, severity="error", timeout=TIMEOUT, markup=False)


class SaysFailures:
    """For an app or a screen: says why a worker of its own failed, one begun with `exit_on_error=False`."""

    app: App[Any]

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what was raised, if anything was."""
        error = event.worker.error
        if event.state is WorkerState.ERROR and error is not None:
            known = isinstance(error, WorkFailed)
            say_failure(self.app, str(error) if known else failure_in_words(error, "The last command"))
