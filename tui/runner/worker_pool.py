"""The workers of the program: started when some work is worth it, and kept warm for the next."""

from __future__ import annotations

import threading

from epochal.tui.runner.processes import Processes, usual_jobs

# Processes take about a second to start: what is done by then starts none unless told to.
WORTH_STARTING = 2.0


class WorkerPool:
    """So many workers; all processors but one, where work is worth it, if `jobs` is None."""

    def __init__(self, jobs: int | None = 1) -> None:
        self._jobs = jobs
        self._processes: Processes | None = None
        self._is_over = False
        self._lock = threading.Lock()

    def for_work(self, seconds: float) -> Processes | None:
        """An executor for what takes so long in one process; None where this process may as well do it.

        OSError where as many processes as were asked for cannot be started.
        """
        jobs = usual_jobs() if self._jobs is None else self._jobs
        if jobs == 1 or (self._jobs is None and seconds < WORTH_STARTING):
            return None
        with self._lock:
            if self._processes is None and not self._is_over:
                try:
                    self._processes = Processes(jobs)
                except OSError:
                    if self._jobs is not None:
                        raise
            return self._processes

    def end(self) -> None:
        """End them now, whatever they do."""
        with self._lock:
            self._is_over = True
            if self._processes:
                self._processes.end()
                self._processes = None
