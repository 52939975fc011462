"""What a chart shows, as values: curves, bands, spans, and the names of its axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from epochal.core.chart.axis import Span
from epochal.core.chart.thinning import Floats
from epochal.tui.widgets.frame import Colour
from epochal.tui.widgets.pen import Marker


@dataclass(frozen=True, eq=False)
class Curve:
    """One measure over the epochs: `x` ascends, `y` has a value for each, NaN where there is none.

    Colour never tells two curves apart alone: each has its own marker. One without a name has no legend.
    """

    name: str
    x: Floats
    y: Floats
    colour: Colour = "primary"
    marker: Marker = "line"

    def __post_init__(self) -> None:
        if np.shape(self.x) != np.shape(self.y):
            raise ValueError(f"{len(self.x)} epochs, but {len(self.y)} values of {self.name}")


@dataclass(frozen=True, eq=False)
class Band:
    """What lies between two measures, filled: `low` and `high` for each `x`, which ascends."""

    name: str
    x: Floats
    low: Floats
    high: Floats
    colour: Colour = "dim"


@dataclass(frozen=True, eq=False)
class Plot:
    """What is to be seen: curves over a span of epochs, with the axes' names and units.

    `bands` lie behind the curves. At `cursor`, an epoch, an upright line stands behind them; under each of
    `marks` a tick on the axis. With `end_labels` names stand beside the curves' last points where there is
    room; a plot that is `settled` grows no more, so that its axis fits what is there.
    """

    curves: Sequence[Curve]
    x_span: Span
    log: bool = False
    x_label: str = "epoch"
    y_label: str = "error"
    cursor: float | None = None
    marks: Sequence[float] = ()
    bands: Sequence[Band] = ()
    end_labels: bool = False
    settled: bool = False

    def __post_init__(self) -> None:
        low, high = self.x_span
        if not low < high:
            raise ValueError(f"the epochs run from a lower to a higher number, not from {low} to {high}")
