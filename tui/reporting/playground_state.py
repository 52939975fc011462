"""The state of the playground as one line of plain text, which another lab opens: `epochal --state ...`."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from urllib.parse import parse_qsl, quote, urlencode

from epochal.core.settings import DECLARATIONS, Settings, read_settings, written
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.painted import MOST, Point, with_points
from epochal.data.tables.table import Table

LONGEST = 20_000
"""No state that the lab writes has more characters."""


@dataclass(frozen=True)
class PlaygroundState:
    """Table, target, features left out, settings; the features shown, what was painted, how it is drawn."""

    table: str
    target: str = ""
    ignored: tuple[str, ...] = ()
    settings: Settings = field(default_factory=Settings)
    axes: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()
    discrete: bool = False

    @property
    def text(self) -> str:
        """The line: names and values as in the address of a page, in ASCII, without blanks."""
        pairs = [("table", self.table)]
        pairs += [("target", self.target)] if self.target else []
        pairs += [("ignore", name) for name in self.ignored]
        for name, declared in DECLARATIONS.items():
            value = getattr(self.settings, name)
            if value != declared.default:
                pairs.append((name, written(value)))
        pairs += [("axis", name) for name in self.axes]
        for point in self.points:
            cells = "&".join(f"{quote(name, safe='')}={value!r}" for name, value in point.cells.items())
            pairs.append(("point", f"{cells}&{quote(point.label, safe='')}"))
        pairs += [("discrete", "yes")] if self.discrete else []
        return urlencode(pairs, quote_via=quote, safe=",:")

    @property
    def command(self) -> str:
        """What another person types to be where one is."""
        return f"epochal --state {shlex.quote(self.text)}"

    def dataset(self, open_table: Callable[[str], Table]) -> Dataset:
        """What is learned from: the table with the points painted on it. TableError if it cannot be."""
        table = open_table(self.table)
        target = self.target or dataset_from(table).target
        return dataset_from(with_points(table, self.points, target), target=target, ignore=self.ignored)


def state_from(text: str) -> PlaygroundState:
    """The state that a line says. ValueError, in a sentence, for anything else: it may come from anybody."""
    if len(text) > LONGEST:
        raise ValueError(f"A state has at most {LONGEST:,} characters, this one {len(text):,}.")
    try:
        pairs = parse_qsl(text.strip(), strict_parsing=True, keep_blank_values=True, errors="strict")
    except ValueError:
        raise ValueError(f"This is no state: {_short(text)}. l in the playground shows one.") from None
    once: dict[str, str] = {}
    several: dict[str, list[str]] = {"ignore": [], "axis": [], "point": []}
    for name, value in pairs:
        if not value.isprintable():
            raise ValueError(f"The state's {_short(name)} holds characters that cannot be printed.")
        if name in several:
            several[name].append(value)
        elif name in once:
            raise ValueError(f"The state says {_short(name)} twice.")
        elif name in ("table", "target", "discrete", *DECLARATIONS):
            once[name] = value
        else:
            raise ValueError(f"The state says {_short(name)}, which the playground does not know.")
    if not once.get("table"):
        raise ValueError("The state names no table.")
    if once.get("discrete", "yes") != "yes":
        raise ValueError("The state's discrete is yes, or is not there.")
    if len(several["axis"]) not in (0, 2):
        raise ValueError("The state names two axes, or none.")
    if len(several["point"]) > MOST:
        raise ValueError(f"The state has more than {MOST} painted points.")
    return PlaygroundState(
        table=once["table"],
        target=once.get("target", ""),
        ignored=tuple(several["ignore"]),
        settings=read_settings({name: value for name, value in once.items() if name in DECLARATIONS}),
        axes=tuple(several["axis"]),
        points=tuple(map(_point, several["point"])),
        discrete="discrete" in once,
    )


def _point(text: str) -> Point:
    *parts, label = text.split("&")
    try:
        (cells,) = [{name: float(value) for name, value in parse_qsl("&".join(parts), strict_parsing=True)}]
        ((_, said),) = parse_qsl(f"label={label}", strict_parsing=True)
    except ValueError:
        raise ValueError(f"The state's point {_short(text)} is not two numbers and a class.") from None
    if len(cells) != 2 or not all(map(isfinite, cells.values())):
        raise ValueError(f"The state's point {_short(text)} is not two numbers and a class.")
    return Point(cells, said)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
