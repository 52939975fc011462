"""Background work: a thread that whatever it raises ends as failed, said in a sentence."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from epochal.data.crash_log import log_crash
from epochal.tui.widgets.text import visible

T = TypeVar("T")

MOST_CHARACTERS = 200


class WorkFailed(Exception):
    """Why work in the background failed, in a sentence for the person who waits for it."""


class Worker:
    """Work in a thread of its own. `failed` is called there with a sentence, whatever the work raises.

    Exceptions of the `expected` classes are sentences themselves. Of any other the traceback goes to the
    crash log, and the sentence says where that is.
    """

    def __init__(
        self,
        work: Callable[[], object],
        failed: Callable[[str], object],
        doing: str,
        expected: tuple[type[BaseException], ...] = (),
        *,
        daemon: bool = True,
    ) -> None:
        self._work, self._failed = work, failed
        self._doing, self._expected = doing, expected
        name = f"epochal-{doing.lower().replace(' ', '-')}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=daemon)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def has_begun(self) -> bool:
        """Whether it was started."""
        return self._thread.ident is not None

    def join(self, seconds: float) -> bool:
        """Wait for the work; whether it is done."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._work()
        except self._expected as error:
            self._tell(_text_of(error) or failure_in_words(error, self._doing))
        except BaseException as error:
            self._tell(failure_in_words(error, self._doing))

    def _tell(self, sentence: str) -> None:
        try:
            self._failed(sentence)
        except BaseException as error:
            log_crash(error, f"Telling of the end of {self._doing.lower()}")


async def off_screen(work: Callable[[], T], doing: str, expected: tuple[type[Exception], ...] = ()) -> T:
    """What work in a thread returns. Exceptions that are not expected are raised as WorkFailed.

    The process waits for the thread when it ends, for as long as `leaving` lets it, so that a file that is
    being written is written.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()

    def settle(call: Callable[[Any], None], value: object) -> None:
        if not done.done():
            call(value)

    def answer(call: Callable[[Any], None], value: object) -> None:
        # A loop that is closed has nobody who waits.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(partial(settle, call, value))

    def worked() -> None:
        try:
            value = work()
        except expected as error:
            answer(done.set_exception, error)
        else:
            answer(done.set_result, value)

    failed = partial(answer, done.set_exception)
    Worker(worked, lambda sentence: failed(WorkFailed(sentence)), doing, daemon=False).start()
    value: T = await done
    return value


def failure_in_words(error: BaseException, doing: str) -> str:
    """`Training failed, ...`: what was raised, where its traceback is, and what to do with it."""
    logged = log_crash(error, doing)
    if isinstance(error, MemoryError):
        what, report = f"{doing} failed: there is not enough memory for it.", "The traceback is in"
    else:
        said = ": ".join(filter(None, (type(error).__name__, _text_of(error))))
        what = f"{doing} failed because of a fault in Epochal ({said})."
        report = "Please report it, with the traceback in"
    if logged.problem:
        return f"{what} Please report it; the traceback cannot be written to {logged.path}: {logged.problem}."
    return f"{what} {report} {logged.path}"


def _text_of(error: BaseException) -> str:
    """The exception's own words on one line, safe to show; empty where it has none or cannot say them."""
    try:
        text = visible(" ".join(str(error).split()))
    except BaseException:
        return ""
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}..."
