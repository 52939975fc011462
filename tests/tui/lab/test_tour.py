"""The guided tour in docs/: its keys are pressed, and what it says the screen shows is looked for."""

from __future__ import annotations

import pytest

from docs.tour import TOUR, Box, Key, Picture, parts
from epochal.data.tables.dataset import Dataset
from tests.lab import SIZES, lab
from tests.runs import sampled


@pytest.mark.parametrize("size", sampled(["80x24", "120x40"], 1, "the tour"))
async def test_the_tour_shows_what_it_says(spine: Dataset, size: str) -> None:
    async with lab(spine, size=SIZES[size]) as person:
        for part in parts(TOUR.read_text(encoding="utf-8")):
            match part:
                case Key(name):
                    await person.press(name)
                case Box(texts):
                    for text in texts:
                        await person.until_said(text)
                case Picture(file):
                    assert (TOUR.parent / file).exists()


def test_the_tour_has_keys_boxes_and_pictures() -> None:
    walked = list(parts(TOUR.read_text(encoding="utf-8")))
    assert sum(isinstance(part, Key) for part in walked) > 20
    assert sum(isinstance(part, Box) for part in walked) > 10
    pictures = {part.file for part in walked if isinstance(part, Picture)}
    for shown in ("time-machine", "network", "microscope", "boundary", "what-if", "fan", "table"):
        assert f"tour-{shown}.svg" in pictures
