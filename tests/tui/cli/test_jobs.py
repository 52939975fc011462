"""`--jobs`: the same answer whatever their number; interrupted or killed, nothing is left behind."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runs import GIVE_UP, HERE, epochal

linux = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="watches processes as Linux lets one")

VALIDATE = (
    "validate", "iris", "--folds", "4", "--repeats", "3", "--epochs", "5", "--against", "knn", "--json",
)  # fmt: skip
SEARCH = (
    "search", "auto_mpg", "--vary", "l2=0,0.1,1", "--vary", "hidden=3 4,2", "--epochs", "4", "--json",
)  # fmt: skip
AUTO = ("search", "iris", "--budget", "0.3", "--no-history", "--json")
LONG = ("search", "iris", "--vary", "l2=0,0.1,1,2", "--epochs", "100000", "--folds", "4", "--jobs", "2")


@pytest.mark.parametrize("command", [VALIDATE, SEARCH, AUTO])
def test_the_answer_is_the_same_whatever_their_number(command: tuple[str, ...]) -> None:
    answers = []
    for jobs in ("1", "2", "3"):
        result = epochal(*command, "--jobs", jobs)
        assert result.returncode == 0, result.stderr
        assert result.stderr == ""
        answers.append({**json.loads(result.stdout), "seconds": 0.0})
    assert answers[0] == answers[1] == answers[2]


def test_a_number_that_cannot_be_is_refused() -> None:
    assert epochal("validate", "iris", "--jobs", "0").returncode == 2


def began(*arguments: str) -> subprocess.Popen[str]:
    """The program in a process group of its own, as in a terminal."""
    return subprocess.Popen(
        [sys.executable, "-m", "epochal", *arguments],
        cwd=HERE,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def children_of(number: int) -> list[int]:
    """The processes that a process has started."""
    place = Path(f"/proc/{number}/task/{number}/children")
    return [int(word) for word in place.read_text(encoding="utf-8").split()]


def workers_of(program: subprocess.Popen[str], count: int) -> list[int]:
    """Its workers, as soon as there are so many."""
    found: list[int] = []
    while len(found) < count:
        assert program.poll() is None
        commands = {one: Path(f"/proc/{one}/cmdline").read_bytes() for one in children_of(program.pid)}
        found = [one for one, command in commands.items() if b"spawn_main" in command]
    return found


def wait_for_end(numbers: list[int]) -> None:
    """Wait until these processes are gone."""
    for number in numbers:
        try:
            watched = os.pidfd_open(number)
        except ProcessLookupError:
            continue
        assert select.select([watched], [], [], GIVE_UP)[0], f"process {number} lives on"
        os.close(watched)


@linux
def test_ctrl_c_ends_it_and_its_workers() -> None:
    with began(*LONG) as program:
        workers = workers_of(program, 2)
        os.killpg(program.pid, signal.SIGINT)
        said, complained = program.communicate(timeout=GIVE_UP)
        wait_for_end(workers)
    assert program.returncode == 1
    assert said == ""
    assert complained == "Stopped before the first settings were evaluated: there is no result.\n"


@linux
def test_no_worker_outlives_the_program() -> None:
    with began(*LONG) as program:
        workers = workers_of(program, 2)
        program.kill()
        said, complained = program.communicate(timeout=GIVE_UP)
        wait_for_end(workers)
    assert (said, complained) == ("", "")


@linux
def test_a_worker_that_is_killed_is_made_up_for() -> None:
    with began(*SEARCH, "--jobs", "2", "--epochs", "60") as program:
        os.kill(workers_of(program, 2)[0], signal.SIGKILL)
        said, complained = program.communicate(timeout=GIVE_UP)
    assert (program.returncode, complained) == (0, "")
    alone = json.loads(epochal(*SEARCH, "--jobs", "1", "--epochs", "60").stdout)
    assert {**json.loads(said), "seconds": 0.0} == {**alone, "seconds": 0.0}
