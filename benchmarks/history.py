"""What the history of runs takes from a training; and how fast it answers when it is long.

python benchmarks/history.py
python benchmarks/history.py --runs 10000 --epochs 1000
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from contextlib import closing
from pathlib import Path

from textual.events import Key

from epochal.core.outcome import outcome_of
from epochal.core.presets import PRESETS
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.runs.checkpoints import bare
from epochal.data.runs.database import NAME, connect, transaction
from epochal.data.runs.metadata import run_metadata
from epochal.data.runs.queries import epochs_of, recorded_runs
from epochal.data.runs.recorder import Recorder
from epochal.data.runs.result import result_of, result_text
from epochal.data.runs.writing import Identity, News, write_run
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.tui.lab.app import EpochalApp

NETWORKS = {
    "7-10-1, batch 1 (the tutorial's)": PRESETS["the tutorial's"],
    "7-10-1, batch 32": Settings(),
    "7-10-1, full batch": Settings(batch_size="full"),
    "7-256-256-1, batch 32": Settings(hidden=(256, 256)),
}


def cost(dataset: Dataset, seconds: float) -> None:
    """Processor time that recording takes from a training.

    Asked of the writing thread's own clock, and of the trainer for the states it hands over: two speeds
    side by side would say more about what else the machine does. Waiting for the disk costs the training
    nothing, as it happens in the other thread.
    """
    print("| network | epochs/s | writing, ms/s | a state, ms | states/s | share of the processor |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, settings in NETWORKS.items():
        training = Training(dataset.examples, settings.model_copy(update={"epochs": 10_000_000}))
        with tempfile.TemporaryDirectory() as folder, Recorder.open(Path(folder)) as recorder:
            recording = recorder.begin(run_metadata(dataset, training), training.history)
            thread = recorder._thread.ident
            assert thread
            clock = time.pthread_getcpuclockid(thread)
            begun, written, states, spent = time.process_time(), time.clock_gettime(clock), 0, 0.0
            stop = time.perf_counter() + seconds
            while time.perf_counter() < stop:
                next(training)
                if recording.is_due:
                    before = time.thread_time()
                    recording.keep(training.state())
                    spent += time.thread_time() - before
                    states += 1
            processor, writing = time.process_time() - begun, time.clock_gettime(clock) - written
            recording.end("interrupted", state=training.state())
        print(
            f"| {name} | {training.history.length / seconds:,.0f} | {1000 * writing / seconds:.2f}"
            f" | {1000 * spent / max(states, 1):.2f} | {states / seconds:.2f}"
            f" | {(writing + spent) / (processor - writing - spent):.2%} |"
        )


def length(dataset: Dataset, runs: int, epochs: int) -> None:
    training = Training(dataset.examples, Settings(epochs=epochs))
    for _ in training:
        pass
    text = result_text(result_of(dataset, outcome_of(training)))
    metadata, state = run_metadata(dataset, training), bare(training.state())

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, NAME)
        with closing(connect(path, create=True)) as connection, transaction(connection):
            for number in range(1, runs + 1):
                identity = Identity(f"{number}", 1.7e9 + number, metadata)
                rows = training.history.rows()
                write_run(
                    connection,
                    News(identity, number, False, 0, rows, state, epochs, "finished", text),
                )
        begun = time.perf_counter()
        found = recorded_runs(Path(folder)).runs
        listed = time.perf_counter()
        high = [run for run in found if run.settings.learning_rate == 0.003]
        filtered = time.perf_counter()
        best = max(found, key=lambda run: run.result.held_out.accuracy)
        judged = time.perf_counter()
        epochs_of(Path(folder), found[0])
        read = time.perf_counter()
        print(f"{runs:,} runs of {epochs:,} epochs: a file of {path.stat().st_size / 1e6:,.0f} MB")
        print(f"listed in {listed - begun:.3f} s; one run's epochs in {read - judged:.4f} s")
        print(f"settings of all {len(high):,} looked at in {filtered - listed:.3f} s the first time")
        print(f"run {best.id} found to be the best of all in {judged - filtered:.3f} s the first time")
        del found, high, best
        asyncio.run(screen(dataset, Path(folder), runs))


async def screen(dataset: Dataset, folder: Path, runs: int) -> None:
    """The Runs screen, from the key to all runs on it; and each letter of a search."""
    with Recorder.open(folder) as recorder:
        lab = EpochalApp(dataset, Settings(), recorder=recorder)
        async with lab.run_test(size=(80, 24)):

            async def until_shown(sentence: str) -> float:
                begun = time.perf_counter()
                while not any(sentence in line.text for line in lab.screen._compositor.render_strips()):
                    await asyncio.sleep(0.001)
                return time.perf_counter() - begun

            async def shown(sentence: str, key: str) -> float:
                pressed = Key(key, key if len(key) == 1 else None)
                pressed.set_sender(lab)
                lab._driver.send_message(pressed)
                return await until_shown(sentence)

            first = await shown("Runs: ", "h")
            others = await until_shown(f"Runs: {runs:,}")
            await shown("words to find", "slash")
            word, took = f"{runs // 2}", []
            for end in range(1, len(word) + 1):
                left = sum(word[:end] in row.text for row in lab.screen._rows)
                many = f"{left:,} of {runs:,}" if left < runs else f"{runs:,}"
                took.append(await shown(f"Runs: {many}", word[end - 1]))
            await shown(f"Runs: {runs:,}", "escape")
            order = [await shown(f"by {by}, falling", "s") for by in ("begun", "table", "network")]
            print(f"the screen is open {first:.3f} s after the key, all are on it {others:.3f} s later")
            print("a search follows a letter within", ", ".join(f"{1000 * one:.0f} ms" for one in took))
            print("another order within", ", ".join(f"{1000 * one:.0f} ms" for one in order))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=float, default=10.0, help="of training")
    options.add_argument("--runs", type=int, default=0)
    options.add_argument("--epochs", type=int, default=1000)
    chosen = options.parse_args()
    dataset = dataset_from(open_table("column_2C_weka"))
    if chosen.runs:
        length(dataset, chosen.runs, chosen.epochs)
    else:
        cost(dataset, chosen.seconds)


if __name__ == "__main__":
    main()
