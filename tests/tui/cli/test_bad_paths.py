"""Every option and argument that takes a path, given every path that cannot be used: sentences, code 1."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from epochal.tui.cli.main import COMMANDS
from epochal.tui.cli.main import epochal as program
from tests.hostile_paths import WITHOUT_CAPABILITIES, made, to_read, to_write
from tests.runs import HERE, epochal

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="pipes, sockets and /proc as Linux has them")

# Runs each of the calls it is given, and tells what came of it.
CALLS = """
import json, os, sys
from click.testing import CliRunner
from epochal.tui.cli.main import epochal
calls = json.load(sys.stdin)
if sys.argv[1] == "gone":
    os.mkdir("gone")
    os.chdir("gone")
    os.rmdir("../gone")
told = []
for call in calls:
    done = CliRunner().invoke(epochal, call)
    fault = done.exception if not isinstance(done.exception, (SystemExit, type(None))) else None
    told.append([done.exit_code, done.stdout, done.stderr, repr(fault) if fault else ""])
json.dump(told, sys.__stdout__)
"""

GOOD = {
    "train": ["train", "iris", "--epochs=2", "--no-history"],
    "validate": ["validate", "iris", "--epochs=2"],
    "search": ["search", "iris", "--epochs=2", "--vary=hidden=1"],
    "inspect": ["inspect", "iris"],
    "lab": ["lab", "iris"],
    "predict": ["predict", "model.npz", "iris"],
    "export": ["export", "model.npz"],
    "runs export": ["runs", "export", "1"],
    "runs resume": ["runs", "resume", "1"],
}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its words."""
    context = click.Context(program)
    for name in COMMANDS:
        command = program.get_command(context, name)
        if isinstance(command, click.Group):
            for sub, one in command.commands.items():
                yield f"{name} {sub}", one
        elif command:
            yield name, command


def calls(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Every command with one of its paths spoilt."""
    for name, command in commands():
        for parameter in command.params:
            if isinstance(parameter, click.Argument) and parameter.name in ("table", "model"):
                good = {"table": "iris", "model": "model.npz"}[parameter.name]
                for kind, path in to_read(folder).items():
                    call = [path if word == good else word for word in GOOD[name]]
                    yield f"{name} {parameter.name}: {kind}", call
            elif isinstance(parameter.type, click.Path):
                ending = re.search(r"\.\w+$", str(parameter.metavar))
                assert ending, parameter
                for kind, path in to_write(folder, ending[0]).items():
                    call = [*GOOD[name], f"{parameter.opts[0]}={path}"]
                    yield f"{name} {parameter.opts[0]} --force: {kind}", [*call, "--force"]
                    if parameter.name in ("save", "output"):
                        yield f"{name} {parameter.opts[0]}: {kind}", call


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "paths"
    folder.mkdir()
    made(folder)
    # Relative names are looked up from here.
    done = epochal("train", "iris", "--epochs=2", "--save=model.npz", cwd=folder)
    assert done.returncode == 0, done.stderr
    yield folder
    (folder / "locked").chmod(0o700)


def answers(folder: Path, asked: list[list[str]], where: str = "") -> list[tuple[int, str, str, str]]:
    lost = WITHOUT_CAPABILITIES if os.geteuid() == 0 else ""
    done = subprocess.run(
        [sys.executable, "-c", lost + CALLS, where],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(HERE), "PYTHONWARNINGS": "error"},
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [(code, out, err, fault) for code, out, err, fault in json.loads(done.stdout)]


def is_said(code: int, out: str, err: str, fault: str) -> bool:
    """One or two sentences, nothing a terminal would obey, and no fault of ours."""
    return (
        code in (1, 2)
        and not fault
        and 1 <= len((err + out).strip().splitlines()) <= 4
        and "Traceback" not in err
        and "Errno" not in err + out
        and len(err + out) < 1500
        and all(one.isprintable() or one == "\n" for one in err + out)
    )


def test_every_path_option_refuses_every_bad_path_in_sentences(folder: Path) -> None:
    names, asked = zip(*calls(folder), strict=True)
    assert {name for name, _ in commands() if name in GOOD} == set(GOOD)
    told = answers(folder, list(asked))
    wrong = {name: one for name, one in zip(names, told, strict=True) if not is_said(*one)}
    assert not wrong, "\n".join(f"{name}: {one}" for name, one in wrong.items())
    assert len(names) > 250
    assert stat.S_ISFIFO(os.stat(folder / "fifo").st_mode)
    assert stat.S_ISSOCK(os.stat(folder / "socket").st_mode)
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)
    assert not (HERE / "~nosuch").exists()


def test_in_a_folder_that_has_been_removed_it_says_so_or_goes_on(folder: Path) -> None:
    asked = {
        "reads": ["inspect", "x.csv"],
        "writes": [*GOOD["train"], "--save=x.npz"],
        "works": GOOD["train"],
        "writes elsewhere": [*GOOD["train"], f"--save={folder}/there.npz"],
    }
    told = dict(zip(asked, answers(folder, list(asked.values()), "gone"), strict=True))
    assert is_said(*told["reads"]), told["reads"]
    assert is_said(*told["writes"]), told["writes"]
    assert "The folder you are in has been removed" in told["writes"][2]
    assert told["works"][0] == told["writes elsewhere"][0] == 0, told
    assert (folder / "there.npz").is_file()
