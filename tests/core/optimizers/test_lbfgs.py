"""L-BFGS: it reaches known minima, survives what is not finite, and resumes to the byte."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.optimize import minimize, rosen, rosen_der
from sklearn.neural_network import MLPClassifier

from epochal.core.bound_ops import run
from epochal.core.network.losses import LOSSES
from epochal.core.network.network import Network, layer_views, new_network, parameter_count
from epochal.core.optimizers.lbfgs import LBFGS
from epochal.core.rows.encoded_rows import EncodedRows
from epochal.core.training.propagation import Pass
from epochal.data.tables.dataset import Dataset

Array = np.ndarray
Function = Callable[[Array], float]


def descent(error: Function, slope: Callable[[Array], Array], start: Array) -> LBFGS:
    """An L-BFGS on a function and its gradient."""
    gradient = np.empty_like(start)

    def error_and_gradient(parameters: Array) -> float:
        gradient[:] = slope(parameters)
        return error(parameters)

    return LBFGS(start.copy(), gradient, error_and_gradient)


def iterate(descending: LBFGS, most: int) -> int:
    """Iterations until no lower error was found, or `most`."""
    for done in range(most):
        if not descending.iterate():
            return done
    return most


def valley(condition: float, size: int = 20) -> LBFGS:
    """A quadratic whose steepest axis is `condition` times as steep as its flattest."""
    curvature = np.logspace(0, np.log10(condition), size)
    centre = np.cos(np.arange(size))

    def error(parameters: Array) -> float:
        return float(0.5 * np.sum(curvature * (parameters - centre) ** 2))

    return descent(error, lambda parameters: curvature * (parameters - centre), np.ones(size))


@pytest.mark.parametrize("size", [2, 10, 50])
def test_rosenbrocks_valley_is_followed_to_its_end_in_about_as_many_evaluations_as_by_scipy(
    size: int,
) -> None:
    descending = descent(rosen, rosen_der, np.tile([-1.2, 1.0], size // 2))
    start = descending.parameters.copy()
    assert descending.iterate()
    while np.abs(descending.gradient).max() > 1e-10:
        assert descending.iterate()
    exactly = {"ftol": 0.0, "gtol": 1e-10}
    theirs = minimize(rosen, start, jac=rosen_der, method="L-BFGS-B", options=exactly)
    assert descending.evaluations < 1.25 * theirs.nfev + 10
    np.testing.assert_allclose(descending.parameters, 1.0, rtol=1e-9)


@pytest.mark.parametrize("condition", [1.0, 1e2, 1e4, 1e6])
def test_a_badly_scaled_bowl_is_descended_to_its_lowest_point(condition: float) -> None:
    descending = valley(condition)
    assert iterate(descending, 10_000) < 10_000
    np.testing.assert_allclose(descending.parameters, np.cos(np.arange(20)), atol=1e-8)


def flat_start(scale: float) -> LBFGS:
    return descent(
        lambda p: float(np.log1p(scale * p @ p)), lambda p: 2 * scale * p / (1 + scale * p @ p), np.ones(3)
    )


def test_a_flat_start_of_any_scale_is_left_in_few_evaluations() -> None:
    for scale in (1e-12, 1e-6, 1e6, 1e12):
        descending = flat_start(scale)
        iterate(descending, 60)
        assert descending.evaluations < 200
        assert scale * descending.parameters @ descending.parameters < 1e-10


def test_single_precision_is_descended_as_far_as_it_can_tell() -> None:
    start = np.array([-1.2, 1.0], np.float32)
    descending = descent(rosen, rosen_der, start)
    assert iterate(descending, 200) < 100
    assert descending.parameters.dtype == descending.gradient.dtype == np.float32
    np.testing.assert_allclose(descending.parameters, 1.0, rtol=1e-3)


def test_the_error_never_rises_and_belongs_to_the_parameters() -> None:
    descending = descent(rosen, rosen_der, np.tile([-1.2, 1.0], 5))
    last = rosen(descending.parameters)
    while descending.iterate():
        assert descending.error <= last
        assert descending.error == rosen(descending.parameters)
        np.testing.assert_array_equal(descending.gradient, rosen_der(descending.parameters))
        last = descending.error


@given(
    bowl=st.floats(1e-3, 1.0),
    waves=st.floats(0.0, 2.0),
    length=st.floats(0.05, 2.0),
    start=st.floats(-30, 30),
)
@example(bowl=1e-3, waves=0.0, length=1.0, start=30.0)  # where the first step tried is far too short
@example(bowl=1.0, waves=2.0, length=0.05, start=30.0)  # and far too long
def test_every_step_meets_the_strong_wolfe_conditions(
    bowl: float, waves: float, length: float, start: float
) -> None:
    def error(p: Array) -> float:
        return float(np.sum(0.5 * bowl * p**2 + waves * length * np.sin(p / length)))

    def gradient(p: Array) -> Array:
        return bowl * p + waves * np.cos(p / length)

    descending = descent(error, gradient, np.array([start, 0.3 * start + 1.0]))
    for _ in range(6):
        before = descending.parameters.copy()
        if not descending.iterate():
            break
        step = descending.parameters - before
        promised = gradient(before) @ step
        if abs(promised) < 1e-10:
            break  # what follows is lost in rounding
        assert descending.error <= error(before) + 1e-4 * promised
        assert abs(descending.gradient @ step) <= 0.9 * abs(promised) * (1 + 1e-6)


def test_at_the_minimum_it_says_so_and_nothing_moves() -> None:
    descending = descent(rosen, rosen_der, np.ones(4))
    assert not descending.iterate()
    np.testing.assert_array_equal(descending.parameters, np.ones(4))
    settled = valley(1e4)
    iterate(settled, 1000)
    before = settled.parameters.copy(), settled.gradient.copy(), settled.error
    evaluations = settled.evaluations
    assert not settled.iterate()
    np.testing.assert_array_equal(settled.parameters, before[0])
    np.testing.assert_array_equal(settled.gradient, before[1])
    assert settled.error == before[2]
    assert settled.evaluations <= evaluations + 10


@pytest.mark.parametrize("beyond", [np.nan, np.inf, -np.inf])
def test_a_cliff_of_values_that_are_not_finite_is_backed_away_from(beyond: float) -> None:
    def error(parameters: Array) -> float:
        return float(-np.log(parameters).sum() + parameters.sum()) if (parameters > 0).all() else beyond

    descending = descent(error, lambda p: 1.0 - 1.0 / p, np.array([1e-6, 0.01, 30.0]))
    iterate(descending, 200)
    np.testing.assert_allclose(descending.parameters, 1.0, rtol=1e-6)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e200])
def test_a_start_that_is_not_finite_is_an_end_not_an_exception(wrong: float) -> None:
    for error, slope in (
        (lambda p: wrong, lambda p: np.ones(3)),
        (lambda p: 1.0, lambda p: np.full(3, wrong)),
        (lambda p: float(np.exp(p[0] * wrong)), lambda p: wrong * np.exp(p * wrong)),
    ):
        descending = descent(error, slope, np.ones(3))
        assert not descending.iterate()
        np.testing.assert_array_equal(descending.parameters, np.ones(3))


def test_a_gradient_that_lies_ends_the_descent() -> None:
    uphill = descent(lambda p: float(p @ p), lambda p: -2.0 * p, np.ones(3))
    assert not uphill.iterate()
    np.testing.assert_array_equal(uphill.parameters, np.ones(3))


def test_what_has_no_bottom_is_descended_without_end_or_exception() -> None:
    endless = descent(lambda p: float(-(p @ p)), lambda p: -2.0 * p, np.ones(3))
    iterate(endless, 100)
    assert endless.error < -1e10


@pytest.mark.parametrize("pause", [0, 1, 5, 9, 10, 11, 37])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_state_given_back_goes_on_to_the_byte(pause: int, dtype: type) -> None:
    start = np.tile([-1.2, 1.0], 10).astype(dtype)
    whole = descent(rosen, rosen_der, start)
    for _ in range(pause):
        whole.iterate()
    state = whole.state()
    for _ in range(25):
        whole.iterate()
    resumed = descent(rosen, rosen_der, np.zeros_like(start))
    resumed.restore(state)
    for _ in range(25):
        resumed.iterate()
    assert resumed.parameters.dtype == dtype
    assert resumed.parameters.tobytes() == whole.parameters.tobytes()
    assert resumed.gradient.tobytes() == whole.gradient.tobytes()
    assert (resumed.error, resumed.evaluations) == (whole.error, whole.evaluations)


def test_a_state_is_a_copy() -> None:
    descending = descent(rosen, rosen_der, np.array([-1.2, 1.0]))
    descending.iterate()
    state = descending.state()
    vectors, numbers = state.vectors.copy(), state.numbers.copy()
    iterate(descending, 5)
    np.testing.assert_array_equal(state.vectors, vectors)
    np.testing.assert_array_equal(state.numbers, numbers)


def network_error(network: Network, inputs: Array, signs: Array, l2: float) -> tuple[Array, Function]:
    """The mean cross-entropy of all rows with half `l2` times the squared weights, for `LBFGS`."""
    loss = LOSSES["sigmoid"]["cross-entropy"].value
    gradient = np.zeros_like(network.parameters)
    penalty = np.full_like(gradient, l2)
    for layer in layer_views(penalty, network.layers):
        layer[:, -1] = 0.0
    rows = np.hstack([inputs, np.ones((len(inputs), 1))])
    through = Pass(network, loss, len(rows), gradient)
    through.scale[...] = loss.gain / len(rows)

    def error_and_gradient(parameters: Array) -> float:
        run(through.forward(rows.T))
        error = loss.errors(through.logits, signs).mean() + 0.5 * np.dot(penalty * parameters, parameters)
        run(through.backward(EncodedRows(rows, signs.T)))
        gradient.__iadd__(penalty * parameters)
        return float(error)

    return gradient, error_and_gradient


def prepared(spine: Dataset) -> tuple[Array, Array]:
    inputs = spine.examples.inputs
    return (inputs - inputs.mean(0)) / inputs.std(0), spine.examples.targets.astype(int)


def test_a_logistic_regression_ends_where_scipys_does(spine: Dataset) -> None:
    inputs, classes = prepared(spine)
    network = Network((6, 1), "tanh", "sigmoid", np.zeros(7))
    gradient, error_and_gradient = network_error(network, inputs, 2.0 * classes[None] - 1.0, 0.01)
    descending = LBFGS(network.parameters, gradient, error_and_gradient)
    assert iterate(descending, 40) < 40
    evaluations = descending.evaluations
    assert not descending.iterate()
    assert descending.evaluations < evaluations + 10

    rows = np.hstack([inputs, np.ones((len(inputs), 1))])
    weights_only = np.array([0.01] * 6 + [0.0])

    def plainly(parameters: Array) -> tuple[float, Array]:
        margins = (2.0 * classes - 1.0) * (rows @ parameters)
        error = np.logaddexp(0.0, -margins).mean() + 0.5 * np.sum(weights_only * parameters**2)
        pull = -(2.0 * classes - 1.0) / (1.0 + np.exp(margins)) / len(rows)
        return error, rows.T @ pull + weights_only * parameters

    there = minimize(plainly, np.zeros(7), jac=True, method="L-BFGS-B", options={"ftol": 0.0, "gtol": 1e-10})
    assert descending.error == pytest.approx(there.fun, rel=1e-12)
    np.testing.assert_allclose(descending.parameters, there.x, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("alpha", "between_minima"), [(10.0, 0.0), (1.0, 0.001)], ids=["one minimum", "minima alike"]
)
def test_a_network_is_trained_at_least_as_well_as_by_scikit_learn_from_the_same_weights(
    spine: Dataset, seed: int, alpha: float, between_minima: float
) -> None:
    inputs, classes = prepared(spine)
    layers = (6, 10, 1)
    start, chance = np.zeros(parameter_count(layers)), np.random.default_rng(seed)
    network = new_network(layers, "tanh", "sigmoid", "xavier", chance, start)
    theirs = MLPClassifier((10,), activation="tanh", solver="lbfgs", alpha=alpha, max_iter=1, tol=0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.fit(inputs, classes)
        theirs.coefs_ = [layer[:, :-1].T.copy() for layer in network.weights]
        theirs.intercepts_ = [layer[:, -1].copy() for layer in network.weights]
        theirs.set_params(warm_start=True, max_iter=500).fit(inputs, classes)

    gradient, error_and_gradient = network_error(
        network, inputs, 2.0 * classes[None] - 1.0, alpha / len(inputs)
    )
    descending = LBFGS(network.parameters, gradient, error_and_gradient)
    iterate(descending, 500)
    assert descending.error <= theirs.loss_ + between_minima
    assert np.abs(gradient).max() < 1e-6
