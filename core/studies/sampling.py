"""Random search: settings drawn from ranges, not from a grid (Bergstra and Bengio 2012)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, isfinite, log

import numpy as np

from epochal.core.rows.examples import generator
from epochal.core.settings import DECLARATIONS, SettingError, Settings, read_settings
from epochal.core.studies.search import check_varied

SAMPLES = 32
# So many draws for each sample: those that are there already, or do not go together, are drawn again.
DRAWS = 20


@dataclass(frozen=True)
class Range:
    """From `low` to `high`, evenly, or evenly in the logarithm; whole numbers where the setting has them."""

    low: float
    high: float
    is_log: bool

    def drawn(self, rng: np.random.Generator, *, whole: bool) -> float | int:
        """A number of the range: a whole one, or one of three digits."""
        low, high = (self.low - 0.5, self.high + 0.5) if whole and not self.is_log else (self.low, self.high)
        value = exp(rng.uniform(log(low), log(high))) if self.is_log else rng.uniform(low, high)
        inside = min(max(round(value) if whole else float(f"{value:.3g}"), self.low), self.high)
        return int(inside) if whole else inside


def range_in(text: str) -> Range | None:
    """The range that a text such as `1e-4..1e-1 log` says, None of a text without two points.

    ValueError, in a sentence, where it says none that can be drawn from.
    """
    if ".." not in text:
        return None
    said = text.strip()
    numbers, is_log = (said[:-4], True) if said.endswith(" log") else (said, False)
    try:
        low, high = map(float, numbers.split("..", 1))
    except ValueError:
        low, high = 1.0, 0.0
    if not (low < high and isfinite(high - low)):
        raise ValueError(f"A range is two numbers, the lower first, as in 1e-4..1e-1 log, not {said!r}")
    if is_log and low <= 0.0:
        raise ValueError(f"A range by its logarithm begins above 0, not at {low:g}")
    return Range(low, high, is_log)


def sampled(
    base: Settings, vary: Mapping[str, Range | Sequence[object]], count: int = SAMPLES
) -> list[Settings]:
    """So many different settings, or fewer where there are no more; drawn with the seed of `base`.

    Of a range a number is drawn, of values one of them. SettingError names a setting that does not exist, may
    not vary, is no number, or whose range goes beyond its bounds.
    """
    check_varied(vary)
    for name, values in vary.items():
        if isinstance(values, Range):
            values = [_value(name, end) for end in (values.low, values.high)]
        for value in values:
            read_settings({name: value}, base)
    rng = generator(base.seed, "search")
    made: dict[Settings, None] = {}
    refused: SettingError | None = None
    for _ in range(DRAWS * count):
        values_drawn = {name: _drawn(name, values, rng) for name, values in vary.items()}
        try:
            made[read_settings(values_drawn, base)] = None
        except SettingError as error:  # these do not go together
            refused = error
        if len(made) == count:
            break
    if not made and refused:
        raise refused
    return list(made)


def _drawn(name: str, values: Range | Sequence[object], rng: np.random.Generator) -> object:
    if isinstance(values, Range):
        return _value(name, values.drawn(rng, whole=_is_whole(name)))
    return values[int(rng.integers(len(values)))]


def _is_whole(name: str) -> bool:
    return not isinstance(DECLARATIONS[name].default, float)


def _value(name: str, number: float) -> object:
    """The number as it is typed for the setting; SettingError where it takes no number."""
    default = DECLARATIONS[name].default
    if not isinstance(default, int | float | tuple) and name != "batch_size":
        raise SettingError(name, f"{DECLARATIONS[name].title} is no number: name the values to try")
    return f"{number:.0f}" if _is_whole(name) else number
