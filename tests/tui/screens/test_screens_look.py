"""Every full screen as it looks, in two sizes and in dark and light colours, beside its stored picture.

`EPOCHAL_SNAPSHOTS=write` writes them anew, to be looked at: the text once for each size, and of the colours
a checksum for each screen.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from zlib import crc32

import pytest

from epochal.core.settings import Settings
from epochal.data.tables.dataset import Dataset
from epochal.tui.lab.full_screens import FULL_SCREENS
from epochal.tui.screens.dialog import Dialog
from tests.lab import SIZES, Person, lab
from tests.runs import sampled
from tests.screens import back_in_the_lab, settled

# What comes last on a screen that goes on to compute.
READY = {"what_if": "importance"}
FOLDER = Path(__file__).parent / "snapshots"
THEMES = {"dark": "textual-dark", "light": "textual-light"}
# Figures that another machine, or another moment, has otherwise.
MOMENTS = re.compile(
    r"\d[\d,.]* (s|ms|a second|min)\b|/\S*pytest\S*|\d{4}-\d\d-\d\d( \d\d:\d\d)?|v\d+\.\d+\S*"
)
# These ask before they open, list what the folder holds, or go on by themselves.
NOT_STILL = ("runs", "article", "fan", "tables", "predictions")


def text_of(person: Person) -> str:
    return "\n".join(MOMENTS.sub("#", line.rstrip()) for line in person.lines())


def colours_of(person: Person) -> str:
    """A checksum of every cell's style, where no figure moves it."""
    rows = person.app.screen._compositor.render_strips()
    still = [strip for strip in rows if not MOMENTS.search(strip.text)]
    return (
        f"{crc32('|'.join(f'{len(one.text)}{one.style}' for strip in still for one in strip).encode()):08x}"
    )


async def pictures(
    dataset: Dataset, size: tuple[int, int], theme: str
) -> tuple[dict[str, str], dict[str, str]]:
    """The text of each screen, and the checksum of its colours."""
    texts, colours = {}, {}
    async with lab(dataset, Settings(epochs=12, hidden=(4,)), size) as person:
        person.app.theme = theme
        await person.press("t")
        await person.wait_for_the_end()
        person.app.clear_notifications()
        for name, screen in FULL_SCREENS.items():
            if name in NOT_STILL or not screen.is_offered(person.app):
                continue
            await person.press(screen.command.key)
            await person.until(lambda: isinstance(person.app.screen, Dialog))
            await person.until(lambda: not person.app.screen.query("Loading"))
            await settled(person)
            last = READY.get(name, "")
            await person.until_shown(last)
            await person.until(lambda: still(person))
            texts[name], colours[name] = text_of(person), colours_of(person)
            await back_in_the_lab(person)
    return texts, colours


_LAST: dict[int, str] = {}


def still(person: Person) -> bool:
    """Whether the screen is as it was when last looked at, and is getting nothing ready."""
    shown = "\n".join(person.lines())
    before, _LAST[id(person)] = _LAST.get(id(person), ""), shown
    return shown == before and not re.search(r"Getting ready|Looking|Reading|\.\.\.$", shown, re.MULTILINE)


@pytest.mark.parametrize(
    ("size", "theme"), sampled([(s, t) for s in ("80x24", "120x40") for t in THEMES], 1, "pictures")
)
async def test_every_full_screen_looks_as_it_did(
    size: str, theme: str, iris: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    texts, colours = await pictures(iris, SIZES[size], THEMES[theme])
    assert len(texts) >= 11
    whole = "\n".join(f"== {name}\n{text}" for name, text in texts.items()) + "\n"
    sums = "".join(f"{name} {colours[name]}\n" for name in colours)
    stored = {FOLDER / f"{size}.txt": whole, FOLDER / f"{size}-{theme}.colours": sums}
    if os.environ.get("EPOCHAL_SNAPSHOTS") == "write":
        FOLDER.mkdir(exist_ok=True)
        for path, text in stored.items():
            path.write_text(text, encoding="utf-8")
    for path, text in stored.items():
        assert text == path.read_text(encoding="utf-8"), f"{path.name}: look at it, then write it anew"
