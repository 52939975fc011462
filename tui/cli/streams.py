"""The three standard streams as a command finds them: closed, full, or gone, they end no work unsaid."""

from __future__ import annotations

import contextlib
import io
import os
import sys

import click

from epochal.data.paths import refusal


class NotPrinted(click.ClickException):
    """What was to be printed could not be: exit code 1, and a sentence on stderr."""

    exit_code = 1

    def show(self, file: object = None) -> None:
        """Say it."""
        click.echo(self.message, err=True)


class _Out(io.FileIO):
    """Standard output: what cannot be written is said once; a reader who has left wants no sentence."""

    is_said = False

    def write(self, data: object) -> int:
        if self.is_said:
            return memoryview(data).nbytes  # type: ignore[arg-type]
        try:
            return super().write(data)  # type: ignore[arg-type]
        except BrokenPipeError:
            raise
        except OSError as error:
            self.is_said = True
            raise NotPrinted(f"The result could not be printed: {refusal(error)}.") from None


class _Aside(io.FileIO):
    """Standard error: whoever cannot be told goes untold, and the work goes on."""

    def write(self, data: object) -> int:
        try:
            return super().write(data)  # type: ignore[arg-type]
        except OSError:
            return memoryview(data).nbytes  # type: ignore[arg-type]


def make_sound() -> None:
    """Put something in the place of each stream that is closed, and let the others fail in sentences.

    Without it the next file that is opened would be given a closed stream's number, and be written to.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free, which is this one.
            os.open(os.devnull, os.O_RDWR)
    if sys.stdin is None:
        sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = _text(_Out(1, "w", closefd=False), sys.stdout)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _text(_Aside(2, "w", closefd=False), sys.stderr)  # type: ignore[misc]


def _text(raw: io.FileIO, before: object) -> io.TextIOWrapper:
    """A text stream as Python itself would have made it."""
    encoding, errors = getattr(before, "encoding", None), getattr(before, "errors", None)
    if isinstance(before, io.TextIOWrapper):
        with contextlib.suppress(OSError):
            before.flush()
    is_terminal = raw.isatty()
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=encoding or "utf-8",
        errors=errors or "backslashreplace",
        line_buffering=is_terminal or isinstance(raw, _Aside),
        write_through=isinstance(raw, _Aside),
    )


def put_away() -> None:
    """Print what still waits; NotPrinted where that cannot be. Python's own attempt at the end is none."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _discard()
    except NotPrinted:
        _discard()
        raise


def _discard() -> None:
    """Let nothing that is left of standard output be tried again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
