"""Whole files or none: written beside their place, moved there when complete, never over others unasked."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

PART = ".part"

# Seconds after which a part nobody has written to was left over by a process that was killed.
LEFT_OVER = 3600.0


@contextmanager
def whole_file(path: Path, *, force: bool = False) -> Iterator[BinaryIO]:
    """A file that is at `path`, complete and on the disk, once the block has ended without an exception.

    Until then it is a hidden part beside it, which is removed when the block fails; parts left over by
    killed processes are swept. Raises FileExistsError rather than replace anything, unless `force` is
    given, which writes through a link; OSError when it cannot be written.
    """
    if force:
        path = Path(os.path.realpath(path))
    elif os.path.lexists(path):
        raise _taken(path)
    _sweep(path)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PART}")
    file = os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666), "wb")
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if force:
            os.replace(part, path)
        else:
            _put(part, path)
        _fsync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


_BINARY = getattr(os, "O_BINARY", 0)


def _taken(path: Path) -> FileExistsError:
    return FileExistsError(f"{path} is there already")


def _put(part: Path, path: Path) -> None:
    """Give a complete file its name, refusing to replace what came there meanwhile."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise _taken(path) from None
    except OSError:  # a file system without links: take the name first, so that what is replaced is ours
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        except FileExistsError:
            raise _taken(path) from None
        os.replace(part, path)


def _sweep(path: Path) -> None:
    """Remove what killed processes left of earlier attempts at this very file."""
    with contextlib.suppress(OSError):
        for name in os.listdir(path.parent):
            if name.startswith(f".{path.name}.") and name.endswith(PART):
                part = path.with_name(name)
                with contextlib.suppress(OSError):
                    if time.time() - part.stat().st_mtime > LEFT_OVER:
                        part.unlink()


def _fsync_folder(folder: Path) -> None:
    """Put the folder's new entry on the disk, where the system can do that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
