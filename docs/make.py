"""Make what the documents show from the program itself: pictures of the screen, the table of settings.

    python -m docs.make

A test fails when the table in the README is not the one made here, and another walks the tour.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from textual.pilot import Pilot

from docs.tour import TOUR, Box, Key, Picture, parts
from epochal.core.settings import DECLARATIONS, Settings, written
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from
from epochal.tui.lab.app import EpochalApp

# Seconds for the screen to say what the tour says it does.
PATIENCE = 60

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
TABLE = re.compile(r"(<!-- settings -->\n).*?(<!-- /settings -->)", re.DOTALL)


def settings_table() -> str:
    """A line of markdown for every setting."""
    lines = ["| setting | option | default | may be | what it is |", "|---|---|---|---|---|"]
    lines += [
        f"| {d.title} | `{d.option}` | `{written(d.default)}` | {d.allowed} | {d.sentence} |"
        for d in DECLARATIONS.values()
    ]
    return "\n".join(lines) + "\n"


def with_table(readme: str) -> str:
    """The README with the table of settings as it is now."""
    return TABLE.sub(lambda found: found[1] + settings_table() + found[2], readme)


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


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
    asyncio.run(picture(HERE / "lab.svg"))
    asyncio.run(tour())
