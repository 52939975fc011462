"""What the history of runs costs: training with and without it, in turns; and asking it when it is long.

python benchmarks/history.py
python benchmarks/history.py --runs 10000 --epochs 1000
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from core.judgement import evaluate
from core.settings import PRESETS, Settings
from core.training import Training
from data.bundled import open_table
from data.dataset import Dataset, dataset_from
from data.recorder import Recorder
from data.run_file import NAME, connect, transaction
from data.run_record import about_run
from data.run_writing import Identity, News, checkpoint_bytes, write_run
from data.runs import epochs_of, recorded_runs
from tui.record import record

NETWORKS = {
    "7-10-1, batch 1 (the tutorial's)": PRESETS["the tutorial's"],
    "7-10-1, batch 32": Settings(),
    "7-10-1, full batch": Settings(batch_size="full"),
    "7-256-256-1, batch 32": Settings(hidden=(256, 256)),
}


def seconds_an_epoch(dataset: Dataset, settings: Settings, folder: Path | None, seconds: float) -> float:
    """How long an epoch takes, measured over a stretch of training."""
    training = Training(dataset.examples, settings.model_copy(update={"epochs": 10_000_000}))
    with Recorder.open(folder) as recorder:
        recording = recorder.begin(about_run(dataset, training), training.history)
        begun = time.perf_counter()
        for _ in recording.epochs(training):
            if time.perf_counter() - begun > seconds:
                break
        taken = time.perf_counter() - begun
        recording.end("interrupted", state=training.state())
    return taken / training.history.length


def cost(dataset: Dataset, turns: int, seconds: float) -> None:
    print("| network | epochs/s without | with | cost |\n|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for name, settings in NETWORKS.items():
            pairs = []
            for turn in range(turns):
                order = (None, Path(folder)) if turn % 2 else (Path(folder), None)
                taken = {where: seconds_an_epoch(dataset, settings, where, seconds) for where in order}
                pairs.append((taken[None], taken[Path(folder)]))
            # The fastest of either: what else goes on on the machine only ever slows down.
            without, recorded = (min(pair[side] for pair in pairs) for side in (0, 1))
            middle = statistics.median(pair[1] / pair[0] - 1 for pair in pairs)
            print(
                f"| {name} | {1 / without:,.0f} | {1 / recorded:,.0f} |"
                f" {recorded / without - 1:.1%} (median of pairs {middle:.1%}) |"
            )


def length(dataset: Dataset, runs: int, epochs: int) -> None:
    training = Training(dataset.examples, Settings(epochs=epochs))
    for _ in training:
        pass
    result = record(dataset, training, evaluate(training), "finished")
    about, state = about_run(dataset, training), checkpoint_bytes(training.state(), epochs)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, NAME)
        with closing(connect(path, create=True)) as connection, transaction(connection):
            for number in range(1, runs + 1):
                identity = Identity(f"{number}", 1.7e9 + number, about)
                rows = training.history.rows()
                text = json.dumps(result)
                write_run(
                    connection,
                    News(identity, number, False, 0, rows, state, epochs, "finished", text),
                )
        begun = time.perf_counter()
        found = recorded_runs(Path(folder)).runs
        listed = time.perf_counter()
        high = [run for run in found if run.result and run.settings.learning_rate == 0.003]
        filtered = time.perf_counter()
        epochs_of(Path(folder), found[0])
        read = time.perf_counter()
        print(f"{runs:,} runs of {epochs:,} epochs: a file of {path.stat().st_size / 1e6:,.0f} MB")
        print(f"listed in {listed - begun:.3f} s; one run's epochs in {read - filtered:.4f} s")
        print(f"settings of all {len(high):,} looked at in {filtered - listed:.3f} s the first time")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--turns", type=int, default=7)
    options.add_argument("--seconds", type=float, default=5.0, help="of training in each turn")
    options.add_argument("--runs", type=int, default=0)
    options.add_argument("--epochs", type=int, default=1000)
    chosen = options.parse_args()
    dataset = dataset_from(open_table("column_2C_weka"))
    if chosen.runs:
        length(dataset, chosen.runs, chosen.epochs)
    else:
        cost(dataset, chosen.turns, chosen.seconds)


if __name__ == "__main__":
    main()
