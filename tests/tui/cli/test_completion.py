"""`epochal completion`: the scripts, and what they ask the program, as the shells do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from epochal.core.network.activations import ACTIVATIONS
from epochal.core.presets import PRESET_OPTIONS
from epochal.tui.cli.completion import SHELLS, VARIABLE
from epochal.tui.cli.main import COMMANDS
from epochal.tui.cli.main import epochal as program
from tests.runs import GIVE_UP, HERE, told


def completed(*words: str) -> list[str]:
    """What may follow: the last word is the one begun."""
    *before, begun = words
    found = ShellComplete(program, {}, "epochal", VARIABLE).get_completions(list(before), begun)
    return [one.value if one.type == "plain" else f"<{one.type}>" for one in found]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    here = tmp_path / "here"
    here.mkdir()
    for name in ("patients.csv", "spine.npz", "notes.md", ".hidden.csv", "with space.tsv"):
        (here / name).touch()
    monkeypatch.chdir(here)
    return here


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_has_a_script_that_asks_the_program(shell: str) -> None:
    script = told("completion", shell).stdout
    assert f"{VARIABLE}={shell}_complete" in script
    assert "epochal" in script
    assert shutil.which(shell) is None or _is_read_by(shell, script)


def _is_read_by(shell: str, script: str) -> bool:
    done = subprocess.run(
        [shell, "-n"], input=script, text=True, capture_output=True, timeout=GIVE_UP, check=False
    )
    return done.returncode == 0


def test_the_first_word_is_a_command_or_a_table() -> None:
    found = completed("")
    assert {*COMMANDS} - {"lab"} <= {*found}
    assert {"iris", "patients.csv"} <= {*found}
    assert ".hidden.csv" not in found
    assert completed("tr") == ["train"]
    assert completed("pa") == ["patients.csv"]
    assert completed("nowhere/") == ["<file>"]
    assert "--version" in completed("--v")


def test_tables_models_options_and_their_words_are_completed() -> None:
    assert completed("train", "ir") == ["iris"]
    assert completed("train", "with") == ["with space.tsv"]
    assert completed("train", "../so") == ["<file>"]
    assert completed("export", "") == ["spine.npz"]
    assert completed("predict", "spine.npz", "pen") == ["penguins"]
    assert "--hidden" in completed("train", "iris", "--hi")
    assert completed("train", "iris", "--activation", "") == [*ACTIVATIONS]
    assert completed("iris", "--scaling", "sm") == ["smooth-clip"]
    assert completed("train", "iris", "--preset", "") == [*PRESET_OPTIONS]
    assert completed("train", "iris", "--l2", "") == []
    assert completed("runs", "re") == ["resume"]
    assert completed("completion", "") == [*SHELLS]


def test_every_option_of_every_command_is_completed() -> None:
    context = click.Context(program)
    for name in COMMANDS:
        command = program.get_command(context, name)
        assert command is not None
        options = [
            o for one in command.params if isinstance(one, click.Option) for o in one.opts if o[:2] == "--"
        ]
        assert {*options} <= {*completed(name, "--")}, name


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_completes_with_it(folder: Path) -> None:
    """As readline does: the function that the script registers, asked about a line."""
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    (bin_folder / "epochal").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m epochal "$@"\n')
    (bin_folder / "epochal").chmod(0o755)
    script = (
        'eval "$(epochal completion bash)"\n'
        'COMP_WORDS=(epochal train pen); COMP_CWORD=2; _epochal_completion epochal; echo "${COMPREPLY[@]}"\n'
        "complete -p epochal\n"
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        env={**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        timeout=GIVE_UP,
        check=False,
    )
    assert done.stdout.splitlines() == ["penguins", "complete -o nosort -F _epochal_completion epochal"], (
        done.stderr
    )
