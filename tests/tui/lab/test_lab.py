"""The lab, used as a person uses it: every pane, by keys alone."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
from pathlib import Path

import numpy as np
import pytest
from textual.actions import parse

from epochal.core.presets import PRESETS
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.runs.queries import recorded_runs
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.table import Column, Table
from epochal.tui.lab.app import EpochalApp
from epochal.tui.lab.commands import EVERY_COMMAND
from tests.lab import SIZES, Person, lab, run_of
from tests.runs import GIVE_UP, sampled

HOSTILE = ["[red]boo[/]", "[/x]", "[@click=app.quit]x[/]", "\x1b]52;c;aGk=\x07", "\x9b2J"]
LONG = Settings(epochs=10_000_000)


@pytest.mark.parametrize("size", sampled(SIZES, 1, "one key trains and shows"))
async def test_one_key_trains_and_shows_what_the_accuracy_is_worth(spine: Dataset, size: str) -> None:
    async with lab(spine, size=SIZES[size]) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("4")
        text = person.pane("result")
        assert re.search(r"\d\d of 62 held-out rows right: \d\d\.\d %", text)
        assert "95 % interval" in text
        assert "always answering Abnormal: 67.7 %" in text
        assert "beyond chance" in text
        assert "Normal" in text


async def test_all_panes_show_at_120x40_and_one_at_80x24(spine: Dataset) -> None:
    async with lab(spine, size=(120, 40)) as person:
        assert [pane.region.area > 0 for pane in person.app.query(".pane")] == [True] * 4
    async with lab(spine, size=(80, 24)) as person:
        for key, name in zip("1234", ("data", "settings", "error", "result"), strict=True):
            await person.press(key)
            visible = [pane.id for pane in person.app.query(".pane") if pane.region.area]
            assert visible == [name]


async def test_a_screen_that_is_too_small_says_so(spine: Dataset) -> None:
    async with lab(spine, size=(50, 12)) as person:
        assert "Epochal needs at least 60 x 15 cells." in person.screen()
        await person.pilot.resize_terminal(100, 30)
        await person.pilot.pause()
        assert "310 rows" in person.screen()


async def test_the_table_is_shown_with_its_target_marked_and_every_row_in_reach(spine: Dataset) -> None:
    async with lab(spine) as person:
        assert "310 rows, 6 features" in person.screen()
        assert "Abnormal 210, Normal 100" in person.pane("data")
        await person.press("ctrl+end", "end")
        assert " 310 " in person.screen()
        assert "target: 2 classes" in person.screen()


async def test_a_wrong_setting_is_said_as_one_types_and_no_run_starts(spine: Dataset) -> None:
    async with lab(spine, size=(200, 50)) as person:
        await person.press("2", "down", "down", "down", "enter")
        await person.type("-1")
        assert "Learning rate is above 0, not -1" in person.screen()
        await person.press("enter", "shift+tab", "t")
        assert person.app.run_shown is None
        form = person.app.settings_pane.form
        assert form.current is not None
        assert (form.current.name, form.has_focus) == ("learning_rate", True)
        await person.press("enter")
        await person.type("0.5")
        await person.press("enter")
        assert "not -1" not in person.screen()
        assert person.app.settings.learning_rate == 0.5


async def test_escape_puts_back_what_a_field_held(spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("2", "down", "enter")
        await person.type("16,8")
        assert person.app.settings.hidden == (16, 8)
        await person.press("escape")
        assert person.app.settings.hidden == (10,)


async def test_the_next_field_is_edited_when_one_moves_on_while_typing(spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("2", "down", "down", "down", "enter")
        await person.type("0.1")
        await person.press("down")
        await person.type("8")
        await person.press("tab")
        await person.type("50")
        await person.press("enter")
        settings = person.app.settings
        assert (settings.learning_rate, settings.batch_size, settings.epochs) == (0.1, 8, 50)


async def test_letters_typed_into_a_field_are_no_commands(spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("2", "down", "enter")
        await person.type("txz1")
        assert person.app.run_shown is None
        assert person.app.settings_pane.form.texts["hidden"] == "txz1"
        assert person.app.pane_shown == "settings"


async def test_the_network_is_drawn_in_words_as_the_settings_change(spine: Dataset) -> None:
    async with lab(spine) as person:
        assert "6 + bias -> 10 tanh -> 1 sigmoid: 18 nodes, 81 weights" in person.pane("settings")
        await person.press("2", "down", "enter")
        await person.type("none")
        await person.press("enter")
        assert "6 + bias -> 1 sigmoid: 8 nodes, 7 weights" in person.screen()


async def test_presets_are_chosen_with_the_arrows(spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("2", "right")
        assert person.app.settings == PRESETS["the tutorial's"]
        assert "epochal train column_2C_weka" in person.screen()
        await person.press("right")
        assert person.app.settings == PRESETS["no hidden layer"]


async def test_a_run_can_be_paused_stepped_continued_and_stopped(spine: Dataset) -> None:
    async with lab(spine, LONG) as person:
        await person.press("t")
        run = person.app.run_shown
        assert run is not None
        await person.press("t")
        assert run.phase == "paused"
        await _settled(person)
        paused_at = run.length
        await person.press("s")
        await _settled(person, beyond=paused_at)
        assert run.length == paused_at + 1
        await person.press("t")
        assert run.phase == "training"
        await person.press("x")
        await person.wait_for_the_end()
        assert run.phase == "stopped"
        assert run.evaluation is not None
        assert "Stopped after" in person.pane("result")
        await person.press("z")
        assert person.app.run_shown is None
        assert "Press t to train." in person.screen()


async def _settled(person: Person, beyond: int = -1) -> None:
    """Wait until a paused run rests between two epochs."""
    run = run_of(person)
    await person.until(lambda: run.is_waiting and run.length > beyond)


async def test_the_accuracy_of_a_run_that_goes_on_is_marked_as_running(spine: Dataset) -> None:
    async with lab(spine, LONG) as person:
        await person.press("t", "s", "s", "s")
        run = person.app.run_shown
        assert run is not None
        await _settled(person, beyond=2)
        await person.press("4")
        person.app.result_pane.tick()
        await person.pilot.pause()
        text = person.pane("result")
        assert re.search(r"Running, epoch \d+ of 10,000,000: \d+\.\d % of 62 held-out rows right", text)
        assert "This may still change." in text
        assert "95 % interval" not in text


async def test_the_footer_shows_the_keys_that_work_now(spine: Dataset) -> None:
    async with lab(spine, LONG) as person:
        assert "t Train" in person.screen()
        assert "x Stop" not in person.screen()
        await person.press("t")
        assert "t Pause" in person.screen()
        assert "x Stop" in person.screen()
        await person.press("t")
        assert "t Go on" in person.screen()


async def test_changing_a_setting_during_a_run_asks_first(spine: Dataset) -> None:
    async with lab(spine, LONG) as person:
        await person.press("t", "2", "down", "enter")
        assert "Stop this run, keep its result, and change the settings?" in person.dialog()
        await person.press("down", "enter")
        run = person.app.run_shown
        assert run is not None
        assert run.is_active
        await person.press("enter")
        await person.press("enter")
        await person.wait_for_the_end()
        assert run.phase == "stopped"
        await person.type("7")
        assert person.app.settings.hidden == (7,)


async def test_the_log_axis_is_a_key(spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("3")
        plain = person.lines()
        await person.press("l")
        assert person.app.error_pane.log_axis
        assert person.lines() != plain


async def test_the_chart_names_both_curves_and_its_axes(spine: Dataset) -> None:
    async with lab(spine, size=(80, 24)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        text = person.screen()
        for word in ("training", "held-out", "epoch", "cross-entropy (nats)", "finished after 300 of 300"):
            assert word in text


async def test_a_typed_measurement_changes_the_prediction_at_once(spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("4")
        before = _prediction(person.pane("result"))
        await person.press("end", "enter")
        await person.type("150")
        after = _prediction(person.pane("result"))
        assert before != after
        assert after.startswith("Abnormal")
        training = person.app.run_shown.training
        raw = np.median(spine.examples.inputs, axis=0)
        raw[5] = 150
        probability = training.outputs(np.round(raw, 4)[None])[0, 0]
        assert f"Abnormal {100 * probability:.1f} %" in after


def _prediction(text: str) -> str:
    found = re.search(r"Prediction: (.*?%.*?%)", text)
    assert found, text
    return found[1].strip()


async def test_a_value_outside_the_tables_range_is_allowed_and_said(spine: Dataset) -> None:
    async with lab(spine, size=(200, 50)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("4", "enter")
        await person.type("900")
        assert "above the table's 129.8" in person.screen()
        assert "%" in _prediction(person.pane("result"))
        await person.type("x")
        assert "not a number: 900x" in person.screen()


async def test_a_random_held_out_row_comes_with_its_true_class(spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("4", "r")
        found = re.search(r"True class: (\w+) \(row (\d+), held out\)", person.pane("result"))
        assert found
        row = int(found[2]) - 1
        assert row in person.app.run_shown.training.split.held_out
        assert spine.table.column("class").text(row) == found[1]


async def test_digits_are_seen_as_pictures() -> None:
    async with lab(dataset_from(open_table("digits")), Settings(epochs=2), size=(200, 70)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        blank = person.pane("picture")
        await person.press("4", "r")
        assert person.app.query_one("#picture").region.size == (16, 8)
        assert person.pane("picture") != blank
        assert set(person.pane("picture")) <= set(" ░▒▓█")


async def test_a_run_that_diverges_says_at_which_epoch_and_keeps_the_lab_usable(spine: Dataset) -> None:
    async with lab(spine, Settings(learning_rate=1e9)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("4")
        assert "Training diverged in epoch 1" in person.pane("result")
        assert "Try a learning rate a tenth of" in person.pane("result")
        assert person.app.settings.learning_rate == 1e9
        assert person.app.dataset is spine


async def test_news_of_a_replaced_run_do_not_reach_the_new_one(spine: Dataset) -> None:
    async with lab(spine, LONG) as person:
        await person.press("t")
        first = person.app.run_shown
        assert first is not None
        await person.press("x")
        assert await asyncio.to_thread(first.join, GIVE_UP)
        await person.press("t")
        second = person.app.run_shown
        assert second is not None
        assert second is not first
        person.app.post_message(EpochalApp.RunEnded(first))
        await person.pilot.pause()
        assert second.is_active
        assert person.app.settings_pane.form.locked


async def test_the_same_seed_gives_the_same_weights_on_screen_and_off(spine: Dataset) -> None:
    settings = Settings(seed=11, epochs=30)
    off = Training(spine.examples, settings)
    for _ in off:
        pass
    async with lab(spine, settings) as person:
        await person.press("t", "t", "s", "s", "t")
        await person.wait_for_the_end()
        on = person.app.run_shown.training
        assert on.network.parameters.tobytes() == off.network.parameters.tobytes()


async def test_enter_on_a_cell_predicts_its_column_or_leaves_it_out(spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("enter", "down", "down", "enter")
        await person.pilot.pause()
        assert "5 features" in person.screen()
        assert "5 + bias" in person.screen()
        await person.press("right", "enter", "down", "enter")
        await person.pilot.pause()
        assert "To predict: pelvic_tilt (a number from" in person.pane("data")
        await person.press("t")
        await person.wait_for_the_end()
        assert "On 62 held-out rows, typical error" in person.pane("result")


async def test_help_names_every_key_of_the_lab(spine: Dataset) -> None:
    async with lab(spine, size=(120, 130)) as person:
        await person.press("question_mark")
        await person.until_shown("What am I looking at?")
        text = person.screen()
        for command in EVERY_COMMAND:
            assert f"{command.key_in_words} " in text
            assert command.title.lower() in text.lower()
        for key in ("ctrl+p", "l logarithmic"):
            assert key in text
        await person.press("escape")
        assert "What am I looking at?" not in person.screen()


async def test_help_fits_the_smallest_lab(spine: Dataset) -> None:
    async with lab(spine, size=(60, 15)) as person:
        await person.press("question_mark")
        await person.until_shown("Keys here")
        await person.press("end")
        await person.until_shown("Escape goes back.")


async def test_a_key_stands_for_one_command_at_a_time(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=100_000)) as person:
        for after in (None, "t", "t", "t", "x"):
            if after:
                await person.press(after)
            works = [one for one in EVERY_COMMAND if person.app.check_action(*parse(one.action)[1:])]
            assert len({one.key for one in works}) == len(works)
        await person.wait_for_the_end()


async def test_the_palette_finds_the_actions(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=5)) as person:
        await person.press("ctrl+p")
        await person.type("train")
        await person.app.workers.wait_for_complete()
        await person.press("enter")
        await person.pilot.pause()
        assert person.app.run_shown is not None


@pytest.mark.parametrize("size", sampled(SIZES, 1, "hostile text is shown literally"))
async def test_hostile_text_is_shown_literally_everywhere(size: str) -> None:
    rows = 40
    columns = [
        Column(f"{text}", "number", np.random.default_rng(i).normal(size=rows))
        for i, text in enumerate(HOSTILE)
    ]
    labels = Column("[/y]", "category", (np.arange(rows) % 2).astype(np.int32), (HOSTILE[0], HOSTILE[3]))
    table = Table("[red]table[/]", (*columns, labels), path="[/x].csv")
    async with lab(dataset_from(table, target="[/y]"), Settings(epochs=3), size=SIZES[size]) as person:
        await person.press("t")
        await person.wait_for_the_end()
        for pane in "1234":
            await person.press(pane)
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", "\n".join(person.lines()))
        await person.press("1")
        assert "[red]boo[/]" in person.screen()
        await person.press("enter")
        assert "[red]boo[/]" in person.screen()


@pytest.mark.parametrize("size", SIZES)
async def test_the_screen_looks_as_it_did(
    spine: Dataset, size: str, monkeypatch: pytest.MonkeyPatch, record_property: object
) -> None:
    """Compares with tests/snapshots; EPOCHAL_SNAPSHOTS=write makes them anew, to be looked at."""
    ticks = itertools.count()
    monkeypatch.setattr("epochal.core.training.training.perf_counter", lambda: next(ticks) / 1000)
    async with lab(spine, Settings(epochs=150), size=SIZES[size]) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("3")
        svg = re.sub(r"terminal-\d+", "terminal", person.app.export_screenshot(title="Epochal"))
    path = Path(__file__).parent / "snapshots" / f"{size}.svg"
    if os.environ.get("EPOCHAL_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(svg, encoding="utf-8")
    assert svg == path.read_text(encoding="utf-8")


async def test_a_table_of_numbers_shows_no_accuracy(line_dataset: Dataset) -> None:
    async with lab(line_dataset, Settings(epochs=30)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        text = person.pane("result")
        assert "held-out rows, typical error" in text
        assert "rows right" not in text


@pytest.fixture
def line_dataset() -> Dataset:
    chance = np.random.default_rng(0)
    x = chance.normal(size=60)
    table = Table(
        "line", (Column("x", "number", x), Column("y", "number", 3 * x + chance.normal(size=60) / 10))
    )
    return dataset_from(table)


def test_bundled_tables_open() -> None:
    assert open_table("column_2C_weka").rows == 310


async def test_judging_many_settings_by_the_same_rows_is_noted_and_recorded(
    spine: Dataset, home: Path
) -> None:
    with Recorder.open(home) as recorder:
        await _judge_many(spine, recorder)
    recorded = recorded_runs(home).runs[1].result
    assert recorded
    assert "looked-often" in {finding.code for finding in recorded.findings}


async def _judge_many(spine: Dataset, recorder: Recorder) -> None:
    async with lab(spine, Settings(epochs=2), recorder=recorder) as person:
        for epochs in range(3, 9):
            person.app.action_pane("settings")
            await person.press("home", "down", "down", "down", "down", "down", "enter")
            await person.type(str(epochs))
            await person.press("enter", "t")
            await person.wait_for_the_end()
        run = person.app.run_shown
        assert run is not None
        assert run.settings.epochs == 8
        (note,) = (finding for finding in run.findings if finding.code == "looked-often")
        assert note.sentence.startswith("6 different settings")
        await person.press("end", "enter")
        await person.type("7")
        await person.press("enter", "t")
        await person.wait_for_the_end()
        assert person.app.run_shown is not None
        assert "looked-often" not in {finding.code for finding in person.app.run_shown.findings}
