"""The summary of a run: one object with plain numbers, the same on screen and on disk.

Money is rounded to the fen, kilograms to tenths, shares to six places; what is not known, such
as incomes of a year that did not come to its end, is None.
"""

from typing import Any, Final

import numpy as np

from sim.results.record import Cost, RunRecord
from sim.results.totals import totals_of_run
from sim.world.calendar import date_of

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
    totals = totals_of_run(record, only_year)
    return {
        "scenario": record.scenario.name,
        "seed": record.seed,
        "start": record.scenario.start.isoformat(),
        "end": record.end.isoformat(),
        "villages": len(record.villages),
        "households": record.households,
        "designations": designations_of(record),
        "years": totals.years(record.scenario.start, record.end, record.town_years),
        "seasons": totals.seasons,
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
