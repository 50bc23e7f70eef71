"""What is measured in Reed, and how an intervention changes it, seed by seed."""

from collections.abc import Callable
from datetime import date

import numpy as np
from paired_worlds import BEGIN, REED, SEEDS, tables

from sim.engine.recorder import Columns
from sim.world.calendar import day_of

Measure = Callable[[dict[str, Columns]], float]


def changes(
    name: str, measure: Measure, world: str = "busy", without: str = "nothing"
) -> np.ndarray:
    """By how much an intervention changes a measure, for each seed."""
    return np.array(
        [measure(tables(name, s, world)) - measure(tables(without, s, world)) for s in SEEDS]
    )


def total(*fields: str, first: date = BEGIN, last: date = date.max, village: int = REED) -> Measure:
    """Sum of fields of the village's months from one day to another."""

    def measure(of: dict[str, Columns]) -> float:
        months = of["village_months"]
        days = (day_of(first) <= months["day"]) & (months["day"] <= day_of(last))
        rows = days & (months["village"] == village)
        return sum(float(months[field][rows].sum()) for field in fields)

    return measure


def season(*fields: str, year: int = BEGIN.year, village: int = REED) -> Measure:
    """Sum of fields of the days of the village's season in a year."""

    def measure(of: dict[str, Columns]) -> float:
        rows = season_rows(of, year, village)
        return sum(float(of["season_days"][field][rows].sum()) for field in fields)

    return measure


def season_rows(of: dict[str, Columns], year: int, village: int = REED) -> np.ndarray:
    """Which rows of the season's days are of a village and a year."""
    days = of["season_days"]
    first, last = day_of(date(year, 1, 1)), day_of(date(year, 12, 31))
    return (days["village"] == village) & (first <= days["day"]) & (days["day"] <= last)


def ratio(above: Measure, below: Measure) -> Measure:
    """One measure over another."""
    return lambda of: above(of) / below(of)
