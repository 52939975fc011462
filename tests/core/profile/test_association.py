"""Association: every measure against SciPy, scikit-learn and its own definition, and against chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import mutual_info_score, roc_auc_score
from sklearn.metrics.cluster import expected_mutual_information

from epochal.core.profile.association import (
    auc_of_categories,
    auc_of_numbers,
    contingency,
    correlation_ratio,
    cramers_v,
    pearson,
    ranks,
    spearman,
)
from epochal.core.profile.correlations import correlations, pairs
from epochal.core.profile.information import binned, coarsely_binned, information

Kinds = ["normal", "ties", "outlier", "huge", "tiny", "shifted"]


def column(kind: str, rows: int = 211, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng([seed, Kinds.index(kind)])
    values = rng.normal(size=rows)
    match kind:
        case "ties":
            values = np.round(values)
        case "outlier":
            values[3] = 1e5
        case "huge":
            values = values * 1e300
        case "tiny":
            values = values * 1e-300
        case "shifted":
            values = values + 1e6
    return values


@pytest.mark.parametrize("first", Kinds)
@pytest.mark.parametrize("second", Kinds)
def test_pearson_and_spearman_are_scipys(first: str, second: str) -> None:
    x, y = column(first, seed=1), column(second, seed=2)
    y = y / np.abs(y).max() + 0.5 * x / np.abs(x).max()
    expected = stats.pearsonr(x / np.abs(x).max(), y).statistic
    assert pearson(x, y) == pytest.approx(expected, abs=1e-8)
    assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
    assert np.array_equal(ranks(x), stats.rankdata(x))


def test_a_constant_column_has_no_correlation() -> None:
    x = column("normal")
    for constant in (0.0, 7.1, 1e300, -3e-5):
        assert pearson(x, np.full(len(x), constant)) is None
        assert spearman(np.full(len(x), constant), x) is None
    assert pearson(x[:1], x[:1]) is None


@pytest.mark.parametrize("kind", Kinds)
@pytest.mark.parametrize("classes", [2, 3, 7])
def test_the_auc_is_the_mean_over_pairs_of_classes_of_scikit_learns(kind: str, classes: int) -> None:
    rng = np.random.default_rng(classes)
    values, answers = column(kind), rng.integers(classes, size=211)
    values = values + 0.3 * answers * np.abs(values).max()
    areas = []
    for one in range(classes):
        for other in range(one + 1, classes):
            rows = (answers == one) | (answers == other)
            area = roc_auc_score(answers[rows] == other, values[rows])
            areas.append(max(area, 1 - area))
    assert auc_of_numbers(values, answers) == pytest.approx(np.mean(areas), abs=1e-12)


def test_the_auc_of_more_classes_than_are_paired_is_of_the_frequent_ones() -> None:
    rng = np.random.default_rng(0)
    answers = np.concatenate([np.repeat(np.arange(20), 20), np.arange(20, 300)])
    values = rng.normal(size=len(answers)) + answers
    assert auc_of_numbers(values, answers) == auc_of_numbers(values[:400], answers[:400])


def test_one_class_has_no_auc() -> None:
    assert auc_of_numbers(column("normal"), np.zeros(211, int)) is None
    assert auc_of_numbers(np.empty(0), np.empty(0, int)) is None
    assert auc_of_categories(np.zeros(9, int), np.zeros(9, int), np.random.default_rng(0)) is None


def test_rare_categories_that_tell_nothing_are_not_said_to_tell_anything() -> None:
    rng = np.random.default_rng(3)
    levels, answers = rng.integers(300, size=900), rng.integers(2, size=900)
    shares = np.bincount(levels, answers, 300) / np.maximum(np.bincount(levels, minlength=300), 1)
    assert roc_auc_score(answers, shares[levels]) > 0.7  # judged by its own rows, chance seems to tell
    area = auc_of_categories(levels, answers, rng)
    assert area is not None
    assert area < 0.56
    said = information(levels, answers, rng)
    assert said.bits > 0.1
    assert said.share == 0.0
    ratio = correlation_ratio(levels, rng.normal(size=900))
    assert ratio is not None
    assert ratio < 0.3
    v = cramers_v(levels, rng.integers(30, size=900))
    assert v is not None
    assert v < 0.15


def test_categories_that_tell_the_class_are_found() -> None:
    rng = np.random.default_rng(4)
    levels = rng.integers(6, size=600)
    answers = np.where(rng.random(600) < 0.9, levels % 3, rng.integers(3, size=600))
    area = auc_of_categories(levels, answers, rng)
    # Three pairs of classes, of which each row is nine times in ten on the right side.
    assert area == pytest.approx(0.95, abs=0.03)
    assert information(levels, answers, rng).share > 0.6
    assert auc_of_categories(levels, levels % 2, rng) == 1.0


@pytest.mark.parametrize("levels", [2, 5, 40])
@pytest.mark.parametrize("classes", [2, 4])
def test_cramers_v_is_scipys_chi_squared_corrected_for_chance(levels: int, classes: int) -> None:
    rng = np.random.default_rng([levels, classes])
    x = rng.integers(levels, size=400)
    y = np.where(rng.random(400) < 0.4, x % classes, rng.integers(classes, size=400))
    table = contingency(x, y)
    assert np.array_equal(table, stats.contingency.crosstab(x, y).count)
    chi2 = stats.chi2_contingency(table, correction=False).statistic
    across, down = table.shape
    share = max(0.0, chi2 / 400 - (across - 1) * (down - 1) / 399)
    least = min(across - (across - 1) ** 2 / 399, down - (down - 1) ** 2 / 399)
    assert cramers_v(x, y) == pytest.approx(np.sqrt(share / (least - 1)), abs=1e-12)
    assert cramers_v(x, x) == pytest.approx(1.0)
    assert cramers_v(x, np.zeros(400, int)) is None


def test_the_correlation_ratio_is_scipys_analysis_of_variance() -> None:
    rng = np.random.default_rng(5)
    groups = rng.integers(4, size=300)
    values = groups * 0.5 + rng.normal(size=300)
    f = stats.f_oneway(*(values[groups == group] for group in range(4))).statistic
    share = f * 3 / (f * 3 + 296)
    assert correlation_ratio(groups, values) == pytest.approx(np.sqrt(1 - (1 - share) * 299 / 296), abs=1e-12)
    assert correlation_ratio(groups, np.full(300, 2.0)) is None
    assert correlation_ratio(np.arange(300), values) is None


@pytest.mark.parametrize("levels", [2, 7, 60])
def test_mutual_information_and_what_chance_reaches_are_scikit_learns(levels: int) -> None:
    rng = np.random.default_rng(levels)
    x = rng.integers(levels, size=500)
    y = np.where(rng.random(500) < 0.5, x % 3, rng.integers(3, size=500))
    said = information(x, y, rng, 400)
    assert said.bits == pytest.approx(mutual_info_score(x, y) / np.log(2), abs=1e-12)
    assert said.entropy == pytest.approx(stats.entropy(np.bincount(y), base=2), abs=1e-12)
    expected = expected_mutual_information(contingency(x, y), 500) / np.log(2)
    assert said.chance == pytest.approx(expected, rel=0.1)
    assert said.share == pytest.approx((said.bits - said.chance) / (said.entropy - said.chance))


def test_what_determines_the_target_has_all_of_its_information() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(4, size=200)
    assert information(3 - y, y, rng).share == pytest.approx(1.0)
    assert information(np.zeros(200, int), y, rng).share == 0.0
    assert information(y, np.zeros(200, int), rng).share == 0.0


def test_bins_have_about_as_many_rows_each_and_part_no_equal_numbers() -> None:
    values = column("normal", 1000)
    counts = np.bincount(binned(values))
    assert len(counts) == 10
    assert counts.min() >= 95
    assert counts.max() <= 105
    assert len(np.bincount(coarsely_binned(values))) == 6
    whole = np.random.default_rng(0).integers(30, size=1000).astype(float)
    codes = binned(whole)
    assert all(len(np.unique(codes[whole == value])) == 1 for value in np.unique(whole))
    assert np.array_equal(binned(np.array([3.0, 1.0, 3.0])), [1, 0, 1])


def test_the_map_of_correlations_is_scipys_over_the_rows_both_have() -> None:
    rng = np.random.default_rng(8)
    a, b = rng.normal(size=150), rng.normal(size=150)
    numbers = [a, a**3 + b, -b, rng.normal(size=150) + 1e7]
    numbers[1] = np.where(rng.random(150) < 0.2, np.nan, numbers[1])
    words = rng.integers(3, size=150).astype(float)
    words[5] = np.nan
    found = correlations("abcde", [*numbers, words], [True] * 4 + [False])
    for first in range(4):
        for second in range(4):
            x, y = numbers[first], numbers[second]
            both = ~np.isnan(x) & ~np.isnan(y)
            expected = stats.pearsonr(x[both], y[both]).statistic
            assert found.pearson[first, second] == pytest.approx(expected, abs=1e-7)
            x, y = (stats.rankdata(one, nan_policy="omit")[both] for one in (x, y))
            expected = stats.pearsonr(x, y).statistic
            assert found.spearman[first, second] == pytest.approx(expected, abs=1e-9)
    assert found.measure(0, 1) == "correlation"
    assert found.measure(4, 1) == "correlation ratio"
    assert found.measure(4, 4) == "Cramér's V"
    both = ~np.isnan(words)
    expected_ratio = correlation_ratio(words[both].astype(int), a[both])
    assert found.pearson[4, 0] == found.spearman[0, 4] == pytest.approx(expected_ratio)
    assert found.strongest(1) == [(1, 0)] or found.strongest(1) == [(0, 1)]


def test_two_columns_that_tell_nothing_alone_but_all_together_are_found() -> None:
    rng = np.random.default_rng(9)
    columns = [rng.uniform(-1, 1, 500) for _ in range(4)]
    answers = (columns[1] * columns[3] > 0).astype(int)
    named = list(zip("pqrs", columns, strict=True))
    found = pairs(named, [True] * 4, [0.0, 0.05, 0.0, 0.1], answers, rng)
    assert (found[0].first, found[0].second) == ("q", "s")
    assert found[0].gain > 0.5
    assert found[0].gain == found[0].together.share - 0.1
    assert found[1].together.share < 0.1
