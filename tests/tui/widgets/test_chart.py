"""The chart, in a real app: what its rows say, what it refreshes, and what it leaves alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pexpect
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.strip import Strip

from epochal.tui.widgets.chart import Chart, Curve
from epochal.tui.widgets.drawing import Drawing
from epochal.tui.widgets.frame import INKS, Frame
from epochal.tui.widgets.partial_update import send_only_what_changed
from epochal.tui.widgets.pen import Marker
from epochal.tui.widgets.plot import Band, Plot
from tests.runs import GIVE_UP

MARKERS: tuple[Marker, ...] = ("line", "thick", "dashes", "dots")
BRAILLE = {chr(code) for code in range(0x2801, 0x2900)}


class RecordingChart(Chart):
    """Remembers what it was asked to refresh."""

    def __init__(self, ascii_only: bool = False) -> None:
        self.refreshed: list[tuple[Region, ...]] = []
        super().__init__(ascii_only=ascii_only)

    def refresh(self, *regions: Region, **options: bool) -> RecordingChart:
        self.refreshed.append(regions)
        return super().refresh(*regions, **options)


class ChartApp(App[None]):
    def __init__(self, ascii_only: bool = False) -> None:
        super().__init__()
        self.chart = RecordingChart(ascii_only)

    def compose(self) -> ComposeResult:
        yield self.chart


@asynccontextmanager
async def chart_of(
    width: int, height: int, ascii_only: bool = False
) -> AsyncIterator[tuple[RecordingChart, Pilot[None]]]:
    app = ChartApp(ascii_only)
    async with app.run_test(size=(width, height)) as pilot:
        yield app.chart, pilot


def text_of(chart: Chart) -> list[str]:
    return [chart.render_line(y).text for y in range(chart.size.height)]


def rows_of(frame: Frame) -> list[str]:
    return ["".join(text for text, _ in frame.runs(row)) for row in range(frame.size[1])]


def curves(epochs: int, noise: float = 0.0) -> list[Curve]:
    random = np.random.default_rng(0)
    x = np.arange(1.0, 2049)
    training = 0.15 + 0.5 * np.exp(-x / 60) + 0.3 * noise * random.standard_normal(2048)
    held_out = 0.2 + 0.45 * np.exp(-x / 50) + noise * random.standard_normal(2048)
    return [
        Curve("training", x[:epochs], training[:epochs]),
        Curve("held-out", x[:epochs], held_out[:epochs], "accent", "dots"),
    ]


@pytest.mark.parametrize("size", [(30, 6), (80, 24), (120, 40), (200, 50)])
async def test_axes_labels_units_and_legend_are_legible_at_every_size(size: tuple[int, int]) -> None:
    async with chart_of(*size) as (chart, _):
        chart.show(curves(200), x_span=(0, 256), y_label="cross-entropy")
        rows = text_of(chart)
        assert "⠒⠒ training" in rows[0]
        assert "•• held-out" in rows[0]
        assert rows[0].startswith("cross-entropy" if size[0] >= 80 else "cro…")
        assert rows[-1].startswith("epoch 0")
        ticks = rows[-1].split()[1:]
        assert len(ticks) >= 3
        assert all(int(tick) % 10 == 0 for tick in ticks)
        marked = [row for row in rows[1:-2] if "┤" in row]
        assert len(marked) >= 2
        assert [float(row.split("┤")[0]) for row in marked] == sorted(
            (float(row.split("┤")[0]) for row in marked), reverse=True
        )
        drawn = set("".join(rows[1:-2]))
        assert drawn & BRAILLE
        assert "•" in drawn


async def test_a_value_is_drawn_in_the_row_of_its_tick_and_the_column_of_its_epoch() -> None:
    async with chart_of(80, 24) as (chart, _):
        x = np.array([0.0, 40.0, 100.0])
        chart.show([Curve("error", x, np.array([0.0, 0.4, 0.8]), marker="crosses")], x_span=(0, 100))
        rows = text_of(chart)
        for value, epoch in (("0.0", "0"), ("0.4", "40"), ("0.8", "100")):
            row = next(row for row in rows if row.lstrip().startswith(value))
            column = row.index("×")
            assert rows[-2][column] == "┬"
            assert epoch in rows[-1][column - 3 : column + 3]


async def test_an_equal_frame_refreshes_nothing() -> None:
    async with chart_of(100, 30) as (chart, pilot):
        chart.show(curves(100), x_span=(0, 256))
        await pilot.pause()
        chart.refreshed.clear()
        assert chart.show(curves(100), x_span=(0, 256)) == 0
        assert chart.refreshed == []


async def test_only_the_stretches_that_changed_are_refreshed() -> None:
    async with chart_of(118, 36) as (chart, pilot):
        chart.show(curves(300, 0.02), x_span=(0, 1024))
        await pilot.pause()
        for epochs in range(310, 700, 30):
            before = text_of(chart)
            chart.refreshed.clear()
            cells = chart.show(curves(epochs, 0.02), x_span=(0, 1024))
            after = text_of(chart)
            assert len(chart.refreshed) == 1
            rest = {(x, y) for x in range(118) for y in range(36)}
            for region in chart.refreshed[0]:
                assert before[region.y][region.x] != after[region.y][region.x] or region.width > 1
                rest -= {(x, region.y) for x in range(region.x, region.right)}
            assert all(before[y][x] == after[y][x] for x, y in rest)
            assert 118 * 36 - len(rest) == cells < 200


values = st.one_of(st.floats(), st.floats(0, 1), st.floats(-1e-3, 1e3))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(values, max_size=60), max_size=3),
    st.integers(1, 130),
    st.integers(1, 50),
    st.booleans(),
    st.booleans(),
)
def test_every_row_is_as_wide_as_the_chart_whatever_the_data(
    data: list[list[float]], width: int, height: int, log: bool, ascii_only: bool
) -> None:
    drawn = [
        Curve("run \x1b[31m\n[red]実行", np.arange(1.0, len(y) + 1), np.array(y), marker=marker)
        for y, marker in zip(data, MARKERS, strict=False)
    ]
    frame = Drawing(ascii_only=ascii_only).draw(Plot(drawn, (0.0, 64.0), log), width, height)
    rows = rows_of(frame)
    assert len(rows) == height
    assert {cell_len(row) for row in rows} == {width}
    assert all(character.isprintable() for row in rows for character in row)
    assert "nan" not in "".join(rows[1:]).lower()
    if ascii_only:
        assert all(row.isascii() for row in rows)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.floats(0.01, 1), st.just(np.nan)), min_size=1, max_size=400),
    st.lists(st.integers(1, 60), min_size=1, max_size=12),
    st.sampled_from(MARKERS),
    st.booleans(),
)
def test_a_curve_drawn_as_it_grew_is_the_curve_drawn_whole(
    y: list[float], steps: list[int], marker: Marker, ascii_only: bool
) -> None:
    x, errors = np.arange(1.0, len(y) + 2), np.array([1.0, *y])
    growing = Drawing(ascii_only=ascii_only)
    for epochs in np.minimum(np.cumsum([1, *steps]), len(x)):
        plot = Plot([Curve("error", x[:epochs], errors[:epochs], marker=marker)], (0.0, 400.0), log=True)
        results = growing.draw(plot, 60, 16)
        whole = Drawing(ascii_only=ascii_only)
        whole._held = dict(growing._held)
        assert rows_of(results) == rows_of(whole.draw(plot, 60, 16))


async def test_a_resize_redraws_the_last_curves_at_once() -> None:
    async with chart_of(120, 40) as (chart, pilot):
        chart.show(curves(200), x_span=(0, 256))
        await pilot.resize_terminal(60, 18)
        await pilot.pause()
        narrow = text_of(chart)
        assert {len(row) for row in narrow} == {60}
        assert len(narrow) == 18
        assert set("".join(narrow)) & BRAILLE
        assert chart.show(curves(200), x_span=(0, 256)) == 0


async def test_a_chart_with_too_little_room_says_so() -> None:
    async with chart_of(20, 5) as (chart, _):
        chart.show(curves(200), x_span=(0, 256))
        assert " ".join(row.strip() for row in text_of(chart)).strip() == (
            "The chart needs 24 x 6 cells, not 20 x 5."
        )


@pytest.mark.parametrize("y", [[], [np.nan] * 5, [np.inf, -np.inf]])
async def test_nothing_to_draw_leaves_the_axes(y: list[float]) -> None:
    async with chart_of(60, 12) as (chart, _):
        chart.show([Curve("training", np.arange(1.0, len(y) + 1), np.array(y))], x_span=(0, 8))
        rows = text_of(chart)
        assert rows[-1].split() == ["epoch", "0", "1", "2", "3", "4", "5", "6", "7", "8"]
        assert not set("".join(rows[1:])) & BRAILLE


async def test_a_single_point_is_visible() -> None:
    async with chart_of(60, 12) as (chart, _):
        chart.show([Curve("training", np.array([3.0]), np.array([0.7]))], x_span=(0, 8))
        assert set("".join(text_of(chart)[1:])) & BRAILLE


async def test_what_is_missing_in_the_middle_is_a_gap() -> None:
    x = np.arange(0.0, 101)
    y = np.full(101, 0.5)
    y[40:61] = np.nan
    async with chart_of(107, 12) as (chart, _):
        chart.show([Curve("training", x, y)], x_span=(0, 100))
        row = next(row for row in text_of(chart)[1:] if set(row) & BRAILLE)
        canvas = row[-101:]
        assert canvas[:40].strip() == canvas[:40]
        assert canvas[40:61].strip() == ""
        assert canvas[61:].strip() == canvas[61:]


async def test_a_logarithmic_axis_says_how_many_values_it_leaves_out() -> None:
    async with chart_of(80, 20) as (chart, _):
        y = np.geomspace(1, 1e-3, 50)
        y[[3, 5]] = 0, -1
        chart.show([Curve("training", np.arange(1.0, 51), y)], x_span=(0, 64), log=True)
        rows = text_of(chart)
        assert rows[1].endswith("2 at or below 0 left out")
        assert [row.split("┤")[0].strip() for row in rows if "┤" in row] == ["1", "0.1", "0.01", "0.001"]
        chart.show([Curve("training", np.arange(1.0, 51), y)], x_span=(0, 64))
        assert "left out" not in "".join(text_of(chart))


async def test_ascii_draws_ascii_only_and_still_tells_the_curves_apart() -> None:
    async with chart_of(80, 24, ascii_only=True) as (chart, _):
        chart.show([*curves(200), Curve("Prüfung 実", np.array([1.0]), np.array([0.5]))], x_span=(0, 256))
        rows = text_of(chart)
        assert all(row.isascii() for row in rows)
        assert "** training  oo held-out" in rows[0]
        assert {"*", "o"} <= set("".join(rows[1:-2]))


async def test_curves_that_meet_take_turns_so_both_are_seen() -> None:
    async with chart_of(80, 24) as (chart, _):
        x = np.arange(0.0, 257)
        level = np.full(257, 0.5)
        chart.show([Curve("a", x, level), Curve("b", x, level, "accent", "dots")], x_span=(0, 256))
        row = next(row for row in text_of(chart)[1:] if "•" in row)
        canvas = row.split("│")[-1].split("┤")[-1]
        assert canvas.count("•") == pytest.approx(len(canvas) / 2, abs=1)
        assert sum(character in BRAILLE for character in canvas) == pytest.approx(len(canvas) / 2, abs=1)


async def test_a_name_is_shown_as_text_never_as_markup() -> None:
    async with chart_of(80, 12) as (chart, _):
        chart.show(
            [Curve("[red]boo[/]", np.array([1.0]), np.array([0.5]))],
            x_span=(0, 8),
            y_label="[/x]",
            x_label="\x1b[2J",
        )
        rows = text_of(chart)
        assert rows[0].endswith("[red]boo[/]")
        assert rows[0].startswith("[/x]")
        assert rows[-1].startswith("\ufffd[2J ")


async def test_curves_are_readable_in_every_theme() -> None:
    async with chart_of(80, 12) as (chart, pilot):
        for theme in chart.app.available_themes:
            chart.app.theme = theme
            await pilot.pause()
            chart.show(curves(20), x_span=(0, 32))
            for ink in INKS:
                style = chart.get_component_rich_style(f"chart--{ink}")
                if not theme.startswith("ansi"):
                    assert style.color is not None
                    assert style.bgcolor is not None
                    assert style.color.triplet is not None
                    assert style.bgcolor.triplet is not None
                    assert contrast(style.color.triplet, style.bgcolor.triplet) >= 3, (theme, ink)


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """WCAG 2.2: (lighter + 0.05) / (darker + 0.05), of relative luminances."""

    def luminance(colour: tuple[int, int, int]) -> float:
        linear = [
            v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (c / 255 for c in colour)
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_plotext_is_not_imported_before_the_first_curve() -> None:
    code = "import sys, epochal.tui.widgets.chart; sys.exit('plotext' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3]).returncode == 0


def test_a_partial_update_sends_only_its_stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ChopsUpdate, "render_segments", ChopsUpdate.render_segments)
    assert send_only_what_changed()
    chops: list[dict[int, Strip | None]] = [
        {0: Strip([Segment("0123456789")]), 10: Strip([Segment("abcdefghij")])},
        {0: None, 10: None},
    ]
    update = ChopsUpdate(chops, [(0, 7, 12)], [[10, 20], [10, 20]])
    assert update.render_segments(Console()) == "\x1b[1;8H789\x1b[1;11Hab"


LIVE = """
import numpy as np
from textual.app import App
from epochal.tui.widgets.chart import Chart, Curve
from epochal.tui.widgets.partial_update import send_only_what_changed

random = np.random.default_rng(0)
x = np.arange(1.0, 1025)
training = 0.15 + 0.5 * np.exp(-x / 60) + 0.006 * random.standard_normal(1024)
held_out = 0.2 + 0.45 * np.exp(-x / 50) + 0.02 * random.standard_normal(1024)

class Live(App):
    epochs = 300
    def compose(self):
        yield Chart()
    def on_mount(self):
        self.set_interval(0.02, self.draw)
    def draw(self):
        self.epochs += 6
        n = self.epochs
        self.query_one(Chart).show(
            [Curve("a", x[:n], training[:n]), Curve("b", x[:n], held_out[:n], "accent", "dots")],
            x_span=(0, 1024), y_label="cross-entropy")
        if n == 318:
            self.bell()
        if n >= 918:
            self.exit()

send_only_what_changed()
Live().run()
"""


def test_a_hundred_redraws_send_few_bytes_to_the_terminal() -> None:
    root = Path(__file__).parents[3]
    environment = {
        "PYTHONPATH": str(root),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
    }
    terminal = pexpect.spawn(
        sys.executable, ["-c", LIVE], dimensions=(40, 120), env=environment, timeout=GIVE_UP, cwd=str(root)
    )
    terminal.expect_exact("\x07")
    terminal.expect_exact("\x1b[?1049l")
    assert 5_000 < len(terminal.before) < 60_000
    terminal.expect(pexpect.EOF)


def ink_rows(frame: Frame, ink: str) -> str:
    """Every character that is drawn in an ink, on the canvas."""
    return "".join(text for row in range(1, frame.size[1] - 2) for text, of in frame.runs(row) if of == ink)


def thickness(text: str) -> float:
    """Dots in a cell, on average."""
    cells = [character for character in text if character in BRAILLE]
    return sum(bin(ord(character) - 0x2800).count("1") for character in cells) / len(cells)


@pytest.mark.parametrize("seed", range(4))
def test_a_thick_curve_is_told_from_a_thin_one_also_where_they_overlap(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = np.arange(1.0, 101)
    y = np.cumsum(rng.normal(size=100))
    apart = [Curve("thin", x, y, "primary"), Curve("thick", x, y + 30, "warning", "thick")]
    frame = Drawing().draw(Plot(apart, (1.0, 100.0)), 100, 30)
    assert thickness(ink_rows(frame, "warning")) > 1.3 * thickness(ink_rows(frame, "primary"))
    same = [Curve("thin", x, y, "primary"), Curve("thick", x, y, "warning", "thick")]
    frame = Drawing().draw(Plot(same, (1.0, 100.0)), 100, 30)
    for ink in ("primary", "warning"):
        assert len(ink_rows(frame, ink)) > 25
    plain = Drawing(ascii_only=True).draw(Plot(same, (1.0, 100.0)), 100, 30)
    assert {"*", "#"} <= set("".join(rows_of(plain)[1:-2]))


def test_a_solid_line_has_no_hole() -> None:
    x = np.arange(1.0, 201)
    for marker in ("line", "thick"):
        frame = Drawing().draw(Plot([Curve("a", x, np.sqrt(x), marker=marker)], (1.0, 200.0)), 90, 24)
        canvas = [row[-80:] for row in rows_of(frame)[1:-2]]
        assert all(any(row[column] != " " for row in canvas) for column in range(80))


@pytest.mark.parametrize("log", [False, True])
def test_the_names_stand_at_the_ends_of_their_curves(log: bool) -> None:
    x = np.arange(1.0, 101)
    heights = {"one": 0.9, "two": 0.5, "three": 0.1}
    drawn = [Curve(name, x, np.linspace(0.95, end, 100)) for name, end in heights.items()]
    rows = rows_of(Drawing().draw(Plot(drawn, (1.0, 100.0), log, end_labels=True), 80, 24))
    places = {name: next(n for n, row in enumerate(rows) if row.rstrip().endswith(name)) for name in heights}
    assert places["one"] < places["two"] < places["three"]
    for name, row in places.items():
        assert set(rows[row][-20 : -len("three") - 1]) & BRAILLE, name
    assert not any(name in rows[0] for name in heights)
    # Names of curves that end at one height stand below each other, none is lost.
    close = [Curve(name, x, np.full(100, 0.5)) for name in ("aa", "bb", "cc", "dd")]
    text = "\n".join(rows_of(Drawing().draw(Plot(close, (1.0, 100.0), end_labels=True), 80, 12)))
    assert all(name in text for name in ("aa", "bb", "cc", "dd"))
    narrow = rows_of(Drawing().draw(Plot(close, (1.0, 100.0), end_labels=True), 40, 12))
    assert all(name in narrow[0] for name in ("aa", "bb"))


def test_a_settled_axis_fits_the_values_and_begins_at_zero_only_when_that_is_near() -> None:
    x = np.arange(1.0, 101)

    def lowest(low: float, high: float) -> float:
        plot = Plot([Curve("a", x, np.linspace(high, low, 100))], (1.0, 100.0), settled=True)
        rows = rows_of(Drawing().draw(plot, 80, 24))
        return min(float(row.split("┤")[0]) for row in rows if "┤" in row)

    assert lowest(0.35, 0.5) >= 0.3
    assert lowest(0.3, 0.9) >= 0.2
    assert lowest(0.02, 0.9) == 0.0
    assert lowest(90.0, 96.0) >= 88


def test_another_part_of_the_epochs_has_an_axis_of_its_own() -> None:
    x = np.arange(1.0, 1001)
    curve, drawing = Curve("a", x, 1 / x), Drawing()

    def top(span: tuple[float, float]) -> float:
        rows = rows_of(drawing.draw(Plot([curve], span), 80, 24))
        return max(float(row.split("┤")[0]) for row in rows if "┤" in row)

    assert top((0.0, 1000.0)) == 1.0
    assert top((500.0, 600.0)) < 0.01
    assert top((0.0, 1000.0)) == 1.0


@settings(max_examples=60, deadline=None)
@given(st.floats(-2, 2), st.floats(0, 3), st.integers(2, 50), st.booleans())
def test_a_band_fills_what_lies_between_its_ends_and_nothing_else(
    middle: float, reach: float, points: int, ascii_only: bool
) -> None:
    x = np.linspace(1.0, 100.0, points)
    ends = np.full(points, middle)
    frame_of = Curve("", np.array([1.0, 100.0]), np.array([-10.0, 10.0]), "accent", "squares")
    band = Band("10 to 90 %", x, ends - reach, ends + reach, "warning")
    frame = Drawing(ascii_only=ascii_only).draw(Plot([frame_of], (1.0, 100.0), bands=[band]), 90, 31)
    rows = rows_of(frame)
    assert ("::" if ascii_only else "░░") + " 10 to 90 %" in rows[0]
    shaded = [n for n, row in enumerate(rows[1:-2]) if set(row[12:80]) & {"░", ":"}]
    each = 20 / 27  # of a row
    assert abs(len(shaded) - (2 * reach / each + 1)) <= 1.01
    for n in shaded:
        assert abs(10 - n * each - middle) <= reach + each / 2 + 1e-9
        assert set(rows[1 + n][12:80]) <= {"░", ":"}
