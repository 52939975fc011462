"""Paths as people type them: made ready and asked about here, and every refusal of the system in words."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import Literal

Kind = Literal["nothing", "file", "folder", "pipe", "socket", "device"]

# What the system's numbers say to a person; of any other number the system's own words are used.
WORDS = {
    errno.EACCES: "its permissions do not allow it",
    errno.EPERM: "its permissions do not allow it",
    errno.ENOENT: "it is not there, or a folder on the way to it is not",
    errno.ENOTDIR: "something on the way to it is not a folder",
    errno.EISDIR: "it is a folder",
    errno.ENAMETOOLONG: "the name is longer than a name can be",
    errno.ELOOP: "it is a link that leads back to itself",
    errno.EIO: "the disk, or the network it is on, reports an error",
    errno.ENOSPC: "the disk is full",
    errno.EROFS: "the disk can only be read",
    errno.ENXIO: "nothing is connected to it",
    errno.EILSEQ: "it is no name a file can have here",
    errno.EINVAL: "it is no name a file can have here",
}
for _name, _words in {
    "EDQUOT": "there is no room left for this user",
    "ESTALE": "the network folder it is in has changed meanwhile",
    "EHOSTDOWN": "the machine it is on does not answer",
    "ENOTCONN": "the network folder it is in is not connected",
    "ETIMEDOUT": "the disk or network does not answer",
}.items():
    if hasattr(errno, _name):
        WORDS[getattr(errno, _name)] = _words

KINDS: tuple[tuple[int, Kind], ...] = (
    (stat.S_IFREG, "file"),
    (stat.S_IFDIR, "folder"),
    (stat.S_IFIFO, "pipe"),
    (stat.S_IFSOCK, "socket"),
    (stat.S_IFCHR, "device"),
    (stat.S_IFBLK, "device"),
)


FOLDER = "EPOCHAL_FOLDER"
"""The variable that confines a process, and those it starts, to a folder and what is in it."""

# The bundled tables are beside this file: a confined process may read these too.
BUNDLED = os.path.dirname(os.path.realpath(__file__))


class PathError(Exception):
    """Why a path cannot be used: one sentence, with its full stop."""


def confinement() -> str | None:
    """The folder that paths must be in, links resolved; None where they may be anywhere."""
    folder = os.environ.get(FOLDER)
    return os.path.realpath(folder) if folder else None


def outside(path: str | os.PathLike[str], *, to_write: bool = False) -> str:
    """Why a path may not be used, in words that go on a sentence; empty when it may.

    Asked before anything is opened, listed, written or looked at: of a path that leads out of the folder,
    by whatever way, not even whether there is something can be found out.
    """
    folder = confinement()
    if folder is None:
        return ""
    with contextlib.suppress(OSError, ValueError):
        place = os.path.realpath(path)
        if place == folder or place.startswith(folder.rstrip(os.sep) + os.sep):
            return ""
        if not to_write and os.path.dirname(place) == BUNDLED and place.endswith(".csv"):
            return ""
    return f"it is outside {shortened(folder)}, and only what is in that folder is used here"


def refusal(error: BaseException) -> str:
    """Why an operation on a path failed, in words that go on a sentence."""
    if isinstance(error, OSError):
        known = WORDS.get(error.errno) if error.errno is not None else None
        return known or error.strerror or str(error) or type(error).__name__
    if isinstance(error, RuntimeError):
        return "there is no home folder that ~ could stand for"
    if isinstance(error, ValueError):
        return "it is no name a file can have"
    return str(error) or type(error).__name__


def typed_path(text: str) -> Path:
    """The path a person has typed, with ~ in full and from the root on; PathError when there is none."""
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        home = text.split(os.sep)[0]
        # A confined process does not tell who has a home here.
        _refuse_outside(Path(os.sep) if confinement() else Path(), text)
        raise PathError(f"There is no home folder for {home}: write the path in full.") from None
    _refuse_outside(path, text)
    return rooted(path)


def _refuse_outside(path: Path, said: str | os.PathLike[str], *, to_write: bool = False) -> None:
    """PathError, which quotes the path as it was said, where it may not be used."""
    if words := outside(path, to_write=to_write):
        raise PathError(f"{shortened(said)} cannot be used: {words}.")


def rooted(path: Path) -> Path:
    """The path from the root on; PathError when the folder we are in is gone, or it may not be used."""
    _refuse_outside(path, path)
    try:
        return path.absolute()
    except (OSError, ValueError):
        raise PathError(
            "The folder you are in has been removed: go to another one, or write the path in full."
        ) from None


def from_root(path: str) -> str:
    """The path from the root on, without steps back; as it is where the folder we are in is gone."""
    try:
        return os.path.abspath(path)
    except OSError:
        return path


def kind_of(path: Path) -> Kind:
    """What there is at a path, links followed; PathError when the system does not tell, or may not."""
    _refuse_outside(path, path)
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "nothing"
    except (OSError, ValueError) as error:
        raise PathError(f"{shortened(path)} cannot be looked at: {refusal(error)}.") from None
    return next((kind for format_, kind in KINDS if stat.S_IFMT(mode) == format_), "device")


def current_folder() -> Path:
    """The folder we are in; where it has been removed, the user's home or the root.

    Where we are confined and none of these will do, the folder that we are confined to.
    """
    for find in (Path.cwd, Path.home):
        with contextlib.suppress(OSError, RuntimeError):
            folder = find()
            if not outside(folder):
                return folder
    return Path(confinement() or os.sep)


def may_be_written(path: Path) -> None:
    """PathError when no file could be written at this path: better now than after an hour of training.

    Whether something there may be replaced is for others to say; a link is followed.
    """
    _refuse_outside(path, path, to_write=True)
    place = rooted(path)
    kind = kind_of(place)
    if kind == "folder":
        raise PathError(f"{shortened(path)} is a folder: name a file in it.")
    if kind not in ("file", "nothing"):
        raise PathError(f"{shortened(path)} is a {kind}, and only files are replaced: name a file.")
    target = Path(os.path.realpath(place))
    folder = target.parent
    if kind_of(folder) != "folder":
        raise PathError(f"There is no folder {shortened(folder)} to write {shortened(target.name)} to.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PathError(
            f"{shortened(target.name)} cannot be written: the folder {shortened(folder)} does not allow it."
        )


def with_target(path: Path) -> str:
    """A path as a sentence quotes it, and where it leads to if it is a link."""
    return f"{path}, a link to {os.path.realpath(path)}" if os.path.islink(path) else str(path)


def shortened(path: str | os.PathLike[str]) -> str:
    """A path as a sentence quotes it: of a very long one its beginning and its end."""
    text = os.fspath(path)
    return text if len(text) <= 200 else f"{text[:100]}...{text[-60:]}"
