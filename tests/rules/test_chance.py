import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.rules.chance import logistic, lognormal_unit_mean, poisson_count, standard_normal

uniforms = st.integers(0, 2**32 - 1).map(lambda word: (word + 0.5) * 2.0**-32)
smallest_u = 0.5 * 2.0**-32
largest_u = 1.0 - smallest_u


def grid(size):
    return ((np.arange(size) + 0.5) / size).tolist()


def poisson_quantile(mean, u):
    """Smallest count whose cumulative probability reaches u, from logarithms of the terms."""
    reached, count = 0.0, -1
    while reached < u and count < 10 * mean + 100:
        count += 1
        reached += math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
    return count


@settings(deadline=None)
@given(uniforms)
@example(smallest_u)
@example(largest_u)
@example(1e-300)
def test_standard_normal_agrees_with_the_standard_library(u):
    assert standard_normal(u) == pytest.approx(NormalDist().inv_cdf(u), rel=1e-14, abs=1e-15)


@pytest.mark.parametrize(
    ("u", "published"),
    [(0.25, -0.6744897501960817), (0.001, -3.090232306167814), (1e-20, -9.262340089798408)],
)
def test_standard_normal_gives_the_check_values_published_with_it(u, published):
    assert standard_normal(u) == pytest.approx(published, rel=1e-14)


def test_standard_normal_of_one_half_is_0():
    assert standard_normal(0.5) == 0.0


@settings(deadline=None)
@given(uniforms)
def test_standard_normal_is_symmetric(u):
    assert standard_normal(1.0 - u) == pytest.approx(-standard_normal(u), rel=1e-12)


@settings(deadline=None)
@given(uniforms, uniforms)
def test_standard_normal_never_falls_as_u_rises(u, other):
    low, high = sorted((u, other))

    assert standard_normal(low) <= standard_normal(high)


def test_standard_normal_has_mean_0_and_variance_1():
    z = np.array([standard_normal(u) for u in grid(20_000)])

    assert (z.mean(), z.var()) == pytest.approx((0.0, 1.0), abs=1e-3)


def test_poisson_count_has_the_probabilities_of_a_small_mean():
    size = 100_000
    counts = [poisson_count(1.5, u) for u in grid(size)]

    shares = np.bincount(counts)[:8] / size

    expected = [math.exp(-1.5) * 1.5**k / math.factorial(k) for k in range(8)]
    assert shares.tolist() == pytest.approx(expected, abs=2.0 / size)


@settings(deadline=None)
@given(st.floats(0.001, 29.999), uniforms)
def test_poisson_count_is_the_exact_quantile_below_a_mean_of_30(mean, u):
    # The reference sums rounded terms too: next to a step it may fall on the other side.
    lower, upper = (poisson_quantile(mean, shifted) for shifted in (u - 1e-13, u + 1e-13))

    assert lower <= poisson_count(mean, u) <= upper


@settings(deadline=None)
@given(st.floats(30.0, 600.0), uniforms)
@example(30.0, smallest_u)
@example(30.0, largest_u)
def test_poisson_count_is_at_most_one_off_above_a_mean_of_30(mean, u):
    assert abs(poisson_count(mean, u) - poisson_quantile(mean, u)) <= 1


@pytest.mark.parametrize("mean", [30.0, 55.5, 400.0])
def test_poisson_count_above_a_mean_of_30_is_rarely_off(mean):
    differs = [poisson_count(mean, u) != poisson_quantile(mean, u) for u in grid(5000)]

    assert np.mean(differs) <= 0.0002


@pytest.mark.parametrize("mean", [0.01, 0.5, 3.0, 29.9, 30.0, 31.0, 250.0, 1e4])
def test_poisson_count_has_its_mean(mean):
    counts = [poisson_count(mean, u) for u in grid(50_000)]

    assert np.mean(counts) == pytest.approx(mean, rel=2e-3)


@pytest.mark.parametrize("mean", [0.01, 0.5, 3.0, 29.9, 30.0, 31.0, 250.0, 1e4])
def test_poisson_count_varies_as_much_as_its_mean(mean):
    counts = [poisson_count(mean, u) for u in grid(50_000)]

    assert np.var(counts) == pytest.approx(mean, rel=6e-3)


@pytest.mark.parametrize("mean", [3.0, 29.9, 30.0, 250.0])
def test_poisson_count_is_as_skewed_as_its_mean_demands(mean):
    counts = np.array([poisson_count(mean, u) for u in grid(50_000)])

    skewness = ((counts - counts.mean()) ** 3).mean() / counts.std() ** 3

    assert skewness == pytest.approx(mean**-0.5, rel=0.02)


@settings(deadline=None)
@given(st.floats(0.0, 1e6), uniforms, uniforms)
@example(29.999999, 1.0 - 2.0**-53, largest_u)
@example(30.0, 1e-300, 1e-12)
@example(30.0, 1e-50, smallest_u)
def test_poisson_count_never_falls_as_u_rises(mean, u, other):
    low, high = sorted((u, other))

    assert poisson_count(mean, low) <= poisson_count(mean, high)


@settings(deadline=None)
@given(st.floats(-1e3, 1e9), uniforms)
@example(30.0, 1e-300)
def test_poisson_count_is_never_negative(mean, u):
    assert poisson_count(mean, u) >= 0


@pytest.mark.parametrize("mean", [0.0, -1.0, -math.inf])
def test_nothing_happens_when_nothing_is_expected(mean):
    assert poisson_count(mean, largest_u) == 0


@pytest.mark.parametrize("mean", [1e-12, 0.1, 1.0, 12.0, 29.999])
def test_poisson_count_ends_even_next_to_one(mean):
    assert poisson_count(mean, 1.0 - 2.0**-53) < 110


def test_poisson_count_is_a_whole_number():
    assert isinstance(poisson_count(45.0, 0.3), int)


@pytest.mark.parametrize("sigma", [0.1, 0.5, 1.0])
def test_lognormal_factor_averages_1(sigma):
    factors = [lognormal_unit_mean(sigma, u) for u in grid(50_000)]

    assert np.mean(factors) == pytest.approx(1.0, abs=2e-3)


def test_lognormal_factor_without_spread_is_1():
    assert lognormal_unit_mean(0.0, 0.123) == 1.0


def test_lognormal_factor_has_its_median_where_the_algebra_says():
    assert lognormal_unit_mean(0.8, 0.5) == pytest.approx(math.exp(-0.32))


@settings(deadline=None)
@given(st.floats(0.0, 3.0), uniforms, uniforms)
def test_lognormal_factor_never_falls_as_u_rises(sigma, u, other):
    low, high = sorted((u, other))

    assert 0.0 < lognormal_unit_mean(sigma, low) <= lognormal_unit_mean(sigma, high)


def test_logistic_of_even_odds_is_one_half():
    assert logistic(0.0) == 0.5


def test_logistic_of_odds_of_three_to_one_is_three_quarters():
    assert logistic(math.log(3.0)) == pytest.approx(0.75, rel=1e-15)


@settings(deadline=None)
@given(st.floats(-700.0, 700.0))
def test_logistic_of_opposite_odds_add_up_to_1(x):
    assert logistic(x) + logistic(-x) == pytest.approx(1.0, rel=1e-15)


@settings(deadline=None)
@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_logistic_never_falls_as_odds_rise(x, other):
    low, high = sorted((x, other))

    assert logistic(low) <= logistic(high)


@pytest.mark.parametrize(("x", "limit"), [(-1e308, 0.0), (1e308, 1.0)])
def test_logistic_is_safe_for_numbers_of_any_size(x, limit):
    assert logistic(x) == limit
