"""The core as this project builds things: tables of rows, villages side by side in threads."""

from functools import cache
from itertools import accumulate
from math import nan
from typing import Any, NamedTuple

import numpy as np

from benchmarks.peers.ours_month import populate, run_month
from benchmarks.peers.outcome import MONTH_FIELDS, Outcome
from benchmarks.peers.settings import (
    ACCOUNTING_YEAR,
    MONTH_DAYS,
    VILLAGE_HOUSEHOLDS,
    Settings,
)
from sim.engine.terms import as_table
from sim.engine.threads import for_villages
from sim.world.columns import KINDS, OPERATOR, Column
from sim.world.draws import village_key

FIRST_DAY = 5479
"""1 January 2015 [days since 2000-01-01]."""

HOUSEHOLDS = (
    Column("cash_yuan", "f8", "yuan", "money at hand", 0, "books"),
    Column("income_month_yuan", "f8", "yuan", "income of the month so far", 0, "books"),
    Column("income_year_yuan", "f8", "yuan", "income of the last year so far", 0, "books"),
    Column(
        "observed_profit_yuan", "f8", "yuan/month", "what others see; nan none", nan, "accounts"
    ),
    Column("knowledge", "f8", "0-1", "knowledge of e-commerce", 0, "setup"),
    Column("shops", "i1", "shops", "open shops", 0, "closing, opening"),
    Column("shops_ever", "i2", "shops", "shops opened so far", 0, "opening"),
)
SHOPS = (
    Column("owner", "i4", "row", "household that owns the shop", -1, "opening"),
    Column("ordinal", "i2", "count", "shops the household had opened before", 0, "opening"),
    Column("months_below", "i2", "months", "bad months in a row", 0, "accounts"),
    Column("orders_per_day", "f8", "orders/day", "mean", 0, "opening"),
    Column("month_orders", "f8", "orders", "orders of the month so far", 0, "trade"),
)
VILLAGES = (
    Column("key", "i8", "hash", "place in the space of draws", 0, "setup"),
    Column("first_household", "i8", "row", "first row in households and shops", 0, "setup"),
    Column("kind_count", "i4", "households", "households by kind", 0, "setup", KINDS),
    Column("open_shops", "i4", "shops", "open shops", 0, "closing, opening"),
    Column("seen_shops", "i4", "shops", "published: shops open at the month's end", 0, "accounts"),
)
MONTH = np.dtype([("first_day", "i8"), ("days", "i8"), ("in_last_year", "?")])
RECORD = np.dtype([(field, "f8") for field in MONTH_FIELDS], align=True)


class State(NamedTuple):
    """Everything that changes."""

    households: np.ndarray
    shops: np.ndarray
    villages: np.ndarray
    month: np.ndarray
    """Month so far, by village (`RECORD`)."""
    day_orders: np.ndarray
    """Orders by day of the month, (villages, 31)."""


class Terms(NamedTuple):
    """What a month is computed from."""

    seed: int
    b: np.ndarray
    """Parameters, one row."""
    m: np.ndarray
    """The month, one row."""


class Behaviour(NamedTuple):
    """What the project's rules read besides the core's settings; each has no effect in the core."""

    learning_village: float = 0.0
    learning_village_shops: float = 1.0
    learning_nearby: float = 0.0
    learning_own: float = 0.0
    open_schooling: float = 0.0
    open_age: float = 0.0
    open_city: float = 0.0
    open_producer: float = 0.0
    open_away: float = 0.0
    open_span: float = 0.0
    attraction_rating: float = 0.0
    rating_start: float = 4.5
    attraction_freshness: float = 0.0
    attraction_brand: float = 0.0
    means_months: float = 1e9
    close_probability: float = 1.0


@cache
def _row_type(columns: tuple[Column, ...]) -> np.dtype[np.void]:
    """Return the type of a row, always the same object (see `sim.world.columns.row_type`)."""
    fields: list[Any] = [
        (c.name, c.dtype, (c.width,)) if c.width > 1 else (c.name, c.dtype) for c in columns
    ]
    return np.dtype(fields, align=True)


def _table(columns: tuple[Column, ...], rows: int) -> np.ndarray:
    made = np.zeros(rows, _row_type(columns))
    for column in columns:
        if column.initial != 0:
            made[column.name] = column.initial
    return made


def _first_state(households: int) -> State:
    """Lay out villages of `VILLAGE_HOUSEHOLDS` each; the last one may be smaller."""
    starts = np.arange(0, households, VILLAGE_HOUSEHOLDS)
    villages = _table(VILLAGES, starts.size)
    villages["key"] = [village_key(f"village {v}") for v in range(starts.size)]
    villages["first_household"] = starts
    villages["kind_count"][:, OPERATOR] = np.minimum(VILLAGE_HOUSEHOLDS, households - starts)
    return State(
        _table(HOUSEHOLDS, households),
        _table(SHOPS, households),
        villages,
        np.zeros(starts.size, RECORD),
        np.zeros((starts.size, max(MONTH_DAYS))),
    )


def _terms(seed: int, settings: Settings) -> Terms:
    fields = settings._asdict() | Behaviour()._asdict()
    b = as_table(NamedTuple("Parameters", [(name, float) for name in fields])(**fields))
    return Terms(seed, b, np.zeros(1, MONTH))


def run(
    households: int,
    seed: int,
    months: int = len(MONTH_DAYS),
    settings: Settings | None = None,
    threads: int = 1,
) -> Outcome:
    """Run the core."""
    s, t = _first_state(households), _terms(seed, settings or Settings())
    villages = s.villages.size
    for_villages(populate, villages, threads, s, t)
    first_cash = float(np.sum(s.households["cash_yuan"]))
    first_days = list(accumulate(MONTH_DAYS, initial=FIRST_DAY))
    record, day_orders = [], []
    for month in range(months):
        days = MONTH_DAYS[month]
        t.m[0] = (first_days[month], days, month >= months - ACCOUNTING_YEAR)
        s.month[:] = 0.0
        for_villages(run_month, villages, threads, s, t)
        record.append([s.month[field].sum() for field in MONTH_FIELDS])
        day_orders += s.day_orders[:, :days].sum(axis=0).tolist()
    is_open = np.arange(households) - np.repeat(
        s.villages["first_household"], s.villages["kind_count"][:, OPERATOR]
    ) < np.repeat(s.villages["open_shops"], s.villages["kind_count"][:, OPERATOR])
    return Outcome(
        np.array(record),
        np.array(day_orders),
        s.households["income_year_yuan"].copy(),
        s.households["cash_yuan"].copy(),
        s.shops["month_orders"][is_open],
        first_cash,
    )
