"""Lines of coloured text that change often: only the rows that differ are sent to the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal, get_args

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from epochal.tui.widgets.text import visible

Ink = Literal[
    "text", "key", "muted", "strong", "published", "repaired", "good", "bad", "cursor", "positive", "negative"
]
INKS: tuple[Ink, ...] = get_args(Ink)

Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Paint:
    """Colours of its own, where no ink of the theme will do: a class's, or a place's on a scale.

    None is the widget's own.
    """

    stroke: Rgb | None = None
    behind: Rgb | None = None


Line = Sequence[tuple[str, Ink | Paint]]
"""Stretches of text, each with its ink or paint, from left to right."""


class ColoredLines(Widget):
    """A widget whose `lines` say what stands on it; `redraw` shows what has become of them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"inked--{ink}" for ink in INKS}
    DEFAULT_CSS = """
    ColoredLines {
        & > .inked--text { color: $foreground; }
        & > .inked--key { color: $footer-key-foreground; text-style: bold; }
        & > .inked--muted { color: $text-muted; }
        & > .inked--strong { color: $foreground; text-style: bold; }
        & > .inked--published { color: $text-warning; text-style: bold; }
        & > .inked--repaired { color: $text-primary; text-style: bold; }
        & > .inked--good { color: $text-success; text-style: bold; }
        & > .inked--bad { color: $text-error; text-style: bold; }
        & > .inked--cursor { color: $foreground; text-style: bold reverse; }
        & > .inked--positive { color: $text-primary; }
        & > .inked--negative { color: $text-warning; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._drawn: list[Line] = []
        self._drawn_size = (0, 0)

    def lines(self, width: int, height: int) -> list[Line]:
        """What stands on it, at a size in cells."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Show the lines as they are now."""
        if not self.display or not self.size or tuple(self.size) != self._drawn_size:
            # What is hidden is drawn whole once it is seen.
            self._drawn_size = (0, 0)
            self.refresh()
            return
        before, self._drawn = self._drawn, self.lines(*self.size)
        missing = [()] * abs(len(before) - len(self._drawn))
        rows = zip([*before, *missing], [*self._drawn, *missing], strict=False)
        regions = [Region(0, y, self.size.width, 1) for y, (old, new) in enumerate(rows) if old != new]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """One row; what does not fit is cut."""
        if self._drawn_size != tuple(self.size):
            self._drawn, self._drawn_size = self.lines(*self.size), (self.size.width, self.size.height)
        line = self._drawn[y] if y < len(self._drawn) else ()
        return Strip(Segment(visible(text), self._style(ink)) for text, ink in line).adjust_cell_length(
            self.size.width, self.rich_style
        )

    def _style(self, ink: Ink | Paint) -> Style:
        if isinstance(ink, Paint):
            return self.rich_style + painted(ink)
        return self.get_component_rich_style(f"inked--{ink}")


@lru_cache(maxsize=4096)
def painted(paint: Paint) -> Style:
    """The style of these colours."""
    stroke, behind = (Color.from_rgb(*one) if one else None for one in (paint.stroke, paint.behind))
    return Style(color=stroke, bgcolor=behind)
