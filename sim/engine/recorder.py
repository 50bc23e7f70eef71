"""What a run leaves behind, as columns: months of villages, season days, years of households."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sim.engine.simulation import Simulation
from sim.world.calendar import date_of
from sim.world.columns import CROP_SLOT, KINDS, State
from sim.world.records import MONTH_FIELDS, SEASON_FIELDS, Month, Season

Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class Record:
    """What is recorded. Villages by month are always kept."""

    seasons: Literal["day", "none"] = "day"
    """Days on which there is fruit or an order for it, by village."""
    households: Literal["year", "none"] = "year"
    """Every household on 31 December."""
    shops: Literal["year", "none"] = "year"
    """Every shop on 31 December."""


def _joined(parts: list[Columns]) -> Columns:
    if not parts:
        return {}
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


class Recorder:
    """Collects the tables of one run.

    Parameters
    ----------
    record : Record
        What to keep.
    """

    def __init__(self, record: Record) -> None:
        self.record = record
        self._months: list[np.ndarray] = []
        self._observed: list[Columns] = []
        self._season_days: list[Columns] = []
        self._household_years: list[Columns] = []
        self._shop_years: list[Columns] = []

    def close_month(self, simulation: Simulation, first_day: int, observed: Columns) -> None:
        """Keep the month that has just ended; `observed` are further columns by village."""
        state, villages = simulation.state, simulation.state.villages.size
        month = state.month.T.copy()
        month[Month.POLICY_COST_YUAN] = simulation.terms.levers["policy_cost_yuan"]
        self._months.append(month)
        names = {"village": np.arange(villages), "day": np.full(villages, first_day)}
        self._observed.append(names | {name: a.copy() for name, a in observed.items()})
        self.close_season_days(simulation, first_day)

    def close_season_days(self, simulation: Simulation, first_day: int) -> None:
        """Keep the days of the month so far on which there was fruit or an order for it."""
        if self.record.seasons == "none":
            return
        days = simulation.state.season_day
        if not days.any():  # most months of the year
            return
        # The price alone, the one field that is never zero, makes no day of the season.
        counted = np.delete(days, Season.WHOLESALE_YUAN_PER_KG, axis=2)
        row, place = np.nonzero(counted.any(axis=2))
        if row.size == 0:
            return
        village = np.flatnonzero(simulation.state.villages["season_row"] >= 0)[row]
        columns: Columns = {
            "village": village,
            "day": first_day + place,
            "good": simulation.state.villages["good_of_slot"][village, CROP_SLOT],
        }
        columns |= {name: days[row, place, field] for field, name in enumerate(SEASON_FIELDS)}
        self._season_days.append(columns)

    def close_year(self, simulation: Simulation, last_day: int) -> None:
        """Keep households and shops on 31 December."""
        year = date_of(last_day).year
        state = simulation.state
        if self.record.households == "year":
            self._household_years.append(_household_rows(state, year))
        if self.record.shops == "year":
            self._shop_years.append(_shop_rows(state, year))

    @property
    def tables(self) -> dict[str, Columns]:
        """The tables so far, each a dict of columns."""
        return {
            "village_months": self._village_months(),
            "season_days": _joined(self._season_days),
            "household_years": _joined(self._household_years),
            "shop_years": _joined(self._shop_years),
        }

    def _village_months(self) -> Columns:
        if not self._months:
            return {}
        observed = _joined(self._observed)
        fields = np.concatenate(self._months, axis=1)
        columns = {name: observed.pop(name) for name in ("village", "day")}
        columns |= {name: fields[place] for place, name in enumerate(MONTH_FIELDS)}
        return columns | observed


def places_of_households(state: State) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return village, kind and number of every row of the table of households."""
    counts = state.villages["kind_count"]
    blocks = counts.ravel()
    block = np.repeat(np.arange(blocks.size), blocks)
    starts = np.cumsum(blocks) - blocks
    return block // KINDS, block % KINDS, np.arange(block.size) - starts[block]


def _household_rows(state: State, year: int) -> Columns:
    h = state.households
    village, kind, number = places_of_households(state)
    columns: Columns = {
        "village": village,
        "year": np.full(h.size, year),
        "kind": kind,
        "number": number,
    }
    for name in (
        "members",
        "age_years",
        "schooling_years",
        "knowledge",
        "trained",
        "away",
        "present",
        "slot",
        "shops",
        "cash_yuan",
        "shop_profit_yuan",
        "wages_yuan",
    ):
        columns[name] = h[name].copy()
    columns["sales_yuan"] = _sales_by_owner(state)
    producer = np.flatnonzero(kind < 2)
    for name in ("offline_yuan", "online_yuan"):
        columns[name] = np.zeros(h.size)
        columns[name][producer] = state.producers[name]
    return {name: column[columns["present"]] for name, column in columns.items()}


def _open_shop_rows(state: State) -> tuple[np.ndarray, np.ndarray]:
    """Return the village and row of every open shop."""
    villages = state.villages
    village = np.repeat(np.arange(villages.size), villages["open_shops"])
    ends = np.cumsum(villages["open_shops"])
    place = np.arange(village.size) - np.repeat(
        ends - villages["open_shops"], villages["open_shops"]
    )
    return village, villages["first_shop"][village] + place


def _sales_by_owner(state: State) -> np.ndarray:
    _, rows = _open_shop_rows(state)
    sales = np.zeros(state.households.size)
    np.add.at(sales, state.shops["owner"][rows], state.shops["sales_ring_yuan"][rows].sum(axis=1))
    return sales


def _shop_rows(state: State, year: int) -> Columns:
    village, rows = _open_shop_rows(state)
    shops = state.shops[rows]
    _, kind, number = places_of_households(state)
    columns: Columns = {
        "village": village,
        "year": np.full(rows.size, year),
        "owner_kind": kind[shops["owner"]],
        "owner_number": number[shops["owner"]],
    }
    for name in (
        "ordinal",
        "good",
        "opened_day",
        "channels",
        "orders_shipped",
        "rating",
        "staff",
        "hands",
        "price_yuan",
    ):
        columns[name] = shops[name].copy()
    columns["sales_yuan"] = shops["sales_ring_yuan"].sum(axis=1)
    columns["profit_yuan"] = shops["profit_ring_yuan"].sum(axis=1)
    return columns


def daily(simulation: Simulation, first: int, last: int) -> tuple[Any, Any]:
    """Return sales and active stores of the days just run, (villages, days)."""
    state, start = simulation.state, simulation.terms.m["first_day"][0]
    days = slice(first - start, last - start + 1)
    return state.day_sales_yuan[:, days], state.day_active_stores[:, days]
