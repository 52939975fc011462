"""The real program in a real pseudo-terminal: seen as a terminal shows it, left as it was found."""

from __future__ import annotations

import array
import contextlib
import fcntl
import os
import re
import signal
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from epochal.data.runs.queries import recorded_runs
from tests.runs import Terminal, leave, sampled, within

# Bytes that can wait to be read, on Linux.
FULL = 4095


@pytest.fixture
def lab() -> Iterator[Terminal]:
    terminal = Terminal("column_2C_weka", "--epochs", "300")
    yield terminal
    terminal.child.close(force=True)


@pytest.fixture
def training_lab() -> Iterator[Terminal]:
    terminal = Terminal("column_2C_weka", "--epochs", "9000000", "--batch-size", "1")
    terminal.until("Press t to train")
    terminal.press("t")
    terminal.until(r"epoch [\d,]+ of 9,000,000")
    yield terminal
    with contextlib.suppress(OSError):  # a test may have closed it already
        terminal.child.close(force=True)


def test_open_train_read_the_accuracy_predict_and_quit(lab: Terminal) -> None:
    lab.until("Press t to train")
    lab.press("t")
    text = lab.until("finished after 300 of 300 epochs")
    text = lab.until(r"held-out rows right")
    assert re.search(r"\d\d of 62 held-out rows right: \d\d\.\d %", text)
    lab.press("4")
    lab.press("r")
    lab.until(r"True class: (Ab)?[Nn]ormal \(row \d+, held out\)")
    lab.press("\r")
    lab.until("edit|pelvic")
    lab.press("900\r")
    lab.until("above the table's")
    lab.press("\x11")
    assert lab.end() < within(2)
    assert lab.child.exitstatus == 0
    assert lab.is_restored()


def test_quitting_during_training_takes_less_than_a_second(training_lab: Terminal) -> None:
    training_lab.press("\x11")
    assert training_lab.end() < within(1.5)
    assert training_lab.is_restored()


@pytest.mark.parametrize(
    "number", sampled([signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT], 1, "signals")
)
def test_a_signal_during_training_ends_it_with_the_terminal_restored(
    training_lab: Terminal, number: signal.Signals
) -> None:
    os.kill(training_lab.child.pid, number)
    assert training_lab.end() < within(2)
    assert training_lab.child.exitstatus == 128 + number
    assert training_lab.is_restored()


def test_a_terminal_that_nobody_reads_is_left_as_it_was_found(training_lab: Terminal, home: Path) -> None:
    training_lab.press("?")  # help takes a hundred thousand bytes to draw, and a terminal holds few
    while not is_full(training_lab):
        time.sleep(0.01)
    os.kill(training_lab.child.pid, signal.SIGTERM)
    os.waitid(os.P_PID, training_lab.child.pid, os.WEXITED | os.WNOWAIT)
    training_lab.end()
    assert training_lab.child.exitstatus == 128 + signal.SIGTERM
    assert training_lab.is_restored()
    (run,) = recorded_runs(home).runs
    assert run.can_go_on


def is_full(terminal: Terminal) -> bool:
    """Whether so much waits to be read that the program waits for somebody to do so."""
    waiting = array.array("i", [0])
    fcntl.ioctl(terminal.child.child_fd, termios.FIONREAD, waiting)
    return waiting[0] >= FULL


def test_a_closed_terminal_ends_the_process(training_lab: Terminal) -> None:
    pid = training_lab.child.pid
    os.close(training_lab.child.child_fd)
    begun = time.monotonic()
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        assert time.monotonic() < begun + within(2), "the lab runs on without a terminal"
        time.sleep(0.01)


@pytest.mark.parametrize("way", ["ctrl+z", "SIGSTOP"])
def test_stopped_and_back_all_is_drawn_anew_and_left_as_it_was(training_lab: Terminal, way: str) -> None:
    if way == "ctrl+z":
        training_lab.press("\x1a")
        training_lab.wait_for_stop()
        assert training_lab.is_given_back()
    else:
        os.kill(training_lab.child.pid, signal.SIGSTOP)
        training_lab.wait_for_stop()
    training_lab.screen.reset()  # whatever the shell did meanwhile
    os.kill(training_lab.child.pid, signal.SIGCONT)
    training_lab.until(r"epoch [\d,]+ of 9,000,000")
    training_lab.until("1 Data(.|\n)+2 Settings(.|\n)+Learning rate(.|\n)+1-4 Panes")
    training_lab.press("?")
    training_lab.until("What am I looking at")
    training_lab.press("\x11")
    assert training_lab.end() < within(2)
    assert training_lab.child.exitstatus == 0
    assert training_lab.is_restored()


LOADING = """
import time, epochal.tui.lab.opening
epochal.tui.lab.opening.open_table = lambda *_, **__: time.sleep(60)
"""
SAVING = """
import time, epochal.tui.lab.writing
def write(output, trained, path, **_):
    path.touch()
    time.sleep(60)
epochal.tui.lab.writing.write = write
"""
WORK = {"loading": LOADING, "saving": SAVING}


WAYS = ("ctrl+q", "ctrl+c", "SIGINT", "SIGTERM", "SIGHUP", "closed")


@pytest.mark.parametrize(
    ("work", "way"),
    sampled([(work, way) for work in WORK for way in WAYS], 4, "open files"),
)
def test_leaving_waits_for_no_file_that_is_read_or_written(work: str, way: str, tmp_path: Path) -> None:
    first = WORK[work]
    terminal = Terminal("iris", "--epochs", "20", first=first)
    try:
        terminal.until("Press t to train")
        terminal.press("s")
        terminal.until("epoch 1 of 20")
        if first == LOADING:
            terminal.press("x")
            terminal.until("held-out rows right")
            terminal.press("o")
            terminal.until("Enter opens")
            terminal.press("wine\r")
            terminal.until("Reading wine")
        else:
            terminal.press("w")
            terminal.until("Write what")
            terminal.press("\r")
            terminal.until("Enter writes it")
            terminal.press(f"{tmp_path}/x.npz\r")
            while not (tmp_path / "x.npz").exists():
                terminal.until("Epochal")
        leave(terminal, way)
    finally:
        if way != "closed":
            terminal.child.close(force=True)
    (run,) = recorded_runs(tmp_path / "home").runs
    assert (run.epochs, run.can_go_on) == (1, True)


@pytest.mark.parametrize("way", sampled(["ctrl+c", "SIGTERM", "SIGHUP"], 1, "leaving before the lab opens"))
def test_a_table_that_is_read_before_the_lab_opens_keeps_nobody(way: str) -> None:
    slow = 'def read(*_, **__):\n print("reading", flush=True)\n time.sleep(60)'
    terminal = Terminal(
        "iris",
        first=f"import time, epochal.tui.cli.options\n{slow}\nepochal.tui.cli.options.open_table = read",
    )
    try:
        terminal.until("reading")
        if way == "ctrl+c":
            terminal.press("\x03")
        else:
            os.kill(terminal.child.pid, getattr(signal, way))
        assert terminal.end() < within(2)
        assert terminal.is_cooked
        assert b"1049" not in terminal.bytes
        assert "Traceback" not in terminal.text()
    finally:
        terminal.child.close(force=True)


def test_ctrl_c_ends_a_training_without_a_screen_and_shows_the_cursor_again(tmp_path: Path) -> None:
    terminal = Terminal("train", "iris", "--epochs", "9000000", "--batch-size", "1")
    try:
        terminal.until(r"Training +\[")
        # Until a first epoch is in the history there is nothing to go on from.
        while not any(run.epochs for run in recorded_runs(tmp_path / "home").runs):
            with contextlib.suppress(pexpect.TIMEOUT):
                terminal.read()
        terminal.press("\x03")
        assert terminal.end() < within(2)
        assert terminal.child.exitstatus == 128 + signal.SIGINT
        assert "Interrupted. To go on: epochal runs resume 1" in terminal.text()
        assert terminal.bytes.rfind(b"\x1b[?25h") >= terminal.bytes.rfind(b"\x1b[?25l")
    finally:
        terminal.child.close(force=True)


def test_escape_sequences_of_a_table_never_reach_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b]52;c;aGVsbG8=\x07"
    path = tmp_path / "x[red].csv"
    names = f"[/x],{evil}a,[@click=app.quit]x[/],class"
    rows = "".join(
        f"{i},{i % 7},{evil}{i % 3},{'yes' + evil if i % 2 else '[red]no[/]'}\n" for i in range(60)
    )
    path.write_text(f"{names}\n{rows}", encoding="utf-8")
    terminal = Terminal(str(path), "--epochs", "20")
    try:
        terminal.until("Press t to train")
        terminal.press("t")
        terminal.until("held-out rows right")
        for key in "1234":
            terminal.press(key)
        terminal.press("r")
        terminal.until("True class")
        assert b"\x1b]52" not in terminal.bytes
        assert "[/x]" in terminal.text()
        assert "[red]no[/]" in terminal.text()
        terminal.press("\x11")
        terminal.end()
        assert terminal.child.exitstatus == 0
    finally:
        terminal.child.close(force=True)


def test_without_unicode_the_lab_draws_ascii() -> None:
    terminal = Terminal("iris", "--epochs", "50", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    try:
        terminal.until("Press t to train")
        terminal.press("t")
        terminal.until("held-out rows right")
        assert {c for c in terminal.text() if not c.isascii()} == set()
        terminal.press("\x11")
        terminal.end()
    finally:
        terminal.child.close(force=True)


def test_keys_typed_in_one_go_each_reach_the_pane_before_them() -> None:
    terminal = Terminal("--epochs", "20")
    try:
        terminal.until("Press t to train")
        terminal.press("t")
        terminal.until("held-out rows right")
        terminal.press("123")
        terminal.press("4r1")
        terminal.until("True class")
    finally:
        terminal.child.close(force=True)


def test_no_byte_of_a_folder_or_file_name_acts_on_the_terminal(tmp_path: Path) -> None:
    folder = tmp_path / "d\x1b]0;OWNED\x07"
    folder.mkdir()
    table = folder / "x\x1b]52;c;T1dORUQ=\x07\u202e\x9b31m.csv"
    table.write_text("size,kind\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(40)))
    terminal = Terminal(str(table), "--epochs", "3", EPOCHAL_HOME=str(tmp_path / "home"))
    terminal.until("Press t to train")
    terminal.press("o")
    terminal.until("path of a table")
    terminal.press(f"{tmp_path}/d")
    terminal.until(r"␛\]0;OWNED␇")  # the completion that is offered
    terminal.press("\x1b[C")  # and taken
    terminal.press("x")
    terminal.until(r"␛\]52;")
    terminal.press("\x1b[C")
    terminal.until(r"31m\.csv")
    terminal.press("\x1b")
    terminal.until(r"\A(?!(.|\n)*Enter opens)")
    terminal.press("t")
    terminal.until("finished after 3 of 3 epochs")
    terminal.press("w")
    terminal.until("Write what")
    terminal.press("\r")
    terminal.until(r"\.npz")
    terminal.press("\x11")
    terminal.end()
    assert terminal.child.exitstatus == 0
    assert b"\x1b]0;OWNED" not in terminal.bytes
    assert b"\x1b]52;" not in terminal.bytes
    assert "\x9b".encode() not in terminal.bytes
    assert "\u202e".encode() not in terminal.bytes
