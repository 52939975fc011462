"""Worker processes behind the standard library's `Executor`: who dies is replaced, and nobody outlives us.

A thread for each worker hands it one task at a time, so it is known whose task was lost when a worker dies:
that one is done again, once, and nobody else notices. However this process ends, its workers notice and end.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from functools import partial
from itertools import count
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from typing import Any

SPAWN = get_context("spawn")

LOST = (
    "A worker process ended twice in the middle of the same task: it was killed, or there was not enough "
    "memory. Try fewer at a time, or none: --jobs 1."
)


Answer = tuple[Any, BaseException | None]
"""What work comes to, and what it raised instead."""


class WorkLost(BrokenExecutor, ValueError):
    """A task whose worker died, and died again when it was done anew: in a sentence."""


class _Died(Exception):
    """The worker has ended without an answer."""


class Sent:
    """A large value that goes to each worker once; among the arguments of a task it goes by its number."""

    def __init__(self, number: int, value: object = None) -> None:
        self.number, self.value = number, value

    def __reduce__(self) -> tuple[type[Sent], tuple[int]]:
        return Sent, (self.number,)


@dataclass(eq=False)
class _Task:
    future: Future[Any]
    work: Callable[..., Any]
    arguments: tuple[Any, ...]


class Processes(Executor):
    """So many workers, started now, which import what they need while nobody waits for them yet.

    A task that is cancelled while it is worked on ends at once, with its worker, which is replaced. OSError
    where processes cannot be started.
    """

    def __init__(self, jobs: int) -> None:
        self._lock = threading.Lock()
        self._queue: SimpleQueue[_Task | None] = SimpleQueue()
        self._numbers = count(1)
        self._is_over = False
        self._workers: list[_Worker] = []
        try:
            for _ in range(jobs):
                self._workers.append(_Worker())
        except OSError:
            for worker in self._workers:
                worker.end()
            raise
        self._threads = [
            threading.Thread(target=self._serve, args=(worker,), name="epochal-worker", daemon=True)
            for worker in self._workers
        ]
        for thread in self._threads:
            thread.start()

    def scatter(self, value: object) -> Sent:
        """Send a value to each worker with its first task that names it, which forgets the one before."""
        return Sent(next(self._numbers), value)

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Do `work` in the first worker that is free."""
        task = _Task(Future(), partial(work, **named) if named else work, arguments)
        with self._lock:
            if self._is_over:
                raise RuntimeError("There are no workers any more.")
            self._queue.put(task)
        return task.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End when all is done; or now, whatever there is to do."""
        with self._lock:
            self._is_over = True
            tasks = [worker.task for worker in self._workers if worker.task]
            with contextlib.suppress(Empty):
                while cancel_futures:
                    if task := self._queue.get_nowait():
                        tasks.append(task)
            for _ in self._workers:
                self._queue.put(None)
        if cancel_futures:
            for task in tasks:
                task.future.cancel()
        for thread in self._threads if wait else ():
            thread.join()

    def end(self) -> None:
        """End now, whatever there is to do."""
        self.shutdown(cancel_futures=True)

    def _serve(self, worker: _Worker) -> None:
        """Give a worker task after task."""
        while task := self._queue.get():
            with self._lock:
                if task.future.cancelled():
                    continue
                worker.task = task
            task.future.add_done_callback(partial(self._lose, worker, task))
            value, error = self._done(worker, task)
            with self._lock:
                worker.task = None
            if not task.future.set_running_or_notify_cancel():
                continue
            task.future.set_exception(error) if error else task.future.set_result(value)
        worker.end()

    def _done(self, worker: _Worker, task: _Task) -> Answer:
        """Its value, or what it raised."""
        for _ in range(2):
            try:
                return worker.answer(task)
            except _Died:
                continue
            except Exception as error:  # it cannot be sent, or no process can be started
                return None, error
        if not self._is_over:
            with contextlib.suppress(OSError):
                worker.be_there()
        return None, WorkLost(LOST)

    def _lose(self, worker: _Worker, task: _Task, future: Future[Any]) -> None:
        """A task that is cancelled in the middle ends with its worker."""
        with self._lock:
            if future.cancelled() and worker.task is task:
                worker.kill()


class _Worker:
    """A process, and the task that it works on."""

    def __init__(self) -> None:
        self.task: _Task | None = None
        self._start()

    def _start(self) -> None:
        self._known: set[int] = set()
        self._connection, theirs = SPAWN.Pipe()
        self._process = SPAWN.Process(target=_serve, args=(theirs,), name="epochal-worker", daemon=True)
        # Starting asks `sys.stderr` for its number, which the screen's own has not.
        with contextlib.redirect_stderr(sys.__stderr__), _interrupts_held_back():
            self._process.start()
        theirs.close()

    def be_there(self) -> None:
        """Begin a new process where the last one has ended."""
        if not self._process.is_alive():
            self._start()

    def answer(self, task: _Task) -> Answer:
        """What the task comes to, or what it raised. _Died where the process ends before that is known."""
        self.be_there()
        if task.future.cancelled():  # and perhaps it was the process before that was killed for it
            raise _Died
        named = {each.number: each.value for each in task.arguments if isinstance(each, Sent)}
        try:
            if not self._known.issuperset(named):
                self._connection.send(named)
                self._known = set(named)
            self._connection.send((task.work, task.arguments))
            answer: Answer = self._connection.recv()
        except (EOFError, OSError):
            self.end()
            raise _Died from None
        return answer

    def kill(self) -> None:
        """End the process now."""
        self._process.kill()

    def end(self) -> None:
        """End the process, and wait until it has."""
        self.kill()
        self._process.join()
        self._connection.close()


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """A process that is started inside does not hear Ctrl+C, which is meant for this one."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# In the worker.


def _serve(connection: Connection) -> None:
    """Answer task after task, until the parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):  # they are the parent's: its terminal, or somebody's pipe
        os.dup2(nowhere, stream)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import epochal.core.studies.auto.nested  # noqa: F401  (what most tasks need)

    kept: dict[int, object] = {}
    with contextlib.suppress(EOFError, OSError):
        while True:
            message = connection.recv()
            if isinstance(message, dict):
                kept = message
                continue
            work, arguments = message
            answer: Answer
            try:
                value = work(*(kept[each.number] if isinstance(each, Sent) else each for each in arguments))
                answer = (value, None)
            except Exception as error:
                error.add_note(traceback.format_exc())
                answer = (None, error)
            connection.send(answer)


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
