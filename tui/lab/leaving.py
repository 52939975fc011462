"""Leaving: a signal or a closed terminal ends the lab in time, with the terminal as it was before.

Textual handles neither SIGTERM nor SIGHUP. Here they and SIGINT ask the app to leave as if by its own
key; and a thread stands by that restores the terminal and ends the process if the app cannot, for
instance because it waits to write to a terminal that is gone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

from epochal.data.runs.recorder import Recorder
from epochal.tui.runner.run import Run
from epochal.tui.runner.signals import signals_there_are

if TYPE_CHECKING:
    from epochal.tui.lab.app import EpochalApp

# Time for the app's own way out; the rest of the two seconds is for the process to end.
GRACE = 1.0

# Of that, so long may the last epoch go on, and so long the history take.
LAST_EPOCH = 0.4
LAST_WRITING = 0.5

# And each of the two once the app could not end in time.
FORCED = 0.3

# How soon it is tried again to write to a terminal that is full.
AGAIN = 0.002

# And so long whatever else is still at work when the app has ended.
LAST_THREADS = 0.3

# Kitty keys off, main screen, cursor on, focus reports, mouse, bracketed paste and in-band sizes off.
RESTORE = (
    b"\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?2048l\x1b[?7h"
)


@contextlib.contextmanager
def leaving_in_time(app: EpochalApp) -> Iterator[None]:
    """While inside, SIGTERM, SIGHUP and SIGINT end `app` and, if need be, the process."""
    terminal = sys.__stdin__.fileno() if sys.__stdin__ else 0
    drawn_on = sys.__stderr__.fileno() if sys.__stderr__ else 2
    restore_lines = _restoring(terminal, drawn_on)

    # A forced end frees the app where it waited to draw; first the terminal is restored.
    forcing, has_ended = threading.Lock(), False

    def force(code: int) -> None:
        with forcing:
            with contextlib.suppress(Exception):
                if app.run_shown and app.run_shown.is_active:
                    app.run_shown.leave(FORCED)
                app.recorder.close(FORCED)
            if not has_ended:
                restore_lines()
            os._exit(code)

    def leave(number: int, frame: FrameType | None) -> None:
        code = 128 + number
        deadline = threading.Timer(GRACE, force, (code,))
        deadline.daemon = True
        deadline.start()
        if app._loop is not None:
            app._loop.call_soon_threadsafe(partial(app.exit, return_code=code))

    signals = signals_there_are("SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT")
    earlier = [signal.signal(number, leave) for number in signals]
    try:
        yield
    finally:
        with forcing:
            has_ended = True
        for number, handler in zip(signals, earlier, strict=True):
            signal.signal(number, handler)


def _restoring(terminal: int, drawn_on: int) -> Callable[[], None]:
    """What puts the terminal back as it is now, though nobody reads what is written to it."""
    try:
        import termios
    except ImportError:  # Windows, whose console Textual restores itself
        return lambda: None
    before = None
    with contextlib.suppress(termios.error):
        before = termios.tcgetattr(terminal)

    def restore() -> None:
        with contextlib.suppress(OSError):
            os.set_blocking(drawn_on, False)
        given_up = time.monotonic() + FORCED
        while time.monotonic() < given_up:
            # What still waits to be drawn would leave no room for what restores, and a thread that waits
            # to draw more keeps others out: only a start of the flow after a stop wakes it, and it gives up.
            with contextlib.suppress(termios.error, OSError):
                termios.tcflush(drawn_on, termios.TCOFLUSH)
                termios.tcflow(drawn_on, termios.TCOOFF)
                termios.tcflow(drawn_on, termios.TCOON)
            try:
                os.write(drawn_on, RESTORE)
                break
            except BlockingIOError:
                time.sleep(AGAIN)
            except OSError:
                break
        if before is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(terminal, termios.TCSANOW, before)

    return restore


def wait_for_nobody(code: int) -> None:
    """End the process in time even while a thread still reads a table, or writes a file.

    Python would wait for it at the end. What was half written leaves a part beside its place.
    """
    if any(not thread.daemon and thread is not threading.main_thread() for thread in threading.enumerate()):
        deadline = threading.Timer(LAST_THREADS, os._exit, (code,))
        deadline.daemon = True
        deadline.start()


def put_away(run: Run | None, recorder: Recorder) -> None:
    """Leave a run that still trains so that it can be gone on with, and let the history be written.

    Where an epoch takes longer than there is time, the run can go on from the state last kept.
    """
    if run and run.is_active:
        run.leave(LAST_EPOCH)
    recorder.close(LAST_WRITING)
