"""A page of headings, paragraphs, tables and charts, as Markdown or as HTML; texts stay texts in both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from epochal.data.exports.picture import Picture, plain, svg

# What may begin some markup: within a line, where a _ between letters is none, and at its beginning.
_MARKUP = re.compile(r"([\\`*\[\]<>|~&$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_BEGINNING = re.compile(r"^(\d*)([.)]\s|[-+]\s|#|=)")


@dataclass(frozen=True)
class Heading:
    """A line above a part of the page; the first one names the page."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """Sentences."""

    text: str


@dataclass(frozen=True)
class Grid:
    """Rows of cells below the names of their columns."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Code:
    """Lines to be taken as they are."""

    text: str


@dataclass(frozen=True, eq=False)
class Chart:
    """A picture, and the same in characters, for where there are no pictures."""

    picture: Picture
    characters: str


Block = Heading | Paragraph | Grid | Code | Chart


def markdown(blocks: Iterable[Block]) -> str:
    """The page in the Markdown that GitHub shows; its charts are of characters."""
    parts = []
    for number, block in enumerate(blocks):
        match block:
            case Heading(text):
                parts.append(f"{'#' if number == 0 else '##'} {_marked(text)}")
            case Paragraph(text):
                parts.append(_marked(text))
            case Grid(columns, rows):
                heading, *told = ([_marked(cell) for cell in row] for row in (columns, *rows))
                lines = [heading, ["---"] * len(columns), *told]
                parts.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
            case Code(text) | Chart(_, text):
                parts.append("\n".join(f"    {plain(line)}".rstrip() for line in text.splitlines()))
    return "\n\n".join(parts) + "\n"


def html(blocks: Sequence[Block]) -> str:
    """The page as one HTML file that needs no other, and runs nothing."""
    title = next((block.text for block in blocks if isinstance(block, Heading)), "")
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            "style-src 'unsafe-inline'\">",
            f"<title>{_html(title)}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            *_html_parts(blocks),
            "</body>",
            "</html>",
            "",
        ]
    )


def html_fragment(blocks: Sequence[Block]) -> str:
    """The same as a part of another page, as a notebook is one."""
    return "\n".join(["<div>", *_html_parts(blocks), "</div>", ""])


STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "body{background:#fff}table{border-collapse:collapse}"
    "td,th{border-bottom:1px solid #ddd;padding:.2rem .8rem .2rem 0;"
    "text-align:left;vertical-align:top}pre{background:#f4f4f4;padding:.6rem;white-space:pre-wrap;"
    "overflow-wrap:anywhere}h1,h2,p,td{overflow-wrap:anywhere}svg{max-width:100%;height:auto}"
)


def _html_parts(blocks: Iterable[Block]) -> Iterator[str]:
    for number, block in enumerate(blocks):
        match block:
            case Heading(text):
                level = "h1" if number == 0 else "h2"
                yield f"<{level}>{_html(text)}</{level}>"
            case Paragraph(text):
                yield f"<p>{_html(text)}</p>"
            case Grid(columns, rows):
                yield "<table>"
                for tag, row in [("th", columns), *(("td", row) for row in rows)]:
                    yield f"<tr>{''.join(f'<{tag}>{_html(cell)}</{tag}>' for cell in row)}</tr>"
                yield "</table>"
            case Code(text):
                yield f"<pre>{escape(chr(10).join(map(plain, text.splitlines())))}</pre>"
            case Chart(picture, _):
                yield svg(picture).rstrip()


def _html(text: str) -> str:
    return escape(plain(text))


def _marked(text: str) -> str:
    """A text of which no character is taken as markup."""
    text = _MARKUP.sub(r"\\\1", plain(text.strip()))
    return _BEGINNING.sub(r"\1\\\2", text)
