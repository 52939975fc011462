"""A repair of Textual's partial updates: the changed stretch of a row is sent, not all to its left."""

from __future__ import annotations

import textual
from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate

REPAIRED = "8.2."
"""The versions known to send a row from its widget's left edge; later ones are left as they are."""


def send_only_what_changed() -> bool:
    """Mend every later partial update of this process; whether this version of Textual needed it.

    Without it all stays correct, but a chart that changes at its right edge sends whole rows:
    five to ten times as many bytes.
    """
    needed = textual.__version__.startswith(REPAIRED)
    if needed:
        setattr(ChopsUpdate, "render_segments", _render_segments)  # noqa: B010
    return needed


def _render_segments(update: ChopsUpdate, console: Console) -> str:
    sent: list[str] = []
    for row, first, after in update.spans:
        for end, (start, strip) in zip(update.chop_ends[row], update.chops[row].items(), strict=False):
            left, right = max(start, first), min(end, after)
            if strip is not None and left < right:
                sent.append(Control.move_to(left, row).segment.text)
                sent.append(strip.crop(left - start, right - start).render(console))
    return "".join(sent)
