"""What a run leaves behind, as rows: months and years of villages, season days, households, shops.

Rows go to a `Sink` as they come. `Memory`, the usual one, keeps them; sim.results has one that
puts them on disk, so that nothing grows with the years.
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from sim.engine.rows import (
    Columns,
    VillageNumbers,
    household_rows,
    places_of_households,
    season_rows,
    shop_rows,
)
from sim.engine.simulation import Simulation
from sim.errors import ScenarioError
from sim.scenario.fields import listed, nearest
from sim.world.calendar import date_of
from sim.world.records import MONTH_FIELDS, Month
from sim.world.register import Register

__all__ = [
    "TABLES",
    "Columns",
    "Memory",
    "Record",
    "Recorder",
    "Rows",
    "Sink",
    "YearSoFar",
    "chosen_villages",
    "daily",
    "joined",
    "places_of_households",
]

STOCKS = (
    Month.OPEN_SHOPS,
    Month.ACTIVE_STORES,
    Month.STAFF,
    Month.FAMILY_HANDS,
    Month.HIRED_VILLAGERS,
    Month.CASH_YUAN,
    Month.RECEIVABLES_YUAN,
    Month.PIECES_IN_STOCK,
    Month.FRUIT_IN_STOCK_KG,
    Month.WAGE_YUAN_PER_MONTH,
    Month.SELLING_HOUSEHOLDS,
)
"""Fields that a year has as they are at its end; all others are summed over its months."""
_MOST_NAMES_COMPARED = 10_000
"""Up to so many villages, the nearest name is looked for."""


@dataclass(frozen=True)
class Record:
    """What is recorded."""

    seasons: Literal["day", "none"] = "day"
    """Days on which there is fruit or an order for it, by village."""
    households: Literal["year", "none"] | tuple[str, ...] = "year"
    """Every household on 31 December, or those of some villages: their names, or TOWN/NAME."""
    shops: Literal["year", "none"] = "year"
    """Every shop on 31 December."""
    villages: Literal["month", "year", "none"] = "month"
    """Every village by month and by year, by year alone, or not at all."""


class Rows(NamedTuple):
    """Rows of a table, some of whose columns may be the rows of one matrix."""

    columns: Columns
    fields: np.ndarray | None = None
    """(columns, rows)"""
    names: tuple[str, ...] = ()
    """Names of the columns in `fields`."""

    @property
    def bytes(self) -> int:
        """Memory that they take."""
        fields = 0 if self.fields is None else self.fields.nbytes
        return fields + sum(column.nbytes for column in self.columns.values())

    @property
    def named(self) -> Columns:
        """All columns by name."""
        if self.fields is None:
            return dict(self.columns)
        return self.columns | dict(zip(self.names, self.fields, strict=True))


class Sink(Protocol):
    """Takes rows as they come."""

    def take(self, table: str, rows: Rows) -> None:
        """Take further rows of a table."""


class Memory:
    """Keeps all rows."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Rows]] = {}

    def take(self, table: str, rows: Rows) -> None:
        """Take further rows of a table."""
        self._parts.setdefault(table, []).append(rows)

    @property
    def parts(self) -> dict[str, list[Rows]]:
        """What has been taken, by table."""
        return {table: list(parts) for table, parts in self._parts.items()}


def joined(parts: list[Rows]) -> Columns:
    """Return rows that follow each other as one table; no columns if there are none."""
    if not parts:
        return {}
    first = parts[0]
    columns = {
        name: np.concatenate([part.columns[name] for part in parts]) for name in first.columns
    }
    if first.fields is None:
        return columns
    fields = np.concatenate([part.fields for part in parts], axis=1)
    return Rows(columns, fields, first.names).named


TABLES = ("village_months", "village_years", "season_days", "household_years", "shop_years")
"""The tables that are recorded."""


class Recorder:
    """Makes the rows of a run's tables and hands them on.

    Parameters
    ----------
    record : Record
        What to keep.
    register : Register
        The villages.

    Attributes
    ----------
    sink : Sink
        Takes the rows that are to be kept.
    watcher : Sink, optional
        Takes years of villages, season days, and the households of all villages where they are
        kept, whether the first two are to be kept or not.

    Raises
    ------
    ScenarioError
        If households of a village are to be kept that is not there.
    """

    def __init__(self, record: Record, register: Register) -> None:
        self.record = record
        self.sink: Sink = Memory()
        self.watcher: Sink | None = None
        self._chosen = chosen_villages(record, register)
        self._year = YearSoFar()

    def _hand_on(self, table: str, rows: Rows, *, keep: bool, watch: bool = True) -> None:
        if keep:
            self.sink.take(table, rows)
        if watch and self.watcher is not None:
            self.watcher.take(table, rows)

    def close_month(self, simulation: Simulation, first_day: int, observed: Columns) -> None:
        """Keep the month that has just ended; `observed` are further columns by village."""
        state, villages = simulation.state, simulation.state.villages.size
        cost = simulation.terms.levers["policy_cost_yuan"]
        observed = {name: a.copy() for name, a in observed.items()}
        last_day = int(simulation.terms.m["last_day"][0])
        self._year.add(state.month, cost, last_day, observed)
        if self.record.villages == "month":
            month = state.month.T.copy()
            month[Month.POLICY_COST_YUAN] = cost
            names = {"village": np.arange(villages), "day": np.full(villages, first_day)}
            rows = Rows(names | observed, month, MONTH_FIELDS)
            self._hand_on("village_months", rows, keep=True, watch=False)
        self.close_season_days(simulation, first_day)

    def close_season_days(self, simulation: Simulation, first_day: int) -> None:
        """Keep the days of the month so far on which there was fruit or an order for it."""
        is_kept = self.record.seasons == "day"
        if is_kept or self.watcher is not None:
            columns = season_rows(simulation.state, first_day)
            if columns:
                self._hand_on("season_days", Rows(columns), keep=is_kept)

    def close_year(self, simulation: Simulation, last_day: int) -> None:
        """Keep villages, households and shops on 31 December."""
        self.close_villages_year()
        year = date_of(last_day).year
        state = simulation.state
        if self.record.households != "none":
            households = Rows(household_rows(state, year, self._chosen))
            is_all = self._chosen is None
            self._hand_on("household_years", households, keep=True, watch=is_all)
        if self.record.shops == "year":
            self._hand_on("shop_years", Rows(shop_rows(state, year)), keep=True, watch=False)

    def close_villages_year(self) -> None:
        """Keep the year of the villages, or what there is of it at the end of a run."""
        rows = self._year.rows()
        if rows is not None:
            self._hand_on("village_years", rows, keep=self.record.villages != "none")
        self._year = YearSoFar()

    @property
    def tables(self) -> dict[str, Columns]:
        """The tables so far, as far as they are in memory, each a dict of columns."""
        parts = getattr(self.sink, "parts", {})
        rows = self._year.rows()
        if rows is not None and self.record.villages != "none":
            parts["village_years"] = [*parts.get("village_years", []), rows]
        return {table: joined(parts.get(table, [])) for table in TABLES}

    @property
    def year_so_far(self) -> "YearSoFar":
        """What is known of the year that has not ended."""
        return self._year


class YearSoFar:
    """Months of the year that has not ended, added up village by village."""

    def __init__(self) -> None:
        self.months = 0
        self.last_day = -1
        """Last day of the last month [days since 2000-01-01]."""
        self.fields = np.zeros((0, len(Month)))
        """(villages, fields of `Month`)"""
        self.observed: Columns = {}
        """What else is known at the end of the last month."""

    def add(self, month: np.ndarray, cost_yuan: Any, last_day: int, observed: Columns) -> None:
        """Add a month, (villages, fields of `Month`), and the cost of policies by village."""
        if self.months == 0:
            self.fields = month.copy()
        else:
            self.fields += month
            for field in STOCKS:
                self.fields[:, field] = month[:, field]
        self.fields[:, Month.POLICY_COST_YUAN] += cost_yuan
        self.months += 1
        self.last_day = last_day
        self.observed = observed

    def rows(self) -> Rows | None:
        """Return a row for each village, or None if no month of the year has ended."""
        if self.months == 0:
            return None
        villages = self.fields.shape[0]
        columns = {
            "village": np.arange(villages),
            "year": np.full(villages, date_of(self.last_day).year),
            "months": np.full(villages, self.months),
            "last_day": np.full(villages, self.last_day),
        }
        return Rows(columns | self.observed, self.fields.T.copy(), MONTH_FIELDS)


def chosen_villages(record: Record, register: Register) -> VillageNumbers | None:
    """Return the numbers of the villages whose households are kept; None for all of them.

    Raises
    ------
    ScenarioError
        If one is not there, or several are called so.
    """
    if isinstance(record.households, str):
        return None
    return np.array(sorted({_village_number(name, register) for name in record.households}))


def _village_number(given: str, register: Register) -> int:
    if "/" in given:
        ending = f"/{given}"
        found = [v for v, path in enumerate(register.paths()) if f"/{path}".endswith(ending)]
    else:
        found = [v for v, name in enumerate(register.names) if name == given]
    if len(found) == 1:
        return found[0]
    where = "households to record"
    if found:
        allowed = f"the name of one village, such as {register[found[0]].town}/{given}"
        raise ScenarioError(where, "", given, f"{allowed}; {len(found)} villages are called so")
    names = dict.fromkeys(register.names)
    similar = nearest(given, names) if len(names) <= _MOST_NAMES_COMPARED else ""
    raise ScenarioError(where, "", given, f"year, none, or villages: {listed(names)}", similar)


def daily(simulation: Simulation, first: int, last: int) -> tuple[Any, Any]:
    """Return sales and active stores of the days just run, (villages, days)."""
    state, start = simulation.state, simulation.terms.m["first_day"][0]
    days = slice(first - start, last - start + 1)
    return state.day_sales_yuan[:, days], state.day_active_stores[:, days]
