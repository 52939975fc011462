"""A branch: on from an epoch with other settings; or the run itself, steered from its next epoch on."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from epochal.core.settings import DECLARATIONS, Settings, read_settings, setting_errors, written
from epochal.core.training.steering import STEERABLE
from epochal.tui.screens.dialog import Dialog
from epochal.tui.widgets.form import Form
from epochal.tui.widgets.form_lines import Field
from epochal.tui.widgets.key_lines import KeyLines
from epochal.tui.widgets.plain_lines import Lines

CHANGEABLE = ("learning_rate", "optimizer", "batch_size", "l2", "dropout", "epochs")
"""What a branch may have otherwise: how it learns, not which rows it has or which network."""

Chosen = tuple[Literal["branch", "steer"], dict[str, object]]


class BranchScreen(Dialog[Chosen | None]):
    """Leaves with what to do and the settings that are to be others; with None if nothing is to be done.

    `now` are the settings that the epoch was trained with.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "branch", "Branch off"),
        Binding("s", "steer", "Steer this run"),
        Binding("escape,q", "dismiss(None)", "Back", key_display="esc"),
    ]

    def __init__(self, epoch: int, now: Settings, *, may_steer: bool) -> None:
        super().__init__()
        self._epoch, self._now, self._may_steer = epoch, now, may_steer
        self._form = Form(id="branch-form")
        self._said = Lines([""], id="branch-said")

    def compose(self) -> ComposeResult:
        """Where it leaves from, the fields, and what is wrong or would be done."""
        where = f"after epoch {self._epoch:,}" if self._epoch else "from its first weights"
        with Vertical(classes="dialog"):
            yield Static(f"Go on {where}, otherwise", classes="heading", markup=False)
            yield self._form
            yield self._said
        yield KeyLines()

    def on_mount(self) -> None:
        """Show the settings as they were."""
        declared = [DECLARATIONS[name] for name in CHANGEABLE]
        fields = [Field(one.name, one.title, choices=one.choices) for one in declared]
        texts = {name: written(getattr(self._now, name)) for name in CHANGEABLE}
        if self._epoch >= self._now.epochs:
            texts["epochs"] = written(self._epoch + self._now.epochs)
        self._form.show(fields, texts)
        self.set_focus(self._form)
        self._tell()

    def action_branch(self) -> None:
        """Leave the run there."""
        if not self._form.errors:
            self.dismiss(("branch", self._changed()))

    def action_steer(self) -> None:
        """Change the run itself, if what is changed can be changed while it trains."""
        if not self._form.errors and self._can_steer:
            self.dismiss(("steer", self._changed()))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Steer while there is something to steer."""
        if action == "steer":
            return self._can_steer
        return super().check_action(action, parameters)

    @property
    def _can_steer(self) -> bool:
        if not self.is_mounted or self._form.errors:
            return False
        changed = self._changed()
        return self._may_steer and bool(changed) and all(name in STEERABLE for name in changed)

    def _changed(self) -> dict[str, object]:
        read = read_settings(dict(self._form.texts), self._now)
        return {
            name: getattr(read, name)
            for name in CHANGEABLE
            if getattr(read, name) != getattr(self._now, name)
        }

    @on(Form.Changed)
    @on(Form.Moved)
    def _tell(self) -> None:
        errors = setting_errors({**self._now.model_dump(), **self._form.texts})
        if not errors and read_settings(dict(self._form.texts), self._now).epochs <= self._epoch:
            errors = {"epochs": f"more than the {self._epoch:,} there are already"}
        self._form.set_errors(errors)
        field = self._form.current
        declared = DECLARATIONS[field.name] if field else None
        lines = [f"{declared.title}: {declared.allowed}. {declared.sentence}"] if declared else []
        if field and field.name in errors:
            lines = [f"{errors[field.name]}."]
        lines.append("k keeps the run as it is and trains a branch of it." + self._of_steering())
        self._said.write(lines)
        self.refresh_bindings()

    def _of_steering(self) -> str:
        if not self._may_steer:
            return ""
        return f" s changes the run itself ({', '.join(DECLARATIONS[name].title for name in STEERABLE[:2])})."
