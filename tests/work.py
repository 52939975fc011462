"""Work for other processes, which they import by its name."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path


def die_once(marker: Path, answer: int) -> int:
    """Die as if killed; done again, answer."""
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return answer


def die() -> None:
    """Die as if killed, each time."""
    os.kill(os.getpid(), signal.SIGKILL)


def never_end(place: Path) -> None:
    """Say who works here to whoever reads `place`, and never end."""
    place.write_text(str(os.getpid()), encoding="utf-8")
    threading.Event().wait()


def refuse(words: str) -> None:
    """Refuse to work."""
    raise ValueError(words)


def own_number(_: object) -> int:
    """The process that this is done in."""
    return os.getpid()


def length(values: object, others: object) -> tuple[int, int]:
    """How much was sent."""
    return len(values), len(others)  # type: ignore[arg-type]


def own_number_once_told(values: object, who: Path, told: Path) -> tuple[int, int]:
    """Say who works here to whoever reads `who`; go on once somebody writes into `told`."""
    who.write_text(str(os.getpid()), encoding="utf-8")
    told.read_text(encoding="utf-8")
    return os.getpid(), len(values)  # type: ignore[arg-type]
