import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.labour import (
    HiringOutlook,
    choose_staff,
    hands_for_hire,
    hands_to_spare,
    share_of_hands_hired,
    staff_wage_yuan,
    tax_yuan,
)
from sim.world.parameters import behaviour

b = behaviour({"hire_buffer": 0.3, "hire_reserve_months": 2.0})

# 20 orders a day and a buffer of 0.3 are the work of 5.2 persons
busy = HiringOutlook(
    smoothed_orders_per_day=20.0,
    orders_per_worker_day=5.0,
    hands=2.0,
    staff=1,
    cash_yuan=100_000.0,
    wage_yuan_per_month=3000.0,
    is_open=True,
)

outlooks = st.builds(
    HiringOutlook,
    smoothed_orders_per_day=st.floats(0.0, 5000.0),
    orders_per_worker_day=st.floats(0.5, 100.0),
    hands=st.floats(0.1, 6.0),
    staff=st.integers(0, 500),
    cash_yuan=st.floats(-1e5, 1e7),
    wage_yuan_per_month=st.floats(300.0, 10_000.0),
    is_open=st.booleans(),
)


def test_staff_is_what_the_family_lacks_for_orders_and_buffer():
    assert choose_staff(busy, b) == 4


def test_a_family_that_can_do_the_work_hires_nobody():
    assert choose_staff(busy._replace(hands=5.2), b) == 0


def test_new_staff_is_bounded_by_the_cash_for_its_wages():
    assert choose_staff(busy._replace(cash_yuan=12_001.0), b) == 3


def test_who_is_in_debt_keeps_the_staff_and_hires_nobody():
    assert choose_staff(busy._replace(cash_yuan=-50_000.0), b) == 1


def test_who_is_in_debt_still_lays_off():
    assert choose_staff(busy._replace(cash_yuan=-50_000.0, staff=9), b) == 4


def test_a_shop_out_of_season_has_no_staff():
    assert choose_staff(busy._replace(is_open=False, staff=7), b) == 0


@given(outlooks)
def test_staff_is_never_negative(o):
    assert choose_staff(o, b) >= 0


@given(outlooks)
def test_staff_is_never_more_than_the_work_needs(o):
    work = o.smoothed_orders_per_day * 1.3 / o.orders_per_worker_day

    assert choose_staff(o, b) < max(0.0, work - o.hands) + 1.0


@given(outlooks, st.floats(0.0, 5000.0))
def test_staff_never_shrinks_with_orders(o, more):
    busier = o._replace(smoothed_orders_per_day=o.smoothed_orders_per_day + more)

    assert choose_staff(busier, b) >= choose_staff(o, b)


@given(outlooks, st.floats(0.0, 1e6))
def test_staff_never_shrinks_with_cash(o, more):
    assert choose_staff(o._replace(cash_yuan=o.cash_yuan + more), b) >= choose_staff(o, b)


@given(outlooks, st.floats(0.0, 6.0))
def test_staff_never_grows_with_family_hands(o, more):
    assert choose_staff(o._replace(hands=o.hands + more), b) <= choose_staff(o, b)


def test_staff_wage_rises_with_the_share_of_hands_that_is_hired():
    assert staff_wage_yuan(3000.0, 50.0, 200.0, 0.4) == pytest.approx(3300.0)


def test_staff_wage_without_anybody_hired_is_the_village_wage():
    assert staff_wage_yuan(3000.0, 0.0, 200.0, 0.4) == 3000.0


def test_staff_wage_is_highest_where_no_hands_are_left():
    assert staff_wage_yuan(3000.0, 0.0, 0.0, 0.4) == staff_wage_yuan(3000.0, 7.0, 7.0, 0.4)


@given(st.floats(300.0, 1e4), st.floats(0.0, 1e4), st.floats(0.0, 1e4), st.floats(0.1, 1e4))
def test_staff_wage_never_falls_as_more_are_hired(wage, hired, other, pool):
    few, many = sorted((min(hired, pool), min(other, pool)))

    assert wage <= staff_wage_yuan(wage, few, pool, 0.4) <= staff_wage_yuan(wage, many, pool, 0.4)


def test_two_workers_are_two_hands_for_hire():
    assert hands_for_hire(3, False, False, b) == 2.0


def test_what_a_maker_does_and_the_time_on_the_farm_are_not_for_hire():
    assert hands_for_hire(3, True, False, b) == 1.0
    assert hands_for_hire(1, True, False, b) == 0.0
    assert hands_for_hire(2, False, True, b) == pytest.approx(2.0 * (1.0 - b.farm_work_share))


pools = st.tuples(st.floats(0.0, 500.0), st.floats(0.0, 500.0), st.floats(0.0, 1.0))


@given(pools)
def test_all_who_are_hired_have_work_and_nobody_more_than_hands(pool):
    first, rest, share = pool
    hired = share * (first + rest)

    shares = [share_of_hands_hired(is_first, first, first + rest, hired) for is_first in (1, 0)]

    assert all(0.0 <= one <= 1.0 for one in shares)
    assert first * shares[0] + rest * shares[1] == pytest.approx(hired)


@given(pools)
def test_nobody_is_hired_before_those_who_are_first_in_the_queue(pool):
    first, rest, share = pool
    later = share_of_hands_hired(False, first, first + rest, share * (first + rest))

    if first > 0.0 and later > 1e-9:
        assert share_of_hands_hired(True, first, first + rest, share * (first + rest)) == 1.0


def test_a_shop_without_orders_keeps_one_person_of_the_family():
    assert hands_to_spare(2.0, 2.0, 0.0, 5.0, 0.3) == 1.0
    assert hands_to_spare(1.0, 1.0, 0.0, 5.0, 0.3) == 0.0


def test_two_shops_of_a_family_keep_one_person_together():
    assert 2 * hands_to_spare(1.0, 2.0, 0.0, 5.0, 0.3) == 1.0


def test_orders_keep_the_hands_that_they_need():
    # 6 orders a day and a buffer of 0.3 are the work of 1.56 persons
    assert hands_to_spare(2.0, 2.0, 6.0, 5.0, 0.3) == pytest.approx(0.44)
    assert hands_to_spare(2.0, 2.0, 60.0, 5.0, 0.3) == 0.0


def test_tax_is_a_share_of_sales_above_the_exemption():
    assert tax_yuan(50_000.0, 0.03, 30_000.0) == pytest.approx(600.0)


@pytest.mark.parametrize("sales", [0.0, 12_000.0, 30_000.0])
def test_sales_up_to_the_exemption_are_free_of_tax(sales):
    assert tax_yuan(sales, 0.03, 30_000.0) == 0.0


@given(st.floats(0.0, 1e7), st.floats(0.0, 1e7), st.floats(0.0, 1.0), st.floats(0.0, 1e6))
def test_tax_never_falls_with_sales_nor_exceeds_its_share(sales, other, share, exempt):
    low, high = sorted((sales, other))

    assert 0.0 <= tax_yuan(low, share, exempt) <= tax_yuan(high, share, exempt) <= share * high
