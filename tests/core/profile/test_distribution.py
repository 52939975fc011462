"""Distributions: quartiles and bins are NumPy's, every row is counted once, and extremes stay apart."""

from __future__ import annotations

import numpy as np
import pytest

from epochal.core.profile.distribution import (
    FAR_OUT,
    bin_edges,
    category_histogram,
    number_histogram,
    outliers,
    quartiles,
)
from epochal.core.profile.variables import MOST_GROUPS, groups_of, sample_rows

rng = np.random.default_rng(11)
TABLE = {
    "normal": rng.normal(size=500),
    "skewed": rng.lognormal(sigma=2, size=500),
    "whole": rng.integers(5, size=500).astype(float),
    "zeros": np.where(rng.random(500) < 0.9, 0.0, rng.normal(size=500)),
    "constant": np.full(500, 3.0),
    "gaps": np.where(rng.random(500) < 0.3, np.nan, rng.normal(size=500)),
    "outlier": np.append(rng.normal(size=499), 1e6),
    "widest": np.array([-1.7e308, 1.7e308] * 250),
    "narrowest": np.array([1.0, np.nextafter(1.0, 2.0)] * 250),
    "tiny": rng.normal(size=500) * 5e-324,
    "one": np.array([4.25]),
    "none": np.full(3, np.nan),
    "empty": np.empty(0),
}


@pytest.mark.parametrize("name", TABLE)
def test_every_row_is_in_one_bin_and_the_bins_are_numpys(name: str) -> None:
    values = TABLE[name]
    codes = np.arange(len(values)) % 4 - 1
    found = number_histogram(values, codes, 3)
    counted = int((~np.isnan(values) & (codes >= 0)).sum())
    assert found.counts.sum() + found.below + found.above == counted
    assert (np.diff(found.edges) > 0).all()
    for group in range(3):
        of_group = values[(codes == group) & ~np.isnan(values)]
        if name != "widest":  # numpy.histogram overflows there
            assert np.array_equal(found.counts[group], np.histogram(of_group, found.edges)[0])


@pytest.mark.parametrize("name", TABLE)
def test_quartiles_are_numpys(name: str) -> None:
    values = TABLE[name]
    found = quartiles(values)
    filled = values[~np.isnan(values)]
    if not filled.size:
        assert found is None
        return
    assert found is not None
    expected = [filled.min(), *(2 * np.quantile(filled / 2, [0.25, 0.5, 0.75])), filled.max()]
    assert [found.lowest, found.first, found.median, found.third, found.highest] == expected
    assert found.rows == filled.size


def test_bins_have_the_width_numpy_chooses_where_nothing_lies_far_out() -> None:
    values = TABLE["normal"]
    box = quartiles(values)
    assert outliers(values, box, FAR_OUT) == 0
    edges = bin_edges(values)
    assert len(edges) == len(np.histogram_bin_edges(values, "auto"))
    assert edges == pytest.approx(np.histogram_bin_edges(values, "auto"))


def test_a_cell_far_out_does_not_squeeze_the_others_into_one_bin() -> None:
    values = TABLE["outlier"]
    found = number_histogram(values, np.zeros(500, int), 1)
    assert found.above == 1
    assert np.count_nonzero(found.counts) > 8
    box = quartiles(values)
    assert outliers(values, box) >= outliers(values, box, FAR_OUT) == 1


def test_a_few_whole_numbers_have_a_bin_each() -> None:
    found = number_histogram(TABLE["whole"], np.zeros(500, int), 1)
    assert found.edges == pytest.approx([-0.5, 0.5, 1.5, 2.5, 3.5, 4.5])
    assert np.array_equal(found.counts[0], np.bincount(TABLE["whole"].astype(int)))


def test_of_many_categories_the_frequent_ones_are_shown_and_the_others_counted() -> None:
    levels = np.concatenate([np.repeat(np.arange(5), 50), np.arange(300)]).astype(float)
    levels[-1] = np.nan
    names = tuple(f"level {index}" for index in range(300))
    codes = np.arange(len(levels)) % 2
    found = category_histogram(levels, names, codes, 2)
    assert found.labels[:5] == names[:5]
    assert found.counts.sum() + found.others == len(levels) - 1
    few = category_histogram(np.array([2.0, 0.0, 2.0]), ("a", "b", "c"), np.zeros(3, int), 1)
    assert few.labels == ("a", "b", "c")
    assert few.counts.tolist() == [[1, 0, 2]]


def test_a_category_column_without_any_category_has_an_empty_histogram() -> None:
    assert category_histogram(np.full(4, np.nan), (), np.zeros(4, int), 1).counts.shape == (1, 0)


def test_rare_classes_share_a_group() -> None:
    values = np.concatenate([np.repeat(np.arange(9.0), 10), np.arange(50.0), [np.nan]])
    groups = groups_of(values, tuple(map(str, range(50))))
    assert len(groups.names) == MOST_GROUPS
    assert groups.names[-1] == "41 others"
    assert groups.sizes().tolist() == [11] * 9 + [41]
    assert groups.codes[-1] == -1


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (np.arange(9.0), ("up to 2", "2 to 5", "over 5")),
        (np.array([1.0, 1.0, 1.0, 1.0, 2.0]), ("up to 1", "over 1")),
        (np.full(5, 7.0), ("7",)),
        (np.full(5, np.nan), ("all rows",)),
    ],
)
def test_a_number_is_grouped_into_ranges_that_part_no_equal_numbers(values: np.ndarray, names: tuple) -> None:
    groups = groups_of(values, ())
    assert groups.names == names
    for value in np.unique(values[~np.isnan(values)]):
        assert len(set(groups.codes[values == value])) == 1
    assert (groups.codes[np.isnan(values)] == -1).all()


def test_a_large_table_is_sampled_by_its_seed() -> None:
    assert np.array_equal(sample_rows(500, 10, 0), np.arange(500))
    first, again, other = sample_rows(10**6, 20, 1), sample_rows(10**6, 20, 1), sample_rows(10**6, 20, 2)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len(np.unique(first)) == len(first) == 10_000
    assert (np.diff(first) > 0).all()
    assert len(sample_rows(10**6, 5_000, 1)) == 2_000
