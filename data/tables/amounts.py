"""Amounts: a number with a sign, a currency or a unit around it, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

MINUS = "\u2212\u2013\ufe63\uff0d"
SPACES = " \u00a0\u202f\u2009"
_SIGN = f"[+\\-{MINUS}]"
_CODES = "USD|EUR|GBP|CHF|JPY|INR|AUD|CAD|SEK|NOK|DKK|PLN|CZK|BRL|CNY"
CURRENCY = rf"(?:US\$|[ACR]\$|[$€£¥₹₽₩₺₫฿₴₪]|(?:{_CODES}|Rs\.?)(?![A-Za-z]))"
_CORE = rf"(?:[0-9](?:[0-9.,'\u2019{SPACES}]*[0-9])?[.,]?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?"
_LETTER = r"[^\W\d_]"
_UNIT = rf"[%‰]|°?{_LETTER}(?:{_LETTER}|[0-9²³°/.^])*(?:[ ]{_LETTER}{{1,6}})?|(?:kr|zł|Kč|Ft|lei)\.?"
_AMOUNT = re.compile(
    rf"(\()?[{SPACES}]*({_SIGN})?[{SPACES}]*({CURRENCY})?[{SPACES}]*({_SIGN})?({_CORE})"
    rf"(?:([{SPACES}]*)({CURRENCY}|{_UNIT}))?[{SPACES}]*(\))?"
)
_LIMIT = re.compile(r"(?:[<>~≤≥≈]=?|ca\.?|c\.)\s*")
ONE_LETTER_UNITS = frozenset("mglsh%‰KWVAJNLC€")


@dataclass(frozen=True)
class Amount:
    """A cell as a number: its sign, what stands around it, and the digits with their marks.

    `affix` is the currency or unit with a `#` for the number; `spaced` whether a space stands between.
    """

    negative: bool
    affix: str
    core: str
    spaced: bool = True
    plain: bool = True


@lru_cache(maxsize=4096)
def amount(cell: str, *, limits: bool = False) -> Amount | None:
    """A cell as an amount; with `limits`, `<0.5` is one too. None for anything else."""
    if limits:
        cell = _LIMIT.sub("", cell, count=1)
    match = _AMOUNT.fullmatch(cell)
    if not match:
        return None
    opened, first, before, second, core, space, after, closed = match.groups()
    if bool(opened) != bool(closed) or (first and second) or (before and after and before != after):
        return None
    sign = first or second or ""
    if opened and sign:
        return None
    affix = (f"{before}#" if before else "") or (f"#{after}" if after else "")
    plain = not (opened or sign in MINUS) if sign else not opened
    return Amount(bool(opened) or (sign != "" and sign != "+"), affix, core, bool(space), plain)


def is_currency(affix: str) -> bool:
    """Whether an affix is a sign or code of money, or a percent sign."""
    bare = affix.strip("#")
    return bare in "%‰" or re.fullmatch(CURRENCY, bare) is not None
