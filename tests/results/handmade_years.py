"""Villages, lists and years of towns made by hand."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from sim.observer import TOWN_YEAR_FIELDS, TownYear, YearlyList
from sim.world.calendar import day_of


def village(name: str, town: str = "Reed", county: str = "Cixi", **more: Any) -> dict[str, Any]:
    place = {"province": "Zhejiang", "prefecture": "Ningbo", "county": county, "town": town}
    size = {"people": 300, "households": 100, "broadband_year": 2005}
    return {"name": name, **place, **size, **more}


def list_of(
    year: int,
    villages: Mapping[int, int],
    lost: Sequence[int] = (),
    strict: Sequence[int] = (),
    towns: Sequence[int] = (),
) -> YearlyList:
    """The list of a year: the year since which each village has been on it without a break."""
    numbers = sorted(villages)
    return YearlyList(
        year,
        day_of(date(year, 6, 30)),
        np.array(numbers, np.int32),
        np.array([1_000_000_000 + number for number in numbers], np.int64),
        np.array([100.0 + number for number in numbers]),
        np.array([day_of(date(villages[number], 6, 30)) for number in numbers], np.int32),
        np.array(lost, np.int32),
        np.array(strict, np.int32),
        np.array(numbers, np.int32),
        np.array(towns, np.int32),
    )


def town_year_of(year: int, towns: int, days: int = 365, **values: list[float]) -> TownYear:
    """A year of towns; what is not said is zero."""
    table = np.zeros((towns, len(TOWN_YEAR_FIELDS)))
    for name, by_town in values.items():
        table[:, TOWN_YEAR_FIELDS.index(name)] = by_town
    return TownYear(year, days, table)
