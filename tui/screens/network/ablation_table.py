"""What a network is worth on the held-out rows: as it is, without some of its nodes, and class by class."""

from __future__ import annotations

from collections.abc import Sequence

from epochal.core.evaluation.wording import percent
from epochal.core.explain.node_statistics import HeldOut
from epochal.core.numerals import figure
from epochal.tui.widgets.colored_lines import ColoredLines, Ink, Line
from epochal.tui.widgets.text import GLYPHS, fit, visible

FIGURES = 60
"""The width of the figures before a bar."""

_BAR, _REST = "━─" if GLYPHS else "#."


class Worth(ColoredLines):
    """The held-out rows: how many the network answers rightly, and how many without what is turned off."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._before: HeldOut | None = None
        self._after: HeldOut | None = None
        self._other = ""
        self._called: Sequence[str] = ()

    def show(self, before: HeldOut, after: HeldOut | None, other: str, classes: Sequence[str]) -> None:
        """Show what it is worth as it is, and after it is changed; `other` names the change, or is a hint."""
        self._before, self._after, self._other, self._called = before, after, other, classes
        self.redraw()

    def lines(self, width: int, height: int) -> list[Line]:
        """Two lines with their figures, a bar each where rows are counted; below them the classes."""
        before, after = self._before, self._after
        if before is None:
            return []
        label = min(max(24, width // 3), 44)
        first: Line = [(fit(" Held out, as it is", label), "strong"), *_figures(before, None, width - label)]
        third: Line = [(fit(by_class(before, after, self._called), width), "text")]
        if after is None:
            return [first, [(f" {self._other}", "muted")], third]
        return [
            first,
            [(fit(f" {self._other}", label), "bad"), *_figures(after, before, width - label)],
            third,
        ]


def by_class(before: HeldOut, after: HeldOut | None, classes: Sequence[str]) -> str:
    """Of each class how many are right, after a change those first to which it does most."""
    if not before.by_class:
        return ""
    said = []
    for name, (was, rows), (now, _) in zip(classes, before.by_class, (after or before).by_class, strict=True):
        change = f", {abs(now - was):,} {'fewer' if now < was else 'more'}" if now != was else ""
        said.append((-abs(now - was), f"{visible(name)}: {now:,} of {rows:,}{change}"))
    if after:
        said.sort(key=lambda one: one[0])
    return " Right by class: " + "; ".join(text for _, text in said)


def _figures(worth: HeldOut, before: HeldOut | None, width: int) -> Line:
    """The figures, the difference to those before, and a bar."""
    ink: Ink = "good" if before is None else "bad"
    if worth.right is None:
        assert worth.rmse is not None
        text = f"typical error {figure(worth.rmse)} on {worth.rows:,} rows"
        if before is not None and before.rmse is not None:
            text += f", {_change(worth.rmse - before.rmse)}"
        return [(text, "text")]
    text = f"{worth.right:,} of {worth.rows:,} rows right, {percent(worth.right / worth.rows)}"
    if before is not None and before.right is not None:
        difference = worth.right - before.right
        ink = "bad" if difference < 0 else "good"
        text += (
            f", {abs(difference):,} {'fewer' if difference < 0 else 'more'}" if difference else ", as many"
        )
    error = f"error {figure(worth.error)}"
    if len(text) + len(error) + 2 <= width:
        text += f"; {error}"
    cells = width - FIGURES - 1
    if cells < 10:
        return [(text, "text")]
    filled = round(cells * worth.right / worth.rows)
    return [(fit(text, FIGURES), "text"), (_BAR * filled, ink), (_REST * (cells - filled), "muted")]


def _change(difference: float) -> str:
    return f"{figure(abs(difference))} {'more' if difference > 0 else 'less'}" if difference else "the same"
