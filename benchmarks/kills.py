"""Kill the program at random moments: nothing seen is lost, nothing unreadable, the same bytes in the end.

Trains in a process of its own that is killed with SIGKILL, reads the history, goes on with the run (killed
now and then too) until it is done, and compares its weights with those of a run never interrupted. Some
runs are then exported and deleted, by processes that are killed as well. The history is written far more
often than usual, so that many kills fall into the middle of writing.

    python benchmarks/kills.py 500
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the program itself does; and so that it can be forked

import data.recorder
from core.optimizers import OPTIMIZERS
from core.settings import Settings
from core.training import Training
from data.bundled import open_table
from data.dataset import Dataset, dataset_from
from data.places import home
from data.run_file import HistoryError
from data.run_record import RecordedRun
from data.runs import epochs_of, recorded_run, recorded_runs, state_of
from tui.command_line import epochal

EPOCHS = 250


@cache
def iris() -> Dataset:
    return dataset_from(open_table("iris"))


@cache
def uninterrupted(optimizer: str, seed: int) -> tuple[str, int]:
    """The weights of a run that nobody disturbed, and its epochs: L-BFGS may need fewer than planned."""
    training = Training(iris().examples, Settings(epochs=EPOCHS, optimizer=optimizer, seed=seed))
    for _ in training:
        pass
    return hashlib.sha256(training.network.parameters.tobytes()).hexdigest(), training.history.length


def program(*arguments: str, output: Path) -> int:
    """The program at work in a process of its own; its number."""
    pid = os.fork()
    if pid:
        return pid
    code = 70
    with contextlib.suppress(BaseException):
        target = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(target, 1)
        os.dup2(target if "--json" not in arguments else os.open(os.devnull, os.O_WRONLY), 2)
        try:
            epochal(list(arguments))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        sys.stdout.flush()
    os._exit(code)


def killed(pid: int, seconds: float) -> None:
    """Let a process run for so long at most, and kill it."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if os.waitpid(pid, os.WNOHANG) != (0, 0):
            return
        time.sleep(min(left, 0.002))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def resumed(run: RecordedRun, output: Path, chance: random.Random) -> tuple[str, int]:
    """Go on until the run is done; the weights and epochs it then has."""
    while chance.random() < 0.3:
        killed(program("runs", "resume", str(run.id), "--json", output=output), chance.uniform(0, 0.3))
    _, status = os.waitpid(program("runs", "resume", str(run.id), "--json", output=output), 0)
    assert status == 0, f"run {run.id} could not go on: {output.read_text()}"
    told = json.loads(output.read_text())
    return str(told["weights_sha256"]), int(told["epochs"])


def one(chance: random.Random, output: Path) -> str:
    """One run, killed, gone on with, perhaps exported and deleted; what happened to it in a word."""
    optimizer, seed = chance.choice(list(OPTIMIZERS)), chance.randrange(3)
    before = {run.id: run.epochs for run in recorded_runs(home()).runs}
    words = ("train", "iris", f"--epochs={EPOCHS}", f"--optimizer={optimizer}", f"--seed={seed}")
    pid = program(*words, output=output)
    if chance.random() < 0.5:
        time.sleep(chance.uniform(0.05, 0.2))
        before |= {run.id: run.epochs for run in recorded_runs(home()).runs}
    killed(pid, chance.uniform(0.05, 0.4))
    listing = recorded_runs(home())
    assert not listing.problem, listing.problem
    after = {run.id: run for run in listing.runs}
    for number, epochs in before.items():
        assert number in after, f"run {number} is lost"
        assert after[number].epochs >= epochs, f"epochs of run {number} are lost"
    if set(after) <= set(before) and not any(run.ending == "interrupted" for run in listing.runs):
        return "killed before it was recorded"
    run = listing.runs[0]
    rows, damaged = epochs_of(home(), run)
    assert (len(rows), damaged) == (run.epochs, 0), f"epochs of run {run.id} are lost"
    word = "killed after its end" if run.ending == "finished" else "killed in the middle"
    expected = uninterrupted(str(run.settings.optimizer), run.settings.seed)
    got = resumed(run, output, chance)
    assert got == expected, f"run {run.id} came out otherwise ({optimizer}, seed {seed}): {got}, {expected}"
    if chance.random() < 0.4:
        killed(program("runs", "export", str(run.id), output=output), chance.uniform(0, 0.02))
        killed(program("runs", "delete", str(run.id), output=output), chance.uniform(0, 0.02))
        with contextlib.suppress(HistoryError):
            left = recorded_run(home(), run.id)
            assert len(epochs_of(home(), left)[0]) == expected[1], f"run {run.id} is half deleted"
            assert state_of(home(), left) is not None, f"run {run.id} is half deleted"
    return word


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("times", type=int, nargs="?", default=500)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    data.recorder.INTERVAL, data.recorder.CHECKPOINT_EVERY, data.recorder.CHECKPOINT_SHARE = 0.003, 0.006, 1.0
    chance = random.Random(chosen.seed)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EPOCHAL_HOME"] = folder
        words = [one(chance, Path(folder, "output")) for _ in range(chosen.times)]
        left = sorted(set(os.listdir(folder)) - {"output"})
    for word in sorted(set(words)):
        print(f"{words.count(word):4} {word}")
    print(f"{len(words)} runs killed; none lost, none unreadable, none different. Left: {', '.join(left)}")


if __name__ == "__main__":
    main()
