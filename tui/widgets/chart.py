"""The live chart: a widget that sends the terminal only the cells a new frame changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from epochal.core.chart.axis import Span
from epochal.tui.widgets.drawing import Drawing
from epochal.tui.widgets.frame import INKS, Frame
from epochal.tui.widgets.plot import Curve, Plot

__all__ = ["Chart", "Curve"]


class Chart(Widget):
    """Curves over the epochs, on axes that stay where they are as long as they can.

    The caller gives the span of x; the chart owns the span of y, which moves rarely. With `ascii_only`
    nothing but ASCII is drawn. Names and labels are drawn as they are, never as markup.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"chart--{ink}" for ink in INKS}
    DEFAULT_CSS = """
    Chart {
        width: 1fr;
        height: 1fr;
        & > .chart--label { color: $foreground; }
        & > .chart--frame { color: $foreground 80%; }
        & > .chart--primary { color: $text-primary; }
        & > .chart--secondary { color: $text-secondary; }
        & > .chart--accent { color: $text-accent; }
        & > .chart--success { color: $text-success; }
        & > .chart--warning { color: $text-warning; }
        & > .chart--error { color: $text-error; }
        & > .chart--dim { color: $foreground 76%; }
    }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._drawing = Drawing(ascii_only=ascii_only)
        self._plot = Plot((), (0.0, 1.0))
        self._frame = Frame.blank(0, 0)

    def show(
        self,
        curves: Sequence[Curve],
        *,
        x_span: Span,
        log: bool = False,
        x_label: str = "epoch",
        y_label: str = "error",
        cursor: float | None = None,
        marks: Sequence[float] = (),
    ) -> int:
        """Draw the curves, and refresh the stretches of rows that differ from what is shown: their cells.

        0 means that nothing changed, or that the chart has no size yet; it is drawn when it gets one.
        """
        return self.show_plot(
            Plot(
                curves=curves,
                x_span=x_span,
                log=log,
                x_label=x_label,
                y_label=y_label,
                cursor=cursor,
                marks=marks,
            )
        )

    def show_plot(self, plot: Plot) -> int:
        """The same of a whole plot."""
        self._plot, last = plot, self._frame
        if not self.size:
            return 0
        if last.size != tuple(self.size):
            self.refresh()
            return self.size.area
        self._frame = self._drawing.draw(self._plot, *self.size)
        regions = [Region(x, y, width, 1) for y, x, width in self._frame.changes(last)]
        if regions:
            self.refresh(*regions)
        return sum(region.width for region in regions)

    def render_line(self, y: int) -> Strip:
        """One row of the frame, which is drawn anew where the widget's size is not the frame's."""
        if self._frame.size != tuple(self.size):
            self._frame = self._drawing.draw(self._plot, *self.size)
        styles = self.get_component_rich_style
        return Strip(
            [Segment(text, styles(f"chart--{ink}")) for text, ink in self._frame.runs(y)], self.size.width
        )
