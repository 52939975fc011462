"""A table on screen: every cell within reach of the keys, and nothing of the file's text obeyed."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.geometry import Region
from textual.pilot import Pilot
from textual.strip import Strip

from epochal.data.tables.table import Column, Table
from epochal.tui.widgets.table_lines import MISSING, NO_TABLE
from epochal.tui.widgets.table_view import TableView
from epochal.tui.widgets.text import ELLIPSIS, UNICODE

pytestmark = pytest.mark.skipif(not UNICODE, reason="the locale shows ASCII only")

HOSTILE = ["[red]boo[/]", "[/x]", "[@click=app.quit]x[/]", "\x1b]52;c;aGk=\x07", "\x9b2J", "\u202egnp.exe"]


def numbers(name: str, values: Sequence[float]) -> Column:
    return Column(name, "number", np.array(values, dtype=np.float64))


def words(name: str, cells: Sequence[str]) -> Column:
    categories = tuple(dict.fromkeys(cell for cell in cells if cell))
    indices = [categories.index(cell) if cell else -1 for cell in cells]
    return Column(name, "category", np.array(indices, dtype=np.int32), categories)


def a_table(rows: int = 30, columns: int = 4) -> Table:
    return Table("t", tuple(numbers(f"c{c}", [100 * r + c for r in range(rows)]) for c in range(columns)))


class OneTable(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        ("o", "note('o')", "o"),
        ("7", "note('7')", "7"),
        ("question_mark", "note('?')", "?"),
    ]

    def __init__(self, table: Table | None, target: str = "", ignored: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.view = TableView(table, target=target, ignored=ignored)
        self.noted: list[object] = []

    def compose(self) -> ComposeResult:
        yield self.view

    def action_note(self, key: str) -> None:
        self.noted.append(key)

    def on_table_view_cell_selected(self, message: TableView.CellSelected) -> None:
        self.noted.append((message.row, message.column))

    def on_table_view_cursor_moved(self, message: TableView.CursorMoved) -> None:
        self.noted.append(("moved", message.row, message.column))


def in_pane(view: TableView) -> list[Strip]:
    """What is drawn, without what the scrollbars cover."""
    return view.render_lines(view.scrollable_content_region.size.region)


def lines(view: TableView) -> list[str]:
    return [strip.text for strip in in_pane(view)]


def at_cursor(view: TableView) -> str:
    """The text drawn in the cursor's style, which must be in view."""
    found = [s.text for strip in in_pane(view) for s in strip if s.style and s.style.reverse]
    assert len(found) == 1
    return found[0].strip()


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


@pytest.mark.parametrize(
    ("keys", "cursor"),
    [
        (["down"], (1, 0)),
        (["down", "down", "up"], (1, 0)),
        (["up"], (0, 0)),
        (["right", "right", "left"], (0, 1)),
        (["left"], (0, 0)),
        (["pagedown"], (10, 0)),
        (["pagedown", "pagedown", "pageup"], (10, 0)),
        (["end"], (0, 3)),
        (["end", "home"], (0, 0)),
        (["right", "ctrl+end"], (29, 1)),
        (["right", "ctrl+end", "ctrl+home"], (0, 1)),
        (["ctrl+end", "down", "pagedown"], (29, 0)),
    ],
)
async def test_keys_move_the_cursor(keys: list[str], cursor: tuple[int, int]) -> None:
    app = OneTable(a_table())
    async with app.run_test(size=(80, 12)) as pilot:
        await press(pilot, *keys)
        assert app.view.cursor == cursor
        assert at_cursor(app.view) == str(100 * cursor[0] + cursor[1])


async def test_every_row_comes_into_view_with_its_number() -> None:
    app = OneTable(a_table(rows=14))
    async with app.run_test(size=(40, 8)) as pilot:
        for row in range(14):
            assert at_cursor(app.view) == str(100 * row)
            assert f"{row + 1:>3} " in [line[:4] for line in lines(app.view)]
            await press(pilot, "down")


async def test_of_a_million_rows_only_those_seen_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = np.arange(1_000_000, dtype=np.float64)
    table = Table("big", tuple(Column(f"c{i}", "number", values) for i in range(10)))
    read = 0
    text = Column.text

    def counted(column: Column, row: int) -> str:
        nonlocal read
        read += 1
        return text(column, row)

    monkeypatch.setattr(Column, "text", counted)
    app = OneTable(table)
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "ctrl+end")
        assert at_cursor(app.view) == "999999"
        assert lines(app.view)[-1].startswith("1000000 ")
        assert read <= 500 * 10 + 4 * 40 * 10


async def test_the_row_numbers_stay_when_columns_scroll() -> None:
    app = OneTable(a_table(columns=12))
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "end")
        assert at_cursor(app.view) == "11"
        assert [line[:4] for line in lines(app.view)[:4]] == ["row ", "    ", "  1 ", "  2 "]
        assert "c11" in lines(app.view)[0]
        for _ in range(11):
            await press(pilot, "left")
            at_cursor(app.view)
        assert lines(app.view)[0].startswith("row ")
        assert "c0 " in lines(app.view)[0]


async def test_a_number_without_room_is_never_shown_as_another_number() -> None:
    app = OneTable(Table("t", tuple(numbers(f"c{i}", [1234567.5, -7654321.5]) for i in range(8))))
    async with app.run_test(size=(47, 8)) as pilot:
        for scrolled in range(0, app.view.max_scroll_x + 1, 3):
            app.view.scroll_to(scrolled, animate=False)
            await pilot.pause()
            shown = lines(app.view)[2][4:].split()
            assert all(cell == "1234567.5" or ELLIPSIS in cell for cell in shown)


async def test_enter_says_which_cell_was_chosen() -> None:
    app = OneTable(a_table())
    async with app.run_test() as pilot:
        await press(pilot, "down", "right", "enter")
        assert app.noted == [("moved", 1, "c0"), ("moved", 1, "c1"), (1, "c1")]


async def test_letters_digits_and_the_question_mark_are_left_to_the_app() -> None:
    app = OneTable(a_table())
    async with app.run_test() as pilot:
        await press(pilot, "o", "7", "question_mark")
        assert app.view.has_focus
        assert app.noted == ["o", "7", "?"]


async def test_headings_say_in_words_what_a_column_is() -> None:
    sick = words("sick", ["no", "yes", ""])
    table = Table("t", (numbers("age", [1, np.nan, 3]), numbers("id", [7, 8, 9]), sick))
    app = OneTable(table, target="sick", ignored=frozenset({"id"}))
    async with app.run_test() as pilot:
        names, kinds = lines(app.view)[:2]
        assert names.split() == ["row", "age", "id", "sick"]
        assert [kind for kind in map(str.strip, kinds.split("  ")) if kind] == [
            "number, 1 missing",
            "left out",
            "target: 2 classes, 1 missing",
        ]
        app.view.target, app.view.ignored = "age", frozenset()
        await pilot.pause()
        kinds = lines(app.view)[1]
        assert "target: number, 1 missing" in kinds
        assert "2 categories, 1 missing" in kinds
        assert "left out" not in kinds


async def test_a_missing_cell_is_a_dot() -> None:
    app = OneTable(Table("t", (numbers("age", [1.5, np.nan]), words("sick", ["", "yes"]))))
    async with app.run_test():
        assert lines(app.view)[2].split() == ["1", "1.5", MISSING]
        assert lines(app.view)[3].split() == ["2", MISSING, "yes"]


async def test_decimal_points_stand_in_line_and_no_digit_is_lost() -> None:
    values = [63.0278175, 7.25, -0.254399986, 120.0]
    columns = numbers("x", values), numbers("y", [4.9, 3.0, 5.1, 4.7]), numbers("n", [1, 20, 300, 4])
    app = OneTable(Table("t", columns))
    async with app.run_test():
        rows = lines(app.view)[2:6]
        assert [line.split() for line in rows] == [
            ["1", "63.0278175", "4.9", "1"],
            ["2", "7.25", "3.0", "20"],
            ["3", "-0.254399986", "5.1", "300"],
            ["4", "120", "4.7", "4"],
        ]
        assert len({line.index(".") for line in rows[:3]}) == 1
        assert rows[3].index("120") + 3 == rows[0].index(".")
        assert len({line.rindex(".") for line in rows}) == 1


async def test_hostile_text_is_shown_and_not_obeyed() -> None:
    app = OneTable(Table("t", (words("[/x]\x1b[2J", HOSTILE), words("\u202eb", HOSTILE))))
    async with app.run_test():
        shown = lines(app.view)
        assert "[/x]␛[2J" in shown[0]
        cells = ["[red]boo[/]", "[/x]", "[@click=app.quit]x[/]", "␛]52;c;aGk=␇", "�2J", "�gnp.exe"]
        assert [line.split()[1:] for line in shown[2:8]] == [[cell, cell] for cell in cells]
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c == "\u202e" for line in shown for c in line)
        for strip in in_pane(app.view):
            assert not any(segment.style and segment.style.meta for segment in strip)


async def test_wide_characters_leave_the_columns_in_line() -> None:
    cells = ["日本語", "abc", "e\u0301tude", "ﾊﾝｶｸ", "日本語のとても長いテキストが幅を超えて続いています"]
    app = OneTable(Table("t", (words("w", cells), words("後", ["|"] * 5))))
    async with app.run_test(size=(60, 10)):
        shown = lines(app.view)
        assert {cell_len(line) for line in shown} == {60}
        assert len({cell_len(line[: line.index("|")]) for line in shown[2:7]}) == 1
        assert ELLIPSIS in shown[6]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (None, NO_TABLE),
        (a_table(rows=0), "This table has no rows."),
        (Table("t", ()), "This table has no columns."),
    ],
)
async def test_an_empty_pane_says_so_and_takes_every_key(table: Table | None, sentence: str) -> None:
    app = OneTable(table)
    async with app.run_test(size=(24, 8)) as pilot:
        assert sentence in " ".join(" ".join(lines(app.view)).split())
        await press(pilot, "down", "right", "end", "ctrl+end", "pageup", "enter")
        assert app.noted == []
        app.view.table = a_table()
        await press(pilot, "ctrl+end")
        assert at_cursor(app.view) == "2900"


async def test_another_table_starts_at_its_first_cell() -> None:
    app = OneTable(a_table())
    async with app.run_test(size=(40, 10)) as pilot:
        await press(pilot, "ctrl+end", "end")
        app.view.table = a_table(rows=3, columns=2)
        await pilot.pause()
        assert at_cursor(app.view) == "0"
        await press(pilot, "ctrl+end", "end")
        assert at_cursor(app.view) == "201"


async def test_the_cursor_stays_in_view_when_the_terminal_changes_size() -> None:
    app = OneTable(a_table(rows=200, columns=20))
    async with app.run_test(size=(120, 40)) as pilot:
        app.view.move_to(90, 13)
        for size in [(40, 10), (100, 30), (24, 6), (120, 40)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert at_cursor(app.view) == "9013"
            assert {cell_len(line) for line in lines(app.view)} == {app.view.scrollable_content_region.width}


async def test_the_view_can_be_sent_to_a_cell_before_it_is_drawn() -> None:
    app = OneTable(a_table(rows=200, columns=20))
    app.view.move_to(150, 19)
    async with app.run_test(size=(40, 10)):
        assert at_cursor(app.view) == "15019"


async def test_a_place_outside_the_table_means_its_nearest_cell() -> None:
    app = OneTable(a_table())
    async with app.run_test():
        assert app.view.move_to(10**9, 10**9).cursor == (29, 3)
        assert app.view.move_to(-5, -5).cursor == (0, 0)


async def test_a_click_moves_the_cursor() -> None:
    app = OneTable(a_table())
    async with app.run_test() as pilot:
        x = lines(app.view)[5].index("302") + 1
        await pilot.click(TableView, offset=(x, 5))
        assert app.view.cursor == (3, 2)
        await pilot.click(TableView, offset=(1, 7))
        assert app.view.cursor == (5, 2)


async def test_a_step_of_the_cursor_redraws_a_few_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    app = OneTable(a_table())
    async with app.run_test() as pilot:
        asked: list[tuple[Region, ...]] = []
        refresh = TableView.refresh

        def watched(self: TableView, *regions: Region, **how: bool) -> TableView:
            asked.append(regions)
            return refresh(self, *regions, **how)

        monkeypatch.setattr(TableView, "refresh", watched)
        await press(pilot, "down", "right")
        assert asked
        assert all(asked)
        assert sum(region.area for regions in asked for region in regions) < 150


async def test_the_cursor_is_seen_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = OneTable(a_table())
    async with app.run_test() as pilot:
        await press(pilot, "down", "right")
        assert at_cursor(app.view) == "101"
        app.view.blur()
        await pilot.pause()
        assert [s.text.strip() for s in in_pane(app.view)[3] if s.style and s.style.underline] == ["2", "101"]


async def test_another_theme_redraws_every_line() -> None:
    app = OneTable(a_table())
    async with app.run_test() as pilot:
        before = app.view.render_line(5)
        app.theme = "textual-light"
        await pilot.pause()
        after = app.view.render_line(5)
        assert before.text == after.text
        assert [s.style for s in before] != [s.style for s in after]
