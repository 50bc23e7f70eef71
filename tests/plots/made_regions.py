"""Tables of regions out of sales made by hand, as a run would leave them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from sim.observer import Observer, Rule
from sim.results import RunRecord, arrow_tables
from sim.scenario import Scenario, register_of
from sim.world.calendar import day_of
from sim.world.records import Month

Tables = dict[str, pl.DataFrame]


def scenario_of(counties: Mapping[str, Sequence[int]], **more: Any) -> Scenario:
    """A scenario of counties, each with the numbers of villages of its towns."""
    place = {"province": "P", "prefecture": "Q"}
    size = {"people": 3000, "households": 1000, "broadband_year": 2005}
    villages = [
        {
            "name": f"{county.lower()}{town}", "county": county, "town": f"{county}-town {town}",
            "count": count, **place, **size,
            "position": {"x_km": 10.0 * place_of_county, "y_km": 4.0 * town},
        }
        for place_of_county, (county, towns) in enumerate(counties.items())
        for town, count in enumerate(towns, start=1)
    ]  # fmt: skip
    dates = {"start": "2014-01-01", "end": "2016-12-31"}
    rule = {"rule": "published"}
    return Scenario.model_validate(
        {"name": "region", **dates, "observer": rule, "villages": villages, **more}
    )


def tables_of_lists(
    scenario: Scenario, lists: Mapping[int, Mapping[int, float]], stores: float = 100.0
) -> Tables:
    """What a run leaves in which villages sell as much on a listing date as is given by year.

    Numbers of villages with their sales of the year [million yuan], by year.
    """
    register = register_of(scenario)
    observer = Observer(Rule.of(scenario.observer), scenario.observer.listing_date, register)
    count = len(register)
    for year in range(scenario.start.year, scenario.end.year + 1):
        length = (date(year, 6, 30) - date(year - 1, 6, 30)).days
        sales = np.zeros((count, length))
        for village, millions in lists.get(year, {}).items():
            sales[village, -1] = 1e6 * millions
        observer.observe(
            day_of(date(year - 1, 7, 1)), sales, np.full((count, length), float(stores))
        )
        month = np.zeros((count, len(Month)))
        month[:, Month.ONLINE_SALES_YUAN] = sales[:, -1]
        month[:, Month.ACTIVE_STORES] = stores
        month[:, Month.OPEN_SHOPS] = 2.0 * stores
        month[:, Month.STAFF] = 3.0 * stores
        observer.close_month(day_of(date(year, 12, 1)), month, np.zeros(count))
    record = RunRecord(
        scenario=scenario,
        seed=7,
        end=scenario.end,
        villages=register,
        tables={},
        events=observer.events,
        designations={},
        town_years=tuple(observer.town_years),
        lists=tuple(observer.lists),
    )
    tables = arrow_tables(record)
    return {name: pl.DataFrame(pl.from_arrow(table)) for name, table in tables.items()}
