"""The Error pane: the error against the epoch, drawn while the network learns."""

from __future__ import annotations

from time import perf_counter
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.reactive import reactive

from epochal.core.chart.axis import Span
from epochal.core.settings import DECLARATIONS, written
from epochal.tui.panes import leaderboard
from epochal.tui.panes.error_plot import following, plot_of, span_of, zoomed
from epochal.tui.runner.cursor import ON_THE_CHART, about_epoch
from epochal.tui.runner.run import Run
from epochal.tui.runner.settings_search import SettingsSearch
from epochal.tui.widgets.chart import Chart
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import GLYPHS, fit

BACK, VIEWS = "left, right: epochs", "[ ] zoom  A: accuracy  l: log"
NOTHING: tuple[int, int | None, bool] = (-1, None, False)

EMPTY = [
    "Here the training error and the held-out error will be drawn, epoch by epoch.",
    "Press t to train.",
]


class ErrorPane(Vertical):
    """The chart, and under it how far the run is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "toggle_log", "Log axis"),
        Binding("A", "toggle_accuracy", "Accuracy"),
        Binding("right_square_bracket", "zoom(0.5)", "Zoom in", key_display="[ ]"),
        Binding("left_square_bracket", "zoom(2)", "Zoom out", show=False),
        Binding("0", "show_all", "All epochs"),
        Binding("plus,equals_sign", "app.change_rate(1)", "Higher rate", show=False),
        Binding("minus", "app.change_rate(-1)", "Lower rate", show=False),
        *ON_THE_CHART,
    ]

    run_shown: reactive[Run | None] = reactive(None)
    run_before: reactive[Run | None] = reactive(None, init=False, repaint=False)
    epoch_shown: reactive[int | None] = reactive(None, repaint=False)
    log_axis: reactive[bool] = reactive(False)
    shows_accuracy: reactive[bool] = reactive(False)

    def __init__(self) -> None:
        super().__init__(id="error", classes="pane")
        self.border_title = "3 Error"
        self.can_focus = True
        self._empty = Lines(EMPTY, id="error-empty")
        self._chart = Chart(ascii_only=not GLYPHS, id="chart")
        self._snapshot = Lines(id="moment")
        self._course = Lines(id="course")
        self._progress = Lines(id="progress")
        self._leaderboard = Lines(id="leaderboard")
        # The epochs looked at, where those are not all.
        self._window: Span | None = None
        self._shown: tuple[int, int | None, bool] = NOTHING

    def compose(self) -> ComposeResult:
        """A sentence until there is a run; then the chart, the cursor's epoch, what was changed, and now.

        While settings are searched for, the leaderboard stands below the chart.
        """
        yield self._empty
        yield self._chart
        yield self._snapshot
        yield self._leaderboard
        yield self._course
        yield self._progress

    def watch_run_shown(self, run: Run | None) -> None:
        """Start an empty chart for a new run."""
        self._shown = NOTHING
        self.set_class(run is not None, "-has-run")
        self.border_subtitle = "l: log axis"
        self._window = None
        self.tick()

    def watch_run_before(self) -> None:
        """Draw another run behind."""
        self._shown = NOTHING
        self.tick()

    def watch_epoch_shown(self, epoch: int | None) -> None:
        """Move the cursor on the chart."""
        self.set_class(epoch is not None, "-has-cursor")
        self.tick()

    def on_show(self) -> None:
        """Catch up with what has come while it was hidden."""
        self.tick()

    def watch_log_axis(self) -> None:
        """Redraw on the other axis."""
        self._draw_again()

    def watch_shows_accuracy(self) -> None:
        """Redraw the other measure."""
        self._draw_again()

    def _draw_again(self) -> None:
        self._shown = NOTHING
        self.tick()

    def action_toggle_log(self) -> None:
        """Logarithmic or plain error axis."""
        self.log_axis = not self.log_axis

    def action_toggle_accuracy(self) -> None:
        """The held-out accuracy in place of the errors, or the errors again."""
        run = self.run_shown
        if run and not run.dataset.examples.classes:
            self.notify("Accuracy is a measure of classes; numbers are judged by their error.", markup=False)
            return
        self.shows_accuracy = not self.shows_accuracy

    def action_zoom(self, by: float) -> None:
        """Look at half as many epochs around the cursor or the newest one, or at twice as many."""
        run = self.run_shown
        if run and run.length:
            whole = (0.0, span_of(run.length, run.settings.epochs))
            at = float(run.length if self.epoch_shown is None else self.epoch_shown)
            self._window = zoomed(self._window or whole, whole, at, by)
            self._draw_again()

    def action_show_all(self) -> None:
        """Look at all epochs again."""
        self._window = None
        self._draw_again()

    def tick(self) -> float:
        """Draw what is new, if anything; how many seconds that took."""
        run = self.run_shown
        if run is None or not self.is_mounted or not self.display:
            return 0.0
        started = perf_counter()
        width = max(self._progress.size.width, 20)
        self.set_class(run.is_searching, "-searching")
        if run.is_searching and run.search:
            self._show_search(run.search, width)
            return perf_counter() - started
        said = progress(run, width)
        if (
            run.length
            and not run.is_active
            and not self.styles.border_bottom[0]
            and len(f"{said}, {BACK}") <= width
        ):
            # Where there is no border to say it.
            said += f", {BACK}"
        self._progress.write([said])
        training = run.training
        if training is None:
            return 0.0
        self.border_subtitle = (
            f"left right  + -: rate  {VIEWS}" if run.can_be_steered else f"left right  b: best  {VIEWS}"
        )
        course = course_of(run)
        self.set_class(bool(course), "-has-course")
        self._course.write([fit(course, max(self._chart.size.width, 20))])
        weights = run.weights_at(self.epoch_shown) if self.epoch_shown is not None else None
        if weights:
            self._snapshot.write([about_epoch(run, weights, max(self._chart.size.width, 20))])
        length, cursor = training.history.length, weights.epoch if weights else None
        if self._shown == (length, cursor, run.is_active):
            return 0.0
        self._shown = length, cursor, run.is_active
        if self._window:
            self._window = following(self._window, cursor if cursor is not None else length)
        self._chart.show_plot(
            plot_of(
                run,
                self.run_before,
                length,
                cursor,
                window=self._window,
                log=self.log_axis,
                accuracy=self.shows_accuracy,
            )
        )
        return perf_counter() - started

    def _show_search(self, search: SettingsSearch, width: int) -> None:
        """The candidates that race, their validation errors on the chart."""
        self.border_subtitle = ""
        self._progress.write([leaderboard.in_words(search, width)])
        standings = search.search.standings()
        height = max(3, min(12, (self.size.height - 4) // 3))
        self._leaderboard.styles.height = height
        self._leaderboard.write(leaderboard.rows(standings, height, width))
        curves = leaderboard.curves(standings)
        if curves:
            span = max(one.settings.epochs for one in standings if one.is_running)
            self._chart.show(curves, x_span=(0.0, float(span)), log=self.log_axis, y_label="validation error")


def course_of(run: Run) -> str:
    """What is particular to a run: epochs that are not kept, how it was steered, last first, its branch."""
    said = []
    every = run.weight_history.every if run.weight_history else 1
    if every > 1:
        said.append(f"of the older epochs at least every {ordinal(every)} is kept")
    changes = run.training.changes if run.training else ()
    for change in reversed(changes):
        title = DECLARATIONS[change.setting].title.lower()
        said.append(f"{title} {written(change.value)} from epoch {change.epoch:,}")
    if run.branch:
        said.append(f"branch {run.branch.in_words}")
    return "; ".join(said)


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `12th`."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{'th' if number % 100 in (11, 12, 13) else ending}"


def progress(run: Run, width: int) -> str:
    """How far the run is, how fast, how long still; what ended it."""
    training, planned = run.training, run.settings.epochs
    if training is None or (run.length == 0 and run.phase == "training"):
        if run.phase == "stopped":
            return "Stopped during the search for settings: nothing was trained."
        return run.failure or "Getting ready..."
    done = run.length
    seconds = training.history[-1].seconds if done else 0.0
    speed = done / seconds if seconds else 0.0
    words = [f"epoch {done:,} of {planned:,}", f"{speed:,.0f} a second"]
    match run.phase:
        case "training":
            words.append(f"{_duration((planned - done) / speed)} left" if speed else "")
        case "paused":
            words.append("paused: t goes on, s steps")
        case "early":
            words = [
                f"stopped early after {done:,} of {planned:,} epochs, kept epoch {training.kept_epoch:,}"
            ]
        case "diverged":
            words = [f"diverged in epoch {training.diverged_at:,}: try a smaller learning rate"]
        case ended:
            words = [f"{ended} after {done:,} of {planned:,} epochs", f"{_duration(seconds)} of training"]
            if len(", ".join(words)) > width:
                words[1] = _duration(seconds)
    text = ", ".join(words)
    cells = width - len(text) - 1
    if cells < 5 or run.phase not in ("training", "paused"):
        return text
    full, empty = ("━", "─") if GLYPHS else ("#", "-")
    filled = cells * done // planned
    return f"{full * filled}{empty * (cells - filled)} {text}"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s" if seconds < 3600 else f"{seconds / 3600:.1f} h"
