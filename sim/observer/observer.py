"""The observer: follows villages day by day and draws up the yearly list."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.observer.events import Event, EventLog
from sim.observer.lists import YearlyList
from sim.observer.rule import CLUSTER_SIZES, FEN_PER_YUAN, Rule, are_towns, cluster_ranks
from sim.observer.town_years import TownYear, TownYears
from sim.observer.window import Needed, Seen, TrailingDays
from sim.world.calendar import date_of, day_of
from sim.world.columns import NOT_YET
from sim.world.register import Register

MOST_FIRST_STORES: Final = 1000
"""First stores are events in worlds of up to so many villages; in larger ones only the very first
is, and the others are dated in `Observer.first_store_day`."""


class Observer:
    """Follows villages day by day and draws up the yearly list.

    Sales are counted in whole fen, so that the trailing sum never drifts. Villages are measured by
    the strict and by the published rule at once; the scenario's decides who is listed.

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
    names : sequence of str
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
    lists : list of YearlyList
        The lists so far.
    """

    def __init__(self, rule: Rule, listing: str, register: Register) -> None:
        count = len(register)
        self.rule = rule
        self.names = register.names
        self._month, self._day = int(listing[:2]), int(listing[3:])
        self._register = register
        self._is_town = np.zeros(len(register.town_paths), np.bool_)
        self._cluster_rank = np.zeros(len(register.county_paths), np.int64)
        self.trailing_fen = np.zeros(count, np.int64)
        self.active_stores = np.zeros(count)
        self.first_store_day = _no_days(count)
        self._own, self._other = _needed(rule, register), _needed(rule.other, register)
        self.holds, self.crossed_day = self._own.holds, self._own.crossed
        self._trailing = TrailingDays(
            rule.trailing_days,
            Seen(self.trailing_fen, self.active_stores, self.first_store_day),
            (self._own, self._other),
        )
        self.is_listed = np.zeros(count, np.bool_)
        self.listed_day, self.lost_day = _no_days(count), _no_days(count)
        self._since_day = _no_days(count)
        self.lists: list[YearlyList] = []
        self._town_years = TownYears(register.town, len(register.town_paths))
        self._log = EventLog(
            f"both thresholds {'passed' if rule.is_strict else 'reached'}",
            register.names,
            _last_names(register.town_paths),
            _last_names(register.county_paths),
        )

    @property
    def holds_strict(self) -> NDArray[np.bool_]:
        """Whether the strict rule holds on the last day seen, (villages,)."""
        return self._own.holds if self.rule.is_strict else self._other.holds

    @property
    def holds_published(self) -> NDArray[np.bool_]:
        """Whether the published rule holds on the last day seen, (villages,)."""
        return self._other.holds if self.rule.is_strict else self._own.holds

    @property
    def crossed_other_day(self) -> NDArray[np.int32]:
        """First day on which the rule that is not the scenario's held, (villages,)."""
        return self._other.crossed

    @property
    def town_count(self) -> int:
        """E-commerce towns on the last list."""
        return int(self._is_town.sum())

    @property
    def cluster_share(self) -> float:
        """Share of the listed villages whose county has at least ten of them (0-1)."""
        by_county = self._listed_by_county()
        clustered = by_county[self._cluster_rank > 0].sum()
        return float(clustered / max(by_county.sum(), 1.0))

    @property
    def town_years(self) -> list[TownYear]:
        """What the villages of each town have together in each year."""
        return self._town_years.years

    @property
    def events(self) -> list[Event]:
        """What has happened, by day."""
        return self._log.events

    @property
    def nbytes(self) -> int:
        """Bytes that the days remembered take; what else is kept does not grow with days."""
        return self._trailing.nbytes

    def observe(
        self, first_day: int, sales_yuan: NDArray[np.float64], active: NDArray[np.float64]
    ) -> None:
        """See some days: `sales_yuan` and `active` are (villages, days), from `first_day` on."""
        for start, end in self._parts(first_day, sales_yuan.shape[1]):
            day = first_day + start
            self._trailing.see(day, sales_yuan[:, start:end], active[:, start:end])
            self._note_first_stores(day)
            self._note_since(day, "crossed", self.crossed_day)
            today = date_of(first_day + end - 1)
            if (today.month, today.day) == (self._month, self._day):
                self._draw_up_list(first_day + end - 1, today.year)

    def close_month(
        self, first_day: int, month: NDArray[np.float64], policy_cost_yuan: NDArray[np.float64]
    ) -> None:
        """Add a month that begins on `first_day` to the years of towns.

        Parameters
        ----------
        first_day : int
            First day of the month [days since 2000-01-01].
        month : array (villages, fields)
            Records of the month, fields as in `sim.world.records.Month`.
        policy_cost_yuan : array (villages,)
            What policies cost in the month.
        """
        designated = (self.holds_strict, self.holds_published)
        self._town_years.add(first_day, month, policy_cost_yuan, designated)

    def _parts(self, first_day: int, days: int) -> Iterator[tuple[int, int]]:
        """Cut days into parts that can be seen at once and end on a listing date if one is there.

        Gives the places of the first day of a part and of that after it.
        """
        years = range(date_of(first_day).year, date_of(first_day + days).year + 1)
        cuts = [day_of(date(year, self._month, self._day)) + 1 - first_day for year in years]
        start = 0
        while start < days:
            ends = [start + self._trailing.longest, days, *(cut for cut in cuts if cut > start)]
            end = min(ends)
            yield start, end
            start = end

    def _note_first_stores(self, first_day: int) -> None:
        if self.first_store_day.size <= MOST_FIRST_STORES:
            self._note_since(first_day, "first_store", self.first_store_day)
            return
        new = np.flatnonzero(self.first_store_day >= first_day)
        had_none = not ((self.first_store_day >= 0) & (self.first_store_day < first_day)).any()
        if new.size and had_none:
            earliest = new[[np.argmin(self.first_store_day[new])]]
            self._log.note("first_store", self.first_store_day[earliest], earliest)

    def _note_since(self, first_day: int, kind: str, days: NDArray[np.int32]) -> None:
        """Note for whom a day has come since `first_day`."""
        villages = np.flatnonzero(days >= first_day)
        self._log.note(kind, days[villages], villages)

    def _draw_up_list(self, day: int, year: int) -> None:
        listed = self.holds.copy()
        new = np.flatnonzero(listed & ~self.is_listed)
        lost = np.flatnonzero(self.is_listed & ~listed)
        self._log.note("listed", day, new, self.listed_day[new] >= 0)
        self._log.note("lost", day, lost)
        self.lost_day[lost] = day
        self._since_day[new] = day
        self.listed_day[listed & (self.listed_day < 0)] = day
        self.is_listed = listed
        self._note_groups(day, year)
        villages = np.flatnonzero(listed)
        self.lists.append(
            YearlyList(
                year,
                day,
                villages.astype(np.int32),
                self.trailing_fen[villages],
                self.active_stores[villages],
                self._since_day[villages],
                lost.astype(np.int32),
                np.flatnonzero(self.holds_strict).astype(np.int32),
                np.flatnonzero(self.holds_published).astype(np.int32),
                np.flatnonzero(self._is_town).astype(np.int32),
            )
        )

    def _note_groups(self, day: int, year: int) -> None:
        """Note towns that have come up, and clusters that have come up or reached the next size."""
        towns = are_towns(
            self._register.town,
            self.is_listed,
            self.trailing_fen / FEN_PER_YUAN,
            self.active_stores,
            year,
            self._is_town.size,
        )
        self._log.note("town", day, np.flatnonzero(towns & ~self._is_town))
        self._is_town = towns
        rank = cluster_ranks(self._listed_by_county())
        grown = np.flatnonzero(rank > self._cluster_rank)
        sizes = np.array(CLUSTER_SIZES, np.int32)
        self._log.note("cluster", day, grown, sizes[rank[grown] - 1])
        self._cluster_rank = rank

    def _listed_by_county(self) -> NDArray[np.float64]:
        counties = len(self._register.county_paths)
        return np.bincount(self._register.county, self.is_listed, counties)


def _needed(rule: Rule, register: Register) -> Needed:
    count = len(register)
    return Needed(
        round(rule.sales_yuan * FEN_PER_YUAN),
        rule.is_strict,
        rule.stores_needed(register.households),
        np.zeros(count, np.bool_),
        _no_days(count),
    )


def _no_days(count: int) -> NDArray[np.int32]:
    return np.full(count, NOT_YET, np.int32)


def _last_names(paths: Sequence[str]) -> list[str]:
    return [path.rpartition("/")[2] for path in paths]
