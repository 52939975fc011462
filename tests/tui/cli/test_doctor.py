"""`epochal doctor`: the machine as it is, in ten lines or as one object, whatever state it is in."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import epochal
from tests.runs import Terminal, told, told_json


def test_it_says_what_a_report_of_a_fault_should(home: Path) -> None:
    said = told("doctor").stdout.splitlines()
    assert len(said) <= 10
    assert said[0].startswith(f"Epochal {epochal.__version__}, ")
    assert f"numpy {np.__version__}" in said[1]
    assert said[-1] == f"History: 0 runs in {home / 'runs.sqlite'} (0.0 MB)"


def test_the_object_has_the_same_and_counts_the_runs(home: Path) -> None:
    told_json("train", "iris", "--epochs=2")
    found = told_json("doctor")
    assert found["history"] == {
        "path": str(home / "runs.sqlite"),
        "bytes": (home / "runs.sqlite").stat().st_size,
        "runs": 1,
        "problem": "",
    }
    assert found["libraries"]["numpy"] == np.__version__
    assert found["processors"] == os.cpu_count()
    assert found["frame_milliseconds"] > 0
    assert found["terminal"]["is_terminal"] is False


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": ""}, "Colours: 256;"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "Colours: 16 million;"),
        ({"TERM": "dumb"}, "Colours: none;"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "Colours: none, as NO_COLOR says;"),
        ({"TERM": "xterm", "TMUX": "/tmp/x", "SSH_CONNECTION": "a"}, "TERM xterm, within tmux and SSH"),
        ({"TERM": "x\x1b[31m"}, "TERM x␛[31m"),
        ({"COLUMNS": "50", "LINES": "10"}, "Size: 50 x 10: too small for the lab"),
        ({"COLUMNS": "120", "LINES": "40"}, "Size: 120 x 40: all panes side by side"),
    ],
)
def test_the_terminal_is_described_as_the_environment_does(
    variables: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("COLORTERM", "NO_COLOR", "TMUX", "STY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert said in told("doctor").stdout


def test_a_history_that_cannot_be_read_is_said_in_a_line(home: Path) -> None:
    home.mkdir()
    (home / "runs.sqlite").write_bytes(b"no database" * 500)
    last = told("doctor").stdout.splitlines()[-1]
    assert last.startswith("History: ")
    assert str(home / "runs.sqlite") in last
    assert told_json("doctor")["history"]["problem"]


def test_in_a_terminal_its_own_size_is_said(home: Path) -> None:
    terminal = Terminal("doctor", size=(97, 30), EPOCHAL_HOME=str(home))
    terminal.until(r"Size: 97 x 30: panes as tabs")
    terminal.until("Terminal: a terminal, TERM xterm-256color")
    terminal.end()
