"""Who works in whose shops: the hands of a village, and commuters within its town (ODD 7.7)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.compiled import entry_kernel, kernel
from sim.engine.places import households_of, is_farmer, is_maker
from sim.rules.labour import hands_for_hire


@kernel
def hands_of(v: int, row: int, s: Any, t: Any) -> float:
    """Hands for hire of a household (row) of village v [persons]; 0 if it has a shop or is away."""
    h = s.households
    if not h.present[row] or h.away[row] or h.shops[row] > 0:
        return 0.0
    return hands_for_hire(h.members[row], is_maker(s, v, row), is_farmer(s, v, row), t.b[0])


@kernel
def labour_pool(v: int, s: Any, t: Any) -> float:
    """Hands for hire in a village [persons]."""
    first = s.villages.first_household[v]
    pool = 0.0
    for row in range(first, first + households_of(s, v)):
        pool += hands_of(v, row, s, t)
    return pool


@kernel
def first_hands(v: int, share: float, s: Any, t: Any) -> float:
    """Hands for hire of the households whose rank in the queue is below a share [persons]."""
    first = s.villages.first_household[v]
    hands = 0.0
    for row in range(first, first + households_of(s, v)):
        if s.households.job_rank[row] < share:
            hands += hands_of(v, row, s, t)
    return hands


@entry_kernel
def fill_pools(chosen: Any, s: Any, t: Any) -> None:
    """Count the hands for hire of the villages with these numbers."""
    for v in chosen:
        s.villages.labour_pool[v] = labour_pool(v, s, t)


def publish_commuting(order: NDArray[np.int64], s: Any, t: Any) -> None:
    """Fill places that a village cannot fill itself with hands from the rest of its town.

    Where hands are few, villages get them in proportion to their places; where places are few,
    villages send hands in proportion to those that are free. All commuters of a town are paid the
    same. Sums run in the given order (by key): the order of villages in the table does not matter.
    """
    villages, b = s.villages, t.b[0]
    for name in ("hired_neighbours", "commuters", "commuter_wage_yuan"):
        villages[name] = 0.0
    places = villages["staff"] - villages["hired_villagers"]
    if b["commuting_share"] <= 0.0 or villages.size == 1 or not places.any():
        return
    town = villages["town"]
    in_town = np.bincount(town[order], places[order])
    chosen = np.flatnonzero((in_town[town] > 0.0) & (villages["staff"] == 0.0))
    fill_pools(chosen, s, t)
    free = villages["labour_pool"] - villages["hired_villagers"]
    hands = np.where(in_town[town] > 0.0, b["commuting_share"] * free, 0.0)
    hands_in_town = np.bincount(town[order], hands[order])
    filled = np.minimum(in_town, hands_in_town)
    found = filled > 0.0
    from_town = np.divide(filled, in_town, out=np.zeros_like(filled), where=found)
    to_town = np.divide(filled, hands_in_town, out=np.zeros_like(filled), where=found)
    villages["hired_neighbours"] = places * from_town[town]
    villages["commuters"] = hands * to_town[town]
    # Whoever has places for commuters has hired all villagers.
    wage = villages["wage_yuan_per_month"] * (1.0 + b["wage_tightness"])
    bill = np.bincount(town[order], (villages["hired_neighbours"] * wage)[order])
    paid = np.divide(bill, filled, out=np.zeros_like(filled), where=found)
    villages["commuter_wage_yuan"] = paid[town]
