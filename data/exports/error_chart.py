"""The chart of a run's errors, as a picture: both curves, the axes, and the epoch whose weights were kept."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from epochal.core.chart.axis import Span, settle, ticks
from epochal.core.chart.thinning import thin
from epochal.core.training.history import Epoch
from epochal.data.exports.picture import Line, Picture, Words

Floats = NDArray[np.float64]
Number = TypeVar("Number", float, Floats)

SIZE = (800, 450)
LEFT, RIGHT, TOP, BOTTOM = 70.0, 20.0, 64.0, 50.0

# Each curve differs from the others in its dashes too, for those who see no colours and for grey prints.
CURVES: tuple[tuple[str, str, str, float, tuple[float, float] | None], ...] = (
    ("training_error", "training rows", "#0072b2", 1.6, None),
    ("held_out_error", "held-out rows", "#d55e00", 1.8, (7, 3)),
    ("validation_error", "validation rows", "#009e73", 1.6, (2, 3)),
)
# Letters of a title that have room above the chart.
LONGEST = 70
AXIS, GRID = "#444444", "#e4e4e4"


def error_chart(rows: Floats, title: str, y_label: str, kept_epoch: int = 0) -> Picture:
    """The errors of a run, epochs x the fields of `Epoch`; what is not finite is left out of its curve.

    `kept_epoch` is marked, if it is not 0.
    """
    width, height = SIZE
    drawn = [(one, rows[:, Epoch._fields.index(one[0])]) for one in CURVES]
    drawn = [(one, values) for one, values in drawn if np.isfinite(values).any()]
    x_span = (0.0, max(float(rows[-1, 0]) if len(rows) else 1.0, 1.0))
    y_span = _height([values for _, values in drawn])

    def across(epoch: Number) -> Number:
        return LEFT + (width - LEFT - RIGHT) / (x_span[1] - x_span[0]) * (epoch - x_span[0])

    def down(error: Number) -> Number:
        return height - BOTTOM - (height - TOP - BOTTOM) / (y_span[1] - y_span[0]) * (error - y_span[0])

    def line(x: list[float], y: list[float], colour: str) -> Line:
        return Line(np.column_stack([x, y]), colour)

    foot, right = height - BOTTOM, width - RIGHT
    # A title that is too long keeps its beginning, and its end, which is the network.
    short = title if len(title) <= LONGEST else f"{title[: LONGEST - 24]} … {title[-20:]}"
    parts: list[Line | Words] = [Words(LEFT, 26, short, size=16, bold=True)]
    for place, label in ticks(y_span, 6):
        y = down(place)
        parts += [line([LEFT, right], [y, y], GRID), Words(LEFT - 8, y + 4.5, label, "end")]
    for place, label in ticks(x_span, 9, smallest_step=1):
        x = across(place)
        parts += [line([x, x], [foot, foot + 5], AXIS), Words(x, foot + 20, label, "middle")]
    parts += [line([LEFT, LEFT, right], [TOP, foot, foot], AXIS)]
    parts += [Words((LEFT + right) / 2, height - 10, "epoch", "middle"), Words(8, 50, y_label)]
    if kept_epoch:
        x = across(float(kept_epoch))
        parts += [
            Line(np.array([[x, TOP], [x, foot]]), AXIS, dashes=(1, 3)),
            Words(
                x - 5 if x > right / 2 else x + 5,
                TOP + 14,
                f"kept: epoch {kept_epoch:,}",
                "end" if x > right / 2 else "start",
                size=11,
            ),
        ]
    legend = right - 150.0 * len(drawn)
    for place, ((_, name, colour, thick, dashes), values) in enumerate(drawn):
        epochs, errors = thin(rows[:, 0], np.where(np.abs(values) < 1e300, values, np.nan), width, x_span)
        parts.append(Line(np.column_stack([across(epochs), down(errors)]), colour, thick, dashes))
        start = legend + 150 * place
        sample = np.array([[start, 46.0], [start + 28, 46.0]])
        parts += [Line(sample, colour, thick, dashes), Words(start + 34, 50, name)]
    return Picture(width, height, title, parts)


def _height(curves: list[Floats]) -> Span:
    values = np.concatenate([curve[np.abs(curve) < 1e300] for curve in curves] or [np.empty(0)])
    return settle(float(values.min()), float(values.max()), None) if values.size else (0.0, 1.0)
