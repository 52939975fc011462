"""A user without HOME and without an entry in the password file, as in many a container."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runs import HERE

NOBODY = """
import pwd, sys
def nobody(_): raise KeyError("no such user")
pwd.getpwuid = nobody
from epochal.__main__ import main
sys.argv[0] = "epochal"
main()
"""
SENTENCE = "There is no home folder to keep the run history in: set HOME, or EPOCHAL_HOME to a folder"


def nobody(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    hidden = ("HOME", "EPOCHAL_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    return subprocess.run(
        [sys.executable, "-c", NOBODY, *arguments],
        cwd=cwd,
        env={
            **{name: value for name, value in os.environ.items() if name not in hidden},
            "PYTHONPATH": str(HERE),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_training_goes_on_and_says_once_that_nothing_is_kept(tmp_path: Path) -> None:
    done = nobody("train", "iris", "--epochs=3", "--save=m.npz", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(SENTENCE) == 1
    assert "Traceback" not in done.stderr
    assert "held-out rows right" in done.stdout
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == ["m.npz"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("runs", "list"),
        ("runs", "show", "1"),
        ("runs", "export", "1"),
        ("runs", "resume", "1"),
        ("runs", "delete", "1"),
    ],
)
def test_the_history_says_why_there_is_none(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = nobody(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{SENTENCE}.\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments", [("train", "iris", "--epochs=3", "--no-history"), ("inspect", "iris"), ("tables",)]
)
def test_what_needs_no_history_needs_no_home(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = nobody(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
