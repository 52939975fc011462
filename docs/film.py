"""The moving picture of the README: from `t` to the verdict, as the screen draws it; an SVG without scripts.

    python -m docs.film

The lab runs for real at 100x30; the clock of its training goes as fast as the film, so that the epochs come
at the film's pace and a second run draws the same bytes.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from unittest.mock import patch

from rich.segment import Segment
from textual.pilot import Pilot

from epochal.core.settings import Settings
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from
from epochal.tui.lab.app import EpochalApp

PLACE = Path(__file__).parent / "film.svg"
SIZE = (100, 30)
EPOCHS, STEP, PACE = 300, 15, 0.3
"""Epochs of the run, those between two frames, and seconds that a frame stays."""
BEFORE, AFTER = 0.8, 1.5
"""Seconds that the untrained lab, and the verdict, stay."""
CELL, LINE = 8.4, 19
BACKGROUND = "#121212"

Run = tuple[int, int, str, str, str, bool]
"""First cell, cells, text, colour, background (empty: the picture's), bold."""
Row = tuple[Run, ...]
Frame = tuple[tuple[Row, ...], float]


class FilmClock:
    """What `perf_counter` is to the training: it stands still until the film wants more epochs."""

    def __init__(self) -> None:
        self._calls, self._allowed = 0, 0
        self._moved = threading.Condition()

    def allow(self, epochs: int) -> None:
        """Let the run come to this epoch."""
        with self._moved:
            self._allowed = 2 * epochs + 1  # an epoch looks at the clock as it begins and as it ends
            self._moved.notify_all()

    def __call__(self) -> float:
        """The film's seconds."""
        with self._moved:
            self._moved.wait_for(lambda: self._calls < self._allowed)
            self._calls += 1
            return self._calls * PACE / STEP


async def frames() -> list[Frame]:
    """Every frame with the seconds that it stays."""
    clock = FilmClock()
    app = EpochalApp(dataset_from(open_table("column_2C_weka")), Settings(epochs=EPOCHS))
    taken: list[Frame] = []
    with patch("epochal.core.training.training.perf_counter", clock):
        async with app.run_test(size=SIZE) as pilot:
            await pilot.pause()
            taken.append((_rows(app), BEFORE))
            await pilot.press("t")
            run = app.run_shown
            assert run is not None
            for epoch in range(STEP, EPOCHS, STEP):
                clock.allow(epoch)
                while run.length < epoch:
                    await pilot.pause(0.01)
                await _drawn(app, pilot)
                taken.append((_rows(app), PACE))
            clock.allow(2 * EPOCHS)
            while run.is_active:
                await pilot.pause(0.01)
            await pilot.pause(0.2)
            await pilot.press("4")
            await _drawn(app, pilot)
            taken.append((_rows(app), AFTER))
    return taken


async def _drawn(app: EpochalApp, pilot: Pilot[None]) -> None:
    """Let every pane show what there is by now."""
    app.error_pane.tick()
    for _ in range(3):
        await pilot.pause()


def _rows(app: EpochalApp) -> tuple[Row, ...]:
    return tuple(tuple(_runs(strip)) for strip in app.screen._compositor.render_strips())


def _runs(strip: Iterable[Segment]) -> Iterator[Run]:
    """Stretches of one style; blanks on the picture's own background are left out."""
    cell = 0
    for text, style, control in strip:
        if control:
            continue
        width = Segment(text).cell_length
        ink, paper, is_bold = "#e0e0e0", "", False
        if style is not None:
            ink = style.color.get_truecolor().hex if style.color else ink
            paper = style.bgcolor.get_truecolor().hex if style.bgcolor else ""
            ink, paper = (paper or BACKGROUND, ink) if style.reverse else (ink, paper)
            is_bold = bool(style.bold)
        paper = "" if paper == BACKGROUND else paper
        if text.strip() or paper:
            yield cell, width, text, ink, paper, is_bold
        cell += width


def svg(film: list[Frame]) -> str:
    """One picture: each row once for every stretch of frames in which it stays the same."""
    columns, lines = SIZE[0], len(film[0][0])
    width, height = columns * CELL, lines * LINE
    total = sum(seconds for _, seconds in film)
    starts = [0.0]
    for _, seconds in film:
        starts.append(starts[-1] + seconds)
    colours: dict[str, str] = {}
    spans: dict[tuple[int, int], str] = {}
    body = []
    for line in range(lines):
        first = 0
        for frame in range(1, len(film) + 1):
            if frame < len(film) and film[frame][0][line] == film[first][0][line]:
                continue
            drawn = _row(film[first][0][line], line, colours)
            if (first, frame) == (0, len(film)):
                body.append(drawn)
            elif drawn:
                name = spans.setdefault((first, frame), f"f{len(spans)}")
                body.append(f'<g class="{name}">{drawn}</g>')
            first = frame
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img"'
        ' aria-label="The lab from the key t to the verdict: the errors fall, epoch by epoch">',
        "<style>",
        "text{font:14px Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}",
        *(f".{name}{{fill:{colour}}}" for colour, name in colours.items()),
        *_animations(spans, starts, total, len(film)),
        "</style>",
        f'<rect width="100%" height="100%" fill="{BACKGROUND}"/>',
        *body,
        "</svg>",
    ]) + "\n"  # fmt: skip


def _animations(
    spans: dict[tuple[int, int], str], starts: list[float], total: float, frames: int
) -> Iterator[str]:
    """Each group is seen from its first frame on to its last, again and again; at rest, the last frame."""
    for (first, after), name in spans.items():
        low, high = (f"{100 * starts[frame] / total:.4g}%" for frame in (first, after))
        rest = "visible" if after == frames else "hidden"
        keys = [] if first == 0 else ["0%{visibility:hidden}"]
        keys.append(f"{low}{{visibility:visible}}")
        if after < frames:
            keys.append(f"{high}{{visibility:hidden}}")
        yield f".{name}{{visibility:{rest};animation:{name} {total:g}s step-end infinite}}"
        yield f"@keyframes {name}{{{''.join(keys)}}}"
    yield "@media (prefers-reduced-motion:reduce){g{animation:none!important}}"


def _row(row: Row, line: int, colours: dict[str, str]) -> str:
    def named(colour: str) -> str:
        return colours.setdefault(colour, f"c{len(colours)}")

    papers, inks = [], []
    for cell, width, text, ink, paper, is_bold in row:
        x, y = cell * CELL, line * LINE
        if paper:
            papers.append(
                f'<rect x="{x:g}" y="{y:g}" width="{width * CELL:g}" height="{LINE}" class="{named(paper)}"/>'
            )
        bare = text.strip()
        if bare:
            x += CELL * Segment(text[: len(text) - len(text.lstrip())]).cell_length
            bold = ' font-weight="700"' if is_bold else ""
            inks.append(
                f'<text x="{x:g}" y="{y + 14:g}" textLength="{Segment(bare).cell_length * CELL:g}"'
                f' class="{named(ink)}"{bold}>{escape(bare, quote=False)}</text>'
            )
    return "".join(papers + inks)


if __name__ == "__main__":
    PLACE.write_text(svg(asyncio.run(frames())), encoding="utf-8")
