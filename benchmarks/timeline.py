"""The time machine: what keeping every epoch costs, and how soon the screen has followed the cursor.

    python benchmarks/timeline.py

The cost is asked of the thread's own clock. The cursor is moved across 10,000 kept epochs in the real program
in a pseudo-terminal of 120 x 40: from the key to the epoch on the screen, which is written with all that
follows it, after the run has ended and while it trains on.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from screen import LAB, TUTORIAL, Terminal, last_epoch, percentiles

from epochal.core.presets import PRESETS
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.core.training.weight_history import WeightHistory
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from

THE_TUTORIALS = PRESETS["the tutorial's"]
NETWORKS = {
    "7-10-1, full batch": THE_TUTORIALS.model_copy(update={"batch_size": "full"}),
    "7-10-1, batch 32": THE_TUTORIALS.model_copy(update={"batch_size": 32}),
    "7-10-1, batch 1 (the tutorial's)": THE_TUTORIALS,
    "7-256-256-1, full batch": Settings(hidden=(256, 256), batch_size="full"),
}
EPOCHS = 10_000
SCREENS = {"the four panes": "", "full result": "v", "network": "n", "boundary": "e", "what if": "i"}
KEYS = {
    ",": -1,
    ".": 1,
    "<": -10,
    ">": 10,
    "\x1b[1;2D": -10,
    "\x1b[1;2C": 10,
    "\x1b[5~": -100,
    "\x1b[6~": 100,
    "\x1b[D": -1,
    "\x1b[C": 1,
}


def cost(dataset: Dataset, seconds: float) -> None:
    print("| network | epoch | keeping it | share |")
    print("|---|---:|---:|---:|")
    for name, settings in NETWORKS.items():
        training = Training(dataset.examples, settings.model_copy(update={"epochs": 10_000_000}))
        weight_history = WeightHistory(training.last_parameters)
        trained = kept = 0.0
        stop = time.perf_counter() + seconds
        while time.perf_counter() < stop:
            before = time.thread_time()
            epochs = [next(training) for _ in range(10)]
            between = time.thread_time()
            for epoch in epochs:
                weight_history.append(training.last_parameters, epoch.held_out_error)
            trained, kept = trained + between - before, kept + time.thread_time() - between
        number = training.history.length
        each, keeping = 1e6 * trained / number, 1e6 * kept / number
        print(f"| {name} | {each:.1f} us | {keeping:.2f} us | {kept / trained:.2%} |")


def moves(screen: str, presses: int, *, training: bool) -> None:
    """Moves the cursor far and near, in the panes or in a full screen."""
    # Slow enough while it trains on for every epoch to be kept to the end of this.
    planned, batch = (10_000_000, "2") if training else (EPOCHS, "full")
    terminal = Terminal([*LAB, "column_2C_weka", *TUTORIAL, f"--batch-size={batch}", f"--epochs={planned}"])
    terminal.until(b"Press t to train")
    terminal.press("t3")
    if training:
        while last_epoch(b"epoch 0 of" + terminal.listen(0.5)) < EPOCHS:
            pass
    else:
        terminal.until(b"finished after", 60.0)
    terminal.listen(1.0)
    chance = np.random.default_rng(0)
    opens = SCREENS[screen]
    terminal.press("\x1b[H")  # home
    terminal.listen(0.3)
    keys = [key for key in KEYS if len(key) > 1] if not opens else [key for key in KEYS if len(key) == 1]
    if opens == "v":
        keys = [".", ","]  # the others move the threshold
    epoch = 0
    for _ in range(50):
        terminal.press("\x1b[6~")  # a hundred on
        epoch += 100
    terminal.until(b"epoch %s of" % f"{epoch:,}".encode())
    if opens:
        terminal.press(opens)
        terminal.listen(1.0)
    times = []
    for _ in range(presses):
        key = keys[int(chance.integers(len(keys)))]
        epoch += KEYS[key]
        terminal.listen(0.05 + 0.05 * float(chance.random()))
        terminal.press(key)
        times.append(1000 * terminal.until(b"epoch %s of" % f"{epoch:,}".encode()))
    print(f"| {screen} | {'training' if training else 'idle'} | {percentiles(times)} |", flush=True)
    if opens:
        terminal.press("\x1b")
        terminal.listen(0.5)
    terminal.leave()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=float, default=4.0, help="of training for each network")
    options.add_argument("--moves", type=int, default=200)
    chosen = options.parse_args()
    dataset = dataset_from(open_table("column_2C_weka"))
    if chosen.seconds:
        cost(dataset, chosen.seconds)
    print("\n| cursor moved, median / 95 % / max | meanwhile | until it shows |")
    print("|---|---|---:|")
    for training in (False, True):
        for screen in SCREENS:
            moves(screen, chosen.moves, training=training)


if __name__ == "__main__":
    main()
