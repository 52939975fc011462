"""A Dask cluster of a real scheduler and two real workers: the same bytes, also when a worker is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from epochal.core.settings import Settings
from epochal.core.studies.search import candidates, search
from epochal.data.tables.dataset import Dataset
from epochal.tui.runner.cluster import Cluster, NoCluster, differences, versions_here
from tests.plain import plain
from tests.runs import GIVE_UP, HERE, epochal
from tests.work import own_number_once_told

pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of another library's sockets and loops
    pytest.mark.skipif(sys.platform == "win32", reason="kills workers as POSIX lets one"),
]

SEARCH = (
    "search", "auto_mpg", "--vary", "l2=0,0.1,1", "--vary", "hidden=3 4,2", "--epochs", "20", "--json",
)  # fmt: skip


def started(stack: ExitStack, *command: str) -> subprocess.Popen[bytes]:
    """One of Dask's programs, which is killed in the end."""
    program = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=HERE,
        env={**os.environ, "PYTHONPATH": str(HERE), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stack.callback(program.wait)
    stack.callback(program.kill)
    return program


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler's address, and its two workers."""
    with ExitStack() as stack:
        about = tmp_path / "scheduler.json"
        scheduler = ("distributed.cli.dask_scheduler", "--host", "tcp://127.0.0.1:0", "--no-dashboard")
        started(stack, *scheduler, "--scheduler-file", str(about))
        worker = ("distributed.cli.dask_worker", "--scheduler-file", str(about), "--no-dashboard")
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path))
        workers = [started(stack, *worker, *options) for _ in range(2)]
        while not (about.exists() and about.read_text(encoding="utf-8").strip()):
            assert all(program.poll() is None for program in workers)
        address = json.loads(about.read_text(encoding="utf-8"))["address"]
        yield address, workers


def test_a_search_survives_the_death_of_a_worker_in_its_middle(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], iris: Dataset, tmp_path: Path
) -> None:
    address, workers = cluster
    tried = candidates(Settings(epochs=30), {"l2": ["0", "0.1"], "hidden": ["3", "4,2", "none"]})
    expected = plain(list(search(iris.examples, tried, 4)))
    with Cluster(address) as dask:
        dask._client.wait_for_workers(2, timeout=GIVE_UP)
        assert dask.jobs == 2
        # A task of each worker stands still until it is told to go on, so that one dies in its middle.
        os.mkfifo(tmp_path / "who")
        os.mkfifo(tmp_path / "go")
        held = dask.scatter(range(5))
        waiting = dask.submit(own_number_once_told, held, tmp_path / "who", tmp_path / "go")
        first = int((tmp_path / "who").read_text(encoding="utf-8"))
        assert first in {program.pid for program in workers}
        with ThreadPoolExecutor(1) as aside:
            found = aside.submit(lambda: list(search(iris.examples, tried, 4, executor=dask)))
            os.kill(first, signal.SIGKILL)
            second = int((tmp_path / "who").read_text(encoding="utf-8"))
            assert second != first
            (tmp_path / "go").write_text("go", encoding="utf-8")
            assert waiting.result(GIVE_UP) == (second, 5)
            assert plain(found.result(GIVE_UP)) == expected


def test_the_command_line_gives_the_same_bytes(cluster: tuple[str, object]) -> None:
    result = epochal(*SEARCH, "--scheduler", cluster[0])
    assert result.returncode == 0, result.stderr
    alone = json.loads(epochal(*SEARCH, "--jobs", "1").stdout)
    assert {**json.loads(result.stdout), "seconds": 0.0} == {**alone, "seconds": 0.0}


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://127.0.0.1:1", "No Dask scheduler answers at tcp://127.0.0.1:1"),
        ("host:8786", "host:8786 is no scheduler's address"),
    ],
)
def test_a_cluster_that_is_not_there_is_said(
    address: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("epochal.tui.runner.cluster.PATIENCE", "1s")
    with pytest.raises(NoCluster, match=words):
        Cluster(address)


def test_other_versions_are_refused(cluster: tuple[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("epochal.tui.runner.cluster.version", lambda _: "9.9")
    with pytest.raises(NoCluster, match=r"has Epochal .* instead of 9.9: the numbers would not be the same"):
        Cluster(cluster[0])


def test_what_differs_is_named() -> None:
    here = versions_here()
    assert differences(here, here) == ""
    there = {**here, "NumPy": "1.0", "Epochal": ""}
    assert differences(here, there) == f"NumPy 1.0 instead of {here['NumPy']}, no Epochal"


def test_a_cluster_and_processes_are_not_asked_for_at_once() -> None:
    result = epochal(*SEARCH, "--scheduler", "local", "--jobs", "2")
    assert result.returncode == 2
    assert "give one of them" in result.stderr
