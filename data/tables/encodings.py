"""Encodings: UTF-16 without a mark, and which of the older ones make words of bytes that are not UTF-8."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

OLDER = (
    *("cp1252", "cp1250", "cp1251", "koi8_r", "cp866", "cp1253", "cp1254", "cp1257", "mac_roman", "cp850"),
    *("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"),
)
WESTERN = frozenset("àâäáãåæçéèêëíìîïñóòôöõøœßúùûüýÿšžÀÂÄÁÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜÝŸŠŽðÐþÞ")
EASTERN = frozenset("ąćęłńóśźżáčďéěíňřšťúůýžäĺľôŕőűöüâăîșțşţđ")
MARKS = frozenset("°€£¥§©®™«»„“”‘’‚–—…·•×±²³½¼¾µ¿¡ªº\u00a0´¨")
WIDE = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL"})
ENOUGH = 0.5
BETTER = 0.15
SHOWN = 24
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Candidate:
    """An encoding, how well it makes words of the bytes (1 is best), and a word it makes."""

    name: str
    score: float
    example: str


def wide_encoding(block: bytes) -> str:
    """UTF-16 or UTF-32 without a byte order mark, by where the zeros are; empty if neither."""
    start = block[: len(block) - len(block) % 4][:4096]
    if len(start) < 4:
        return ""
    zeros = [start[place::4].count(0) / (len(start) / 4) for place in range(4)]
    if min(zeros[2:]) > 0.9 and zeros[0] < 0.1:
        return "utf-32-le"
    if min(zeros[:2]) > 0.9 and zeros[3] < 0.1:
        return "utf-32-be"
    even, odd = (zeros[0] + zeros[2]) / 2, (zeros[1] + zeros[3]) / 2
    if odd > 0.2 and even < 0.02:
        return "utf-16-le"
    return "utf-16-be" if even > 0.2 and odd < 0.02 else ""


def candidates(sample: bytes) -> list[Candidate]:
    """The older encodings that the bytes may be in, the likeliest first."""
    found: list[Candidate] = []
    for name in OLDER:
        try:
            text = sample.decode(name)
        except UnicodeDecodeError:
            continue
        words = list(_words(text))
        if words:
            total = sum(len(_foreign(word)) for word in words)
            score = sum(_worth(word) * len(_foreign(word)) for word in words) / total
            found.append(Candidate(name, score, max(words, key=_worth)[:SHOWN]))
    return sorted(found, key=lambda one: -one.score)


def _words(text: str) -> Iterator[str]:
    """The stretches between blanks, delimiters and quotes that hold a character beyond ASCII."""
    for part in re.split(r"[\s,;|\"'()]+", text):
        if not part.isascii():
            yield part


def _foreign(word: str) -> list[str]:
    return [one for one in word if one > "\x7f"]


def _worth(word: str) -> float:
    """How much a word looks like one of a language, from -1 to 1."""
    foreign = _foreign(word)
    if any(unicodedata.category(one) in ("Cc", "Co", "Cn") for one in foreign):
        return -1.0
    letters = [one for one in word if one.isalpha()]
    scripts = {unicodedata.name(one, "").split(" ")[0] for one in letters}
    if scripts & WIDE:
        if not scripts <= WIDE | {"IDEOGRAPHIC", "LATIN"}:
            return -0.5
        # Hangul and kana come out right in their own encoding alone; ideographs in several.
        return 0.9 if "CJK" in scripts and len(scripts) == 1 else 1.0
    if not letters or not any(one.isalpha() for one in foreign):
        return 0.4 if all(one in MARKS for one in foreign) and not _are_inside(word, foreign) else -0.8
    if len(scripts) > 1:
        return -1.0
    if not _is_cased_well(letters):
        return -0.5
    if scripts != {"LATIN"}:
        return 1.0 if all(one.isalpha() or one in MARKS for one in foreign) else -0.5
    if _are_inside(word, [one for one in foreign if not one.isalpha()]):
        return -0.8
    known = [one.lower() in WESTERN or one.lower() in EASTERN for one in foreign if one.isalpha()]
    is_dense = re.search(r"[^\W\d_a-zA-Z]{3,}", word) is not None
    return -0.5 if is_dense else sum(known) / len(known)


def _are_inside(word: str, marks: list[str]) -> bool:
    """Whether one of these stands between letters, where no mark belongs."""
    return any(
        before.isalpha() and mark in marks and mark not in "’´·" and after.isalpha()
        for before, mark, after in zip(word, word[1:], word[2:], strict=False)
    )


def _is_cased_well(letters: list[str]) -> bool:
    """Whether a word is small, large, or begins with a capital."""
    text = "".join(letters)
    return text.islower() or text.isupper() or text[1:].islower() or text == text.title() or not text.lower()
