"""Kill the program at random moments: nothing seen is lost, nothing unreadable, the same bytes in the end.

Each process is killed with SIGKILL while it trains, goes on with a run, writes what came of it, exports or
deletes it, at a random moment of the time that usually takes. Whatever was seen in the history before is
still there afterwards; what is written is whole or not there; and a run that was killed, and gone on with
(killed now and then too) until it is done, has the weights of one never interrupted. The history is written
far more often than usual, so that many kills fall into the middle of writing. Only processes that were
killed at work are counted.

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
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from functools import cache
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the program itself does; and so that it can be forked

from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.models.model_file import load_model
from epochal.data.runs import recorder
from epochal.data.runs.database import NAME, HistoryError
from epochal.data.runs.queries import epochs_of, recorded_run, recorded_runs, state_of
from epochal.data.runs.record import RecordedRun
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.user_files import home
from epochal.tui.cli.main import epochal

EPOCHS = 250
# Those the history promises; now and then one of the others.
OPTIMIZERS = ("sgd", "momentum", "adam") * 3 + ("nesterov", "adagrad", "rmsprop", "adamw", "nadam", "lbfgs")
FILES = {
    "save": "model.npz",
    "python": "model.py",
    "curve": "epochs.csv",
    "chart": "chart.svg",
    "report": "run.html",
}
EXPORTED = {"output": "exported.csv", "chart": "exported.svg", "report": "exported.md"}


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


class Killer:
    """Starts the program in processes of its own, made of this warm one, and counts what it has killed."""

    def __init__(self, chance: random.Random, folder: Path) -> None:
        self.chance, self.folder, self.kills = chance, folder, Counter[str]()
        self.output = folder / "output"
        # Seconds that each act takes when nobody disturbs it; the last of a few times.
        self.usual: dict[str, float] = {}

    def begin(self, *arguments: str) -> int:
        """The program at work; the number of its process."""
        if pid := os.fork():
            return pid
        code = 70
        with contextlib.suppress(BaseException):
            target = os.open(self.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(target, 1)
            os.dup2(target if "--json" not in arguments else os.open(os.devnull, os.O_WRONLY), 2)
            try:
                epochal(list(arguments))
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0
            sys.stdout.flush()
        os._exit(code)

    def undisturbed(self, act: str, *arguments: str) -> None:
        """Let the program come to its end, and remember how long that takes."""
        begun = time.monotonic()
        _, status = os.waitpid(self.begin(*arguments), 0)
        self.usual[act] = time.monotonic() - begun
        assert status == 0, self.output.read_text()

    def disturbed(self, act: str, *arguments: str, look: bool = False) -> dict[int, int]:
        """Kill the program at a random moment; with `look`, the epochs seen in the history before that."""
        pid = self.begin(*arguments)
        moment = time.monotonic() + self.chance.uniform(0, self.usual[act])
        seen = {run.id: run.epochs for run in recorded_runs(home()).runs} if look else {}
        time.sleep(max(moment - time.monotonic(), 0))
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            self.kills[act] += 1
        return seen


def into(folder: Path, files: dict[str, str]) -> list[str]:
    return [f"--{name}={folder / file}" for name, file in files.items()]


def empty(folder: Path) -> None:
    """Remove what was written."""
    for path in folder.iterdir():
        path.unlink()


def check_files(folder: Path, weights: str, epochs: int) -> None:
    """What was written by a process that was killed is whole or not there."""
    for path in folder.iterdir():
        if path.name.endswith(".part") or path.name == "output":
            continue
        if path.suffix == ".npz":
            found = hashlib.sha256(load_model(path).predictor.network.parameters.tobytes()).hexdigest()
            assert found == weights, f"{path.name} holds other weights"
            continue
        text = path.read_text(encoding="utf-8")
        match path.suffix:
            case ".csv":
                assert text.count("\n") == epochs + 1, f"{path.name} lacks epochs"
            case ".py":
                compile(text, path.name, "exec")
            case ".md":
                assert "SHA-256 of the weights" in text, f"{path.name} is not whole"
            case ".svg" | ".html":
                assert text.endswith(f"</{path.suffix[1:]}>\n"), f"{path.name} is not whole"


def check_deleted(run: RecordedRun, epochs: int) -> None:
    """A run whose deletion was killed is there with all it has, or gone with all it had."""
    try:
        left = recorded_run(home(), run.id)
    except HistoryError:
        with closing(sqlite3.connect(home() / NAME)) as connection:
            for table in ("epochs", "checkpoints"):
                found = connection.execute(f"SELECT count(*) FROM {table} WHERE run = ?", (run.id,))
                assert found.fetchone() == (0,), f"run {run.id} is half deleted"
        return
    assert len(epochs_of(home(), left)[0]) == epochs, f"run {run.id} is half deleted"
    assert state_of(home(), left) is not None, f"run {run.id} is half deleted"


def one(killer: Killer) -> None:
    """One run, killed, gone on with, written to files, exported and deleted."""
    chance, folder = killer.chance, killer.folder
    optimizer, seed = chance.choice(OPTIMIZERS), chance.randrange(3)
    before = {run.id: run.epochs for run in recorded_runs(home()).runs}
    before |= killer.disturbed("training", *training(optimizer, seed), look=chance.random() < 0.5)
    listing = recorded_runs(home())
    assert not listing.problem, listing.problem
    after = {run.id: run for run in listing.runs}
    for number, epochs in before.items():
        assert number in after, f"run {number} is lost"
        assert after[number].epochs >= epochs, f"epochs of run {number} are lost"
    if not listing.runs:
        return
    # The newest: of this process, or one left over by a process killed before this one was recorded.
    run = listing.runs[0]
    rows, damaged = epochs_of(home(), run)
    assert (len(rows), damaged) == (run.epochs, 0), f"epochs of run {run.id} are lost"
    resume = ("runs", "resume", str(run.id), "--json")
    while chance.random() < 0.3:
        killer.disturbed("going on", *resume)
    killer.undisturbed("going on", *resume)
    result = json.loads(killer.output.read_text())
    expected = uninterrupted(str(run.settings.optimizer), run.settings.seed)
    got = (result["weights_sha256"], result["epochs"])
    assert got == expected, f"run {run.id} came out otherwise ({optimizer}, seed {seed}): {got}, {expected}"
    result_of_run = recorded_run(home(), run.id).result
    assert result_of_run, f"what run {run.id} came to is not recorded"
    for act, words, files in (
        ("writing", ("runs", "resume"), FILES),
        ("exporting", ("runs", "export"), EXPORTED),
    ):
        if chance.random() < 0.5:
            killer.disturbed(act, *words, str(run.id), "--force", *into(folder, files))
            check_files(folder, *expected)
            told = recorded_run(home(), run.id)
            assert told.result == result_of_run, f"what run {run.id} came to is lost"
        empty(folder)
    if chance.random() < 0.5:
        killer.disturbed("deleting", "runs", "delete", str(run.id))
        check_deleted(run, expected[1])


def training(optimizer: str, seed: int) -> tuple[str, ...]:
    return ("train", "iris", f"--epochs={EPOCHS}", f"--optimizer={optimizer}", f"--seed={seed}")


def calibrate(killer: Killer) -> None:
    """How long everything takes here; the first time is longer, for all that is read for the first time."""
    for number in ("1", "2"):
        killer.undisturbed("training", *training("adam", 0))
        killer.undisturbed("going on", "runs", "resume", number, "--json")
        killer.undisturbed("writing", "runs", "resume", number, "--force", *into(killer.folder, FILES))
        killer.undisturbed("exporting", "runs", "export", number, "--force", *into(killer.folder, EXPORTED))
        killer.undisturbed("deleting", "runs", "delete", number)
    # Of another run than the first that is disturbed, which would otherwise be judged by them.
    empty(killer.folder)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("times", type=int, nargs="?", default=500)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    recorder.INTERVAL, recorder.CHECKPOINT_EVERY, recorder.CHECKPOINT_SHARE = 0.003, 0.006, 1.0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EPOCHAL_HOME"] = f"{folder}/home"
        Path(folder, "out").mkdir()
        killer = Killer(random.Random(chosen.seed), Path(folder, "out"))
        calibrate(killer)
        runs = 0
        while killer.kills.total() < chosen.times or len(killer.kills) < len(killer.usual):
            one(killer)
            runs += 1
        # Whoever writes next clears away the journal that the last kill may have left.
        killer.undisturbed("training", *training("adam", 0))
        left = sorted(os.listdir(home()))
    for act, times in killer.kills.most_common():
        print(f"{times:4} killed while {act}")
    print(
        f"{killer.kills.total()} processes killed at work on {runs} runs; "
        f"none lost, none unreadable, none different. Left: {', '.join(left)}"
    )


if __name__ == "__main__":
    main()
