"""Every command with every stream closed, full or left by its reader: a sentence, and nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from epochal.data.runs.queries import recorded_runs
from epochal.tui.cli.main import epochal as program
from tests.runs import HERE

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device is always full here")

COMMANDS = {
    "train": "train iris --epochs=2",
    "train --json": "train iris --epochs=2 --json",
    "validate": "validate iris --epochs=2 --folds=2 --repeats=1",
    "search": "search iris --epochs=2 --vary=hidden=1 --folds=2",
    "predict": "predict m.npz iris",
    "predict --json": "predict m.npz iris --json",
    "export": "export m.npz --python=m.py --force",
    "inspect": "inspect iris",
    "article": "article --list",
    "tables": "tables",
    "doctor": "doctor",
    "config": "config",
    "completion": "completion bash",
    "runs list": "runs list",
    "runs list --csv": "runs list --csv",
    "runs show": "runs show 1",
    "runs export": "runs export 1",
    "runs resume": "runs resume 1",
    "lab": "lab iris",
    "help": "--help",
    "version": "--version",
    "wrong": "train iris --nosuch",
}
QUIET = ("export", "lab", "wrong")
"""These print nothing."""
BROKEN = {
    "stdin closed": "0<&-",
    "stdout closed": "1>&-",
    "stderr closed": "2>&-",
    "all closed": "0<&- 1>&- 2>&-",
    "stdout full": "1>/dev/full",
    "stderr full": "2>/dev/full",
    "both full": "1>/dev/full 2>/dev/full",
    "stdout only for reading": "1</dev/null",
    "stderr only for reading": "2</dev/null",
    "stdout of nobody": "| true",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model and a history of one run."""
    folder = tmp_path_factory.mktemp("streams")
    done = run("train iris --epochs=2 --save=m.npz", "", folder)
    assert done.returncode == 0, done.stderr
    return folder


def run(command: str, broken: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", f'"$0" -m epochal {command} {broken}', sys.executable],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(HERE), "EPOCHAL_HOME": str(folder / "home")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


# Each starts a process: a part of them always, the rest with the long tail.
@pytest.mark.parametrize(
    ("name", "broken"),
    [
        pytest.param(
            name, broken, marks=() if (i + j) % len(BROKEN) == 0 and i % 2 == 0 else pytest.mark.slow
        )
        for i, name in enumerate(COMMANDS)
        for j, broken in enumerate(BROKEN)
    ],
)
def test_no_command_ends_in_a_traceback(name: str, broken: str, folder: Path) -> None:
    done = run(COMMANDS[name], BROKEN[broken], folder)
    assert "Traceback" not in done.stderr
    assert "fault in Epochal" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert len(done.stderr.splitlines()) <= 12
    usual = {"lab": 1, "wrong": 2}.get(name, 0)
    if broken in ("stdout full", "both full", "stdout only for reading") and name not in QUIET:
        assert done.returncode == 1
        if broken != "both full":
            assert done.stderr.count("The result could not be printed: ") == 1
    elif broken != "stdout of nobody":
        assert done.returncode == usual, done.stderr
    assert not (folder / "home" / "crashes.log").exists()


@pytest.mark.parametrize("broken", ["2>&-", "1>/dev/full 2>/dev/full"])
def test_the_run_is_kept_whatever_becomes_of_the_streams(broken: str, tmp_path: Path) -> None:
    run("train iris --epochs=7 --json", broken, tmp_path)
    (kept,) = recorded_runs(tmp_path / "home").runs
    assert (kept.epochs, kept.ending) == (7, "finished")


def test_no_file_takes_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    # What is said on stderr would otherwise be written into the history, whose file was opened next.
    for command in ("train iris --epochs=3", "runs resume 1", "train nosuch", "runs list --csv --json"):
        run(command, "0<&- 1>&- 2>&-", tmp_path)
    listing = recorded_runs(tmp_path / "home")
    assert (len(listing.runs), listing.problem) == (1, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "iris", "\x1b]0;X\x07"),
        ("train", "iris", "--no\x1b]0;X\x07"),
        ("train", "iris", "--epochs", "\x1b]0;X\x07"),
        ("runs", "\x1b]0;X\x07"),
        ("runs", "show", "\x1b]0;X\x07"),
        ("validate", "iris", "--folds", "\x9b31m"),
        ("article", "--seed", "\u202eabc"),
        ("article", "--repair", "\x1b]0;X\x07"),
        ("search", "iris", "--vary", "\x1b]0;X\x07"),
        ("search", "iris", "--vary", "hidden=\x1b]0;X\x07"),
        ("inspect", "iris", "--encoding", "\x1b]0;X\x07"),
        ("train", "iris", "--task", "\x1b]0;X\x07"),
        ("export", "m.npz", "\x1b]0;X\x07"),
        ("\x1b]0;X\x07", "\x1b]0;Y\x07"),
    ],
)
def test_no_byte_of_an_argument_acts_on_the_terminal(arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(program, arguments)
    assert done.exit_code in (1, 2)
    said = done.stdout + done.stderr
    assert all(one.isprintable() or one == "\n" for one in said), said


def test_one_object_is_printed_though_stderr_is_closed(folder: Path) -> None:
    done = run("train iris --epochs=2 --json", "2>&-", folder)
    assert json.loads(done.stdout)["epochs"] == 2
