"""Numbers as text: one formatter, which knows what is no number and what has no bounds."""

from __future__ import annotations

import math
import re

UNKNOWN, INFINITE = "unknown", "infinite"

# The fill, the sign and the width of a format, which words keep too.
_WIDTH = re.compile(r"[<>^]?[-+ ]?0?(\d*)")


def formatted(value: float, spec: str) -> str:
    """The number in a format of Python's; a word in its width where there is no finite number."""
    if math.isfinite(value):
        return format(value, spec)
    word = UNKNOWN if math.isnan(value) else INFINITE if value > 0 else f"-{INFINITE}"
    found = _WIDTH.match(spec)
    return word.rjust(int(found[1])) if found and found[1] else word


def figure(value: float) -> str:
    """A number in its own units, to three significant digits; digits before the point are all kept."""
    return significant(value, 3)


def significant(value: float, digits: int) -> str:
    """A number rounded to so many digits; those before the point are all kept, up to nine."""
    if value == 0.0 or not math.isfinite(value):
        return "0" if value == 0.0 else formatted(value, "g")
    order = math.floor(math.log10(abs(value)))
    if not -5 < order < 9:
        return f"{value:.{digits - 1}e}"
    return f"{value:.{max(0, digits - 1 - order)}f}"


def rounded(value: float, digits: int = 4) -> str:
    """A number rounded to so many digits, without zeros at its end: 0.2 and 197, not 0.2000 and 197.0."""
    mantissa, mark, exponent = significant(value, digits).partition("e")
    return (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + mark + exponent
