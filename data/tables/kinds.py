"""What a column of texts or whole numbers is: dates, free text, identifiers or categories."""

from __future__ import annotations

import re
import shlex

import numpy as np
from numpy.typing import NDArray

from epochal.data.tables.dates import dates_in
from epochal.data.tables.names import written_names
from epochal.data.tables.offers import as_option
from epochal.data.tables.rules import Rules
from epochal.data.tables.table import Kind

MOSTLY = 0.9
MOST_CATEGORIES = 1000
FEW_LABELS = 20
LONG = 40
EXACT = 2.0**53

_BEGINS_LIKE_A_DATE = re.compile(r"\d{1,4}[-/.: Q]|[A-Za-z]{3,9}\.? \d", re.ASCII)
_IDENTIFIER = re.compile(r"(?:^|[ _.-])(?:id|uuid|guid)$|Id$|ID$", re.ASCII)
_ROW_NUMBER = re.compile(
    r"(?:index|idx|key|row|rows|rownames|row[ _.-]?(?:names|id|no|nr|number)|no|nr|#|\.\.\.1|level_0"
    r"|column 1|unnamed:? ?\d+)",
    re.ASCII | re.IGNORECASE,
)
_MAY_NUMBER = re.compile(r".*[ _.-](?:key|index|idx|row|no|nr)", re.ASCII | re.IGNORECASE)
_CODE = re.compile(
    r"(?:.*[ _.-])?(?:zip|postal|postcode|plz|phone|telephone|tel|fax|fips|isbn|ean|barcode)"
    r"(?:[ _.-]?(?:code|number|no))?",
    re.ASCII | re.IGNORECASE,
)
FEW_CODES = 20


def kind_of_numbers(name: str, filled: NDArray[np.float64]) -> tuple[Kind, list[str]]:
    """Whether a column's numbers, those that are there, are measurements or an identifier; what to say."""
    notes: list[str] = []
    large = filled.size > 0 and max(filled.max(), -filled.min()) > EXACT
    patterns = (_IDENTIFIER.search, _ROW_NUMBER.fullmatch, _MAY_NUMBER.fullmatch, _CODE.fullmatch)
    named, numbered, may_number, code = (bool(like(name)) for like in patterns)
    if not (large or named or numbered or may_number or code) or not filled.size:
        return "number", notes
    if not np.all(filled == np.floor(filled)):
        return "number", notes
    if large:
        notes.append(f"{name} holds whole numbers beyond 2^53, which are not exact here.")
    distinct = np.unique(filled).size
    is_unique = distinct == filled.size > 2
    if is_unique and (named or numbered):
        return "identifier", notes
    if is_unique and may_number and filled.max() - filled.min() == filled.size - 1:
        return "identifier", notes
    if is_unique and may_number:
        notes.append(
            f"{name} was kept as a number, though each row has its own: --ignore {_word(name)} leaves it out."
        )
    elif (named or code) and distinct > FEW_CODES:
        notes.append(
            f"{name} was kept as a number, though its name is that of a code ({distinct:,} different ones):"
            f" {as_option('as_category', name)} or --ignore {_word(name)} says otherwise."
        )
    return "number", notes


def _word(name: str) -> str:
    return shlex.quote(written_names([name]))


def kind_of_texts(texts: list[str], counts: NDArray[np.intp], filled: int, rules: Rules) -> Kind:
    """What a column of these distinct texts is, each with its count."""
    if rules.as_date:
        return "date"
    if not texts or rules.as_category:
        return "category"
    if any(map(_BEGINS_LIKE_A_DATE.match, texts[:20])):
        dates = dates_in(tuple(texts), rules.date_order)
        if dates is not None and int(counts[dates.are_known].sum()) >= MOSTLY * filled:
            return "date"
    # Few labels that come again and again are classes, however long they are.
    if rules.keep or (len(texts) <= FEW_LABELS and 2 * len(texts) <= filled):
        return "category"
    length = sum(len(text) * int(count) for text, count in zip(texts, counts, strict=True)) / filled
    spaced = sum(int(count) for text, count in zip(texts, counts, strict=True) if " " in text)
    if length > LONG or any("\n" in text for text in texts):
        return "text"
    if len(texts) == filled and filled >= 5:
        return "text" if spaced > filled / 2 else "identifier"
    if len(texts) > MOST_CATEGORIES or (len(texts) > FEW_LABELS and len(texts) > filled / 2):
        return "text"
    return "category"
