import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.makers import made_pieces, making_cost_yuan, merchants_buy_pieces

capacities = st.floats(0.1, 1e6)
stocks = st.floats(0.0, 1e6)


def test_a_piece_costs_the_unit_cost_at_the_reference_capacity():
    assert making_cost_yuan(45.0, 2000.0, 2000.0, 0.1) == 45.0


def test_a_piece_costs_half_at_four_times_the_capacity_with_an_elasticity_of_one_half():
    assert making_cost_yuan(45.0, 8000.0, 2000.0, 0.5) == pytest.approx(22.5)


def test_without_economies_of_scale_all_makers_have_the_same_cost():
    assert making_cost_yuan(45.0, 17.0, 2000.0, 0.0) == 45.0


@given(capacities, capacities, st.floats(0.0, 1.0))
def test_cost_never_rises_with_capacity(capacity, other, elasticity):
    small, large = sorted((capacity, other))

    cheap = making_cost_yuan(45.0, large, 2000.0, elasticity)
    assert 0.0 < cheap <= making_cost_yuan(45.0, small, 2000.0, elasticity) * (1 + 1e-12)


def test_a_thirtieth_of_the_monthly_capacity_is_made_a_day():
    assert made_pieces(3000.0, 0.0, 1.0) == 100.0


def test_no_more_is_made_than_the_stock_has_room_for():
    assert made_pieces(3000.0, 2950.0, 1.0) == 50.0


@pytest.mark.parametrize("stock", [3000.0, 3500.0])
def test_nothing_is_made_when_the_stock_is_full(stock):
    assert made_pieces(3000.0, stock, 1.0) == 0.0


@given(capacities, stocks, stocks, st.floats(0.0, 6.0))
def test_a_larger_stock_never_lets_more_be_made(capacity, stock, other, months):
    small, large = sorted((stock, other))

    assert 0.0 <= made_pieces(capacity, large, months) <= made_pieces(capacity, small, months)


@given(capacities, stocks, st.floats(0.0, 6.0))
def test_a_day_never_makes_more_than_a_thirtieth_of_the_capacity(capacity, stock, months):
    assert made_pieces(capacity, stock, months) <= capacity / 30.0


def test_merchants_take_their_share_of_the_capacity_times_luck():
    assert merchants_buy_pieces(500.0, 3000.0, 0.8, 1.25) == 100.0


def test_merchants_take_no_more_than_the_stock():
    assert merchants_buy_pieces(60.0, 3000.0, 0.8, 1.25) == 60.0


def test_merchants_out_of_luck_take_nothing():
    assert merchants_buy_pieces(500.0, 3000.0, 0.8, 0.0) == 0.0


@given(stocks, capacities, st.floats(0.0, 2.0), st.floats(0.0, 50.0), st.floats(0.0, 50.0))
def test_merchants_never_take_less_with_more_luck(stock, capacity, share, luck, other):
    low, high = sorted((luck, other))

    assert (
        0.0
        <= merchants_buy_pieces(stock, capacity, share, low)
        <= merchants_buy_pieces(stock, capacity, share, high)
        <= stock
    )
