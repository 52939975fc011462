"""What one cell means when it is no text: nothing, or a plain number."""

from __future__ import annotations

import re

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "?", "-", ".", "<na>", "\\n", "nat"})
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)


def is_missing(cell: str, more: frozenset[str] = frozenset()) -> bool:
    """Whether a cell stands for nothing."""
    bare = cell.strip()
    return bare.lower() in MISSING or bare in more
