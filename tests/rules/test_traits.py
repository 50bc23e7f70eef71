import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.traits import (
    head_age_years,
    head_schooling_years,
    household_members,
    starting_knowledge,
    workers_of,
)
from sim.world.parameters import behaviour

b = behaviour(
    {
        "household_size_share_1": 0.15,
        "household_size_share_2": 0.25,
        "household_size_share_3": 0.25,
        "household_size_share_4": 0.2,
        "household_size_share_5": 0.1,
        "household_size_share_6": 0.05,
        "schooling_share_0": 0.1,
        "schooling_share_6": 0.3,
        "schooling_share_9": 0.4,
        "schooling_share_12": 0.15,
        "schooling_share_15": 0.05,
        "knowledge_base": 0.25,
        "knowledge_schooling": 0.08,
        "knowledge_age": 0.05,
        "knowledge_city": 0.1,
        "knowledge_technical": 0.12,
        "knowledge_sd": 0.1,
    }
)

uniforms = st.floats(0.0, 1.0, exclude_min=True, exclude_max=True)
schooling = st.sampled_from([0.0, 6.0, 9.0, 12.0, 15.0])
ages = st.floats(22.0, 75.0)
one_sd = 0.841344746068543
"""Probability below one standard deviation above the mean."""


def middles(size):
    return [(place + 0.5) / size for place in range(size)]


def test_households_have_the_sizes_of_their_shares():
    found = [household_members(u, b) for u in middles(1000)]

    assert [found.count(size) for size in range(1, 7)] == [150, 250, 250, 200, 100, 50]


def test_a_household_has_six_members_at_most_even_if_shares_do_not_reach_1():
    assert household_members(math.nextafter(1.0, 0.0), b) == 6


@given(uniforms, uniforms)
def test_household_size_never_falls_with_u(u, other):
    low, high = sorted((u, other))

    assert 1 <= household_members(low, b) <= household_members(high, b) <= 6


def test_age_is_the_mean_at_one_half():
    assert head_age_years(0.5, 48.0, 11.0) == 48


def test_age_one_standard_deviation_up_is_that_much_higher():
    assert head_age_years(one_sd, 48.0, 11.0) == 59


def test_age_is_rounded_to_whole_years():
    assert head_age_years(one_sd, 48.0, 10.6) == 59


@pytest.mark.parametrize(("u", "age"), [(1e-9, 22), (1.0 - 1e-9, 75)])
def test_heads_are_grown_up_and_not_too_old(u, age):
    assert head_age_years(u, 48.0, 11.0) == age


@given(uniforms, uniforms, st.floats(20.0, 70.0), st.floats(0.0, 30.0))
def test_age_never_falls_with_u(u, other, mean, sd):
    low, high = sorted((u, other))

    assert 22 <= head_age_years(low, mean, sd) <= head_age_years(high, mean, sd) <= 75


def test_heads_have_the_schooling_of_their_shares():
    found = [head_schooling_years(u, b) for u in middles(1000)]

    assert [found.count(years) for years in (0, 6, 9, 12, 15)] == [100, 300, 400, 150, 50]


@given(uniforms, uniforms)
def test_schooling_never_falls_with_u(u, other):
    low, high = sorted((u, other))

    assert head_schooling_years(low, b) <= head_schooling_years(high, b)


def test_knowledge_of_a_usual_head_is_the_base():
    assert starting_knowledge(9.0, 35.0, False, False, 0.5, b) == pytest.approx(0.25)


def test_knowledge_adds_up_over_the_traits_of_a_head():
    # 12 years of school, 45 years old, city, technical, one standard deviation of luck
    expected = 0.25 + 0.08 - 0.05 + 0.1 + 0.12 + 0.1

    assert starting_knowledge(12.0, 45.0, True, True, one_sd, b) == pytest.approx(expected)


@given(schooling, ages, st.booleans(), st.booleans(), uniforms)
def test_knowledge_is_between_0_and_1(years, age, city, technical, u):
    assert 0.0 <= starting_knowledge(years, age, city, technical, u, b) <= 1.0


@pytest.mark.parametrize(
    "better",
    [
        pytest.param((12.0, 50.0, False, False), id="schooling"),
        pytest.param((9.0, 40.0, False, False), id="youth"),
        pytest.param((9.0, 50.0, True, False), id="city"),
        pytest.param((9.0, 50.0, False, True), id="technical training"),
    ],
)
@given(u=uniforms)
def test_knowledge_never_falls_with(better, u):
    assert starting_knowledge(*better, u, b) >= starting_knowledge(9.0, 50.0, False, False, u, b)


@given(schooling, ages, uniforms, uniforms)
def test_knowledge_never_falls_with_luck(years, age, u, other):
    low, high = sorted((u, other))

    assert starting_knowledge(years, age, False, False, low, b) <= starting_knowledge(
        years, age, False, False, high, b
    )


@pytest.mark.parametrize(("members", "workers"), [(1, 1), (2, 2), (3, 2), (6, 2)])
def test_a_household_has_two_workers_if_it_has_two_members(members, workers):
    assert workers_of(members) == workers
