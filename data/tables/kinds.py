"""What a column of texts or whole numbers is: dates, free text, identifiers or categories."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from epochal.data.tables.table import Kind

MOSTLY = 0.9
MOST_CATEGORIES = 1000

_MONTH = r"[A-Za-z]{3,9}\.?"
_DIGITS = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
_DAY = rf"{_DIGITS}|\d{{1,2}}[ -]?{_MONTH},?[ -]?\d{{2,4}}|{_MONTH} \d{{1,2}},? \d{{4}}"
_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?"
DATE = re.compile(rf"(?:{_DAY})(?:[T ]+(?:{_TIME}))?|{_TIME}|\d{{4}}-\d{{2}}|\d{{4}}[-/ ]?Q[1-4]", re.ASCII)
IDENTIFIER_NAME = re.compile(
    r"(?:^|[ _.-])(?:id|key|uuid|guid|index|idx|rownames|row|no|nr)$|Id$|ID$|^column 1$", re.ASCII
)


def kind_of_texts(texts: list[str], counts: NDArray[np.intp], filled: int) -> Kind:
    """What a column of these distinct texts is, each with its count."""
    if not texts:
        return "category"
    dates = sum(int(count) for text, count in zip(texts, counts, strict=True) if DATE.fullmatch(text))
    if dates >= MOSTLY * filled:
        return "date"
    length = sum(len(text) * int(count) for text, count in zip(texts, counts, strict=True)) / filled
    spaced = sum(int(count) for text, count in zip(texts, counts, strict=True) if " " in text)
    if length > 40 or any("\n" in text for text in texts):
        return "text"
    if len(texts) == filled and filled >= 5:
        return "text" if spaced > filled / 2 else "identifier"
    if len(texts) > MOST_CATEGORIES or (len(texts) > 20 and len(texts) > filled / 2):
        return "text"
    return "category"
