"""A result is held against the one before on the same rows, and belongs to its own settings."""

from __future__ import annotations

from scipy.stats import binomtest

from epochal.core.evaluation.evaluation import decide
from epochal.core.settings import Settings
from epochal.data.tables.dataset import Dataset
from epochal.tui.runner.run import Run
from tests.lab import Person, lab


async def trained(person: Person, **changed: object) -> Run:
    if changed:
        person.app.change_settings(person.app.settings.model_copy(update=changed))
    await person.press("t")
    await person.wait_for_the_end()
    assert person.app.run_shown
    await person.pilot.pause()
    return person.app.run_shown


def right(run: Run) -> dict[int, bool]:
    assert run.answers
    answered = decide(run.answers.outputs, run.threshold) == run.answers.targets
    return dict(zip(run.answers.rows.tolist(), answered.tolist(), strict=True))


async def test_a_result_is_held_against_the_one_before_on_the_same_rows(spine: Dataset) -> None:
    async with lab(spine, Settings(epochs=3, learning_rate=0.1)) as person:
        first = right(await trained(person))
        assert "Was " not in person.pane("result")
        second = right(await trained(person, epochs=100, learning_rate=0.003))
        gained = sum(second[row] and not first[row] for row in first)
        lost = sum(first[row] and not second[row] for row in first)
        assert gained + lost
        share = 100 * sum(first.values()) / len(first)
        said = person.pane("result")
        assert f"Was {share:.1f} % (the run before, learning rate 0.1, epochs 3)" in said
        p = binomtest(gained, gained + lost, 0.5).pvalue
        assert f"{gained} gained, {lost} lost; McNemar's exact test, p = {p:.{4 if p < 0.1 else 2}f}" in said
        assert ("within chance" in said) == (p > 0.05)
        assert "run before" in person.screen()
        await trained(person, seed=1)
        await person.until_said("Not compared with the run before, seed 0: other rows were held out.")


async def test_the_run_to_beat_stays_what_is_compared_with(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=2)) as person:
        marked = await trained(person)
        await person.press("B")
        await trained(person, epochs=3)
        assert person.app.run_before is marked
        last = await trained(person, epochs=4)
        assert person.app.run_before is marked
        await person.until_said("(the run before, epochs 2)")
        person.app.mark_run()
        person.app.mark_run()
        await trained(person, epochs=5)
        assert person.app.run_before is last


async def test_settings_changed_since_the_run_are_marked_and_said(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=20)) as person:
        await trained(person)
        form = person.app.settings_pane.form
        assert not form.marked
        person.app.action_pane("settings")
        form.go_to("learning_rate")
        await person.press("enter")
        await person.type("0.5")
        await person.press("enter")
        assert form.marked == {"learning_rate"}
        assert ">*Learning rate" in "".join(person.lines())
        await person.until_said("Of the settings before the change: learning rate 0.003.")
        await person.press("u")
        assert not form.marked
        await person.until(lambda: "Of the settings before" not in person.pane("result"))


async def test_the_first_line_of_a_result_is_its_figure_and_verdict(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=60)) as person:
        for _ in range(2):  # a second run once hid the line
            run = await trained(person)
            assert run.evaluation
            line = person.lines()[person.app.result_pane.region.y + 1]
            assert f"{100 * run.evaluation.accuracy:.1f} %" in line  # type: ignore[union-attr, operator]
            assert "better than" in line
