"""`epochal config`, and what the commands and the lab make of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochal.core.settings import Settings
from epochal.data.runs.queries import recorded_runs
from epochal.data.tables.dataset import Dataset
from tests.lab import lab
from tests.runs import told, told_json


@pytest.fixture(autouse=True)
def no_preset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EPOCHAL_PRESET")


def configure(home: Path, text: str) -> None:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(text, encoding="utf-8")


def test_it_shows_every_key_with_who_says_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "not there: epochal config --init writes it" in told("config").stdout
    told("config", "--init")
    assert "Nothing was written" in told("config", "--init", code=1).output
    configure(home, 'preset = "sensible"\njobs = 2\n')
    monkeypatch.setenv("EPOCHAL_HISTORY", "0")
    found = told_json("config")
    assert found["path"] == str(home / "config.toml")
    assert found["keys"]["preset"] == {"value": "sensible", "source": "line 1"}
    assert found["keys"]["history"] == {"value": False, "source": "EPOCHAL_HISTORY"}
    assert found["keys"]["theme"] == {"value": None, "source": "default"}


def test_commands_do_as_configured_and_options_come_first(home: Path) -> None:
    configure(home, 'preset = "no-hidden-layer"\nhistory = false\njobs = 1\n')
    found = told_json("train", "iris", "--epochs=2")
    assert found["settings"]["hidden"] == []
    assert recorded_runs(home).runs == ()
    assert told_json("train", "iris", "--epochs=2", "--preset=sensible")["settings"]["hidden"] == [10]
    assert (
        told_json("validate", "iris", "--epochs=2", "--folds=2", "--repeats=1")["preset"] == "no-hidden-layer"
    )
    assert "[default: no-hidden-layer]" in " ".join(told("train", "--help").stdout.split())


def test_a_wrong_file_stops_commands_with_its_line_but_not_those_that_help(home: Path) -> None:
    configure(home, "\nprest = 1\n")
    for command in (("train", "iris"), ("config",)):
        said = told(*command, code=1).output
        assert f"{home / 'config.toml'}, line 2: there is no key prest; did you mean preset?" in said
    for command in (("doctor",), ("tables",), ("completion", "bash")):
        told(*command)


def test_a_theme_that_there_is_not_is_named_with_those_there_are(home: Path) -> None:
    configure(home, 'theme = "pink\x1b[31m"\n'.replace("\x1b", "\\u001b"))
    said = told("config", code=1).output
    assert "line 1: theme is one of ansi-dark" in said
    assert "\x1b" not in said


async def test_the_lab_begins_with_the_configured_theme(home: Path, iris: Dataset) -> None:
    configure(home, 'theme = "nord"\n')
    async with lab(iris, Settings()) as person:
        assert person.app.theme == "nord"
