"""Tails of the binomial and of Student's t, through one incomplete beta function."""

from __future__ import annotations

import math
from itertools import count
from statistics import NormalDist

_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)


def binomial_tail(successes: int, trials: int, probability: float) -> float:
    """The probability of at least so many successes in independent trials, exact up to rounding."""
    if trials < 0 or not 0.0 <= probability <= 1.0:
        raise ValueError(f"{trials} trials of probability {probability} make no binomial distribution")
    if successes <= 0:
        return 1.0
    if successes > trials:
        return 0.0
    return incomplete_beta(successes, trials - successes + 1, probability, 1.0 - probability)


def t_quantile(probability: float, degrees: float) -> float:
    """The value below which Student's t with that many degrees of freedom falls with that probability.

    Newton's method on the logarithm of the tail against the logarithm of t: that curve is concave, so
    every step but the first comes from the same side and none can overshoot.
    """
    if not 0.0 < probability < 1.0 or not degrees > 0.0:
        raise ValueError(f"no quantile {probability} of Student's t with {degrees} degrees of freedom")
    if probability == 0.5:
        return 0.0
    if probability < 0.5:
        return -_upper_t_quantile(probability, degrees)
    return _upper_t_quantile(1.0 - probability, degrees)


def _upper_t_quantile(tail: float, degrees: float) -> float:
    half = 0.5 * degrees
    log_density_at_zero = (
        math.lgamma(half + 0.5) - math.lgamma(half) - 0.5 * math.log(degrees * math.pi)
        if half < 10.0
        else -0.5 * math.log(2.0 * math.pi) + _stirling_ratio(half)
    )
    t = -NormalDist().inv_cdf(tail)
    for _ in range(100):
        above = 0.5 * incomplete_beta(half, 0.5, degrees / (degrees + t * t), t * t / (degrees + t * t))
        density = math.exp(log_density_at_zero - (half + 0.5) * math.log1p(t * t / degrees))
        step = math.log(above / tail) * above / (t * density)
        t *= math.exp(step)
        if abs(step) < 1e-14:
            break
    return t


def _stirling_ratio(half: float) -> float:
    """Log of gamma(half + 1/2) / (gamma(half) sqrt(half)), without subtracting large numbers."""
    return half * math.log1p(0.5 / half) - 0.5 + _stirling_remainder(half + 0.5) - _stirling_remainder(half)


def incomplete_beta(a: float, b: float, x: float, complement: float) -> float:
    """The regularised incomplete beta function I_x(a, b); `complement` is 1 - x, known without loss.

    The continued fraction of DLMF 8.17.22, on whichever side of the mean it converges quickly.
    """
    if x <= 0.0:
        return 0.0
    if complement <= 0.0:
        return 1.0
    if x * (a + b + 2.0) > a + 1.0:
        return 1.0 - _power_term(b, a, complement, x) / (b * _continued_fraction(b, a, complement))
    return _power_term(a, b, x, complement) / (a * _continued_fraction(a, b, x))


def _power_term(a: float, b: float, x: float, complement: float) -> float:
    """x^a (1 - x)^b / B(a, b), as the distance from the mode: large logarithms would cancel badly."""
    excess = b * x - a * complement
    return math.sqrt(a * b / (a + b) / (2.0 * math.pi)) * math.exp(
        _scaled_log(a, excess, x, a + b)
        + _scaled_log(b, -excess, complement, a + b)
        + _stirling_remainder(a + b)
        - _stirling_remainder(a)
        - _stirling_remainder(b)
    )


def _scaled_log(a: float, excess: float, x: float, total: float) -> float:
    """A times the log of x total / a, which is 1 + excess / a."""
    return a * (math.log1p(excess / a) if abs(excess) < 0.5 * a else math.log(x) + math.log(total / a))


def _stirling_remainder(x: float) -> float:
    """What Stirling's formula leaves out of log gamma(x); the series of DLMF 5.11.1."""
    if x < 10.0:
        return math.lgamma(x) - (x - 0.5) * math.log(x) + x - 0.5 * math.log(2.0 * math.pi)
    return math.fsum(term / x ** (2 * order + 1) for order, term in enumerate(_STIRLING))


def _continued_fraction(a: float, b: float, x: float) -> float:
    """The denominator 1 + d1/(1 + d2/(1 + ...)), by the modified method of Lentz."""
    tiny = 1e-300
    c = fraction = 1.0
    d = 0.0
    for m in count():
        for term in (
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
            (m + 1) * (b - m - 1) * x / ((a + 2 * m + 1) * (a + 2 * m + 2)),
        ):
            d = 1.0 / (1.0 + term * d or tiny)
            c = 1.0 + term / c or tiny
            fraction *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return fraction
