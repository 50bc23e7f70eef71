"""One world of the page: a model, and what charts and tables ask of it."""

import datetime as dt
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.app.chronicle import Chronicle
from sim.engine.rows import season_rows
from sim.errors import ScenarioError
from sim.experiments.run import RunOptions, month_ends, record_of_task
from sim.model import CommerceModel
from sim.scenario import Scenario, register_of
from sim.world.calendar import date_of, day_of
from sim.world.columns import KINDS
from sim.world.records import Month

MOST_HOUSEHOLDS: Final = 1_000_000
"""Households of a world that is shown; larger ones are for the shell."""


class Months(NamedTuple):
    """The complete months of a village, and the one in progress as its last entry."""

    day: NDArray[np.int64]
    """Last day of each month that has been run [days since 2000-01-01]."""
    sales_yuan: NDArray[np.float64]
    """Online sales of the trailing days [yuan]."""
    stores: NDArray[np.float64]
    """Active stores."""


class Household(NamedTuple):
    """What the table tells of one household."""

    row: int
    kind: int
    number: int
    slot: int
    shops: int
    sales_yuan: float
    """Sales of its open shops over the last twelve complete months [yuan]."""
    cash_yuan: float


class World:
    """A model of a scenario, carried on by days and months.

    Parameters
    ----------
    scenario : Scenario
        What is simulated.
    until : dt.date, optional
        Last day to run at once.

    Raises
    ------
    ScenarioError
        If the world is too large to be watched.
    """

    def __init__(self, scenario: Scenario, until: dt.date | None = None) -> None:
        check_size(scenario)
        record = record_of_task(scenario, RunOptions())
        self.scenario = scenario
        self.model = CommerceModel(scenario, record=record, collect=False)
        self.chronicle = Chronicle(self.model.simulation.state)
        self._noted_month = -1
        if until is not None:
            self.advance(until)

    # --- time

    @property
    def date(self) -> dt.date:
        """The next day to run."""
        return self.model.date

    @property
    def last_date(self) -> dt.date:
        """The last day that was run; the day before the start if none was."""
        return self.model.date - dt.timedelta(days=1)

    @property
    def is_over(self) -> bool:
        """Whether the last day of the scenario has been run."""
        return self.model.simulation.is_over

    def advance(self, last: dt.date) -> None:
        """Run to the end of a date, at most to that of the scenario."""
        last = min(last, self.scenario.end)
        for end in month_ends(self.date, last):
            self.model.run_until(end)
            self._note(end)

    def _note(self, end: dt.date) -> None:
        """Note once a month what has happened on its first day."""
        month = end.year * 12 + end.month
        if month != self._noted_month:
            self._noted_month = month
            self.chronicle.observe(self.model.simulation.state, day_of(end.replace(day=1)))

    # --- villages

    def months(self, village: int) -> Months:
        """Return sales and stores of a village month by month."""
        rows = self.model.recorder.sink.parts.get("village_months", [])  # type: ignore[attr-defined]
        fields = self._fields(village, (Month.ACTIVE_STORES,))
        day = [int(part.columns["day"][0]) for part in rows]
        ends = [*day[1:], self._next_month_day(day)] if day else []
        sales = [float(part.columns["trailing_sales_yuan"][village]) for part in rows]
        stores = fields[:, 0].tolist()
        if self.date > self.scenario.start and self.date.day != 1:
            ends.append(self.model.simulation.day)
            sales.append(float(self.model.observer.trailing_fen[village] / 100.0))
            stores.append(float(self.model.observer.active_stores[village]))
        return Months(np.array(ends, np.int64) - 1, np.array(sales), np.array(stores))

    def _next_month_day(self, first_days: list[int]) -> int:
        last = date_of(first_days[-1])
        return day_of((last.replace(day=28) + dt.timedelta(days=4)).replace(day=1))

    def _fields(self, village: int, fields: tuple[Month, ...]) -> NDArray[np.float64]:
        """Return fields of the complete months of a village, (months, fields)."""
        parts = self.model.recorder.sink.parts.get("village_months", [])  # type: ignore[attr-defined]
        found = [[part.fields[field, village] for field in fields] for part in parts]
        return np.array(found, np.float64).reshape(len(parts), len(fields))

    def sum_of(self, village: int, field: Month) -> float:
        """Return what a field of a village came to over all complete months."""
        return float(self._fields(village, (field,)).sum())

    def sums_by_year(self, village: int, fields: tuple[Month, ...]) -> dict[int, NDArray[Any]]:
        """Return the sums of fields of a village over the complete months of each year."""
        parts = self.model.recorder.sink.parts.get("village_months", [])  # type: ignore[attr-defined]
        values = self._fields(village, fields)
        years: dict[int, NDArray[Any]] = {}
        for part, row in zip(parts, values, strict=True):
            year = date_of(int(part.columns["day"][0])).year
            years[year] = years.get(year, np.zeros(len(fields))) + row
        return years

    def season(self, village: int) -> dict[str, NDArray[Any]]:
        """Return the days of the latest season of a village's crop, by column; none: empty."""
        parts = list(self.model.recorder.sink.parts.get("season_days", []))  # type: ignore[attr-defined]
        columns = [part.columns for part in parts[-14:]]
        if self.date.day != 1:
            now = season_rows(self.model.simulation.state, day_of(self.last_date.replace(day=1)))
            columns += [now] if now else []
        own = [_of_village(part, village) for part in columns]
        own = [part for part in own if part["day"].size]
        if not own:
            return {}
        whole = {name: np.concatenate([part[name] for part in own]) for name in own[0]}
        latest = date_of(int(whole["day"][-1])).year
        first = day_of(dt.date(latest, 1, 1))
        return {name: values[whole["day"] >= first] for name, values in whole.items()}

    def shop_sales_yuan(self, village: int) -> NDArray[np.float64]:
        """Return the sales of a village's open shops over twelve months [yuan]."""
        rows = self._shop_rows(village)
        return np.asarray(self.model.simulation.state.shops["sales_ring_yuan"][rows].sum(axis=1))

    def _shop_rows(self, village: int) -> NDArray[np.int64]:
        row = self.model.simulation.state.villages[village]
        return int(row["first_shop"]) + np.arange(int(row["open_shops"]))

    # --- households

    def household_rows(self, village: int) -> slice:
        """Return the rows of a village in the table of households."""
        villages = self.model.simulation.state.villages
        first = int(villages["first_household"][village])
        return slice(first, first + int(villages["kind_count"][village].sum()))

    def kinds_and_numbers(self, village: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the kind of each household of a village, and its number among them."""
        counts = self.model.simulation.state.villages["kind_count"][village]
        kind = np.repeat(np.arange(KINDS), counts)
        number = np.concatenate([np.arange(count) for count in counts])
        return kind, number

    def goods_sold(self, village: int) -> NDArray[np.int64]:
        """Return the good that each household of a village sells; -1 if it has no shop."""
        state = self.model.simulation.state
        rows = self.household_rows(village)
        slot = state.households["slot"][rows].astype(np.int64)
        good = state.villages["good_of_slot"][village][np.maximum(slot, 0)].astype(np.int64)
        return np.where((state.households["shops"][rows] > 0) & (slot >= 0), good, -1)

    def household_sales_yuan(self, village: int) -> NDArray[np.float64]:
        """Return the sales of each household of a village over twelve months [yuan]."""
        state = self.model.simulation.state
        rows, shops = self.household_rows(village), self._shop_rows(village)
        sales = np.zeros(rows.stop - rows.start)
        owners = state.shops["owner"][shops] - rows.start
        np.add.at(sales, owners, state.shops["sales_ring_yuan"][shops].sum(axis=1))
        return sales

    def first_opening(self, village: int) -> NDArray[np.int64]:
        """Return the day on which each household opened the first of its shops; -1 without one."""
        state = self.model.simulation.state
        rows, shops = self.household_rows(village), self._shop_rows(village)
        days = np.full(rows.stop - rows.start, np.iinfo(np.int64).max)
        owners = state.shops["owner"][shops] - rows.start
        np.minimum.at(days, owners, state.shops["opened_day"][shops].astype(np.int64))
        return np.where(days == np.iinfo(np.int64).max, -1, days)


def check_size(scenario: Scenario) -> None:
    """Refuse a world that is too large to be watched.

    Raises
    ------
    ScenarioError
        If it has too many households.
    """
    households = int(register_of(scenario).households.sum())
    if households > MOST_HOUSEHOLDS:
        allowed = (
            f"at most {MOST_HOUSEHOLDS:,} households on the page; larger worlds are compared "
            "by villagesim compare"
        )
        raise ScenarioError(scenario.name, "households", households, allowed)


def _of_village(columns: dict[str, NDArray[Any]], village: int) -> dict[str, NDArray[Any]]:
    rows = columns["village"] == village
    return {name: values[rows] for name, values in columns.items()}
