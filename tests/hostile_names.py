"""Names that a terminal would obey, and the guard that finds whether a byte of one has come through."""

from __future__ import annotations

import re
from pathlib import Path

from epochal.tui.widgets.text import visible

# Each is short, so that no column of the screen is too narrow for what acts in it.
HOSTILE = {
    "several": "\x1b[5;53m\x9d\u202e",
    "title": "\x1b]0;O\x07",
    "clipboard": "\x1b]52;c;Tw==\x1b\\",
    "style": "\x1b[5;53m",
    "clear": "\x1b[2J\x1b[3J",
    "device control": "\x1bP1$r\x1b\\",
    "reset": "\x1bc",
    "backspaces": "no\x08\x08",
    "shift out": "\x0e\x0f",
    "bell and delete": "\x07\x7f",
    "C1 control sequence": "\x9b5m",
    "C1 command": "\x9d0;O\x9c",
    "C1 next line": "\x84\x85\x8d",
    "bidi override": "\u202efdp\u202c",
    "bidi isolate": "\u2066a\u2069",
    "zero width": "\ufeffa\u200b\u200d\u2060",
    "line separator": "\u2028\u2029",
    "tags": "\U000e0041\U000e007f",
    "link": "[@click=app.quit]",
    "markup": "[red][/x][",
}

# What Textual itself writes between two characters that are drawn.
_OURS = re.compile(
    r"\x1b\[(?:0|[\d;]*)m"  # a style
    r"|\x1b\[\d+;\d+H"  # the cursor's place
    r"|\x1b\[\?2026[hl]"  # a frame begins, or ends
    r"|\x1b\[\d q|\x1b\]22;[a-z-]*\x07"  # the shape of the cursor, and of the pointer
    r"|[\r\n]"
)


def foreign(written: str) -> list[str]:
    """What a terminal would obey in what was written to it, and Textual did not write."""
    drawn = _OURS.sub("", written.replace(HOSTILE["style"], "\x1b"))
    return sorted({one for one in set(drawn) if visible(one) != one})


def foreign_in_text(said: str) -> list[str]:
    """What a terminal would obey in what the command line printed."""
    return sorted({one for one in set(said) - {"\n"} if visible(one) != one})


def table_named(evil: str, folder: Path) -> Path:
    """A table whose folder, name, columns, cells and classes are all hostile."""
    inside = folder / f"d{evil.replace('/', '')}"
    inside.mkdir()
    path = inside / f"{evil.replace('/', '')}t.csv"
    head = f'"{evil}a","{evil}b","{evil}c","{evil}class"\n'
    path.write_text(
        head
        + "".join(f'{i % 7}.5,{i * 0.25},"{evil}{"uvw"[i % 3]}","{evil}{"xy"[i % 2]}"\n' for i in range(40)),
        encoding="utf-8",
    )
    return path
