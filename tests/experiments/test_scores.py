"""Scores of forecasts: known answers, and what must hold of any ensemble."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.experiments.scores import (
    Interval,
    crps,
    error_share,
    interval,
    interval_score,
    known,
    log_error,
    median,
)
from sim.world.place_draws import normal, uniforms

NUMBERS = st.floats(-1e6, 1e6)
ENSEMBLES = st.lists(NUMBERS, min_size=2, max_size=30)


def drawn(count: int, seed: int = 1) -> np.ndarray:
    """Return standard normal numbers."""
    return normal(uniforms(seed, [str(n) for n in range(count)], 1)[:, 0])


@given(NUMBERS, NUMBERS)
def test_the_score_of_a_single_number_is_its_absolute_error(value: float, came: float) -> None:
    assert crps([value], came) == pytest.approx(abs(value - came))


@given(NUMBERS, NUMBERS, st.integers(2, 9))
def test_equal_members_are_one_number(value: float, came: float, count: int) -> None:
    assert crps([value] * count, came) == pytest.approx(abs(value - came), abs=1e-6)


@given(ENSEMBLES, NUMBERS)
def test_the_score_is_that_of_all_pairs(values: list[float], came: float) -> None:
    x = np.array(values)
    pairs = np.abs(x[:, None] - x[None, :]).sum() / (x.size * (x.size - 1))
    assert crps(values, came) == pytest.approx(np.abs(x - came).mean() - pairs / 2, abs=1e-4)


@given(ENSEMBLES, NUMBERS, st.floats(-1e3, 1e3), st.floats(0.1, 10))
def test_scores_move_and_stretch_with_the_numbers(
    values: list[float], came: float, shift: float, size: float
) -> None:
    moved = [shift + size * value for value in values]
    expected = size * crps(values, came)
    assert crps(moved, shift + size * came) == pytest.approx(expected, abs=1e-3)


def test_the_estimator_is_right_on_average_for_small_ensembles_too() -> None:
    # Of a standard normal forecast, with 0 for what came: sqrt(2/pi) - 1/sqrt(pi).
    expected = math.sqrt(2 / math.pi) - 1 / math.sqrt(math.pi)
    members = drawn(12_000)
    for count in (2, 3, 10):
        scores = [crps(part, 0.0) for part in members.reshape(-1, count)]
        error = np.std(scores) / math.sqrt(len(scores))
        assert np.mean(scores) == pytest.approx(expected, abs=4 * error)


def test_an_honest_forecast_scores_better_than_a_bold_and_a_timid_one() -> None:
    came, members = drawn(300, seed=2), drawn(200, seed=3)
    honest, bold, timid = (
        np.mean([crps(width * members, each) for each in came]) for width in (1.0, 0.2, 4.0)
    )
    assert honest < bold
    assert honest < timid


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_intervals_hold_new_draws_as_often_as_they_say(share: float) -> None:
    held = [interval(part[:-1], share).covers(part[-1]) for part in drawn(40_000).reshape(-1, 20)]
    error = math.sqrt(share * (1 - share) / len(held))
    assert np.mean(held) == pytest.approx(share, abs=4 * error)


@given(ENSEMBLES)
def test_wider_intervals_hold_narrower_ones_and_the_median(values: list[float]) -> None:
    narrow, wide = interval(values, 0.5), interval(values, 0.9)
    assert min(values) <= wide.low <= narrow.low <= median(values) + 1e-9
    assert median(values) - 1e-9 <= narrow.high <= wide.high <= max(values)


def test_ends_of_an_interval_belong_to_it() -> None:
    assert Interval(1.0, 2.0).covers(1.0)
    assert Interval(1.0, 2.0).covers(2.0)
    assert not Interval(1.0, 2.0).covers(2.1)


@settings(max_examples=50)
@given(NUMBERS, st.floats(0, 1e5), NUMBERS)
def test_the_interval_score_is_its_width_and_twenty_times_the_miss(
    low: float, width: float, came: float
) -> None:
    found = Interval(low, low + width)
    miss = max(low - came, came - low - width, 0.0)
    expected = found.high - found.low + 20 * miss
    assert interval_score(found, came, 0.9) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_errors_are_shares_of_what_was_published() -> None:
    assert error_share(150.0, 100.0) == pytest.approx(0.5)
    assert error_share(50.0, 100.0) == pytest.approx(-0.5)
    assert math.isnan(error_share(1.0, 0.0))


def test_logarithmic_errors_are_the_same_for_twice_and_half() -> None:
    assert log_error(200.0, 100.0) == pytest.approx(log_error(50.0, 100.0))
    assert log_error(100.0, 100.0) == 0.0
    assert log_error(0.0, 100.0) == math.inf
    assert math.isnan(log_error(1.0, 0.0))
    assert math.isnan(log_error(math.nan, 1.0))


def test_values_that_runs_do_not_have_are_left_out() -> None:
    values = [3.0, math.nan, 1.0, math.inf]
    assert known(values).tolist() == [1.0, 3.0]
    assert median(values) == 2.0
    assert crps(values, 2.0) == crps([1.0, 3.0], 2.0)


def test_nothing_has_no_score() -> None:
    assert math.isnan(crps([math.nan], 1.0))
    assert math.isnan(median([]))
    assert math.isnan(interval([], 0.9).low)
