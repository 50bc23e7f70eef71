"""Who observes whom: a function of the seed, computed and never stored."""

from typing import Any

from sim.compiled import as_int64, rule
from sim.world.columns import KINDS
from sim.world.draws import Purpose, four_uniforms, member_id

NEIGHBOURS = 4
ACQUAINTANCES = 4
PEERS = NEIGHBOURS + ACQUAINTANCES
NO_PEER = -1
_PEERS_PURPOSE = as_int64(Purpose.PEERS)
_TIMELESS = as_int64(-1)


@rule
def padded_count(count: int) -> int:
    """Smallest power of two that is at least `count`; 0 for 0.

    Source: definition; it keeps acquaintances stable when a household is added.
    """
    if count <= 0:
        return 0
    padded = 1
    while padded < count:
        padded *= 2
    return padded


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
def acquaintance_offset(u: float, own_offset: int, kind_count: Any) -> int:
    """Row offset in the village of an acquaintance drawn by `u`, or NO_PEER for an empty slot.

    Source: long-range ties of a small world (Watts and Strogatz 1998).
    """
    total = 0
    for kind in range(KINDS):
        total += padded_count(kind_count[kind])
    place = int(u * total)
    offset = 0
    for kind in range(KINDS):
        padded = padded_count(kind_count[kind])
        if place < padded:
            if place >= kind_count[kind] or offset + place == own_offset:
                return NO_PEER
            return offset + place
        place -= padded
        offset += kind_count[kind]
    return NO_PEER


@rule
def acquaintance_draws(
    seed: int, village_key: int, kind: int, number: int
) -> tuple[float, float, float, float]:
    """Four uniform numbers that place a household's acquaintances.

    Source: sim.world.draws.
    """
    return four_uniforms(seed, village_key, member_id(kind, number), _TIMELESS, _PEERS_PURPOSE)
