"""What Windows lacks is used only where it exists: the program imports, trains and opens without it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.runs import HERE

WITHOUT = """
import builtins, enum, os, signal
MODULES = ("termios", "fcntl", "resource", "tty", "pty", "pwd", "grp")
usual = builtins.__import__
def without(name, importer=None, *rest, **named):
    # The libraries look for them where they think they are on Linux.
    if name in MODULES and str((importer or {}).get("__name__")).startswith("epochal"):
        raise ImportError(name)
    return usual(name, importer, *rest, **named)
builtins.__import__ = without
for name in ("fchmod", "chown", "geteuid", "getegid", "mkfifo", "fork", "setsid", "pathconf"):
    delattr(os, name)
lacking = ("SIGHUP", "SIGQUIT", "SIGTSTP", "SIGCONT", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGTTIN", "SIGTTOU")
for name in lacking:
    delattr(signal, name)
known = {name: one.value for name, one in signal.Signals.__members__.items() if name not in lacking}
signal.Signals = enum.IntEnum("Signals", known)
"""
PROGRAM = """
import asyncio, importlib, pkgutil
import epochal
for floor in ("core", "data", "tui"):
    room = importlib.import_module(f"epochal.{floor}")
    for module in pkgutil.walk_packages(room.__path__, f"epochal.{floor}."):
        importlib.import_module(module.name)
from click.testing import CliRunner
from epochal.tui.cli.main import epochal as program
train = ["train", "iris", "--preset=sensible", "--epochs=3", "--save=m.npz"]
trained = CliRunner().invoke(program, train)
assert trained.exit_code == 0, (trained.output, trained.exception)
again = CliRunner().invoke(program, [*train, "--force"])
assert again.exit_code == 0, (again.output, again.exception)
listed = CliRunner().invoke(program, ["runs", "list"])
assert "3/3" in listed.output, listed.output
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from
from epochal.core.settings import Settings
from epochal.tui.lab.app import EpochalApp
from epochal.tui.lab.leaving import leaving_in_time
async def opened():
    app = EpochalApp(dataset_from(open_table("iris")), Settings(epochs=3))
    with leaving_in_time(app):
        async with app.run_test() as pilot:
            await pilot.press("t")
            await asyncio.to_thread(app.run_shown.join, 60)
            await pilot.pause()
            assert app.run_shown.phase == "finished", app.run_shown.phase
asyncio.run(opened())
print("trained and opened")
"""


def test_it_imports_trains_and_opens_without_what_windows_lacks(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT + PROGRAM],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.endswith("trained and opened\n"), done.stderr
