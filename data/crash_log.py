"""The crash log: the traceback of whatever failed unexpectedly, in a file of the user's state directory."""

from __future__ import annotations

import contextlib
import os
import platform
import traceback
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from epochal.data.paths import refusal

NAME = "crashes.log"

# A log that has grown so long is put aside, in place of the one put aside before.
MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class LoggedCrash:
    """Where a traceback was to be written, and why it could not be; `problem` is empty where it was."""

    path: Path
    problem: str = ""


def state_folder() -> Path:
    """The folder of the crash log: EPOCHAL_HOME, else the user's state directory."""
    if chosen := os.environ.get("EPOCHAL_HOME"):
        return Path(chosen)
    from platformdirs import user_state_path

    folder = user_state_path("epochal")
    if folder.parts[:1] == ("~",):
        raise RuntimeError("no home folder")
    return folder


def log_crash(error: BaseException, doing: str) -> LoggedCrash:
    """Append the exception's traceback to the crash log. Nothing that goes wrong here is raised."""
    path = Path(NAME)
    try:
        path = state_folder() / NAME
        entry = _entry(error, doing).encode("utf-8", "backslashreplace")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size > MOST_BYTES:
                os.replace(path, path.with_suffix(".old.log"))
        # Its exceptions may quote cells of the table, which are nobody else's business.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
            file.write(entry)
    except (OSError, RuntimeError, ValueError) as refused:
        return LoggedCrash(path, refusal(refused))
    except BaseException as fault:
        # The program is telling of one fault already and must not end by another, whatever it is.
        return LoggedCrash(path, type(fault).__name__)
    return LoggedCrash(path)


def _entry(error: BaseException, doing: str) -> str:
    when = datetime.now().astimezone().isoformat(timespec="seconds")
    system = f"Python {platform.python_version()}, {platform.platform()}"
    return f"{when} {doing} failed ({system})\n{''.join(traceback.format_exception(error))}\n"
