"""Signals during training without a screen: a run ends between two epochs, or within a long one."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from time import monotonic
from types import FrameType

from epochal.tui.runner.signals import signals_there_are

# Seconds that an epoch may go on once a signal asks to leave: the process is to end within two.
LAST_EPOCH = 0.8


class Departure:
    """A `StepGate` that is closed once a signal asks to leave, and lets an epoch end in time."""

    def __init__(self) -> None:
        self.closed = False
        self.signal = 0
        self.is_training = False
        self._deadline = 0.0

    def wait(self) -> None:
        """Return at once while there is time, else KeyboardInterrupt."""
        if monotonic() > self._deadline:
            raise KeyboardInterrupt

    def ask(self, number: int, frame: FrameType | None) -> None:
        """Leave at the end of this epoch; asked a second time, in the middle of it."""
        if self.closed and self.is_training:
            raise KeyboardInterrupt
        self._deadline = monotonic() + LAST_EPOCH
        self.signal, self.closed = number, True

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl+C, SIGTERM, SIGHUP and SIGQUIT as such a wish while inside."""
        numbers = signals_there_are("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
        # A process told by nohup to outlive its terminal goes on doing so.
        heard = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
        earlier = [signal.signal(number, self.ask) for number in heard]
        try:
            yield
        finally:
            for number, handler in zip(heard, earlier, strict=True):
                signal.signal(number, handler)
