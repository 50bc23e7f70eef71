"""Single numbers taken from a finished run, to be held against published facts."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

import numpy as np

from sim.experiments.run import RunResult
from sim.results.schema import KINDS
from sim.world.calendar import day_of
from sim.world.parameters import good_names

NEVER: Final = float("inf")
"""The year of what does not come about in a run."""
_MILLION_YUAN: Final = 1e6
_BAYBERRY_2019: Final = "bayberry 2019"


def first_listed_year(result: RunResult) -> float:
    """Year of the first list that names the run's first village; infinite if none does."""
    designations = result.summary["designations"]
    listed_on = designations[0]["listed_on"] if designations else None
    return NEVER if listed_on is None else float(date.fromisoformat(listed_on).year)


def sales_2018_yuan(result: RunResult) -> float:
    """Online sales of 2018 [yuan]."""
    return float(result.summary["years"]["2018"]["online_sales_yuan"])


def share_of_large_shops_2016(result: RunResult) -> float:
    """Share of the shops open at the end of 2016 that had sold over 1 million yuan in the year."""
    shops = result.record.tables["shop_years"]
    sales = shops["sales_yuan"][shops["year"] == 2016]
    return float((sales > _MILLION_YUAN).mean()) if sales.size else 0.0


def jobs_per_shop_2016(result: RunResult) -> float:
    """Jobs in stores, the family's and hired ones, per active store at the end of 2016."""
    year = result.summary["years"]["2016"]
    return float(year["jobs_in_stores"] / max(year["active_stores"], 1))


def of_bayberry_2019(measure: str) -> Callable[[RunResult], float]:
    """Return the measure that takes one number of the bayberry season of 2019."""

    def of_season(result: RunResult) -> float:
        return float(_season(result)[measure])

    return of_season


def online_weight_share(result: RunResult) -> float:
    """Share of the ripe bayberries of 2019, by weight, that was sold online (0-1)."""
    season = _season(result)
    return float(season["online_kg"]) / _ripe_kg(season)


def unpicked_share(result: RunResult) -> float:
    """Share of the ripe bayberries of 2019 that was processed or left on the tree (0-1)."""
    days = _season_days(result)
    return float((days["processed_kg"].sum() + days["left_kg"].sum()) / days["ripe_kg"].sum())


def growers_yuan_per_kg(result: RunResult) -> float:
    """Growers' income from the season of 2019 less costs of picking, per kg ripe [yuan/kg]."""
    days = _season_days(result)
    income = days["growers_online_yuan"].sum() + days["growers_offline_yuan"].sum()
    return float(income / days["ripe_kg"].sum())


def season_days(result: RunResult) -> float:
    """Days from the first to the last picking of bayberries in 2019, median over villages."""
    days = _season_days(result)
    picked = days["picked_kg"] > 0.0
    village, day = days["village"][picked], days["day"][picked]
    return float(np.median([np.ptp(day[village == v]) + 1 for v in np.unique(village)]))


def online_share_after_shop_costs(result: RunResult) -> float:
    """Online share of growers' income from fruit in 2019, after set-up, staff, fixed costs and tax.

    From the accounts of farming households (0-1).
    """
    households = result.record.tables["household_years"]
    rows = (households["year"] == 2019) & (households["kind"] == KINDS.index("farmer"))
    online = float(households["online_yuan"][rows].sum())
    return online / (online + float(households["offline_yuan"][rows].sum()))


def active_stores_2016(result: RunResult) -> float:
    """Active stores at the end of 2016."""
    return float(result.summary["years"]["2016"]["active_stores"])


def all_jobs_per_shop_2019(result: RunResult) -> float:
    """Jobs in stores, with makers and carriers, per active store at the end of 2019."""
    year = result.summary["years"]["2019"]
    return float(year["jobs_with_makers_and_carriers"] / max(year["active_stores"], 1))


def _season(result: RunResult) -> dict[str, Any]:
    season: dict[str, Any] = result.summary["seasons"][_BAYBERRY_2019]
    return season


def _ripe_kg(season: dict[str, Any]) -> float:
    parts = ("online_kg", "wholesale_kg", "processed_kg", "lost_kg")
    return sum(float(season[part]) for part in parts)


def _season_days(result: RunResult) -> dict[str, Any]:
    days = result.record.tables["season_days"]
    rows = days["good"] == good_names().index("bayberry")
    rows &= (days["day"] >= day_of(date(2019, 1, 1))) & (days["day"] <= day_of(date(2019, 12, 31)))
    return {name: values[rows] for name, values in days.items()}
