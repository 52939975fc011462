"""A column of a data frame as arrays, whichever library it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.generic]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class FrameColumn:
    """Its name and a value a row.

    With `categories`, which are kept in the frame's order whether they occur or not, the values are places
    in them, -1 where missing. Without, they are numbers with NaN, truth values, dates with NaT, or objects,
    of which None is a missing one.
    """

    name: str
    values: Values
    categories: tuple[str, ...] | None = None


def with_missing(values: Values, known: Flags | None) -> Values:
    """The values with those that are not known missing, in the way of their kind."""
    if known is None or known.all():
        return values
    if values.dtype.kind in "iuf":
        return np.where(known, values.astype(np.float64), np.nan)
    if values.dtype.kind in "Mm":
        return np.where(known, values, np.array("NaT", values.dtype))
    objects = values.astype(object)
    objects[~known] = None
    return objects


def joined(name: str, parts: Sequence[Values]) -> FrameColumn:
    """The parts one below the other, as one column."""
    if not parts:
        return FrameColumn(name, np.empty(0, object))
    if len({part.dtype.kind for part in parts}) > 1 and any(part.dtype.kind == "O" for part in parts):
        parts = [part.astype(object) for part in parts]
    return FrameColumn(name, np.concatenate(parts))


class Categorized:
    """A column of categories under construction; every part may bring categories of its own."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self.codes: list[NDArray[np.int32]] = []

    def add(self, codes: Values, categories: Sequence[object]) -> None:
        """Take the next places, those below 0 for missing ones, in these categories."""
        known = self.places
        own = [-1 if one is None else known.setdefault(str(one), len(known)) for one in categories]
        places = codes.astype(np.intp)
        self.codes.append(np.array([*own, -1], np.int32)[np.where(places < 0, len(own), places)])

    def column(self, name: str) -> FrameColumn:
        """All of it."""
        codes = np.concatenate(self.codes) if self.codes else np.empty(0, np.int32)
        return FrameColumn(name, codes, tuple(self.places))
