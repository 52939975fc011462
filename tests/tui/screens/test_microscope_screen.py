"""The microscope on the screen: its keys, and its numbers against a derivation written out here."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from epochal.core.presets import PRESETS
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.table import Column, Table
from epochal.tui.screens.microscope.page import aligned, plain, with_numbers
from epochal.tui.screens.microscope.screen import MicroscopeScreen
from epochal.tui.screens.microscope.view import MicroscopeView, stage_line
from epochal.tui.widgets.text import ELLIPSIS
from tests.lab import SIZES, Person, lab
from tests.runs import sampled

TUTORIAL = PRESETS["the tutorial's"].model_copy(update={"epochs": 20})
ENDLESS = Settings(epochs=10_000_000)
STAGES = (
    "inputs",
    "hidden sums",
    "hidden values",
    "output sums",
    "answer",
    "error",
    "output deltas",
    "hidden deltas",
    "output gradients",
    "hidden gradients",
    "hidden update",
    "output update",
)


@asynccontextmanager
async def microscope(
    dataset: Dataset, settings: Settings = TUTORIAL, size: tuple[int, int] = (120, 40), *keys: str
) -> AsyncIterator[Person]:
    """The lab with the microscope open, after these keys."""
    async with lab(dataset, settings, size) as person:
        await person.press(*keys)
        run = person.app.run_shown
        if run:
            await person.until(lambda: not run.is_active or run.length == keys.count("s"))
        await person.press("m")
        await person.until_shown("Inputs: the row as the network sees it")
        yield person


def shown(person: Person) -> list[str]:
    view = person.app.screen.query_one(MicroscopeView)
    strips = person.app.screen._compositor.render_strips()[view.region.y : view.region.bottom]
    return [strip.crop(view.region.x, view.region.right).text.rstrip() for strip in strips]


def top(person: Person) -> str:
    return person.lines()[0].strip()


def numbers_of(person: Person) -> dict[str, list[float]]:
    """The lines of numbers by their labels."""
    found = {}
    for line in shown(person):
        match = re.match(r" [> ] (\S.*?)((?:\s\s+[-+]?(?:\d[\d.e+-]*|nan|inf))+)$", line)
        if match and "more" not in line:
            found[match[1].strip()] = [float(text) for text in match[2].split()]
    return found


async def go_to(person: Person, stage: str) -> None:
    while f"[{stage}]" not in "\n".join(shown(person)):
        before = shown(person)
        await person.press("right")
        assert shown(person) != before, stage


class Plain:
    """The first step of the tutorial's network, written out for a single row."""

    def __init__(self, dataset: Dataset, settings: Settings) -> None:
        training = Training(dataset.examples, settings)
        order = training.order_rng.bit_generator.state
        chance = np.random.default_rng(0)
        chance.bit_generator.state = order
        train = training.split.train
        self.row = int(train[chance.permutation(len(train))[0]])
        self.x = training.preparation.inputs(dataset.examples.inputs[[self.row]])[0]
        hidden, output = training.network.weights
        self.s = hidden[:, :-1] @ self.x + hidden[:, -1]
        self.a = np.tanh(self.s)
        self.z = float(output[0, :-1] @ self.a + output[0, -1])
        self.p = 1 / (1 + np.exp(-self.z))
        self.y = float(dataset.examples.targets[self.row])
        self.error = -np.log(self.p if self.y else 1 - self.p)
        self.d_output = self.p - self.y
        self.back = output[0, :-1] * self.d_output
        self.d_hidden = self.back * (1 - self.a**2)
        self.g_output = self.d_output * self.a
        self.g_hidden = np.outer(self.d_hidden, self.x)
        self.w_hidden, self.w_output = hidden.copy(), output.copy()
        self.names = training.preparation.names


@pytest.mark.parametrize("size", sampled(SIZES, 1, "the tutorials step is shown"))
async def test_the_tutorials_step_is_shown_as_one_would_write_it_out(size: str, spine: Dataset) -> None:
    truth = Plain(spine, TUTORIAL)
    async with microscope(spine, TUTORIAL, SIZES[size]) as person:
        assert f"at the start: step 1 of 248, row 1 of 1 (row {truth.row + 1}," in top(person)
        lines = numbers_of(person)
        assert lines["pelvic_tilt"][0] == pytest.approx(spine.examples.inputs[truth.row, 1], abs=1e-4)
        assert [lines[name][-1] for name in truth.names] == pytest.approx(truth.x, abs=1e-4)
        await go_to(person, "hidden sums")
        assert "s = (sum of w * x over the inputs) + b" in "\n".join(shown(person))
        assert [lines[-1] for lines in numbers_of(person).values()] == pytest.approx(truth.s, abs=1e-4)
        await go_to(person, "hidden values")
        assert [lines[1] for lines in numbers_of(person).values()] == pytest.approx(truth.a, abs=1e-4)
        assert f"a = tanh({plain(truth.s[0])}) = {plain(truth.a[0])}" in "\n".join(shown(person))
        await go_to(person, "output sums")
        assert numbers_of(person)["Normal"][-1] == pytest.approx(truth.z, abs=1e-4)
        await go_to(person, "answer")
        assert numbers_of(person)["Normal"] == pytest.approx([truth.z, truth.p, truth.y], abs=1e-4)
        await go_to(person, "error")
        assert f"mean of E over its 1 row = {plain(truth.error)}" in "\n".join(shown(person))
        await go_to(person, "output deltas")
        assert f"d = {plain(truth.p)} - {plain(truth.y)} = {plain(truth.d_output)}" in "\n".join(
            shown(person)
        )
        await go_to(person, "hidden deltas")
        deltas = list(numbers_of(person).values())
        assert [line[0] for line in deltas] == pytest.approx(truth.back, abs=1e-4)
        assert [line[-1] for line in deltas] == pytest.approx(truth.d_hidden, abs=1e-4)
        await go_to(person, "output gradients")
        gradients = numbers_of(person)
        for node in range(5):
            assert gradients[f"Normal <- node {node + 1}"][-1] == pytest.approx(
                truth.g_output[node], abs=1e-4
            )
        await go_to(person, "hidden update")
        await person.press("down", "down")
        w, g = truth.w_hidden[0, 2], truth.g_hidden[0, 2]
        said = "\n".join(shown(person))
        assert f"step = 0.001 * {plain(g) if g > 0 else f'({plain(g)})'} = {plain(0.001 * g)}" in said
        assert re.search(rf"new w = {re.escape(plain(w))} - .* = {re.escape(plain(w - 0.001 * g))}", said)


@pytest.mark.parametrize("size", sampled(SIZES, 1, "every stage is reached and"))
async def test_every_stage_is_reached_and_fits_in_plain_characters(size: str, spine: Dataset) -> None:
    async with microscope(spine, Settings(epochs=20), SIZES[size]) as person:
        for stage in STAGES:
            await go_to(person, stage)
            assert all(
                line.replace(ELLIPSIS, "~").isascii() and len(line) <= SIZES[size][0]
                for line in shown(person)[2:]
            )
            assert sum(line.startswith(" >") for line in shown(person)) == 1
        before = shown(person)
        await person.press("right")
        assert shown(person) == before
        await person.press(*["left"] * (len(STAGES) + 2))
        assert "[inputs]" in "\n".join(shown(person))


async def test_another_row_of_the_batch_is_chosen_by_brackets_and_on_the_errors_by_arrows(
    spine: Dataset,
) -> None:
    async with microscope(spine, Settings(epochs=20)) as person:
        first = numbers_of(person)
        await person.press("right_square_bracket", "right_square_bracket")
        assert "row 3 of 32" in top(person)
        assert numbers_of(person) != first
        await person.press("left_square_bracket", "left_square_bracket", "left_square_bracket")
        assert "row 1 of 32" in top(person)
        assert numbers_of(person) == first
        await go_to(person, "error")
        await person.press("down", "end")
        assert "row 32 of 32" in top(person)


async def test_a_paused_run_is_looked_at_and_not_disturbed(spine: Dataset) -> None:
    settings = Settings(epochs=10_000_000, dropout=0.2)
    async with microscope(spine, settings, (120, 40), "s", "s") as person:
        assert "after epoch 2: step 1 of 8" in top(person)
        await person.press("n", "g")
        await person.until_shown("after epoch 2: step 2 of 8")
        await person.press("g")
        await person.until_shown("gradients agree with finite differences")
        await person.press("escape", "s")
        run = person.app.run_shown
        assert run is not None
        await person.until(lambda: run.length == 3 and run.weights and run.weights.epoch == 3)
        alone = Training(spine.examples, settings)
        for _ in range(3):
            next(alone)
        assert run.training is not None
        assert run.training.network.parameters.tobytes() == alone.network.parameters.tobytes()


async def test_an_ended_run_shows_the_step_it_would_take(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=7)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("m")
        await person.until_shown("after epoch 7, if it went on: step 1 of 8")


async def test_a_run_that_trains_has_to_be_paused_first(spine: Dataset) -> None:
    async with lab(spine, ENDLESS) as person:
        await person.press("t", "m")
        await person.until_shown("t pauses")
        assert len(person.app.screen_stack) == 1


async def test_a_wrong_setting_gets_the_cursor_instead(spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("2", "down", "enter", "minus", "enter", "m")
        assert len(person.app.screen_stack) == 1
        assert person.app.settings_pane.form.has_focus


async def test_the_next_batch_goes_on_until_the_epoch_is_over(spine: Dataset) -> None:
    async with microscope(spine, Settings(epochs=20, batch_size=100)) as person:
        for number in (2, 3):
            await person.press("n")
            await person.until_shown(f"step {number} of 3")
        assert "of 48" in top(person)
        await person.press("n")
        await person.until_shown("That was the last batch of the epoch")
        assert "step 3 of 3" in top(person)


async def test_the_check_says_the_largest_difference_and_where(spine: Dataset) -> None:
    async with microscope(spine, TUTORIAL) as person:
        await person.press("g")
        await person.until_shown("All 81 gradients agree with finite differences")
        assert re.search(r"Largest difference \d\.\de-\d\d: \S+ derived, \S+ measured, \S+", person.screen())
        await person.press("n")
        await person.until_shown("step 2 of 248")
        assert "agree with" not in person.screen()


async def test_the_check_names_weights_at_a_kink(spine: Dataset) -> None:
    settings = Settings(hidden=(2,), activation="relu", initial_weights="zeros", l2=0.0, epochs=20)
    async with microscope(spine, settings) as person:
        await person.press("g")
        await person.until_shown("14 lie within a step of a kink")
        assert "agree with finite differences" in person.screen()


async def test_a_wide_network_shows_the_first_of_its_nodes_and_the_norm(spine: Dataset) -> None:
    async with microscope(spine, Settings(epochs=20, hidden=(128, 64)), SIZES["80x24"]) as person:
        await go_to(person, "sums 1")
        screen = person.app.screen
        assert isinstance(screen, MicroscopeScreen)
        assert screen._slide is not None
        sums = screen._slide.step.layers[0].sums[0]
        found = re.search(r"\.\.\. (\d+) more; norm of all 128: (\S+)", "\n".join(shown(person)))
        assert found
        assert int(found[1]) == 128 - len(numbers_of(person))
        assert float(found[2]) == pytest.approx(np.linalg.norm(sums), rel=1e-3)
        await person.press("end")
        assert numbers_of(person)["node 128"][-1] == pytest.approx(sums[127], abs=1e-3)
        await person.press("pageup")
        assert "node 128" not in numbers_of(person)


async def test_penalties_clipping_and_dropout_stand_by_themselves(spine: Dataset) -> None:
    settings = Settings(
        epochs=20, l1=0.01, clip=0.05, dropout=0.5, optimizer="adamw", class_weights="balanced"
    )
    async with microscope(spine, settings) as person:
        assert "This row counts" in person.screen()
        await go_to(person, "hidden values")
        assert "0 with probability 0.5, else 2" in person.screen()
        masks = {line[-2] for line in numbers_of(person).values()}
        assert masks <= {0.0, 2.0}
        await go_to(person, "hidden gradients")
        assert "g = mean + 0.01 * sign(w)" in person.screen()
        await go_to(person, "clipping")
        assert re.search(r"The longest allowed is 0.05: each is multiplied by 0.05 / \S+ = ", person.screen())
        await go_to(person, "hidden update")
        assert "new w = w - r * 0.02 * w - step" in person.screen()


async def test_numbers_are_shown_in_their_own_units_too() -> None:
    diabetes = dataset_from(open_table("diabetes"))
    async with microscope(diabetes, Settings(epochs=20, optimizer="lbfgs")) as person:
        await go_to(person, "answer")
        right = next(iter(numbers_of(person).values()))[-1]
        found = re.search(r"\(row (\d+), ([\d.]+)\)", top(person))
        assert found
        assert right == pytest.approx(float(found[2]), abs=0.5)
        await go_to(person, "hidden update")
        assert "how far to go along d is found by a search" in person.screen()


async def test_an_empty_cell_and_a_category_are_shown_as_they_were_filled_and_coded() -> None:
    chance = np.random.default_rng(0)
    width = chance.normal(size=40)
    width[::2] = np.nan
    table = Table(
        "made",
        (
            Column("[width]", "number", width),
            Column("colour", "category", np.arange(40, dtype=np.int32) % 2, ("red", "blue")),
            Column("answer", "category", np.arange(40, dtype=np.int32) // 2 % 2, ("no", "yes")),
        ),
    )
    async with microscope(dataset_from(table, target="answer"), Settings(epochs=20)) as person:
        screen = person.app.screen
        assert isinstance(screen, MicroscopeScreen)
        assert screen._slide is not None
        empty = np.isnan(screen._slide.step.batch.raw[:, 0])
        await person.press(*["right_square_bracket"] * int(np.argmax(empty)))
        assert "The cell is empty; it is imputed" in person.screen()
        assert np.isfinite(numbers_of(person)["[width]"]).all()
        assert numbers_of(person)["colour = red"][0] in (0.0, 1.0)
        assert numbers_of(person)["[width] missing"][0] == 1.0


def test_formulas_are_filled_in_as_one_would_write_them() -> None:
    assert with_numbers("1 - a^2", {"a": -0.5}) == "1 - (-0.5)^2"
    assert with_numbers("1 / (1 + exp(-z))", {"z": -2.0}) == "1 / (1 + exp(-(-2)))"
    assert with_numbers("0.9 * m + 0.1 * g", {"m": 1.0, "g": -2.0}) == "0.9 * 1 + 0.1 * (-2)"
    assert with_numbers("r * m' / (sqrt(v') + 1e-8)", {"r": 0.5, "m'": 2.0, "v'": 4.0}) == (
        "0.5 * 2 / (sqrt(4) + 1e-8)"
    )
    assert with_numbers("s if s > 0, else 0", {"s": 1.0}) is None


@pytest.mark.parametrize("value", [0.0, 1.0, -12.3456, 1e-3, -9999.0, 1e4, 1e-300, -1.7e308, np.inf, np.nan])
def test_a_number_for_a_column_fits_and_says_its_value(value: float) -> None:
    text = aligned(value)
    assert len(text) <= 10
    assert float(text) == pytest.approx(value, rel=6e-3, nan_ok=True)


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_the_present_stage_is_always_among_those_named(width: int) -> None:
    for place, stage in enumerate(STAGES):
        text = "".join(part for part, _ in stage_line(STAGES, place, width))
        assert f"[{stage}]" in text
        assert len(text.rstrip()) <= max(width, len(stage) + 6)
