"""The result in full: every confusion, what the threshold trades, whether to trust it, each mistake."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.judgement import (
    Evaluation,
    Predictions,
    balanced,
    decision_threshold,
    judge,
    mistakes,
)
from epochal.core.evaluation.snapshot import PICKED
from epochal.core.evaluation.wording import percent, sentences
from epochal.core.network.network import Network
from epochal.core.rows.examples import Rows
from epochal.tui.runner.cursor import EVERYWHERE, epoch_shown, follow, named
from epochal.tui.runner.run import Run
from epochal.tui.screens.ask import Ask
from epochal.tui.screens.dialog import Dialog
from epochal.tui.screens.result.sections import (
    calibration_plot,
    error_plot,
    measure_lines,
    mistakes_table,
    predicted_plot,
    roc_plot,
    threshold_line,
)
from epochal.tui.widgets.chart import Chart
from epochal.tui.widgets.confusion import ConfusionMatrix
from epochal.tui.widgets.key_lines import KeyLines
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.table_view import TableView
from epochal.tui.widgets.text import GLYPHS

SECTIONS = ("matrix", "trade", "trust", "mistakes")
ALL_FROM = (110, 32)

Chosen = tuple[str, int]


@dataclass(frozen=True, eq=False)
class ShownResult:
    """A result shown: the run's own, or what it would have been at an epoch picked with the cursor."""

    is_picked: bool
    network: Network
    answers: Predictions
    threshold: float
    evaluation: Evaluation

    @cached_property
    def places(self) -> Rows:
        """The mistakes, places in the answers."""
        return mistakes(self.answers, self.threshold)


def _judged(run: Run, epoch: int | None) -> ShownResult:
    snapshot, threshold = run.snapshot(epoch), run.threshold_at(epoch)
    assert snapshot is not None
    if epoch is None and run.evaluation and run.answers:
        return ShownResult(False, snapshot.network, run.answers, threshold, run.evaluation)
    evaluation = snapshot.evaluation_at(threshold)
    return ShownResult(epoch is not None, snapshot.network, snapshot.answers, threshold, evaluation)


class ResultScreen(Dialog[Chosen | None]):
    """Gives `row` or `find` with the place of a row among the examples, or None."""

    DEFAULT_CSS = """
    ResultScreen { background: $background; }
    ResultScreen #sections { height: 1fr; }
    ResultScreen .section { display: none; padding: 0 1; height: 1fr; }
    ResultScreen .section.-shown { display: block; }
    ResultScreen.-all #sections {
        layout: grid;
        grid-size: 2 2;
        grid-columns: 1fr 1fr;
        grid-rows: 1fr 1fr;
    }
    ResultScreen.-all .section { display: block; border: round $foreground 40%; }
    ResultScreen.-all .section.-shown { border: round $accent; border-title-style: bold; }
    ResultScreen.-ascii.-all .section { border: ascii $foreground 40%; }
    ResultScreen.-ascii.-all .section.-shown { border: ascii $accent; }
    ResultScreen #full-top { height: 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    ResultScreen .words { height: auto; text-wrap: wrap; }
    ResultScreen ConfusionMatrix { height: auto; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,v", "leave", "Back", key_display="esc"),
        Binding("minus", "move(-1)", "Less", key_display="-"),
        Binding("plus,equals_sign", "move(1)", "More", key_display="+"),
        Binding("less_than_sign", "move(-10)", "Much less", show=False),
        Binding("greater_than_sign", "move(10)", "Much more", show=False),
        Binding("b", "balance", "Balanced"),
        Binding("h", "as_set", "As set"),
        Binding("1", "section('matrix')", "Sections", key_display="1-4"),
        Binding("2", "section('trade')", "Trade", show=False),
        Binding("3", "section('trust')", "Trust", show=False),
        Binding("4", "section('mistakes')", "Mistakes", show=False),
        Binding("tab", "next_section(1)", "Next section", show=False),
        Binding("shift+tab", "next_section(-1)", "Section before", show=False),
        *EVERYWHERE[:2],  # the others move the threshold here
    ]

    def __init__(self, run: Run) -> None:
        super().__init__()
        assert run.training is not None
        self._run, self._training = run, run.training
        self._names = run.training.examples.classes
        self._against_rest = len(self._names) - 1
        self._shown = "matrix"
        self._titles = (
            ("1 Confusion", "2 ROC", "3 Calibration", "4 Mistakes")
            if self._names
            else ("1 Errors", "2 Predicted and true", "3 Distribution", "4 Largest errors")
        )
        self._top = Lines(id="full-top")
        self._words, self._threshold, self._measures = Lines(), Lines(), Lines()
        self._about_trade, self._about_trust, self._about_mistakes = Lines(), Lines(), Lines()
        for words in (self._words, self._threshold, self._measures):
            words.add_class("words")
        for words in (self._about_trade, self._about_trust, self._about_mistakes):
            words.add_class("words")
        self._matrix = ConfusionMatrix(with_picture=True)
        self._trade = Chart(ascii_only=not GLYPHS)
        self._trust = Chart(ascii_only=not GLYPHS)
        self._table = TableView()
        self._judged: ShownResult | None = None

    def compose(self) -> ComposeResult:
        """A line of state, the four sections, the keys."""
        yield self._top
        with Container(id="sections"):
            with VerticalScroll(id="matrix", classes="section"):
                yield self._matrix
                yield self._threshold
                yield self._measures
                yield self._words
            with Vertical(id="trade", classes="section"):
                yield self._about_trade
                yield self._trade
            with Vertical(id="mistakes", classes="section"):
                yield self._about_mistakes
                yield self._table
            with Vertical(id="trust", classes="section"):
                yield self._about_trust
                yield self._trust
        yield KeyLines()

    def on_mount(self) -> None:
        """Fill every section."""
        self.set_class(not GLYPHS, "-ascii")
        for section, title in zip(SECTIONS, self._titles, strict=True):
            self.query_one(f"#{section}").border_title = title
        self.action_section("matrix")
        self.call_after_refresh(self._fill)
        follow(self, self._fill)

    def on_resize(self, event: events.Resize) -> None:
        """All sections where they fit, else one at a time."""
        self.set_class(event.size.width >= ALL_FROM[0] and event.size.height >= ALL_FROM[1], "-all")
        self.call_after_refresh(self._fill)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Thresholds are for two classes; with more, less and more choose the class shown."""
        if action in ("balance", "as_set"):
            return len(self._names) == 2
        if action == "move":
            return bool(self._names)
        return super().check_action(action, parameters)

    def action_section(self, name: str) -> None:
        """Bring a section to the front, with the keys for it."""
        self._shown = name
        for section in self.query(".section"):
            section.set_class(section.id == name, "-shown")
        self._focus_section()
        self._tell_top()

    def _focus_section(self) -> None:
        """Give the keys to what moves in the section in front, or else to its scrolling."""
        moving = {"mistakes": self._table, "matrix": self._matrix}.get(self._shown)
        self.set_focus(moving if moving and moving.can_focus else self.query_one(f"#{self._shown}"))

    def action_next_section(self, by: int) -> None:
        """Go to the next section, or the one before."""
        self.action_section(SECTIONS[(SECTIONS.index(self._shown) + by) % len(SECTIONS)])

    def action_move(self, by: int) -> None:
        """Move the threshold by hundredths; with more than two classes, show another one's curve."""
        if len(self._names) == 2:
            self._set_threshold(min(max(round(self._now.threshold + by / 100, 2), 0.01), 0.99))
        else:
            self._against_rest = (self._against_rest + (1 if by > 0 else -1)) % len(self._names)
            self._fill()

    def action_balance(self) -> None:
        """The threshold that treats both classes alike on the training rows."""
        self._set_threshold(balanced(self._training, self._now.network))

    def action_as_set(self) -> None:
        """The threshold of the settings."""
        self._set_threshold(None)

    def action_leave(self) -> None:
        """Back to the lab; a moved threshold stays moved, and is said there."""
        self.dismiss(None)

    def _set_threshold(self, threshold: float | None) -> None:
        self._run.judge_at(threshold)
        self._fill()

    @property
    def _now(self) -> ShownResult:
        """What is shown: the run's own result, or what it would have been at the cursor's epoch."""
        # A key may come in one write with the one that opened the screen, before anything is filled.
        self._judged = self._judged or _judged(self._run, epoch_shown(self))
        return self._judged

    def _tell_top(self) -> None:
        titles = " ".join(
            f"[{title}]" if section == self._shown else f" {title} "
            for section, title in zip(SECTIONS, self._titles, strict=True)
        )
        weights = self._run.weights_at(epoch_shown(self))
        assert weights is not None
        self._top.write([f"{titles}  {named(self, self._run, weights)}"])

    def _fill(self) -> None:
        run, now = self._run, _judged(self._run, epoch_shown(self))
        self._judged, evaluation, answers = now, now.evaluation, now.answers
        self._tell_top()
        self._words.write(
            [*sentences(evaluation), *([PICKED] if now.is_picked else [])], in_place=now.is_picked
        )
        width = self._words.size.width or 78
        self._measures.write(measure_lines(evaluation), in_place=now.is_picked)
        if isinstance(evaluation, ClassEvaluation):
            if len(self._names) == 2:
                self._threshold.write(self._about_threshold(width))
            could_focus = self._matrix.can_focus
            self._matrix.show(evaluation, width, self.query_one("#matrix").size.height)
            if could_focus is not self._matrix.can_focus:
                self._focus_section()
            metadata, trade = roc_plot(answers, self._names, self._against_rest, now.threshold)
            about_trust, trust = calibration_plot(evaluation)
            wrong = len(now.places)
            self._about_mistakes.write(
                [
                    f"{wrong:,} of {evaluation.rows:,} held-out rows misclassified, the surest first. "
                    "Enter tries one or finds it."
                ]
            )
        else:
            self._matrix.display = False
            metadata, trade = predicted_plot(answers, self._training.examples.outputs[0])
            about_trust, trust = error_plot(answers, run)
            self._about_mistakes.write(["Held-out rows, largest error first. Enter tries one or finds it."])
        self._about_trade.write(metadata)
        self._about_trust.write(about_trust)
        self._trade.show(trade.curves, x_span=trade.x_span, x_label=trade.x_label, y_label=trade.y_label)
        self._trust.show(trust.curves, x_span=trust.x_span, x_label=trust.x_label, y_label=trust.y_label)
        self._table.table = mistakes_table(run.dataset, answers, now.places)

    def _about_threshold(self, width: int) -> list[str]:
        now = self._now
        lines = [threshold_line(now.threshold, self._names[1], width)]
        as_set = decision_threshold(self._training, now.network)
        if now.threshold != as_set:
            before = judge(self._training, now.answers, as_set)
            assert isinstance(before, ClassEvaluation)
            lines.append(
                f"Set to {as_set:.2f}, where {percent(before.accuracy or 0.0)} are right. A threshold "
                "chosen on these rows looks better than it is; b chooses one on the training rows."
            )
        return lines

    @on(TableView.CellSelected)
    @work(exit_on_error=False)
    async def _chosen(self, event: TableView.CellSelected) -> None:
        event.stop()
        example = int(self._now.answers.rows[self._now.places[event.row]])
        row = int(self._run.dataset.rows[example]) + 1
        answers = {"row": "Try it in the prediction form", "find": "Find it in the data pane"}
        answer = await self.app.push_screen_wait(Ask(f"Row {row:,}", answers))
        if answer:
            self.dismiss((answer, example))
