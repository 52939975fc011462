"""Signals by name: those that this system has."""

from __future__ import annotations

import signal


def signals_there_are(*names: str) -> tuple[signal.Signals, ...]:
    """The signals of these names, without those that Windows lacks."""
    return tuple(signal.Signals[name] for name in names if name in signal.Signals.__members__)
