"""Random keys, many in one write, for minutes: nothing is raised, nothing is stuck, no label is wrong.

    python benchmarks/random_keys.py --seconds 300 --seed 1

Prints the seed and the keys that led to the first fault, if there is one, and ends with 1.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time

from textual import events
from textual.keys import key_to_character

from epochal.core.settings import Settings
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from
from epochal.tui.lab.app import EpochalApp
from epochal.tui.lab.layout import PANES

KEYS = [
    *"abcdefghijklmnoprstuvxyzABCNSU0123456789.,+-[]<>?(){}",
    *("enter", "escape", "escape", "escape", "tab", "shift+tab", "space", "backspace", "home", "end"),
    *("up", "down", "left", "right", "shift+left", "pageup", "pagedown", "ctrl+p", "ctrl+home"),
]
NAMES = {
    ".": "full_stop",
    ",": "comma",
    "+": "plus",
    "-": "minus",
    "[": "left_square_bracket",
    "]": "right_square_bracket",
    "<": "less_than_sign",
    ">": "greater_than_sign",
    "?": "question_mark",
    "(": "left_parenthesis",
    ")": "right_parenthesis",
    "{": "left_curly_bracket",
    "}": "right_curly_bracket",
    "B": "B",
}
# Seconds in which a screen must come to rest, on a machine that does much else.
PATIENCE = 60.0


def write(app: EpochalApp, keys: list[str]) -> None:
    """All of them in one write."""
    for key in keys:
        name = NAMES.get(key, key)
        app.post_message(events.Key(name, key if len(key) == 1 else key_to_character(name)))


def fault(app: EpochalApp) -> str:
    """What is wrong with what stands on the screen now; empty where nothing is."""
    if app.return_code is not None or app._exception is not None:
        return f"the lab has ended: {app._exception!r}"
    run, state = app.run_shown, app.run_shown.phase if app.run_shown else "not trained"
    if len(app.screen_stack) == 1:
        top = app.screen._compositor.render_strips()[0].text
        if app.dataset and f"{app.dataset.table.name}, {state}"[: len(top) // 3] not in top and run is None:
            return f"the first line says {top.strip()!r}, and the state is {state}"
    typed = app.settings_pane.typed
    if typed is not None and not app.settings_pane.form.editing and typed != app.settings:
        return "the settings shown are not those of the lab"
    is_locked = app.settings_pane.form.locked
    if is_locked != bool(run and run.is_active):
        return f"the settings are {'' if is_locked else 'not '}locked, and the run is {state}"
    return ""


async def rested(app: EpochalApp) -> None:
    """Wait until every key is done with; a run may go on."""
    give_up = time.monotonic() + PATIENCE
    quiet = 0
    while quiet < 4 and time.monotonic() < give_up:
        await asyncio.sleep(0.01)
        widgets = (app, app.screen, *app.screen.walk_children())
        quiet = 0 if any(one.message_queue_size for one in widgets) else quiet + 1


async def left(app: EpochalApp) -> str:
    """Back to the lab by Escape alone, from wherever the keys have led; else what is stuck."""
    for _ in range(12):
        if len(app.screen_stack) == 1 and not app.is_asking:
            return ""
        write(app, ["escape"])
        await rested(app)
    return f"stuck in front of the lab: {app.screen_stack}"


async def pressed(seed: int, seconds: float, most: int = 1_000_000) -> str:
    """Press keys by this seed for so long, or so many bursts; the first fault, with what led to it."""
    rng = random.Random(seed)
    tables = ["iris", "column_2C_weka", "moons"]
    settings = Settings(epochs=rng.choice([3, 40, 100_000]), hidden=(4,))
    with tempfile.TemporaryDirectory() as home:
        os.environ["EPOCHAL_HOME"] = home
        with Recorder.open(None) as recorder:
            app = EpochalApp(dataset_from(open_table(rng.choice(tables))), settings, recorder=recorder)
            last: list[list[str]] = []
            size = rng.choice([(80, 24), (120, 40), (100, 34)])
            async with app.run_test(size=size) as pilot:
                await pilot.pause()
                end = time.monotonic() + seconds
                while time.monotonic() < end and len(last) < most:
                    keys = [rng.choice(KEYS) for _ in range(rng.randint(1, 12))]
                    last.append(keys)
                    write(app, keys)
                    await rested(app)
                    wrong = fault(app)
                    if not wrong and rng.random() < 0.3:
                        wrong = await left(app) or fault(app)
                    if wrong:
                        return f"seed {seed}, after {last[-6:]}: {wrong}"
                wrong = await left(app)
                if not wrong:
                    for pane in PANES:
                        app.action_pane(pane)
                if app.run_shown:
                    app.run_shown.stop()
                    await asyncio.to_thread(app.run_shown.join, 60)
            return f"seed {seed}, at the end: {wrong}" if wrong else ""


def main() -> int:
    """Press, and say what was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    begun, seed = time.monotonic(), options.seed
    while (still := options.seconds - (time.monotonic() - begun)) > 0:
        if wrong := asyncio.run(pressed(seed, min(30.0, still))):
            print(wrong)
            return 1
        print(f"seed {seed}: nothing wrong")
        seed += 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
