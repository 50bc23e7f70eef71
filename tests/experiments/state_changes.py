"""What differs between two states of the same people: columns, shops, households."""

from typing import NamedTuple

import numpy as np
from paired_worlds import Month, Pair

from sim.engine.recorder import Columns
from sim.world.columns import CROP_SLOT, KINDS, State

LAYOUT = ("first_shop", "shop_capacity")
"""Columns that say where rows lie in memory, and nothing about a village."""


def are_equal(left: np.ndarray, right: np.ndarray) -> bool:
    """Whether two arrays are the same to the last bit, missing values included."""
    return np.array_equal(left, right, equal_nan=left.dtype.kind == "f")


def unequal_columns(left: Columns, right: Columns) -> list[str]:
    """Columns of a table that are not the same to the last bit."""
    assert left.keys() == right.keys()
    return [name for name in left if not are_equal(left[name], right[name])]


def shops_of(state: State, village: int) -> np.ndarray:
    """Open shops of a village."""
    first = state.villages["first_shop"][village]
    return state.shops[first : first + state.villages["open_shops"][village]]


def households_of(state: State, village: int) -> np.ndarray:
    """Households of a village, rooms for incomers included."""
    first = state.villages["first_household"][village]
    return state.households[first : first + state.villages["kind_count"][village].sum()]


def producers_of(state: State, village: int) -> np.ndarray:
    """Farmers and makers of a village."""
    first = state.villages["first_producer"][village]
    return state.producers[first : first + state.villages["kind_count"][village][:2].sum()]


def names_of(shops: np.ndarray) -> np.ndarray:
    """A number for each shop that it has in every run: of its owner and of the owner's shops."""
    return shops["owner"].astype(np.int64) * 2**16 + shops["ordinal"]


class Shops(NamedTuple):
    """Rows of the same shops without and with an intervention."""

    without: np.ndarray
    under: np.ndarray

    def those(self, are_meant: np.ndarray) -> "Shops":
        """Some of the shops."""
        return Shops(self.without[are_meant], self.under[are_meant])

    @property
    def selling(self) -> "Shops":
        """Shops that sell in both, on Taobao at least: all begin there."""
        return self.those((self.without["attraction"] * self.under["attraction"])[:, 0] > 0)

    def ratio(self, column: str) -> np.ndarray:
        """A column under the intervention over the same without it, on Taobao if by platform."""
        without, under = self.without[column], self.under[column]
        return under / without if without.ndim == 1 else under[:, 0] / without[:, 0]


def shops_in_both(states: tuple[State, State], village: int) -> Shops:
    """Shops that are open in both states, in the same order."""
    left, right = (shops_of(state, village) for state in states)
    _, of_left, of_right = np.intersect1d(
        names_of(left), names_of(right), assume_unique=True, return_indices=True
    )
    return Shops(left[of_left], right[of_right])


def mornings(pair: Pair[Month]) -> tuple[State, State]:
    """Both states on the first morning of a month."""
    return pair.without.morning, pair.under.morning


def kinds_of(state: State, village: int) -> np.ndarray:
    """Kind of each household of a village."""
    return np.repeat(np.arange(KINDS), state.villages["kind_count"][village])


def opened(month: Month, village: int) -> np.ndarray:
    """Which households of a village opened a shop on the first of a month (yes/no by row)."""
    before, after = households_of(month.eve, village), households_of(month.morning, village)
    return after["shops_ever"] > before["shops_ever"]


def closed(month: Month, village: int) -> np.ndarray:
    """Which households of a village closed a shop on the first of a month (yes/no by row)."""
    before, after = households_of(month.eve, village), households_of(month.morning, village)
    return after["shops"] - before["shops"] < after["shops_ever"] - before["shops_ever"]


def shipped_orders(pair: Pair[Month], village: int, operators: np.ndarray) -> Pair[float]:
    """Orders shipped by the end of a month by operators' durable-goods shops that both runs have.

    `operators` (yes/no by row) are the households whose shops are meant.
    """
    states = mornings(pair)
    shops = shops_in_both(states, village).without
    first = states[0].villages["first_household"][village]
    named = names_of(shops)[operators[shops["owner"] - first] & (shops["slot"] > CROP_SLOT)]
    ends = (shops_of(it.end, village) for it in pair)
    return Pair(*(float(of["orders_shipped"][np.isin(names_of(of), named)].sum()) for of in ends))


def moved_columns(pair: Pair[Month], village: int) -> set[str]:
    """Columns that differ in a village on a morning, as ``table.column``.

    Households that opened or closed a shop that day in either run are left out, and their shops
    with them: that changes much about themselves. What is asked is what moves besides.
    """
    busy = np.any([done(it, village) for it in pair for done in (opened, closed)], axis=0)
    states = mornings(pair)
    without = pair.without.morning
    shops = shops_in_both(states, village)
    owner = shops.without["owner"] - without.villages["first_household"][village]
    producers = Shops(*(producers_of(state, village) for state in states))
    tables = {
        "households": [households_of(state, village)[~busy] for state in states],
        "producers": producers.those(~busy[: producers.under.size]),
        "shops": shops.those(~busy[owner]),
        "villages": [state.villages[village : village + 1] for state in states],
    }
    return {
        f"{table}.{name}"
        for table, (left, right) in tables.items()
        for name in left.dtype.names
        if name not in LAYOUT and not are_equal(left[name], right[name])
    }
