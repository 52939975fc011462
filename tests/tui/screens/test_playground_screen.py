"""The playground: maps of every node, layers and nodes changed while it trains, paint, links, failures."""

from __future__ import annotations

import re

import numpy as np
import pytest

from epochal.core.explain.node_statistics import Probe
from epochal.core.settings import Settings
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.tui.keys import in_words
from epochal.tui.lab.commands import EVERY_COMMAND, IN_PANES
from epochal.tui.lab.playground import open_playground
from epochal.tui.reporting.playground_state import state_from
from epochal.tui.screens.playground.lessons import LESSONS
from epochal.tui.screens.playground.screen import Playground
from tests.lab import Person, burst, lab, run_of
from tests.runs import Terminal, sampled

LONG = Settings(epochs=10_000_000, hidden=(4,), learning_rate=0.001)


def moons() -> Dataset:
    return dataset_from(open_table("moons"))


def playground(person: Person) -> Playground:
    screen = person.app.screen
    assert isinstance(screen, Playground)
    return screen


async def opened(person: Person) -> Playground:
    await person.press("j")
    await person.until_shown("Playground, epoch")
    return playground(person)


async def trained_some(person: Person, epochs: int = 5) -> None:
    """Wait until the run that is shown now has trained for so many epochs."""
    await person.until(lambda: person.app.run_shown and person.app.run_shown.length >= epochs)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_it_opens_before_training_and_shows_each_node(size: tuple[int, int]) -> None:
    async with lab(moons(), Settings(epochs=20, hidden=(3, 2)), size) as person:
        await opened(person)
        await person.wait_for_the_end()
        await person.until_shown("Playground, epoch 20 of 20, finished")
        shown = "\n".join(person.lines())
        blocks = re.findall("▀▀▀+", "\n".join(line[: int(size[0] * 0.6)] for line in person.lines()))
        assert len(blocks) >= 5, "a map for each of five nodes"
        assert "x across, y up" in shown
        for key in ("Nodes", "Add layer", "Failures", "Link", "Training share", "esc Back"):
            assert key in shown or size[0] == 80


async def test_nodes_are_added_and_removed_while_it_trains_and_weights_that_remain_stay() -> None:
    async with lab(moons(), LONG, (120, 40)) as person:
        await opened(person)
        await trained_some(person)
        first = run_of(person)
        await person.press("plus")
        await person.until(lambda: run_of(person) is not first and run_of(person).training is not None)
        second = run_of(person)
        assert second.settings.hidden == (5,)
        assert second.branch
        assert second.weight_history
        left = second.branch.weights
        before = first.training.network.with_parameters(left.parameters) if first.training else None
        start = second.weight_history.at(left.epoch)
        assert before
        assert second.training
        after = second.training.network.with_parameters(start.parameters)
        np.testing.assert_array_equal(after.weights[0][:4], before.weights[0])
        np.testing.assert_array_equal(after.weights[1][:, :4], before.weights[1][:, :4])
        await trained_some(person, left.epoch + 3)
        await person.press("minus", "a")
        await person.until(lambda: run_of(person).settings.hidden == (4, 4) and run_of(person).length)
        await person.press("x")
        await person.until(lambda: run_of(person).settings.hidden == (4,) and run_of(person).length)
        assert person.app.settings.hidden == (4,)
        run_of(person).stop()


async def test_a_branch_of_other_layers_goes_back_to_its_own_epochs_only() -> None:
    async with lab(moons(), LONG, (120, 40)) as person:
        await opened(person)
        await trained_some(person)
        first = run_of(person)
        await person.press("plus")
        await person.until(lambda: run_of(person) is not first and run_of(person).training is not None)
        run = run_of(person)
        assert run.branch
        await trained_some(person, run.branch.weights.epoch + 3)
        run.stop()
        await person.wait_for_the_end()
        assert run.first_epoch == run.branch.weights.epoch
        for _ in range(12):
            await person.press("less_than_sign")
        await person.press("escape", "n", "escape", "k", "escape", "v", "escape")
        assert person.app.return_code is None


async def test_noise_points_and_training_share_make_another_table() -> None:
    async with lab(moons(), LONG, (120, 40)) as person:
        await opened(person)
        await trained_some(person)
        await person.press("right_curly_bracket")
        assert person.app.dataset
        assert person.app.dataset.table.name == "moons:noise=0.2"
        await person.press("right_parenthesis")
        assert person.app.dataset.table.rows == 800
        await person.press("left_square_bracket")
        assert run_of(person).settings.held_out == pytest.approx(0.3)
        seed = run_of(person).settings.seed
        await person.press("n")
        assert run_of(person).settings.seed == seed + 1
        run_of(person).stop()


async def test_a_feature_is_turned_off_and_on_and_the_last_one_stays(iris: Dataset) -> None:
    async with lab(iris, LONG, (120, 40)) as person:
        screen = await opened(person)
        await trained_some(person)
        await person.press("left", "down", "o")
        await person.until(lambda: person.app.dataset and len(person.app.dataset.features) == 3)
        assert screen.state.ignored == ("sepal_width",)
        await person.until_shown("sepal_width off")
        await person.press("down", "down", "o")
        await person.until(lambda: person.app.dataset and len(person.app.dataset.features) == 4)
        for _ in range(6):
            await person.press("up", "up", "up", "up", "o")
            await person.until(lambda: run_of(person).training is not None)
        assert person.app.dataset
        assert len(person.app.dataset.features) == 1
        assert "The last feature stays." in person.screen()
        run_of(person).stop()


async def test_points_are_painted_with_the_cursor_and_trained_on() -> None:
    async with lab(moons(), LONG, (120, 40)) as person:
        screen = await opened(person)
        await trained_some(person)
        await person.press("p", "up", "up", "right", "2", "left", "left", "1", "1", "backspace")
        assert [point.label for point in screen.state.points] == ["lower", "upper"]
        assert person.app.dataset
        assert person.app.dataset.table.rows == 400, "nothing is trained on yet"
        await person.press("p")
        await person.until(lambda: person.app.dataset and person.app.dataset.table.rows == 402)
        await person.until(lambda: run_of(person).training is not None)
        run = run_of(person)
        point = screen.state.points[0]
        assert tuple(run.dataset.examples.inputs[-2]) == tuple(point.cells.values())
        run.stop()


async def test_a_link_opens_the_same_playground_in_another_lab() -> None:
    settings = Settings(epochs=30, hidden=(3, 2), learning_rate=0.02, seed=5)
    async with lab(moons(), settings, (120, 40)) as person:
        screen = await opened(person)
        await person.wait_for_the_end()
        await person.press("p", "1", "p", "d")
        await person.wait_for_the_end()
        await person.until(lambda: run_of(person).phase == "finished")
        weights = run_of(person).weights
        await person.press("l")
        await person.until_shown("epochal --state")
        line = person.app.clipboard.removeprefix("epochal --state ").strip("'")
        state = state_from(line)
        assert state == screen.state
    async with lab(state.dataset(open_table), state.settings, (120, 40)) as other:
        open_playground(other.app, state)
        await other.until_shown("Playground, epoch")
        await other.wait_for_the_end()
        again = run_of(other).weights
        assert weights
        assert again
        assert again.parameters.tobytes() == weights.parameters.tobytes()
        assert playground(other).state == state


def test_a_line_opens_the_playground_from_the_shell() -> None:
    line = "table=moons&hidden=3,2&epochs=40&axis=x&axis=y&discrete=yes"
    terminal = Terminal("--state", line)
    terminal.until("Playground, epoch 40 of 40, finished")
    terminal.press("\x1b")
    terminal.until("moons, finished")
    terminal.press("\x11")
    terminal.end()
    wrong = Terminal("--state", "table=moons&hidden=-3")
    wrong.end()
    assert "Hidden layers" in wrong.text()


@pytest.mark.parametrize("name", LESSONS)
def test_each_failure_shows_what_its_name_says(name: str) -> None:
    from epochal.core.training.training import Training

    state = LESSONS[name].state
    training = Training(state.dataset(open_table).examples, state.settings)
    list(training)
    history = training.history
    errors, held_out = history.column("training_error"), history.column("held_out_error")
    match name:
        case "rate":
            jumps = np.mean(np.diff(errors) > 0.02)
            assert training.ending == "diverged" or jumps > 0.2
        case "dead":
            probe = Probe.of(training)
            hidden = probe.layers(training.network)[1]
            assert hidden.dead.sum() >= len(hidden.dead) / 3
        case "overfit":
            assert errors[-1] < 0.05
            assert held_out[-1] > 1.5 * held_out.min()
        case "linear":
            assert history.column("held_out_accuracy")[-1] < 0.7
    assert training.seconds < 10


def test_the_help_names_the_failures() -> None:
    said = in_words(EVERY_COMMAND, IN_PANES).lower()
    assert all(lesson.title.lower() in said for lesson in LESSONS.values())


@pytest.mark.parametrize("name", sampled(LESSONS, 1, "failures"))
async def test_a_failure_is_chosen_from_a_list(name: str) -> None:
    async with lab(moons(), LONG, (120, 40)) as person:
        await opened(person)
        await trained_some(person)
        await person.press("f", *["down"] * list(LESSONS).index(name), "enter")
        await person.until(lambda: run_of(person).settings == LESSONS[name].state.settings)
        await person.until(lambda: run_of(person).training is not None)
        await person.until_shown(LESSONS[name].sentence[:40])
        run_of(person).stop()


async def test_digits_show_the_weights_as_pictures() -> None:
    digits = dataset_from(open_table("digits"))
    async with lab(digits, Settings(epochs=3, hidden=(6,)), (120, 40)) as person:
        screen = await opened(person)
        await person.wait_for_the_end()
        await person.until_shown("epoch 3 of 3, finished")
        cells = screen._maps._cells
        assert cells is not None
        assert (cells.glyphs == ord("▀")).sum() >= 6 * 8 * 4


@pytest.mark.parametrize("table", sampled(["auto_mpg", "penguins", "sine", "wine"], 2, "any table"))
async def test_it_works_on_any_table(table: str) -> None:
    async with lab(dataset_from(open_table(table)), Settings(epochs=5, hidden=(3,)), (80, 24)) as person:
        await person.press("j")
        await person.wait_for_the_end()
        for key in ("c", "d", "d", "p", "p", "left", "down", "right", "plus", "minus", "a", "x", "n", "o"):
            await person.press(key)
            await person.until(lambda: run_of(person).training is not None or run_of(person).failure)
        assert person.app.return_code is None
        assert isinstance(person.app.screen, Playground)


async def test_keys_in_one_burst_are_all_obeyed() -> None:
    async with lab(moons(), LONG, (120, 40)) as person:
        await opened(person)
        await trained_some(person)
        burst(person, "plus", "plus", "a", "minus", "plus", "plus")
        await person.until(lambda: run_of(person).settings.hidden == (6, 7))
        await trained_some(person)
        assert "Go to a hidden layer" not in person.screen()
        run_of(person).stop()


async def test_a_layer_that_the_activation_forbids_is_said() -> None:
    perceptron = Settings(hidden=(), activation="step", epochs=5, optimizer="sgd")
    async with lab(moons(), perceptron, (120, 40)) as person:
        await opened(person)
        await person.wait_for_the_end()
        await person.press("a")
        await person.until_shown("A step has no slope")
        assert run_of(person).settings.hidden == ()
