"""Whole files or none: written beside their place, moved there when complete, never over others unasked."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from epochal.data.paths import outside

PART = ".part"

# Seconds after which a part nobody has written to was left over by a process that was killed.
LEFT_OVER = 3600.0

# Bytes of a name, so that a part's name, which is longer, is still one a file system takes.
LONGEST = 200


@contextmanager
def whole_file(path: Path, *, force: bool = False, private: bool = False) -> Iterator[BinaryIO]:
    """A file that is at `path`, complete and on the disk, once the block has ended without an exception.

    Until then it is a hidden part beside it, which is removed when the block fails; parts left over by
    killed processes are swept. Raises FileExistsError rather than replace anything, unless `force` is
    given, which replaces files only, writes through a link, and leaves whoever may read or write the file
    as it was; OSError when it cannot be written. Nobody else may read a new file that is `private`: one of
    the program's own, whose place no user names.
    """
    if not private and (words := outside(path, to_write=True)):
        raise PermissionError(words)
    before = None
    if force:
        path = Path(os.path.realpath(path))
        with contextlib.suppress(FileNotFoundError):
            before = os.lstat(path)
        if before and not stat.S_ISREG(before.st_mode):
            raise FileExistsError(f"{path} is no file, and only files are replaced")
    elif os.path.lexists(path):
        raise _taken(path)
    _sweep(path)
    part = path.with_name(f"{_begun(path)}{secrets.token_hex(4)}{PART}")
    # What others may not read when it is whole, they may not read before.
    allowed = 0o666 if before is None and not private else 0o600
    file = os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, allowed), "wb")
    try:
        with file:
            yield file
            file.flush()
            if before is not None:
                _allow_as(part, before)
            os.fsync(file.fileno())
        if force:
            os.replace(part, path)
        else:
            _put(part, path)
        _fsync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _begun(path: Path) -> str:
    """What the names of this file's parts begin with, short enough where its own is as long as can be."""
    name = path.name
    if len(os.fsencode(name)) > LONGEST:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()[:32]
    return f".{name}."


def _allow_as(part: Path, before: os.stat_result) -> None:
    """Give the part the owner and the permissions of the file it will replace, as far as that is allowed."""
    if hasattr(os, "chown") and (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
        with contextlib.suppress(OSError):
            os.chown(part, before.st_uid, before.st_gid)
    os.chmod(part, stat.S_IMODE(before.st_mode))


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
            if name.startswith(_begun(path)) and name.endswith(PART):
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
