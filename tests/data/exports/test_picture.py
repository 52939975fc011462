"""Pictures and pages: what is drawn is what was measured, and no text is ever taken as markup."""

from __future__ import annotations

import io
import sys
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import numpy as np
import pytest
from numpy.typing import NDArray

from epochal.core.training.history import Epoch
from epochal.data.exports.error_chart import error_chart
from epochal.data.exports.pages import Block, Chart, Code, Grid, Heading, Paragraph, html, markdown
from epochal.data.exports.picture import Line, NoPng, Picture, Words, png, svg

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>x</script> & "q" ]]> \x1b[31m \x00 \ud800 | `a` *b* [c](d) ![e](f) <!--'


def history(training: list[float], held_out: list[float]) -> NDArray[np.float64]:
    rows = np.full((len(training), len(Epoch._fields)), np.nan)
    rows[:, 0] = np.arange(1, len(training) + 1)
    rows[:, 1], rows[:, 2] = training, held_out
    return rows


def read(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(svg(picture))


def lines_of(root: ElementTree.Element, colour: str) -> list[NDArray[np.float64]]:
    """The polylines of a colour, but for the short samples in the legend."""
    found = [one.get("points", "") for one in root.iter(f"{SVG}polyline") if one.get("stroke") == colour]
    points = [np.array([pair.split(",") for pair in one.split()], float) for one in found]
    return [one for one in points if not (len(one) == 2 and one[0, 1] == one[1, 1] == 46)]


def scale(root: ElementTree.Element, anchor: str, axis: str) -> NDArray[np.float64]:
    """From a place on the picture to a number, as its labels say: a line through them."""
    labels = [one for one in root.iter(f"{SVG}text") if one.get("text-anchor") == anchor]
    told = []
    for label in labels:
        try:
            told.append((float(label.get(axis, "")), float(label.text or "")))
        except ValueError:
            continue
    places, numbers = np.array(told).T
    line: NDArray[np.float64] = np.polyfit(places, numbers, 1)
    np.testing.assert_allclose(np.polyval(line, places), numbers, atol=1e-9 * abs(numbers).max())
    return line


def test_a_long_title_is_cut_in_its_middle_and_told_in_full() -> None:
    title = f"{'long' * 60}, 4-10-3"
    root = read(error_chart(history([0.5], [0.6]), title, "error"))
    (drawn,) = [one.text or "" for one in root.iter(f"{SVG}text") if one.get("font-weight")]
    assert len(drawn) <= 70
    assert drawn.startswith("longlong")
    assert drawn.endswith("long, 4-10-3")
    assert [one.text for one in root.iter(f"{SVG}title")] == [title]


def test_a_single_epoch_can_be_seen() -> None:
    root = read(error_chart(history([0.5], [0.6]), "t", "error"))
    for colour in ("#0072b2", "#d55e00"):
        (dash,) = lines_of(root, colour)
        assert np.ptp(dash[:, 0]) >= 5


def test_the_curves_stand_where_the_labels_say() -> None:
    chance = np.random.default_rng(3)
    training, held_out = chance.uniform(0.2, 0.7, 40), chance.uniform(0.3, 0.9, 40)
    root = read(error_chart(history(training.tolist(), held_out.tolist()), "t", "error"))
    x, y = scale(root, "middle", "x"), scale(root, "end", "y")
    for colour, values in (("#0072b2", training), ("#d55e00", held_out)):
        (points,) = lines_of(root, colour)
        np.testing.assert_allclose(np.polyval(x, points[:, 0]), np.arange(1, 41), atol=0.01)
        # The foot of a label stands below its middle.
        np.testing.assert_allclose(np.polyval(y, points[:, 1] + 4.5), values, atol=0.002)


@pytest.mark.parametrize(
    ("errors", "pieces"),
    [
        ([], 0),
        ([0.5], 1),
        ([0.5, float("nan"), 0.4, 0.3], 2),
        ([float("inf"), 1e305, 0.2], 1),
        ([0.0, 0.0, 0.0], 1),
    ],
)
def test_curves_without_points_with_gaps_and_running_away(errors: list[float], pieces: int) -> None:
    root = read(error_chart(history(errors, errors), "t", "error"))
    found = lines_of(root, "#0072b2")
    assert len(found) == pieces
    assert all(np.isfinite(points).all() for points in found)
    assert all((points >= 0).all() and (points[:, 1] <= 450).all() for points in found)


def test_the_epoch_kept_is_marked() -> None:
    assert "kept: epoch 2" in svg(error_chart(history([3, 2, 1], [3, 2, 4]), "t", "error", 2))
    assert "kept" not in svg(error_chart(history([3, 2, 1], [3, 2, 4]), "t", "error"))


def test_texts_in_a_picture_stay_texts() -> None:
    root = read(Picture(100, 50, HOSTILE, [Words(1, 1, HOSTILE)]))
    assert {one.tag.removeprefix(SVG) for one in root.iter()} == {"svg", "title", "rect", "text"}
    said = root.find(f"{SVG}text")
    assert said is not None
    assert said.text == HOSTILE.translate(dict.fromkeys((0x1B, 0x00, 0xD800), "\ufffd"))


def test_a_png_shows_the_same_lines_and_words() -> None:
    from PIL import Image

    upright = Line(np.array([[20.0, 10.0], [20.0, 90.0]]), "#ff0000", 2.0)
    dashed = Line(np.array([[40.0, 10.0], [40.0, 90.0]]), "#0000ff", 2.0, (10, 10))
    drawn = png(Picture(100, 100, "t", [upright, dashed, Words(60, 50, HOSTILE)]))
    with Image.open(io.BytesIO(drawn)) as opened:
        assert opened.format == "PNG"
        pixels = np.asarray(opened.convert("RGB"), float)
    assert pixels.shape == (100, 100, 3)
    red = (pixels[..., 0] > 200) & (pixels[..., 1] < 90)
    assert red[12:88, 19:21].any(axis=1).all()
    assert not red[:8].any()
    blue = ((pixels[..., 2] > 200) & (pixels[..., 0] < 90))[:, 39:41].any(axis=1)
    assert blue[12:18].all()
    assert not blue[22:28].any()
    assert blue[32:38].all()
    assert (pixels[35:55, 60:].min(axis=2) < 100).any()


def test_without_pillow_a_png_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(NoPng, match=r"install epochal\[png\], or write .svg"):
        png(Picture(10, 10, "t", []))


PAGE: list[Block] = [
    Heading(HOSTILE),
    Paragraph(HOSTILE),
    Paragraph("1. not a list"),
    Paragraph("# not a heading"),
    Grid(("a|b", HOSTILE), [(HOSTILE, "0.905"), ("snake_case", "_not slanted_")]),
    Code(f"{HOSTILE}\nsecond"),
    Chart(Picture(10, 10, HOSTILE, []), HOSTILE),
]


class Tags(HTMLParser):
    """The tags of a page, and the texts between them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_a_page_of_html_has_no_tags_but_its_own() -> None:
    parser = Tags()
    parser.feed(html(PAGE))
    usual = {"html", "head", "meta", "title", "style", "body", "h1", "p", "table", "tr", "th", "td", "pre"}
    assert parser.tags == usual | {"svg", "rect"}
    assert any('<script>x</script> & "q" ]]>' in text for text in parser.texts)
    assert not any(character in html(PAGE) for character in "\x1b\x00\ud800")


def test_markdown_takes_no_text_as_markup() -> None:
    text = markdown(PAGE)
    heading, paragraph, numbered, hashed, grid, *code = text.split("\n\n")
    assert heading.startswith("# \\<script\\>")
    assert "\\`a\\` \\*b\\* \\[c\\](d) !\\[e\\](f) \\<!--" in paragraph
    assert numbered == "1\\. not a list"
    assert hashed == "\\# not a heading"
    assert [line.replace("\\|", "").count("|") for line in grid.splitlines()] == [3, 3, 3, 3]
    assert "| snake_case | \\_not slanted\\_ |" in grid
    assert "0.905" in grid
    assert all(line.startswith("    ") for block in code for line in block.splitlines())
    assert not any(character in text for character in "\x1b\x00\ud800")
