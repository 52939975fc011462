"""Whether the lab draws for a browser, into a pipe, and not for a terminal."""

from __future__ import annotations

import os

VARIABLE = "TEXTUAL_DRIVER"
DRIVER = "epochal.tui.web.driver:BrowserDriver"
"""The value of Textual's variable that chooses our driver for browsers."""


def in_browser() -> bool:
    """Whether a server has started this process for a visitor."""
    return os.environ.get(VARIABLE) == DRIVER
