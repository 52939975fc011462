"""What to say of a column of dates, and the repairs to offer where they are not clear."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from epochal.data.tables.dates import dates_in
from epochal.data.tables.offers import as_option
from epochal.data.tables.rules import Rules
from epochal.data.tables.table import Offer

# What programs write for a date they do not have.
MADE_UP = ("1900-01-01", "1899-12-30", "1899-12-31", "0001-01-01", "9999-12-31", "1970-01-01", "2099-12-31")
SHOWN = 3
YEARS_AWAY = 5


def about_dates(
    name: str, texts: tuple[str, ...], counts: NDArray[np.intp], rules: Rules
) -> tuple[str, list[str], list[Offer]]:
    """The order of day and month, notes and offers."""
    bare = tuple(text.strip() for text in texts)
    found = dates_in(bare, rules.date_order, asked=True)
    if found is None:
        return "", [f"{name} holds nothing that is a date."], []
    if not found.are_known.all():
        odd = [text for text, known in zip(bare, found.are_known, strict=True) if not known]
        cells = int(counts[~found.are_known].sum())
        shown = ", ".join(map(repr, odd[:SHOWN]))
        note = f"{name} holds dates and {cells:,} other cells, such as {shown}: no feature was made of it."
        if len(odd) > SHOWN:
            return found.order, [note], []
        items = tuple(f"{name}={text}" for text in odd)
        offer = Offer(f"Take {shown} as missing in {name}", {"missing": items})
        return found.order, [f"{note} {as_option('missing', *items)} takes them as missing."], [offer]
    if not found.order:
        ways = ("day-first", "month-first")
        note = (
            f"{name} holds dates whose day and month cannot be told apart, so no feature was made of it:"
            f" {as_option('as_date', f'{name}=day-first')} or ={ways[1]} says which."
        )
        return "", [note], [Offer(f"Read {name} {way}", {"as_date": (f"{name}={way}",)}) for way in ways]
    years = found.days / 365.25
    made_up = [
        place
        for place, text in enumerate(bare)
        if text.startswith(MADE_UP)
        and counts[place] > 1
        and len(years) > 2
        and np.min(np.abs(np.delete(years, place) - years[place])) > YEARS_AWAY
    ]
    if not made_up:
        return found.order, [], []
    items = tuple(f"{name}={bare[place]}" for place in made_up)
    shown, cells = bare[made_up[0]], int(counts[made_up[0]])
    note = (
        f"{name} is {shown} in {cells:,} rows, far from its other dates, as if for a missing cell."
        f" {as_option('missing', *items)} takes it so."
    )
    return found.order, [note], [Offer(f"Take {shown} as missing in {name}", {"missing": items})]
