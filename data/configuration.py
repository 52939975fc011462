"""What a person has configured: one TOML file, and environment variables, which come before it."""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from epochal.core.presets import AUTO, PRESET_OPTIONS
from epochal.data.atomic_write import whole_file
from epochal.data.paths import refusal
from epochal.data.user_files import NOWHERE

NAME = "config.toml"
Value = str | bool | int | None
Kind = Literal["text", "flag", "count"]
FLAGS = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


@dataclass(frozen=True)
class Key:
    """One thing that can be configured: what it may be, and what it is where nobody says."""

    name: str
    default: Value
    sentence: str
    kind: Kind
    example: str
    choices: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """The environment variable that says it."""
        return f"EPOCHAL_{self.name.upper()}"

    @property
    def allowed(self) -> str:
        """What it may be, in words."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        return {"flag": "true or false", "count": "a whole number from 1 on", "text": "a word in quotes"}[
            self.kind
        ]


KEYS = (
    Key(
        "theme",
        None,
        "Colours of the lab at start; the ones chosen last if not given. ctrl+p, Theme shows them.",
        "text",
        '"textual-light"',
    ),
    Key(
        "preset",
        AUTO,
        "Settings that are not given: found by a search (auto), or fixed ones.",
        "text",
        '"sensible"',
        tuple(PRESET_OPTIONS),
    ),
    Key("history", True, "Whether runs are recorded in the history.", "flag", "false"),
    Key("jobs", None, "Processes that train in studies; all cores but one if not given.", "count", "2"),
)


@dataclass(frozen=True)
class Configured:
    """A value, and who says it: a line of the file, a variable, or nobody, so that it is the default."""

    key: Key
    value: Value
    source: str


class ConfigurationError(Exception):
    """What is wrong, with its line or variable: a sentence."""


def configuration_path() -> Path | None:
    """The file: in EPOCHAL_HOME where that is set, else in the user's folder of configuration."""
    if chosen := os.environ.get("EPOCHAL_HOME"):
        return Path(chosen) / NAME
    from platformdirs import user_config_path

    try:
        folder = user_config_path("epochal")
    except (RuntimeError, KeyError):
        return None
    return None if folder.parts[:1] == NOWHERE.parts else folder / NAME


def configuration() -> dict[str, Configured]:
    """Every key with its value. ConfigurationError names the line, or variable, of the first wrong one."""
    path = configuration_path()
    found = {} if path is None else _of_file(path)
    for key in KEYS:
        if (text := os.environ.get(key.variable)) is not None:
            found[key.name] = Configured(key, _of_text(key, text), key.variable)
    return {key.name: found.get(key.name) or Configured(key, key.default, "default") for key in KEYS}


def configured_theme() -> str:
    """The theme that somebody says; empty where nobody does, or what they say is wrong."""
    try:
        return str(configuration()["theme"].value or "")
    except ConfigurationError:
        return ""


def template() -> str:
    """A file in which every key is explained and none is set."""
    lines = ["# Epochal's configuration. Take the # away before a line to set it."]
    for key in KEYS:
        lines += [
            "",
            f"# {key.sentence}",
            f"# {key.name} is {key.allowed}; or {key.variable}.",
            f"# {key.name} = {key.example}",
        ]
    return "\n".join(lines) + "\n"


def is_there(path: Path) -> bool:
    """Whether there is such a file."""
    try:
        os.lstat(path)
    except OSError:
        return False
    return True


def write_template(path: Path) -> None:
    """Write a new file in which every key is explained. OSError where it cannot be, or is there already."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with whole_file(path, force=False) as file:
        file.write(template().encode())


def _of_file(path: Path) -> dict[str, Configured]:
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {refusal(error)}") from None
    # Imported here, as a first paint without a file needs none of it.
    import tomllib

    try:
        text = content.decode()
        values = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigurationError(f"{path}, line {line}: this is no UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(_no_toml(path, str(error), text)) from None
    keys = {key.name: key for key in KEYS}
    found = {}
    for name, value in values.items():
        where = f"{path}, line {_line(text, name)}"
        if name not in keys:
            near = difflib.get_close_matches(name, keys, 1)
            hint = f"; did you mean {near[0]}?" if near else f": there are {', '.join(keys)}"
            raise ConfigurationError(f"{where}: there is no key {name}{hint}")
        if not _is_right(keys[name], value):
            raise ConfigurationError(f"{where}: {name} is {keys[name].allowed}, not {_shown(value)}")
        found[name] = Configured(keys[name], value, f"line {_line(text, name)}")
    return found


def _no_toml(path: Path, said: str, text: str) -> str:
    place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)", said)
    line = place[1] if place and place[1] else str(text.count("\n") + 1)
    return f"{path}, line {line}: this is no TOML: {said[: place.start()] if place else said}"


def _line(text: str, name: str) -> int:
    """The line in which a key, or a section, of this name is set."""
    word = re.escape(name)
    found = re.search(rf"^[ \t]*\[*[ \t]*[\"']?{word}[\"']?[ \t]*[=.\]]", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _is_right(key: Key, value: object) -> bool:
    if key.kind == "flag":
        return isinstance(value, bool)
    if key.kind == "count":
        return isinstance(value, int) and not isinstance(value, bool) and value >= 1
    return isinstance(value, str) and bool(value) and (not key.choices or value in key.choices)


def _of_text(key: Key, text: str) -> Value:
    """What a variable says."""
    value: Value = text
    if key.kind == "flag":
        value = FLAGS.get(text.strip().lower())
    elif key.kind == "count":
        value = int(text) if re.fullmatch(r"[0-9]{1,6}", text.strip()) else None
    if not _is_right(key, value):
        raise ConfigurationError(f"{key.variable}: {key.name} is {key.allowed}, not {_shown(text)}")
    return value


def _shown(value: object) -> str:
    text = (
        repr(value)
        if isinstance(value, str)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )
    return text if len(text) <= 40 else f"{text[:37]}..."
