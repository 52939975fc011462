"""Every screen on the runs that nobody plans: diverged, constant, of one epoch, of one held-out row."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import numpy as np
import pytest
from textual import events
from textual.keys import key_to_character

from epochal.core.settings import Settings
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.tui.lab.full_screens import FULL_SCREENS
from tests.lab import SIZES, Person, lab

# What no number of a person's is called.
NO_NUMBER = re.compile(r"(?<![\w.-])[-+±]?(nan|inf)(?![\w-])", re.IGNORECASE)
# Keys that move about in a screen, or change what it shows.
INSIDE = ("down", "right", "l", "tab", "down", "space", "left")


def read(folder: Path, text: str, target: str | None = None) -> Dataset:
    path = folder / "odd.csv"
    path.write_text(text, encoding="utf-8")
    return dataset_from(open_table(path), target)


def rows(number: int, cells: str) -> str:
    rng = np.random.default_rng(3)
    return "".join(
        cells.format(i=i, a=rng.normal(), b=rng.normal(5, 2), kind="pq"[i % 2]) + "\n" for i in range(number)
    )


HEAD = "a,b,class\n"
FLOWERS = HEAD + rows(40, "{a:.3f},{b:.3f},{kind}")
LINE = HEAD + rows(40, "{a:.3f},{b:.3f},{i}.5")
WILD = Settings(epochs=30, learning_rate=1e9, optimizer="momentum", activation="relu")

ODD: dict[str, tuple[str, Settings]] = {
    "diverged": (FLOWERS, WILD),
    "diverged numbers": (LINE, WILD),
    "diverged later": (LINE, Settings(epochs=200, learning_rate=0.7, activation="relu", scaling="none")),
    "constant": (FLOWERS, Settings(epochs=3, l2=1e6, optimizer="adamw", learning_rate=1e-6)),
    "constant numbers": (LINE, Settings(epochs=3, learning_rate=1e-300)),
    "one epoch": (FLOWERS, Settings(epochs=1)),
    "one epoch of numbers": (LINE, Settings(epochs=1)),
    "one row held out": (HEAD + rows(9, "{a:.3f},{b:.3f},{kind}"), Settings(epochs=3, held_out=0.05)),
    "one number held out": (HEAD + rows(9, "{a:.3f},{b:.3f},{i}.5"), Settings(epochs=3, held_out=0.05)),
    "one class held out": (HEAD + "1,2,p\n" + rows(30, "{a:.3f},{b:.3f},q"), Settings(epochs=3)),
    "large": (HEAD + rows(40, "{a:.3f}e140,{b:.3f}e-100,{kind}"), Settings(epochs=3)),
    "large numbers": (HEAD + rows(40, "{a:.3f},{b:.3f},{i}e140"), Settings(epochs=3)),
    "single precision": (FLOWERS, Settings(epochs=20, learning_rate=1e30, precision="float32", clip=1e30)),
}
QUICK = ("diverged", "diverged numbers", "one row held out")
TYPED = ("1e308", "5e-324")


def is_at_work() -> bool:
    """Whether anything is computed off the screen."""
    return any(
        one.name.startswith("epochal-") and one.name != "epochal-history" for one in threading.enumerate()
    )


async def check(person: Person, where: str) -> None:
    shown = person.screen()
    found = NO_NUMBER.search(shown)
    assert not found, f"{where}: {found[0] if found else ''}\n{shown}"
    assert not [said for said in person.corner() if "fault" in said], (where, person.corner())


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in ODD]
)
async def test_every_screen_shows_it_in_words(name: str, tmp_path: Path) -> None:
    text, settings = ODD[name]
    dataset = read(tmp_path, text)
    recorder = Recorder.open(tmp_path / "home")
    async with lab(dataset, settings, SIZES["120x40"], recorder) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await check(person, "lab")
        for screen in FULL_SCREENS.values():
            if screen.name in ("tables", "reading", "predictions", "writing", "article", "search", "runs"):
                continue
            await person.press(screen.command.key)
            await person.until(lambda: not is_at_work())
            await check(person, screen.name)
            if len(person.app.screen_stack) > 1:
                for key in INSIDE:
                    person.app.post_message(events.Key(key, key_to_character(key)))
                await person.press("right")
                await person.until(lambda: not is_at_work())
                await check(person, f"{screen.name}, moved about in")
            while len(person.app.screen_stack) > 1:
                await person.press("escape")
    recorder.close()


@pytest.mark.parametrize("name", ["one epoch", "one epoch of numbers", "single precision"])
async def test_a_row_beyond_all_measure_is_predicted_in_words(name: str, tmp_path: Path) -> None:
    text, settings = ODD[name]
    async with lab(read(tmp_path, text), settings) as person:
        await person.press("t")
        await person.wait_for_the_end()
        for value in TYPED:
            await person.press("4")
            person.app.result_pane.show_texts({"a": value, "b": value})
            await person.pilot.pause()
            await check(person, value)
            for key in "iev":
                await person.press(key)
                await person.until(lambda: not is_at_work())
                await check(person, f"{value}, {key}")
                while len(person.app.screen_stack) > 1:
                    await person.press("escape")
