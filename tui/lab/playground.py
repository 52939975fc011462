"""What the playground may do in the lab: begin anew on another state, or go on with other layers."""

from __future__ import annotations

from epochal.core.settings import read_settings
from epochal.data.tables.bundled import open_table, spoken_name
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.table import Table
from epochal.tui.lab.lab import Lab
from epochal.tui.reporting.playground_state import PlaygroundState
from epochal.tui.runner.run import Branch, Run


class LabBench:
    """The lab as the playground uses it; `table` is the one it was opened on, before anything was painted."""

    def __init__(self, lab: Lab, table: Table) -> None:
        self._lab, self._table = lab, table

    def take(self, state: PlaygroundState) -> Run | None:
        """Learn from that table with those settings, from the beginning. TableError where that cannot be."""
        lab, settings = self._lab, read_settings(state.settings.model_dump())
        dataset = state.dataset(self._opened)
        lab.automatic = None
        if lab.learns_from(dataset):
            lab.change_settings(settings)
        else:
            lab.show_dataset(dataset, settings=settings)
        assert lab.dataset is not None
        if lab.run_shown:
            lab.run_shown.stop()
        run = lab.new_run(lab.dataset, settings)
        lab.show_run(run)
        return run

    def reshape(self, hidden: tuple[int, ...]) -> Run | None:
        """Go on with other hidden layers, as a branch of the run; SettingError where there can be none."""
        lab, run = self._lab, self._lab.run_shown
        if run is None:
            return None
        weights = run.weights_at(None)
        if weights is None:
            # A key in one burst with the one before, whose run has not begun yet: it leaves its place.
            return self._in_place_of(run, hidden)
        now = run.settings_now
        epochs = now.epochs if run.is_active else weights.epoch + now.epochs
        settings = read_settings({"hidden": hidden, "epochs": epochs}, now)
        waits = run.phase == "paused"
        run.stop()
        lab.change_settings(settings)
        new = lab.new_run(run.dataset, settings, Branch(run, weights, {"hidden": hidden}))
        lab.show_run(new, paused=waits)
        return new

    def _in_place_of(self, run: Run, hidden: tuple[int, ...]) -> Run:
        """A run as this one that has not begun, with other hidden layers."""
        settings = read_settings({"hidden": hidden}, run.settings)
        left, waits = run.branch, run.phase == "paused"
        run.stop()
        self._lab.change_settings(settings)
        branch = Branch(left.run, left.weights, {"hidden": hidden}) if left else None
        new = self._lab.new_run(run.dataset, settings, branch)
        self._lab.show_run(new, paused=waits)
        return new

    def _opened(self, name: str) -> Table:
        """The table of that name: the one there is, or one of ours, or a file."""
        return self._table if name == spoken_name(self._table) else open_table(name)


def state_of(lab: Lab, dataset: Dataset) -> PlaygroundState:
    """The playground's state on what the lab learns from."""
    return PlaygroundState(spoken_name(dataset.table), dataset.target, dataset.ignored, settings=lab.settings)


def open_playground(lab: Lab, state: PlaygroundState | None = None) -> None:
    """Open it on the run there is, or on a new one; or on a `state` that the lab was opened with."""
    from epochal.tui.screens.playground.screen import Playground

    dataset = lab.dataset
    if dataset is None:
        return
    run = lab.run_shown
    if state is not None:
        # The table without what is painted on it, which is learned from already.
        bench = LabBench(lab, open_table(state.table))
        run = bench.take(state)
    else:
        state, bench = state_of(lab, dataset), LabBench(lab, dataset.table)
        run = run or lab.begin()
    if run:
        lab.push_screen(Playground(run, bench, state), lambda _: lab.look_back())
