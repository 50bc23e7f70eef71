import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.fulfilment import (
    between,
    capacity_orders_per_day,
    handling_days,
    lot_pieces,
    minimum_lot_pieces,
    score,
    storeroom_pieces,
    transit_days,
    transit_loss_share,
    updated_rating,
)
from sim.world.parameters import behaviour

b = behaviour(
    {
        "handling_days": 2.0,
        "storage_handling_cut": 0.5,
        "logistics_days_saved": 1.0,
        "storeroom_pieces": 300.0,
        "storage_room_gain": 2.0,
        "minimum_lot_pieces": 20.0,
        "rating_best": 4.9,
        "rating_delay": 0.2,
        "rating_cancel": 2.0,
        "rating_spoilage": 3.0,
        "rating_memory_orders": 300.0,
    }
)

shares = st.floats(0.0, 1.0)
pieces = st.integers(0, 5000).map(float)
days = st.floats(0.0, 60.0)
lives = st.floats(0.1, 60.0)


def test_handling_with_half_a_storage_service_is_a_quarter_shorter():
    assert handling_days(0.5, b) == pytest.approx(1.5)


def test_handling_without_storage_takes_its_time():
    assert handling_days(0.0, b) == 2.0


@given(shares, shares)
def test_handling_never_takes_longer_with_more_storage(storage, other):
    less, more = sorted((storage, other))

    assert 0.0 <= handling_days(more, b) <= handling_days(less, b)


def test_logistics_saves_days_in_transit():
    assert transit_days(2.5, 0.5, b) == 2.0


def test_transit_takes_at_least_half_a_day():
    assert transit_days(1.0, 1.0, b) == 0.5


@given(st.floats(0.5, 20.0), shares, shares)
def test_transit_never_takes_longer_with_more_logistics(platform, logistics, other):
    less, more = sorted((logistics, other))

    assert transit_days(platform, more, b) <= transit_days(platform, less, b) <= platform


def test_capacity_is_hands_times_orders_of_a_hand():
    assert capacity_orders_per_day(1.5, 2.0, 5.0) == 17.5


def test_nobody_handles_nothing():
    assert capacity_orders_per_day(0.0, 0.0, 5.0) == 0.0


@given(st.floats(0.0, 6.0), st.floats(0.0, 100.0), st.floats(0.01, 10.0))
def test_capacity_rises_with_staff(hands, staff, more):
    assert capacity_orders_per_day(hands, staff + more, 5.0) > capacity_orders_per_day(
        hands, staff, 5.0
    )


def test_storage_adds_room():
    assert storeroom_pieces(0.5, b) == 600.0


@given(shares, shares)
def test_room_never_shrinks_with_more_storage(storage, other):
    less, more = sorted((storage, other))

    assert 300.0 <= storeroom_pieces(less, b) <= storeroom_pieces(more, b)


def test_smallest_lot_without_supply_service_is_the_makers_lot():
    assert minimum_lot_pieces(0.0, b) == 20.0


def test_smallest_lot_with_half_the_supply_service_is_half():
    assert minimum_lot_pieces(0.5, b) == 10.0


def test_smallest_lot_with_full_supply_service_is_a_single_piece():
    assert minimum_lot_pieces(1.0, b) == 1.0


@given(shares, shares)
def test_smallest_lot_never_rises_with_the_supply_service(supply, other):
    less, more = sorted((supply, other))

    assert 1.0 <= minimum_lot_pieces(more, b) <= minimum_lot_pieces(less, b)


@given(shares)
def test_smallest_lot_is_of_whole_pieces(supply):
    assert minimum_lot_pieces(supply, b) == int(minimum_lot_pieces(supply, b))


@pytest.mark.parametrize(
    ("short", "smallest", "cover", "room", "affordable", "lot"),
    [
        pytest.param(3.0, 20.0, 12.0, 300.0, 500.0, 20.0, id="smallest lot"),
        pytest.param(3.0, 20.0, 45.0, 300.0, 500.0, 45.0, id="cover"),
        pytest.param(60.0, 20.0, 45.0, 300.0, 500.0, 60.0, id="what is short"),
        pytest.param(3.0, 20.0, 45.0, 30.0, 500.0, 30.0, id="room"),
        pytest.param(60.0, 20.0, 45.0, 30.0, 500.0, 60.0, id="short beyond the room"),
        pytest.param(3.0, 20.0, 45.0, 300.0, 33.0, 33.0, id="money"),
        pytest.param(3.0, 20.0, 45.0, 300.0, 19.0, 0.0, id="less than the smallest lot"),
    ],
)
def test_lot_is_bounded_by(short, smallest, cover, room, affordable, lot):
    assert lot_pieces(short, smallest, cover, room, affordable) == lot


@given(pieces, pieces, pieces, pieces, pieces)
def test_lot_can_always_be_paid(short, smallest, cover, room, affordable):
    assert 0.0 <= lot_pieces(short, smallest, cover, room, affordable) <= affordable


@given(pieces, pieces, pieces, pieces, pieces)
def test_lot_never_exceeds_room_and_what_is_short(short, smallest, cover, room, affordable):
    assert lot_pieces(short, smallest, cover, room, affordable) <= max(room, short)


@given(pieces, pieces, pieces, pieces)
def test_lot_of_who_has_money_covers_what_is_short(short, smallest, cover, room):
    assert lot_pieces(short, smallest, cover, room, 1e9) >= short


@given(pieces, pieces, pieces, pieces, pieces, pieces)
def test_lot_never_shrinks_with_money(short, smallest, cover, room, affordable, other):
    less, more = sorted((affordable, other))

    assert lot_pieces(short, smallest, cover, room, less) <= lot_pieces(
        short, smallest, cover, room, more
    )


def test_score_is_the_best_less_what_annoys():
    # 2 days late, a tenth cancelled, a twentieth spoiled
    assert score(2.0, 0.1, 0.05, b) == pytest.approx(4.9 - 0.4 - 0.2 - 0.15)


def test_score_of_a_perfect_day_is_the_best():
    assert score(0.0, 0.0, 0.0, b) == 4.9


def test_score_is_never_below_1():
    assert score(60.0, 1.0, 1.0, b) == 1.0


def test_score_is_never_above_5():
    assert score(0.0, 0.0, 0.0, behaviour({"rating_best": 7.0})) == 5.0


@pytest.mark.parametrize("place", [0, 1, 2])
@given(day=st.tuples(days, shares, shares), share=shares)
def test_score_never_rises_with_delay_cancelling_or_spoilage(day, place, share):
    worse = [*day]
    worse[place] += share * ((60.0, 1.0, 1.0)[place] - day[place])

    assert score(*worse, b) <= score(*day, b)


def test_rating_moves_by_the_share_of_new_orders():
    assert updated_rating(4.6, 2.6, 100.0, b) == pytest.approx(4.1)


def test_rating_without_orders_stays():
    assert updated_rating(4.6, 1.0, 0.0, b) == 4.6


ratings = st.floats(1.0, 5.0)


@given(ratings, ratings, st.floats(0.0, 1e6))
def test_rating_ends_between_itself_and_the_score_of_the_day(rating, day, orders):
    low, high = sorted((rating, day))

    assert low - 1e-12 <= updated_rating(rating, day, orders, b) <= high + 1e-12


@given(ratings, ratings, st.floats(0.0, 1e6), st.floats(0.0, 1e6))
def test_rating_comes_nearer_to_the_score_with_more_orders(rating, day, orders, other):
    few, many = sorted((orders, other))

    far = abs(updated_rating(rating, day, few, b) - day)
    assert abs(updated_rating(rating, day, many, b) - day) <= far + 1e-12


def test_transit_loss_at_the_shelf_life_is_that_of_a_weibull_distribution():
    assert transit_loss_share(4.5, 4.5, 3.0) == pytest.approx(1.0 - math.exp(-1.0))


def test_transit_loss_at_half_the_shelf_life_depends_on_the_shape():
    assert transit_loss_share(2.0, 4.0, 3.0) == pytest.approx(1.0 - math.exp(-0.125))


def test_no_fruit_is_lost_in_no_time():
    assert transit_loss_share(0.0, 4.5, 3.0) == 0.0


@given(days, days, lives, st.floats(0.5, 6.0))
def test_transit_loss_never_falls_with_days(time, other, life, shape):
    short, long = sorted((time, other))

    assert (
        0.0
        <= transit_loss_share(short, life, shape)
        <= transit_loss_share(long, life, shape) + 1e-15
    )
    assert transit_loss_share(long, life, shape) <= 1.0


@given(days, lives, lives, st.floats(0.5, 6.0))
def test_transit_loss_never_rises_with_shelf_life(time, life, other, shape):
    short, long = sorted((life, other))

    assert transit_loss_share(time, long, shape) <= transit_loss_share(time, short, shape) + 1e-15


def test_between_is_without_at_intensity_0():
    assert between(2.5, 10.5, 0.0) == 2.5


def test_between_is_full_at_intensity_1():
    assert between(2.5, 10.5, 1.0) == 10.5


def test_between_is_halfway_at_intensity_one_half():
    assert between(2.5, 10.5, 0.5) == 6.5


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), shares)
def test_between_leaves_neither_bound(without, full, intensity):
    low, high = sorted((without, full))

    assert low - 1e-6 <= between(without, full, intensity) <= high + 1e-6
