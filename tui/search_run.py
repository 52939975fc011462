"""A search in the lab: a worker thread that judges one candidate after the other, and a way to end it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from time import perf_counter
from typing import Literal

from core.search import Judged, search
from core.settings import Settings
from core.step import Floor
from data.dataset import Dataset
from tui.validation_run import Abandoned, StoppableFloor


class SearchRun:
    """Candidates as they are judged; the worker alone adds to them."""

    def __init__(
        self, dataset: Dataset, candidates: Sequence[Settings], folds: int, repeats: int, floor: Floor
    ) -> None:
        self.expected = len(candidates)
        self.done: list[Judged] = []
        self.phase: Literal["searching", "finished", "stopped", "failed"] = "searching"
        self.failure = ""
        self.seconds = 0.0
        self._floor = StoppableFloor(floor)
        self._work_of = (dataset.examples, candidates, folds, repeats)
        self._thread = threading.Thread(target=self._work, name="epochal-search", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End at once, in the middle of a candidate if need be."""
        self._floor.stopped = True

    def join(self, seconds: float) -> bool:
        """Wait for the worker; whether it is done."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        started = perf_counter()
        try:
            for judged in search(*self._work_of, floor=self._floor):
                self.seconds = perf_counter() - started
                self.done.append(judged)
            self.phase = "finished"
        except Abandoned:
            self.phase = "stopped"
        except (ValueError, MemoryError) as error:
            self.failure = str(error) or "There is not enough memory for these networks."
            self.phase = "failed"
