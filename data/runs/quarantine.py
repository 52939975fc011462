"""Quarantine of a damaged history: renamed, so that what is in it is not lost and a new one can begin."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from epochal.data.runs.database import identity


def quarantine(path: Path, damaged: tuple[int, int] | None) -> Path | None:
    """Rename a damaged history, with its date; None when another process has done so already.

    `damaged` is the `identity` of the file found damaged. Raises OSError.
    """
    with _only_one(path.parent):
        if damaged is None or identity(path) != damaged:
            return None
        day = time.strftime("%Y-%m-%d-%H%M%S")
        beside = path.with_name(f"{path.stem}.damaged-{day}{path.suffix}")
        number = 1
        while os.path.lexists(beside):
            number += 1
            beside = path.with_name(f"{path.stem}.damaged-{day}-{number}{path.suffix}")
        # First the journal: one left behind would be rolled back into the new file.
        with contextlib.suppress(FileNotFoundError):
            os.rename(f"{path}-journal", f"{beside}-journal")
        os.rename(path, beside)
    return beside


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the folder for ourselves, where the file system can do that."""
    try:
        import fcntl
    except ImportError:  # Windows: renaming an open file fails there, so the second one finds it gone
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
