"""Whom a household observes, and what it sees there (ODD 7.0, 7.4)."""

from math import isnan, nan
from typing import Any

import numpy as np

from sim.compiled import kernel
from sim.engine.places import kind_of
from sim.world.columns import INCOMER
from sim.world.network import (
    NEIGHBOURS,
    NO_PEER,
    PEERS,
    acquaintance_draws,
    acquaintance_offset,
    kind_offset,
    neighbour_offset,
)

ANY_SLOT = -1


@kernel
def peer_offset(v: int, offset: int, kind: int, place: int, s: Any, t: Any) -> int:
    """Row offset of a peer, or NO_PEER: first the neighbours, then the acquaintances."""
    count = s.villages.kind_count[v]
    number = offset - kind_offset(kind, count)
    if place < NEIGHBOURS:
        return neighbour_offset(place, kind, number, count)
    u = acquaintance_draws(t.seed, s.villages.key[v], kind, number, place - NEIGHBOURS)
    return acquaintance_offset(u, offset, count)


@kernel
def observed(v: int, peer: int, s: Any) -> tuple[bool, float]:
    """Whether a peer counts, and the profit that it shows; nan if it does not sell."""
    if peer == NO_PEER:
        return False, nan
    row = s.villages.first_household[v] + peer
    profit = np.float64(s.households.observed_profit_yuan_per_month[row])
    # A room without an incomer is nobody.
    return not isnan(profit) or kind_of(s, v, peer) != INCOMER, profit


@kernel
def sum_of_peers(
    v: int, offset: int, kind: int, slot: int, s: Any, t: Any
) -> tuple[float, float, float]:
    """Peers known, peers selling, sum of the sellers' observed profits."""
    first = s.villages.first_household[v]
    known, selling, profits = 0.0, 0.0, 0.0
    for place in range(PEERS):
        peer = peer_offset(v, offset, kind, place, s, t)
        is_known, profit = observed(v, peer, s)
        known += is_known
        if not isnan(profit) and (slot == ANY_SLOT or s.households.slot[first + peer] == slot):
            selling += 1.0
            profits += profit
    return known, selling, profits
