"""Which process records a run, and whether it is still there."""

from __future__ import annotations

import contextlib
import os
import platform
from functools import cache
from pathlib import Path
from typing import Any


def this_process() -> str:
    """The machine's name, the process's number, and what tells it from a later one of that number."""
    return _described(os.getpid())


@cache
def _described(number: int) -> str:
    return f"{platform.node()} {number} {_mark(number)}"


def is_running(process: str) -> bool:
    """Whether the process of that description still runs; one on another machine is taken not to."""
    machine, number, mark = ["", "", *process.rsplit(" ", 2)][-3:]
    if machine != platform.node() or not (number.isdecimal() and 0 < int(number[:10]) < 1 << 31):
        return False
    if os.name == "nt":
        return _runs_on_windows(int(number))
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # it is somebody else's, so it runs
    return mark == _mark(int(number))


def _runs_on_windows(number: int) -> bool:
    """Whether there is such a process; `os.kill` would end it there, whatever signal it is given."""
    import ctypes

    kernel: Any = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    handle = kernel.OpenProcess(0x1000, False, number)  # to ask for little
    if not handle:
        return False
    code = ctypes.c_ulong()
    kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return code.value == 259  # still active


def _mark(number: int) -> str:
    """The boot and the clock tick in which a process began, where the system tells; else a dash."""
    with contextlib.suppress(OSError, IndexError, UnicodeError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        # The name, in brackets, may hold anything; the fields behind it are numbers.
        fields = Path(f"/proc/{number}/stat").read_text(errors="replace").rpartition(")")[2].split()
        if fields[0] in "ZX":
            return "gone"  # ended, and only not yet taken note of by the process that began it
        return f"{boot}/{fields[19]}"
    return "-"
