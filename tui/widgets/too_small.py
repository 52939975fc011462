"""A sentence in place of a screen that there is no room for, so that nothing of it is cut silently."""

from __future__ import annotations

from textual.geometry import Size
from textual.widgets import Static

SMALLEST = (60, 15)


def is_too_small(size: Size) -> bool:
    """Whether no screen has room in a terminal of this size."""
    return size.width < SMALLEST[0] or size.height < SMALLEST[1]


class TooSmall(Static):
    """Covers a screen, whatever it holds, where that has no room; what has the focus keeps it."""

    DEFAULT_CSS = """
    TooSmall {
        layer: too-small;
        dock: top;
        width: 100%;
        height: 100%;
        content-align: center middle;
        background: $background;
    }
    """

    def __init__(self, size: Size) -> None:
        super().__init__(f"Epochal needs at least {SMALLEST[0]} x {SMALLEST[1]} cells.", markup=False)
        self.fit(size)

    def fit(self, size: Size) -> None:
        """Cover the screen, or no longer."""
        self.display = is_too_small(size)
