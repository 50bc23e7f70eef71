"""Rows of the table of shops."""

import numpy as np

from sim.world.columns import State, allocate

SPARE_SHOPS = 8
"""Rows kept for each village at the start."""


def with_more_room(s: State) -> State:
    """Return the state with twice the rows for shops in every village that has none left."""
    villages = s.villages
    old_first = villages["first_shop"].copy()
    full = villages["open_shops"] >= villages["shop_capacity"]
    villages["shop_capacity"][full] = 2 * villages["shop_capacity"][full] + SPARE_SHOPS
    villages["first_shop"][1:] = np.cumsum(villages["shop_capacity"][:-1])
    shops = allocate("shops", int(villages["shop_capacity"].sum()))
    has_shops = np.flatnonzero(villages["open_shops"])
    counts = villages["open_shops"][has_shops]
    steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    target = np.repeat(villages["first_shop"][has_shops], counts) + steps
    shops[target] = s.shops[np.repeat(old_first[has_shops], counts) + steps]
    return s._replace(shops=shops)
