"""The README says what is so: its table of settings, its commands, its first two lines of shell."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from epochal.tui.cli.main import COMMANDS, epochal
from tests.runs import GIVE_UP
from tests.shell_blocks import run, shown, small_budget

HERE = Path(__file__).parents[1]
README = (HERE / "README.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _no_preset(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is for whoever types what the README shows."""
    monkeypatch.delenv("EPOCHAL_PRESET")


def test_the_tables_of_settings_and_keys_are_those_the_program_has() -> None:
    place = importlib.util.spec_from_file_location("make", HERE / "docs" / "make.py")
    assert place
    assert place.loader
    make = importlib.util.module_from_spec(place)
    place.loader.exec_module(make)
    assert make.with_tables(README) == README, "run: python -m docs.make"
    assert "<!-- keys -->\n| key | does |" in README


def test_every_command_shown_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other in one folder, since some take what others have made."""
    monkeypatch.chdir(tmp_path)
    small_budget(monkeypatch)
    table = (HERE / "data" / "column_2C_weka.csv").read_text(encoding="utf-8")
    Path("patients.csv").write_text(table.replace("class", "diagnosis", 1), encoding="utf-8")
    lines = shown(README)
    assert {line.split()[1] for line in lines} >= {*COMMANDS} - {"runs", "lab", "serve"}
    for line in lines:
        run(line)
    written = {"spine.npz", "spine.html", "spine.svg", "spine.py", "predicted.csv", "patients.html"}
    assert written <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`epochal ((?:runs )?[a-z]+)", README))))
def test_every_command_named_is_there(named: str) -> None:
    assert CliRunner().invoke(epochal, [*named.split(), "--help"]).exit_code == 0


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
        timeout=GIVE_UP,
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
