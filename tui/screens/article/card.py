"""What one run of the tutorial's method printed, beside what the same weights are worth."""

from __future__ import annotations

from itertools import zip_longest
from textwrap import wrap

from epochal.core.article.replay import Replay
from epochal.core.evaluation.wording import percent
from epochal.tui.widgets.colored_lines import ColoredLines, Ink, Line
from epochal.tui.widgets.text import GLYPHS, fit

LABEL = 10
FIGURE = 9
ROOMY = (48, 12)
"""From this width and height on there are bars and every sentence."""
LISTING = 44
"""The width of the tutorial's own ten lines, which stand at the right where they leave the rest its room."""

_FULL, _REST, _SPREAD, _HERE, _USUAL = "━·─●╎" if GLYPHS else "#.-o|"
_ENDS = "├┤" if GLYPHS else "[]"


class Card(ColoredLines):
    """A title in its own ink, and the figures below it; or a few words, as long as there are none."""

    def __init__(self, ink: Ink, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._ink = ink
        self._title, self._instead = "", ""
        self._replay: Replay | None = None
        self._epochs = 0

    def show(self, title: str, replay: Replay | None, epochs: int, instead: str) -> None:
        """Show a run of so many epochs, as far as it is, or the words instead."""
        self._title, self._replay, self._epochs, self._instead = title, replay, epochs, instead
        self.redraw()

    def lines(self, width: int, height: int) -> list[Line]:
        """The title above what `figures` says."""
        if self._replay is None:
            return [[(self._title, self._ink)], *_sentences([self._instead], width)]
        done = len(self._replay.curve)
        goes_on = done < self._epochs
        progress = f"epoch {done:,} of {self._epochs:,}" if goes_on else f"{done:,} epochs"
        title: Line = [(fit(self._title, width - len(progress)), self._ink), (progress, "muted")]
        if width < ROOMY[0] + LISTING:
            return [title, *figures(self._replay, goes_on, width, height - 1)]
        left = figures(self._replay, goes_on, width - LISTING, height - 1)
        right = self._replay.printed_lines
        return [title, *(_beside(line, text, width) for line, text in zip_longest(left, right))]


def figures(replay: Replay, goes_on: bool, width: int, height: int) -> list[Line]:
    """A replay in as many lines as there is room for; of one that goes on nothing is concluded yet."""
    printed, explained = replay.printed_lines[-1].removeprefix("Accuracy: "), replay.in_words()
    printed = printed.replace("%", " %")
    honest = "argmax-of-one-column" in replay.repairs
    low, high = replay.interval
    right = f"{replay.held_out_right} of {replay.held_out_rows}"
    interval = f"{percent(low)[:-2]} to {percent(high)}"
    held = ", ".join(f"{count} {name}" for name, count in replay.held_out_classes.items())
    worth = "Running: this may still change." if goes_on else explained[-1]
    worth_ink: Ink = "muted" if goes_on else "good" if replay.beats_baseline else "bad"
    true = percent(replay.true_accuracy)
    prints: Ink = "good" if honest else "bad"

    if width < ROOMY[0] or height < ROOMY[1] - 1:
        return [
            [("prints ", "muted"), (printed, prints), ("" if honest else ", for any weights", "muted")],
            [("true   ", "muted"), (f"{right}, {true}", "strong"), (f" ({interval[:-2]})", "text")],
            [("held   ", "muted"), (held, "text")],
            [(f"always answering {replay.baseline_class}: {percent(replay.baseline)}", "text")],
            *_sentences([worth], width, worth_ink),
        ]
    cells = width - LABEL - FIGURE
    return [
        [(fit("prints", LABEL), "muted"), (fit(printed, FIGURE), prints), *_bar(replay, cells, prints)],
        [(fit("true", LABEL), "muted"), (fit(true, FIGURE), "strong"), *_whiskers(replay, cells)],
        [
            (fit("baseline", LABEL), "muted"),
            (fit(percent(replay.baseline), FIGURE), "text"),
            (f"{_USUAL} always answering {replay.baseline_class}", "text"),
        ],
        [(fit("right", LABEL), "muted"), (right, "strong"), (f", 95 % interval {interval}", "text")],
        [(fit("held out", LABEL), "muted"), (held, "text")],
        [],
        *_sentences(explained[:1], width),
        *_sentences([worth], width, worth_ink),
    ]


def _bar(replay: Replay, cells: int, ink: Ink) -> Line:
    """What was printed, as if it were a share."""
    filled = max(0, min(round(cells * replay.printed_accuracy / 100), cells))
    return [(_FULL * filled, ink), (_REST * (cells - filled), "muted")]


def _whiskers(replay: Replay, cells: int) -> Line:
    """The true accuracy within its interval, and the baseline, from 0 to 100 %."""

    def at(share: float) -> int:
        return round(share * (cells - 1))

    marks: list[tuple[str, Ink]] = [(_REST, "muted")] * cells
    low, high = map(at, replay.interval)
    marks[low : high + 1] = [(_SPREAD, "text")] * (high + 1 - low)
    marks[low], marks[high] = ((end, "text") for end in _ENDS)
    marks[at(replay.baseline)] = (_USUAL, "strong")
    marks[at(replay.true_accuracy)] = (_HERE, "strong")
    return marks


def _beside(left: Line | None, right: str | None, width: int) -> Line:
    """Figures, and one of the tutorial's lines at the right."""
    left = left or []
    gap = width - LISTING + 2 - sum(len(text) for text, _ in left)
    return [*left, (" " * gap, "text"), (right or "", "muted")]


def _sentences(sentences: list[str], width: int, ink: Ink = "text") -> list[Line]:
    return [[(line, ink)] for sentence in sentences for line in wrap(sentence, max(width, 1))]
