import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.closing import (
    ClosingOutlook,
    average_profit_yuan_per_month,
    closing_line_yuan_per_month,
    wants_to_close,
)
from sim.world.parameters import behaviour

b = behaviour({"means_months": 6.0, "close_patience_months": 8.0, "close_probability": 0.5})

tired = ClosingOutlook(
    cash_yuan=0.0,
    credit_yuan=0.0,
    wage_yuan_per_month=3000.0,
    months_below=8,
    age_months=20,
    is_seasonal=False,
    u=0.4,
)

outlooks = st.builds(
    ClosingOutlook,
    cash_yuan=st.floats(-100_000.0, 100_000.0),
    credit_yuan=st.floats(0.0, 50_000.0),
    wage_yuan_per_month=st.floats(300.0, 10_000.0),
    months_below=st.integers(0, 30),
    age_months=st.integers(0, 120),
    is_seasonal=st.booleans(),
    u=st.floats(0.0, 1.0),
)


def test_average_profit_of_an_old_shop_is_a_twelfth_of_the_year():
    assert average_profit_yuan_per_month(12_000.0, 40) == 1000.0


def test_average_profit_of_a_young_shop_is_over_the_months_of_its_life():
    assert average_profit_yuan_per_month(12_000.0, 4) == 3000.0


def test_average_profit_before_the_first_month_end_is_what_was_earned():
    assert average_profit_yuan_per_month(-500.0, 0) == -500.0


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(0, 200))
def test_average_profit_never_falls_as_more_is_earned(profit, other, age):
    low, high = sorted((profit, other))

    assert average_profit_yuan_per_month(low, age) <= average_profit_yuan_per_month(high, age)


@given(st.floats(-1e6, 1e6), st.integers(12, 200))
def test_average_profit_does_not_depend_on_age_after_a_year(profit, age):
    assert average_profit_yuan_per_month(profit, age) == average_profit_yuan_per_month(profit, 12)


def test_closing_line_is_a_share_of_the_wage_for_the_working_time():
    assert closing_line_yuan_per_month(3000.0, 0.1, 0.5) == pytest.approx(150.0)


@given(st.floats(0.0, 1e4), st.floats(0.0, 1e4), st.floats(0.0, 1.0), st.floats(0.0, 2.0))
def test_closing_line_never_falls_with_the_wage(wage, other, share, ratio):
    low, high = sorted((wage, other))

    assert (
        0.0
        <= closing_line_yuan_per_month(low, share, ratio)
        <= closing_line_yuan_per_month(high, share, ratio)
    )


def test_a_tired_owner_closes_with_the_chance_of_a_month():
    assert [wants_to_close(tired._replace(u=u), b) for u in (0.499, 0.5)] == [True, False]


def test_an_owner_waits_for_the_months_of_patience():
    assert not wants_to_close(tired._replace(months_below=7), b)


def test_a_seasonal_shop_is_kept_for_its_first_year():
    young = tired._replace(is_seasonal=True, age_months=11)

    assert not wants_to_close(young, b)


def test_a_seasonal_shop_may_close_after_its_first_year():
    assert wants_to_close(tired._replace(is_seasonal=True, age_months=12), b)


def test_debt_beyond_the_means_closes_even_a_young_and_profitable_shop():
    broke = tired._replace(
        cash_yuan=-18_000.01, months_below=0, age_months=1, is_seasonal=True, u=0.999
    )

    assert wants_to_close(broke, b)


def test_debt_up_to_the_means_does_not_close_a_profitable_shop():
    assert not wants_to_close(tired._replace(cash_yuan=-18_000.0, months_below=0), b)


def test_credit_adds_to_the_means():
    indebted = tired._replace(cash_yuan=-20_000.0, months_below=0)

    assert not wants_to_close(indebted._replace(credit_yuan=5000.0), b)


@given(outlooks, st.floats(0.0, 50_000.0))
def test_more_cash_never_closes_a_shop(o, more):
    assert wants_to_close(o, b) or not wants_to_close(o._replace(cash_yuan=o.cash_yuan + more), b)


@given(outlooks, st.floats(0.0, 50_000.0))
def test_more_credit_never_closes_a_shop(o, more):
    richer = o._replace(credit_yuan=o.credit_yuan + more)

    assert wants_to_close(o, b) or not wants_to_close(richer, b)


@given(outlooks, st.integers(0, 20))
def test_more_months_below_the_line_never_keep_a_shop_open(o, months):
    worse = o._replace(months_below=o.months_below + months)

    assert wants_to_close(worse, b) or not wants_to_close(o, b)
