"""How the lab feels while it trains: latency of keys, training speed, bytes to the terminal, first paint.

Drives the real program in a pseudo-terminal of 120 x 40 with the tutorial's network (batch size 1), and
prints a markdown table. Run it on an otherwise quiet machine:

    python benchmarks/screen.py
"""

from __future__ import annotations

import argparse
import json
import os
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time

import pexpect
import pyte

LAB = [sys.executable, "-m", "epochal"]
TUTORIAL = [
    "--learning-rate=0.001",
    "--batch-size=1",
    "--optimizer=sgd",
    "--l2=0",
    "--initial-weights=normal",
]
EPOCH = re.compile(rb"epoch ([\d,]+) of")


class Terminal:
    """The program in a pseudo-terminal, its output kept as it comes."""

    def __init__(self, arguments: list[str]) -> None:
        # A history of its own: a run that somebody left would be asked about first.
        self._home = tempfile.TemporaryDirectory()
        environment = {
            **os.environ,
            "EPOCHAL_HOME": self._home.name,
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "LINES": "40",
            "COLUMNS": "120",
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.started = time.perf_counter()
        self.child = pexpect.spawn(arguments[0], arguments[1:], dimensions=(40, 120), env=environment)
        self.screen = pyte.Screen(120, 40)
        self._stream = pyte.ByteStream(self.screen)

    def read(self, seconds: float) -> bytes:
        """What comes within a time, at once if something is there."""
        if not select.select([self.child.child_fd], [], [], seconds)[0]:
            return b""
        return os.read(self.child.child_fd, 1 << 16)

    def until(self, token: bytes, seconds: float = 10.0) -> float:
        """Read until a text has come; how long that took."""
        begun, seen = time.perf_counter(), b""
        while token not in seen:
            seen = seen[-4096:] + self.read(0.05)
            if time.perf_counter() - begun > seconds:
                raise TimeoutError(f"{token!r} did not come: {seen[-500:]!r}")
        return time.perf_counter() - begun

    def shown(self, pattern: str) -> str:
        """What the pattern's group finds on the screen, which is followed."""
        found = re.search(pattern, "\n".join(self.screen.display))
        return found[1] if found else ""

    def until_other(self, pattern: str, seconds: float = 10.0) -> float:
        """Read until the pattern finds something else on the screen; how long that took."""
        begun, before = time.perf_counter(), self.shown(pattern)
        while time.perf_counter() - begun < seconds:
            # Read all there is before any of it is put on the screen, which is this script's work.
            came: list[tuple[float, bytes]] = []
            while data := self.read(0.01 if came else 0.05):
                came.append((time.perf_counter(), data))
            for when, data in came:
                self._stream.feed(data)
                if self.shown(pattern) not in (before, ""):
                    return when - begun
        raise TimeoutError(f"{pattern!r} still finds {before!r}: {self.screen.display}")

    def watch(self, seconds: float) -> None:
        """Follow the screen for so long."""
        self._stream.feed(self.listen(seconds))

    def listen(self, seconds: float) -> bytes:
        """Everything that comes within a time."""
        end, seen = time.perf_counter() + seconds, b""
        while (left := end - time.perf_counter()) > 0:
            seen += self.read(left)
        return seen

    def leave(self) -> float:
        """Quit and read to the end; how long the process took to go."""
        begun = time.perf_counter()
        self.press("\x11")
        try:
            while True:
                self.read(1.0)
                if time.perf_counter() - begun > 20:
                    raise TimeoutError("the program does not quit")
        except OSError:
            self.child.wait()
        return time.perf_counter() - begun

    def press(self, keys: str) -> None:
        """Type."""
        self.child.send(keys)


def latencies(terminal: Terminal, presses: int) -> list[float]:
    """Milliseconds from an arrow key in the settings to the line it moves to, at uneven intervals."""
    times = []
    for index in range(presses):
        key, token = (("\x1b[B", b"Activation"), ("\x1b[A", b"Hidden layers"))[index % 2]
        terminal.listen(0.113 + 0.017 * (index % 5))
        terminal.press(key)
        times.append(1000 * terminal.until(token))
    return times


# A full screen's key, two keys to press there by turns, and where to see what they change.
SCREENS = {
    "network": ("n", "\x1b[B", "\x1b[A", r"node (\d+) of 10"),
    "boundary": ("e", "\x1b[C", "\x1b[D", r"(\w+) across"),
    "what if": ("i", "\x1b[B", "\x1b[A", r"> (\w+)"),
}


def on_screen(terminal: Terminal, name: str, presses: int) -> list[float]:
    """Milliseconds from a key to what it brings, in a full screen that follows the training."""
    key, *keys, pattern = SCREENS[name]
    terminal.press(key)
    terminal.watch(2.0)
    times = []
    for index in range(presses):
        terminal.watch(0.113 + 0.017 * (index % 5))
        terminal.press(keys[index % 2])
        times.append(1000 * terminal.until_other(pattern))
    terminal.press("\x1b")
    terminal.watch(1.0)
    return times


def speed_under(terminal: Terminal, key: str, seconds: float) -> float:
    """Epochs a second while a full screen follows them; it is open for all but a moment of the time."""
    first = last_epoch(terminal.listen(1.0))
    begun = time.perf_counter()
    terminal.press(key)
    terminal.listen(seconds)
    terminal.press("\x1b")
    last = last_epoch(terminal.listen(1.0))
    return (last - first) / (time.perf_counter() - begun)


def percentiles(times: list[float]) -> str:
    """Median, 95th percentile, maximum."""
    ordered = sorted(times)
    return (
        f"{statistics.median(ordered):.0f} / {ordered[int(0.95 * len(ordered))]:.0f} / {ordered[-1]:.0f} ms"
    )


def off_screen(epochs: int) -> float:
    """Epochs a second of the same training without a screen."""
    command = [*LAB, "train", "column_2C_weka", *TUTORIAL, f"--epochs={epochs}", "--json"]
    return float(
        json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["epochs_per_second"]
    )


def last_epoch(output: bytes) -> int:
    """The last epoch number in what was drawn."""
    return int(EPOCH.findall(output)[-1].replace(b",", b""))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presses", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()

    paints = []
    for _ in range(7):
        terminal = Terminal([*LAB, "column_2C_weka", *TUTORIAL])
        paints.append(1000 * terminal.until(b"Press t to train"))
        terminal.leave()

    terminal = Terminal([*LAB, "column_2C_weka", *TUTORIAL, "--epochs=5000000"])
    terminal.until(b"Press t to train")
    terminal.press("2")
    terminal.listen(1.5)
    idle_bytes = len(terminal.listen(options.seconds)) / options.seconds
    terminal.press("\x1b[B")
    terminal.until(b"Hidden layers")
    idle = latencies(terminal, options.presses)

    terminal.press("t")
    terminal.listen(3)
    shares, rates = [], []
    for _ in range(3):
        reference = off_screen(1500)
        first = last_epoch(terminal.listen(1.0))
        begun = time.perf_counter()
        output = terminal.listen(options.seconds / 2)
        speed = (last_epoch(output) - first) / (time.perf_counter() - begun)
        shares.append(speed / reference)
        rates.append(len(output) / (options.seconds / 2))
    training = latencies(terminal, options.presses)
    terminal.press("3")
    below: dict[str, tuple[list[float], float]] = {}
    for name, (key, *_) in SCREENS.items():
        speed = statistics.median(
            speed_under(terminal, key, options.seconds / 2) / off_screen(1500) for _ in range(3)
        )
        below[name] = on_screen(terminal, name, options.presses // 4), speed
    leaving = terminal.leave()

    print("| measure | value | bar |")
    print("|---|---|---|")
    print(f"| first paint, median of 7 | {statistics.median(paints):.0f} ms | 600 ms |")
    print(f"| key to repaint, idle (median / 95 % / max of {options.presses}) | {percentiles(idle)} | |")
    print(f"| key to repaint, training | {percentiles(training)} | 95 % <= 50 ms, max 150 ms |")
    print(f"| training speed on screen, share of off screen | {statistics.median(shares):.2f} | 0.85 |")
    for name, (times, share) in below.items():
        print(f"| {name} open: key to repaint, training | {percentiles(times)} | 95 % <= 50 ms, max 150 ms |")
        print(f"| {name} open: training speed, share of off screen | {share:.2f} | 0.85 |")
    print(f"| bytes a second, training | {statistics.median(rates) / 1000:.1f} kB | 20 kB |")
    print(f"| bytes a second, idle | {idle_bytes:.0f} | 0 |")
    print(f"| ctrl+q during training to the end of the process | {leaving:.2f} s | 1 s |")


if __name__ == "__main__":
    main()
