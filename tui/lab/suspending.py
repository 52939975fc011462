"""Stopped and back: Ctrl+Z gives the terminal to the shell, and coming back draws everything anew.

Textual puts the terminal right when it is stopped by SIGTSTP and comes back. After a SIGSTOP, which no
program is told of, it would begin a second time what never ended: two threads reading the keys, and a
terminal that is never itself again. Here what is still begun is ended first.
"""

from __future__ import annotations

import signal
from types import FrameType

from textual.app import App
from textual.driver import Driver

from epochal.tui.runner.signals import signals_there_are


def come_back_whole(app: App[None], driver: Driver) -> None:
    """From now on the driver's terminal is taken over whole whenever the process goes on."""
    if not driver.can_suspend:
        return
    both = signals_there_are("SIGTSTP", "SIGCONT")
    if len(both) < 2:
        return
    stops, comes_back = map(signal.getsignal, both)
    if not (callable(stops) and callable(comes_back)):
        return
    is_ended = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal is_ended
        # The process stands still within this call, and what follows it runs once it goes on.
        is_ended = True
        stops(number, frame)

    def go_on(number: int, frame: FrameType | None) -> None:
        nonlocal is_ended
        if not is_ended:
            driver.suspend_application_mode()
        is_ended = False
        comes_back(number, frame)
        app.refresh(layout=True)

    signal.signal(both[0], stop)
    signal.signal(both[1], go_on)
