"""Driving the lab in tests as a person would: keys, and the text on the screen."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events
from textual._context import active_app
from textual.app import App
from textual.geometry import Region
from textual.keys import _character_to_key, key_to_character
from textual.pilot import Pilot

from epochal.core.settings import Settings
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.dataset import Dataset
from epochal.tui.lab.app import EpochalApp
from epochal.tui.lab.layout import PANES
from epochal.tui.reporting.outputs import OUTPUTS
from epochal.tui.runner.run import Run
from epochal.tui.runner.settings_search import Automatic
from epochal.tui.runner.step_gate import ScreenGate
from epochal.tui.runner.worker_pool import WorkerPool
from epochal.tui.widgets.text_input import TextInput
from tests.runs import GIVE_UP

ASCII_AXES = {"BAR": "|", "TICK": "+", "CORNER": "+", "RULE": "-", "DOWN": "+"}

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}


class SlowFloor(ScreenGate):
    """Lets few steps pass, so that a run without end leaves the processor to the test."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = True

    def wait(self) -> None:
        """Wait a moment."""
        self._free.wait(0.01)

    def close(self) -> None:
        """Stay as it is."""
        self._free.clear()


async def settled(*_seconds: float) -> None:
    """Wait until no widget has a message, no frame waits to be drawn and no short work of a thread is out."""
    app = active_app.get()
    # Reading a large table, or a screen that never rests, is for `until` to wait for.
    give_up = time.monotonic() + 1
    quiet = 0
    while quiet < 2 and time.monotonic() < give_up:
        await asyncio.sleep(0)
        await app._animator.wait_until_complete()
        if _threads_at_work():
            await asyncio.sleep(0.002)
            quiet = 0
        elif _messages(app):
            quiet = 0
        else:
            quiet += 1
            app.screen._on_timer_update()


def _messages(app: App[object]) -> bool:
    screen = app.screen
    return bool(
        app._next_callbacks
        or screen._callbacks
        or screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._dirty_widgets
        or any(widget.message_queue_size or widget._next_callbacks for widget in (app, *app._registry))
    )


def _threads_at_work() -> bool:
    """Whether work off the screen is not back; threads that train or study go on by themselves."""
    return any(thread.name.startswith("epochal-") and not thread.daemon for thread in threading.enumerate())


class Person:
    """Somebody at the keyboard."""

    def __init__(self, app: EpochalApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, and wait until the screen has followed."""
        for key in keys:
            await self.pilot.press(key)
        for _ in range(3):  # a message from a field passes through its form and its pane to the app
            await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text, faster than the screen follows."""
        for character in text[:-1]:
            self.app.post_message(events.Key(_character_to_key(character), character))
        await self.press(*map(_character_to_key, text[-1:]))

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something is so."""
        wait = 0.01
        async with asyncio.timeout(GIVE_UP):
            while not condition():
                await self.pilot.pause(wait)
                # A condition may draw the whole screen: what takes long is asked less often.
                wait = min(1.5 * wait, 0.25)
        await self.pilot.pause()

    async def until_shown(self, text: str) -> None:
        """Wait until the screen shows a text."""
        await self.until(lambda: text in self.screen())

    async def until_said(self, text: str) -> None:
        """Wait until a pane, or the screen in front, says this, wherever its lines are broken."""
        await self.until(lambda: any(text in said for said in self._said()))

    def _said(self) -> list[str]:
        in_front = " ".join(self.screen().split())
        return [in_front] if len(self.app.screen_stack) > 1 else [in_front, *map(self.pane, PANES)]

    async def wait_for_the_end(self) -> None:
        """Wait until the run has ended and the screen shows it."""
        run = self.app.run_shown
        assert run is not None
        assert await asyncio.to_thread(run.join, GIVE_UP)
        await self.pilot.pause()
        await self.pilot.pause()

    def lines(self) -> list[str]:
        """The screen as text."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    def pane(self, name: str) -> str:
        """What one pane says, in one line."""
        return self._text(self.app.query_one(f"#{name}").region)

    def dialog(self) -> str:
        """What the dialog in front says, in one line."""
        return self._text(self.app.screen.query_one(".dialog").region)

    def corner(self) -> list[str]:
        """What is said above the keys for a while, each in one line."""
        return [self._text(notice.region) for notice in self.app.screen.query("Notice") if notice.display]

    def _text(self, region: Region) -> str:
        strips = self.app.screen._compositor.render_strips()[region.y : region.bottom]
        return " ".join(" ".join(strip.crop(region.x + 1, region.right - 1).text for strip in strips).split())

    def screen(self) -> str:
        """The screen as one text, runs of blanks as one."""
        return re.sub(r"[ │]+", " ", "\n".join(self.lines()))


def burst(person: Person, *keys: str) -> None:
    """Keys that arrive in one write, before the screen has followed the first."""
    for key in keys:
        person.app.post_message(events.Key(key, key_to_character(key)))


@asynccontextmanager
async def lab(
    dataset: Dataset,
    settings: Settings | None = None,
    size: tuple[int, int] = (120, 40),
    recorder: Recorder | None = None,
    automatic: Automatic | None = None,
    pool: WorkerPool | None = None,
) -> AsyncIterator[Person]:
    """The lab, open on a table; a run that still goes is stopped in the end."""
    endless = settings is not None and settings.epochs > 100_000
    floor = SlowFloor() if endless else None
    app = EpochalApp(dataset, settings, floor, recorder=recorder, automatic=automatic, pool=pool)
    if endless:
        app.gate.close()
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        try:
            yield Person(app, pilot)
        finally:
            if app.run_shown:
                app.run_shown.stop()
                await asyncio.to_thread(app.run_shown.join, GIVE_UP)


@asynccontextmanager
async def full_screen(
    key: str, shown: str, dataset: Dataset, settings: Settings, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Person]:
    """The lab with a finished run and a full screen, once that shows a text."""
    async with lab(dataset, settings, size) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press(key)
        await person.until_shown(shown)
        yield person


def run_of(person: Person) -> Run:
    """The run on the screen."""
    assert person.app.run_shown is not None
    return person.app.run_shown


def part(person: Person, name: str) -> str:
    """What the widget of that name shows, in one line."""
    region = person.app.screen.query_one(f"#{name}").region
    strips = person.app.screen._compositor.render_strips()[region.y : region.bottom]
    return " ".join(" ".join(strip.crop(region.x, region.right).text for strip in strips).split())


def ascii_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the modules would be in a locale without UTF-8."""
    # A screen is imported when it is first opened.
    for path in (Path(__file__).parents[1] / "tui").rglob("*.py"):
        name = ".".join(path.relative_to(Path(__file__).parents[1]).with_suffix("").parts)
        imported = re.findall(r"^from epochal.tui.widgets.text import (.*)", path.read_text("utf-8"), re.M)
        for switch in {"UNICODE", "GLYPHS"} & set(re.findall(r"\w+", " ".join(imported))):
            monkeypatch.setattr(f"epochal.{name}.{switch}", False)
    for name, value in {
        "epochal.tui.widgets.text.UNICODE": False,
        "epochal.tui.widgets.text.GLYPHS": False,
        "epochal.tui.widgets.text.ELLIPSIS": "~",
        "epochal.tui.widgets.text._MARK": "?",
        "epochal.tui.widgets.spark.BARS": ".:-=+*#@",
        "epochal.tui.screens.profile.correlation_map.BLOCK": "#",
        **{f"epochal.tui.screens.profile.axes.{name}": mark for name, mark in ASCII_AXES.items()},
        "epochal.tui.screens.network.ablation_table._BAR": "#",
        "epochal.tui.screens.network.ablation_table._REST": ".",
        "epochal.tui.screens.network.node_card._EIGHTHS": " .::::::#",
        "epochal.tui.screens.network.node_card._BAR": "#",
        "epochal.tui.screens.network.node_card._LEFT_HALF": " ",
        "epochal.tui.screens.network.node_card._RIGHT_HALF": " ",
        "epochal.tui.screens.network.node_card._AXIS": "|",
    }.items():
        monkeypatch.setattr(name, value)
    from epochal.tui.widgets.text import _seen

    _seen.cache_clear()
    monkeypatch.setattr("epochal.tui.widgets.text._seen", _seen.__wrapped__)


def counts_shown(text: str) -> list[int]:
    """The four counts of a matrix of two classes, each before its share."""
    matrix = text[text.index("true ") : text.index("class rows")]
    return [int(count) for count in re.findall(r"(\d+) +\d+ %", matrix)]


async def choose(person: Person, name: str) -> None:
    """Of what w offers."""
    await person.press("w")
    await person.until(lambda: "Write what" in person.dialog())
    place = [output.name for output in OUTPUTS].index(name)
    await person.press(*["down"] * place, "enter")
    await person.until(lambda: "Enter writes it" in person.dialog())


async def write(person: Person, path: Path, name: str = "save") -> None:
    """Write one of what w offers to this path."""
    await choose(person, name)
    person.app.screen.query_one(TextInput).value = str(path)
    await person.press("enter")
