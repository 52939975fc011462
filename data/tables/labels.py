"""Labels: words that may be a level or a missing cell, and levels that differ by blanks or case alone."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from epochal.data.tables.cells import MISSING
from epochal.data.tables.notations import Counts, Flags
from epochal.data.tables.offers import as_option
from epochal.data.tables.rules import Rules
from epochal.data.tables.table import Offer

FREQUENT = 0.05
MOST_LABELS = 1000
SHOWN = 4
_CODE = re.compile("[A-Z]{2}")


def are_levels(
    bare: list[str], counts: Counts, missing: Flags, rules: Rules, elsewhere: frozenset[str]
) -> Flags:
    """Which of the words for a missing cell are levels of this column of words after all.

    `none` is one where it is frequent, `NA` where every other label is a code of two letters, as EU is;
    neither where numbers of other columns have the same word for a missing cell, which are `elsewhere`.
    """
    found = np.zeros(len(bare), bool)
    rows = int(counts.sum())
    others = [text for text, is_gone in zip(bare, missing, strict=True) if not is_gone]
    for place in np.flatnonzero(missing):
        word = bare[place]
        if word in elsewhere or word in rules.missing or word.upper() in rules.missing or not others:
            continue
        if word.lower() == "none":
            found[place] = counts[place] >= max(FREQUENT * rows, 2)
        elif word == "NA":
            found[place] = len(others) > 1 and all(map(_CODE.fullmatch, others))
    return found


def about_words(
    name: str, bare: list[str], counts: Counts, at_first: Flags, empty: Flags
) -> tuple[list[str], list[Offer]]:
    """What to say of words that may be a label or a missing cell.

    `at_first` are the texts that usually stand for a missing cell, `empty` those that do here.
    """
    notes: list[str] = []
    offers: list[Offer] = []
    for place in np.flatnonzero(at_first):
        word, count = bare[place], int(counts[place])
        if not empty[place]:
            notes.append(
                f"{name} has {word} in {count:,} rows: a label, not a missing cell."
                f" {as_option('missing', f'{name}={word.upper()}')} takes it as missing."
            )
        elif word.isalpha() and word.lower() in MISSING:
            offers.append(Offer(f"Take {word} as a label in {name}", {"missing": (f"{name}=none",)}))
    return notes, offers


def key_of(label: str) -> str:
    """What labels have in common that differ by blanks, case or the way accents are encoded."""
    return " ".join(unicodedata.normalize("NFC", label).casefold().split())


def about_alike(name: str, labels: tuple[str, ...], counts: Counts) -> tuple[list[str], list[Offer]]:
    """What to say of labels that differ by blanks or case alone, and the offer to merge them."""
    if len(labels) > MOST_LABELS:
        return [], []
    groups: dict[str, list[int]] = defaultdict(list)
    for place, label in enumerate(labels):
        groups[key_of(label)].append(place)
    alike = [group for group in groups.values() if len(group) > 1]
    if not alike:
        return [], []
    shown = "; ".join(
        ", ".join(f"{labels[place]!r} ({int(counts[place]):,})" for place in group[:SHOWN])
        for group in alike[:SHOWN]
    )
    note = (
        f"{name} has labels that differ only by blanks or case: {shown}."
        f" {as_option('merge_labels', name)} makes them one."
    )
    return [note], [
        Offer(f"Make labels of {name} one that differ by blanks or case", {"merge_labels": (name,)})
    ]


def merged(values: NDArray[np.int32], labels: tuple[str, ...]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Labels that differ by blanks or case alone become the most frequent of them."""
    counts = np.bincount(values[values >= 0], minlength=len(labels))
    best: dict[str, int] = {}
    for place, label in enumerate(labels):
        key = key_of(label)
        if key not in best or counts[place] > counts[best[key]]:
            best[key] = place
    kept = sorted(set(best.values()))
    new = np.array([kept.index(best[key_of(label)]) for label in labels] + [-1], np.int32)
    return new[values], tuple(labels[place] for place in kept)
