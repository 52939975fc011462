"""The README says what is so: its table of settings, its commands, its first two lines of shell."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
README = (HERE / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    return [
        line for line in README.splitlines() if re.match(r"epochal (train|validate|article|tables)\b", line)
    ]


def test_the_tables_of_settings_and_keys_are_those_the_program_has() -> None:
    place = importlib.util.spec_from_file_location("make", HERE / "docs" / "make.py")
    assert place
    assert place.loader
    make = importlib.util.module_from_spec(place)
    place.loader.exec_module(make)
    assert make.with_tables(README) == README, "run: python -m docs.make"
    assert "<!-- keys -->\n| key | does |" in README


@pytest.mark.parametrize("command", commands())
def test_every_command_shown_runs(command: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "epochal", *shlex.split(command)[1:]],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_notebook_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code
    exec(compile(code[1], "README.md", "exec"), {})
    assert "held-out rows right" in capsys.readouterr().out


def test_the_result_shown_is_the_one_the_program_prints() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "epochal", "train", "column_2C_weka"],
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    shown = re.search(r"```text\n(.*?)```", README, re.DOTALL)
    assert shown
    assert shown[1] in done.stdout


def test_the_checks_run_the_command_that_the_readme_gives() -> None:
    script = (HERE / ".ci" / "run").read_text(encoding="utf-8")
    pattern = re.search(r"sed -n 's/(.*?)/\\1/p' README.md", script)
    assert pattern
    found = [line for line in README.splitlines() if re.match(r"python3 -m venv .*pytest", line)]
    assert len(found) == 1
