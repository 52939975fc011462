"""The time machine's cursor: its keys, and what follows it."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import numpy as np
import pytest

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.judgement import Evaluation, evaluate, held_out_predictions, judge, mistakes
from epochal.core.evaluation.snapshot import PICKED
from epochal.core.evaluation.wording import sentences
from epochal.core.numerals import figure
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.core.training.weight_history import WeightHistory
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from tests.lab import SIZES, Person, counts_shown, lab, part, run_of
from tests.runs import sampled

LONG = Settings(epochs=10_000_000)


def cursor_column(person: Person) -> int | None:
    """Where on the screen the cursor's line stands."""
    region = person.app.query_one("#chart").region
    columns = {line.find("┊", region.x, region.right) for line in person.lines()[region.y : region.bottom]}
    columns.discard(-1)
    assert len(columns) <= 1
    return columns.pop() if columns else None


@pytest.mark.parametrize("size", sampled(SIZES, 1, "the keys go back and"))
async def test_the_keys_go_back_and_forth(spine: Dataset, size: str) -> None:
    async with lab(spine, Settings(epochs=300), SIZES[size]) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("3")
        run, app = run_of(person), person.app
        assert cursor_column(person) is None
        assert run.weight_history is not None
        best = run.weight_history.best
        for key, epoch in [
            ("left", 299),
            ("shift+left", 289),
            ("ctrl+left", 189),
            ("right", 190),
            ("less_than_sign", 180),
            ("comma", 179),
            ("full_stop", 180),
            ("greater_than_sign", 190),
            ("pageup", 90),
            ("ctrl+right", 190),
            ("b", best),
            ("home", 0),
            ("left", 0),
            ("pagedown", 100),
        ]:
            await person.press(key)
            assert app.epoch_shown == epoch, key
            assert f"epoch {epoch} of 300" in part(person, "moment")
            assert cursor_column(person) is not None
        await person.press("escape")
        assert app.epoch_shown is None
        assert cursor_column(person) is None
        await person.press("left", "right", "right")
        assert app.epoch_shown is None
        await person.press("right")
        assert app.epoch_shown is None


async def test_the_line_says_the_errors_of_its_epoch(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=50), SIZES["200x50"]) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("3", "home")
        assert "epoch 0 of 50: before training, error" in part(person, "moment")
        await person.press("b")
        assert "least held-out error" in part(person, "moment")
        await person.press("home", "shift+right")
        training = run_of(person).training
        assert training is not None
        at = training.history[9]
        assert f"epoch 10 of 50: training {at.training_error:.4f}, held-out" in part(person, "moment")


async def test_the_cursor_works_from_every_pane_and_not_in_a_field(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=20)) as person:
        await person.press("comma")
        assert person.app.epoch_shown is None
        await person.press("t")
        await person.wait_for_the_end()
        for pane in "1234":
            await person.press(pane, "comma")
        assert person.app.epoch_shown == 16
        await person.press("2", "down", "down", "down", "enter")
        await person.type("1.")
        await person.press("escape")
        assert person.app.epoch_shown == 16


async def test_the_cursor_stays_while_the_run_trains_on(spine: Dataset) -> None:
    async with lab(spine, LONG) as person:
        for _ in range(6):
            await person.press("s")
        await person.until(lambda: run_of(person).length == 6)
        await person.press("3", "left", "left")
        assert person.app.epoch_shown == 4
        await person.press("t")
        await person.until(lambda: run_of(person).length > 12)
        assert person.app.epoch_shown == 4
        assert "epoch 4 of 10,000,000" in part(person, "moment")
        await person.press("z", "down", "up", "enter")
        await person.until(lambda: person.app.run_shown is None)
        assert person.app.epoch_shown is None


async def test_the_network_and_the_boundary_follow_the_cursor(spine: Dataset) -> None:
    settings = Settings(epochs=40)
    async with lab(spine, settings) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("n")
        await person.until_shown("epoch 40 of 40")
        last = part(person, "node")
        await person.press("less_than_sign", "less_than_sign", "less_than_sign", "comma")
        assert "epoch 9 of 40 (looking back)" in part(person, "network-top")
        stopped = Training(spine.examples, settings)
        for _ in range(9):
            next(stopped)
        weights = stopped.network.weights[0][0]
        strongest = float(weights[np.argmax(np.abs(weights))])
        assert part(person, "node") != last
        assert f"{strongest:+.2f}" in part(person, "node")
        await person.press("escape", "e")
        await person.until_shown("epoch 9 of 40 (looking back)")
        await person.press("full_stop")
        assert "epoch 10 of 40 (looking back)" in part(person, "boundary-top")


async def test_with_patience_the_best_epoch_is_the_one_it_keeps(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=400, patience=5, learning_rate=0.3), SIZES["200x50"]) as person:
        await person.press("t")
        await person.wait_for_the_end()
        run = run_of(person)
        assert run.training is not None
        await person.press("3", "b")
        assert person.app.epoch_shown == run.training.kept_epoch
        assert "kept by patience" in part(person, "moment")
        at_best = run.weights_at(person.app.epoch_shown)
        assert at_best is not None
        assert at_best.parameters.tobytes() == run.training.network.parameters.tobytes()
        last = run.weights_at(run.length)
        assert last is not None
        assert last.parameters.tobytes() == run.training.state().vectors[0].tobytes()


async def test_the_cursor_is_drawn_in_ascii_too(spine: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("epochal.tui.panes.error.GLYPHS", False)
    async with lab(spine, Settings(epochs=50)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("3", "shift+left", "shift+left")
        region = person.app.query_one("#chart").region
        rows = [line[region.x : region.right] for line in person.lines()[region.y : region.bottom]]
        assert sum(":" in row for row in rows) > 5
        assert all(row.isascii() for row in rows)


async def test_moving_the_cursor_repaints_few_cells(spine: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    async with lab(spine, Settings(epochs=50)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("3", "left")
        chart = person.app.error_pane._chart
        painted: list[int] = []
        show = chart.show_plot
        monkeypatch.setattr(chart, "show_plot", lambda *given, **named: painted.append(show(*given, **named)))
        await person.press("left")
        assert len(painted) == 1
        assert 0 < painted[0] <= 4 * chart.size.height


def stopped_at(dataset: Dataset, settings: Settings, epoch: int) -> Training:
    """A fresh run, stopped there."""
    training = Training(dataset.examples, settings)
    for _ in range(epoch):
        next(training)
    return training


@pytest.mark.parametrize("threshold", sampled([0.5, 0.3, "balanced"], 1, "thresholds"))
async def test_the_result_is_that_of_a_run_stopped_there(spine: Dataset, threshold: object) -> None:
    settings = Settings.model_validate({"epochs": 60, "threshold": threshold})
    async with lab(spine, settings, (200, 60)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        final = person.pane("result")
        judged = run_of(person).evaluation
        await person.press("3", "home", "right", "right", "right")
        shown = person.pane("result")
        assert "Looking back at epoch 3 of 60:" in shown
        stopped = stopped_at(spine, settings, 3)
        evaluation = evaluate(stopped)
        assert isinstance(evaluation, ClassEvaluation)
        for sentence in sentences(evaluation):
            assert sentence in shown
        assert PICKED in shown
        rows = re.search(r"Abnormal (\d+) +\d+ % +(\d+) .*? Normal (\d+) +\d+ % +(\d+)", shown)
        assert rows
        assert list(map(int, rows.groups())) == evaluation.confusion.ravel().tolist()
        medians = np.array([usual.middle for usual in person.app.result_pane._usual])
        (probabilities,) = stopped.outputs(medians[None, :])
        assert "Prediction at epoch 3 of 60:" in shown
        for name, share in zip(("Abnormal", "Normal"), probabilities, strict=True):
            assert f"{name} {100 * share:.1f} %" in shown
        await person.press("escape")
        assert person.pane("result") == final
        assert run_of(person).evaluation is judged


async def test_numbers_have_the_errors_of_their_epoch() -> None:
    dataset, settings = dataset_from(open_table("auto_mpg")), Settings(epochs=30)
    async with lab(dataset, settings, (200, 60)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("3", "shift+left")
        for sentence in sentences(evaluate(stopped_at(dataset, settings, 20))):
            assert sentence in person.pane("result")
        await person.press("v")
        assert "epoch 20 of 30 (looking back)" in person.screen()
        evaluation = evaluate(stopped_at(dataset, settings, 10))
        await person.press(*["comma"] * 10)
        assert "epoch 10 of 30 (looking back)" in person.screen()
        assert f"RMSE (typical error) {figure(evaluation.rmse)}" in part(person, "matrix")  # type: ignore[union-attr, arg-type]


async def test_the_full_result_follows_the_cursor_and_comes_back(spine: Dataset) -> None:
    settings = Settings(epochs=40)
    async with lab(spine, settings, (200, 60)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("v")
        final = counts_shown(part(person, "matrix")), part(person, "mistakes")
        assert "looking back" not in person.screen()
        await person.press(*["comma"] * 38)
        assert "epoch 2 of 40 (looking back)" in person.screen()
        stopped = stopped_at(spine, settings, 2)
        evaluation = evaluate(stopped)
        assert isinstance(evaluation, ClassEvaluation)
        wrong = evaluation.rows - evaluation.correct
        assert f"{wrong} of 62 held-out rows misclassified" in part(person, "mistakes")
        assert PICKED in " ".join(part(person, "matrix").replace("│", " ").split())
        place = mistakes(held_out_predictions(stopped))[0]
        row = spine.rows[stopped.split.held_out[place]] + 1
        assert re.search(rf" {row} +(Abnormal|Normal)", part(person, "mistakes"))
        await person.press("escape")
        assert "Looking back at epoch 2 of 40:" in person.pane("result")
        assert "epoch 2 of 40" in part(person, "moment")
        await person.press("v", *["full_stop"] * 39)
        assert (counts_shown(part(person, "matrix")), part(person, "mistakes")) == final


async def test_a_moved_threshold_holds_for_every_epoch(spine: Dataset) -> None:
    settings = Settings(epochs=40)
    async with lab(spine, settings, (200, 60)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("v", "less_than_sign", "less_than_sign", "comma")
        stopped = stopped_at(spine, settings, 39)
        moved = judge(stopped, held_out_predictions(stopped), 0.3)
        assert isinstance(moved, ClassEvaluation)
        assert f"{moved.correct} of 62 held-out rows right" in part(person, "matrix")
        await person.press("h")
        assert f"{evaluate(stopped).correct} of 62 held-out rows right" in part(person, "matrix")  # type: ignore[union-attr]
        assert run_of(person).threshold == 0.5


async def test_an_epoch_can_be_looked_at_in_full_while_the_run_trains_on(spine: Dataset) -> None:
    async with lab(spine, LONG) as person:
        for _ in range(4):
            await person.press("s")
        await person.until(lambda: run_of(person).length == 4)
        await person.press("v")
        assert len(person.app.screen_stack) == 1
        await person.press("3", "left", "t", "v")
        assert "epoch 3 of 10,000,000 (looking back)" in person.screen()
        evaluation = evaluate(stopped_at(spine, LONG, 3))
        assert f"{evaluation.correct} of 62 held-out rows right" in part(person, "matrix")  # type: ignore[union-attr]
        assert run_of(person).is_active
        await person.press("escape")


async def test_the_panes_have_followed_when_a_full_screen_is_left(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=40)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("n")
        await person.until_shown("Held out, as it is")
        await person.press("less_than_sign", "escape")
        assert "epoch 30 of 40" in part(person, "moment")
        assert "Looking back at epoch 30 of 40:" in person.pane("result")


@pytest.mark.parametrize("size", sampled(["80x24", "120x40"], 1, "long runs"))
async def test_a_run_too_long_for_the_memory_says_which_epochs_are_kept(
    spine: Dataset, size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(batch_size="full", epochs=270)
    # Memory for 255 epochs, each with 81 weights and its number.
    small = partial(WeightHistory, budget=255 * (81 * 8 + 8))
    monkeypatch.setattr("epochal.tui.runner.run.WeightHistory", small)
    async with lab(spine, settings, SIZES[size]) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("3")
        weight_history = person.app.run_shown.weight_history
        assert weight_history.every == 2
        assert "of the older epochs at least every 2nd is kept" in person.pane("error")
        await person.press("home", "right", "right")
        assert person.app.epoch_shown == weight_history.kept()[2] == 4
        assert "epoch 4 of 270" in person.pane("error")


async def test_a_pane_that_comes_to_the_front_shows_the_epoch_of_the_cursor(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=300), SIZES["80x24"]) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("3", "home", "1", "full_stop", "full_stop", "3")
        await person.until(lambda: "epoch 2 of 300: training" in person.pane("error"))
        await person.press("end", "1", "comma", "4")
        await person.until(lambda: "Looking back at epoch 299 of 300" in person.pane("result"))


async def test_nothing_is_judged_for_a_result_that_nobody_sees(
    spine: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lab(spine, Settings(epochs=300), SIZES["80x24"]) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("3")
        judged = []

        def judge_noted(*given: Any) -> Evaluation:
            judged.append(given)
            return judge(*given)

        monkeypatch.setattr("epochal.core.evaluation.snapshot.judge", judge_noted)
        await person.press("home", "right", "right", "shift+right")
        assert not judged
        await person.press("4")
        await person.until(lambda: "Looking back at epoch 12 of 300" in person.pane("result"))
        assert judged
