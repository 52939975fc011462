"""The report of a search: every candidate with its validation loss, which was chosen, and why, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from epochal.core.network.losses import BY_TASK
from epochal.core.numerals import significant
from epochal.core.settings import DECLARATIONS, Settings, written
from epochal.core.studies.auto.choice import Difference

# What is worded of a candidate, beside its network.
VARIED = ("l2", "learning_rate", "batch_size", "epochs")


@dataclass(frozen=True)
class Candidate:
    """Settings that were tried: for how many epochs, and the mean loss of their validation rows.

    `is_finalist` when they were trained to the end; `is_indistinguishable` when their loss is within one
    standard error of the lowest. `difference` is that of a finalist's loss from the lowest.
    """

    settings: Settings
    epochs: int
    loss: float
    is_finalist: bool
    is_indistinguishable: bool
    difference: Difference | None = None


@dataclass(frozen=True)
class SearchReport:
    """What a search was asked for and what it found: the candidates, the best first, and which was chosen.

    `loss_name` says what the losses are: log loss in nats, or the root of the mean squared error in the
    target's units. `folds` is 1 for a single validation share; `rows` of `training_rows` were looked at.
    """

    fixed: tuple[str, ...]
    budget: float
    folds: int
    rows: int
    training_rows: int
    loss_name: str
    candidates: tuple[Candidate, ...]
    chosen: int

    @property
    def winner(self) -> Candidate:
        """The candidate that was chosen."""
        return self.candidates[self.chosen]

    def sentences(self) -> list[str]:
        """What was searched, what was chosen, and why."""
        return [self._searched(), self._chosen(), *self._linear()]

    def _searched(self) -> str:
        drawn = "" if self.rows == self.training_rows else f"{self.rows:,} of the "
        how = f"{self.folds} folds" if self.folds > 1 else "a validation share"
        kept = f", with {_settings(self.winner.settings, self.fixed)} fixed" if self.fixed else ""
        return (
            f"Settings found by a search: {len(self.candidates)} candidates on {how} of "
            f"{drawn}{self.training_rows:,} training rows{kept}."
        )

    def _chosen(self) -> str:
        best, winner = self.candidates[0], self.winner
        loss = winner.settings.loss
        settings = f"{network_in_words(winner.settings)}, {_settings(winner.settings, VARIED)}"
        settings += "" if loss == BY_TASK else f", loss {loss}"
        line = f"Chosen: {settings}; validation {self.loss_name} {significant(winner.loss, 3)}"
        others = sum(one.is_indistinguishable for one in self.candidates)
        if winner is not best:
            line += (
                f". The lowest, {significant(best.loss, 3)} of {network_in_words(best.settings)}, is within"
                " one standard error: the linear model is taken"
            )
        if (temperature := winner.settings.temperature) not in (1.0, "fitted"):
            line += f". Temperature {written(temperature)} fits its probabilities of the validation rows"
        if others > 2:
            line += f". {others - 1} others cannot be told from the lowest"
        return f"{line}."

    def _linear(self) -> list[str]:
        """What a tuned linear model gets, unless it is the winner."""
        linear = [one for one in self.candidates if not one.settings.hidden and one.is_finalist]
        if not linear or not self.winner.settings.hidden:
            return []
        best = min(linear, key=lambda one: one.loss)
        if best.is_indistinguishable:
            verdict = "it is as good, as far as these rows can tell"
        else:
            saved = (best.loss - self.winner.loss) / best.loss
            verdict = f"the hidden layers take {saved:.0%} off the loss"
        return [f"A tuned linear model has {significant(best.loss, 3)}: {verdict}."]


def network_in_words(settings: Settings) -> str:
    """The hidden layers in two words: `64,64 relu`, or a linear model."""
    return f"{written(settings.hidden)} {settings.activation}" if settings.hidden else "a linear model"


def _settings(settings: Settings, names: Sequence[str]) -> str:
    return ", ".join(
        f"{DECLARATIONS[name].title.lower() if name != 'l2' else 'L2'} {written(getattr(settings, name))}"
        for name in names
    )
