"""Styles: what a widget declares for itself is in force, under whatever name the widget goes by now."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from textual.app import App, ComposeResult
from textual.widget import Widget

from epochal.tui.widgets.colored_lines import INKS, ColoredLines, Line

TUI = Path(__file__).parents[3] / "tui"


def widgets() -> set[type[Widget]]:
    for path in TUI.rglob("*.py"):
        module = ".".join(path.with_suffix("").relative_to(TUI.parent).parts)
        importlib.import_module(f"epochal.{module}".removesuffix(".__init__"))

    def below(kind: type[Widget]) -> set[type[Widget]]:
        return {kind}.union(*map(below, kind.__subclasses__()))

    return {kind for kind in below(Widget) if kind.__module__.startswith("epochal.")}


def test_every_widget_styles_itself_by_its_own_name() -> None:
    wrong = {
        kind.__name__: first
        for kind in widgets()
        for first in re.findall(r"\A\s*([A-Za-z]\w*)", vars(kind).get("DEFAULT_CSS", ""))
        if first not in {one.__name__ for one in kind.__mro__}
    }
    assert wrong == {}


async def test_every_ink_looks_unlike_plain_text() -> None:
    class Inks(ColoredLines):
        def lines(self, width: int, height: int) -> list[Line]:
            return [[(ink, ink)] for ink in INKS]

    class Shown(App[None]):
        def compose(self) -> ComposeResult:
            yield Inks()

    async with Shown().run_test(size=(20, 12)) as pilot:
        inks = pilot.app.query_one(Inks)
        style = {ink: inks.get_component_rich_style(f"inked--{ink}") for ink in INKS}
        assert style["cursor"].reverse
        plain = style.pop("text")
        assert all(one != plain for one in style.values())
