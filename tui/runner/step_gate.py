"""Who has the floor: training runs only while the screen has nothing to do.

Python runs one thread at a time, and a training loop at full speed gives the interpreter back so late
that a key press takes a tenth of a second and more to be seen. So the screen has precedence: the worker
may take steps only while the event loop sleeps in its selector. The selector opens the gate as it goes
to sleep and closes it as it wakes; the step loop looks at `closed` between two steps.
"""

from __future__ import annotations

import asyncio
import selectors
import sys
import threading

# How long the interpreter lets a thread run before it listens to others who wait: the worker holds
# it while it steps, so this bounds how late the screen learns that a key has come.
SWITCH_INTERVAL = 0.001

# A worker that missed the opening looks again after so long.
PATIENCE = 0.1


class ScreenGate:
    """A `training.step.StepGate`: a plain flag, cheap to look at, and an event to wait for."""

    def __init__(self) -> None:
        self.closed = False
        self._free = threading.Event()
        self._free.set()

    def close(self) -> None:
        """The screen is busy."""
        self.closed = True
        self._free.clear()

    def open(self) -> None:
        """The screen sleeps."""
        self.closed = False
        self._free.set()

    def wait(self) -> None:
        """Return when the gate is open, or after a moment all the same: training never stands still."""
        self._free.wait(PATIENCE)


class GatedSelector(selectors.DefaultSelector):
    """A selector that opens the gate for as long as it sleeps."""

    def __init__(self, gate: ScreenGate) -> None:
        super().__init__()
        self._gate = gate

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait as usual; a timeout of 0 is a look, not a sleep, and leaves the gate as it is."""
        if timeout is not None and timeout <= 0:
            return super().select(timeout)
        self._gate.open()
        try:
            return super().select(timeout)
        finally:
            self._gate.close()


def gated_event_loop(gate: ScreenGate) -> asyncio.AbstractEventLoop:
    """An event loop whose sleep is the worker's time."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    return asyncio.SelectorEventLoop(GatedSelector(gate))
