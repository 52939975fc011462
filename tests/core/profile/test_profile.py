"""The profile of a table: what matters most comes first, and what is suspicious is said before training."""

from __future__ import annotations

import numpy as np
import pytest

from epochal.core.findings.findings import findings
from epochal.core.outcome import outcome_of
from epochal.core.profile.duplicates import duplicates
from epochal.core.profile.profile import Profile, profile
from epochal.core.profile.variables import Variable
from epochal.core.rows.examples import Examples, Feature
from epochal.core.settings import Settings
from epochal.core.training.training import Training

ROWS = 240
rng = np.random.default_rng(21)
ANSWERS = rng.integers(2, size=ROWS)
CLASSES = ("no", "yes")


def number(name: str, values: object, **more: object) -> Variable:
    return Variable(name, "number", np.asarray(values, np.float64), **more)  # type: ignore[arg-type]


def category(name: str, texts: list[str], kind: str = "category", **more: object) -> Variable:
    names = tuple(dict.fromkeys(texts))
    codes = np.array([names.index(text) for text in texts], np.int32)
    return Variable(name, kind, codes, names, **more)  # type: ignore[arg-type]


TARGET = Variable("answer", "category", ANSWERS.astype(np.int32), CLASSES)
NOISE = number("noise", rng.normal(size=ROWS))
GOOD = number("good", rng.normal(size=ROWS) + 2 * ANSWERS)


def of(*variables: Variable) -> Profile:
    return profile(variables, TARGET, CLASSES)


def codes(found: Profile, name: str) -> set[str]:
    return {finding.code for finding in found.column(name).findings}


def test_what_tells_most_comes_first_and_what_is_left_out_last() -> None:
    ring = number("ring", np.where(ANSWERS == 1, 0.2, 1.0) * rng.normal(size=ROWS))
    left = number("left", GOOD.values, left_out="was not wanted")
    found = of(NOISE, left, ring, GOOD)
    assert [one.name for one in found.columns] == ["good", "ring", "noise", "left"]
    assert found.column("good").association is not None
    assert not found.column("noise").association.beyond_chance  # type: ignore[union-attr]
    # No larger and no smaller values, but others: the AUC alone would miss it.
    assert found.column("ring").association.auc < 0.6  # type: ignore[union-attr, operator]
    assert found.column("ring").share > 0.15
    assert found.correlations.names == ("good", "ring", "noise")
    assert all(not one.findings for one in found.columns)
    assert found.findings == ()


def test_every_group_has_its_own_quartiles_and_missing_cells() -> None:
    values = GOOD.values.copy()
    values[np.flatnonzero(ANSWERS == 1)[:3]] = np.nan
    column = of(number("x", values)).column("x")
    assert column.missing == 3
    assert column.missing_by_group == (0.0, 3 / np.count_nonzero(ANSWERS))
    yes = values[(ANSWERS == 1) & ~np.isnan(values)]
    assert column.by_group[1].median == np.median(yes)  # type: ignore[union-attr]
    assert column.mean == pytest.approx(np.nanmean(values))
    assert column.deviation == pytest.approx(np.nanstd(values))
    assert column.distinct == len(np.unique(values[~np.isnan(values)]))


def test_signs_are_said_in_the_words_of_the_findings_after_training() -> None:
    numbers = np.column_stack([GOOD.values, np.arange(1.0, ROWS + 1), ANSWERS * 2.0 + 1])
    names = ("good", "number", "told")
    before = of(*(number(name, column) for name, column in zip(names, numbers.T, strict=True)))
    training = Training(Examples(tuple(map(Feature, names)), numbers, ANSWERS, CLASSES), Settings(epochs=3))
    list(training)
    after = {
        (one.code, one.sentence, one.advice)
        for one in findings(training, outcome_of(training).evaluation)
        if one.code in ("row-numbers", "leak")
    }
    said = {(one.code, one.sentence, one.advice) for column in before.columns for one in column.findings}
    assert {one[0] for one in after} == {"row-numbers", "leak"}
    assert after == said


SUSPICIOUS = {
    "constant-column": (number("x", np.full(ROWS, 2.5)), "x is the same in every row."),
    "empty-column": (number("x", np.full(ROWS, np.nan)), "x holds nothing."),
    "row-numbers": (number("x", np.arange(ROWS)), "x counts the rows from 0 to 239."),
    "leak": (number("x", ANSWERS * 3.0), "x alone tells the target in (nearly) all 240 rows."),
    "identifier": (
        category("x", [f"p{i}" for i in range(ROWS)], "identifier", left_out="holds a name for each row"),
        "x holds a name for each row.",
    ),
    "date": (
        category("x", [f"2024-01-{i % 28 + 1:02}" for i in range(ROWS)], "date", left_out="holds dates"),
        "x holds dates.",
    ),
    "placeholder": (
        number("x", np.where(np.arange(ROWS) % 40 == 0, -999, rng.normal(size=ROWS))),
        "-999 stands in 6 cells of x, far from all others.",
    ),
    "outliers": (
        number("x", np.where(np.arange(ROWS) == 7, 418.5, rng.normal(size=ROWS))),
        "1 cell of x lies far from the others: it is 418.5.",
    ),
    "often-missing": (
        number("x", np.where(np.arange(ROWS) % 4 == 0, rng.normal(size=ROWS), np.nan)),
        "x is missing in 75 % of the rows.",
    ),
    "missing-tells": (
        number("x", np.where((ANSWERS == 1) & (np.arange(ROWS) % 10 > 0), np.nan, NOISE.values)),
        "of the rows that are yes, but in 0 % of those that are no.",
    ),
    "number-as-text": (
        category("x", [str(i % 30) if i % 5 else "n.d." for i in range(ROWS)]),
        "x mixes 192 numbers with 48 texts, so it was read as text.",
    ),
    "many-categories": (category("x", [f"c{i % 90}" for i in range(ROWS)]), "x has 90 categories for 240"),
}


@pytest.mark.parametrize("code", SUSPICIOUS)
def test_what_is_suspicious_about_a_column_is_said(code: str) -> None:
    variable, sentence = SUSPICIOUS[code]
    found = of(variable, GOOD, NOISE)
    said = {one.code: one for one in found.column("x").findings}
    assert sentence in said[code].sentence
    assert said[code].advice
    assert codes(found, "good") == codes(found, "noise") == set()


def test_numbers_with_a_unit_are_named() -> None:
    found = of(category("x", [f"{i % 17},5 kg" for i in range(ROWS)]))
    assert found.column("x").findings[0].sentence == (
        "x holds numbers with kg beside them, so it was read as text."
    )
    assert "number-as-text" not in codes(of(category("x", [f"room {i % 3}" for i in range(ROWS)])), "x")


def test_columns_that_say_the_same_are_named() -> None:
    celsius = number("celsius", NOISE.values)
    found = of(NOISE, celsius, number("fahrenheit", 1.8 * NOISE.values + 32), GOOD)
    said = [one.sentence for one in found.findings if one.code == "same-columns"]
    assert "noise and celsius are the same in every row." in said
    assert any("fahrenheit" in one and "rise and fall together" in one for one in said)
    assert not any("good" in one for one in said)


def test_rows_that_are_there_twice_and_rows_that_contradict_each_other_are_counted() -> None:
    x = np.array([1.0, 1.0, 2.0, np.nan, np.nan, -0.0, 0.0, 3.0])
    words = Variable("w", "category", np.array([0, 0, 0, -1, -1, 1, 1, 1], np.int32), ("a", "b"))
    answers = np.array([0, 0, 1, 1, 1, 0, 1, 0])
    target = Variable("t", "category", answers.astype(np.int32), CLASSES)
    found = duplicates([number("x", x), words], target, classes=True)
    assert (found.repeated, found.contradicted) == (2, 2)
    rows = list(zip(map(str, x + 0.0), words.values, answers, strict=True))
    assert found.repeated == len(rows) - len(set(rows))
    assert duplicates([number("x", x), words], None, classes=False).repeated == 3


def test_columns_are_not_confused_with_each_other_when_rows_are_compared() -> None:
    a, b = np.array([1.0, 2.0, 5.0]), np.array([2.0, 1.0, 5.0])
    assert duplicates([number("a", a), number("b", b)], None, classes=False).repeated == 0


def test_a_nearly_lone_class_is_named() -> None:
    rare = Variable("answer", "category", (np.arange(ROWS) % 20 == 0).astype(np.int32), CLASSES)
    found = profile([NOISE], rare, CLASSES)
    assert [one.code for one in found.findings] == ["imbalance"]
    assert found.findings[0].sentence.startswith("95.0 % of the rows are no")


def test_numbers_as_targets_have_correlations_and_ranges() -> None:
    y = np.exp(NOISE.values)
    target = number("y", y)
    found = profile([GOOD, NOISE, category("c", ["a" if v > 1 else "b" for v in y])], target)
    assert found.columns[0].name == "noise"
    assert found.columns[0].association.spearman == pytest.approx(1.0)  # type: ignore[union-attr]
    assert found.column("c").association.correlation_ratio > 0.5  # type: ignore[union-attr, operator]
    assert found.groups.sizes().tolist() == [81, 79, 80] or found.groups.sizes().sum() == ROWS
    assert len(found.groups.names) == 3
    assert found.target is not None
    assert found.target.association is None


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
def test_tables_of_hardly_any_rows_have_a_profile(rows: int) -> None:
    target = Variable("t", "category", (np.arange(rows) % 2).astype(np.int32), CLASSES)
    columns = [number("x", np.arange(rows)), category("c", ["a"] * rows), number("gone", [np.nan] * rows)]
    for found in (profile(columns, target, CLASSES), profile(columns, number("y", np.arange(rows)))):
        assert len(found.columns) == 3
        assert len(found.rows) == rows
    assert profile(columns).target is None


def test_no_column_at_all_is_a_profile_too() -> None:
    assert profile([]).columns == ()
    assert profile([], TARGET, CLASSES).columns == ()


def test_numbers_of_any_size_overflow_nothing() -> None:
    huge = number("huge", np.where(ANSWERS == 1, 1.7e308, -1.7e308) * rng.random(ROWS))
    tiny = number("tiny", rng.normal(size=ROWS) * 5e-324)
    for found in (of(huge, tiny, NOISE), profile([NOISE, tiny], huge)):
        assert all(np.isfinite(one.mean) for one in found.columns if one.mean is not None)


def test_a_large_table_is_looked_at_by_a_sample_but_its_missing_cells_are_counted() -> None:
    rows = 60_000
    values = np.random.default_rng(0).normal(size=rows)
    values[:17] = np.nan
    target = Variable("t", "category", (np.nan_to_num(values) > 0).astype(np.int32), CLASSES)
    columns = [number(f"x{i}", values) for i in range(3)]
    found = profile(columns, target, CLASSES, seed=5)
    assert found.is_sampled
    assert (len(found.rows), found.of_rows) == (10_000, rows)
    assert found.columns[0].missing == 17
    again = profile(columns, target, CLASSES, seed=5)
    assert again.columns[0].association == found.columns[0].association
    assert np.array_equal(again.rows, found.rows)
