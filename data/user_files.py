"""Places: where tables are found on disk, and which were opened lately."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path

from epochal.data.atomic_write import whole_file
from epochal.data.paths import PathError, kind_of, outside, rooted, typed_path

MOST_RECENT = 10
TABLES = (".csv", ".tsv", ".txt", ".tab", ".dat", ".arff", ".data", ".gz", ".zip", ".parquet")

NOWHERE = Path("~")
"""The home of a user who has none: nothing is kept there."""


@dataclass(frozen=True)
class Entry:
    """A folder to go into, or a file that may be a table."""

    path: Path
    is_folder: bool


def home() -> Path:
    """The folder of what Epochal remembers: EPOCHAL_HOME, else the user's data folder.

    `NOWHERE` for a user who has none, as in many a container.
    """
    if chosen := os.environ.get("EPOCHAL_HOME"):
        return Path(chosen)
    # Imported here, as the first paint needs no home.
    from platformdirs import user_data_path

    try:
        folder = user_data_path("epochal")
    except (RuntimeError, KeyError):
        return NOWHERE
    return NOWHERE if folder.parts[:1] == ("~",) else folder


def browse(folder: Path, endings: tuple[str, ...] = TABLES) -> list[Entry]:
    """The folder above, the folders below, then the files of these endings; hidden ones left out.

    A folder that cannot be read shows only the way up, and of what may not be used nothing is shown.
    """
    is_highest = folder.parent == folder or outside(folder.parent)
    entries = [] if is_highest else [Entry(folder.parent, is_folder=True)]
    if outside(folder):
        return entries
    folders, files = [], []
    with contextlib.suppress(OSError, ValueError):
        for path in sorted(folder.iterdir(), key=lambda one: one.name.lower()):
            if path.name.startswith("."):
                continue
            with contextlib.suppress(PathError):
                if kind_of(path) == "folder":
                    folders.append(Entry(path, is_folder=True))
                elif path.suffix.lower() in endings:
                    files.append(Entry(path, is_folder=False))
    return entries + folders + files


def completed(text: str) -> str | None:
    """The path that begins like `text`, as far as all that do go on alike; a folder ends in a slash."""
    start = text.rpartition(os.sep)[2]
    if not start:
        return None
    try:
        folder = rooted(typed_path(text).parent)
        fitting = sorted(
            _with_slash(one) for one in folder.iterdir() if one.name.startswith(start) and not outside(one)
        )
    except (PathError, OSError, ValueError):
        return None
    if not fitting:
        return None
    # What the first and the last in order share, all between them share.
    alike = zip(fitting[0], fitting[-1], strict=False)
    common = "".join(one for one, other in takewhile(lambda pair: pair[0] == pair[1], alike))
    return text + common[len(start) :] if len(common) > len(start) else None


def _with_slash(path: Path) -> str:
    with contextlib.suppress(PathError):
        if kind_of(path) == "folder":
            return path.name + os.sep
    return path.name


def recent() -> list[Path]:
    """The files opened lately that are still there, the last one first."""
    try:
        names = json.loads((home() / "recent.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    if not isinstance(names, list):
        return []
    there = (
        Path(name) for name in names if isinstance(name, str) and not outside(name) and os.path.isfile(name)
    )
    return list(islice(there, MOST_RECENT))


def remember(path: str) -> None:
    """Put a file first among the recent ones. Where that cannot be written, it is not remembered."""
    if home() == NOWHERE:
        return
    with contextlib.suppress(PathError, OSError, UnicodeError):
        _remember(rooted(Path(path)))


def _remember(opened: Path) -> None:
    paths = [opened, *(one for one in recent() if one != opened)][:MOST_RECENT]
    home().mkdir(mode=0o700, parents=True, exist_ok=True)
    with whole_file(home() / "recent.json", force=True, private=True) as file:
        file.write(json.dumps([str(one) for one in paths]).encode())
