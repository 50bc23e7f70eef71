"""Who is an e-commerce village, town or cluster, since when, and until when (ODD 7.15)."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import entry_kernel
from sim.scenario import ObserverRule
from sim.world.calendar import date_of
from sim.world.columns import NOT_YET

FEN_PER_YUAN = 100
VILLAGES_OF_A_TOWN = 3
TOWN_SALES_YUAN, TOWN_STORES = 30_000_000, 300
"""The rule for towns added in 2019."""
CLUSTER_SIZES = (10, 30, 100)
"""Listed villages of a cluster, a large and a super-large one."""


class Event(NamedTuple):
    """Something worth a date."""

    day: int
    """Days since 2000-01-01."""
    kind: str
    """first_store, crossed, listed, lost, policy, town or cluster."""
    village: int
    """Number of the village; -1 if it is not about one village."""
    text: str


@dataclass(frozen=True)
class Rule:
    """When a village counts: thresholds, and whether they must be passed or only reached.

    Source: AliResearch; the strict form is that of China Daily, 2019-10-23.
    """

    sales_yuan: float = 10_000_000.0
    stores: float = 100.0
    household_share: float | None = None
    """Active stores as a share of households that will do as well."""
    is_strict: bool = True
    trailing_days: int = 365

    @classmethod
    def of(cls, chosen: ObserverRule) -> "Rule":
        """Return the rule that a scenario asks for."""
        published = chosen.rule == "published"
        share = chosen.household_share
        return cls(
            10_000_000.0 if chosen.sales_threshold_yuan is None else chosen.sales_threshold_yuan,
            100.0 if chosen.stores_threshold is None else chosen.stores_threshold,
            (0.1 if share is None else share) if published else None,
            not published,
            chosen.trailing_days,
        )

    def stores_needed(self, households: NDArray[np.int64]) -> NDArray[np.float64]:
        """Active stores at the threshold, by village."""
        needed = np.full(households.shape, self.stores)
        if self.household_share is not None:
            needed = np.minimum(needed, self.household_share * households)
        return needed


class _Thresholds(NamedTuple):
    """What a village needs to count."""

    sales_fen: int
    stores: NDArray[np.float64]
    """By village."""
    is_strict: bool


class _Seen(NamedTuple):
    """What the observer knows of each village, (villages,), and changes day by day."""

    ring: NDArray[np.int64]
    """Sales of each of the trailing days [fen], (villages, days)."""
    trailing: NDArray[np.int64]
    stores: NDArray[np.float64]
    holds: NDArray[np.bool_]
    crossed: NDArray[np.int64]
    first_sale: NDArray[np.int64]


@entry_kernel
def _observe(
    sales: Any, active: Any, first_day: int, place: int, needed: _Thresholds, seen: _Seen
) -> None:
    ring, trailing, stores = seen.ring, seen.trailing, seen.stores
    holds, crossed, first_sale = seen.holds, seen.crossed, seen.first_sale
    length = ring.shape[1]
    for v in range(sales.shape[0]):
        at = place
        for d in range(sales.shape[1]):
            fen = round(sales[v, d] * 100.0)
            trailing[v] += fen - ring[v, at]
            ring[v, at] = fen
            at = (at + 1) % length
            stores[v] = active[v, d]
            if needed.is_strict:
                holds[v] = trailing[v] > needed.sales_fen and stores[v] > needed.stores[v]
            else:
                holds[v] = trailing[v] >= needed.sales_fen and stores[v] >= needed.stores[v]
            if holds[v] and crossed[v] < 0:
                crossed[v] = first_day + d
            if stores[v] > 0 and first_sale[v] < 0:
                first_sale[v] = first_day + d


class Observer:
    """Follows villages day by day and draws up the yearly list.

    Sales are counted in whole fen, so that the trailing sum never drifts.

    Parameters
    ----------
    rule : Rule
        When a village counts.
    listing : str
        Month and day of the yearly list, such as ``06-30``.
    households : array (villages,)
        Households of each village.
    towns, counties : array (villages,)
        Numbers of the town and county of each village.
    names : sequence of str
        Names of villages, for events.

    Attributes
    ----------
    trailing_fen : array (villages,)
        Online sales of the trailing days [fen].
    active_stores : array (villages,)
        Active stores on the last day seen.
    holds, is_listed : array (villages,)
        Whether the rule holds on the last day seen; whether the village is on the last list.
    crossed_day, listed_day, lost_day : array (villages,)
        First day on which the rule held, first and last listing date of change; -1: not yet.
    """

    def __init__(
        self,
        rule: Rule,
        listing: str,
        households: NDArray[np.int64],
        towns: NDArray[np.int64],
        counties: NDArray[np.int64],
        names: list[str],
    ) -> None:
        villages = len(names)
        self.rule, self.names = rule, names
        self.towns, self.counties = towns, counties
        self._month, self._day = int(listing[:2]), int(listing[3:])
        self._needed = rule.stores_needed(households)
        self._ring = np.zeros((villages, rule.trailing_days), np.int64)
        self._place = 0
        self.trailing_fen = np.zeros(villages, np.int64)
        self.active_stores = np.zeros(villages)
        self.holds = np.zeros(villages, np.bool_)
        self.is_listed = np.zeros(villages, np.bool_)
        self.crossed_day = np.full(villages, NOT_YET, np.int64)
        self.first_store_day = np.full(villages, NOT_YET, np.int64)
        self.listed_day = np.full(villages, NOT_YET, np.int64)
        self.lost_day = np.full(villages, NOT_YET, np.int64)
        self.town_count = 0
        self.cluster_share = 0.0
        self.events: list[Event] = []

    def observe(
        self, first_day: int, sales_yuan: NDArray[np.float64], active: NDArray[np.float64]
    ) -> None:
        """See some days: `sales_yuan` and `active` are (villages, days), from `first_day` on."""
        days = sales_yuan.shape[1]
        start = 0
        for place in range(days):
            today = date_of(first_day + place)
            if (today.month, today.day) == (self._month, self._day):
                self._see(first_day + start, sales_yuan[:, start : place + 1], active[:, start:])
                self._draw_up_list(first_day + place, today)
                start = place + 1
        if start < days:
            self._see(first_day + start, sales_yuan[:, start:], active[:, start:])

    def _see(self, first_day: int, sales: NDArray[Any], active: NDArray[Any]) -> None:
        before_crossed, before_store = self.crossed_day.copy(), self.first_store_day.copy()
        _observe(
            np.ascontiguousarray(sales),
            np.ascontiguousarray(active),
            first_day,
            self._place,
            _Thresholds(
                round(self.rule.sales_yuan * FEN_PER_YUAN), self._needed, self.rule.is_strict
            ),
            _Seen(
                self._ring,
                self.trailing_fen,
                self.active_stores,
                self.holds,
                self.crossed_day,
                self.first_store_day,
            ),
        )
        self._place = (self._place + sales.shape[1]) % self.rule.trailing_days
        self._note("first_store", before_store, self.first_store_day, "first order of a store")
        self._note("crossed", before_crossed, self.crossed_day, "both thresholds passed")

    def _note(self, kind: str, before: NDArray[Any], after: NDArray[Any], text: str) -> None:
        for v in np.flatnonzero(before != after):
            self.events.append(Event(int(after[v]), kind, int(v), f"{self.names[v]}: {text}"))

    def _draw_up_list(self, day: int, today: date) -> None:
        listed = self.holds.copy()
        for v in np.flatnonzero(listed & ~self.is_listed):
            again = "again " if self.listed_day[v] >= 0 else ""
            self.events.append(
                Event(day, "listed", int(v), f"{self.names[v]}: {again}on the list of {today.year}")
            )
        for v in np.flatnonzero(self.is_listed & ~listed):
            self.lost_day[v] = day
            self.events.append(
                Event(day, "lost", int(v), f"{self.names[v]}: off the list of {today.year}")
            )
        self.listed_day[listed & (self.listed_day < 0)] = day
        self.is_listed = listed
        self._count_groups(day, today)

    def _count_groups(self, day: int, today: date) -> None:
        by_town = np.bincount(self.towns[self.is_listed], minlength=1)
        self.town_count = int((by_town >= VILLAGES_OF_A_TOWN).sum())
        if self.town_count:
            self.events.append(
                Event(day, "town", -1, f"{self.town_count} towns on the list of {today.year}")
            )
        by_county = np.bincount(self.counties[self.is_listed], minlength=1)
        in_clusters = by_county[by_county >= CLUSTER_SIZES[0]]
        self.cluster_share = float(in_clusters.sum() / max(int(by_county.sum()), 1))
        for size in CLUSTER_SIZES:
            clusters = int((by_county >= size).sum())
            if clusters:
                text = f"{clusters} counties with {size} or more villages in {today.year}"
                self.events.append(Event(day, "cluster", -1, text))

    def towns_by_later_rule(self) -> int:
        """Count towns by the rule of 2019.

        Three listed villages, or 30 million yuan and 300 stores. Both are exceeded by
        the town's villages together, over the trailing days.
        """
        size = int(self.towns.max()) + 1
        listed = np.bincount(self.towns[self.is_listed], minlength=size)
        sales = np.bincount(self.towns, self.trailing_fen, minlength=size) / FEN_PER_YUAN
        stores = np.bincount(self.towns, self.active_stores, minlength=size)
        large = (sales > TOWN_SALES_YUAN) & (stores > TOWN_STORES)
        return int(((listed >= VILLAGES_OF_A_TOWN) | large).sum())
