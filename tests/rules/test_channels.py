import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.channels import ChannelOutlook, adds_channel
from sim.world.parameters import behaviour

b = behaviour({"channel_rate": 0.1})

welcome = ChannelOutlook(
    platform=1,
    is_open=True,
    is_cross_border=False,
    year_sales_yuan=300_000.0,
    minimum_sales_yuan=300_000.0,
    cash_yuan=30_000.0,
    deposit_yuan=30_000.0,
    knowledge=0.8,
    u=0.05,
)

outlooks = st.builds(
    ChannelOutlook,
    platform=st.integers(0, 3),
    is_open=st.booleans(),
    is_cross_border=st.booleans(),
    year_sales_yuan=st.floats(0.0, 1e7),
    minimum_sales_yuan=st.floats(0.0, 1e6),
    cash_yuan=st.floats(-1e5, 1e6),
    deposit_yuan=st.floats(0.0, 1e5),
    knowledge=st.floats(0.0, 1.0),
    u=st.floats(0.0, 0.1),
)


def test_a_shop_that_just_meets_the_terms_may_join():
    assert adds_channel(welcome, b)


@pytest.mark.parametrize(
    "change",
    [
        {"is_open": False},
        {"year_sales_yuan": 299_999.0},
        {"cash_yuan": 29_999.0},
        {"knowledge": 0.0},
    ],
)
def test_a_shop_does_not_join_without(change):
    assert not adds_channel(welcome._replace(**change), b)


def test_a_shop_joins_with_a_chance_in_proportion_to_knowledge():
    # 0.1 a month with full knowledge, 0.08 with 0.8
    joins = [adds_channel(welcome._replace(u=u), b) for u in (0.0799, 0.0801)]

    assert joins == [True, False]


@pytest.mark.parametrize("what", ["year_sales_yuan", "cash_yuan", "knowledge"])
@given(o=outlooks, more=st.floats(0.0, 1.0))
def test_a_shop_that_joins_would_join_with_more(what, o, more):
    better = o._replace(**{what: getattr(o, what) + more})

    assert adds_channel(better, b) or not adds_channel(o, b)


@pytest.mark.parametrize("what", ["minimum_sales_yuan", "deposit_yuan", "u"])
@given(o=outlooks, more=st.floats(0.0, 1.0))
def test_a_shop_that_does_not_join_would_not_on_harder_terms(what, o, more):
    harder = o._replace(**{what: getattr(o, what) + more})

    assert adds_channel(o, b) or not adds_channel(harder, b)
