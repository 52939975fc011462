"""The table's portrait: its columns by what they tell, their correlations, and any two as points."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Footer

from epochal.core.profile.column import ColumnProfile
from epochal.core.profile.profile import Profile
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.profiling import profile_of
from epochal.tui.reporting.profile_words import looked_at
from epochal.tui.runner.worker import WorkFailed, off_screen
from epochal.tui.screens.dialog import Dialog
from epochal.tui.screens.profile.card import card
from epochal.tui.screens.profile.correlation_map import Cursor, correlation_map
from epochal.tui.screens.profile.lists import Chooser, column_entries, pair_entries
from epochal.tui.screens.profile.scatter import scatter
from epochal.tui.widgets.colored_lines import ColoredLines, Line
from epochal.tui.widgets.heat import HUES, RANGE_HUES, Rgb
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import GLYPHS, visible

VIEWS = ("columns", "correlations", "pairs")
TITLES = ("1 Columns", "2 Correlations", "3 Pairs")

Draws = Callable[[tuple[int, int]], list[Line]]


class Canvas(ColoredLines):
    """What stands right of the list, drawn for the room that there is."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._draws: Draws | None = None

    def show(self, draws: Draws) -> None:
        """Show what this draws, at any size."""
        self._draws = draws
        self.redraw()

    def lines(self, width: int, height: int) -> list[Line]:
        """What stands on it."""
        return self._draws((width, height)) if self._draws else []


class ProfileScreen(Dialog[Profile | None]):
    """Looks at the table off the screen's thread, unless it is known; gives the profile back for next time.

    `column` is where the cursor begins.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "view('columns')", "Views", key_display="1-3"),
        Binding("2", "view('correlations')", "Correlations", show=False),
        Binding("3", "view('pairs')", "Pairs", show=False),
        Binding("tab", "next_view(1)", "Next view", show=False),
        Binding("shift+tab", "next_view(-1)", "View before", show=False),
        Binding("up", "move(-1, 0)", "Column", key_display="arrows"),
        Binding("down", "move(1, 0)", "Below", show=False),
        Binding("left", "move(0, -1)", "Left", show=False),
        Binding("right", "move(0, 1)", "Right", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "move(-1000000, -1000000)", "First", show=False),
        Binding("end", "move(1000000, 1000000)", "Last", show=False),
        Binding("a", "apart", "Apart or stacked"),
        Binding("r", "ranks", "Ranks or values"),
        Binding("c", "only", "One class"),
        Binding("enter", "points", "As points"),
        Binding("escape,y,q", "leave", "Back", key_display="esc"),
    ]

    DEFAULT_CSS = """
    ProfileScreen {
        background: $background;
        & #profile-top { height: 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
        & Horizontal { height: 1fr; }
        & #profile-list { width: 40%; min-width: 30; max-width: 64; height: 1fr; background: $surface; }
        & #profile-canvas { width: 1fr; height: 1fr; padding: 0 1; }
        &.-correlations #profile-list { display: none; }
    }
    """

    def __init__(self, dataset: Dataset, known: Profile | None = None, column: str | None = None) -> None:
        super().__init__()
        self._dataset, self._profile, self._wanted = dataset, known, column
        self._view = "columns"
        self._columns: list[ColumnProfile] = []
        self._pairs: list[tuple[str, str]] = []
        self._at = {"columns": 0, "pairs": 0}
        self._cell = Cursor(0, 1)
        self._apart, self._by_ranks = not GLYPHS, True
        self._only: int | None = None
        self._top = Lines([""], id="profile-top")
        self._list = Chooser(id="profile-list")
        self._canvas = Canvas(id="profile-canvas")

    def compose(self) -> ComposeResult:
        """A line of state, the list and the picture, the keys."""
        yield self._top
        with Horizontal():
            yield self._list
            yield self._canvas
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Look at the table, and show it."""
        if self.app.no_color:
            self._apart = True
        if self._profile is None:
            columns = len(self._dataset.table.columns)
            self._top.write([f" Looking at {columns:,} {'column' if columns == 1 else 'columns'}..."])
            self._look()
        else:
            self._take(self._profile)

    def on_resize(self, event: events.Resize) -> None:
        """Draw for another room."""
        self.call_after_refresh(self._draw)

    @work(exit_on_error=False)
    async def _look(self) -> None:
        try:
            self._take(await off_screen(lambda: profile_of(self._dataset), "Looking at the table"))
        except WorkFailed:
            self._top.write([" The table could not be looked at."])
            raise

    def _take(self, profile: Profile) -> None:
        self._profile = profile
        target = [profile.target] if profile.target else []
        self._columns = [*target, *profile.columns]
        names = [column.name for column in self._columns]
        first = min(len(target), max(len(names) - 1, 0))
        self._at["columns"] = names.index(self._wanted) if self._wanted in names else first
        self._pairs = [(pair.first, pair.second) for pair in profile.pairs]
        found = profile.correlations
        known = set(self._pairs)
        for one, other in found.strongest(len(found.names)):
            pair = (found.names[one], found.names[other])
            if not {pair, pair[::-1]} & known:
                self._pairs.append(pair)
        self._draw()

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Each view has keys of its own."""
        match action:
            case "apart":
                return self._view == "columns"
            case "ranks":
                return self._view == "correlations"
            case "only":
                return self._view == "pairs"
            case "points":
                return self._view != "pairs"
            case _:
                return super().check_action(action, parameters)

    def action_view(self, name: str) -> None:
        """Show the columns, their correlations, or two of them as points."""
        self._view = name
        self.set_class(name == "correlations", "-correlations")
        self.refresh_bindings()
        # At once, so that no frame shows the view before in the room of this one; and when that is known.
        self._draw()
        self.call_after_refresh(self._draw)

    def action_next_view(self, by: int) -> None:
        """Go to the next view, or the one before."""
        self.action_view(VIEWS[(VIEWS.index(self._view) + by) % len(VIEWS)])

    def action_move(self, down: int, across: int) -> None:
        """Move the cursor."""
        if self._profile is None:
            return
        if self._view == "correlations":
            self._cell = self._cell.moved(down, across, len(self._profile.correlations.names))
        else:
            last = len(self._columns if self._view == "columns" else self._pairs) - 1
            at = self._at[self._view] + (down or across)
            self._at[self._view] = max(min(at, last), 0)
        self._draw()

    def action_page(self, pages: int) -> None:
        """Move by as many entries as are in view."""
        self.action_move(pages * self._list.page, 0)

    def action_apart(self) -> None:
        """A row of bars for each class, or all of them in one bar."""
        self._apart = not self._apart
        self._draw()

    def action_ranks(self) -> None:
        """Correlate the ranks, or the values as they are."""
        self._by_ranks = not self._by_ranks
        self._draw()

    def action_only(self) -> None:
        """The points of one class after the other, then of all again."""
        if self._profile is not None:
            following = 0 if self._only is None else self._only + 1
            self._only = following if following < len(self._profile.groups.names) else None
            self._draw()

    def action_points(self) -> None:
        """The two columns of the cell, or the column with the one it tells most with, as points."""
        pair = self._pair_at_cursor()
        if pair is None:
            self.notify("There is no other column to draw it against.", markup=False)
            return
        if pair not in self._pairs and pair[::-1] not in self._pairs:
            self._pairs.append(pair)
        self._at["pairs"] = self._pairs.index(pair if pair in self._pairs else pair[::-1])
        self.action_view("pairs")

    def action_leave(self) -> None:
        """Back to the lab."""
        self.dismiss(self._profile)

    def _pair_at_cursor(self) -> tuple[str, str] | None:
        if self._profile is None:
            return None
        names = self._profile.correlations.names
        if self._view == "correlations":
            if len(names) < 2 or self._cell.row == self._cell.column:
                return None
            return names[self._cell.column], names[self._cell.row]
        name = self._columns[self._at["columns"]].name
        return next((pair for pair in self._pairs if name in pair), None)

    # Drawing.

    @property
    def _hues(self) -> tuple[Rgb, ...]:
        is_number = self._profile is not None and self._profile.groups.task == "regression"
        return RANGE_HUES if is_number else HUES

    @property
    def _ground(self) -> Rgb:
        colour = self.background_colors[1]
        return colour.r, colour.g, colour.b

    def _draw(self) -> None:
        profile = self._profile
        if profile is None:
            return
        self._tell_top(profile)
        width = self._list.size.width or 40
        match self._view:
            case "columns" if self._columns:
                at = self._at["columns"]
                self._list.show(*column_entries(profile, self._columns, width), at)
                column, apart = self._columns[at], self._apart
                self._canvas.show(lambda room: card(profile, column, self._hues, room, apart=apart))
            case "correlations":
                cursor, by_ranks, ground = self._cell, self._by_ranks, self._ground
                found = profile.correlations
                self._canvas.show(
                    lambda room: correlation_map(found, cursor, room, ground, by_ranks=by_ranks)
                )
            case "pairs" if self._pairs:
                at = self._at["pairs"]
                self._list.show(*pair_entries(profile, self._pairs, width), at)
                x, y = (profile.column(name) for name in self._pairs[at])
                only = self._only
                self._canvas.show(lambda room: scatter(profile, x, y, self._hues, room, only))
            case _:
                self._list.show("", [], 0)
                self._canvas.show(lambda _: [[("There are no two columns to draw.", "text")]])

    def _tell_top(self, profile: Profile) -> None:
        titles = " ".join(
            f"[{title}]" if view == self._view else f" {title} "
            for view, title in zip(VIEWS, TITLES, strict=True)
        )
        about = f"{visible(self._dataset.table.name)}, {looked_at(profile)}"
        self._top.write([f"{titles}  {about}"])
