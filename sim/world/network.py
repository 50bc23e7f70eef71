"""Who observes whom: a function of the seed, computed and never stored."""

from math import inf, log, log1p
from typing import Any

from sim.compiled import as_int64, rule
from sim.world.columns import INCOMER
from sim.world.draws import Purpose, four_uniforms, member_id, purpose_of

NEIGHBOURS = 4
ACQUAINTANCES = 4
PEERS = NEIGHBOURS + ACQUAINTANCES
NO_PEER = -1
_PEERS_PURPOSE = as_int64(Purpose.PEERS)
_TIMELESS = as_int64(-1)


@rule
def first_of_race(u: float, count: int) -> tuple[float, int]:
    """Smallest of `count` independent uniform numbers, and whose it is, 0 to `count` - 1.

    u (0-1) draws the race. With one more in it, the outcome stays as it is or the newcomer wins,
    so that it moves nobody else. For none the smallest is infinite.
    Source: records of independent numbers (Rényi 1962): after a smallest value m, the next record
    comes after a geometric number of others and is uniform below m; generator of drand48.
    """
    if count <= 0:
        return inf, 0
    state = int(u * 4294967296.0) * 65536 + 0x330E
    state = (state * 25214903917 + 11) & 0xFFFFFFFFFFFF
    smallest = ((state >> 17) + 0.5) / 2147483648.0
    number = 0
    while True:
        state = (state * 25214903917 + 11) & 0xFFFFFFFFFFFF
        waits = log(((state >> 17) + 0.5) / 2147483648.0) / log1p(-smallest)
        if number + 1.0 + waits >= count:
            return smallest, number
        number += 1 + int(waits)
        state = (state * 25214903917 + 11) & 0xFFFFFFFFFFFF
        smallest *= ((state >> 17) + 0.5) / 2147483648.0


@rule
def neighbour_offset(slot: int, kind: int, number: int, kind_count: Any) -> int:
    """Row offset in the village of neighbour slot 0-3 (numbers -2, -1, +1, +2), or NO_PEER.

    Source: ring neighbours of a small world (Watts and Strogatz 1998), ends open.
    """
    step = slot - 2 if slot < 2 else slot - 1
    other = number + step
    if other < 0 or other >= kind_count[kind]:
        return NO_PEER
    return kind_offset(kind, kind_count) + other


@rule
def kind_offset(kind: int, kind_count: Any) -> int:
    """Row offset in the village at which a kind begins.

    Source: definition of the row order.
    """
    offset = 0
    for earlier in range(kind):
        offset += kind_count[earlier]
    return offset


@rule
def acquaintance_offset(
    u: tuple[float, float, float, float], own_offset: int, kind_count: Any
) -> int:
    """Row offset in the village of an acquaintance, or NO_PEER if the household drew itself.

    Every local household has the same chance; rooms for incomers have none, for those who come and
    go are no acquaintances. `u` has a number for each kind. One household more changes no
    acquaintance but those that it becomes itself.
    Source: long-range ties of a small world (Watts and Strogatz 1998).
    """
    best, found, offset = inf, NO_PEER, 0
    for kind in range(INCOMER):
        smallest, number = first_of_race(u[kind], kind_count[kind])
        if smallest < best:
            best, found = smallest, offset + number
        offset += kind_count[kind]
    return NO_PEER if found == own_offset else found


@rule
def acquaintance_draws(
    seed: int, village_key: int, kind: int, number: int, place: int
) -> tuple[float, float, float, float]:
    """Four uniform numbers that draw acquaintance `place` (0-3) of a household.

    Source: sim.world.draws.
    """
    purpose = purpose_of(_PEERS_PURPOSE, place)
    return four_uniforms(seed, village_key, member_id(kind, number), _TIMELESS, purpose)
