"""Make what the README shows from the program itself: the picture of the screen, the table of settings.

    python docs/make.py

A test fails when the table in the README is not the one made here.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from core.settings import DECLARATIONS, Settings, written
from data.bundled import open_table
from data.dataset import dataset_from
from tui.app import EpochalApp

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


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
    asyncio.run(picture(HERE / "lab.svg"))
