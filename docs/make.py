"""Make what the documents show from the program itself: pages of reference, tables, pictures, the man page.

    python -m docs.make             all of it
    python -m docs.make texts       what takes no screen: pages, tables, man page

A test fails when a text is not the one made here, and another walks the tour.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from textual.pilot import Pilot

from docs.film import PLACE, frames, svg
from docs.pages.commands import commands_page
from docs.pages.findings import findings_page
from docs.pages.formats import formats_page
from docs.pages.man import man_page
from docs.pages.numbers import numbers_page
from docs.pages.screens import screens_page
from docs.pages.settings import settings_page
from docs.tour import TOUR, Box, Key, Picture, parts
from epochal.core.settings import DECLARATIONS, Settings, written
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from
from epochal.tui.keys import in_markdown
from epochal.tui.lab.app import EpochalApp
from epochal.tui.lab.commands import EVERY_COMMAND, IN_PANES

# Seconds for the screen to say what the tour says it does.
PATIENCE = 60

HERE = Path(__file__).parent
README = HERE.parent / "README.md"

TEXTS: Mapping[str, Callable[[], str]] = {
    "look-up/commands.md": commands_page,
    "look-up/settings.md": settings_page,
    "look-up/screens.md": screens_page,
    "look-up/findings.md": findings_page,
    "look-up/numbers.md": numbers_page,
    "look-up/formats.md": formats_page,
    "epochal.1": man_page,
}
"""Files in this folder, each with what makes its text."""


def settings_table() -> str:
    """A line of markdown for every setting."""
    lines = ["| setting | option | default | may be | what it is |", "|---|---|---|---|---|"]
    lines += [
        f"| {d.title} | `{d.option}` | `{written(d.default)}` | {d.allowed} | {d.sentence} |"
        for d in DECLARATIONS.values()
    ]
    return "\n".join(lines) + "\n"


def keys_table() -> str:
    """A line of markdown for every key."""
    return in_markdown(EVERY_COMMAND, IN_PANES) + "\n"


def with_tables(readme: str) -> str:
    """The README with the tables of keys and settings as they are now."""
    for name, table in (("settings", settings_table()), ("keys", keys_table())):
        place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        readme = place.sub(lambda found, table=table: found[1] + table + found[2], readme)  # type: ignore[misc]
    return readme


async def picture(path: Path) -> None:
    """The lab at 120 x 40, after training the bundled table with the default settings."""
    app = EpochalApp(dataset_from(open_table("column_2C_weka")), Settings())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("t")
        assert app.run_shown is not None
        await asyncio.to_thread(app.run_shown.join, 60)
        await pilot.pause()
        await pilot.press("4", "r")
        await pilot.pause(0.5)
        path.write_text(app.export_screenshot(title="epochal"), encoding="utf-8")


async def tour() -> None:
    """Walk the tour at 80 x 24 and take its pictures."""
    app = EpochalApp(dataset_from(open_table("column_2C_weka")), Settings())
    async with app.run_test(size=(80, 24)) as pilot:
        for part in parts(TOUR.read_text(encoding="utf-8")):
            match part:
                case Key(name):
                    await pilot.press(name)
                case Box(texts):
                    for text in texts:
                        await _until_said(app, pilot, text)
                case Picture(file):
                    (HERE / file).write_text(app.export_screenshot(title="epochal"), encoding="utf-8")


async def _until_said(app: EpochalApp, pilot: Pilot[None], text: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while text not in _said(app):
                await pilot.pause(0.05)
    except TimeoutError:
        raise SystemExit(f"The tour says `{text}`, but the screen says:\n{_said(app)}") from None


def _said(app: EpochalApp) -> str:
    lines = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
    return " ".join(lines.replace("│", " ").split())


def texts() -> None:
    """Write every text, and the tables of the README."""
    for name, made in TEXTS.items():
        (HERE / name).write_text(made(), encoding="utf-8")
    README.write_text(with_tables(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    texts()
    if sys.argv[1:] != ["texts"]:
        asyncio.run(picture(HERE / "lab.svg"))
        asyncio.run(tour())
        PLACE.write_text(svg(asyncio.run(frames())), encoding="utf-8")
