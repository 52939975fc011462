"""The configuration: a file and variables, every key checked, what is wrong named with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from epochal.data.configuration import KEYS, ConfigurationError, configuration, configuration_path, template


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in KEYS:
        monkeypatch.delenv(key.variable, raising=False)


def wrote(home: Path, text: str | bytes) -> None:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_bytes(text if isinstance(text, bytes) else text.encode())


def values() -> dict[str, object]:
    return {name: one.value for name, one in configuration().items()}


def test_without_a_file_every_key_has_its_default(home: Path) -> None:
    assert configuration_path() == home / "config.toml"
    assert values() == {key.name: key.default for key in KEYS}
    assert {one.source for one in configuration().values()} == {"default"}


def test_the_template_explains_every_key_and_sets_none_and_its_examples_are_right(home: Path) -> None:
    wrote(home, template())
    assert values() == {key.name: key.default for key in KEYS}
    for key in KEYS:
        assert key.sentence in template()
        assert key.variable in template()
    wrote(home, re.sub(r"^# (\w+ = )", r"\1", template(), flags=re.MULTILINE))
    assert all(one.source.startswith("line ") for one in configuration().values())


def test_a_variable_comes_before_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrote(home, 'preset = "tutorial"\nhistory = true\njobs = 3\n')
    for name, text in (("PRESET", "sensible"), ("HISTORY", "off"), ("JOBS", "2"), ("THEME", "nord")):
        monkeypatch.setenv(f"EPOCHAL_{name}", text)
    assert values() == {"theme": "nord", "preset": "sensible", "history": False, "jobs": 2}
    assert configuration()["jobs"].source == "EPOCHAL_JOBS"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('\n\nthem = "x"', "line 3: there is no key them; did you mean theme?"),
        ("x = 1", "line 1: there is no key x: there are theme, preset"),
        ('theme = "nord"\n[history]\non = true', "line 2: history is true or false"),
        ("jobs = 2\npreset = 'best'", "line 2: preset is one of auto, sensible, .*, not 'best'"),
        ("jobs = 0", "line 1: jobs is a whole number from 1 on, not 0"),
        ("jobs = true", "line 1: jobs is a whole number from 1 on, not true"),
        ('# jobs = 1\n"jobs" = "2"', "line 2: jobs is a whole number from 1 on, not '2'"),
        ("history = 1", "line 1: history is true or false, not 1"),
        ('theme = ""', "line 1: theme is a word in quotes, not ''"),
        ("jobs = 2\njobs = 3", "line 2: this is no TOML"),
        ("jobs = 2\n\npreset = sensible\n", "line 3: this is no TOML"),
        ('theme = "nord', "line 1: this is no TOML"),
        (b"jobs = 2\n# \xff\n", "line 2: this is no UTF-8"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str | bytes, said: str, home: Path) -> None:
    wrote(home, text)
    with pytest.raises(ConfigurationError, match=f"config.toml, {said}"):
        configuration()


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("HISTORY", "maybe"),
        ("JOBS", "0"),
        ("JOBS", "-1"),
        ("JOBS", "many"),
        ("PRESET", "best"),
        ("THEME", ""),
    ],
)
def test_a_wrong_variable_is_named(variable: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"EPOCHAL_{variable}", text)
    with pytest.raises(ConfigurationError, match=f"EPOCHAL_{variable}: {variable.lower()} is "):
        configuration()


def test_a_folder_in_its_place_is_said_to_be_unreadable(home: Path) -> None:
    (home / "config.toml").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        configuration()
