"""Lines of text that change often: nothing is sent when they are the same, no layout when as many."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from epochal.tui.widgets.text import paragraph


class Lines(Static):
    """Sentences one below the other, shown literally. Rewriting them costs as little as it can."""

    def __init__(self, lines: Sequence[str] = (), *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(paragraph(lines), id=id)
        self._lines = tuple(lines)

    def write(self, lines: Sequence[str], *, in_place: bool = False) -> None:
        """Show these lines instead; `in_place` may leave room below them, to save the screen a layout."""
        if tuple(lines) != self._lines:
            content = paragraph(lines)
            fits = self._fits(content, in_place=in_place)
            self._lines = tuple(lines)
            self.update(content, layout=not fits)

    def _fits(self, content: Content, *, in_place: bool) -> bool:
        """Whether this takes the lines there are, wrapped, in a width that does not follow it."""
        width, (columns, rows) = self.styles.width, self.size
        if not columns or (width is not None and width.is_auto):
            return False
        needed = content.get_height(self.styles.get_rules(), columns)
        return needed == rows or (in_place and needed < rows)
