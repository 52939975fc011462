"""The seed fan, against runs trained one by one, NumPy's percentiles and SciPy's paired interval."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from epochal.core.evaluation.judgement import evaluate
from epochal.core.rows.examples import Examples, split, with_validation
from epochal.core.settings import Settings
from epochal.core.studies.seed_comparison import are_paired, comparison_in_words, difference, fan_in_words
from epochal.core.studies.seed_study import SeedStudy, percentiles, run_seeds
from epochal.core.training.training import Training
from epochal.data.tables.dataset import Dataset


def whole(examples: Examples, settings: Settings, seeds: int) -> SeedStudy:
    *_, study = run_seeds(examples, settings, seeds=seeds)
    assert study.is_complete
    return study


def alone(examples: Examples, settings: Settings, seeds: int) -> list[Training]:
    """The same runs, each by itself, on the rows that the first seed holds out."""
    rows = split(examples, settings.held_out, settings.seed)
    if settings.patience:
        rows = with_validation(examples, rows, settings.validation, settings.seed)
    runs = []
    for seed in range(settings.seed, settings.seed + seeds):
        training = Training(examples, settings.model_copy(update={"seed": seed}), split_rows=rows)
        for _ in training:
            pass
        runs.append(training)
    return runs


@pytest.mark.parametrize(
    "changed",
    [{}, {"optimizer": "lbfgs"}, {"patience": 5, "learning_rate": 0.05}, {"dropout": 0.2, "seed": 7}],
)
def test_the_band_is_that_of_runs_trained_alone(spine: Dataset, changed: dict[str, object]) -> None:
    settings = Settings.model_validate({"epochs": 25, **changed})
    study, runs = whole(spine.examples, settings, 5), alone(spine.examples, settings, 5)
    longest = max(run.history.length for run in runs)
    np.testing.assert_array_equal(study.epochs, np.arange(1, longest + 1))
    for measure, band in (("training_error", study.training), ("held_out_error", study.held_out)):
        table = np.full((5, longest), np.nan)
        for row, run in zip(table, runs, strict=True):
            row[: run.history.length] = run.history.column(measure)
        expected = np.nanpercentile(table, [10, 50, 90], axis=0)
        np.testing.assert_allclose([band.low, band.median, band.high], expected, rtol=1e-8)
    for results, run in zip(study.results, runs, strict=True):
        evaluation = evaluate(run)
        assert (results.seed, results.ending, results.epochs) == (
            run.settings.seed,
            run.ending,
            run.history.length,
        )
        assert results.right == evaluation.correct  # type: ignore[union-attr]
        assert results.error == pytest.approx(run.history[run.kept_epoch - 1].held_out_error, rel=1e-8)


def test_the_first_of_a_fan_is_the_run_itself(spine: Dataset) -> None:
    settings = Settings(epochs=20, seed=3)
    run = Training(spine.examples, settings)
    for _ in run:
        pass
    study = whole(spine.examples, settings, 2)
    assert study.results[0].error == pytest.approx(run.history[-1].held_out_error, rel=1e-9)


def test_numbers_have_their_typical_error(line: Examples) -> None:
    study = whole(line, Settings(epochs=10), 3)
    for results, run in zip(study.results, alone(line, Settings(epochs=10), 3), strict=True):
        assert results.right is None
        assert results.rmse == pytest.approx(evaluate(run).rmse, rel=1e-8)  # type: ignore[union-attr]
    assert any(said.startswith("Typical error") for said in fan_in_words(study))


def test_a_long_fan_is_thinned_evenly_with_its_last_epoch(spine: Dataset) -> None:
    study = whole(spine.examples, Settings(epochs=4501, hidden=(), batch_size="full"), 2)
    assert len(study.epochs) <= 2001
    assert study.epochs[-1] == 4501
    assert set(np.diff(study.epochs)[:-1]) == {3.0}


def test_percentiles_are_numpys_with_numbers_missing() -> None:
    values = np.random.default_rng(0).normal(size=(9, 50))
    values[np.random.default_rng(1).random(values.shape) < 0.3] = np.nan
    found = percentiles(values, (0.1, 0.5, 0.9))
    np.testing.assert_allclose(found, np.nanpercentile(values, [10, 50, 90], axis=0), rtol=1e-12)
    assert np.isnan(percentiles(np.full((3, 1), np.nan), (0.5,))[0]).all()


def test_the_difference_is_a_paired_t_interval() -> None:
    first, second = np.random.default_rng(5).normal(size=(2, 16))
    found = difference(first.tolist(), second.tolist())
    expected = stats.ttest_rel(second, first).confidence_interval(0.95)
    assert found.interval == pytest.approx((expected.low, expected.high))
    assert found.mean == pytest.approx((second - first).mean())
    assert difference([1.0, 2.0], [2.0, 3.0]).interval is None
    with pytest.raises(ValueError, match="at least two seeds"):
        difference([1.0], [2.0])


def test_a_change_that_matters_is_told_from_one_that_does_not(spine: Dataset) -> None:
    base = Settings(epochs=30)
    study = whole(spine.examples, base, 6)
    worse = whole(spine.examples, base.model_copy(update={"learning_rate": 1e-5}), 6)
    said = " ".join(comparison_in_words(study, worse))
    assert "higher on average" in said
    assert "worse, beyond the noise of the seeds" in said
    same = whole(spine.examples, base.model_copy(update={"clip": 1e9}), 6)
    assert "the same" in comparison_in_words(study, same)[0]
    assert not are_paired(study, whole(spine.examples, base.model_copy(update={"seed": 1}), 2))


def test_fans_on_the_way_grow_to_the_whole_one(spine: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("epochal.core.studies.seed_study.FIRST_LOOK", 0.0)
    monkeypatch.setattr("epochal.core.studies.seed_study.LOOK_SHARE", 0.0)
    fans = list(run_seeds(spine.examples, Settings(epochs=12), seeds=4))
    assert len(fans) >= 10
    lengths = [len(study.epochs) for study in fans]
    assert lengths == sorted(lengths)
    assert [study.is_complete for study in fans] == [False] * (len(fans) - 1) + [True]
