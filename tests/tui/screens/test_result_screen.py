"""The result in full: what it shows, what moves it, and where its rows lead."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from epochal.core.evaluation.judgement import balanced
from epochal.core.settings import Settings
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.table import Column, Table
from tests.lab import SIZES, Person, counts_shown, lab, run_of
from tests.runs import sampled

QUICK = Settings(epochs=60)


@asynccontextmanager
async def result(
    dataset: Dataset, size: tuple[int, int] = (120, 40), settings: Settings = QUICK
) -> AsyncIterator[Person]:
    """The lab with a finished run and its result in full on the screen."""
    async with lab(dataset, settings, size) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("v")
        await person.until(lambda: person.app.screen.query("#sections"))
        yield person


def section(person: Person, name: str) -> str:
    return person._text(person.app.screen.query_one(f"#{name}").region)


async def test_confusion_shares_and_measures_of_each_class_are_shown(spine: Dataset) -> None:
    async with result(spine) as person:
        answers = run_of(person).answers
        assert answers is not None
        said = (answers.outputs[:, 1] >= 0.5).astype(int)
        shown = section(person, "matrix")
        assert counts_shown(shown) == confusion_matrix(answers.targets, said).ravel().tolist()
        precision, recall, f1, _ = precision_recall_fscore_support(answers.targets, said)
        for value in (*precision, *recall, *f1):
            assert f"{100 * value:.1f} %" in shown


async def test_a_moved_threshold_moves_the_matrix_the_point_and_the_list(spine: Dataset) -> None:
    async with result(spine) as person:
        before = counts_shown(section(person, "matrix"))
        await person.press("less_than_sign", "less_than_sign", "minus")
        run = run_of(person)
        assert run.threshold == pytest.approx(0.29)
        assert run.answers is not None
        said = (run.answers.outputs[:, 1] >= 0.29).astype(int)
        expected = confusion_matrix(run.answers.targets, said).ravel().tolist()
        shown = section(person, "matrix")
        assert counts_shown(shown) == expected != before
        assert "probability of 0.29 on" in shown
        assert "looks better than it is" in shown
        found = 100 * expected[3] / (expected[2] + expected[3])
        assert f"{found:.1f} % of Normal found" in section(person, "trade")
        assert f"{expected[1] + expected[2]} of 62 held-out rows misclassified" in section(person, "mistakes")
        await person.press("h")
        assert counts_shown(section(person, "matrix")) == before
        assert "looks better than it is" not in section(person, "matrix")


async def test_the_balanced_threshold_is_a_key_and_is_told_in_the_lab(spine: Dataset) -> None:
    async with result(spine) as person:
        await person.press("b")
        training = run_of(person).training
        assert training is not None
        chosen = balanced(training)
        assert run_of(person).threshold == chosen
        await person.press("escape")
        assert f"Normal is answered from a probability of {chosen:.2f} on." in person.pane("result")


@pytest.mark.parametrize("size", sampled(SIZES, 1, "every section can be reached"))
async def test_every_section_can_be_reached(size: str, spine: Dataset) -> None:
    async with result(spine, SIZES[size]) as person:
        for key, words in (
            ("1", "held-out rows right"),
            ("2", "of the others"),
            ("3", "came true"),
            ("4", "misclassified"),
        ):
            await person.press(key)
            assert words in person.screen()


async def test_a_mistake_is_tried_in_the_form(spine: Dataset) -> None:
    async with result(spine) as person:
        await person.press("4", "down", "enter")
        await person.press("enter")
        await person.until(lambda: person.app.screen is person.app.screen_stack[0])
        shown = person.pane("result")
        row = int(re.search(r"row (\d+), held out", shown)[1])  # type: ignore[index]
        assert row - 1 in run_of(person).dataset.rows
        truth, answer = re.search(r"True class: (\w+)", shown), re.search(r"Prediction: (\w+)", shown)
        assert truth
        assert answer
        assert truth[1] != answer[1]


async def test_a_mistake_is_found_in_the_table(spine: Dataset) -> None:
    async with result(spine) as person:
        await person.press("4", "enter")
        asked = re.search(r"Row (\d+)", person.dialog())
        assert asked
        await person.press("down", "enter")
        await person.until(lambda: person.app.pane_shown == "data")
        assert person.app.data_pane.view.cursor[0] == int(asked[1]) - 1


async def test_with_more_classes_each_ones_curve_can_be_chosen(iris: Dataset) -> None:
    async with result(iris) as person:
        seen = set()
        for _ in range(3):
            seen |= set(re.findall(r"(\w+) against the rest", section(person, "trade")))
            await person.press("plus")
        assert seen == {"setosa", "versicolor", "virginica"}


async def test_numbers_have_errors_instead_of_confusions() -> None:
    async with result(dataset_from(open_table("diabetes"))) as person:
        evaluation = run_of(person).evaluation
        assert f"RMSE (typical error) {evaluation.rmse:.1f}" in section(person, "matrix")  # type: ignore
        assert "Half of the held-out rows are off by at most" in section(person, "trust")
        assert "largest error first" in section(person, "mistakes")


async def test_there_is_no_full_result_before_a_run_has_ended(spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("v")
        assert len(person.app.screen_stack) == 1


async def test_keys_of_the_lab_do_nothing_behind_the_result(spine: Dataset) -> None:
    async with result(spine) as person:
        run = run_of(person)
        await person.press("t", "z", "s")
        assert person.app.run_shown is run


async def test_hostile_names_are_shown_as_they_are() -> None:
    chance = np.random.default_rng(0)
    values = chance.normal(size=80)
    table = Table(
        "[/x]",
        (
            Column("[@click=app.quit]a[/]", "number", values),
            Column(
                "\x1b[31mclass", "category", (values > 0).astype(np.int32), ("[red]no[/]", "\x1b]52;c;x\x07")
            ),
        ),
    )
    async with result(dataset_from(table)) as person:
        for key in "1234":
            await person.press(key)
            assert "\x1b" not in "".join(person.lines())
        assert "[red]no[/]" in person.screen()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_cursor_in_the_picture_of_many_classes_says_each_cell(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    names = tuple(f"kind{n:02}" for n in range(50))
    labels = np.repeat(np.arange(50), 8).astype(np.int32)
    columns = [Column(f"x{n}", "number", rng.normal(size=400) + labels * (n + 1) / 9) for n in range(3)]
    table = Table("many", (*columns, Column("kind", "category", labels, names)))
    async with result(dataset_from(table), size, Settings(epochs=2)) as person:
        await person.until_shown("True down, answered across")
        assert "taken for kind" in section(person, "matrix")
        await person.press("home")
        evaluation = run_of(person).evaluation
        assert evaluation is not None
        shown = section(person, "matrix")
        assert re.search(r"kind00 to kind0\d: [\d,]+ of their [\d,]+ rows right", shown)
        await person.press("right")
        assert re.search(r"kind00 to kind0\d taken for kind0\d to kind0\d: ", section(person, "matrix"))
        await person.press("end")
        shown = section(person, "matrix")
        assert re.search(r"to kind49: |kind49: ", shown)
        assert "◆" in shown
