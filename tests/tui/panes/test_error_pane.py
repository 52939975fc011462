"""The Error pane's chart: what is shown of a run, over which epochs, and by which measure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochal.core.evaluation.intervals import wilson
from epochal.core.settings import Settings
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.tui.panes.error_plot import FEWEST_EPOCHS, following, zoomed
from tests.lab import Person, lab, run_of

WHOLE = (0.0, 1024.0)


async def trained(person: Person) -> None:
    await person.press("3", "t")
    await person.wait_for_the_end()


def epochs_on_the_axis(person: Person) -> list[int]:
    last = next(line for line in person.lines() if line.strip("│ ").startswith("epoch "))
    return [int(one.replace(",", "")) for one in last.split("││")[-1].strip("│ ").split()[1:]]


async def test_zooming_goes_around_the_cursor_and_back_to_all(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=400), (80, 24)) as person:
        await trained(person)
        assert epochs_on_the_axis(person)[-1] == 400
        for _ in range(100):
            person.app.action_move_epoch(-1)
        await person.press("right_square_bracket", "right_square_bracket")
        shown = epochs_on_the_axis(person)
        assert shown[0] <= 300 <= shown[-1]
        assert shown[-1] - shown[0] <= 100
        await person.press("pageup")
        shown = epochs_on_the_axis(person)
        assert shown[0] <= 220, "the window follows the cursor"
        assert shown[-1] < 320
        await person.press("left_square_bracket")
        wider = epochs_on_the_axis(person)
        assert wider[-1] - wider[0] > shown[-1] - shown[0]
        await person.press("0")
        assert epochs_on_the_axis(person)[-1] == 400
        assert epochs_on_the_axis(person)[0] == 0


@given(st.floats(0, 1024), st.lists(st.sampled_from([0.5, 2.0]), max_size=20))
def test_a_window_stays_within_the_epochs_and_shows_the_cursor(at: float, steps: list[float]) -> None:
    window: tuple[float, float] | None = None
    for by in steps:
        window = zoomed(window or WHOLE, WHOLE, at, by)
        if window:
            low, high = window
            assert WHOLE[0] <= low <= at <= high <= WHOLE[1]
            assert high - low >= FEWEST_EPOCHS


@given(st.floats(0, 900), st.floats(8, 100), st.floats(0, 1024))
def test_a_window_follows_the_cursor_and_keeps_its_width(low: float, wide: float, at: float) -> None:
    start, end = following((low, low + wide), at)
    assert start - 1e-9 <= at <= end + 1e-9
    assert end - start == pytest.approx(wide)
    if low + wide / 9 <= at <= low + wide:
        assert (start, end) == (low, low + wide)


async def test_the_accuracy_is_drawn_with_its_interval_and_its_baseline(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=40), (80, 24)) as person:
        await trained(person)
        await person.press("A")
        shown = "\n".join(person.lines())
        for said in ("held-out accuracy, %", "░░ 95 % interval", "accuracy", "baseline"):
            assert said in shown
        run = run_of(person)
        assert run.training
        plot = person.app.error_pane._chart._plot
        accuracy = 100 * run.training.history.column("held_out_accuracy")[:40]
        by_name = {curve.name: curve for curve in plot.curves}
        np.testing.assert_array_equal(by_name["accuracy"].y, accuracy)
        held_out = run.training.split.held_out
        (band,) = plot.bands
        for epoch in (0, 20, 39):
            right = round(accuracy[epoch] / 100 * len(held_out))
            assert (band.low[epoch], band.high[epoch]) == pytest.approx(
                tuple(100 * end for end in wilson(right, len(held_out)))
            )
        targets = run.dataset.examples.targets[held_out]
        most = np.bincount(targets.astype(int)).max() / len(held_out)
        assert by_name["baseline"].y == pytest.approx([100 * most] * 2)
        await person.press("A")
        assert "held-out accuracy, %" not in "\n".join(person.lines())


async def test_numbers_have_no_accuracy_and_that_is_said() -> None:
    async with lab(dataset_from(open_table("sine")), Settings(epochs=5), (80, 24)) as person:
        await trained(person)
        await person.press("A")
        await person.until_shown("Accuracy is a measure of classes")


async def test_the_values_at_the_cursor_are_those_of_the_history(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=30), (80, 24)) as person:
        await trained(person)
        await person.press("left", "left", "left")
        run = run_of(person)
        assert run.training
        at = run.training.history[26]
        await person.until_shown(
            f"epoch 27 of 30: training {at.training_error:.4f}, held-out {at.held_out_error:.4f}, "
            f"{100 * at.held_out_accuracy:.1f} % right"
        )
