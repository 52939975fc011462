"""A page of the microscope on the screen: where one is, formulas, aligned numbers, one line worked out."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from epochal.tui.screens.microscope.page import Page, aligned
from epochal.tui.widgets.colored_lines import ColoredLines, Ink, Line
from epochal.tui.widgets.text import fit

_CELL = 11
"""The width of a column: ten characters and a space before them."""
_LABEL = (12, 40)
"""The least and the most that a line's name takes."""
_MARGIN = 2
"""For the mark of the line in focus."""
ROOMY = 26
"""From this height on there are blank lines between the parts."""


class MicroscopeView(ColoredLines):
    """Shows one page; `at` is the line in focus."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._stages: Sequence[str] = ()
        self._place = 0
        self._page: Page | None = None
        self._first = 0
        self.at = 0

    def show(self, stages: Sequence[str], place: int, page: Page, at: int) -> None:
        """Show the page of a stage, with the cursor on one of its lines."""
        if page.title != (self._page.title if self._page else ""):
            self._first = 0
        self._stages, self._place, self._page = stages, place, page
        self.at = min(max(at, 0), page.lines - 1)
        self.redraw()

    @property
    def lines_at_once(self) -> int:
        """How many lines of numbers there is room for."""
        return max(self._room, 1)

    def lines(self, width: int, height: int) -> list[Line]:
        """Stages, title, formulas; numbers; how the line in focus came about."""
        page = self._page
        if page is None:
            return []
        blank: list[Line] = [[]] if height >= ROOMY else []
        above: list[Line] = [stage_line(self._stages, self._place, width), *blank]
        above.append([(fit(page.title, width), "strong")])
        for formula in page.formulas:
            above += [
                [(text, "text")] for text in wrap(formula, max(width - 2, 10), subsequent_indent="    ")
            ]
        above += blank
        # As high for every line of a page, so that the numbers above stay where they are.
        below = [
            text
            for sentence in page.worked(self.at)
            for text in wrap(sentence, max(width - 2, 10), subsequent_indent="    ")
        ]
        most_below = max(2, (height - len(above)) // 2)
        if len(below) > most_below:
            below = [*below[: most_below - 2], "    ...", *below[-1:]]
        room = height - len(above) - len(below) - 2 * len(blank) - 1
        return above + self._numbers(page, width, max(room, 1)) + blank + [[(text, "good")] for text in below]

    def _numbers(self, page: Page, width: int, room: int) -> list[Line]:
        hidden = page.lines > room
        self._room = room - 1 if hidden else room
        shown = min(self._room, page.lines)
        self._first = min(max(self._first, self.at - shown + 1, 0), self.at, page.lines - shown)
        places = range(self._first, self._first + shown)
        columns = page.columns
        least = _MARGIN + _LABEL[0]
        spare = [column for column in columns if column.spare]
        while spare and least + _CELL * len(columns) > width:
            last = spare.pop()
            columns = tuple(column for column in columns if column is not last)
        widest = max((len(page.label(place)) for place in places), default=0)
        label = min(
            max(widest, *_LABEL[:1]), _LABEL[1], max(width - _MARGIN - _CELL * len(columns), _LABEL[0])
        )
        head = fit(page.heading, label) + "".join(fit(column.head, _CELL, right=True) for column in columns)
        lines: list[Line] = [[(" " * _MARGIN + head, "strong")]]
        for place in places:
            focus = place == self.at
            cells = "".join(fit(aligned(column.at(place)), _CELL, right=True) for column in columns)
            ink: Ink = "cursor" if focus else "text"
            lines.append(
                [((">" if focus else " ").ljust(_MARGIN), ink), (fit(page.label(place), label) + cells, ink)]
            )
        if hidden:
            norm = "" if page.norm is None else f"; norm of all {page.lines:,}: {page.norm:.4g}"
            lines.append([(f"  ... {page.lines - shown:,} more{norm}", "muted")])
        return lines


def stage_line(stages: Sequence[str], place: int, width: int) -> Line:
    """All stages in order, the present one in brackets; as many beside it as there is room for."""
    texts = [f"[{stage}]" if index == place else stage for index, stage in enumerate(stages)]
    first = last = place
    used = len(texts[place]) + 4
    while True:
        before = first > 0 and used + len(texts[first - 1]) + 1 <= width
        if before:
            first -= 1
            used += len(texts[first]) + 1
        after = last < len(texts) - 1 and used + len(texts[last + 1]) + 1 <= width
        if after:
            last += 1
            used += len(texts[last]) + 1
        if not before and not after:
            break
    line: list[tuple[str, Ink]] = [("< " if first else "  ", "muted")]
    line += [
        (texts[index] + " ", "strong" if index == place else "muted") for index in range(first, last + 1)
    ]
    line.append((">" if last < len(texts) - 1 else "", "muted"))
    return line
