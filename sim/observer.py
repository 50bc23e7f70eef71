"""Who is an e-commerce village, town or cluster, since when, and until when (ODD 7.15)."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import entry_kernel
from sim.scenario import ObserverRule
from sim.world.calendar import date_of, day_of
from sim.world.columns import NOT_YET
from sim.world.register import Register

FEN_PER_YUAN = 100
VILLAGES_OF_A_TOWN = 3
LATER_TOWN_RULE_YEAR = 2019
"""Since then a town may also count for its sales and stores (source: tt_rule_sales_2019)."""
TOWN_SALES_YUAN, TOWN_STORES = 30_000_000, 300
CLUSTER_SIZES = (10, 30, 100)
"""Listed villages of a cluster, a large and a super-large one."""
_DIGITS_OF_STORES = 6
"""Digits after the point that count where a share of households is turned into stores."""


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
            # 0.07 of 100 households are 7 stores, though not in binary numbers.
            share = np.round(self.household_share * households, _DIGITS_OF_STORES)
            needed = np.minimum(needed, share)
        return needed


def are_towns(
    towns: NDArray[Any],
    listed: NDArray[Any],
    sales_yuan: NDArray[np.float64],
    stores: NDArray[np.float64],
    year: int,
) -> NDArray[np.bool_]:
    """Whether each town is an e-commerce town by the rule of a year.

    Since 2019 sales above 30 million yuan together with more than 300 stores will do as well as
    three listed villages.

    Parameters
    ----------
    towns, listed, sales_yuan, stores : array (villages,)
        Number of the town, whether the village is listed, sales of the trailing days, active
        stores.
    year : int
        Year of the list.

    Returns
    -------
    array (towns,)
    """
    found = np.bincount(towns, listed) >= VILLAGES_OF_A_TOWN
    if year >= LATER_TOWN_RULE_YEAR:
        sales, active = np.bincount(towns, sales_yuan), np.bincount(towns, stores)
        found |= (sales > TOWN_SALES_YUAN) & (active > TOWN_STORES)
    return np.asarray(found, np.bool_)


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
    register : Register
        The villages.

    Attributes
    ----------
    names : list of str
        Names of the villages.
    trailing_fen : array (villages,)
        Online sales of the trailing days [fen].
    active_stores : array (villages,)
        Active stores on the last day seen.
    holds, is_listed : array (villages,)
        Whether the rule holds on the last day seen; whether the village is on the last list.
    crossed_day, first_store_day : array (villages,)
        First day on which the rule held, first day with an active store; -1: not yet.
    listed_day, lost_day : array (villages,)
        Day of the first list with the village, and of the last one that dropped it; -1: not yet.
    town_count : int
        E-commerce towns on the last list.
    cluster_share : float
        Share of the listed villages whose county has at least ten of them (0-1).
    events : list of Event
        What has happened, in order.
    """

    def __init__(self, rule: Rule, listing: str, register: Register) -> None:
        count = len(register)
        self.rule = rule
        self._crossing = f"both thresholds {'passed' if rule.is_strict else 'reached'}"
        self.names = list(register.names)
        self._month, self._day = int(listing[:2]), int(listing[3:])
        self._needed = rule.stores_needed(register.households)
        self._towns, self._town_names = register.places("town")
        self._counties, self._county_names = register.places("county")
        self._is_town = np.zeros(len(self._town_names), np.bool_)
        self._cluster_rank = np.zeros(len(self._county_names), np.int64)
        self._ring = np.zeros((count, rule.trailing_days), np.int64)
        self._place = 0
        self.trailing_fen = np.zeros(count, np.int64)
        self.active_stores = np.zeros(count)
        self.holds = np.zeros(count, np.bool_)
        self.is_listed = np.zeros(count, np.bool_)
        self.crossed_day = np.full(count, NOT_YET, np.int64)
        self.first_store_day = np.full(count, NOT_YET, np.int64)
        self.listed_day = np.full(count, NOT_YET, np.int64)
        self.lost_day = np.full(count, NOT_YET, np.int64)
        self.town_count = 0
        self.cluster_share = 0.0
        self.events: list[Event] = []

    def observe(
        self, first_day: int, sales_yuan: NDArray[np.float64], active: NDArray[np.float64]
    ) -> None:
        """See some days: `sales_yuan` and `active` are (villages, days), from `first_day` on."""
        days = sales_yuan.shape[1]
        start = 0
        for year in range(date_of(first_day).year, date_of(first_day + days - 1).year + 1):
            today = date(year, self._month, self._day)
            place = day_of(today) - first_day
            if 0 <= place < days:
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
        self._note("crossed", before_crossed, self.crossed_day, self._crossing)

    def _note(self, kind: str, before: NDArray[Any], after: NDArray[Any], text: str) -> None:
        for v in np.flatnonzero(before != after).tolist():
            self.events.append(Event(int(after[v]), kind, v, f"{self.names[v]}: {text}"))

    def _draw_up_list(self, day: int, today: date) -> None:
        listed = self.holds.copy()
        for v in np.flatnonzero(listed & ~self.is_listed).tolist():
            again = "again " if self.listed_day[v] >= 0 else ""
            self.events.append(
                Event(day, "listed", v, f"{self.names[v]}: {again}on the list of {today.year}")
            )
        for v in np.flatnonzero(self.is_listed & ~listed).tolist():
            self.lost_day[v] = day
            self.events.append(
                Event(day, "lost", v, f"{self.names[v]}: off the list of {today.year}")
            )
        self.listed_day[listed & (self.listed_day < 0)] = day
        self.is_listed = listed
        self._count_groups(day, today)

    def _count_groups(self, day: int, today: date) -> None:
        where = f"on the list of {today.year}"
        sales_yuan = self.trailing_fen / FEN_PER_YUAN
        towns = are_towns(self._towns, self.is_listed, sales_yuan, self.active_stores, today.year)
        for town in np.flatnonzero(towns & ~self._is_town).tolist():
            text = f"{self._town_names[town]}: an e-commerce town {where}"
            self.events.append(Event(day, "town", -1, text))
        self._is_town, self.town_count = towns, int(towns.sum())
        by_county = np.bincount(self._counties, self.is_listed)
        rank = np.searchsorted(CLUSTER_SIZES, by_county, side="right")
        for county in np.flatnonzero(rank > self._cluster_rank).tolist():
            size = CLUSTER_SIZES[rank[county] - 1]
            text = f"{self._county_names[county]}: a cluster of {size} or more villages {where}"
            self.events.append(Event(day, "cluster", -1, text))
        self._cluster_rank = rank
        self.cluster_share = float(by_county[rank > 0].sum() / max(by_county.sum(), 1.0))
