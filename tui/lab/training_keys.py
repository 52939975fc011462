"""What the keys of a run do: train, pause, step, stop, forget; its cursor, its learning rate."""

from __future__ import annotations

from functools import partial

from epochal.core.training.steering import next_rate
from epochal.tui.lab.full_screens import FULL_SCREENS
from epochal.tui.lab.lab import Lab
from epochal.tui.runner.cursor import moved


class TrainingKeys(Lab):
    """The actions of the keys that are about the run shown."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys that work now, for the footer: one of train, pause and go on, and stop while it goes."""
        phase = self.run_shown.phase if self.run_shown else None
        match action:
            case "train":
                return phase not in ("training", "paused")
            case "pause":
                return phase == "training"
            case "go_on":
                return phase == "paused"
            case "stop":
                return phase in ("training", "paused")
            case "reset":
                return phase is not None
            case "undo":
                return self.changes.can_undo
            case "redo":
                return self.changes.can_redo
            case "suspend_process":
                return not self.is_web
            case "show":
                return FULL_SCREENS[str(parameters[0])].is_offered(self)
            case _:
                return super().check_action(action, parameters)

    def action_train(self) -> None:
        """Begin a run."""
        if self.begin():
            self.show_training()

    def action_pause(self) -> None:
        """Wait at the end of the epoch."""
        if self.run_shown:
            self.run_shown.pause()
        self.show_training()

    def action_go_on(self) -> None:
        """Train on."""
        if self.run_shown:
            self.run_shown.go_on()
        self.show_training()

    def action_step(self) -> None:
        """Train for one epoch."""
        run = self.run_shown if self.run_shown and self.run_shown.is_active else self.begin(paused=True)
        if run:
            run.step()
            self.show_training()

    def action_stop(self) -> None:
        """End the run and judge what there is; during a search for settings, train with the best so far."""
        if self.run_shown and self.run_shown.is_searching:
            self.run_shown.take_best()
        elif self.run_shown:
            self.run_shown.stop()

    def action_reset(self) -> None:
        """Forget the run; ask first if it is still going."""
        self.ask(self._reset())

    async def _reset(self) -> None:
        if await self.may_stop("Stop this run and forget it?"):
            self.forget_run()
            if self.changes.can_undo:
                self.say("The run is forgotten; u brings it back.")

    def action_mark_run(self) -> None:
        """Mark the run shown as the one that the next ones are compared with."""
        self.mark_run()

    def action_undo(self) -> None:
        """Take back the last change of settings, table or run; ask first if a run would be stopped by it."""
        change = self.changes.next_undone()
        if change and "run_shown" in change.before:
            self.ask(self._undo())
        else:
            self.turn_back(self.changes.undo(partial(getattr, self)))

    async def _undo(self) -> None:
        if await self.may_stop("Stop this run and take back what was changed before it?"):
            if self.run_shown:
                self.run_shown.stop()
            self.turn_back(self.changes.undo(partial(getattr, self)))

    def action_redo(self) -> None:
        """Make again what was taken back last."""
        if self.run_shown is None or not self.run_shown.is_active:
            self.turn_back(self.changes.redo(partial(getattr, self)), again=True)

    def action_move_epoch(self, by: int) -> None:
        """Go back to the run as it was so many epochs before, or on from there."""
        if self.run_shown:
            self.epoch_shown = moved(self.run_shown, self.epoch_shown, by)

    def action_change_rate(self, by: int) -> None:
        """The next higher learning rate, or lower below 0, of 0.01, 0.02, 0.05, 0.1 and so on."""
        if self.run_shown:
            self.steer("learning_rate", next_rate(self.run_shown.settings_now.learning_rate, by))

    def action_show_first_epoch(self) -> None:
        """Go back to where the run began."""
        if self.run_shown and self.run_shown.weight_history:
            self.epoch_shown = self.run_shown.first_epoch

    def action_show_best_epoch(self) -> None:
        """Go to the epoch that patience keeps, or else to that of least held-out error."""
        if self.run_shown and self.run_shown.best_epoch is not None:
            self.epoch_shown = self.run_shown.best_epoch

    def action_show_newest_epoch(self) -> None:
        """Back to the newest epoch, and to the result of a run that has ended."""
        self.epoch_shown = None
