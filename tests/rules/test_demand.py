import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.demand import (
    crowding_factor,
    daily_sales_yuan,
    inside_attraction,
    log_delivery,
    log_offer,
    log_price,
    log_reputation,
    outside_sellers,
)
from sim.world.parameters import behaviour

b = behaviour(
    {
        "attraction_reputation": 0.3,
        "reputation_orders": 500.0,
        "reputation_cap_orders": 4500.0,
        "appeal_knowledge": 1.2,
        "attraction_rating": 0.8,
        "rating_start": 4.6,
        "attraction_freshness": 2.0,
        "attraction_brand": 0.25,
        "attraction_delivery": 0.05,
        "standard_delivery_days": 4.0,
    }
)

orders = st.floats(0.0, 1e7)
shares = st.floats(0.0, 1.0)
prices = st.floats(0.01, 1e5)
elasticities = st.floats(1.01, 10.0)
attractions = st.floats(0.0, 1e6)
exponents = st.floats(0.05, 1.0)


def test_reputation_is_the_logarithm_of_orders_shipped():
    assert log_reputation(2000.0, b) == pytest.approx(0.3 * math.log(5.0))


def test_a_new_shop_has_no_reputation():
    assert log_reputation(0.0, b) == 0.0


def test_reputation_grows_no_more_beyond_the_cap():
    assert log_reputation(1e9, b) == log_reputation(4500.0, b)


@given(orders, orders)
def test_reputation_never_falls_with_orders(shipped, other):
    low, high = sorted((shipped, other))

    assert 0.0 <= log_reputation(low, b) <= log_reputation(high, b)


def test_offer_is_the_sum_of_what_buyers_like():
    # luck 0.5, knowledge 0.7, rating 4.1, a tenth spoiled, half a brand
    expected = 0.5 + 1.2 * 0.2 - 0.8 * 0.5 - 2.0 * 0.1 + 0.25 * 0.5

    assert log_offer(0.5, 0.7, 4.1, 0.1, 0.5, b) == pytest.approx(expected)


def test_a_usual_offer_has_no_advantage():
    assert log_offer(0.0, 0.5, 4.6, 0.0, 0.0, b) == 0.0


OFFER = [0.0, 0.5, 4.6, 0.1, 0.5]


@pytest.mark.parametrize("place", [0, 1, 2, 4])
@given(more=st.floats(0.01, 0.4))
def test_offer_rises_with_luck_knowledge_rating_and_brand(place, more):
    better = [value + (more if number == place else 0.0) for number, value in enumerate(OFFER)]

    assert log_offer(*better, b) > log_offer(*OFFER, b)


@given(st.floats(0.01, 0.9))
def test_offer_falls_with_fruit_lost_on_the_way(more):
    assert log_offer(0.0, 0.5, 4.6, 0.1 + more, 0.5, b) < log_offer(*OFFER, b)


def test_the_reference_price_neither_attracts_nor_deters():
    assert log_price(85.0, 85.0, 3.0) == 0.0


def test_half_the_price_attracts_by_the_elasticity():
    assert log_price(42.5, 85.0, 3.0) == pytest.approx(3.0 * math.log(2.0))


@given(prices, prices, prices, elasticities)
def test_price_never_attracts_more_when_it_is_higher(price, other, reference, elasticity):
    low, high = sorted((price, other))

    assert log_price(high, reference, elasticity) <= log_price(low, reference, elasticity)


@given(prices, prices, elasticities)
def test_attraction_of_the_price_has_the_elasticity_of_the_good(price, reference, elasticity):
    dearer = log_price(1.01 * price, reference, elasticity)

    change = (dearer - log_price(price, reference, elasticity)) / math.log(1.01)
    assert change == pytest.approx(-elasticity, rel=1e-6)


def test_the_standard_delivery_neither_attracts_nor_deters():
    assert log_delivery(4.0, 0.0, b) == 0.0


def test_each_day_beyond_the_standard_deters_alike():
    assert log_delivery(7.0, 0.0, b) == pytest.approx(-0.15)


def test_days_that_are_usual_on_the_platform_cost_nothing():
    assert log_delivery(13.0, 9.0, b) == 0.0


@given(st.floats(0.0, 100.0), st.floats(0.01, 100.0), st.floats(0.0, 20.0))
def test_slower_delivery_deters(days, more, usual):
    assert log_delivery(days + more, usual, b) < log_delivery(days, usual, b)


def test_crowding_is_the_attraction_of_the_origin_to_the_exponent_less_1():
    assert crowding_factor(16.0, 0.75) == pytest.approx(0.5)


@pytest.mark.parametrize("attraction", [0.0, 0.3, 1.0])
def test_few_shops_are_not_crowded(attraction):
    assert crowding_factor(attraction, 0.7) == 1.0


def test_an_exponent_of_1_means_no_crowding():
    assert crowding_factor(5000.0, 1.0) == 1.0


@given(attractions, attractions, exponents)
def test_crowding_never_eases_as_the_origin_grows(attraction, other, exponent):
    low, high = sorted((attraction, other))

    assert 0.0 < crowding_factor(high, exponent) <= crowding_factor(low, exponent) * (1 + 1e-12)
    assert crowding_factor(low, exponent) <= 1.0


def test_an_origin_counts_as_its_attraction_to_the_exponent():
    assert inside_attraction(16.0, 0.75) == pytest.approx(8.0)


@pytest.mark.parametrize("attraction", [0.0, -1e-12])
def test_an_origin_without_shops_does_not_count(attraction):
    assert inside_attraction(attraction, 0.75) == 0.0


@given(attractions, attractions, exponents)
def test_an_origin_never_counts_less_as_it_grows(attraction, other, exponent):
    low, high = sorted((attraction, other))

    assert inside_attraction(low, exponent) <= inside_attraction(high, exponent) * (1 + 1e-12)


@given(attractions, exponents)
def test_an_origin_never_counts_more_than_its_shops_together(attraction, exponent):
    assert 0.0 <= inside_attraction(attraction, exponent) <= attraction


def test_daily_sales_are_the_market_times_the_share_of_attraction():
    assert daily_sales_yuan(1_000_000.0, 2.0, 0.5, 900.0, 100.0) == pytest.approx(1000.0)


def test_a_shop_without_attraction_sells_nothing():
    assert daily_sales_yuan(1_000_000.0, 0.0, 1.0, 900.0, 0.0) == 0.0


@given(st.lists(st.floats(0.001, 100.0), min_size=1, max_size=20), exponents, st.floats(1.0, 1e6))
def test_shops_of_an_origin_together_sell_its_share_of_the_market(shops, exponent, outside):
    together = sum(shops)
    factor = crowding_factor(together, exponent)
    inside = inside_attraction(together, exponent)

    sales = [daily_sales_yuan(1e6, shop, factor, outside, inside) for shop in shops]

    assert sum(sales) == pytest.approx(1e6 * inside / (outside + inside))


@given(attractions, exponents, st.floats(1.0, 1e6))
def test_an_origin_never_sells_more_than_the_market(attraction, exponent, outside):
    factor = crowding_factor(attraction, exponent)
    inside = inside_attraction(attraction, exponent)

    assert 0.0 <= daily_sales_yuan(1e6, attraction, factor, outside, inside) <= 1e6


@given(st.floats(0.001, 100.0), st.floats(0.0, 1e4), st.floats(0.01, 1e4))
def test_sales_fall_with_competition(attraction, inside, more):
    rivals = daily_sales_yuan(1e6, attraction, 1.0, 500.0, inside + more)

    assert rivals < daily_sales_yuan(1e6, attraction, 1.0, 500.0, inside)


def test_outside_sellers_are_the_typical_shops_when_the_market_is_that_of_2015():
    assert outside_sellers(60_000.0, 1.0, 0.8) == 60_000.0


def test_outside_sellers_grow_less_than_in_proportion():
    assert outside_sellers(60_000.0, 16.0, 0.75) == pytest.approx(480_000.0)


@given(st.floats(0.001, 50.0), st.floats(0.001, 50.0), st.floats(0.0, 1.0))
def test_outside_sellers_never_fall_as_the_market_grows(index, other, growth):
    low, high = sorted((index, other))

    assert 0.0 < outside_sellers(100.0, low, growth) <= outside_sellers(100.0, high, growth) + 1e-9
