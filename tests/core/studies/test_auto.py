"""The search for settings: what it looks at, what it keeps, how it chooses, and what it costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from epochal.core.presets import AUTO, PRESET_OPTIONS, PRESETS
from epochal.core.rows.examples import Examples, Feature, Floats, Split, split
from epochal.core.rows.folds import inner_splits
from epochal.core.settings import Settings
from epochal.core.studies.auto.auto import AutoSearch, losses_for
from epochal.core.studies.auto.budget import default_budget, effort_for, efforts_for
from epochal.core.studies.auto.choice import choose, difference
from epochal.core.studies.auto.halving import Standing, SuccessiveHalving, row_losses
from epochal.core.studies.auto.nested import nested_cross_validate
from epochal.core.studies.auto.space import ARCHITECTURES, STRENGTHS, Space, candidates
from epochal.core.studies.cross_validation import cross_validate
from epochal.core.training.training import Training
from epochal.data.tables.dataset import Dataset


def finished(search: AutoSearch) -> AutoSearch:
    """Searched to the end."""
    for _ in search:
        pass
    return search


def ring(rows: int, seed: int = 3) -> Examples:
    """Two classes that no line tells apart: inside a circle, and around it."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(rows, 2))
    inside = np.square(inputs).sum(axis=1) < 1.4
    return Examples((Feature("x"), Feature("y")), inputs, inside.astype(np.intp), ("out", "in"))


def slope(rows: int, seed: int = 5) -> Examples:
    """Two classes that a linear model tells apart as well as anything can."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(rows, 4))
    probability = 1.0 / (1.0 + np.exp(-inputs @ np.array([1.5, -1.0, 0.5, 0.0])))
    return Examples(
        tuple(map(Feature, "abcd")), inputs, (rng.random(rows) < probability).astype(np.intp), ("no", "yes")
    )


def test_the_held_out_rows_take_part_in_nothing() -> None:
    """A leak planted in the held-out rows alone, or their labels turned round, changes no byte."""
    examples = ring(160)
    rows = split(examples, 0.25, 0)
    inputs, targets = examples.inputs.copy(), examples.targets.copy()
    inputs[rows.held_out] = 1e6 * (2 * targets[rows.held_out, None] - 1)
    targets[rows.held_out] = 1 - targets[rows.held_out]
    planted = replace(examples, inputs=inputs, targets=targets)
    one, other = (
        finished(AutoSearch(table, Settings(), budget=0.6, split_rows=rows)) for table in (examples, planted)
    )
    assert one.report() == other.report()
    for mine, theirs in zip(one.standings(), other.standings(), strict=True):
        assert mine.losses.tobytes() == theirs.losses.tobytes()


def test_equal_seeds_and_budgets_give_equal_choices() -> None:
    """The budget is a cost model's, never the clock's."""
    reports = [finished(AutoSearch(ring(140), Settings(), budget=0.5)).report() for _ in range(2)]
    assert reports[0] == reports[1]


@pytest.mark.parametrize(
    ("name", "value"),
    [("hidden", (7,)), ("activation", "gelu"), ("l2", 0.003), ("optimizer", "momentum"), ("epochs", 13),
     ("batch_size", 9), ("precision", "float64"), ("dropout", 0.25), ("learning_rate", 0.02),
     ("initial_weights", "lecun"), ("schedule", "step"), ("patience", 5)],
)  # fmt: skip
def test_what_is_given_stays(name: str, value: object) -> None:
    """The search goes on around it."""
    base = Settings.model_validate({name: value})
    made = candidates(Space(ARCHITECTURES, STRENGTHS, 500), 200, base, {name})
    assert len(made) > 1
    assert {getattr(one, name) for one in made} == {getattr(base, name)}


def test_an_activation_brings_its_initial_weights() -> None:
    """Relu with He's, tanh with Glorot's, unless others are given."""
    made = candidates(Space(ARCHITECTURES, STRENGTHS, 500), 200, Settings(), ())
    assert {(one.activation, one.initial_weights) for one in made} == {("relu", "he"), ("tanh", "xavier")}


def test_l2_is_a_strength_divided_by_the_rows() -> None:
    """Ten times the rows, a tenth of the L2."""
    few, many = (
        candidates(Space(ARCHITECTURES, STRENGTHS, 500), rows, Settings(), ()) for rows in (400, 4000)
    )
    np.testing.assert_allclose([one.l2 for one in many], [one.l2 / 10 for one in few], rtol=0.1)


def test_everything_given_is_no_search() -> None:
    """One candidate is left, and says so."""
    fixed = ("hidden", "activation", "l2", "learning_rate")
    assert AutoSearch(ring(60), Settings(), fixed).needs_no_search


@pytest.mark.parametrize("rows", range(4, 13))
def test_a_table_of_any_few_rows_has_settings(rows: int) -> None:
    """Those given where candidates cannot be compared, which is said."""
    for examples in (ring(rows), slope(rows)):
        search = finished(AutoSearch(examples, Settings(), budget=0.2))
        assert bool(search.remark) == search.needs_no_search == (search.rows < 8)
        if search.remark:
            assert search.settings() == Settings()
            assert f"{search.rows} training rows are too few" in search.remark
        else:
            assert search.report().training_rows == rows - len(search.split.held_out)


def test_a_hidden_layer_is_found_where_it_is_needed_and_left_out_where_not() -> None:
    """A ring asks for one; a slope is a linear model's."""
    assert finished(AutoSearch(ring(300), Settings(), budget=0.7)).settings().hidden
    report = finished(AutoSearch(slope(300), Settings(), budget=0.7)).report()
    assert not report.winner.settings.hidden
    assert "a linear model" in " ".join(report.sentences())


def test_the_ring_is_learned_better_than_by_the_fixed_preset() -> None:
    """On rows that took part in nothing."""
    examples = ring(600)
    search = finished(AutoSearch(examples, Settings(), budget=1.0))

    def loss(settings: Settings) -> float:
        training = Training(examples, settings, split_rows=search.split)
        for _ in training:
            pass
        rows = training.split.held_out
        outputs = training.outputs(examples.inputs[rows])
        return float(row_losses(examples, outputs, examples.targets[rows]).mean())

    assert loss(search.settings()) < 0.8 * loss(PRESETS["sensible"])


def test_survivors_go_on_where_they_stood() -> None:
    """A candidate that reaches the end has the weights of one trained alone, and others stopped early."""
    examples = ring(120)
    settings = candidates(Space(ARCHITECTURES, STRENGTHS, 400), 90, Settings(), ())
    splits = inner_splits(examples, 3, 0)
    race = SuccessiveHalving(examples, settings, splits)
    for _ in race:
        pass
    standings = race.standings()
    running = [one for one in standings if one.is_running]
    assert all(one.epochs == one.settings.epochs for one in running)
    assert len(running) < len(settings) / 4
    assert min(one.epochs for one in standings) < 0.2 * settings[0].epochs
    best = running[0]
    alone = []
    for rows in splits:
        training = Training(examples, best.settings, split_rows=rows)
        for _ in training:
            pass
        outputs = training.outputs(examples.inputs[rows.held_out])
        alone.append(row_losses(examples, outputs, examples.targets[rows.held_out]))
    np.testing.assert_allclose(best.losses, np.concatenate(alone), rtol=2e-3, atol=1e-5)


def test_a_candidate_that_diverges_is_never_chosen() -> None:
    """And where all do, that is said."""
    examples = ring(80)
    wild = Settings(optimizer="sgd", learning_rate=1e9, epochs=20, hidden=(), loss="squared")
    tame = Settings(epochs=20, hidden=())
    splits = inner_splits(examples, 2, 0)
    race = SuccessiveHalving(examples, [wild, tame], splits)
    for _ in race:
        pass
    assert choose(race.standings()).chosen.settings in (tame, wild)
    numbers = replace(examples, targets=examples.inputs[:, :1] * 3.0, classes=(), outputs=("z",))
    race = SuccessiveHalving(numbers, [replace_settings(wild), replace_settings(wild, epochs=21)], splits)
    for _ in race:
        pass
    with pytest.raises(ValueError, match="diverged"):
        choose(race.standings())


def replace_settings(settings: Settings, **changes: object) -> Settings:
    """The same settings but for some."""
    return settings.model_copy(update={"loss": "by-task", **changes})


def standing(place: int, hidden: tuple[int, ...], losses: Floats) -> Standing:
    """One that has been trained to the end."""
    return Standing(place, Settings(hidden=hidden), losses, np.zeros(3), is_running=True)


def test_a_linear_model_is_taken_where_it_will_do() -> None:
    """Within one standard error of the lowest loss, row by row; beyond it the lowest wins."""
    rng = np.random.default_rng(0)
    base = rng.random(200)
    noise = rng.normal(0.0, 0.1, 200)
    noise -= noise.mean()
    error = noise.std(ddof=1) / np.sqrt(200)
    best = standing(0, (64, 64), base)
    small = standing(1, (8,), base + noise + 0.5 * error)
    near = standing(2, (), base + noise + 0.9 * error)
    far = standing(3, (), base + noise + 1.1 * error)
    choice = choose([far, near, small, best])
    assert choice.best is best
    assert choice.chosen is near
    assert choice.indistinguishable == (near, small)
    assert choose([far, small, best]).chosen is best


def test_row_losses_are_those_of_scikit_learn() -> None:
    """Log loss and mean squared error."""
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(1)
    probabilities = rng.dirichlet(np.ones(3), 50)
    labels = rng.integers(0, 3, 50)
    classes = Examples((Feature("x"),), np.zeros((50, 1)), labels.astype(np.intp), ("a", "b", "c"))
    assert row_losses(classes, probabilities, labels).mean() == pytest.approx(
        metrics.log_loss(labels, probabilities, labels=[0, 1, 2])
    )
    numbers = Examples((Feature("x"),), np.zeros((50, 1)), rng.normal(size=(50, 1)))
    assert row_losses(numbers, probabilities[:, :1], numbers.targets).mean() == pytest.approx(
        metrics.mean_squared_error(numbers.targets, probabilities[:, :1])
    )


def test_the_budget_is_that_of_the_documentation() -> None:
    """Two seconds for 310 rows, ten for 10,000, a minute for 200,000, four fifths of them for training."""
    for rows, seconds in ((310, 2.0), (10_000, 10.0), (200_000, 60.0)):
        assert default_budget(round(0.8 * rows)) == pytest.approx(seconds, rel=0.02)
    budgets = [default_budget(rows) for rows in (10, 100, 1000, 10_000, 100_000, 1_000_000)]
    assert budgets == sorted(budgets)


def test_more_seconds_buy_more_effort_and_more_rows_less() -> None:
    """Down to the least effort, which is always made."""

    def effort(seconds: float, rows: int) -> int:
        return efforts_for(rows).index(effort_for(seconds, rows, 10, 2, Settings(), ()))

    for rows in (2000, 9000):
        by_seconds = [effort(seconds, rows) for seconds in (0.01, 0.5, 2.0, 8.0, 60.0, 1000.0)]
        assert by_seconds == sorted(by_seconds, reverse=True)
        assert by_seconds[0] == len(efforts_for(rows)) - 1
        assert by_seconds[-1] == 0
        assert effort(5.0, 4 * rows) >= effort(5.0, rows)


def test_many_rows_are_searched_by_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """With an L2 of the sample's size while it races, and of all rows in the end; it is said."""
    monkeypatch.setattr("epochal.core.studies.auto.auto.MOST_ROWS", 100)
    search = finished(AutoSearch(ring(500), Settings(), budget=0.5))
    report = search.report()
    assert (report.rows, report.training_rows) == (100, 400)
    assert "100 of the 400 training rows" in report.sentences()[0]
    raced = search.choice().chosen.settings
    assert search.settings().l2 == pytest.approx(raced.l2 / 4, rel=0.05)


def test_inner_folds_are_of_one_size_and_share_no_row() -> None:
    """So that all their networks train side by side."""
    for folds in (1, 3, 5):
        made = inner_splits(ring(103), folds, 0)
        assert len(made) == folds
        assert len({len(rows.held_out) for rows in made}) == 1
        for rows in made:
            assert sorted([*rows.train, *rows.held_out]) == list(range(103))
        held = np.concatenate([rows.held_out for rows in made])
        assert len(set(held.tolist())) == len(held)


def test_progress_rises_to_one_and_a_choice_can_be_had_on_the_way() -> None:
    """Whoever stops early gets the best so far."""
    search = AutoSearch(ring(120), Settings(), budget=0.5)
    with pytest.raises(ValueError, match="judged"):
        search.choice()
    seen = [0.0]
    stopped: Settings | None = None
    for _ in search:
        seen.append(search.progress)
        if stopped is None and seen[-1] > 0.6:
            stopped = search.settings()
    assert seen == sorted(seen)
    assert seen[-1] > 0.8
    assert isinstance(stopped, Settings)


def test_a_class_of_one_row_is_no_fault() -> None:
    """It is in one fold only, and has a probability of nearly 0 there."""
    examples = ring(60)
    targets = examples.targets.copy()
    targets[0] = 2
    rare = replace(examples, targets=targets, classes=("out", "in", "once"))
    rows = Split(np.arange(50), np.arange(50, 60), stratified=False)
    assert finished(AutoSearch(rare, Settings(), budget=0.3, split_rows=rows)).report().candidates


def test_numbers_are_judged_in_their_own_units() -> None:
    """The loss of the report is a root of a mean square in the target's units."""
    rng = np.random.default_rng(2)
    inputs = rng.normal(size=(200, 2))
    targets = 1000.0 * inputs[:, :1] + 50.0 * rng.normal(size=(200, 1))
    report = finished(
        AutoSearch(Examples((Feature("a"), Feature("b")), inputs, targets), Settings(), budget=0.6)
    ).report()
    assert report.loss_name == "RMSE"
    assert 40.0 < report.winner.loss < 80.0


def test_nested_folds_are_those_of_cross_validation(spine: Dataset) -> None:
    """The same rows are held out, and each fold has a search of its own."""
    examples = spine.examples
    nested = list(nested_cross_validate(examples, Settings(), (), 2, 1, budget=0.3))
    plain = list(cross_validate(examples, Settings(epochs=1), 2, 1))
    for one, other in zip(nested, plain, strict=True):
        assert one.split.held_out.tolist() == other.split.held_out.tolist()
        assert one.evaluation.rows == len(one.split.held_out)


def test_every_preset_has_an_option() -> None:
    """Without blanks or quotes, auto among them."""
    assert set(PRESET_OPTIONS.values()) == {AUTO, *PRESETS}
    assert all(name.replace("-", "").isalpha() for name in PRESET_OPTIONS)


def noisy(rows: int, seed: int) -> Examples:
    """Two classes that overlap, of which a weak pull on the weights leaves a network too sure."""
    rng = np.random.default_rng(seed)
    targets = rng.integers(2, size=rows)
    inputs = rng.normal(size=(rows, 8)) + 0.5 * targets[:, None]
    return Examples(tuple(Feature(f"x{number}") for number in range(8)), inputs, targets, ("no", "yes"))


def test_the_temperature_that_the_validation_rows_ask_for_is_a_setting_of_the_winner() -> None:
    """A number, so that the settings repeat the run; one that is given stays."""
    examples = noisy(200, 1)
    base = Settings(hidden=(32,), l2=0.0, learning_rate=0.02, epochs=60)
    names = ("hidden", "l2", "learning_rate", "epochs")
    search = finished(AutoSearch(examples, base, names, budget=0.5))
    found = search.settings().temperature
    assert isinstance(found, float)
    assert found > 1.0
    report = search.report()
    assert report.winner.settings == search.settings()
    assert f"Temperature {found:.12g} fits" in " ".join(report.sentences())
    fixed = base.model_copy(update={"temperature": 0.9})
    kept = finished(AutoSearch(examples, fixed, (*names, "temperature"), budget=0.5))
    assert kept.settings().temperature == 0.9
    assert kept.settings().model_copy(update={"temperature": found}) == search.settings()


@pytest.mark.parametrize("is_rooted", [False, True])
def test_the_interval_of_a_difference_holds_the_true_one_as_often_as_it_says(is_rooted: bool) -> None:
    """Losses of rows drawn anew 400 times; the true difference of the means, or of their roots, is known."""
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        common = rng.exponential(1.0, 150)
        rows = [common + rng.exponential(scale, 150) for scale in (1.0, 1.5)]
        best, other = (Standing(place, Settings(), one, np.empty(0), True) for place, one in enumerate(rows))
        found = difference(other, best, is_rooted=is_rooted)
        assert found is not None
        true = (2.5**0.5 - 2.0**0.5) if is_rooted else 0.5
        held += found.low <= true <= found.high
        assert found.mean == pytest.approx(
            other.loss**0.5 - best.loss**0.5 if is_rooted else other.loss - best.loss
        )
    assert 0.92 <= held / 400 <= 0.98
    early = Standing(2, Settings(), rows[0][:50], np.empty(0), False)
    assert difference(early, best, is_rooted=is_rooted) is None
    assert difference(best, best, is_rooted=is_rooted) is None


def counted(rows: int, seed: int, spread: str = "poisson") -> Examples:
    """Numbers from 0 on, of which the mean is a power of e of the features."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(rows, 3))
    mean = np.exp(1.5 + inputs @ np.array([0.9, -0.5, 0.0]))
    targets = rng.poisson(mean).astype(float) if spread == "poisson" else rng.gamma(2.0, mean / 2.0)
    return Examples(tuple(map(Feature, "abc")), inputs, targets[:, None])


def test_deviances_are_tried_where_numbers_from_0_on_are_skewed() -> None:
    assert losses_for(counted(300, 0)) == ("by-task", "poisson")
    assert losses_for(counted(300, 0, "gamma")) == ("by-task", "poisson", "gamma")
    even = counted(300, 0)
    assert losses_for(replace(even, targets=np.random.default_rng(0).normal(9.0, 1.0, (300, 1)))) == (
        "by-task",
    )
    numbers = even.targets.astype(np.float64)
    assert losses_for(replace(even, targets=numbers - 1.0)) == ("by-task",)
    assert losses_for(replace(even, targets=np.hstack([numbers] * 2), outputs=("u", "v"))) == ("by-task",)
    assert losses_for(ring(60)) == ("by-task",)
    rare = np.where(np.arange(300)[:, None] % 60 == 0, even.targets + 1.0, 0.0)
    assert losses_for(replace(even, targets=rare)) == ("by-task",)


def test_counts_are_learned_by_their_deviance_and_it_stays_where_another_loss_is_given() -> None:
    examples = counted(300, 1)
    search = finished(AutoSearch(examples, Settings(), budget=1.5))
    assert search.settings().loss == "poisson"
    assert "loss poisson" in " ".join(search.report().sentences())
    given = AutoSearch(examples, Settings(loss="absolute"), ("loss",), budget=0.5)
    assert {one.loss for one in given.candidates} == {"absolute"}
