"""Two worlds matched row by row, and what differs between them to the last bit.

Villages are the same in both worlds if their paths are, households if their village, kind and
number are, shops if their household and ordinal are.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.recorder import places_of_households
from sim.engine.simulation import Simulation
from sim.world.columns import KINDS, TABLES

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]
Selection = Callable[[str, str], Flags | None]
"""Which rows of ours are compared, from table and column; None for none at all."""

LAYOUT: Final = frozenset(
    {
        "villages.county",
        "villages.town",
        "villages.first_household",
        "villages.first_producer",
        "villages.first_shop",
        "villages.shop_capacity",
        "villages.season_row",
        "shops.owner",
    }
)
"""Columns that say where something is, which may differ between worlds that are alike."""
RECORDS: Final = ("month", "season_day", "day_sales_yuan", "day_active_stores")
"""What is recorded of a village's month."""
_ORDINAL_BITS: Final = 20


class Place(NamedTuple):
    """Where a value is."""

    table: str
    column: str
    row: int
    """Row of ours; of a shop, place in the list of open shops."""
    village: int
    """Number of ours."""
    household: int
    """Row of ours; -1 if the value is that of a village."""
    ordinal: int
    """Of a shop; -1 if it is none."""


class Difference(NamedTuple):
    """A value that is not the same in both worlds."""

    place: Place
    ours: Any
    theirs: Any


class Shops(NamedTuple):
    """Open shops of a world, in the order of our villages and of their lists."""

    rows: Rows
    village: Rows
    """Number of ours."""
    owner: Rows
    """Row of ours."""
    ordinal: Rows

    @property
    def keys(self) -> Rows:
        """A number for each that tells it from all others."""
        return (self.owner << _ORDINAL_BITS) + self.ordinal


class Match:
    """The rows of two worlds that belong together.

    Parameters
    ----------
    ours, theirs : Simulation
        Two worlds. Each of our villages and households must be in theirs.
    """

    def __init__(self, ours: Simulation, theirs: Simulation) -> None:
        self.ours = ours
        self.theirs = theirs
        paths = {path: v for v, path in enumerate(theirs.register.paths())}
        self.villages: Rows = np.array([paths[path] for path in ours.register.paths()], np.int64)
        self.village, self.kind, self.number = places_of_households(ours.state)
        self.households = self._households()
        self.producer_household: Rows = np.flatnonzero(self.kind < 2)
        self.producers = _producer_rows(theirs)[self.households[self.producer_household]]

    def _households(self) -> Rows:
        there = self.theirs.state.villages
        counts = there["kind_count"].astype(np.int64)
        starts = there["first_household"][:, None] + np.cumsum(counts, axis=1) - counts
        rows: Rows = starts[self.villages[self.village], self.kind] + self.number
        return rows

    def shops_of_ours(self) -> Shops:
        """Return our open shops."""
        state = self.ours.state
        village, rows = _open_shops(state)
        owner = state.shops["owner"][rows].astype(np.int64)
        return Shops(rows, village, owner, state.shops["ordinal"][rows].astype(np.int64))

    def shops_of_theirs(self) -> Shops:
        """Return their open shops, but for those of households that we do not have."""
        state = self.theirs.state
        village, rows = _open_shops(state)
        our_village = np.full(state.villages.size, -1)
        our_village[self.villages] = np.arange(self.villages.size)
        our_row = np.full(state.households.size, -1)
        our_row[self.households] = np.arange(self.households.size)
        owner = our_row[state.shops["owner"][rows]]
        kept = np.flatnonzero(owner >= 0)
        kept = kept[np.argsort(our_village[village[kept]], kind="stable")]
        ordinal = state.shops["ordinal"][rows[kept]].astype(np.int64)
        return Shops(rows[kept], our_village[village[kept]], owner[kept], ordinal)

    def differences(self, chosen: Selection) -> Iterator[Difference]:
        """Give what is not the same to the last bit, the first row of each column.

        Parameters
        ----------
        chosen : callable
            Which rows of ours are compared, from table and column.
        """
        pairs = (("villages", self.villages), ("households", self.households))
        for table, rows in (*pairs, ("producers", self.producers)):
            own, other = getattr(self.ours.state, table), getattr(self.theirs.state, table)
            for column in TABLES[table]:
                found = chosen(table, column.name)
                if found is not None and f"{table}.{column.name}" not in LAYOUT:
                    name = column.name
                    yield from self._first(table, name, own[name], other[name][rows], found)
        levers, their_levers = (world.terms.levers for world in (self.ours, self.theirs))
        for name in levers.dtype.names or ():
            found = chosen("levers", name)
            if found is not None:
                theirs = their_levers[name][self.villages]
                yield from self._first("levers", name, levers[name], theirs, found)
        for name in RECORDS:
            found = chosen("records", name)
            if found is not None:
                own, other = (_recorded(world, name) for world in (self.ours, self.theirs))
                yield from self._first("records", name, own, other[self.villages], found)

    def shop_differences(self, chosen: Selection) -> Iterator[Difference]:
        """Give what is not the same of shops that are open in both worlds.

        Parameters
        ----------
        chosen : callable
            Which households' shops are compared, from ``"shops"`` and the column. The column
            ``open`` is that the same shops are open, in the same order; what differs there is
            called ``opened``, ``closed`` or ``order``.
        """
        own, other = self.shops_of_ours(), self.shops_of_theirs()
        chosen_owners = chosen("shops", "open")
        if chosen_owners is not None:
            ours, theirs = (side.keys[chosen_owners[side.owner]] for side in (own, other))
            if not np.array_equal(ours, theirs):
                yield self._list_difference(own, other, chosen_owners)
                return
        _, place, twin = np.intersect1d(own.keys, other.keys, return_indices=True)
        for column in TABLES["shops"]:
            owners = chosen("shops", column.name)
            if owners is None or f"shops.{column.name}" in LAYOUT:
                continue
            kept = np.flatnonzero(owners[own.owner[place]])
            ours = self.ours.state.shops[column.name][own.rows[place[kept]]]
            theirs = self.theirs.state.shops[column.name][other.rows[twin[kept]]]
            row = first_difference(ours, theirs)
            if row is not None:
                at = int(place[kept[row]])
                where = Place(
                    "shops",
                    column.name,
                    at,
                    int(own.village[at]),
                    int(own.owner[at]),
                    int(own.ordinal[at]),
                )
                yield Difference(where, _plain(ours[row]), _plain(theirs[row]))

    def _list_difference(self, own: Shops, other: Shops, chosen: Flags) -> Difference:
        """Return the first shop that one world alone has, or that is at another place.

        The column is ``opened`` if it was opened this month in that world, ``closed`` if it was
        there before, ``order`` if both have it.
        """
        ours, theirs = (side.keys[chosen[side.owner]] for side in (own, other))
        only = np.setxor1d(ours, theirs)
        length = min(ours.size, theirs.size)
        key = int(only[0]) if only.size else int(ours[:length][ours[:length] != theirs[:length]][0])
        column = "order"
        for world, side in ((self.ours, own), (self.theirs, other)) if only.size else ():
            rows = side.rows[side.keys == key]
            if rows.size:
                month = int(world.terms.m["first_day"][0])
                is_new = int(world.state.shops["opened_day"][rows[0]]) >= month
                column = "opened" if is_new else "closed"
        owner = key >> _ORDINAL_BITS
        ordinal = key & (1 << _ORDINAL_BITS) - 1
        where = Place("shops", column, 0, int(self.village[owner]), owner, ordinal)
        return Difference(where, bool(np.isin(key, ours)), bool(np.isin(key, theirs)))

    def _first(
        self, table: str, column: str, ours: Any, theirs: Any, chosen: Flags
    ) -> Iterator[Difference]:
        kept = np.flatnonzero(chosen)
        row = first_difference(ours[kept], theirs[kept])
        if row is not None:
            at = int(kept[row])
            own, other = np.ravel(ours[at]), np.ravel(theirs[at])
            here = first_difference(own, other)  # of several numbers, the first that differs
            place = self._place(table, column, at)
            yield Difference(place, _plain(own[here]), _plain(other[here]))

    def _place(self, table: str, column: str, row: int) -> Place:
        if table in ("households", "producers"):
            household = row if table == "households" else int(self.producer_household[row])
            return Place(table, column, row, int(self.village[household]), household, -1)
        return Place(table, column, row, row, -1, -1)


def first_difference(ours: NDArray[Any], theirs: NDArray[Any]) -> int | None:
    """Return the first row that is not the same to the last bit; None if all are.

    The same kind of nan is the same here.
    """
    own, other = np.ascontiguousarray(ours), np.ascontiguousarray(theirs)
    if own.tobytes() == other.tobytes():
        return None
    rows = own.shape[0]
    bits = (each.view(np.uint8).reshape(rows, -1) for each in (own, other))
    return int(np.flatnonzero(np.not_equal(*bits).any(axis=1))[0])


def _recorded(world: Simulation, name: str) -> Any:
    """Return a record by village."""
    state = world.state
    return state.season_days_of_villages() if name == "season_day" else getattr(state, name)


def _open_shops(state: Any) -> tuple[Rows, Rows]:
    """Return village and row of every open shop."""
    counts = state.villages["open_shops"].astype(np.int64)
    village = np.repeat(np.arange(counts.size), counts)
    starts = np.cumsum(counts) - counts
    place = np.arange(village.size) - starts[village]
    return village, state.villages["first_shop"][village] + place


def _producer_rows(world: Simulation) -> Rows:
    """Return the row among producers of each household; -1 for those that are none."""
    village, kind, number = places_of_households(world.state)
    villages = world.state.villages
    farmers = villages["kind_count"][village, 0]
    rows = villages["first_producer"][village] + np.where(kind == 1, farmers, 0) + number
    return np.where(kind < 2, rows, -1)


def of_kinds(match: Match, *kinds: int) -> Flags:
    """Return which of our households are of some kinds."""
    wanted = np.zeros(KINDS, np.bool_)
    wanted[list(kinds)] = True
    flags: Flags = wanted[match.kind]
    return flags


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
