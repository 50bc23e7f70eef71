"""Places year by year, and the lists: sums over villages, towns, counties, prefectures, provinces.

What is summed up is known by town; a place above is the sum of its towns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.observer import (
    CLUSTER_SIZES,
    FEN_PER_YUAN,
    TOWN_YEAR_FIELDS,
    VILLAGES_OF_A_TOWN,
    TownYear,
    YearlyList,
    cluster_ranks,
)
from sim.results.accounting import workers_caused_by_orders
from sim.results.region_fields import COUNTED, COUNTIES, LEVELS, SIZED
from sim.world.register import Register

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class _Level:
    """The places of a level."""

    name: str
    of_town: NDArray[np.int32]
    """Place of each town, (towns,)."""
    of_county: NDArray[np.int32]
    """Place of each county, (counties,)."""
    paths: Sequence[str]

    def sums(self, by_town: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return by place what is given by town, (towns, columns)."""
        return _sums(self.of_town, by_town, len(self.paths))

    def county_sums(self, by_county: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return by place what is given by county, (counties, columns)."""
        return _sums(self.of_county, by_county, len(self.paths))


def region_columns(
    register: Register, town_years: Sequence[TownYear], lists: Sequence[YearlyList]
) -> Columns:
    """Return what every place had in every year, a row for each.

    Parameters
    ----------
    register : Register
        The villages.
    town_years : sequence of TownYear
        The years of which a month was recorded.
    lists : sequence of YearlyList
        The lists. A year without one has nan in the columns that tell of it.

    Returns
    -------
    dict of str to array
        ``year``, ``level`` (place in `LEVELS`), ``path`` (of the place, from its province down),
        ``villages``, ``households``; of the year or its end, `TOWN_YEAR_FIELDS`,
        ``jobs_in_stores`` and ``jobs_with_makers_and_carriers``; on the day of the list, `COUNTED`,
        `SIZED` and `COUNTIES` (nan for towns).
    """
    if not town_years:
        return {}
    counts = {of_list.year: found for of_list, found in _list_counts(register, lists)}
    standing = np.column_stack(
        [
            _counted(register.town, len(register.town_paths)),
            np.bincount(register.town, register.households, len(register.town_paths)),
        ]
    )
    levels = _levels(register)
    parts = []
    for year in town_years:
        listed = counts.get(year.year)
        parts += [_rows(level, year, standing, listed) for level in levels]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def list_columns(register: Register, lists: Sequence[YearlyList]) -> Columns:
    """Return the lists, a row for each village and year.

    Parameters
    ----------
    register : Register
        The villages.
    lists : sequence of YearlyList
        The lists.

    Returns
    -------
    dict of str to array
        ``year``, ``day`` of the list, ``village``, ``households``, ``trailing_sales_yuan`` and
        ``active_stores`` on that day, ``since_day`` (of the first list of those without a break),
        ``new`` (not on the list before), ``strict`` and ``published`` (whether each rule holds).
    """
    if not any(each.villages.size for each in lists):
        return {}
    parts: list[Columns] = [
        {
            "year": np.full(each.villages.size, each.year),
            "day": np.full(each.villages.size, each.day),
            "village": each.villages,
            "households": register.households[each.villages],
            "trailing_sales_yuan": each.sales_fen / FEN_PER_YUAN,
            "active_stores": each.stores,
            "since_day": each.since_day,
            "new": each.since_day == each.day,
            "strict": np.isin(each.villages, each.strict),
            "published": np.isin(each.villages, each.published),
        }
        for each in lists
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _levels(register: Register) -> list[_Level]:
    towns, counties = register.town_paths, register.county_paths
    levels = []
    for depth, name in enumerate(LEVELS):
        above = ["/".join(path.split("/")[:depth]) for path in towns]
        paths = sorted(set(above))
        place = {path: number for number, path in enumerate(paths)}
        of_town = np.array([place[path] for path in above], np.int32)
        of_county = np.zeros(len(counties), np.int32)
        of_county[register.county_of_town] = of_town
        levels.append(_Level(name, of_town, of_county, paths))
    return levels


def _rows(
    level: _Level,
    year: TownYear,
    standing: NDArray[np.float64],
    listed: tuple[NDArray[np.float64], NDArray[np.float64]] | None,
) -> Columns:
    places = len(level.paths)
    found: Columns = {
        "year": np.full(places, year.year, np.int32),
        "level": np.full(places, LEVELS.index(level.name), np.int32),
        "path": np.array(level.paths, dtype=object),
    }
    names = ("villages", "households", *TOWN_YEAR_FIELDS)
    sums = level.sums(np.column_stack([standing, year.values]))
    values = {name: sums[:, place] for place, name in enumerate(names)}
    jobs = values.pop("staff") + values.pop("family_hands")
    share = year.days / (date(year.year + 1, 1, 1) - date(year.year, 1, 1)).days
    caused = workers_caused_by_orders(values.pop("pieces_shipped"), values["orders_shipped"], share)
    found |= values | {"jobs_in_stores": jobs, "jobs_with_makers_and_carriers": jobs + caused}
    nothing = np.full((places, len(COUNTED) + len(SIZED) + len(COUNTIES)), np.nan)
    if listed is not None:
        by_town, by_county = listed
        nothing[:, : by_town.shape[1]] = level.sums(by_town)
        if level.name != "town":
            nothing[:, by_town.shape[1] :] = level.county_sums(by_county)
    named = enumerate((*COUNTED, *SIZED, *COUNTIES))
    return found | {name: nothing[:, place] for place, name in named}


def _list_counts(
    register: Register, lists: Sequence[YearlyList]
) -> Iterator[tuple[YearlyList, tuple[NDArray[np.float64], NDArray[np.float64]]]]:
    """Give each list with its counts by town, and those of its counties."""
    town, towns = register.town, len(register.town_paths)
    before = np.zeros(towns)
    for each in lists:
        new = each.villages[each.since_day == each.day]
        listed, came = _counted(town[each.villages], towns), _counted(town[new], towns)
        had_one = _of_county(register, before) > 0
        columns = [
            listed,
            _counted(town[each.strict], towns),
            _counted(town[each.published], towns),
            came,
            _counted(town[each.lost], towns),
            came * had_one[register.county_of_town],
            came * (before > 0),
            _counted(each.towns, towns),
            (listed >= VILLAGES_OF_A_TOWN).astype(np.float64),
            np.bincount(town[each.villages], each.sales_fen / FEN_PER_YUAN, towns),
            np.bincount(town[each.villages], each.stores, towns),
        ]
        yield each, (np.column_stack(columns), _county_counts(_of_county(register, listed)))
        before = listed


def _county_counts(listed: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `COUNTIES` of every county by its number of listed villages."""
    rank = cluster_ranks(listed)
    sizes = [rank > place for place in range(len(CLUSTER_SIZES))]
    return np.column_stack([listed > 0, listed == 1, *sizes, *(size * listed for size in sizes)])


def _of_county(register: Register, by_town: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.bincount(register.county_of_town, by_town, len(register.county_paths))


def _counted(places: NDArray[np.int32], count: int) -> NDArray[np.float64]:
    return np.bincount(places, minlength=count).astype(np.float64)


def _sums(
    place: NDArray[np.int32], values: NDArray[np.float64], places: int
) -> NDArray[np.float64]:
    return np.column_stack([np.bincount(place, column, places) for column in values.T])
