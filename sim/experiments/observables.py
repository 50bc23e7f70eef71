"""What can be measured of a run to be held against published numbers, each by a fixed name.

A measure takes what was found in a run (`Found`), a place and a year. Counts of a region that was
thinned by ``region.county_share`` are divided by that share, which estimates the whole without
bias where counties are there by lot: not with villages that a scenario describes itself, whose
counties are always there. Shares are taken as they are.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import nan
from typing import Any, Final, Literal, NamedTuple, Protocol

from sim.experiments import measures
from sim.experiments.run import RunResult
from sim.results.tables import regions_table

_PLACES: Final = ("province", "prefecture", "county")


@dataclass(frozen=True)
class Found:
    """What a run has found.

    Attributes
    ----------
    county_share : float
        Share of counties that were simulated (0-1].
    regions : polars.DataFrame
        The table of that name (docs/regions.md).
    run : RunResult, optional
        The whole run; without it, villages and seasons cannot be measured.
    """

    county_share: float
    regions: Any
    run: RunResult | None = None

    @staticmethod
    def of(run: RunResult) -> "Found":
        """Return what was found in a run."""
        import polars as pl

        region = run.record.scenario.region
        share = 1.0 if region is None else region.county_share
        return Found(share, pl.DataFrame(pl.from_arrow(regions_table(run.record))), run)

    @cached_property
    def _rows(self) -> dict[tuple[str, int], dict[str, Any]]:
        import polars as pl

        table = self.regions.filter(pl.col("level").cast(pl.String) != "town")
        return {
            (
                "/".join(str(row[name]) for name in _PLACES if row[name] is not None),
                row["year"],
            ): row
            for row in table.iter_rows(named=True)
        }

    def row(self, place: str, year: int) -> Mapping[str, Any]:
        """Return the row of a place and year: empty if there is none.

        A place that is no path of counties.csv, such as China or the village that a scenario is
        about, stands for all villages of the scenario.
        """
        path = place if self._is_on_the_map(place) else ""
        return self._rows.get((path, year), {})

    def is_left_out(self, place: str, year: int) -> bool:
        """Whether a place has no row because thinning has left its counties out."""
        return self.county_share < 1.0 and bool(self.row("", year)) and not self.row(place, year)

    def _is_on_the_map(self, place: str) -> bool:
        from sim.world.places import counties

        return place.partition("/")[0] in counties().province


class Target(Protocol):
    """What is measured where and when."""

    @property
    def key(self) -> str:
        """Its name."""

    @property
    def measure(self) -> str:
        """Name of the measure."""

    @property
    def place(self) -> str:
        """The place."""

    @property
    def year(self) -> int:
        """The year."""


class Measure(NamedTuple):
    """A measure: how it is taken, its unit, when, and what it means."""

    of: Callable[[Found, str, int], float]
    unit: str
    at: Literal["list", "year"]
    """Whether it is known on the listing date or at the end of the year."""
    meaning: str

    @property
    def is_count_of_places(self) -> bool:
        """Whether it counts villages, towns or counties, so that single ones are luck."""
        return self.unit in ("villages", "towns", "counties")

    def day_of_year(self, year: int) -> date:
        """Return the last day that a run must reach to be measured for a year."""
        return date(year, 6, 30) if self.at == "list" else date(year, 12, 31)


def measured(targets: Iterable[Target], found: Found) -> dict[str, float]:
    """Return what a run has for some targets, by their keys; nan where it has nothing."""
    return {t.key: MEASURES[t.measure].of(found, t.place, t.year) for t in targets}


def _count(column: str) -> Callable[[Found, str, int], float]:
    def of(found: Found, place: str, year: int) -> float:
        if found.is_left_out(place, year):
            return 0.0
        return _number(found.row(place, year).get(column)) / found.county_share

    return of


def _ratio(above: str, below: str) -> Callable[[Found, str, int], float]:
    def of(found: Found, place: str, year: int) -> float:
        row = found.row(place, year)
        whole = _number(row.get(below))
        return _number(row.get(above)) / whole if whole else nan

    return of


def _share_gone(found: Found, place: str, year: int) -> float:
    before = _number(found.row(place, year - 1).get("listed_villages"))
    return _number(found.row(place, year).get("lost_villages")) / before if before else nan


def _first_listed_year(found: Found, place: str, year: int) -> float:
    """Return the first year of a list; the year after the run's last one if there is none."""
    run = _run(found)
    listed = measures.first_listed_year(run)
    return listed if listed != measures.NEVER else float(run.record.end.year + 1)


def _of_run(measure: Callable[[RunResult], float]) -> Callable[[Found, str, int], float]:
    def of(found: Found, place: str, year: int) -> float:
        return measure(_run(found))

    return of


def _of_season(name: str) -> Callable[[Found, str, int], float]:
    return _of_run(measures.of_bayberry_2019(name))


def _run(found: Found) -> RunResult:
    if found.run is None:
        raise ValueError("a table of regions has no single villages, shops and seasons")
    return found.run


def _number(value: Any) -> float:
    return nan if value is None else float(value)


MEASURES: Final[dict[str, Measure]] = {
    "listed_villages": Measure(
        _count("listed_villages"), "villages", "list", "villages on the list of the year"
    ),
    "towns_with_three": Measure(
        _count("towns_with_three"), "towns", "list", "towns with three listed villages or more"
    ),
    "counties_with_any": Measure(
        _count("counties_with_any"), "counties", "list", "counties with a listed village"
    ),
    "counties_with_one": Measure(
        _count("counties_with_one"), "counties", "list", "counties with one listed village"
    ),
    "counties_with_10": Measure(
        _count("counties_with_10"), "counties", "list", "counties with ten listed villages or more"
    ),
    "share_in_counties_with_10": Measure(
        _ratio("villages_in_counties_with_10", "listed_villages"),
        "1",
        "list",
        "share of listed villages in counties with ten or more",
    ),
    "share_of_new_in_county_with_any": Measure(
        _ratio("new_in_county_with_any", "new_villages"),
        "1",
        "list",
        "share of new villages in counties with one on the list before",
    ),
    "share_of_new_in_town_with_any": Measure(
        _ratio("new_in_town_with_any", "new_villages"),
        "1",
        "list",
        "share of new villages in towns with one on the list before",
    ),
    "share_of_names_gone": Measure(
        _share_gone, "1", "list", "share of the list before that is not on the list"
    ),
    "stores_per_listed_village": Measure(
        _ratio("listed_stores", "listed_villages"),
        "stores",
        "list",
        "active stores of listed villages over their number",
    ),
    "sales_per_listed_village_yuan": Measure(
        _ratio("listed_sales_yuan", "listed_villages"),
        "yuan/year",
        "list",
        "sales of the trailing 365 days of listed villages over their number",
    ),
    "active_stores": Measure(
        _count("active_stores"), "stores", "year", "stores with an order within 365 days"
    ),
    "open_shops": Measure(_count("open_shops"), "shops", "year", "open shops"),
    "online_sales_yuan": Measure(
        _count("online_sales_yuan"), "yuan/year", "year", "online sales of the year"
    ),
    "jobs_with_makers_and_carriers": Measure(
        _count("jobs_with_makers_and_carriers"),
        "jobs",
        "year",
        "jobs, makers and carriers included",
    ),
    "jobs_per_store": Measure(
        _ratio("jobs_in_stores", "active_stores"), "jobs", "year", "jobs in stores per active store"
    ),
    "all_jobs_per_store": Measure(
        _ratio("jobs_with_makers_and_carriers", "active_stores"),
        "jobs",
        "year",
        "jobs with makers and carriers per active store",
    ),
    "selling_household_share": Measure(
        _ratio("selling_households", "households"),
        "1",
        "year",
        "households with a shop over local households",
    ),
    "stores_per_selling_household": Measure(
        _ratio("open_shops", "selling_households"),
        "shops",
        "year",
        "open shops per household with a shop",
    ),
    "first_listed_year": Measure(
        _first_listed_year, "year", "list", "year of the first list with the village"
    ),
    "share_of_large_shops": Measure(
        _of_run(measures.share_of_large_shops_2016),
        "1",
        "year",
        "share of the shops open at the end of 2016 that sold over 1 million yuan",
    ),
    "season_days": Measure(
        _of_run(measures.season_days), "days", "year", "days of picking bayberries in 2019"
    ),
    "season_orders": Measure(
        _of_season("orders"), "orders", "year", "online orders of the bayberries of 2019"
    ),
    "season_sales_yuan": Measure(
        _of_season("online_sales_yuan"), "yuan", "year", "online sales of the bayberries of 2019"
    ),
    "season_online_income_share": Measure(
        _of_season("growers_online_income_share"),
        "1",
        "year",
        "online share of the growers' income from the bayberries of 2019",
    ),
    "season_online_weight_share": Measure(
        _of_run(measures.online_weight_share),
        "1",
        "year",
        "online share of the bayberries of 2019 by weight",
    ),
}
"""Every measure by its name."""
