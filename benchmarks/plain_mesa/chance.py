"""From uniform numbers to normal and Poisson ones, chances and spreads (ODD 7.0)."""

import math
from collections.abc import Iterator
from itertools import accumulate
from statistics import NormalDist

_STANDARD = NormalDist()
_EXACT_BELOW = 30.0
_NEGLIGIBLE = 1e-18


def standard_normal(u: float) -> float:
    return _STANDARD.inv_cdf(u)


def lognormal(sigma: float, u: float) -> float:
    """Lognormal factor with mean 1."""
    return math.exp(sigma * standard_normal(u) - sigma**2 / 2)


def logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def poisson(mean: float, u: float) -> int:
    """Poisson quantile: exact below a mean of 30, by its expansion from there on."""
    if mean <= 0.0:
        return 0
    if mean >= _EXACT_BELOW:
        return _poisson_by_expansion(mean, u)
    count, term = 0, math.exp(-mean)
    total = term
    while total < u and (count < mean or term > _NEGLIGIBLE):
        count += 1
        term *= mean / count
        total += term
    return count


def _poisson_by_expansion(mean: float, u: float) -> int:
    root = math.sqrt(mean)
    z = max(standard_normal(u), -2.0 * root)
    quantile = (
        mean
        + root * z
        + (z**2 + 2) / 6
        - z * (z**2 + 2) / (72 * root)
        + (12 * z**4 + 28 * z**2 - 64) / (3240 * mean)
    )
    return max(0, math.floor(quantile))


def race(u: float, count: int) -> tuple[float, int]:
    """Smallest of some independent uniform numbers and its place, from its records."""
    luck = _uniforms_of_drand48(u)
    smallest, number = next(luck), 0
    while True:
        number_of_next = number + 1 + math.log(next(luck)) / math.log1p(-smallest)
        if number_of_next >= count:
            return smallest, number
        number = math.floor(number_of_next)
        smallest *= next(luck)


def _uniforms_of_drand48(u: float) -> Iterator[float]:
    state = math.floor(u * 2**32) * 2**16 + 0x330E
    while True:
        state = (state * 0x5DEECE66D + 11) % 2**48
        yield ((state >> 17) + 0.5) / 2**31


def rounded(x: float) -> int:
    """The nearest whole number, halves upwards."""
    return math.floor(x + 0.5)


def clamp(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


def first_above(shares: list[float], u: float) -> int:
    """First place at which the cumulative share exceeds u, the last one if none does."""
    for place, reached in enumerate(accumulate(shares)):
        if u < reached:
            return place
    return len(shares) - 1
