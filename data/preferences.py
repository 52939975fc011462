"""What a person preferred last, such as the colours: small words by name, in a file of their own."""

from __future__ import annotations

import contextlib
import json

from epochal.data.atomic_write import whole_file
from epochal.data.user_files import NOWHERE, home

NAME = "preferences.json"


def preference(name: str) -> str:
    """What was preferred last under this name; empty where nothing was, or it cannot be read."""
    return _all().get(name, "")


def prefer(name: str, value: str) -> None:
    """Remember it for the next time, where that can be written."""
    preferred = _all()
    if home() == NOWHERE or preferred.get(name) == value:
        return
    with contextlib.suppress(OSError, UnicodeError):
        home().mkdir(mode=0o700, parents=True, exist_ok=True)
        with whole_file(home() / NAME, force=True, private=True) as file:
            file.write(json.dumps({**preferred, name: value}).encode())


def _all() -> dict[str, str]:
    try:
        preferred = json.loads((home() / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(preferred, dict):
        return {}
    return {key: value for key, value in preferred.items() if isinstance(value, str)}
