"""Names and words as one text, with commas between them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable


def names_in(text: str) -> tuple[str, ...]:
    """Names with commas between them, quoted where a name holds a comma."""
    return tuple(name.strip() for name in next(csv.reader([text], skipinitialspace=True))) if text else ()


def written_names(names: Iterable[str]) -> str:
    """As `names_in` reads them."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()
