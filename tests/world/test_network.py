import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.world.columns import FARMER, INCOMER, KINDS, MANUFACTURER, OPERATOR
from sim.world.draws import one_uniform, village_key
from sim.world.network import (
    ACQUAINTANCES,
    NEIGHBOURS,
    NO_PEER,
    acquaintance_draws,
    acquaintance_offset,
    first_of_race,
    kind_offset,
    neighbour_offset,
)

# farmers in rows 0-4, makers 5-7, operators 8-17, rooms for incomers 18-19
COUNTS = [5, 3, 10, 2]
KEY = village_key("Zhejiang/Ningbo/Cixi/Changhe/Cangtian")

kind_counts = st.lists(st.integers(0, 300), min_size=KINDS, max_size=KINDS).filter(any)
uniforms = st.integers(0, 2**32 - 1).map(lambda word: (word + 0.5) * 2.0**-32)
draws = st.tuples(uniforms, uniforms, uniforms, uniforms)


def counted(counts):
    return np.array(counts, dtype=np.int32)


def neighbours(kind, number, counts=COUNTS):
    return [neighbour_offset(slot, kind, number, counted(counts)) for slot in range(NEIGHBOURS)]


def acquaintance(u, counts=COUNTS, own_offset=-1):
    return acquaintance_offset(u, own_offset, counted(counts))


def acquaintances(number, counts=COUNTS):
    """All acquaintances of an operator."""
    own = kind_offset(OPERATOR, counted(counts)) + number
    draws = [acquaintance_draws(69, KEY, OPERATOR, number, k) for k in range(ACQUAINTANCES)]
    return [acquaintance(u, counts, own) for u in draws]


def kind_and_number(offset, counts):
    if offset == NO_PEER:
        return None
    kind = max(k for k in range(KINDS) if kind_offset(k, counted(counts)) <= offset and counts[k])
    return kind, offset - kind_offset(kind, counted(counts))


@settings(deadline=None)
@given(uniforms, st.integers(1, 100_000))
def test_the_first_of_a_race_is_one_of_those_in_it(u, count):
    smallest, number = first_of_race(u, count)

    assert 0.0 < smallest < 1.0
    assert 0 <= number < count


@settings(deadline=None)
@given(uniforms, st.integers(1, 3000))
def test_one_more_in_a_race_loses_or_wins(u, count):
    smallest, number = first_of_race(u, count)
    with_one_more = first_of_race(u, count + 1)

    assert with_one_more == (smallest, number) or (
        with_one_more[1] == count and with_one_more[0] < smallest
    )


def test_all_in_a_race_have_the_same_chance():
    luck = [one_uniform(69, KEY, number, -1, 1) for number in range(20_000)]

    found = np.bincount([first_of_race(u, 20)[1] for u in luck], minlength=20)

    # 19 degrees of freedom: above 43.8 with a chance of one in a thousand
    assert ((found - 1000.0) ** 2 / 1000.0).sum() < 43.8


def test_the_smallest_of_a_race_is_that_of_uniform_numbers():
    luck = [one_uniform(69, KEY, number, -1, 1) for number in range(20_000)]

    smallest = np.array([first_of_race(u, 20)[0] for u in luck])

    # P(smallest > x) = (1 - x)^20; Kolmogorov and Smirnov, one in a thousand
    shares = np.sort((1.0 - smallest) ** 20)
    assert np.abs(shares - (np.arange(20_000) + 0.5) / 20_000).max() < 1.95 / 20_000**0.5


def test_nobody_wins_a_race_without_runners():
    assert first_of_race(0.5, 0) == (np.inf, 0)


def test_kinds_lie_one_after_another():
    assert [kind_offset(kind, counted(COUNTS)) for kind in range(KINDS)] == [0, 5, 8, 18]


def test_neighbours_are_the_two_numbers_before_and_after():
    assert neighbours(OPERATOR, 4) == [10, 11, 13, 14]


def test_the_first_of_a_kind_has_only_neighbours_after_it():
    assert neighbours(MANUFACTURER, 0) == [NO_PEER, NO_PEER, 6, 7]


def test_the_last_of_a_kind_has_only_neighbours_before_it():
    assert neighbours(FARMER, 4) == [2, 3, NO_PEER, NO_PEER]


def test_the_ends_of_a_kind_are_not_joined():
    assert neighbours(INCOMER, 0) == [NO_PEER, NO_PEER, 19, NO_PEER]


@settings(deadline=None)
@given(kind_counts, st.data())
def test_neighbours_are_of_the_same_kind(counts, data):
    kind = data.draw(st.sampled_from([k for k in range(KINDS) if counts[k]]))
    number = data.draw(st.integers(0, counts[kind] - 1))

    found = [kind_and_number(offset, counts) for offset in neighbours(kind, number, counts)]

    assert {peer[0] for peer in found if peer} <= {kind}


@settings(deadline=None)
@given(st.integers(1, 50), st.data())
def test_neighbours_see_each_other(count, data):
    number = data.draw(st.integers(0, count - 1))
    counts = [0, 0, count, 0]

    back = [
        neighbours(OPERATOR, offset, counts)
        for offset in neighbours(OPERATOR, number, counts)
        if offset != NO_PEER
    ]

    assert all(number in offsets for offsets in back)


def test_nobody_is_acquainted_with_themselves():
    alone = acquaintance((0.5, 0.5, 0.5, 0.5), [0, 0, 1, 0], own_offset=0)

    assert alone == NO_PEER


def test_every_local_is_an_acquaintance_with_the_same_chance():
    found = np.zeros(18)
    for seed in range(1800):
        for place in range(ACQUAINTANCES):
            found[acquaintance(acquaintance_draws(seed, KEY, OPERATOR, 4, place))] += 1

    # 17 degrees of freedom: above 40.8 with a chance of one in a thousand
    assert ((found - 400.0) ** 2 / 400.0).sum() < 40.8


def test_every_slot_is_filled_unless_the_household_drew_itself():
    counts = [200, 33, 800, 65]
    filled = sum(NO_PEER not in acquaintances(number, counts) for number in range(800))

    # One slot in 1,098 hits the household itself.
    assert filled >= 790


@settings(deadline=None)
@given(draws, kind_counts)
def test_acquaintances_are_locals(u, counts):
    locals_ = sum(counts[:INCOMER])

    assert acquaintance(u, counts) in (range(locals_) if locals_ else [NO_PEER])


@settings(deadline=None)
@given(draws, kind_counts, st.integers(0, KINDS - 1))
def test_one_more_household_changes_only_the_slots_that_hit_it(u, counts, kind):
    more = [count + (k == kind) for k, count in enumerate(counts)]

    before = kind_and_number(acquaintance(u, counts), counts)
    after = kind_and_number(acquaintance(u, more), more)

    assert after in (before, (kind, counts[kind]))
    assert kind != INCOMER or after == before


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(1, 200))
def test_one_more_household_is_a_neighbour_of_the_last_two_alone(number, count):
    number = min(number, count - 1)
    before, after = (neighbours(OPERATOR, number, [4, 2, n, 3]) for n in (count, count + 1))

    changed = [new for old, new in zip(before, after, strict=True) if old != new]

    assert changed == ([6 + count] if number >= count - 2 else [])


def test_acquaintances_are_a_function_of_the_seed():
    ours = acquaintance_draws(69, KEY, OPERATOR, 4, 0)

    assert ours == acquaintance_draws(69, KEY, OPERATOR, 4, 0)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param((70, KEY, OPERATOR, 4, 0), id="seed"),
        pytest.param((69, KEY + 1, OPERATOR, 4, 0), id="village"),
        pytest.param((69, KEY, FARMER, 4, 0), id="kind"),
        pytest.param((69, KEY, OPERATOR, 5, 0), id="number"),
        pytest.param((69, KEY, OPERATOR, 4, 1), id="place"),
    ],
)
def test_acquaintances_differ_by(other):
    ours = acquaintance_draws(69, KEY, OPERATOR, 4, 0)

    assert not set(ours) & set(acquaintance_draws(*other))


def test_households_draw_acquaintances_from_the_whole_village():
    luck = np.array([acquaintance_draws(69, KEY, OPERATOR, number, 0) for number in range(2000)])

    assert luck.mean(axis=0) == pytest.approx(0.5, abs=0.03)
