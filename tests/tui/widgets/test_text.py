"""Text from outside reaches the terminal as marks, never as commands."""

import os
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from epochal.tui.widgets.text import ELLIPSIS, UNICODE, fit, shown, visible

pytestmark = pytest.mark.skipif(not UNICODE, reason="the locale shows ASCII only")

HOSTILE = [
    "\x1b]52;c;aGVsbG8=\x07",
    "\x1b]0;title\x1b\\",
    "\x1b[2J\x1b[H",
    "\x9b2J",
    "\x90q\x9c",
    "a\rb\nc\td\x00e\x7f",
    "\u202egnp.exe",
    "\u2066isolated\u2069",
    "two\u2028lines\u2029",
    "zero\u200bwidth\u200d\ufeff\u00ad",
    "\ud800 alone \udfff",
    "\ufe0f\U000e0041\U000e0100\u3164",
]
texts = st.text(st.characters(codec=None), max_size=60) | st.sampled_from(HOSTILE)


def is_hostile(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def joins_another(character: str) -> bool:
    """Marks, the later letters of a Hangul syllable, and skin tones share the cell of what they follow."""
    jamo = "\u1160" <= character <= "\u11ff" or "\ud7b0" <= character <= "\ud7ff"
    return jamo or "\U0001f3fb" <= character <= "\U0001f3ff" or unicodedata.category(character)[0] == "M"


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_terminal_would_obey_becomes_a_mark(text: str) -> None:
    seen = visible(text)
    assert seen != text
    assert len(seen) == len(text)
    assert not any(map(is_hostile, seen))


def test_no_character_of_unicode_is_obeyed_or_drawn_as_nothing_by_itself() -> None:
    # Planes 4 to 13 and the end of 14 hold no character; the private planes 15 and 16 are all alike.
    for code in (*range(0x40000), *range(0xE0000, 0xE1000), *range(0xE1000, sys.maxunicode + 1, 101)):
        seen = visible(chr(code))
        assert not is_hostile(seen)
        assert len(seen) == 1
        if not joins_another(seen):
            assert cell_len(seen) in (1, 2), hex(code)


@given(texts)
def test_a_visible_text_is_not_changed_again(text: str) -> None:
    assert visible(visible(text)) == visible(text)
    visible(text).encode()


@pytest.mark.parametrize("text", ["plain", "Größe", "日本語", "e\u0301", "naïve “quoted”", "😀", "עברית"])
def test_ordinary_writing_is_left_alone(text: str) -> None:
    assert visible(text) == text


def test_controls_are_named_by_their_pictures() -> None:
    assert visible("\x1b[2J\n\t\x7f") == "␛[2J␊␉␡"


@pytest.mark.parametrize("text", ["[red]boo[/]", "[/x]", "[@click=app.quit]x[/]", "\\[b]"])
def test_markup_is_shown_as_it_stands(text: str) -> None:
    content = shown(text)
    assert content.plain == text
    assert content.spans == []


@given(texts, st.integers(0, 40), st.booleans())
def test_a_fitted_text_is_exactly_as_wide_as_asked(text: str, cells: int, right: bool) -> None:
    fitted = fit(text, cells, right=right)
    assert cell_len(fitted) == cells
    assert not any(map(is_hostile, fitted))


@given(st.text(st.characters(codec="utf-8", categories=["Lu", "Ll", "Lo", "Nd"]), max_size=20))
def test_a_text_with_room_is_whole_and_padded(text: str) -> None:
    seen = visible(text)
    assert fit(text, 60) == seen + " " * (60 - cell_len(seen))
    assert fit(text, 60, right=True) == " " * (60 - cell_len(seen)) + seen


def test_a_wide_character_is_never_split() -> None:
    assert fit("日本語", 6) == "日本語"
    assert fit("日本語", 5) == "日本" + ELLIPSIS
    assert fit("日本語", 4) == "日" + ELLIPSIS + " "
    assert fit("日本語", 1) == ELLIPSIS


def test_a_combining_mark_stays_with_its_letter() -> None:
    assert fit("e\u0301tude", 3) == "e\u0301t" + ELLIPSIS


def test_a_flood_of_combining_marks_or_a_huge_cell_sends_little() -> None:
    flooded = fit("a" + "\u0301" * 1_000_000, 10)
    assert len(flooded) < 200
    assert ELLIPSIS in flooded
    assert fit("x" * 10_000_000, 4) == "xxx" + ELLIPSIS


def test_a_locale_of_ascii_gets_ascii() -> None:
    code = r"from epochal.tui.widgets.text import fit; print(ascii(fit('\u66db\x1b caf\xe9 and more', 9)))"
    environment = os.environ | {"LC_ALL": "C"}
    finished = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert finished.stdout.strip() == "'?? caf? ~'"
