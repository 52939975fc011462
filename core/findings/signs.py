"""Suspicious columns: what can be said of one before anything is trained on it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from epochal.core.evaluation.curves import auc
from epochal.core.findings.finding import Finding
from epochal.core.rows.examples import Floats

# A leak is not looked for in fewer rows, where chance tells the target too.
FEWEST_ROWS = 20
FEW_CELLS = 0.01
FEWEST_NUMBERED = 10
IN_ORDER = 0.95
OFTEN = 0.5

_ROW_NAME = re.compile(
    r"(?:.*[ _.-])?(?:id|index|idx|row|rows|no|nr|number|key)|unnamed:? ?\d*", re.IGNORECASE
)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WITH_UNIT = re.compile(r"([^\d.+-]{0,4})([+-]?\d[\d.,]*)(\D{0,8})")


def constant_columns(names: Sequence[str], rows: str) -> Iterator[Finding]:
    """Columns that never change, in rows of this kind, teach nothing."""
    if names:
        yield Finding(
            "constant-column",
            "note",
            f"{some(names)} {'is' if len(names) == 1 else 'are'} the same in every {rows}.",
            "Leave it out: it teaches nothing." if len(names) == 1 else "Leave them out: they teach nothing.",
        )


def empty_column(name: str) -> Finding:
    """A column in which no cell holds anything."""
    return Finding("empty-column", "note", f"{name} holds nothing.", "Leave it out: it teaches nothing.")


def row_numbers(name: str, column: Floats) -> Iterator[Finding]:
    """A column that numbers the rows, in the file's order or another: an identifier, not a measurement.

    Where some numbers are gone or come twice, the name and the order of the rows tell it.
    """
    if len(column) <= FEWEST_NUMBERED or not np.isfinite(column).all() or (column % 1 != 0).any():
        return
    ordered = np.sort(column)
    with np.errstate(over="ignore"):
        is_complete = bool((np.diff(ordered) == 1).all())
        in_order = bool((np.diff(column) == 1).all())
    follows = _ROW_NAME.fullmatch(name.strip()) is not None and _follows_the_order(column)
    if is_complete or follows:
        says = "counts the rows" if in_order else "numbers the rows"
        yield Finding(
            "row-numbers",
            "warning",
            f"{name} {says} from {ordered[0]:g} to {ordered[-1]:g}.",
            "Leave it out: new rows will have numbers the network has never seen.",
        )


def _follows_the_order(column: Floats) -> bool:
    """Whether the ranks of a column go with the order of the rows."""
    if column.min() == column.max():
        return False
    return abs(_rank_correlation(column, np.arange(len(column), dtype=np.float64))) > IN_ORDER


def leak(
    name: str, column: Floats, targets: Floats, *, is_category: bool, classes: Sequence[str]
) -> Iterator[Finding]:
    """A single column that tells the target is rarely a measurement made beforehand; NaN where missing.

    `targets` are class indices where there are classes, else numbers.
    """
    present = ~np.isnan(column)
    if len(column) < FEWEST_ROWS or present.mean() <= 0.5:
        return
    if _tells(column[present], targets[present], is_category=is_category, classes=classes):
        yield Finding(
            "leak",
            "warning",
            f"{name} alone tells the target in (nearly) all {int(present.sum()):,} rows.",
            "Check that it is known before the target is; otherwise leave it out.",
        )


def _tells(column: Floats, targets: Floats, *, is_category: bool, classes: Sequence[str]) -> bool:
    """Whether a straight line, an order, ranges or categories of this column give the target away."""
    if column.min() == column.max() or targets.min() == targets.max():
        return False
    if not classes:
        return not is_category and abs(_rank_correlation(column, targets)) > 0.999
    if is_category:
        pairs = len(np.unique(np.column_stack([column, targets]), axis=0))
        found = len(np.unique(column))
        # Of categories with few rows each, every one has its class by chance.
        return pairs == found and len(column) >= 5 * found
    if len(classes) == 2:
        area = auc(column, targets == 1)
        return area is not None and max(area, 1.0 - area) > 0.999
    order = np.lexsort((targets, column))
    ordered, values = targets[order], column[order]
    changed = np.diff(ordered) != 0
    # Equal values with different answers tell nothing, however they sort.
    split_ties = bool((changed & (np.diff(values) == 0)).any())
    return not split_ties and int(changed.sum()) == len(np.unique(targets)) - 1


def _rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's, equal values sharing the middle of their ranks."""

    def ranks(values: Floats) -> Floats:
        _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
        return np.asarray((np.cumsum(counts) - 0.5 * counts)[places])

    return float(np.corrcoef(ranks(one), ranks(other))[0, 1])


def missing_cells(
    name: str, missing: float, by_group: Mapping[str, float], rows_of: Mapping[str, int]
) -> Iterator[Finding]:
    """Empty cells: very many of them, or so differently many that they tell the class. Shares from 0 to 1."""
    if by_group and missing > 0:
        least, most = min(by_group, key=by_group.__getitem__), max(by_group, key=by_group.__getitem__)
        apart = by_group[most] - by_group[least]
        spread = (missing * (1 - missing) * (1 / rows_of[least] + 1 / rows_of[most])) ** 0.5
        if apart >= 0.3 and apart > 5 * spread:
            yield Finding(
                "missing-tells",
                "warning",
                f"{name} is missing in {_percent(by_group[most])} of the rows that are {most}, "
                f"but in {_percent(by_group[least])} of those that are {least}.",
                "Ask why before you trust what is learned from it: an empty cell gives the answer away.",
            )
            return
    if missing >= OFTEN:
        yield Finding(
            "often-missing",
            "note",
            f"{name} is missing in {_percent(missing)} of the rows.",
            "What is filled in for it is mostly guessed: see whether it helps at all.",
        )


def far_out(name: str, column: Floats, low: float, high: float) -> Iterator[Finding]:
    """Single cells beyond limits far from all others; or one value there again and again: a code."""
    filled = column[~np.isnan(column)]
    beyond = filled[(filled < low) | (filled > high)]
    if not beyond.size:
        return
    values, counts = np.unique(beyond, return_counts=True)
    often = int(counts.argmax())
    rest = filled[filled != values[often]]
    if counts[often] >= 3 and rest.size and np.unique(rest).size >= 5:
        with np.errstate(over="ignore"):
            stands_apart = np.abs(rest - values[often]).min() >= rest.max() - rest.min()
        if stands_apart:
            code = f"{values[often]:g}"
            yield Finding(
                "placeholder",
                "warning",
                f"{code} stands in {counts[often]:,} cells of {name}, far from all others.",
                f"If it means that nothing was measured, read the table with --missing {name}={code}.",
            )
            return
    if beyond.size <= max(FEW_CELLS * filled.size, 1):
        # Halved, so that no distance overflows.
        farthest = beyond[np.abs(beyond / 2 - np.median(filled / 2)).argmax()]
        cells = "1 cell" if beyond.size == 1 else f"{beyond.size:,} cells"
        is_farthest = "it is" if beyond.size == 1 else "the farthest is"
        yield Finding(
            "outliers",
            "note",
            f"{cells} of {name} {'lies' if beyond.size == 1 else 'lie'} far from the others: "
            f"{is_farthest} {farthest:.4g}.",
            "Look at the row: a typing error, another unit, or a true value?",
        )


def numbers_as_text(name: str, texts: Mapping[str, int]) -> Iterator[Finding]:
    """Numbers that were read as text: among words, or with a unit; cells by their text."""
    bare = {text.strip(): count for text, count in texts.items()}
    filled = sum(bare.values())
    numbers = sum(count for text, count in bare.items() if _NUMBER.fullmatch(text))
    if filled and OFTEN * filled <= numbers < filled:
        odd = [text for text in bare if not _NUMBER.fullmatch(text)]
        yield Finding(
            "number-as-text",
            "warning",
            f"{name} mixes {numbers:,} numbers with {filled - numbers:,} texts, so it was read as text.",
            f"If {some(odd)} {'means' if len(odd) == 1 else 'mean'} a missing cell, say so with --missing.",
        )
        return
    found = [_WITH_UNIT.fullmatch(text) for text in bare]
    if numbers or len(found) < 5 or not all(found):
        return
    around = {(one[1].strip(), one[3].strip()) for one in found if one}
    if len(around) == 1:
        before, after = around.pop()
        unit = " and ".join(filter(None, (before, after)))
        yield Finding(
            "number-as-text",
            "warning",
            f"{name} holds numbers with {unit} beside them, so it was read as text.",
            f"Take {unit} out of the cells, and name the unit in the heading.",
        )


def many_categories(name: str, categories: int, rows: int) -> Iterator[Finding]:
    """Categories with few rows each: one input more for each of them, learned from next to nothing."""
    if categories > 20 and rows < 10 * categories:
        yield Finding(
            "many-categories",
            "note",
            f"{name} has {categories:,} categories for {rows:,} rows.",
            "Join the rare ones, or leave it out: each is an input of its own.",
        )


def same_columns(first: str, second: str, *, in_every_row: bool) -> Finding:
    """Two columns that say the same."""
    if in_every_row:
        sentence = f"{first} and {second} are the same in every row."
    else:
        sentence = f"{first} and {second} rise and fall together in every row: one can be had from the other."
    return Finding("same-columns", "note", sentence, "Leave one of them out: it adds nothing.")


def not_measured(name: str, kind: str, reason: str) -> Finding:
    """A column that is neither numbers nor categories, for that reason left out as it stands."""
    advice = {
        "date": "Features made of it, if any, are listed too; --as-date says how it is written.",
        "text": "To learn from it make categories or numbers of it.",
        "identifier": "It is rightly left out: new rows will have others.",
    }[kind]
    return Finding(kind, "note", f"{name} {reason}.", advice)


def repeated_rows(repeated: int, rows: int) -> Finding:
    """Rows that are there twice, and may come to lie on both sides of the split."""
    return Finding(
        "duplicates",
        "warning" if repeated > max(FEW_CELLS * rows, 1) else "note",
        f"{repeated:,} of the {rows:,} rows {'equals' if repeated == 1 else 'equal'} an earlier row.",
        "Take the duplicates out of the table: a held-out row may have been learned, not predicted.",
    )


def contradictions(contradicted: int, rows: int) -> Finding:
    """Rows that differ in nothing but their class: no prediction can be right about all of them."""
    return Finding(
        "contradictions",
        "warning",
        f"{contradicted:,} of the {rows:,} rows have the same measurements as another row, "
        "but another class.",
        "No network can be right about all of them: look whether a column is missing, or a label wrong.",
    )


def imbalance(name: str, share: float) -> Iterator[Finding]:
    """One class so frequent that accuracy says little."""
    if share >= 0.9:
        yield Finding(
            "imbalance",
            "warning",
            f"{_percent(share, 1)} of the rows are {name}: always answering that is already that good.",
            "Look at AUC and average precision, not at the accuracy; choose a threshold by what errors cost.",
        )


def some(names: Sequence[str]) -> str:
    """The first three, and how many more."""
    shown = ", ".join(names[:3])
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _percent(share: float, digits: int = 0) -> str:
    return f"{100 * share:.{digits}f} %"
