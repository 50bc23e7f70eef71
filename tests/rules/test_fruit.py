import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.fruit import (
    hand_picked_yuan_per_kg,
    picks_common,
    ripening_share,
    spoiled_kg,
    wholesale_price_ratio,
)

lengths = st.integers(1, 120)
kilograms = st.floats(0.0, 1e6)
ages = st.floats(0.0, 30.0)
lives = st.floats(1.0, 60.0)
supplies = st.floats(0.001, 1e7)


def test_fruit_of_three_days_ripens_along_a_parabola():
    # proportional to 1.25, 2.25 and 1.25
    shares = [ripening_share(day, 3) for day in (1, 2, 3)]

    assert shares == pytest.approx([5.0 / 19.0, 9.0 / 19.0, 5.0 / 19.0])


@given(lengths)
def test_all_fruit_ripens_within_the_window(days):
    assert sum(ripening_share(day, days) for day in range(1, days + 1)) == pytest.approx(1.0)


@pytest.mark.parametrize("day", [-20, 0, 21, 400])
def test_no_fruit_ripens_outside_the_window(day):
    assert ripening_share(day, 20) == 0.0


@given(lengths, st.integers(-10, 140))
def test_ripening_share_is_between_0_and_1(days, day):
    assert 0.0 <= ripening_share(day, days) <= 1.0


@given(lengths, st.integers(1, 120))
def test_ripening_is_symmetric(days, day):
    assert ripening_share(day, days) == pytest.approx(ripening_share(days + 1 - day, days))


@given(st.integers(2, 120), st.integers(1, 60))
def test_ripening_rises_to_the_middle_of_the_window(days, day):
    day = min(day, days // 2)

    assert ripening_share(day, days) >= ripening_share(day - 1, days)


def test_a_shelf_lifeth_of_the_stock_spoils_each_day():
    assert spoiled_kg(100.0, 1.0, 2.5) == pytest.approx(40.0)


@pytest.mark.parametrize("age", [2.5, 3.0])
def test_everything_spoils_once_the_shelf_life_is_over(age):
    assert spoiled_kg(100.0, age, 2.5) == 100.0


@given(kilograms, ages, lives)
def test_spoiled_fruit_never_exceeds_the_stock(stock, age, life):
    assert 0.0 <= spoiled_kg(stock, age, life) <= stock


@given(kilograms, ages, ages, lives)
def test_older_fruit_never_spoils_less(stock, age, other, life):
    young, old = sorted((age, other))

    assert spoiled_kg(stock, young, life) <= spoiled_kg(stock, old, life)


@given(kilograms, ages, lives, lives)
def test_fruit_that_keeps_longer_never_spoils_more(stock, age, life, other):
    short, long = sorted((life, other))

    assert spoiled_kg(stock, age, long) <= spoiled_kg(stock, age, short)


@pytest.mark.parametrize(("price", "picks"), [(4.999, False), (5.0, True), (11.5, True)])
def test_common_fruit_is_picked_when_its_price_covers_the_picking(price, picks):
    assert picks_common(price, 5.0) == picks


@given(st.floats(0.0, 50.0), st.floats(0.0, 50.0), st.floats(0.0, 50.0))
def test_a_higher_price_never_leaves_common_fruit_on_the_tree(price, other, cost):
    low, high = sorted((price, other))

    assert picks_common(high, cost) or not picks_common(low, cost)


def ratio(supply, reference=1000.0, exponent=0.5, lowest=0.2, highest=1.5):
    return wholesale_price_ratio(supply, reference, exponent, lowest, highest)


def test_four_times_the_supply_halves_the_price():
    assert ratio(4000.0) == pytest.approx(0.5)


def test_the_reference_supply_fetches_the_reference_price():
    assert ratio(1000.0) == 1.0


def test_a_glut_does_not_press_the_price_below_the_lowest():
    assert ratio(1e9) == 0.2


def test_a_shortage_does_not_lift_the_price_above_the_highest():
    assert ratio(1e-3) == 1.5


@given(supplies, supplies, supplies, st.floats(0.0, 3.0))
def test_wholesale_price_never_rises_with_supply(supply, other, reference, exponent):
    low, high = sorted((supply, other))

    assert ratio(high, reference, exponent) <= ratio(low, reference, exponent) * (1 + 1e-12)


@given(supplies, supplies, st.floats(0.0, 3.0), st.floats(0.0, 1.0), st.floats(1.0, 3.0))
def test_wholesale_price_stays_between_its_bounds(supply, reference, exponent, lowest, highest):
    assert lowest <= ratio(supply, reference, exponent, lowest, highest) <= highest


def test_hand_picked_fruit_fetches_the_agreed_price_in_a_glut():
    assert hand_picked_yuan_per_kg(8.0, 20.0, 0.5) == 30.0


def test_hand_picked_fruit_fetches_the_days_price_when_fruit_is_scarce():
    assert hand_picked_yuan_per_kg(60.0, 20.0, 0.5) == 60.0


@given(st.floats(0.0, 500.0), st.floats(0.0, 500.0), st.floats(0.0, 3.0))
def test_hand_picked_fruit_never_fetches_less_than_wholesale(price, reference, premium):
    assert hand_picked_yuan_per_kg(price, reference, premium) >= price
