"""The processors there are for work that can be shared."""

from __future__ import annotations

import os


def usual_jobs() -> int:
    """All processors that this process may use but one, and at least one."""
    all_of_them = os.cpu_count() or 1
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else all_of_them
    return max(1, mine - 1)
