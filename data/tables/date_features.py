"""Features made of a column of dates."""

from __future__ import annotations

import numpy as np

from epochal.data.tables.dates import Dates, calendar_parts, dates_in
from epochal.data.tables.table import Column

BETWEEN = ": "


def dates_of(column: Column) -> Dates | None:
    """The dates of a column's categories; None where they are none, or day and month cannot be told apart."""
    found = dates_in(tuple(text.strip() for text in column.categories), column.date_order, asked=True)
    return found if found is not None and found.order and found.are_known.all() else None


def features_of(column: Column) -> list[Column]:
    """A column of numbers for each part of the dates; none where the dates are not clear."""
    found = dates_of(column) if column.kind == "date" else None
    if found is None:
        return []
    codes = column.values.astype(np.intp)
    return [
        Column(column.name + BETWEEN + part, "number", np.append(values, np.nan)[codes])
        for part, values in calendar_parts(found).items()
    ]
