from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pytest
from handmade_months import YEAR, years_of
from handmade_years import list_of, town_year_of, village

from sim.observer import TownYear, YearlyList
from sim.results import RunRecord
from sim.scenario import Scenario, register_of
from sim.world.calendar import day_of
from sim.world.records import MONTH_FIELDS, SEASON_FIELDS

MONTHS = ("village", "day", *MONTH_FIELDS, "trailing_sales_yuan", "designated", "listed")
SEASONS = ("village", "day", "good", *SEASON_FIELDS)
HOUSEHOLDS = (
    "village", "year", "kind", "number", "members", "age_years", "schooling_years", "knowledge",
    "trained", "away", "present", "slot", "shops", "sales_yuan", "cash_yuan", "shop_profit_yuan",
    "wages_yuan", "offline_yuan", "online_yuan",
)  # fmt: skip
SHOPS = (
    "village", "year", "owner_kind", "owner_number", "ordinal", "good", "opened_day",
    "sales_yuan", "profit_yuan", "orders_shipped", "rating", "staff", "hands", "channels",
    "price_yuan",
)  # fmt: skip
TABLES = {
    "months": ("village_months", MONTHS),
    "seasons": ("season_days", SEASONS),
    "households": ("household_years", HOUSEHOLDS),
    "shops": ("shop_years", SHOPS),
}
FLAGS = {"designated", "listed", "trained", "away", "present"}

Rows = list[dict[str, Any]]
MakeRecord = Callable[..., RunRecord]


class HandmadeEvent(NamedTuple):
    day: int
    kind: str
    village: int
    text: str


def columns(names: tuple[str, ...], rows: Rows) -> dict[str, np.ndarray]:
    """A table as the recorder makes it: what a row does not say is zero."""
    if not rows:
        return {}
    assert {key for row in rows for key in row} <= set(names)
    return {
        name: np.array([row.get(name, 0) for row in rows], dtype=bool if name in FLAGS else None)
        for name in names
    }


FARMERS = {"households": 20, "crop": "bayberry", "orchard_mu_mean": 5}
MAKERS = {"households": 10, "product": "furniture", "capacity_pieces_per_month_mean": 900}


@pytest.fixture
def make_record() -> MakeRecord:
    """Makes a finished run of 2018 and 2019 by hand, out of rows."""

    def make(
        villages: Rows | None = None,
        end: date = date(2019, 12, 31),
        events: Sequence[tuple[date, str, int, str]] = (),
        days: Mapping[str, list[int]] | None = None,
        lists: Sequence[YearlyList] = (),
        town_years: Sequence[TownYear] = (),
        **tables: Rows,
    ) -> RunRecord:
        entries = villages or [
            village("Alder", farmers=FARMERS, manufacturers=MAKERS, within_reach=["clothing"]),
            village("Birch", town="Willow", farmers=FARMERS),
        ]
        scenario = Scenario.model_validate(
            {
                "name": "handmade",
                "start": "2018-01-01",
                "end": "2019-12-31",
                "seed": 7,
                "villages": entries,
            }
        )
        register = register_of(scenario)
        never = [-1] * len(register)
        return RunRecord(
            scenario=scenario,
            seed=7,
            end=end,
            villages=register,
            tables={
                recorded: columns(names, tables.get(short, []))
                for short, (recorded, names) in TABLES.items()
            }
            | {"village_years": columns((*MONTHS, *YEAR), years_of(tables.get("months", [])))},
            events=[HandmadeEvent(day_of(day), *rest) for day, *rest in events],
            designations={
                name: np.array((days or {}).get(name, never))
                for name in ("crossed_day", "listed_day", "lost_day")
            },
            lists=lists,
            town_years=town_years,
        )

    return make


@pytest.fixture
def month() -> Callable[..., dict[str, Any]]:
    """Makes the row of a month."""

    def make(year: int, number: int, village: int = 0, **fields: Any) -> dict[str, Any]:
        return {"day": day_of(date(year, number, 1)), "village": village, **fields}

    return make


@pytest.fixture
def rich_record(make_record: MakeRecord, month: Callable[..., dict[str, Any]]) -> RunRecord:
    """A run with something in every table."""
    day = day_of(date(2019, 6, 10))
    return make_record(
        months=[
            month(2018, 12, online_sales_yuan=10.0, orders_shipped=1.0),
            month(2018, 12, 1),
            month(2019, 12, online_sales_yuan=250.5, orders_shipped=3.0, active_stores=2.0),
            month(2019, 12, 1, designated=True, listed=True),
        ],
        seasons=[
            {"village": 1, "day": day, "good": 0, "picked_kg": 90.0, "online_own_kg": 2.0},
            {"village": 1, "day": day + 1, "good": 0, "picked_kg": 10.0},
        ],
        households=[
            {"village": 0, "year": 2019, "kind": 0, "members": 3, "offline_yuan": 900.0},
            {
                "village": 0, "year": 2019, "kind": 2, "number": 5, "members": 2, "slot": 2,
                "shops": 1, "wages_yuan": 40.0, "shop_profit_yuan": 60.0, "trained": True,
            },
            {"village": 1, "year": 2019, "kind": 2, "number": 1, "members": 2, "slot": -1},
        ],
        shops=[
            {
                "village": 0, "year": 2019, "owner_kind": 2, "owner_number": 5, "good": 4,
                "opened_day": day_of(date(2018, 3, 1)), "channels": 0b0101, "rating": 4.5,
            },
        ],
        events=[
            (date(2018, 3, 4), "first_store", 0, "Alder: first order of a store"),
            (date(2019, 1, 1), "policy", -1, "hub begins"),
        ],
        lists=[list_of(2019, {1: 2019})],
        town_years=[town_year_of(2019, 2, online_sales_yuan=[250.5, 0.0])],
    )  # fmt: skip
