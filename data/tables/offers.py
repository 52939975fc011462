"""Repairs that are offered, and readings, as options of the command line."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import cast

from epochal.data.tables.names import written_names
from epochal.data.tables.options import OPTIONS, Reading, complete, said
from epochal.data.tables.table import Offer


def as_arguments(reading: Mapping[str, object]) -> list[str]:
    """The reading as options of the command line."""
    arguments: list[str] = []
    for name, value in said(reading).items():
        one = OPTIONS[name]
        if one.kind == "switch":
            arguments.append(one.option if value else "--no-" + one.option[2:])
        elif one.kind == "flag":
            arguments.append(one.option)
        else:
            spoken = one.written(value) if one.kind in ("names", "choice") or value == "\t" else str(value)
            arguments += [one.option, spoken]
    return arguments


def as_option(name: str, *items: str) -> str:
    """An option with names or words, as it is typed in a shell."""
    return shlex.join([OPTIONS[name].option, written_names(items)])


def offer_lines(offers: Iterable[Offer]) -> list[str]:
    """Each offer with the options that accept it."""
    return [f"{one.sentence}: {shlex.join(as_arguments(one.reading))}" for one in offers]


def taken(reading: Mapping[str, object], offer: Offer) -> Reading:
    """The reading with an offer accepted: names are added to those there are, all else is replaced."""
    before = complete(reading)
    for name, value in offer.reading.items():
        there = before[name]  # type: ignore[literal-required]
        if isinstance(there, tuple):
            value = tuple(dict.fromkeys((*there, *cast("tuple[str, ...]", value))))
        before[name] = value  # type: ignore[literal-required]
    return before
