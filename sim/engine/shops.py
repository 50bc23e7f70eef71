"""Rows of the table of shops: each village has a block of its own that grows when it is full."""

from collections import defaultdict

import numpy as np

from sim.world.columns import State, row_type

FIRST_BLOCK = 2
"""Rows of a village's first block; each following one is twice as large."""
HOUSEHOLDS_PER_ROW = 8
"""The table starts with a row for so many households. What is not used takes no memory."""


def first_table(households: int) -> np.ndarray:
    """Return an empty table of shops; a row is set up when a shop opens in it."""
    return np.zeros(FIRST_BLOCK + households // HOUSEHOLDS_PER_ROW, row_type("shops"))


class ShopBlocks:
    """Which rows of the table of shops belong to no village.

    Blocks that villages have outgrown go to villages that grow to their size. Where a village's
    rows lie changes no result.

    Parameters
    ----------
    villages : array
        The table of villages, whose blocks are taken.
    """

    def __init__(self, villages: np.ndarray) -> None:
        self._free: dict[int, list[int]] = defaultdict(list)
        self._end = int((villages["first_shop"] + villages["shop_capacity"]).max(initial=0))

    def make_room(self, s: State) -> State:
        """Move every village that waits for room to a block twice as large; return the state."""
        villages = s.villages
        for v in np.flatnonzero(villages["next_to_open"]).tolist():
            old_first, old_rows = int(villages["first_shop"][v]), int(villages["shop_capacity"][v])
            rows = 2 * old_rows or FIRST_BLOCK
            first, s = self._taken(rows, s)
            table = s.shops
            table[first : first + old_rows] = table[old_first : old_first + old_rows]
            if old_rows:
                self._free[old_rows].append(old_first)
            villages["first_shop"][v], villages["shop_capacity"][v] = first, rows
        return s

    def _taken(self, rows: int, s: State) -> tuple[int, State]:
        """Return the first row of a block, and the state, whose table may have become longer."""
        if self._free[rows]:
            return self._free[rows].pop(), s
        first = self._end
        self._end += rows
        if self._end > s.shops.size:
            longer = np.zeros(2 * self._end, s.shops.dtype)
            longer[:first] = s.shops[:first]
            s = s._replace(shops=longer)
        return first, s
