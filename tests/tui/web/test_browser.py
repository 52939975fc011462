"""The lab in a real browser: opened, trained, seen, made smaller, left; by one who has the token."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.browser import a_browser, labs_of, needs_chromium, serving

pytestmark = [needs_chromium, pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")]


def is_drawn_on(picture: Image.Image) -> bool:
    """Whether every quarter of it has text and lines: many shades, and none that covers it all."""
    width, height = picture.size
    for x in (0, width // 2):
        for y in (0, height // 2):
            quarter = picture.crop((x, y, x + width // 2, y + height // 2)).convert("L")
            shades = quarter.histogram()
            if sum(1 for count in shades if count) < 20 or max(shades) > 0.99 * sum(shades):
                return False
    return True


def apart(one: Image.Image, other: Image.Image) -> float:
    """The share of pixels that differ by more than a smoothed edge may."""
    difference = ImageChops.difference(one, other).convert("L")
    return sum(difference.histogram()[48:]) / (one.width * one.height)


async def test_a_visitor_opens_trains_sees_the_result_and_leaves(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    arguments = ("iris", "--epochs", "20", "--hidden", "4", "--visitors", "1", "--token")
    with serving(tmp_path / "class", *arguments) as (address, process):
        async with a_browser(tmp_path) as browser:
            stranger = await browser.page(address.partition("?")[0])
            await stranger.until_body("needs its token")
            assert not labs_of(process)

            page = await browser.page(address)
            await page.until_shown(r"iris: 150 rows[\s\S]* t Train")
            columns, lines = page.size
            assert columns > 100
            assert lines > 30
            assert "To the shell" not in page.text()
            first, second = await page.picture(), await page.picture()
            assert is_drawn_on(first)
            assert apart(first, second) < 0.01
            [lab] = labs_of(process)

            late = await browser.page(address)
            await late.until_body("The only place is taken.")
            await late.close()  # or it would take the place as soon as that is free

            await page.press("t")
            await page.until_shown(r"finished after 20 of 20 epochs")
            await page.until_shown(r"\d+ of 30 held-out rows right")
            trained = await page.picture()
            assert is_drawn_on(trained)
            assert apart(first, trained) > 0.01

            await page.resize(700, 420)
            await page.until(lambda: page.size[0] < 90 and page.size[1] < 24)
            await page.press("4")
            await page.until_shown(r"\d+ of 30 held-out rows right")
            narrow = await page.picture()
            assert narrow.size == (700, 420)
            assert apart(trained.crop((0, 0, 700, 420)), narrow) > 0.01

            await page.hold_ctrl("q")
            await page.until_body("This lab has ended")
            assert page.complaints == []
            while lab in labs_of(process):
                await asyncio.sleep(0.05)

            await page.evaluate("document.querySelector('.closed a').click()")
            await page.until_shown(r"iris: 150 rows[\s\S]* t Train")
            [lab] = labs_of(process)
            await page.close()
            while lab in labs_of(process):
                await asyncio.sleep(0.05)
