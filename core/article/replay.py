"""The result of a replay: what the tutorial printed, and the true accuracy of the same weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from epochal.core.evaluation.wording import percent

CHANCE = 0.05


@dataclass(frozen=True, eq=False)
class Replay:
    """What the tutorial printed, and what the same weights are worth.

    `printed_accuracy` is what it took for per cent. `true_accuracy` is the share of held-out rows on the
    right side of the middle of the label range, with Wilson's 95 % `interval`; `baseline` is the share
    right when always answering `baseline_class`, the most frequent one in training, and `p_value` the
    exact binomial probability of as many right answers from something as good as that. `curve` has the
    error of every epoch, `errors` those at epochs 100, 200, ... as printed.
    """

    repairs: tuple[str, ...]
    seed: int
    printed_accuracy: float
    printed_lines: tuple[str, ...]
    held_out_rows: int
    held_out_right: int
    held_out_classes: Mapping[str, int]
    true_accuracy: float
    interval: tuple[float, float]
    baseline: float
    baseline_class: str
    p_value: float
    errors: tuple[float, ...]
    curve: tuple[float, ...]

    @property
    def beats_baseline(self) -> bool:
        """Whether it does better than the baseline beyond chance; never on rows of one class only."""
        mixed = min(self.held_out_classes.values()) > 0
        return mixed and self.true_accuracy > self.baseline and self.p_value < CHANCE

    def in_words(self) -> list[str]:
        """What was printed, what it is, and what is true."""
        low, high = self.interval
        printed = f'Printed: "{self.printed_lines[-1]}".'
        if "argmax-of-one-column" not in self.repairs:
            printed += (
                f" That is no accuracy: it is {self.held_out_rows} held-out rows, every one counted as "
                "right, divided by 1. Any weights at all print it."
            )
        held = ", ".join(f"{count} {name}" for name, count in self.held_out_classes.items())
        figures = (
            f"True: {self.held_out_right} of {self.held_out_rows} held-out rows right ({held}), "
            f"{percent(self.true_accuracy)} (95 % interval {percent(low)[:-2]} to {percent(high)}); "
            f"always answering {self.baseline_class}: {percent(self.baseline)}."
        )
        if min(self.held_out_classes.values()) == 0:
            worth = "The held-out rows are all of one class: they cannot show whether anything was learned."
        elif self.beats_baseline:
            worth = "Better than always giving that answer, beyond chance."
        else:
            worth = "Not better than always giving that answer beyond chance."
        return [printed, figures, worth]
