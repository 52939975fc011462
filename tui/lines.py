"""Lines of text that change often: nothing is sent when they are the same, no layout when as many."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widgets import Static

from tui.text import paragraph


class Lines(Static):
    """Sentences one below the other, shown literally. Rewriting them costs as little as it can."""

    def __init__(self, lines: Sequence[str] = (), *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(paragraph(lines), id=id)
        self._lines = tuple(lines)

    def write(self, lines: Sequence[str]) -> None:
        """Show these lines instead."""
        if tuple(lines) != self._lines:
            same_height = len(lines) == len(self._lines) and self._fits(lines)
            self._lines = tuple(lines)
            self.update(paragraph(lines), layout=not same_height)

    def _fits(self, lines: Sequence[str]) -> bool:
        """Whether no line wraps, before or after."""
        return all(len(line) <= self.size.width for line in (*lines, *self._lines))
