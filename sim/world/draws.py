"""Random numbers: the same luck for everyone in every world.

No generator is drawn from in turn. Each number is computed from what it is for: the seed, the
village, the member of the village, the day and the purpose. So a draw does not depend on the
order of villages, the number of threads or on who else is there, and two scenarios with the same
seed differ only by what differs in them.

The generator is Philox4x32-10: Salmon, Moraes, Dror and Shaw (2011), "Parallel random numbers: as
easy as 1, 2, 3", SC'11, https://doi.org/10.1145/2063384.2063405. The counter is (member, village
key, day, purpose), the key is the low and the high half of the seed.
"""

import hashlib
import unicodedata
from enum import IntEnum, unique
from typing import Final

from sim.compiled import rule

VILLAGE_ITSELF: Final = 0xFFFFFFFF
"""The member number for draws that concern a village as a whole."""

TIMELESS: Final = -1
"""The day for draws that are made once and for all."""

_MASK: Final = 0xFFFFFFFF
_MULTIPLIER_0: Final = 0xD2511F53
_MULTIPLIER_1: Final = 0xCD9E8D57
_WEYL_0: Final = 0x9E3779B9
_WEYL_1: Final = 0xBB67AE85


@unique
class Purpose(IntEnum):
    """What a draw is for. A number once used is never given to another purpose."""

    MEMBERS = 1
    TRAITS = 2
    SAVINGS = 3
    SIZE = 4
    PEERS = 5
    WEATHER = 6
    INTERNET = 7
    OPEN = 8
    PRODUCT = 9
    APPEAL = 10
    CLOSE = 11
    ORDERS = 12
    SUPPLIER = 13
    MERCHANTS = 14
    HIRED = 15
    SETTLE = 16
    TRAINING = 17
    TARGET = 18
    FORECAST = 19
    CITY = 20
    KNOWLEDGE = 21
    PLACE = 22
    CHANNEL = 23


@rule
def purpose_of(purpose: int, ordinal: int) -> int:
    """Purpose of the draw number `ordinal` among several for the same purpose.

    purpose from `Purpose`; 0 <= ordinal < 2**24.
    Source: a convention of this module.
    """
    return purpose + 256 * ordinal


@rule
def member_id(kind: int, number: int) -> int:
    """Member of a village as one number, below `VILLAGE_ITSELF`.

    0 <= kind <= 14; 0 <= number < 2**28, counted within the village and the kind, so that one
    member more changes the number of no other.
    Source: a convention of this module.
    """
    return kind << 28 | number


def village_key(path: str) -> int:
    """Stable key of a village, from 0 to 2**32 - 1, from its name path.

    The key depends on the name alone, never on the villages beside it. Any two names share a key
    with a chance of 2**-32: of half a million villages about thirty pairs, which then have the
    same luck.

    Parameters
    ----------
    path : str
        Names from the province down, for example ``Zhejiang/Ningbo/Cixi/Changhe/Cangtian``.
    """
    name = unicodedata.normalize("NFC", path).encode()
    return int.from_bytes(hashlib.blake2s(name, digest_size=4).digest(), "little")


# Products of two 32-bit words may pass the sign bit of a 64-bit integer. Their lower 64 bits are
# right all the same, and the masks drop the rest, so the code below gives the same numbers
# compiled and as plain Python.
@rule
def philox4x32(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> tuple[int, int, int, int]:
    """Four random 32-bit words for a counter of four words and a key of two.

    Ten rounds of multiplying, exchanging and mixing in the key; arguments count modulo 2**32.
    Source: Salmon et al. (2011), Philox-4x32-10; constants as in their library Random123.
    """
    c0 &= _MASK
    c1 &= _MASK
    c2 &= _MASK
    c3 &= _MASK
    k0 &= _MASK
    k1 &= _MASK
    for _ in range(10):
        product_0 = _MULTIPLIER_0 * c0
        product_1 = _MULTIPLIER_1 * c2
        c0 = ((product_1 >> 32) & _MASK) ^ c1 ^ k0
        c1 = product_1 & _MASK
        c2 = ((product_0 >> 32) & _MASK) ^ c3 ^ k1
        c3 = product_0 & _MASK
        k0 = (k0 + _WEYL_0) & _MASK
        k1 = (k1 + _WEYL_1) & _MASK
    return c0, c1, c2, c3


@rule
def four_uniforms(
    seed: int, village_key: int, member: int, day: int, purpose: int
) -> tuple[float, float, float, float]:
    """Four independent uniform numbers, each strictly between 0 and 1.

    Each random word is taken to the middle of its interval of length 2**-32. The seed counts
    modulo 2**64, everything else modulo 2**32.
    Source: Salmon et al. (2011); the counter layout is a convention of this module.
    """
    x0, x1, x2, x3 = philox4x32(member, village_key, day, purpose, seed, seed >> 32)
    return (
        (x0 + 0.5) * 2.0**-32,
        (x1 + 0.5) * 2.0**-32,
        (x2 + 0.5) * 2.0**-32,
        (x3 + 0.5) * 2.0**-32,
    )


@rule
def one_uniform(seed: int, village_key: int, member: int, day: int, purpose: int) -> float:
    """One uniform number, strictly between 0 and 1: the first of `four_uniforms`.

    Source: Salmon et al. (2011); the counter layout is a convention of this module.
    """
    return four_uniforms(seed, village_key, member, day, purpose)[0]


@rule
def uniforms_of_four(
    seed: int, village_key: int, kind: int, number: int, day: int, purpose: int
) -> tuple[float, float, float, float]:
    """The uniform numbers of four members in a row, among them `number`: its own is number % 4.

    One draw serves four members of a kind, where each needs a single number.
    Source: Salmon et al. (2011); the counter layout is a convention of this module.
    """
    return four_uniforms(seed, village_key, member_id(kind, number >> 2), day, purpose)


@rule
def of_four(numbers: tuple[float, float, float, float], number: int) -> float:
    """The number of member `number` among those of four members in a row.

    Source: a convention of this module.
    """
    place = number & 3
    if place == 0:
        return numbers[0]
    if place == 1:
        return numbers[1]
    if place == 2:
        return numbers[2]
    return numbers[3]
