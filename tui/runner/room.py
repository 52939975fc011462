"""Whether this machine has room for a network, asked before it is made."""

from __future__ import annotations

import os

from epochal.core.rows.examples import Examples
from epochal.core.settings import Settings
from epochal.core.training.size import bytes_to_train, gigabytes, layers_at_most


def memory_of_machine() -> int | None:
    """Bytes; None where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def lack_of_memory(examples: Examples, settings: Settings) -> str:
    """Why a network of these settings is not begun: it would take more memory than there is. Else empty."""
    try:
        needed = bytes_to_train(layers_at_most(examples, settings), settings)
    except ValueError:
        return ""  # said where it is trained
    there = memory_of_machine()
    if there is None or needed <= there:
        return ""
    return (
        f"Training this network takes about {gigabytes(needed)} of memory, and this machine has"
        f" {gigabytes(there)}: take fewer hidden nodes, or the precision float32."
    )
