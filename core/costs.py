"""Costs of errors: what a miss costs, and what a false alarm."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

NONE = "none"
FORM = "none, or what an error costs, such as miss=10 alarm=1"


@dataclass(frozen=True)
class Costs:
    """A `miss` is a row of the rarer class answered with the other; an `alarm` is the reverse."""

    miss: float
    alarm: float

    def total(self, misses: int, alarms: int) -> float:
        """What so many errors cost."""
        return self.miss * misses + self.alarm * alarms


def read_costs(text: str) -> Costs | None:
    """`miss=10 alarm=1`, in any order, commas allowed; None of `none`. ValueError for anything else."""
    words = text.replace(",", " ").split()
    if [word.lower() for word in words] == [NONE]:
        return None
    found: dict[str, float] = {}
    for word in words:
        name, _, number = word.partition("=")
        if name.lower() not in ("miss", "alarm") or name.lower() in found:
            raise ValueError(FORM)
        found[name.lower()] = float(number)
    if len(found) != 2 or not all(isfinite(cost) and cost > 0.0 for cost in found.values()):
        raise ValueError(FORM)
    return Costs(**found)


def written_costs(value: object) -> object:
    """The same in one way of writing; what is no text is left to be refused."""
    if not isinstance(value, str):
        return value
    costs = read_costs(value)
    return NONE if costs is None else f"miss={costs.miss:.12g} alarm={costs.alarm:.12g}"
