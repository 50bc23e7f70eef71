import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.pricing import PriceOutlook, choose_price_yuan, parcel_yuan
from sim.world.parameters import behaviour

b = behaviour(
    {
        "price_spread": 0.08,
        "price_pressure": 0.1,
        "backlog_days_reference": 5.0,
        "parcel_discount_max": 0.4,
        "parcel_discount_half": 1000.0,
        "logistics_parcel_cut": 0.2,
    }
)

outlook = PriceOutlook(
    unit_cost_yuan=60.0,
    fee_share=0.04,
    price_elasticity=3.0,
    backlog_days=0.0,
    price_skill=0.0,
)

outlooks = st.builds(
    PriceOutlook,
    unit_cost_yuan=st.floats(0.1, 10_000.0),
    fee_share=st.floats(0.0, 0.9),
    price_elasticity=st.floats(1.05, 10.0),
    backlog_days=st.floats(0.0, 100.0),
    price_skill=st.floats(-6.0, 6.0),
)


def test_price_is_the_markup_on_cost_over_what_the_platform_leaves():
    assert choose_price_yuan(outlook, b) == pytest.approx(60.0 / 0.96 * 1.5)


def test_price_of_a_bolder_owner_is_higher_by_the_spread():
    bold = choose_price_yuan(outlook._replace(price_skill=1.0), b)

    assert bold == pytest.approx(93.75 * math.exp(0.08))


def test_price_rises_in_proportion_to_the_days_that_wait():
    assert choose_price_yuan(outlook._replace(backlog_days=2.5), b) == pytest.approx(93.75 * 1.05)


def test_price_rises_no_more_once_the_backlog_is_long():
    at_reference = choose_price_yuan(outlook._replace(backlog_days=5.0), b)

    assert choose_price_yuan(outlook._replace(backlog_days=500.0), b) == at_reference


def test_price_of_a_very_elastic_demand_is_close_to_cost():
    near = choose_price_yuan(outlook._replace(price_elasticity=1e6, fee_share=0.0), b)

    assert near == pytest.approx(60.0, rel=1e-5)


@given(outlooks)
def test_price_is_above_0(o):
    assert choose_price_yuan(o, b) > 0.0


@given(outlooks)
def test_an_owner_of_usual_boldness_earns_on_every_order(o):
    price = choose_price_yuan(o._replace(price_skill=0.0), b)

    assert price * (1.0 - o.fee_share) > o.unit_cost_yuan


@pytest.mark.parametrize(
    ("what", "more"),
    [("unit_cost_yuan", 1.0), ("fee_share", 0.05), ("backlog_days", 1.0), ("price_skill", 0.5)],
)
@given(o=outlooks)
def test_price_never_falls_with(o, what, more):
    dearer = o._replace(**{what: getattr(o, what) + more})

    assert choose_price_yuan(dearer, b) >= choose_price_yuan(o, b)


@given(outlooks, st.floats(0.01, 5.0))
def test_price_falls_with_elasticity(o, more):
    elastic = o._replace(price_elasticity=o.price_elasticity + more)

    assert choose_price_yuan(elastic, b) < choose_price_yuan(o, b)


def parcel(national=12.0, ratio=1.5, platform=4.0, volume=1000.0, logistics=0.5, policy=0.8):
    return parcel_yuan(national, ratio, platform, volume, logistics, policy, b)


def test_parcel_price_is_the_national_one_less_discounts():
    # half of the discount of 40 % at 1000 parcels, half of the cut of 20 %
    assert parcel() == pytest.approx(12.0 * 1.5 * 4.0 * 0.8 * 0.9 * 0.8)


def test_parcel_price_without_volume_or_service_is_the_national_one():
    assert parcel(12.0, 1.0, 1.0, 0.0, 0.0, 1.0) == 12.0


def test_parcel_price_of_a_huge_volume_has_the_greatest_discount():
    assert parcel(12.0, 1.0, 1.0, 1e12, 0.0, 1.0) == pytest.approx(7.2)


parcels = st.tuples(
    st.floats(0.0, 50.0),
    st.floats(0.0, 10.0),
    st.floats(0.0, 10.0),
    st.floats(0.0, 1e7),
    st.floats(0.0, 1.0),
    st.floats(0.01, 10.0),
)


@given(parcels)
def test_parcel_price_is_never_negative(terms):
    assert parcel(*terms) >= 0.0


@pytest.mark.parametrize(("place", "most"), [(3, 1e7), (4, 1.0)])
@given(terms=parcels, share=st.floats(0.0, 1.0))
def test_parcel_price_never_rises_with_volume_or_logistics(terms, place, most, share):
    more = [*terms]
    more[place] += share * (most - terms[place])

    assert parcel(*more) <= parcel(*terms) * (1.0 + 1e-12)


@pytest.mark.parametrize("place", [0, 1, 2, 5])
@given(terms=parcels)
def test_parcel_price_never_falls_with_the_prices_it_is_made_of(terms, place):
    dearer = [*terms]
    dearer[place] += 1.0

    assert parcel(*dearer) >= parcel(*terms)
