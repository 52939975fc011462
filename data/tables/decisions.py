"""What was decided about a table before anything was learned: one account, from which all tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from epochal.core.rows.preparation import MOST_LEVELS
from epochal.data.tables.dataset import Dataset, LeftOut, guess_target, is_doubtful, is_named_like_a_target

TargetReason = Literal["its name", "last column", "asked for", "the file"]

REASONS: dict[str, str] = {
    "its name": "chosen by its name",
    "the file": "as the file itself says",
    "last column": "chosen as the last column",
    "asked for": "as asked for",
}
# Names in a sentence, beyond which the rest is counted; the structured account has them all.
MOST_NAMES = 12


class LeftOutReport(TypedDict):
    """A column no prediction is made from, and why."""

    name: str
    reason: str


class DecisionsReport(TypedDict):
    """The decisions as plain values for scripts."""

    target_reason: str
    left_out: list[LeftOutReport]
    notes: list[str]
    rows_left_out: int
    rows_without_target: int


@dataclass(frozen=True)
class Decisions:
    """Every decision between the file and the examples.

    `notes` are sentences for all but the target: rows that were set aside, the columns of `left_out`, how the
    text was taken apart, what counts as missing, and categories that share an input.
    """

    target: str
    target_reason: TargetReason
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    rows_left_out: int
    rows_without_target: int

    @property
    def sentences(self) -> list[str]:
        """All of it in words, the target first."""
        return [self.target, *self.notes]

    def report(self) -> DecisionsReport:
        """All of it as plain values."""
        return {
            "target_reason": self.target_reason,
            "left_out": [{"name": one.name, "reason": one.reason} for one in self.left_out],
            "notes": list(self.notes),
            "rows_left_out": self.rows_left_out,
            "rows_without_target": self.rows_without_target,
        }


def decisions(dataset: Dataset) -> Decisions:
    """The decisions that a dataset is the outcome of."""
    table, reason = dataset.table, _reason(dataset)
    classes = len(dataset.examples.classes)
    what = f"{classes:,} classes" if classes else "a number"
    return Decisions(
        target=f"Target: {dataset.target} ({what}), {REASONS[reason]}.",
        target_reason=reason,
        left_out=dataset.left_out,
        notes=(
            *dataset.notes,
            *left_out_in_words(dataset.left_out),
            *_together(table.notes, table.names),
            *_about_missing(dataset),
            *_about_levels(dataset),
        ),
        rows_left_out=table.rows_left_out,
        rows_without_target=dataset.without_target,
    )


def left_out_in_words(left_out: Sequence[LeftOut], done: str = "left out") -> list[str]:
    """A sentence for each reason, with the columns it holds for; `done` is what they are."""
    columns: dict[str, list[str]] = {}
    for one in left_out:
        columns.setdefault(one.reason, []).append(one.name)
    return [
        f"{names[0]} is {done}: it {reason}."
        if len(names) == 1
        else f"{len(names):,} columns are {done}, as each {reason}: {some(names)}."
        for reason, names in columns.items()
    ]


def some(names: Sequence[str]) -> str:
    """The first names in a sentence, and how many more there are."""
    if len(names) <= MOST_NAMES + 1:
        return ", ".join(names)
    return f"{', '.join(names[:MOST_NAMES])} and {len(names) - MOST_NAMES:,} more"


def _together(notes: Sequence[str], names: Sequence[str]) -> list[str]:
    """Notes that say the same of several columns as one, where the first of them stood."""
    known = set(names)
    columns: dict[str, list[str]] = {}
    for note in notes:
        # A name may hold spaces, and begin with another name: the longest is meant.
        words = note.split(" ")
        begins = (" ".join(words[:n]) for n in range(len(words), 0, -1))
        name = next((one for one in begins if one in known), "")
        columns.setdefault(note.removeprefix(name), []).append(name)
    return [
        f"Each of {some(of)}{rest}" if len(of) > 1 and all(of) else f"{of[0]}{rest}"
        for rest, of in columns.items()
    ]


def _reason(dataset: Dataset) -> TargetReason:
    table = dataset.table
    if dataset.target not in table.names or dataset.target != guess_target(table):
        return "asked for"
    if dataset.target == table.target:
        return "the file"
    if is_doubtful(table, dataset.target):
        return "asked for"
    return "its name" if is_named_like_a_target(dataset.target) else "last column"


def _about_missing(dataset: Dataset) -> list[str]:
    """Cells of features that hold nothing, which the preparation fills in."""
    features = set(dataset.features)
    counts = {one.name: one.missing for one in dataset.table.columns if one.name in features and one.missing}
    if not counts:
        return []
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    shown = some([f"{name} {count:,}" for name, count in ordered])
    return [f"Missing cells, which are filled in (imputation): {shown}."]


def _about_levels(dataset: Dataset) -> list[str]:
    """Categories beyond those that get an input of their own."""
    return [
        f"{one.name} has {len(one.categories):,} categories: the {MOST_LEVELS} most frequent have an input"
        f" each, the other {len(one.categories) - MOST_LEVELS:,} share one."
        for one in dataset.examples.features
        if len(one.categories) > MOST_LEVELS
    ]
