"""What comes before and after a run: the search for its settings, and its other networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from epochal.core.rows.examples import Examples
from epochal.core.settings import Settings
from epochal.core.studies.auto.auto import AutoSearch
from epochal.core.studies.auto.report import SearchReport
from epochal.core.training.completion import completing
from epochal.core.training.gate import StepGate
from epochal.core.training.training import Training
from epochal.tui.runner.past_epochs import PastEpochs
from epochal.tui.runner.worker_pool import WorkerPool


@dataclass(frozen=True)
class Automatic:
    """Settings are to be found for the table; `fixed` names those that stay as they are.

    `budget` is in seconds; by the number of rows if None. With `found`, the report of a search that has been
    made, there is nothing left to look for.
    """

    fixed: frozenset[str] = frozenset()
    budget: float | None = None
    found: SearchReport | None = None


class SettingsSearch:
    """One search, made by the worker of a run; its standings may be asked for from any thread."""

    def __init__(
        self,
        examples: Examples,
        settings: Settings,
        automatic: Automatic,
        gate: StepGate,
        pool: WorkerPool,
    ) -> None:
        self.search = AutoSearch(examples, settings, automatic.fixed, budget=automatic.budget, gate=gate)
        self._pool = pool
        self.progress = 0.0
        self.is_over = False
        self._taken = False

    def take_best(self) -> None:
        """End as soon as there is a choice to be had."""
        self._taken = True

    def made(self, goes_on: Callable[[], bool]) -> tuple[Settings, SearchReport | None] | None:
        """Search to the end, or to where the best is taken; None when it may not go on before there is one.

        ValueError when every candidate has diverged.
        """
        search = self.search
        if search.needs_no_search:
            return search.settings(), None
        search.train_by(self._pool.for_work(search.budget))
        for _ in search:
            self.progress = search.progress
            if self._taken and search.has_choice:
                break
            if not goes_on():
                search.close()
                return None
        search.close()
        self.progress = 1.0
        return search.settings(), search.report()


class SearchesFirst(PastEpochs):
    """A run whose settings may be found before it trains."""

    def __init__(self, settings: Settings, automatic: Automatic | None) -> None:
        super().__init__(settings)
        self.search: SettingsSearch | None = None
        self.pool = WorkerPool()
        self._automatic = automatic
        self.failure = ""
        self.is_completing = False

    @property
    def is_searching(self) -> bool:
        """Whether its settings are still being found."""
        return self.search is not None and not self.search.is_over

    def take_best(self) -> None:
        """End the search for settings with the best so far, and train."""
        if self.search:
            self.search.take_best()

    def searched(
        self, examples: Examples, gate: StepGate, goes_on: Callable[[], bool]
    ) -> SearchReport | None:
        """Find the settings, if they are to be found; the report of the search, None if there was none."""
        if self._automatic is None:
            return None
        if self._automatic.found:
            return self._automatic.found
        self.search = SettingsSearch(examples, self.settings, self._automatic, gate, self.pool)
        try:
            made = self.search.made(goes_on)
        finally:
            self.search.is_over = True
        if made is None:
            return None
        self.settings, report = made
        self.settings_found()
        return report

    def completed(self, training: Training, goes_on: Callable[[], bool]) -> None:
        """Train what the settings ask for besides the run's own network, while it may go on."""
        for _ in completing(training):
            self.is_completing = True
            if not goes_on():
                break
        self.is_completing = False

    def settings_found(self) -> None:
        """Tell whoever shows them."""
