"""The network on the screen: a widget in which the arrow keys go from node to node."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from epochal.core.explain.node_statistics import Node
from epochal.tui.screens.network.drawing import INKS, LEGEND, Picture, draw, legend
from epochal.tui.screens.network.layout import Layout, lay_out
from epochal.tui.widgets.changed_cells import stretches
from epochal.tui.widgets.frame import Frame
from epochal.tui.widgets.text import visible

NOWHERE: Node = (-1, -1)
"""No node is in focus where nobody can go to one."""


class NetworkView(Widget, can_focus=True):
    """Owns which node is in focus; redraws only the cells that differ."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Nodes", key_display="arrows"),
        Binding("down", "move(1)", "Node below", show=False),
        Binding("pageup", "move(-10)", "Ten above", show=False),
        Binding("pagedown", "move(10)", "Ten below", show=False),
        Binding("home", "move(-1000000)", "First node", show=False),
        Binding("end", "move(1000000)", "Last node", show=False),
        Binding("left", "cross(-1)", "Layer before", show=False),
        Binding("right", "cross(1)", "Layer after", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"network--{ink}" for ink in INKS}
    DEFAULT_CSS = """
    NetworkView {
        & > .network--text { color: $foreground; }
        & > .network--muted { color: $text-muted; }
        & > .network--strong { color: $foreground; text-style: bold; }
        & > .network--positive { color: $text-primary; }
        & > .network--negative { color: $text-warning; }
        & > .network--positive-faint { color: $primary 45%; }
        & > .network--negative-faint { color: $warning 35%; }
        & > .network--low3 { background: $warning 85%; color: auto; }
        & > .network--low2 { background: $warning 50%; color: auto; }
        & > .network--low1 { background: $warning 22%; color: auto; }
        & > .network--nought { background: $foreground 12%; color: auto; }
        & > .network--high1 { background: $primary 30%; color: auto; }
        & > .network--high2 { background: $primary 60%; color: auto; }
        & > .network--high3 { background: $primary; color: auto; }
        & > .network--focus { color: $foreground; background: $background; text-style: bold reverse; }
        & > .network--off { color: $text-muted; }
        & > .network--gone { color: $text-error; background: $error 15%; }
        &:ansi > .network--positive-faint, &:ansi > .network--negative-faint { text-style: dim; }
    }
    """

    # The node in focus. Who watches it is called at once, so that what it changes is painted with it.
    at: reactive[Node] = reactive((1, 0), init=False, repaint=False)

    def __init__(self, *, ascii_only: bool, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._ascii_only = ascii_only
        self._firsts: dict[int, int] = {}
        self._picture: Picture | None = None
        self._frame = Frame.blank(0, 0, INKS)

    def show(self, picture: Picture) -> None:
        """Draw this, as far as it differs from what is shown."""
        self._picture = picture
        self._draw_again()

    def action_move(self, by: int) -> None:
        """Go up or down in the layer."""
        if self._picture:
            layer, place = self.at
            self.go_to((layer, min(max(place + by, 0), self._picture.sizes[layer] - 1)))

    def action_cross(self, by: int) -> None:
        """Go to the nearest node of the layer before or after."""
        if self._picture is None:
            return
        layer = min(max(self.at[0] + by, 0), len(self._picture.layers) - 1)
        if layer != self.at[0]:
            here, there = self._layout(self.at), self._layout((layer, self._firsts.get(layer, 0)))
            column, target = here.column(self.at[0]), here.column(layer) or there.column(layer)
            assert column is not None
            assert target is not None
            self.go_to((layer, target.nearest(column.row_of(self.at[1]) or 0)))

    def on_click(self, event: events.Click) -> None:
        """Go to the node under the mouse."""
        if self._picture is None:
            return
        layout = self._layout(self.at)
        column = min(layout.columns, key=lambda column: abs(column.middle - event.x))
        self.go_to((column.layer, column.nearest(event.y)))

    def go_to(self, node: Node) -> None:
        """Give this node the focus."""
        self.at = node

    def watch_at(self) -> None:
        """Draw it in focus."""
        self._draw_again()

    def _layout(self, at: Node) -> Layout:
        picture = self._picture
        assert picture is not None
        longest_name, longest_answer = (
            max(len(visible(name)) for name in names) for names in (picture.names, picture.answers)
        )
        size = self.size.width, max(self.size.height - LEGEND - 1, 4)
        return lay_out(picture.sizes, size, at, self._firsts, longest_name, longest_answer)

    def _draw_again(self) -> None:
        if not self.size or self._picture is None:
            return
        last, self._frame = self._frame, self._drawn()
        if last.size != self._frame.size:
            self.refresh()
            return
        new = self._frame
        differs = (new.glyphs != last.glyphs) | (new.inks != last.inks)
        if regions := stretches(differs, (new.glyphs == 0) | (last.glyphs == 0)):
            self.refresh(*regions)

    def _drawn(self) -> Frame:
        picture = self._picture
        frame = Frame.blank(*self.size, INKS)
        if picture is None:
            return frame
        layout = self._layout(self.at)
        self._firsts.update({column.layer: column.first for column in layout.columns})
        focus = self.at if self.can_focus else NOWHERE
        drawing = draw(picture, layout, focus, ascii_only=self._ascii_only)
        below = legend(self.size.width, ascii_only=self._ascii_only)
        for part, top in ((drawing, 0), (below, max(self.size.height - LEGEND, 0))):
            rows = slice(top, min(top + part.size[1], self.size.height))
            frame.glyphs[rows] = part.glyphs[: rows.stop - top]
            frame.inks[rows] = part.inks[: rows.stop - top]
        return frame

    def render_line(self, y: int) -> Strip:
        """One row of the frame, which is drawn anew where the widget's size is not the frame's."""
        if self._frame.size != tuple(self.size):
            self._frame = self._drawn()
        style = self.get_component_rich_style
        return Strip(
            [Segment(text, style(f"network--{ink}")) for text, ink in self._frame.runs(y)], self.size.width
        )
