"""Tallies of the cells that a model cannot use as they stand, by reason, with an example of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from epochal.data.tables.wording import counted


@dataclass
class Tally:
    """Cells of one kind: how many, and the first with the line it stands on."""

    cells: int = 0
    example: str = ""
    line: int = 0

    def add(self, flags: NDArray[np.bool_], cells: Sequence[str], lines: Sequence[int]) -> None:
        """Count the flagged cells."""
        if not flags.any():
            return
        if not self.cells:
            first = int(np.flatnonzero(flags)[0])
            self.example, self.line = cells[first].strip()[:40], lines[first]
        self.cells += int(np.count_nonzero(flags))


@dataclass
class Counts:
    """Cells of a column that cannot be used as they stand; `words` are those that stand for missing ones."""

    missing: Tally = field(default_factory=Tally)
    unknown: Tally = field(default_factory=Tally)
    out_of_range: Tally = field(default_factory=Tally)
    pooled: Tally = field(default_factory=Tally)
    words: Counter[str] = field(default_factory=Counter)

    def add_missing(self, flags: NDArray[np.bool_], cells: Sequence[str], lines: Sequence[int]) -> None:
        """Count missing cells, and the words that stand in them."""
        self.missing.add(flags, cells, lines)
        self.words.update(filter(None, (cells[at].strip() for at in np.flatnonzero(flags).tolist())))

    def report(self) -> dict[str, int]:
        """The counts by their names."""
        return {
            "missing": self.missing.cells,
            "unknown": self.unknown.cells,
            "out_of_range": self.out_of_range.cells,
            "pooled": self.pooled.cells,
        }


def about_missing(name: str, counts: Counts) -> list[str]:
    """How many cells of a column are missing."""
    if not counts.missing.cells:
        return []
    cells, were = counted(counts.missing.cells, "missing cell", "missing cells"), "were"
    if words := ", ".join(f"{word[:40]} {count:,}" for word, count in counts.words.most_common(5)):
        cells += f" ({words})"
    if counts.missing.cells == 1:
        were = "was"
    return [f"{name}: {cells} {were} filled in (imputation), as in training."]


def about_unknown(name: str, counts: Counts, what: str) -> list[str]:
    """How many cells hold nothing that can be used, and `what` becomes of them."""
    unknown = counts.unknown
    if not unknown.cells:
        return []
    cells = counted(unknown.cells, "cell holds", "cells hold")
    return [f"{name}: {cells} {what}, such as {unknown.example!r} in line {unknown.line:,}"]
