"""Work in the background: a thread that draws one result after the other, and a way to end it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Generic, Literal, TypeVar

from epochal.core.training.gate import StepGate
from epochal.tui.runner.worker import Worker

T = TypeVar("T")


class Abandoned(Exception):
    """Nobody waits for the rest."""


class StoppableGate:
    """The screen's gate, and a way out between two steps."""

    def __init__(self, gate: StepGate) -> None:
        self._gate = gate
        self.stopped = False

    @property
    def closed(self) -> bool:
        """Whether the step loop must wait, or end."""
        return self.stopped or self._gate.closed

    def wait(self) -> None:
        """Return when the screen sleeps; raise Abandoned after a stop."""
        if self.stopped:
            raise Abandoned
        self._gate.wait()


class Background(Generic[T]):
    """Results as they come; the worker alone adds to them, and each is complete once it is there.

    `results` is given the gate that its steps wait for. `failure` is a sentence about what it raised; the
    results before that stay.
    """

    def __init__(
        self, results: Callable[[StepGate], Iterable[T]], expected: int, gate: StepGate, doing: str
    ) -> None:
        self.expected = expected
        self.done: list[T] = []
        self.phase: Literal["going", "finished", "stopped", "failed"] = "going"
        self.failure = ""
        self.seconds = 0.0
        self._results = results
        self._gate = StoppableGate(gate)
        self._worker = Worker(self._work, self._failed, doing, expected=(ValueError,))
        self._worker.start()

    @property
    def goes_on(self) -> bool:
        """Whether more is to come."""
        return self.phase == "going"

    def stop(self) -> None:
        """End at once, in the middle of a result if need be."""
        self._gate.stopped = True

    def join(self, seconds: float) -> bool:
        """Wait for the worker; whether it is done."""
        return self._worker.join(seconds)

    def _work(self) -> None:
        started = perf_counter()
        try:
            for result in self._results(self._gate):
                self.seconds = perf_counter() - started
                self.done.append(result)
            self.phase = "finished"
        except Abandoned:
            self.phase = "stopped"

    def _failed(self, sentence: str) -> None:
        self.failure = sentence
        self.phase = "failed"
