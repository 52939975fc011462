"""Worker processes: a death is mended once and then said; nothing outlives its parent."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from epochal.tui.runner.processes import Processes, WorkLost
from tests.runs import GIVE_UP, HERE
from tests.work import die, die_once, length, never_end, own_number, refuse

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="watches processes as Linux lets one")


@pytest.fixture(scope="module")
def two() -> Iterator[Processes]:
    """Two workers."""
    with Processes(2) as processes:
        yield processes


def wait_for_end(number: int) -> None:
    """Wait until a process is gone."""
    try:
        watched = os.pidfd_open(number)
    except ProcessLookupError:
        return
    assert select.select([watched], [], [], GIVE_UP)[0], f"process {number} lives on"
    os.close(watched)


def workers_of(number: int) -> list[int]:
    """The processes that a process has started."""
    return list(map(int, Path(f"/proc/{number}/task/{number}/children").read_text().split()))


def test_work_is_done_elsewhere_by_the_same_few(two: Processes) -> None:
    numbers = {two.submit(own_number, place).result() for place in range(8)}
    assert os.getpid() not in numbers
    assert len(numbers) <= 2


def test_what_is_sent_once_is_there_whenever_it_is_named(two: Processes) -> None:
    first = two.scatter(range(5))
    assert [two.submit(length, first, (1, 2)).result() for _ in range(4)] == [(5, 2)] * 4
    second = two.scatter(range(7))
    futures = [two.submit(length, second, ()) for _ in range(6)]
    assert [future.result() for future in futures] == [(7, 0)] * 6


def test_what_work_refuses_is_refused_here(two: Processes) -> None:
    with pytest.raises(ValueError, match="too few rows"):
        two.submit(refuse, "too few rows").result()


def test_a_task_whose_worker_dies_is_done_again(two: Processes, tmp_path: Path) -> None:
    sent = two.scatter(range(3))
    futures = [two.submit(die_once, tmp_path / str(place), place) for place in range(3)]
    assert [future.result() for future in futures] == list(range(3))
    assert two.submit(length, sent, ()).result() == (3, 0)


def test_a_task_whose_worker_dies_again_is_said_and_others_go_on(two: Processes) -> None:
    lost, fine = two.submit(die), [two.submit(own_number, place) for place in range(4)]
    with pytest.raises(WorkLost, match=r"ended twice in the middle of the same task.*--jobs 1"):
        lost.result()
    assert all(future.result() for future in fine)


def test_what_nobody_waits_for_any_more_ends_at_once(two: Processes, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "who")
    future = two.submit(never_end, tmp_path / "who")
    number = int((tmp_path / "who").read_text(encoding="utf-8"))
    assert future.cancel()
    wait_for_end(number)
    assert two.submit(own_number, 0).result() != number


def test_an_idle_worker_that_was_killed_is_replaced(two: Processes) -> None:
    number = two.submit(own_number, 0).result()
    os.kill(number, signal.SIGKILL)
    wait_for_end(number)
    assert number not in {two.submit(own_number, place).result() for place in range(4)}


def test_the_end_does_not_wait_for_work(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "who")
    processes = Processes(1)
    future, waiting = processes.submit(never_end, tmp_path / "who"), processes.submit(own_number, 0)
    number = int((tmp_path / "who").read_text(encoding="utf-8"))
    processes.end()
    wait_for_end(number)
    assert future.cancelled()
    assert waiting.cancelled()


def test_its_block_waits_for_what_was_asked() -> None:
    with Processes(1) as processes:
        futures = [processes.submit(own_number, place) for place in range(3)]
    assert len({future.result(0) for future in futures}) == 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_its_parent(how: signal.Signals, tmp_path: Path) -> None:
    places = [tmp_path / "first", tmp_path / "second"]
    for place in places:
        os.mkfifo(place)
    lines = (
        "import sys, threading",
        "from pathlib import Path",
        "from epochal.tui.runner.processes import Processes",
        "from tests.work import never_end",
        "processes = Processes(2)",
        "for place in sys.argv[1:]: processes.submit(never_end, Path(place))",
        "threading.Event().wait()",
    )
    command = [sys.executable, "-c", "\n".join(lines), *map(str, places)]
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as parent:
        numbers = [int(place.read_text(encoding="utf-8")) for place in places]
        started = workers_of(parent.pid)
        assert set(numbers) <= set(started)
        parent.send_signal(how)
        for number in started:
            wait_for_end(number)
        said, _ = parent.communicate(timeout=GIVE_UP)
    assert parent.returncode == -how
    assert said == b""
