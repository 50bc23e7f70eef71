import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.world.columns import FARMER, INCOMER, KINDS, MANUFACTURER, OPERATOR
from sim.world.draws import village_key
from sim.world.network import (
    NEIGHBOURS,
    NO_PEER,
    acquaintance_draws,
    acquaintance_offset,
    kind_offset,
    neighbour_offset,
    padded_count,
)

# farmers in rows 0-4, makers 5-7, operators 8-17, rooms for incomers 18-19
COUNTS = [5, 3, 10, 2]
KEY = village_key("Zhejiang/Ningbo/Cixi/Changhe/Cangtian")

kind_counts = st.lists(st.integers(0, 300), min_size=KINDS, max_size=KINDS).filter(any)
uniforms = st.integers(0, 2**32 - 1).map(lambda word: (word + 0.5) * 2.0**-32)


def counted(counts):
    return np.array(counts, dtype=np.int32)


def neighbours(kind, number, counts=COUNTS):
    return [neighbour_offset(slot, kind, number, counted(counts)) for slot in range(NEIGHBOURS)]


def acquaintance(u, counts=COUNTS, own_offset=-1):
    return acquaintance_offset(u, own_offset, counted(counts))


def kind_and_number(offset, counts):
    if offset == NO_PEER:
        return None
    kind = max(k for k in range(KINDS) if kind_offset(k, counted(counts)) <= offset and counts[k])
    return kind, offset - kind_offset(kind, counted(counts))


@pytest.mark.parametrize(
    ("count", "padded"), [(-1, 0), (0, 0), (1, 1), (2, 2), (3, 4), (64, 64), (65, 128)]
)
def test_padded_count_is_the_next_power_of_two(count, padded):
    assert padded_count(count) == padded


@settings(deadline=None)
@given(st.integers(1, 1_000_000))
def test_padded_count_is_less_than_twice_the_count(count):
    assert count <= padded_count(count) < 2 * count


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


@pytest.mark.parametrize(
    ("place", "offset"),
    [
        # 8 places for 5 farmers, 4 for 3 makers, 16 for 10 operators, 2 for 2 rooms
        (0, 0),
        (4, 4),
        (5, NO_PEER),
        (8, 5),
        (11, NO_PEER),
        (12, 8),
        (21, 17),
        (22, NO_PEER),
        (28, 18),
        (29, 19),
    ],
)
def test_an_acquaintance_is_found_by_its_place_among_all(place, offset):
    assert acquaintance((place + 0.5) / 30) == offset


def test_nobody_is_acquainted_with_themselves():
    assert acquaintance(0.5 / 30, own_offset=0) == NO_PEER


def test_a_village_of_one_household_has_no_acquaintances():
    assert acquaintance(0.5, counts=[0, 0, 1, 0], own_offset=0) == NO_PEER


def test_everyone_is_an_acquaintance_with_the_same_chance():
    found = [acquaintance((place + 0.5) / 3000) for place in range(3000)]

    assert [found.count(offset) for offset in range(20)] == [100] * 20


@settings(deadline=None)
@given(uniforms, kind_counts)
def test_acquaintances_live_in_the_village(u, counts):
    assert acquaintance(u, counts) in range(-1, sum(counts))


@settings(deadline=None)
@given(uniforms, kind_counts, st.integers(0, KINDS - 1))
def test_one_more_household_changes_only_the_slots_that_hit_it(u, counts, kind):
    # Once a count passes a power of two all places are dealt anew.
    if padded_count(counts[kind]) != padded_count(counts[kind] + 1):
        return
    more = [count + (k == kind) for k, count in enumerate(counts)]

    before = kind_and_number(acquaintance(u, counts), counts)
    after = kind_and_number(acquaintance(u, more), more)

    assert after in (before, (kind, counts[kind]))


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(1, 200))
def test_one_more_household_is_a_neighbour_of_the_last_two_alone(number, count):
    number = min(number, count - 1)
    before, after = (neighbours(OPERATOR, number, [4, 2, n, 3]) for n in (count, count + 1))

    changed = [new for old, new in zip(before, after, strict=True) if old != new]

    assert changed == ([6 + count] if number >= count - 2 else [])


def test_acquaintances_are_a_function_of_the_seed():
    assert acquaintance_draws(69, KEY, OPERATOR, 4) == acquaintance_draws(69, KEY, OPERATOR, 4)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param((70, KEY, OPERATOR, 4), id="seed"),
        pytest.param((69, KEY + 1, OPERATOR, 4), id="village"),
        pytest.param((69, KEY, FARMER, 4), id="kind"),
        pytest.param((69, KEY, OPERATOR, 5), id="number"),
    ],
)
def test_acquaintances_differ_by(other):
    ours = acquaintance_draws(69, KEY, OPERATOR, 4)

    assert not set(ours) & set(acquaintance_draws(*other))


def test_households_draw_acquaintances_from_the_whole_village():
    draws = np.array([acquaintance_draws(69, KEY, OPERATOR, number) for number in range(2000)])

    assert draws.mean(axis=0) == pytest.approx(0.5, abs=0.03)
