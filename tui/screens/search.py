"""Search in the lab: values to try, candidates ranked as they are judged, the best taken over by a key."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll

from epochal.core.settings import DECLARATIONS, SettingError, Settings, written
from epochal.core.studies.auto.budget import seconds_of_folds
from epochal.core.studies.search import EvaluatedCandidate, candidates, is_indistinguishable, ranked, search
from epochal.core.training.gate import StepGate
from epochal.data.tables.dataset import Dataset
from epochal.tui.runner.background import Background
from epochal.tui.runner.worker_pool import WorkerPool
from epochal.tui.screens.dialog import Dialog
from epochal.tui.widgets.form import Form
from epochal.tui.widgets.form_lines import Field
from epochal.tui.widgets.key_lines import KeyLines
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import fit

TRIED = ("hidden", "learning_rate", "l2", "optimizer")
FOLDS = "folds"
EMPTY = [
    "Cross-validates every combination of these values on the training rows, and ranks them. The held-out "
    "rows are kept for the evaluation of the best. Blanks stand between values.",
    "Press g to begin.",
]
MOST = 200


def first_values(settings: Settings) -> dict[str, str]:
    """What is tried when nothing is typed: the settings as they are, with more and less L2, and L-BFGS."""
    pulls = dict.fromkeys(["0.1", "0.03", "0.01", "0.003", "0.001", "0.0001"])
    pulls.setdefault(written(settings.l2))
    return {
        "hidden": written(settings.hidden),
        "learning_rate": written(settings.learning_rate),
        "l2": " ".join(sorted(pulls, key=float, reverse=True)),
        "optimizer": " ".join(dict.fromkeys([settings.optimizer, "lbfgs"])),
        FOLDS: "5",
    }


class SearchScreen(Dialog[Settings | None]):
    """Gives the settings to use, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "begin", "Find"),
        Binding("x", "stop", "Stop"),
        Binding("u", "use", "Use the best"),
        Binding("escape", "leave", "Back", key_display="esc"),
    ]

    def __init__(self, dataset: Dataset, settings: Settings, gate: StepGate, pool: WorkerPool) -> None:
        super().__init__()
        self._pool = pool
        self._dataset, self._settings, self._gate = dataset, settings, gate
        self.search: Background[EvaluatedCandidate] | None = None
        self._shown = (-1, "")
        self._form = Form(id="search-form")
        self._progress = Lines([""], id="search-progress")
        self._table = Lines(EMPTY, id="search-table")

    def compose(self) -> ComposeResult:
        """Form, progress, ranking."""
        with Vertical(classes="dialog full -idle"):
            yield self._form
            yield self._progress
            with VerticalScroll(id="search-scroll"):
                yield self._table
        yield KeyLines()

    def on_mount(self) -> None:
        """Offer what is usual."""
        fields = [Field(name, DECLARATIONS[name].title, "values to try") for name in TRIED]
        fields.append(Field(FOLDS, "Folds", "folds of the training rows"))
        self._form.show(fields, first_values(self._settings))
        self._form.focus()
        self.set_interval(0.1, self._tick)

    def on_unmount(self) -> None:
        """Nobody waits for it any more."""
        if self.search:
            self.search.stop()

    @property
    def goes_on(self) -> bool:
        """Whether candidates are still being judged."""
        return self.search is not None and self.search.goes_on

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Begin when nothing goes on, stop when something does, use what was found."""
        if action in ("begin", "stop"):
            return self.goes_on == (action == "stop")
        if action == "use":
            return bool(self.search and self.search.done)
        return super().check_action(action, parameters)

    def action_begin(self) -> None:
        """Judge one candidate after the other."""
        wrong, tried, folds = self._typed()
        self._form.set_errors(wrong)
        if not wrong:
            examples, pool = self._dataset.examples, self._pool
            self.query_one(".dialog").remove_class("-idle")
            self.search = Background(
                lambda gate: search(
                    examples,
                    tried,
                    folds,
                    gate=gate,
                    executor=pool.for_work(seconds_of_folds(examples, tried, folds)),
                ),
                len(tried),
                self._gate,
                "The search",
            )
            self._form.locked = True
            self._shown = (-1, "")
            self._tick()

    def action_stop(self) -> None:
        """End it, and rank what there is."""
        if self.search:
            self.search.stop()

    def action_use(self) -> None:
        """Take the best so far into the lab's settings."""
        if self.search and self.search.done:
            self.dismiss(ranked(list(self.search.done))[0].settings)

    def action_leave(self) -> None:
        """Back to the lab, with its settings as they were."""
        self.dismiss(None)

    @on(Form.Changed)
    def _changed(self, event: Form.Changed) -> None:
        event.stop()
        self._form.set_errors(self._typed()[0])

    @on(Form.Refused)
    def _locked(self, event: Form.Refused) -> None:
        event.stop()
        self.notify("Running: x stops it.", markup=False)

    def _typed(self) -> tuple[dict[str, str], list[Settings], int]:
        """What is wrong with what is typed; the candidates and folds where nothing is."""
        texts, wrong, tried = self._form.texts, {}, []
        values = {name: texts[name].split() for name in TRIED}
        wrong = {name: "at least one value" for name in TRIED if not values[name]}
        for name in TRIED:
            for value in values[name]:
                try:
                    candidates(self._settings, {name: [value]})
                except SettingError as error:
                    wrong.setdefault(error.setting, str(error))
        count = texts[FOLDS].strip()
        folds = int(count) if count.isdecimal() and len(count) < 10 else 0
        if folds < 2:
            wrong[FOLDS] = "a whole number from 2 on"
        if not wrong:
            try:
                tried = candidates(self._settings, values)
            except SettingError as error:
                wrong[error.setting if error.setting in texts else TRIED[0]] = str(error)
        if len(tried) > MOST:
            wrong[TRIED[0]] = f"{len(tried):,} combinations are too many: {MOST} at most"
        return wrong, tried, folds

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
        self.refresh_bindings()
        done = f"{len(going.done)} of {going.expected} candidates"
        title = "Searching" if going.goes_on else going.phase.title()
        where = f"; {self._pool.dashboard}" if self._pool.dashboard else ""
        self._progress.write([f"{title}: {done}, {going.seconds:.1f} s{where}"])
        lines = ranking(going) if going.done else []
        if lines or going.failure:
            self._table.write([*([going.failure, ""] if going.failure else []), *lines])


def ranking(judged: Background[EvaluatedCandidate]) -> list[str]:
    """A line for each candidate, the best first."""
    order = ranked(list(judged.done))
    scoring = order[0].summary.scoring
    lines = ["    " + fit(scoring.short_heading, 9) + " ".join(fit(DECLARATIONS[n].title, 13) for n in TRIED)]
    for place, one in enumerate(order, 1):
        mark = "=" if place > 1 and is_indistinguishable(order[0], one) else " "
        values = " ".join(fit(written(getattr(one.settings, name)), 13) for name in TRIED)
        lines.append(f"{place:>3}{mark}{fit(scoring.written(one.score.mean), 9)}{values}".rstrip())
    return [
        *lines,
        "",
        "= indistinguishable from the best by these folds. u uses the best: then train it (t).",
    ]
