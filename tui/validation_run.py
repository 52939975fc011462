"""A cross-validation in the lab: a worker thread that trains fold after fold, and a way to end it."""

from __future__ import annotations

import threading
from time import perf_counter
from typing import Literal

from core.settings import Settings
from core.step import Floor
from core.validation import Fold, cross_validate
from data.dataset import Dataset


class Abandoned(Exception):
    """Nobody waits for the rest."""


class StoppableFloor:
    """The screen's gate, and a way out in the middle of a fold."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self.stopped = False

    @property
    def closed(self) -> bool:
        """Whether the step loop must wait, or end."""
        return self.stopped or self._floor.closed

    def wait(self) -> None:
        """Return when the screen sleeps; raise Abandoned after a stop."""
        if self.stopped:
            raise Abandoned
        self._floor.wait()


class ValidationRun:
    """Folds as they come; the worker alone adds to them, and each is complete once it is there."""

    def __init__(self, dataset: Dataset, settings: Settings, folds: int, repeats: int, floor: Floor) -> None:
        self.expected = folds * repeats
        self.done: list[Fold] = []
        self.phase: Literal["training", "finished", "stopped", "failed"] = "training"
        self.failure = ""
        self.seconds = 0.0
        self._floor = StoppableFloor(floor)
        self._work_of = (dataset.examples, settings, folds, repeats)
        self._thread = threading.Thread(target=self._work, name="epochal-validation", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End at once, in the middle of a fold if need be."""
        self._floor.stopped = True

    def join(self, seconds: float) -> bool:
        """Wait for the worker; whether it is done."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        started = perf_counter()
        try:
            for fold in cross_validate(*self._work_of, floor=self._floor):
                self.seconds = perf_counter() - started
                self.done.append(fold)
            self.phase = "finished"
        except Abandoned:
            self.phase = "stopped"
        except (ValueError, MemoryError) as error:
            self.failure = str(error) or "There is not enough memory for these networks."
            self.phase = "failed"
