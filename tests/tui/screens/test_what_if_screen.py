"""What if, on the screen: the bar moves under one's hands, and what is said is what the core says."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from epochal.core.evaluation.evaluation import decide
from epochal.core.explain.what_if import usual
from epochal.core.settings import Settings
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.table import Column, Table
from epochal.tui.screens.what_if.screen import WhatIfScreen
from epochal.tui.widgets.form_lines import stepped
from tests.lab import SIZES, Person, lab
from tests.runs import sampled

QUICK = Settings(epochs=60)


@asynccontextmanager
async def what_if(
    dataset: Dataset, settings: Settings = QUICK, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Person]:
    async with lab(dataset, settings, size) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("i")
        await person.until_shown("Most like it")
        yield person


def screen(person: Person) -> WhatIfScreen:
    assert isinstance(person.app.screen, WhatIfScreen)
    return person.app.screen


def answer(person: Person) -> str:
    found = re.search(r"\w+ \d+\.\d % ━", person.screen())
    assert found
    return found.group()


@pytest.mark.parametrize("size", sampled(SIZES, 1, "the answer pushes flip and"))
async def test_the_answer_pushes_flip_and_neighbours_stand_on_one_screen(size: str, spine: Dataset) -> None:
    async with what_if(spine, size=SIZES[size]) as person:
        await person.until_said("permutation importance: points of accuracy lost")
        text = person.screen()
        assert re.search(r"(Abnormal|Normal) \d+\.\d % ━", text)
        assert "gradient x distance" in text
        assert "Smallest single change that flips it" in text
        assert re.search(r"degree_spondylolisthesis +11\.7679 +[+-]\d+\.\d .* \d+\.\d ± \d", text)


async def test_a_step_is_a_tenth_of_the_deviation_and_moves_the_answer(spine: Dataset) -> None:
    async with what_if(spine) as person:
        form = screen(person).form
        before = float(form.texts["degree_spondylolisthesis"])
        await person.press("end", "right", "right")
        after = float(form.texts["degree_spondylolisthesis"])
        deviation = spine.examples.inputs[:, 5].std()
        assert after - before == pytest.approx(0.2 * deviation, rel=0.05)
        training = person.app.run_shown.training
        row = np.array([float(form.texts[name]) for name in spine.features])
        (outputs,) = training.outputs(row[None])
        name = spine.examples.classes[int(decide(outputs[None], 0.5)[0])]
        assert f"{name} {outputs.max():.1%}".replace("%", " %") in person.screen()


async def test_up_and_down_step_a_value_while_it_is_typed(spine: Dataset) -> None:
    async with what_if(spine) as person:
        form = screen(person).form
        deviation = spine.examples.inputs[:, 5].std()
        await person.press("end", "enter", "ctrl+u", "2", "0", "up", "up", "up", "down")
        assert form.editing
        assert float(form.texts["degree_spondylolisthesis"]) == pytest.approx(20 + 0.2 * deviation, rel=0.05)
        before = answer(person)
        await person.press("up")
        assert form.texts["degree_spondylolisthesis"] in person.screen()
        assert answer(person) != before
        await person.press("tab", "escape", "up")
        assert form.current.name == "pelvic_radius"
        assert "left right Step" in person.screen()


async def test_the_flip_that_is_named_flips_when_typed(spine: Dataset) -> None:
    async with what_if(spine) as person:
        said = " ".join(person.screen().split())
        name, new, other = re.search(
            r"flips it: (\w+) from [\d.-]+ to ([\d.-]+) \([\d.]+ deviations\), then (\w+)", said
        ).groups()
        await person.press("home", *["down"] * spine.features.index(name), "enter", *["backspace"] * 12)
        await person.type(new)
        assert re.search(rf"{other} \d+\.\d %", person.screen())


async def test_a_held_out_row_comes_with_its_truth_and_goes_back_to_the_lab(spine: Dataset) -> None:
    async with what_if(spine) as person:
        await person.press("r")
        assert re.search(r"True class: \w+ \(row \d+, held out\)", person.screen())
        texts = dict(screen(person).form.texts)
        await person.press("escape")
        assert person.app.result_pane.form.texts == texts
        await person.press("i")
        await person.until_shown("Most like it")
        await person.press("u")
        train = person.app.run_shown.training.split.train
        middle = usual(spine.examples, train).middle
        assert float(screen(person).form.texts["pelvic_radius"]) == pytest.approx(middle[4])


async def test_what_is_wrong_or_outside_is_said(spine: Dataset) -> None:
    async with what_if(spine) as person:
        await person.press("home", "enter", *["backspace"] * 12, "x")
        assert "pelvic_incidence is not a number: x." in person.screen()
        await person.press("backspace", "9", "9", "9")
        assert "the network has learned nothing there" in person.screen()


async def test_numbers_are_predicted_with_pushes_in_their_units() -> None:
    dataset = dataset_from(open_table("auto_mpg"))
    async with what_if(dataset) as person:
        assert re.search(r"mpg: \d", person.screen())
        assert "push on mpg" in person.screen()
        assert "flips" not in person.screen()
        await person.until_shown("permutation importance: typical error added")


async def test_while_it_trains_the_answer_follows_and_importance_waits(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=10_000_000)) as person:
        await person.press("t")
        await person.until(lambda: person.app.run_shown.length > 2)
        await person.press("i")
        await person.until_shown("importance once it waits")
        first = screen(person)._weights
        await person.until(lambda: screen(person)._weights is not first)
        await person.press("escape")


async def test_a_run_that_waits_ends_or_is_looked_back_at_has_its_importance(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=10_000_000)) as person:
        await person.press("t")
        await person.until(lambda: person.app.run_shown.length > 20)
        await person.press("i")
        await person.until_shown("importance once it waits")
        await person.press("less_than_sign")
        await person.until_shown("permuted among")
        assert "(looking back), training" in person.screen()
        await person.press("escape", "3", "end", "t", "i")
        await person.until_shown("permuted among")
        await person.until_shown(", paused")
        person.app.run_shown.stop()
        await person.until_shown(", stopped")
        assert "permuted among" in person.screen()


async def test_before_anything_is_learned_it_says_so(spine: Dataset) -> None:
    async with lab(spine, QUICK) as person:
        await person.press("i")
        assert "Nothing has been learned yet" in person.screen()


async def test_hostile_names_are_shown_as_text() -> None:
    chance = np.random.default_rng(0)
    first = chance.normal(size=40)
    bad = "[red]\x1b[31mx[/]"
    table = Table(
        "t",
        (
            Column(bad, "number", first),
            Column("b", "number", chance.normal(size=40)),
            Column("kind", "category", (first > 0).astype(float), ("[/x]", "no\x07")),
        ),
    )
    async with what_if(dataset_from(table)) as person:
        assert "[red]" in person.screen()
        assert "\x1b[31m" not in person.screen()


@pytest.mark.parametrize(
    ("text", "step", "after"),
    [
        ("4.6", 0.31, "4.91"),
        ("58.691", 1.7, "60.4"),
        ("3", 20.0, "23"),
        ("-0.2", 0.2, "0.00"),
        ("x", 1.0, "x"),
    ],
)
def test_a_step_keeps_as_many_decimals_as_it_needs(text: str, step: float, after: str) -> None:
    assert stepped(text, step) == after
