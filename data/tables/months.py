"""The names of the months, in full and shortened, in the languages that tables are often written in."""

from __future__ import annotations

LANGUAGES = (
    "january february march april may june july august september october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "januari februari mars april maj juni juli augusti september oktober november december",
)
SHORT = (
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan feb mrz apr mai jun jul aug sep okt nov dez",
    "jänner feber mär apr mai jun jul aug sept okt nov dez",
    "janv févr mars avr mai juin juil août sept oct nov déc",
    "janv fevr mars avr mai juin juil aout sept oct nov dec",
    "ene feb mar abr may jun jul ago sept oct nov dic",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "jan fev mar abr mai jun jul ago set out nov dez",
    "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "jan feb mar apr maj jun jul aug sep okt nov dec",
)
# Written without the accents of a keyboard that has none.
_BARE = str.maketrans("äéûç", "aeuc")


def _numbers() -> dict[str, int]:
    found: dict[str, int] = {}
    for line in (*LANGUAGES, *SHORT):
        for number, name in enumerate(line.split(), 1):
            for written in (name, name.translate(_BARE)):
                # No name means two months, in whatever languages.
                assert found.setdefault(written, number) == number, written
    return found


_NUMBERS = _numbers()


def month_called(word: str) -> int:
    """The number of a month, from 1; 0 for what is none."""
    return _NUMBERS.get(word.lower(), 0)
