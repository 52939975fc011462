"""The full search for settings in the lab: its leaderboard live, the winner trained by a key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll

from epochal.core.numerals import significant
from epochal.core.settings import DECLARATIONS, Settings, written
from epochal.core.studies.auto.auto import AutoSearch
from epochal.core.studies.auto.budget import default_budget
from epochal.core.studies.auto.choice import difference, excess
from epochal.core.studies.auto.halving import Standing
from epochal.core.studies.auto.report import SearchReport, network_in_words
from epochal.core.training.gate import StepGate
from epochal.data.atomic_write import whole_file
from epochal.data.exports.search_csv import search_csv
from epochal.data.models.prediction_files import free_name
from epochal.data.paths import refusal
from epochal.data.tables.bundled import path_beside
from epochal.data.tables.dataset import Dataset
from epochal.tui.runner.background import Background
from epochal.tui.runner.worker_pool import WorkerPool
from epochal.tui.screens.dialog import Dialog
from epochal.tui.screens.save import Save
from epochal.tui.widgets.form import Form
from epochal.tui.widgets.form_lines import Field
from epochal.tui.widgets.key_lines import KeyLines
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import UNICODE, fit

BUDGET = "budget"
GRID: Literal["grid"] = "grid"
# How many times the budget of `t` this search has: whoever asks for it has come for it.
TIMES_THE_BUDGET = 5

Found = SearchReport | Literal["grid"]


class LeaderboardScreen(Dialog[Found | None]):
    """Gives the report of the search whose winner is to be trained, `grid` for typed values, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "begin", "Find"),
        Binding("x", "stop", "Stop"),
        Binding("u", "use", "Train the best"),
        Binding("w", "write", "CSV"),
        Binding("v", "vary", "Values of your own"),
        Binding("escape", "leave", "Back", key_display="esc"),
    ]

    def __init__(
        self, dataset: Dataset, settings: Settings, fixed: frozenset[str], gate: StepGate, pool: WorkerPool
    ) -> None:
        super().__init__()
        self._dataset, self._settings, self._fixed = dataset, settings, fixed
        self._gate, self._pool = gate, pool
        self.search: Background[float] | None = None
        self._auto: AutoSearch | None = None
        self._shown: object = None
        self._form = Form(id="budget-form")
        self._progress = Lines([""], id="search-progress")
        kept = ", ".join(DECLARATIONS[name].title for name in DECLARATIONS if name in fixed)
        self._about = [
            "Tries networks of several sizes, each with L2 from strong to weak, on parts of the training "
            "rows; the better ones go on. The held-out rows take no part.",
            f"{kept} as typed." if kept else "Every setting is free.",
            "Press g to begin; v tries values of your own instead.",
        ]
        self._table = Lines(self._about, id="search-table")

    def compose(self) -> ComposeResult:
        """Budget, progress, leaderboard."""
        with Vertical(classes="dialog full"):
            yield self._form
            yield self._progress
            with VerticalScroll(id="search-scroll"):
                yield self._table
        yield KeyLines()

    def on_mount(self) -> None:
        """Offer more time than `t` takes."""
        rows = round(len(self._dataset.examples) * (1.0 - self._settings.held_out))
        usual = f"{TIMES_THE_BUDGET * default_budget(rows):.1f}"
        self._form.show([Field(BUDGET, "Budget", "seconds of a usual processor")], {BUDGET: usual})
        self._form.focus()
        self.set_interval(0.2, self._tick)

    def on_unmount(self) -> None:
        """Nobody waits for it any more."""
        if self.search:
            self.search.stop()

    @property
    def goes_on(self) -> bool:
        """Whether candidates are still being trained."""
        return self.search is not None and self.search.goes_on

    @property
    def _has_choice(self) -> bool:
        return self._auto is not None and self._auto.has_choice

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Begin when nothing goes on, stop when something does, use and write what was found."""
        if action in ("begin", "stop"):
            return self.goes_on == (action == "stop")
        if action in ("use", "write"):
            return self._has_choice and not self.goes_on
        return super().check_action(action, parameters)

    def action_begin(self) -> None:
        """Search anew."""
        budget = self._budget
        self._form.set_errors({} if budget else {BUDGET: "a number of seconds above 0"})
        if budget:
            self._auto = None
            self.search = Background(lambda gate: self._made(budget, gate), 1, self._gate, "The search")
            self._form.locked = True
            self._tick()

    def _made(self, budget: float, gate: StepGate) -> Iterator[float]:
        auto = AutoSearch(self._dataset.examples, self._settings, self._fixed, budget=budget, gate=gate)
        if auto.needs_no_search:
            raise ValueError(auto.remark or "Every setting is given: there is nothing to search for.")
        auto.train_by(self._pool.for_work(budget))
        self._auto = auto
        try:
            for _ in auto:
                yield auto.progress
        finally:
            auto.close()

    @property
    def _budget(self) -> float | None:
        try:
            seconds = float(self._form.texts[BUDGET].strip())
        except ValueError:
            return None
        return seconds if 0.0 < seconds < 1e9 else None

    def action_stop(self) -> None:
        """End it, with the standings as they are."""
        if self.search:
            self.search.stop()

    def _report(self) -> SearchReport | None:
        """The account of the search; a sentence on the screen where there is no winner."""
        assert self._auto is not None
        try:
            return self._auto.report()
        except ValueError as error:
            self.notify(str(error), severity="warning", markup=False)
            return None

    def action_use(self) -> None:
        """Train the winner on all training rows."""
        if report := self._report():
            self.dismiss(report)

    def action_write(self) -> None:
        """Write every candidate to a file."""
        if report := self._report():
            place = free_name(path_beside(self._dataset.table), "search")
            explanation = ["Every candidate of the search with its loss and settings, as CSV."]

            def written_to(found: tuple[Path, bool] | None) -> None:
                if found:
                    self._write(search_csv(report), *found)

            self.app.push_screen(Save(place, explanation), written_to)

    def _write(self, text: str, path: Path, force: bool) -> None:
        try:
            with whole_file(path, force=force) as file:
                file.write(text.encode("utf-8", "replace"))
            said = f"Written to {path}."
        except OSError as error:
            said = f"Nothing was written to {path}: {refusal(error)}."
        self.notify(said, markup=False)

    def action_vary(self) -> None:
        """Try values of one's own on folds instead."""
        self.dismiss(GRID)

    def action_leave(self) -> None:
        """Back to the lab, with its settings as they were."""
        self.dismiss(None)

    @on(Form.Changed)
    def _changed(self, event: Form.Changed) -> None:
        event.stop()
        self._form.set_errors({} if self._budget else {BUDGET: "a number of seconds above 0"})

    @on(Form.Refused)
    def _locked(self, event: Form.Refused) -> None:
        event.stop()
        self.notify("Running: x stops it.", markup=False)

    def _tick(self) -> None:
        going = self.search
        if going is None:
            return
        state = (len(going.done), going.phase)
        if state == self._shown:
            return
        self._shown = state
        if not going.goes_on:
            self._form.locked = False
            self.query_one("#search-scroll").focus()
        self.refresh_bindings()
        title = "Searching" if going.goes_on else going.phase.title()
        done = going.done[-1] if going.done else 0.0
        if going.phase == "finished":
            done = 1.0
        self._progress.write([f"{title}: {done:.0%}, {going.seconds:.1f} s".replace("%", " %")])
        if going.failure:
            self._table.write([going.failure])
        elif self._auto is not None:
            width = max(self._table.size.width, 40)
            said = [] if going.goes_on or not self._has_choice else self._sentences()
            self._table.write([*said, *leaderboard(self._auto, width)])

    def _sentences(self) -> list[str]:
        report = self._report()
        if report is None:
            return []
        return [*report.sentences(), "u trains the chosen one on all training rows.", ""]


def leaderboard(auto: AutoSearch, width: int) -> list[str]:
    """A line for each candidate, the best first: loss, how far it is from the lowest, settings.

    Before the first comparison the validation error stands in the loss's place.
    """
    standings = auto.standings()
    is_rooted = not auto.examples.classes
    if not auto.has_choice:
        standings = sorted(standings, key=_error_now)
    best = min(standings, key=lambda one: (not one.is_running, one.loss, one.place))
    measure = ("RMSE" if is_rooted else "log loss") if auto.has_choice else "error"
    lines = [f"    {measure:<10}{'difference (95 %)':<26}network        L2       rate    epochs"]
    for place, one in enumerate(standings, 1):
        apart = difference(one, best, is_rooted=is_rooted)
        is_alike = apart is not None and excess(one, best) <= 1.0
        ended = "x" if not UNICODE else "·"
        mark = " " if one.is_running else ended
        settings = one.settings
        lines.append(
            f"{place:>3}{'=' if is_alike else mark}{_loss(one, auto.has_choice, is_rooted):<10}"
            f"{apart.in_words if apart else '':<26}{network_in_words(settings):<14} "
            f"{written(settings.l2):<8} {written(settings.learning_rate):<7} {one.epochs}"
        )
    legend = f"Differences are from the lowest. = cannot be told from it; {ended} ended earlier."
    return [*(fit(line, width).rstrip() for line in lines), "", legend]


def _error_now(one: Standing) -> float:
    return float(one.curve[-1]) if len(one.curve) else float("inf")


def _loss(one: Standing, is_judged: bool, is_rooted: bool) -> str:
    value = one.loss if is_judged else _error_now(one)
    if is_judged and is_rooted:
        value **= 0.5
    return significant(value, 3) if value != float("inf") else "-"
