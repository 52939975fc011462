"""The moving picture: small, without scripts, and every frame of it from the screen."""

from __future__ import annotations

import re

from docs.film import PLACE, Frame, svg

FILM = PLACE.read_text(encoding="utf-8")


def row(text: str) -> tuple[tuple[int, int, str, str, str, bool], ...]:
    return ((0, len(text), text, "#ffffff", "", False),)


def test_it_is_small_needs_no_script_and_fetches_nothing() -> None:
    assert len(FILM.encode()) < 300_000
    assert "<script" not in FILM
    assert set(re.findall(r"https?://[^\"<]*", FILM)) == {"http://www.w3.org/2000/svg"}


def test_it_goes_from_the_untrained_lab_to_the_verdict_in_eight_seconds() -> None:
    assert set(re.findall(r"animation:f\d+ (\S+)s", FILM)) == {"8"}
    for said in ("not trained", "epoch 150 of 300", "held-out rows right"):
        assert said in FILM


def test_a_row_that_stays_is_drawn_once_and_one_that_changes_when_it_does() -> None:
    still = row("stays")
    film: list[Frame] = [((still, row(text)), 1.0) for text in ("one", "one", "two")]
    drawn = svg(film)
    assert [drawn.count(f">{text}<") for text in ("stays", "one", "two")] == [1, 1, 1]
    assert "66.67%{visibility:hidden}" in drawn
    # At rest, as where motion is unwelcome, the last frame is seen.
    assert re.search(r"\.f0\{visibility:hidden", drawn)
    assert re.search(r"\.f1\{visibility:visible", drawn)


def test_text_of_the_screen_is_no_markup() -> None:
    frame: Frame = ((row("a < b & c"),), 1.0)
    assert ">a &lt; b &amp; c<" in svg([frame])
