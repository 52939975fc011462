"""Small runs in this process and in the history; and the program in a process or a terminal of its own."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pickle
import random
import re
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, cast

import pexpect
import pyte
import pytest
from _pytest.mark import ParameterSet
from click.testing import CliRunner, Result

from epochal.core.outcome import outcome_of
from epochal.core.rows.examples import Examples, Floats
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.models.model import Model, model_of
from epochal.data.runs.metadata import run_metadata
from epochal.data.runs.recorder import Recorder
from epochal.data.runs.recording import Recording
from epochal.data.runs.result import RunResult
from epochal.data.tables.dataset import Dataset
from epochal.tui.cli.main import epochal as command_line

Value = TypeVar("Value")

HERE = Path(__file__).parents[1]
# Seconds after which something that does not come is given up; a machine that does much else needs many.
GIVE_UP = float(os.environ.get("EPOCHAL_TEST_PATIENCE", "300"))


RESULT = RunResult.model_validate(
    {"held_out": {"accuracy": 0.9, "interval": (0.8, 0.95)}, "weights_sha256": "0" * 64}
)


def trained(examples: Examples, **settings: object) -> Training:
    """A training to its end, of fifteen epochs if not told otherwise."""
    training = Training(examples, Settings.model_validate({"epochs": 15, **settings}))
    list(training)
    return training


def begun(recorder: Recorder, dataset: Dataset, **settings: object) -> tuple[Training, Recording]:
    """A small training, and its recording."""
    chosen = Settings.model_validate({"hidden": (3,), "epochs": 12, **settings})
    training = Training(dataset.examples, chosen)
    return training, recorder.begin(run_metadata(dataset, training), training.history)


def record_run(
    folder: Path, dataset: Dataset, *, stop_after: int | None = None, **settings: object
) -> Training:
    """Record one run, to its end or until it was interrupted."""
    with Recorder.open(folder) as recorder:
        training, recording = begun(recorder, dataset, **settings)
        for _ in islice(recording.epochs(training), stop_after):
            pass
        if stop_after is None:
            recording.end("finished", RESULT, training.state())
        else:
            recording.end("interrupted", state=training.state())
    assert recorder.problem == ""
    return training


def measures(training: Training) -> Floats:
    """Every epoch's."""
    return training.history.rows()


# The program.


def within(seconds: float) -> float:
    """So many seconds of a machine that does nothing else: more of them by as much as this one is busy."""
    begun, worked = time.perf_counter(), time.process_time()
    while time.process_time() < worked + 0.02:
        pass
    busy = max((time.perf_counter() - begun) / 0.02, os.getloadavg()[0] / (os.cpu_count() or 1))
    return seconds if busy < 1.2 else 3 * seconds * busy


def epochal(*arguments: str, cwd: Path = HERE) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "epochal", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        stdin=subprocess.DEVNULL,
        timeout=GIVE_UP,
        check=False,
    )


def written(folder: Path, text: str, name: str = "table.csv") -> str:
    """The path of a new table."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def told(*arguments: str, code: int = 0) -> Result:
    """What the program says, run in this process."""
    result = CliRunner().invoke(command_line, list(arguments))
    assert result.exit_code == code, result.output
    return result


def told_json(*arguments: str, code: int = 0) -> dict[str, Any]:
    """The same, as an object."""
    found = json.loads(told(*arguments, "--json", code=code).stdout)
    assert isinstance(found, dict)
    return found


# Modes that are off, or in the cursor's and the line wrap's case on, in a terminal as it is found.
OFF = ("1049", "1000", "1002", "1003", "1004", "1006", "1015", "1016", "2004", "2026", "2048")
ON = ("25", "7")


class Terminal:
    """The lab in a terminal of our own, whose screen can be read and whose bytes are kept.

    `first` is Python to be run in its process before the lab.
    """

    def __init__(
        self, *arguments: str, size: tuple[int, int] = (120, 40), first: str = "", **variables: str
    ) -> None:
        columns, lines = size
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.bytes = b""
        self.is_cooked = False
        self.child = pexpect.spawn(
            sys.executable,
            ["-c", f"{first}\nfrom epochal.__main__ import main\nmain()", *arguments],
            dimensions=(lines, columns),
            cwd=str(HERE),
            # Whoever runs the tests may say how wide they are; this terminal is as wide as it is.
            env={
                **{name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")},
                "TERM": "xterm-256color",
                "LC_ALL": "C.UTF-8",
                **variables,
            },
            # Tests that run in the background of a shell have Ctrl+C ignored; a person has not.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self.screen.display)

    def read(self) -> None:
        """Take in what comes next."""
        data = self.child.read_nonblocking(1 << 16, timeout=0.2)
        self.bytes += data
        # pyte knows no private modes with an intermediate byte, which the terminal is asked about.
        self.stream.feed(re.sub(rb"\x1b\[[<>=?][\d;]*[$u][a-z]?", b"", data))

    def until(self, pattern: str) -> str:
        """Read until the screen shows a pattern."""
        end = time.monotonic() + GIVE_UP
        while not re.search(pattern, self.text()):
            assert time.monotonic() < end, f"{pattern} did not come:\n{self.text()}"
            try:
                self.read()
            except pexpect.TIMEOUT:
                continue
        return self.text()

    def press(self, keys: str) -> None:
        """Type."""
        self.child.send(keys)

    def end(self) -> float:
        """Read to the end; how long that took."""
        begun = time.monotonic()
        try:
            while time.monotonic() < begun + GIVE_UP:
                try:
                    self.read()
                except pexpect.TIMEOUT:
                    continue
        except pexpect.EOF:
            modes = termios.ICANON | termios.ECHO | termios.ISIG
            self.is_cooked = termios.tcgetattr(self.child.child_fd)[3] & modes == modes
            self.child.close()
        return time.monotonic() - begun

    def wait_for_stop(self) -> None:
        """Wait until the process stands still, and take in what it wrote before."""
        number, status = os.waitpid(self.child.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), number
        with contextlib.suppress(pexpect.TIMEOUT):
            while True:
                self.read()

    def is_restored(self) -> bool:
        """Whether it left us our terminal, echoing lines, once it had ended."""
        return self.is_cooked and self.is_given_back()

    def is_given_back(self) -> bool:
        """Whether the terminal is on its main screen, cursor shown, keys and mouse as before."""

        def is_last(right: str, wrong: str) -> bool:
            return self.bytes.rfind(b"\x1b[" + right.encode()) >= self.bytes.rfind(b"\x1b[" + wrong.encode())

        return (
            b"\x1b[?1049l" in self.bytes
            and all(is_last(f"?{mode}l", f"?{mode}h") for mode in OFF)
            and all(is_last(f"?{mode}h", f"?{mode}l") for mode in ON)
            # The keys that Kitty's protocol tells apart.
            and self.bytes.count(b"\x1b[<u") >= len(re.findall(rb"\x1b\[>\d+u", self.bytes))
        )


def leave(terminal: Terminal, way: str) -> None:
    """End the lab in one of the ways there are; it is gone within two seconds and leaves all as it was."""
    pid = terminal.child.pid
    begun = time.monotonic()
    if way == "closed":
        terminal.child.ptyproc.fileobj.close()
        while os.waitpid(pid, os.WNOHANG) == (0, 0):
            assert time.monotonic() < begun + within(2), "the lab runs on without a terminal"
            time.sleep(0.01)
        return
    if way.startswith("ctrl"):
        terminal.press({"ctrl+q": "\x11", "ctrl+c": "\x03"}[way])
    else:
        os.kill(pid, getattr(signal, way))
    assert terminal.end() < within(2)
    assert terminal.is_restored()
    assert terminal.child.exitstatus == (0 if way.startswith("ctrl") else 128 + getattr(signal, way))


def sampled(values: Iterable[object], quick: int, of: str) -> list[ParameterSet]:
    """Parameters of which the quick suite tries a sample, each test its own; the rest is marked slow.

    A tuple holds several parameters.
    """
    every = list(values)
    chosen = random.Random(of).sample(range(len(every)), quick)
    return [
        pytest.param(
            *(value if isinstance(value, tuple) else (value,)),
            marks=() if place in chosen else pytest.mark.slow,
        )
        for place, value in enumerate(every)
    ]


def computed_once(folder: Path, name: str, compute: Callable[[], Value]) -> Value:
    """A value that the first process to ask computes; the others wait for it and read it."""
    path = folder / f"{name}.pickle"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            path.write_bytes(pickle.dumps(compute()))
        return cast("Value", pickle.loads(path.read_bytes()))


def trained_model(dataset: Dataset, **settings: object) -> tuple[Training, Model]:
    """A short training, and the model that it came to."""
    training = Training(dataset.examples, Settings.model_validate({"epochs": 3, **settings}))
    list(training)
    return training, model_of(dataset, outcome_of(training))


def trained_in_spite(folder: Path, dataset: Dataset) -> Recorder:
    """A training as always, whatever the history is like; its recorder, closed."""
    with Recorder.open(folder) as recorder:
        training, recording = begun(recorder, dataset, epochs=3)
        assert len(list(recording.epochs(training))) == 3
        recording.end("finished", RESULT, training.state())
    return recorder
