"""From a scenario to the first state: villages laid out as rows, households drawn."""

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.shops import first_table
from sim.engine.threads import for_villages
from sim.world.calendar import day_of
from sim.world.columns import CROP_SLOT, State, allocate
from sim.world.draws import village_key
from sim.world.population import VillageMeans, populate
from sim.world.records import DAYS_OF_MONTH, Month, Season
from sim.world.register import Register


def _starts(counts: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)[:-1]])


def lay_out_villages(register: Register) -> Any:
    """Return the table of villages with the rows that each takes in the other tables."""
    villages = allocate("villages", len(register))
    zone_keys = np.array([village_key(path) for path in register.county_paths])
    villages["key"] = [village_key(path) for path in register.paths()]
    villages["zone_key"] = zone_keys[register.county]
    villages["county"] = register.county
    villages["town"] = register.town
    villages["kind_count"] = register.kind_count
    villages["good_of_slot"] = register.goods
    villages["outside_km"] = register.outside_km
    villages["income_index"] = register.income_index
    villages["internet_ratio"] = register.internet_ratio
    villages["trade_tradition"] = register.trade_tradition
    villages["broadband_day"] = broadband_days(register)
    has_crop = villages["good_of_slot"][:, CROP_SLOT] >= 0
    villages["season_row"] = np.where(has_crop, np.cumsum(has_crop) - 1, -1)
    villages["first_household"] = _starts(villages["kind_count"].sum(axis=1))
    villages["first_producer"] = _starts(villages["kind_count"][:, :2].sum(axis=1))
    return villages


def broadband_days(register: Register) -> NDArray[np.int64]:
    """Return the first day with broadband of each village, before any policy."""
    years = np.unique(register.broadband_year)
    days = np.array([day_of(date(int(year), 1, 1)) for year in years], np.int64)
    return days[np.searchsorted(years, register.broadband_year)]


def first_state(
    register: Register,
    seed: int,
    income_yuan_per_head: float,
    b: Any,
    goods: Any,
    threads: int = 1,
) -> State:
    """Return the state on the first morning: everyone lives there, no shop is open.

    Parameters
    ----------
    register : Register
        The villages.
    seed : int
        Seed of all draws.
    income_yuan_per_head : float
        Rural income per head of Zhejiang in the first month [yuan/month].
    b, goods
        Behaviour and goods.
    threads : int
        Threads that draw villages side by side.
    """
    villages = lay_out_villages(register)
    households = allocate("households", int(villages["kind_count"].sum()))
    producers = allocate("producers", int(villages["kind_count"][:, :2].sum()))
    means = VillageMeans(
        register.orchard_mu_mean,
        register.capacity_pieces_per_month_mean,
        income_yuan_per_head * villages["income_index"],
    )
    drawn = (seed, means, households, producers, villages, b, goods)
    for_villages(populate, len(register), threads, *drawn)
    rows = len(register)
    return State(
        households,
        producers,
        first_table(households.size),
        villages,
        np.zeros((rows, len(Month))),
        np.zeros((int(villages["season_row"].max(initial=-1)) + 1, DAYS_OF_MONTH, len(Season))),
        np.zeros((rows, DAYS_OF_MONTH)),
        np.zeros((rows, DAYS_OF_MONTH)),
    )
