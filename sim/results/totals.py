"""What a run amounts to, added up as its rows come, so that no table is needed as a whole."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np

from sim.results.accounting import accounting
from sim.results.incomes import (
    MeanIncome,
    farmers_online_income_share,
    income_gini,
    mean_incomes,
    of_year,
    poverty_share,
)
from sim.results.record import Columns, RunRecord
from sim.results.seasons import SeasonTotals
from sim.results.yearly import Year, numbers_of_year, share_of_year, sums_of_villages
from sim.world.register import Register


@dataclass(frozen=True)
class Incomes:
    """Who earned what in a year that came to its end."""

    year: int
    means: tuple[MeanIncome, ...]
    gini: float | None
    poverty_share: float | None
    farmers_online_income_share: float | None


class Totals:
    """Numbers of years and seasons over all villages.

    Parameters
    ----------
    villages : Register
        The villages.

    Attributes
    ----------
    incomes : Incomes, optional
        Who earned what in the last year whose households were all kept.
    """

    def __init__(self, villages: Register) -> None:
        self._villages = villages
        self._years: dict[int, Year] = {}
        self._seasons = SeasonTotals()
        self.incomes: Incomes | None = None

    def take(self, table: str, rows: Any) -> None:
        """Take rows as they are recorded (see sim.engine.recorder.Sink)."""
        self.add(table, rows.named)

    def add(self, table: str, columns: Columns) -> None:
        """Add rows of a table: villages and households of one year, or days of the season."""
        if table == "season_days":
            self._seasons.add_months(columns)
            return
        year = int(columns["year"][0])
        if table == "village_years":
            self._of(year).update(sums_of_villages(self._villages, columns))
        elif table == "household_years":
            self.incomes = incomes_of(columns, year)
            share = self.incomes.farmers_online_income_share
            self._of(year).update(gini=self.incomes.gini, farmers_online_income_share=share)

    def _of(self, year: int) -> Year:
        return self._years.setdefault(year, {})

    def years(self, start: date, end: date, town_years: Sequence[Any] = ()) -> dict[str, Year]:
        """Return the numbers of every year of which a month came to its end.

        Parameters
        ----------
        start, end : date
            First and last day that was run.
        town_years : sequence of TownYear
            What towns had in each year, as the observer keeps it.
        """
        of_towns = {each.year: each for each in town_years}
        return {
            str(year): numbers_of_year(sums, share_of_year(year, start, end), of_towns.get(year))
            for year, sums in sorted(self._years.items())
        }

    @property
    def seasons(self) -> dict[str, dict[str, Any]]:
        """The numbers of every season by name, such as ``bayberry 2019``."""
        return self._seasons.seasons

    def saved(self) -> dict[str, Any]:
        """Return everything as plain numbers, for a file."""
        return {
            "years": list(self._years.items()),
            "seasons": self._seasons.saved(),
            "incomes": None if self.incomes is None else asdict(self.incomes),
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Go on from what `saved` has returned."""
        self._years = dict(saved["years"])
        self._seasons.restore(saved["seasons"])
        incomes = saved["incomes"]
        if incomes is not None:
            means = tuple(MeanIncome(*mean) for mean in incomes.pop("means"))
            self.incomes = Incomes(means=means, **incomes)


def incomes_of(households: Columns, year: int) -> Incomes:
    """Return who earned what, from the rows of ``household_years`` of one year."""
    return Incomes(
        year,
        tuple(mean_incomes(households)),
        income_gini(households),
        poverty_share(households, accounting().poverty_line_yuan_per_year),
        farmers_online_income_share(households),
    )


def totals_of_run(record: RunRecord, only_year: int | None = None) -> Totals:
    """Return the totals of a run, those that were added up while it went on if there are any.

    Parameters
    ----------
    record : RunRecord
        The run.
    only_year : int, optional
        The one year that is summed up; all of them if not given. Seasons are always complete.
    """
    if record.totals is not None:
        known: Totals = record.totals
        return known
    totals = Totals(record.villages)
    years = record.tables.get("village_years") or {}
    households = record.tables.get("household_years") or {}
    for year in np.unique(years["year"]).tolist() if years else []:
        if only_year not in (None, year):
            continue
        totals.add("village_years", of_year(years, year))
        of_its_year = of_year(households, year) if record.keeps_all_households else {}
        if of_its_year and of_its_year["year"].size:
            totals.add("household_years", of_its_year)
    totals.add("season_days", record.tables.get("season_days") or {})
    return totals
