"""A Dask cluster behind the standard library's `Executor`: its workers leave and join as they like.

`local` is a cluster of this machine's own. A value that was sent is lost with the last worker that holds it:
then it is sent again, and the task that named it is done again, once.
"""

from __future__ import annotations

import contextlib
import logging
import platform
import re
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Executor, Future
from functools import partial
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np

from epochal.tui.runner.cores import usual_jobs
from epochal.tui.runner.processes import WorkLost

LOCAL = "local"
ADDRESS = re.compile(r"(tcp|tls|wss?|ucx)://[^\s/]+:\d+")
# Seconds for a scheduler to answer, and to have a worker.
PATIENCE = "15s"
WORKERS_PATIENCE = 15.0
# So often a value is sent to all workers; then to one of them, from which the others get it.
ATTEMPTS = 3

LOST = (
    "The workers of the cluster that had this task ended in the middle of it: they were killed, or there was "
    "not enough memory."
)

Versions = dict[str, str]


class NoCluster(ValueError):
    """Why there is no cluster to work with, in a sentence."""


def versions_here() -> Versions:
    """What must be the same wherever a study is trained."""
    return {"Python": platform.python_version(), "NumPy": np.__version__, "Epochal": version("epochal")}


class Sent:
    """A large value that is on the workers, as far as anybody knows."""

    def __init__(self, value: object, there: object) -> None:
        self.value, self.there = value, there


class Cluster(Executor):
    """The workers at a scheduler's address. NoCluster, in a sentence, where they cannot be worked with."""

    def __init__(self, address: str) -> None:
        if find_spec("distributed") is None:
            raise NoCluster("A cluster needs dask.distributed: pip install 'epochal[cluster]'.")
        # What it logs would be drawn across the screen.
        for name in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        self._lock = threading.Lock()
        self._leaving = contextlib.ExitStack()
        self._client = self._connected(address)
        try:
            self._check_workers(address)
        except BaseException:
            self.end()
            raise
        self._executor = self._client.get_executor(pure=False)
        self._waiting: set[Future[Any]] = set()

    def _connected(self, address: str) -> Any:
        dask: Any = import_module("distributed")
        if address != LOCAL:
            if not ADDRESS.fullmatch(address):
                raise NoCluster(f"{address} is no scheduler's address, such as tcp://host:8786, nor local.")
            try:
                client = dask.Client(address, timeout=PATIENCE, set_as_default=False)
            except (OSError, TimeoutError):
                why = f"No Dask scheduler answers at {address}."
                raise NoCluster(f"{why} One is started with: dask scheduler") from None
            return self._leaving.enter_context(client)
        # Starting processes asks `sys.stderr` for its number, which the screen's own has not.
        with contextlib.redirect_stderr(sys.__stderr__):
            local = dask.LocalCluster(
                n_workers=usual_jobs(), threads_per_worker=1, dashboard_address=":0", silence_logs=100
            )
            self._leaving.enter_context(local)
            return self._leaving.enter_context(dask.Client(local, set_as_default=False))

    def _check_workers(self, address: str) -> None:
        try:
            self._client.wait_for_workers(1, timeout=WORKERS_PATIENCE)
        except TimeoutError:
            raise NoCluster(
                f"The scheduler at {address} has no workers. One is started with: dask worker {address}"
            ) from None
        here = versions_here()
        for worker, found in self._client.get_versions(packages=["epochal"])["workers"].items():
            if wrong := differences(here, _versions_of(found["packages"])):
                raise NoCluster(f"The worker at {worker} has {wrong}: the numbers would not be the same.")

    @property
    def jobs(self) -> int:
        """How many tasks are done at a time, now."""
        return sum(self._client.nthreads().values())

    @property
    def dashboard(self) -> str:
        """Where Dask shows what goes on; empty where it does not."""
        return str(self._client.dashboard_link or "")

    def scatter(self, value: object) -> Sent:
        """Send a value to every worker there is; those that join get it from another."""
        for _ in range(ATTEMPTS):
            # A worker that leaves in the middle makes the scheduler fail in ways of its own.
            with contextlib.suppress(Exception):
                return Sent(value, self._client.scatter(value, broadcast=True, hash=False))
        return Sent(value, self._client.scatter(value, hash=False))

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Do `work` on some worker."""
        future: Future[Any] = Future()
        with self._lock:
            self._waiting.add(future)
        self._begin(future, partial(work, **named) if named else work, arguments, again=True)
        return future

    def _begin(
        self, future: Future[Any], work: Callable[..., Any], arguments: tuple[Any, ...], *, again: bool
    ) -> None:
        there = tuple(each.there if isinstance(each, Sent) else each for each in arguments)
        inner = self._executor.submit(_by_the_same_versions, versions_here(), work, *there)
        future.add_done_callback(lambda _: inner.cancel())
        inner.add_done_callback(partial(self._ended, future, work, arguments, again=again))

    def _ended(
        self,
        future: Future[Any],
        work: Callable[..., Any],
        arguments: tuple[Any, ...],
        inner: Future[Any],
        *,
        again: bool,
    ) -> None:
        from distributed.scheduler import KilledWorker

        if future.cancelled():
            return
        error = CancelledError() if inner.cancelled() else inner.exception()
        if isinstance(error, CancelledError) and again:
            # Not on the loop of the client, which would wait for itself.
            threading.Thread(target=self._do_again, args=(future, work, arguments), daemon=True).start()
            return
        with self._lock:
            self._waiting.discard(future)
        if isinstance(error, CancelledError | KilledWorker):
            error = WorkLost(LOST)
        if future.set_running_or_notify_cancel():
            future.set_exception(error) if error else future.set_result(inner.result())

    def _do_again(self, future: Future[Any], work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        try:
            with self._lock:
                for each in arguments:
                    if isinstance(each, Sent) and getattr(each.there, "status", "") in ("cancelled", "lost"):
                        each.there = self.scatter(each.value).there
            self._begin(future, work, arguments, again=False)
        except Exception:
            if future.set_running_or_notify_cancel():
                future.set_exception(WorkLost(LOST))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster when all is done; or now, where what a worker does is not waited for."""
        with self._lock:
            waiting = list(self._waiting)
        for future in waiting:
            if cancel_futures:
                future.cancel()
            elif wait:
                with contextlib.suppress(Exception):
                    future.exception()
        self._leaving.close()

    def end(self) -> None:
        """Leave now."""
        self._waiting = getattr(self, "_waiting", set())
        self.shutdown(cancel_futures=True)


def differences(here: Versions, there: Versions) -> str:
    """`NumPy 2.0.1 instead of 2.4.6, no Epochal`; empty where all are the same."""
    return ", ".join(
        f"{name} {there[name]} instead of {wanted}" if there.get(name) else f"no {name}"
        for name, wanted in here.items()
        if there.get(name) != wanted
    )


def _versions_of(packages: Mapping[str, Any]) -> Versions:
    python = ".".join(str(packages["python"]).split(".")[:3])
    return {"Python": python, "NumPy": packages.get("numpy") or "", "Epochal": packages.get("epochal") or ""}


def _by_the_same_versions(wanted: Versions, work: Callable[..., Any], *arguments: Any) -> Any:
    """Done on a worker, which may have joined after the others were looked at."""
    if wrong := differences(wanted, versions_here()):
        raise NoCluster(f"A worker that has joined has {wrong}: the numbers would not be the same.")
    return work(*arguments)
