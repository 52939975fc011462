"""The tutorial replayed: against a literal twin, and each repair against what it claims to change."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

from epochal.core.article.defects import ALL, DEFECTS, chosen
from epochal.core.article.replay import Replay
from epochal.core.article.training import ArticleEpoch, ArticleTraining, replay
from epochal.core.rows.examples import Examples, Feature, generator, split
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from
from tests.runs import computed_once

WITHOUT = [(name, tuple(each for each in ALL if each != name)) for name in ALL]
TOGETHER = [(), *((name,) for name in ALL), *(rest for _, rest in WITHOUT), ALL]


PATIENTS = dataset_from(open_table("column_2C_weka")).examples
SOME = Examples(PATIENTS.features, PATIENTS.inputs[::9], PATIENTS.targets[::9], PATIENTS.classes)


def other_labelling(examples: Examples) -> Examples:
    return Examples(examples.features, examples.inputs, 1 - examples.targets, examples.classes[::-1])


def literal(examples: Examples, repairs: tuple[str, ...], seed: int, epochs: int) -> tuple[list[float], int]:
    """The method as prose tells it, line by line: the error of each epoch, and held-out rows right."""
    x, y = examples.inputs, np.where(examples.targets == 0, 1.0, 0.0)[:, None]
    if "tanh-against-01" in repairs:
        y = 2 * y - 1
    if "sorted-split" in repairs:
        rows = split(examples, 0.2, seed)
        train, held_out = rows.train, rows.held_out
    else:
        train = np.arange(int(0.8 * len(x)))
        held_out = np.arange(int(0.8 * len(x)), len(x))
    seen = x[train] if "scaled-on-held-out" in repairs else x
    if "one-scale-for-all" in repairs:
        for column in range(x.shape[1]):
            x = x.copy()
            x[:, column] = (x[:, column] - np.mean(seen[:, column])) / np.std(seen[:, column])
    else:
        x = (x - np.mean(seen)) / np.std(seen)
    x = np.append(x, np.ones((len(x), 1)), axis=1)
    x_train, y_train = x[train], y[train]
    order = generator(seed, "order").permutation(len(train))
    x_train = x_train[order]
    if "shuffled-features-only" in repairs:
        y_train = y_train[order]
    draws = generator(seed, "weights")
    w1, w2 = draws.standard_normal((7, 10)), draws.standard_normal((10, 1))

    errors = []
    batch_size = 1
    for _ in range(epochs):
        for start in range(0, len(x_train), batch_size):
            end = start + batch_size
            first = start if "growing-prefix-batches" in repairs else 0
            batch, labels = x_train[first:end], y_train[first:end]
            hidden = np.tanh(batch @ w1)
            output = np.tanh(hidden @ w2)
            error = np.sum((labels - output) ** 2) / 2 / batch_size
            delta = output - labels
            if "missing-output-slope" in repairs:
                delta = delta * (1 - output**2)
            hidden_delta = (delta @ w2.T) * (1 - hidden**2)
            divisor = len(batch) if "batch-size-ignored" in repairs else batch_size
            w2 = w2 - 0.001 * (hidden.T @ delta) / divisor
            w1 = w1 - 0.001 * (batch.T @ hidden_delta) / divisor
        if "last-batch-error" in repairs:
            answers = np.tanh(np.tanh(x_train @ w1) @ w2)
            error = np.mean(
                [(answer - label) ** 2 / 2 for answer, label in zip(answers, y_train, strict=True)]
            )
        errors.append(float(error))
    outputs = np.tanh(np.tanh(x[held_out] @ w1) @ w2)
    middle = (y.min() + y.max()) / 2
    right = sum(bool(a > middle) == bool(b > middle) for a, b in zip(outputs, y[held_out], strict=True))
    return errors, right


@pytest.fixture(scope="module")
def published(shared_folder: Path) -> Replay:
    return computed_once(shared_folder, "published", lambda: replay(PATIENTS))


@pytest.fixture(scope="module")
def repaired(shared_folder: Path) -> Replay:
    return computed_once(shared_folder, "repaired", lambda: replay(PATIENTS, ["all"]))


def test_as_published_it_prints_the_tutorials_ten_lines(published: Replay) -> None:
    assert len(published.printed_lines) == 10
    *epochs, last = published.printed_lines
    for line, number, error in zip(epochs, range(100, 1000, 100), published.errors, strict=True):
        assert line == f"Epoch : {number} , error : {error}"
        assert error == published.curve[number]
    assert last == "Accuracy: 62.00%"
    assert published.printed_accuracy == 62.0
    assert len(published.curve) == 1000


def test_the_published_error_is_in_the_range_the_tutorial_shows(published: Replay) -> None:
    assert len(published.errors) == 9
    assert all(8 <= error <= 16 for error in published.errors)


def test_the_published_run_says_what_its_62_is_and_that_it_shows_nothing(published: Replay) -> None:
    assert published.held_out_classes == {"Abnormal": 0, "Normal": 62}
    assert published.true_accuracy < 0.2
    assert published.baseline == 0.0
    assert not published.beats_baseline
    words = " ".join(published.in_words())
    assert "62 held-out rows, every one counted as right, divided by 1" in words
    assert "all of one class" in words


@pytest.mark.parametrize("examples", [PATIENTS, other_labelling(PATIENTS)], ids=["1/0", "0/1"])
def test_any_seed_and_either_labelling_prints_62(examples: Examples) -> None:
    for seed in range(10):
        run = replay(examples, seed=seed, epochs=1)
        assert run.printed_lines == ("Accuracy: 62.00%",)
        assert run.held_out_rows == 62
    assert len({replay(examples, seed=seed, epochs=1).curve for seed in range(10)}) == 10


def test_the_page_that_tells_the_story_has_this_runs_figures(published: Replay, repaired: Replay) -> None:
    page = (Path(__file__).parents[3] / "docs" / "the-62-percent.md").read_text(encoding="utf-8")
    errors = f"{min(published.errors):.2f} to {max(published.errors):.2f}"
    assert f"| (none) | | 62.00 % | {published.held_out_right} of 62 | {errors} |" in page
    assert f"**{published.held_out_right} of 62 right** with seed 0" in page
    assert all(f"`{name}`" in page for name in ALL)
    low, high = repaired.interval
    told = " ".join(page.split())
    assert f"**{repaired.held_out_right} of 62, {100 * repaired.true_accuracy:.1f} %**" in told
    assert f"(95 % interval {100 * low:.1f} to {100 * high:.1f} %)" in told
    assert f"in {100 * repaired.p_value:.1f} % of cases" in told


def test_weights_that_never_learned_anything_print_62_too() -> None:
    run = replay(PATIENTS, epochs=0)
    assert run.printed_lines == ("Accuracy: 62.00%",)
    assert run.curve == ()


def test_the_published_run_agrees_with_its_literal_twin(published: Replay) -> None:
    errors, _ = literal(PATIENTS, (), 0, 50)
    np.testing.assert_allclose(published.curve[:50], errors, rtol=1e-9)


@pytest.mark.parametrize("repairs", TOGETHER, ids="+".join)
def test_every_repair_alone_and_left_out_agrees_with_the_literal_twin(repairs: tuple[str, ...]) -> None:
    for seed in (1, 2):
        run = replay(PATIENTS, repairs, seed, epochs=2)
        errors, right = literal(PATIENTS, repairs, seed, 2)
        np.testing.assert_allclose(run.curve, errors, rtol=1e-9)
        assert run.held_out_right == right


def test_every_combination_of_repairs_runs_and_stays_finite() -> None:
    for size in range(len(ALL) + 1):
        for repairs in combinations(ALL, size):
            run = replay(SOME, repairs, epochs=1)
            assert run.repairs == repairs
            assert np.isfinite(run.curve).all()
            assert 0 <= run.true_accuracy <= 1
            assert (run.printed_accuracy == 7) == ("argmax-of-one-column" not in repairs)


def test_shuffling_rows_and_labels_together_keeps_every_label_with_its_row() -> None:
    # One column that is the label: a row of it can be learned only with its own label.
    telling = Examples(
        (Feature("label"),), np.multiply.outer(PATIENTS.targets, [9.0]), PATIENTS.targets, PATIENTS.classes
    )
    repaired = replay(telling, ["shuffled-features-only", "sorted-split"], epochs=30)
    assert repaired.true_accuracy == 1.0
    assert replay(telling, ["sorted-split"], epochs=30).true_accuracy < 1.0


def test_one_scale_a_column_makes_a_columns_unit_irrelevant() -> None:
    in_microns = Examples(
        PATIENTS.features, PATIENTS.inputs * [1, 1, 1, 1, 1, 1000], PATIENTS.targets, PATIENTS.classes
    )
    first, second = (replay(each, ["one-scale-for-all"], epochs=2).curve for each in (PATIENTS, in_microns))
    np.testing.assert_allclose(first, second, rtol=1e-9)
    assert replay(PATIENTS, epochs=2).curve != pytest.approx(replay(in_microns, epochs=2).curve, rel=0.01)


def test_scaling_on_training_rows_keeps_held_out_rows_out_of_the_error() -> None:
    inputs = PATIENTS.inputs.copy()
    inputs[248:] *= 7
    changed = Examples(PATIENTS.features, inputs, PATIENTS.targets, PATIENTS.classes)
    name = "scaled-on-held-out"
    assert replay(PATIENTS, [name], epochs=2).curve == replay(changed, [name], epochs=2).curve
    assert replay(PATIENTS, epochs=2).curve != replay(changed, epochs=2).curve


def test_own_batches_report_the_error_of_one_row() -> None:
    assert min(replay(PATIENTS, epochs=5).curve) > 8
    assert max(replay(PATIENTS, ["growing-prefix-batches"], epochs=5).curve) < 2


def test_dividing_by_the_batch_changes_nothing_once_a_batch_is_one_row() -> None:
    own = ["growing-prefix-batches"]
    assert (
        replay(PATIENTS, [*own, "batch-size-ignored"], epochs=2).curve
        == replay(PATIENTS, own, epochs=2).curve
    )
    assert replay(PATIENTS, ["batch-size-ignored"], epochs=2).curve != replay(PATIENTS, epochs=2).curve


def test_the_mean_error_changes_the_curve_and_not_the_weights() -> None:
    before, after = (replay(PATIENTS, names, 4, epochs=5) for names in ([], ["last-batch-error"]))
    assert (after.held_out_right, after.printed_accuracy) == (before.held_out_right, 62.0)
    # Both are the error of all 248 rows, the one summed before an update, the other averaged after it.
    np.testing.assert_allclose(np.multiply(after.curve, 248), before.curve, rtol=0.2)


def test_a_stratified_split_holds_out_both_classes_and_still_prints_62() -> None:
    run = replay(PATIENTS, ["sorted-split"], epochs=1)
    assert run.held_out_classes == {"Abnormal": 42, "Normal": 20}
    assert run.baseline == pytest.approx(42 / 62)
    assert run.printed_accuracy == 62.0


def test_a_threshold_prints_the_true_accuracy_of_the_very_same_weights() -> None:
    before, after = (replay(PATIENTS, names, 5, epochs=5) for names in ([], ["argmax-of-one-column"]))
    assert after.curve == before.curve
    assert after.true_accuracy == before.true_accuracy
    assert after.printed_accuracy == 100 * after.true_accuracy
    assert after.printed_lines == (f"Accuracy: {100 * after.true_accuracy:.2f}%",)


def test_labels_of_both_signs_can_be_reached_by_the_output() -> None:
    # Of two labels s apart, the error of a fair guess in the middle is s squared / 8.
    names = ["last-batch-error", "growing-prefix-batches", "batch-size-ignored", "sorted-split"]
    signed, plain = (replay(PATIENTS, [*names, *more], epochs=1) for more in (["tanh-against-01"], []))
    assert signed.held_out_classes == plain.held_out_classes
    assert signed.curve[0] > 2 * plain.curve[0]


def test_with_all_repairs_it_beats_the_baseline_beyond_chance(repaired: Replay) -> None:
    assert repaired.repairs == ALL
    assert repaired.beats_baseline
    assert repaired.true_accuracy > repaired.interval[0] > repaired.baseline
    assert repaired.printed_lines[-1] == f"Accuracy: {100 * repaired.true_accuracy:.2f}%"
    assert all(later <= earlier for earlier, later in pairwise(repaired.curve[100:300]))


def test_a_run_stopped_and_gone_on_with_is_the_same_run() -> None:
    whole = ArticleTraining(PATIENTS, seed=3, epochs=4)
    epochs = list(whole)
    assert epochs == [ArticleEpoch(number, error) for number, error in enumerate(whole.replay().curve)]

    stopped = ArticleTraining(PATIENTS, seed=3, epochs=4)
    for epoch in stopped:
        if epoch.number == 1:
            break
    assert stopped.replay().curve == whole.replay().curve[:2]
    assert [epoch.number for epoch in stopped] == [2, 3]
    assert stopped.replay().curve == whole.replay().curve
    assert list(stopped) == []


def test_the_same_seed_gives_the_same_run_to_the_bit() -> None:
    first, second = (replay(PATIENTS, ["tanh-against-01"], 8, epochs=3) for _ in range(2))
    assert first.curve == second.curve
    assert replay(PATIENTS, ["tanh-against-01"], 9, epochs=3).curve != first.curve


def test_a_mistyped_repair_is_named_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="no repair named 'sorted-splits': did you mean sorted-split"):
        chosen(["sorted-splits"])
    with pytest.raises(
        ValueError, match=r"no repair named 'x': there are shuffled-features-only, .*, and all"
    ):
        chosen(["x"])


def test_repairs_stand_in_the_tables_order_once_each() -> None:
    assert chosen(["sorted-split", "one-scale-for-all", "sorted-split"]) == (
        "one-scale-for-all",
        "sorted-split",
    )
    assert chosen(["all", "sorted-split"]) == ALL
    assert chosen([]) == ()


def test_the_ten_defects_are_all_told() -> None:
    assert len(ALL) == len(set(ALL)) == 10
    for defect in DEFECTS:
        assert all(text.endswith(".") for text in (defect.fault, defect.effect, defect.repair))
        assert max(len(defect.fault), len(defect.effect), len(defect.repair)) <= 110


def test_a_table_the_method_cannot_take_is_refused_in_a_sentence() -> None:
    three = Examples(PATIENTS.features, PATIENTS.inputs, PATIENTS.targets, ("a", "b", "c"))
    with pytest.raises(ValueError, match="two classes apart; here are 3"):
        replay(three)
    missing = PATIENTS.inputs.copy()
    missing[4, 2] = np.nan
    with pytest.raises(ValueError, match="a number in every cell"):
        replay(Examples(PATIENTS.features, missing, PATIENTS.targets, PATIENTS.classes))
    with pytest.raises(ValueError, match="at least 5"):
        replay(Examples(PATIENTS.features, PATIENTS.inputs[:4], PATIENTS.targets[:4], PATIENTS.classes))
