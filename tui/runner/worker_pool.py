"""The workers of the program: started when some work is worth it, and kept warm for the next."""

from __future__ import annotations

import threading
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from epochal.tui.runner.cores import usual_jobs

if TYPE_CHECKING:
    from epochal.tui.runner.cluster import Cluster
    from epochal.tui.runner.processes import Processes

# Processes take about a second to start: what is done by then starts none unless told to.
WORTH_STARTING = 2.0


class WorkerPool:
    """Workers here: so many, or all processors but one where work is worth it; or those of a Dask cluster."""

    def __init__(self, jobs: int | None = 1, scheduler: str | None = None) -> None:
        self._jobs, self._scheduler = jobs, scheduler
        self._workers: Processes | Cluster | None = None
        self._is_over = False
        self._lock = threading.Lock()

    def for_work(self, seconds: float) -> Executor | None:
        """An executor for what takes so long in one process; None where this process may as well do it.

        OSError where as many processes as were asked for cannot be started, and ValueError, in a sentence,
        where there is no cluster to work with.
        """
        if self._scheduler is None and not self._is_worth(seconds):
            return None
        with self._lock:
            if self._workers is None and not self._is_over:
                self._workers = self._started()
            return self._workers

    @property
    def dashboard(self) -> str:
        """Where a cluster shows what goes on; empty where there is none."""
        return getattr(self._workers, "dashboard", "")

    def _is_worth(self, seconds: float) -> bool:
        return seconds >= WORTH_STARTING and usual_jobs() > 1 if self._jobs is None else self._jobs > 1

    def _started(self) -> Processes | Cluster | None:
        if self._scheduler is not None:
            from epochal.tui.runner.cluster import Cluster

            return Cluster(self._scheduler)
        from epochal.tui.runner.processes import Processes

        try:
            return Processes(self._jobs or usual_jobs())
        except OSError:
            if self._jobs is not None:
                raise
            return None

    def end(self) -> None:
        """End them now, whatever they do; those of a cluster go on with what they have begun."""
        with self._lock:
            self._is_over = True
            if self._workers:
                self._workers.end()
                self._workers = None
