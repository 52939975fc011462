"""Dates and times: which texts are some, in the column's one order of day and month, and what they give."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from epochal.data.tables.months import month_called

Floats = NDArray[np.float64]

_TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d+)?))?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?: ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
)
_LATER = rf"(?:(?:T|,? +){_TIME})?"
_WORD = r"(?P<word>[A-Za-zäéûçÄÉÛÇ]{3,10})\.?"
_MARK = r"(?P<mark>[-/.])"
_YEAR = r"(?P<year>\d{4})"
_TWO = rf"(?P<b>\d{{1,2}}){_MARK}(?P<c>\d{{1,2}})"
YEAR_FIRST = re.compile(rf"{_YEAR}{_MARK}(?P<b>\d{{1,2}})(?P=mark)(?P<c>\d{{1,2}}){_LATER}", re.ASCII)
YEAR_LAST = re.compile(rf"{_TWO}(?P=mark){_YEAR}{_LATER}", re.ASCII)
SHORT_YEAR = re.compile(rf"(?P<b>\d{{2}}){_MARK}(?P<c>\d{{2}})(?P=mark)(?P<year>\d{{2}}){_LATER}", re.ASCII)
DAY_WORD = re.compile(
    rf"(?P<c>\d{{1,2}})(?:[ -]|\. ?| de |er ){_WORD}(?:,?[ -]| de )(?P<year>\d{{4}}|\d{{2}}){_LATER}",
    re.ASCII,
)
WORD_DAY = re.compile(rf"{_WORD} (?P<c>\d{{1,2}}),? (?P<year>\d{{4}}){_LATER}", re.ASCII)
MONTH = re.compile(r"(?P<year>\d{4})[-/](?P<b>\d{2})", re.ASCII)
QUARTER = re.compile(r"(?P<year>\d{4})[-/ ]?Q(?P<quarter>[1-4])", re.ASCII)
CLOCK = re.compile(_TIME, re.ASCII)
PACKED = re.compile(r"(?P<year>(?:1[89]|20)\d{2})(?P<b>\d{2})(?P<c>\d{2})", re.ASCII)
USUAL = (YEAR_FIRST, YEAR_LAST, SHORT_YEAR, DAY_WORD, WORD_DAY, MONTH, QUARTER, CLOCK)
SEASON = re.compile(r"(\d{2})?(\d{2})[-/](\d{2})?(\d{2})", re.ASCII)
EPOCH = date(1970, 1, 1).toordinal()
PIVOT = 69
SAMPLE = 50


@dataclass(frozen=True, eq=False)
class Dates:
    """The dates of distinct texts: days since 1970-01-01 with the time as a fraction, NaN where none is.

    `has_day` and `has_time` say whether a day of the month and a time of the day are given; without
    `has_date` there are times alone. `order` is how day and month stand, empty where it cannot be told.
    """

    days: Floats
    has_date: bool
    has_day: bool
    has_time: bool
    order: str = "year-first"

    @property
    def are_known(self) -> NDArray[np.bool_]:
        """Which texts are dates."""
        return ~np.isnan(self.days)


@lru_cache(maxsize=4)
def dates_in(texts: tuple[str, ...], order: str = "", *, asked: bool = False) -> Dates | None:
    """The dates of these texts, read by the one form that most of them have; None where few are any.

    `order` settles whether the day or the month comes first; without it the texts have to. What was `asked`
    for may be written without marks, as 20190131.
    """
    if not texts or _are_seasons(texts):
        return None
    first = texts[:SAMPLE]
    forms = (*USUAL, PACKED) if asked else USUAL
    form = max(forms, key=lambda one: sum(one.fullmatch(text) is not None for text in first))
    matches = [form.fullmatch(text) for text in texts]
    orders = ("year-first",) if form not in (YEAR_LAST, SHORT_YEAR) else ("day-first", "month-first")
    if order in orders:
        orders = (order,)
    readings = {one: np.array([_day(match, one) for match in matches]) for one in orders}
    most = max(int(np.isfinite(days).sum()) for days in readings.values())
    likely = [one for one, days in readings.items() if np.isfinite(days).sum() == most]
    days = readings[likely[0]]
    is_clear = len(likely) == 1 or np.array_equal(days, readings[likely[1]], equal_nan=True)
    if not most:
        return None
    times = any(match is not None and match.groupdict().get("hour") for match in matches)
    return Dates(
        days,
        form is not CLOCK,
        form not in (CLOCK, MONTH, QUARTER),
        times,
        likely[0] if is_clear else "",
    )


def _are_seasons(texts: Sequence[str]) -> bool:
    """Whether these are years and the years after them, such as 2019-20."""
    for text in texts:
        match = SEASON.fullmatch(text)
        if not match or (int(match[2]) + 1) % 100 != int(match[4]) or (match[3] and not match[1]):
            return False
    return True


def _day(match: re.Match[str] | None, order: str) -> float:
    """Days since 1970-01-01, the time as a fraction; NaN for what no calendar has."""
    if match is None:
        return np.nan
    parts = match.groupdict()
    time = _time(parts)
    if "year" not in parts:
        return time
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        year += 1900 if year >= PIVOT else 2000
    first, second = int(parts.get("b") or 1), int(parts.get("c") or 1)
    if parts.get("word"):
        first = month_called(parts["word"])
    elif parts.get("quarter"):
        first = 3 * int(parts["quarter"]) - 2
    month, day = (second, first) if order == "day-first" else (first, second)
    try:
        return date(year, month, day).toordinal() - EPOCH + time
    except ValueError:
        return np.nan


def _time(parts: dict[str, str | None]) -> float:
    """The time as a fraction of the day; 0 where there is none, NaN where no clock shows it."""
    if not parts.get("hour"):
        return 0.0
    hour, minute = int(parts["hour"] or 0), int(parts["minute"] or 0)
    second = float((parts.get("second") or "0").replace(",", "."))
    if parts.get("half"):
        if not 1 <= hour <= 12:
            return np.nan
        hour = hour % 12 + 12 * ((parts["half"] or "").lower() == "p")
    if hour > 24 or minute > 59 or second >= 61:
        return np.nan
    return (hour + minute / 60 + second / 3600) / 24


def calendar_parts(dates: Dates) -> dict[str, Floats]:
    """What a network can learn from dates, for each text: cyclic parts as sine and cosine."""
    parts: dict[str, Floats] = {}
    known, whole = dates.are_known, np.floor(dates.days)
    if dates.has_date:
        year, month = np.full(len(whole), np.nan), np.full(len(whole), np.nan)
        for place in np.flatnonzero(known):
            day = date.fromordinal(EPOCH) + timedelta(days=int(whole[place]))
            year[place], month[place] = day.year, day.month
        parts["year"] = year
        parts |= _cycle("month", (month - 1) / 12)
        if dates.has_day:
            # 1970-01-01 was a Thursday.
            parts |= _cycle("weekday", ((whole + 3) % 7) / 7)
    if dates.has_time:
        parts |= _cycle("hour", dates.days - whole)
    if dates.has_date:
        parts["days since 1970"] = dates.days
    return parts


def _cycle(name: str, share: Floats) -> dict[str, Floats]:
    angle = 2 * np.pi * share
    return {f"{name} sine": np.sin(angle), f"{name} cosine": np.cos(angle)}
