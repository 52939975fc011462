"""Scrollbars without the partial blocks that some terminals cannot show: whole cells in two colours."""

from __future__ import annotations

from textual.scrollbar import ScrollBarRender


def use_plain_scrollbars() -> None:
    """From now on, for every scrollbar of this process."""
    for bars in (ScrollBarRender.VERTICAL_BARS, ScrollBarRender.HORIZONTAL_BARS):
        bars[:] = [" "] * len(bars)
