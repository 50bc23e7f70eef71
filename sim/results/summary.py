"""The summary of a run: one object with plain numbers, the same on screen and on disk.

Money is rounded to the fen, kilograms to tenths, shares to six places; what is not known, such
as incomes of a year that did not come to its end, is None.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.results.accounting import accounting
from sim.results.record import Columns, Cost, RunRecord
from sim.results.tables import dates_of
from sim.results.yearly import years_of
from sim.world.calendar import date_of
from sim.world.parameters import good_names

MOST_DESIGNATIONS: Final = 100
"""Villages listed under ``designations``: those that crossed first."""

Summary = dict[str, Any]


def summarize(record: RunRecord, only_year: int | None = None) -> Summary:
    """Return the summary of a run, without what it took.

    Parameters
    ----------
    record : RunRecord
        The run.
    only_year : int, optional
        The one year that is summed up; all of them if not given.
    """
    return {
        "scenario": record.scenario.name,
        "seed": record.seed,
        "start": record.scenario.start.isoformat(),
        "end": record.end.isoformat(),
        "villages": len(record.villages),
        "households": record.households,
        "designations": designations_of(record),
        "years": years_of(record, only_year),
        "seasons": seasons_of(record.tables.get("season_days") or {}),
    }


def with_cost(summary: Summary, cost: Cost) -> Summary:
    """Return the summary together with what the run took."""
    peak = None if cost.peak_mb is None else round(cost.peak_mb, 1)
    took = {"wall_s": round(cost.wall_s, 3), "compute_s": round(cost.compute_s, 3)}
    return {**summary, **took, "peak_mb": peak}


def designations_of(record: RunRecord) -> list[dict[str, str | None]]:
    """Return when villages crossed, were listed and lost their status, the earliest first."""
    days = record.designations
    crossed = days["crossed_day"]
    order = np.lexsort((np.arange(crossed.size), np.where(crossed < 0, np.inf, crossed)))
    return [
        {
            "village": record.villages.names[v],
            "crossed_on": _date_or_none(crossed[v]),
            "listed_on": _date_or_none(days["listed_day"][v]),
            "lost_on": _date_or_none(days["lost_day"][v]),
        }
        for v in order[:MOST_DESIGNATIONS]
    ]


def _date_or_none(day: Any) -> str | None:
    return None if day < 0 else date_of(int(day)).isoformat()


def seasons_of(days: Columns) -> dict[str, Summary]:
    """Return the seasons by name, such as ``bayberry 2019``, over all villages with the fruit."""
    if not days:
        return {}
    years = dates_of(days["day"]).astype("datetime64[Y]").astype(int) + 1970
    seasons = sorted({(int(y), int(g)) for y, g in zip(years, days["good"], strict=True)})
    found = {}
    for year, good in seasons:
        rows = (years == year) & (days["good"] == good)
        season = {name: values[rows] for name, values in days.items()}
        found[f"{good_names()[good]} {year}"] = _season(season)
    return found


def _season(days: Columns) -> Summary:
    def kg(*names: str) -> float:
        return round(sum(float(days[name].sum()) for name in names), 1)

    first, last = _picking_days(days["day"], days["picked_kg"])
    online, offline = days["growers_online_yuan"].sum(), days["growers_offline_yuan"].sum()
    earned = float(online + offline)
    return {
        "first_day": first,
        "last_day": last,
        "orders": round(float(days["orders_shipped"].sum())),
        "online_sales_yuan": round(float(days["online_sales_yuan"].sum()), 2),
        "online_kg": kg("online_own_kg", "online_bought_kg"),
        "wholesale_kg": kg("wholesale_kg"),
        "processed_kg": kg("processed_kg"),
        "lost_kg": kg("spoiled_kg", "left_kg"),
        "growers_online_income_share": round(float(online) / earned, 6) if earned > 0.0 else None,
    }


def _picking_days(
    day: NDArray[Any], picked_kg: NDArray[np.float64]
) -> tuple[str | None, str | None]:
    """First and last date on which all villages together pick enough to call it the season."""
    start = int(day.min())
    by_day = np.bincount(day - start, picked_kg)
    on = np.flatnonzero(by_day > accounting().season_share_of_peak * by_day.max())
    if on.size == 0:
        return None, None
    return date_of(start + int(on[0])).isoformat(), date_of(start + int(on[-1])).isoformat()
