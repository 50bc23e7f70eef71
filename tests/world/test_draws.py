import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.world.draws import (
    TIMELESS,
    VILLAGE_ITSELF,
    Purpose,
    four_uniforms,
    member_id,
    one_uniform,
    philox4x32,
    purpose_of,
    village_key,
)

words = st.integers(0, 2**32 - 1)
seeds = st.integers(-(2**63), 2**63 - 1)
days = st.integers(-1, 20_000)
kinds = st.integers(0, 14)
numbers = st.integers(0, 2**28 - 1)


# The file kat_vectors of Random123, lines "philox4x32 10", by the authors of Salmon et al. (2011).
@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ("00000000 00000000 00000000 00000000", "00000000 00000000",
         "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff",
         "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0",
         "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)  # fmt: skip
def test_philox_gives_the_published_answers(counter, key, expected):
    answer = philox4x32(*(int(word, 16) for word in f"{counter} {key}".split()))

    assert " ".join(f"{word:08x}" for word in answer) == expected


@settings(deadline=None)
@given(st.tuples(words, words, words, words, words, words))
def test_philox_is_the_same_compiled_and_not(arguments):
    plain = getattr(philox4x32, "py_func", philox4x32)

    assert philox4x32(*arguments) == plain(*arguments)


def test_flipping_any_input_bit_flips_about_half_of_the_output_bits():
    start = [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0]
    answer = philox4x32(*start)
    flipped_bits = []
    for bit in range(6 * 32):
        changed = start.copy()
        changed[bit // 32] ^= 1 << bit % 32
        pairs = zip(answer, philox4x32(*changed), strict=True)
        flipped_bits.append(sum((a ^ b).bit_count() for a, b in pairs))

    # 64 of 128 bits with a standard deviation of 5.7, over 192 trials.
    assert 64 - 6 * 5.7 < min(flipped_bits) <= max(flipped_bits) < 64 + 6 * 5.7


@settings(deadline=None)
@given(seeds, words, words, days, words)
def test_uniforms_lie_strictly_between_0_and_1(seed, village, member, day, purpose):
    assert all(0.0 < u < 1.0 for u in four_uniforms(seed, village, member, day, purpose))


def test_uniforms_are_the_middles_of_the_intervals_of_the_words():
    x = philox4x32(3, 2, 4, 5, 1, 0)

    assert four_uniforms(1, 2, 3, 4, 5) == tuple((word + 0.5) / 2**32 for word in x)


def test_both_halves_of_the_seed_make_the_key():
    x = philox4x32(3, 2, 4, 5, 0x89ABCDEF, 0x01234567)

    assert one_uniform(0x0123456789ABCDEF, 2, 3, 4, 5) == (x[0] + 0.5) / 2**32


@settings(deadline=None)
@given(seeds, words, words, days, words)
def test_one_uniform_is_the_first_of_four(seed, village, member, day, purpose):
    first = four_uniforms(seed, village, member, day, purpose)[0]

    assert one_uniform(seed, village, member, day, purpose) == first


@settings(deadline=None)
@given(seeds, words, words, days, words)
def test_arguments_count_modulo_their_words(seed, village, member, day, purpose):
    wrapped = four_uniforms(seed, village + 2**32, member - 2**32, day + 2**32, purpose + 2**32)

    assert wrapped == four_uniforms(seed, village, member, day, purpose)


@pytest.mark.parametrize("changed", range(5))
def test_every_argument_matters(changed):
    arguments = [1, 2, 3, 4, 5]
    before = four_uniforms(*arguments)
    arguments[changed] += 1

    assert not set(before) & set(four_uniforms(*arguments))


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="NumPy does not widen its integers by itself")
def test_numpy_integers_of_any_width_draw_the_same():
    narrow = four_uniforms(
        np.int64(5), np.uint32(2**32 - 1), np.int32(7), np.int16(TIMELESS), np.int8(3)
    )

    assert narrow == four_uniforms(5, 2**32 - 1, 7, TIMELESS, 3)


def test_a_purpose_draws_the_same_as_its_number():
    assert four_uniforms(1, 2, 3, 4, Purpose.ORDERS) == four_uniforms(1, 2, 3, 4, 12)


def test_uniforms_fill_their_range_evenly():
    u = np.array([four_uniforms(69, 1, member, 0, 1) for member in range(5000)]).ravel()
    filled, _ = np.histogram(u, bins=20, range=(0.0, 1.0))

    chi_squared = ((filled - 1000.0) ** 2 / 1000.0).sum()

    assert chi_squared < 43.8  # 19 degrees of freedom: passed by 99.9 % of good generators


@pytest.mark.parametrize("neighbour", ["village", "member", "day", "purpose"])
def test_neighbours_draw_independently(neighbour):
    steps = {
        "village": (1, 0, 0, 0),
        "member": (0, 1, 0, 0),
        "day": (0, 0, 1, 0),
        "purpose": (0, 0, 0, 1),
    }
    village, member, day, purpose = steps[neighbour]
    u = np.array(
        [
            one_uniform(69, 7 + i * village, 8 + i * member, 9 + i * day, 10 + i * purpose)
            for i in range(5001)
        ]
    )

    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 4.0 / 5000**0.5


def test_purposes_keep_their_numbers():
    assert {purpose.name: purpose.value for purpose in Purpose}.items() >= {
        "MEMBERS": 1, "TRAITS": 2, "SAVINGS": 3, "SIZE": 4, "PEERS": 5, "WEATHER": 6,
        "INTERNET": 7, "OPEN": 8, "PRODUCT": 9, "APPEAL": 10, "CLOSE": 11, "ORDERS": 12,
        "SUPPLIER": 13, "MERCHANTS": 14, "HIRED": 15, "SETTLE": 16, "TRAINING": 17,
        "TARGET": 18, "FORECAST": 19, "CITY": 20, "KNOWLEDGE": 21, "PLACE": 22,
    }.items()  # fmt: skip


def test_purposes_leave_room_for_ordinals():
    assert all(0 < purpose < 256 for purpose in Purpose)


purposes = st.tuples(st.sampled_from(Purpose), st.integers(0, 2**24 - 1))


@settings(deadline=None)
@given(purposes, purposes)
def test_purposes_with_different_ordinals_never_coincide(one, other):
    assert (purpose_of(*one) == purpose_of(*other)) == (one == other)


def test_the_first_ordinal_is_the_purpose_itself():
    assert purpose_of(Purpose.PEERS, 0) == Purpose.PEERS


@settings(deadline=None)
@given(st.tuples(kinds, numbers), st.tuples(kinds, numbers))
def test_members_of_different_kind_or_number_never_coincide(one, other):
    assert (member_id(*one) == member_id(*other)) == (one == other)


@settings(deadline=None)
@given(kinds, numbers)
def test_no_member_is_the_village_itself(kind, number):
    assert 0 <= member_id(kind, number) < VILLAGE_ITSELF


def test_village_key_never_changes():
    assert village_key("Zhejiang/Ningbo/Cixi/Changhe/Cangtian") == 1245520610


@given(st.text())
def test_village_key_is_a_word(path):
    assert 0 <= village_key(path) < 2**32


def test_village_key_does_not_depend_on_how_accents_are_written():
    assert village_key("L\u00fcliang") == village_key("Lu\u0308liang")


def test_village_keys_of_a_county_differ():
    assert len({village_key(f"Zhejiang/Ningbo/Cixi/{number}") for number in range(300)}) == 300
