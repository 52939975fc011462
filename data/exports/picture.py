"""A picture of lines, boxes and words, as SVG, or as PNG where Pillow is installed."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, pairwise
from typing import TYPE_CHECKING, Literal
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

Floats = NDArray[np.float64]
Anchor = Literal["start", "middle", "end"]

# A PNG is drawn this many times too large and then made smaller, so that slanted lines are smooth.
FINER = 3


@dataclass(frozen=True, eq=False)
class Line:
    """Points x 2, from the left and from the top; NaN interrupts it. Dashes are a stroke and a gap."""

    points: Floats
    colour: str
    width: float = 1.0
    dashes: tuple[float, float] | None = None


@dataclass(frozen=True)
class Words:
    """A text on one line, whose foot stands at y, and which begins, ends or has its middle at x."""

    x: float
    y: float
    text: str
    anchor: Anchor = "start"
    size: float = 13.0
    colour: str = "#222222"
    bold: bool = False


@dataclass(frozen=True)
class Box:
    """A filled rectangle, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, eq=False)
class Picture:
    """What is drawn, on white, and what it shows in words for those who cannot see it."""

    width: int
    height: int
    title: str
    parts: Sequence[Line | Words | Box]


class NoPng(Exception):
    """Pillow, which draws PNG files, is not installed."""


def svg(picture: Picture) -> str:
    """An SVG document without scripts, links or fonts of its own; texts are texts, whatever they hold."""
    width, height = picture.width, picture.height
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" font-family="sans-serif">',
        f"<title>{_text(picture.title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for part in picture.parts:
        if isinstance(part, Words):
            weight = ' font-weight="bold"' if part.bold else ""
            lines.append(
                f'<text x="{part.x:g}" y="{part.y:g}" font-size="{part.size:g}"{weight} '
                f'fill={quoteattr(part.colour)} text-anchor="{part.anchor}">{_text(part.text)}</text>'
            )
            continue
        if isinstance(part, Box):
            lines.append(
                f'<rect x="{part.x:.2f}" y="{part.y:.2f}" width="{part.width:.2f}" '
                f'height="{part.height:.2f}" fill={quoteattr(part.colour)}/>'
            )
            continue
        dashes = ' stroke-dasharray="{:g} {:g}"'.format(*part.dashes) if part.dashes else ""
        lines += [
            f'<polyline fill="none" stroke={quoteattr(part.colour)} stroke-width="{part.width:g}"{dashes} '
            f'points="{" ".join(f"{x:.2f},{y:.2f}" for x, y in stretch)}"/>'
            for stretch in _stretches(part.points)
        ]
    return "\n".join([*lines, "</svg>", ""])


def png(picture: Picture) -> bytes:
    """The same as a PNG file; NoPng where Pillow is not installed."""
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError:
        raise NoPng("Writing PNG needs a further package: install epochal[png], or write .svg") from None
    image = Image.new("RGB", (FINER * picture.width, FINER * picture.height), "#ffffff")
    draw = ImageDraw.Draw(image)
    anchors = {"start": "ls", "middle": "ms", "end": "rs"}
    for part in picture.parts:
        if isinstance(part, Line):
            for stretch in _stretches(part.points):
                for stroke in _strokes(stretch, part.dashes):
                    _draw(draw, stroke, part)
        elif isinstance(part, Box):
            corner = (FINER * (part.x + part.width) - 1, FINER * (part.y + part.height) - 1)
            if part.width > 0 and part.height > 0:
                draw.rectangle(((FINER * part.x, FINER * part.y), corner), part.colour)
        else:
            font = ImageFont.load_default(FINER * part.size)
            stroke_width = FINER // 3 if part.bold else 0
            place = (FINER * part.x, FINER * part.y)
            draw.text(
                place,
                plain(part.text),
                part.colour,
                font,
                anchors[part.anchor],
                stroke_width=stroke_width,
            )
    small = image.resize((picture.width, picture.height), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "PNG", optimize=True)
    return file.getvalue()


def _draw(draw: ImageDraw, stroke: Floats, line: Line) -> None:
    points = [(FINER * x, FINER * y) for x, y in stroke.tolist()]
    draw.line(points, line.colour, max(round(FINER * line.width), 1), "curve")


def _stretches(points: Floats) -> Iterator[Floats]:
    """The pieces between the gaps; of a lone point, a short dash."""
    gaps = np.flatnonzero(np.isnan(points).any(axis=1))
    for start, stop in pairwise([-1, *gaps.tolist(), len(points)]):
        piece = points[start + 1 : stop]
        if len(piece) == 1:
            yield piece + np.array([[-3.0, 0], [3.0, 0]])
        elif len(piece):
            yield piece


def _strokes(points: Floats, dashes: tuple[float, float] | None) -> Iterator[Floats]:
    """The line as one stroke, or cut into dashes by its length."""
    if dashes is None:
        yield points
        return
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    start = 0.0
    for length, is_ink in zip(cycle(dashes), cycle((True, False))):
        stop = min(start + length, float(along[-1]))
        if is_ink:
            inner = (along > start) & (along < stop)
            at = np.concatenate([[start], along[inner], [stop]])
            yield np.column_stack([np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])])
        if stop >= along[-1]:
            return
        start = stop


def plain(text: str) -> str:
    """On one line, a replacement mark for each control character and each half of a character."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _text(text: str) -> str:
    return escape(plain(text))
