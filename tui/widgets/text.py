"""Text from outside, made safe for the terminal: what would act is replaced by a mark that can be seen."""

from __future__ import annotations

import locale
import os
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len, get_character_cell_size

if TYPE_CHECKING:
    from textual.content import Content

UNICODE = locale.getencoding().lower().startswith("utf")
"""Whether the terminal's locale can show more than ASCII."""

FEW_GLYPHS = ("linux", "vt", "ansi", "cons25", "dumb")
"""Terminals, as TERM begins, whose fonts have letters and little else: no braille, no half blocks."""

GLYPHS = UNICODE and not os.environ.get("TERM", "").startswith(FEW_GLYPHS)
"""Whether what is drawn may be more than ASCII."""

ELLIPSIS = "…" if GLYPHS else "~"
"""Stands, one cell wide, for what `fit` cut off."""

_MARK = "\N{REPLACEMENT CHARACTER}" if UNICODE else "?"

# Control, format, surrogate and unassigned code points, line and paragraph separators.
_UNSHOWABLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})

# Letters and marks by category, yet drawn as nothing: the rest of Unicode's Default_Ignorable_Code_Point
# (DerivedCoreProperties.txt). Terminals disagree about their width, and names that differ look alike.
_INVISIBLE = frozenset(
    map(
        chr,
        (
            *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0),
            *range(0x180B, 0x1810),
            *range(0xFE00, 0xFE10),
            *range(0xE0100, 0xE01F0),
        ),
    )
)

# A letter with all the accents any language writes; more is a flood.
_CHARACTERS_PER_CELL = 8


@lru_cache(maxsize=4096)
def _seen(character: str) -> str:
    if character.isascii() and character.isprintable():
        return character
    if not UNICODE:
        return _MARK
    if character < " ":
        return chr(0x2400 + ord(character))
    if character == "\x7f":
        return "\N{SYMBOL FOR DELETE}"
    if character in _INVISIBLE or unicodedata.category(character) in _UNSHOWABLE:
        return _MARK
    return character


def visible(text: str) -> str:
    """The text with what a terminal would obey, or not draw, replaced by marks one cell wide.

    C0 controls and DEL become their control pictures; C1 and bidi controls, line separators, zero-width
    and unassigned characters, variation selectors and lone surrogates become U+FFFD. Where the locale
    has ASCII only, whatever is not ASCII becomes a question mark, since its bytes could be controls there.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_seen, text))


def shown(text: str) -> Content:
    """The visible text for a widget, never read as markup."""
    return _content(visible(text))


def width_of(text: str) -> int:
    """The terminal cells that a text takes once it is visible."""
    return cell_len(visible(text))


def fit(text: str, cells: int, *, right: bool = False) -> str:
    """The visible text in exactly that many terminal cells: cut with an ellipsis, or padded with spaces.

    A wide character is never split and keeps its two cells; a combining mark stays with its letter.
    `right` puts the padding before the text.
    """
    if cells <= 0:
        return ""
    # A cell of ten megabytes costs no more than what is seen of it.
    head = visible(text[: _CHARACTERS_PER_CELL * (cells + 1)])
    width = len(head) if head.isascii() else cell_len(head)
    if width > cells or len(head) < len(text):
        head, width = _cut(head, cells - 1)
        head, width = head + ELLIPSIS, width + 1
    padding = " " * (cells - width)
    return padding + head if right else head + padding


def _cut(text: str, cells: int) -> tuple[str, int]:
    if text.isascii():
        return text[:cells], min(len(text), cells)
    width = 0
    for index, character in enumerate(text):
        wider = width + get_character_cell_size(character)
        if wider > cells:
            return text[:index], width
        width = wider
    return text, width


def paragraph(lines: Iterable[str]) -> Content:
    """Lines one below the other, each made visible, never read as markup."""
    return _content("\n".join(map(visible, lines)))


def _content(text: str) -> Content:
    # The commands without a screen filter their text too, and need not import Textual for it.
    from textual.content import Content

    return Content(text)
