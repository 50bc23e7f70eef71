"""What a run amounts to year by year: sales, stores, jobs, lists, incomes."""

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.results.accounting import workers_caused_by_orders
from sim.results.incomes import farmers_online_income_share, income_gini, of_year
from sim.results.record import Columns, RunRecord
from sim.results.tables import dates_of


def years_of(record: RunRecord, only: int | None = None) -> dict[str, dict[str, Any]]:
    """Return the numbers of every year of which a month was recorded, over all villages.

    Parameters
    ----------
    record : RunRecord
        The run.
    only : int, optional
        The one year wanted; all of them if not given.
    """
    months = record.tables.get("village_months") or {}
    if not months:
        return {}
    dates = dates_of(months["day"])
    years = dates.astype("datetime64[Y]").astype(int) + 1970
    found = {}
    for year in range(int(years.min()), int(years.max()) + 1):
        if only not in (None, year):
            continue
        rows = years == year
        of_its_year = {name: values[rows] for name, values in months.items()}
        found[str(year)] = _year(record, year, of_its_year)
    return found


def _year(record: RunRecord, year: int, months: Columns) -> dict[str, Any]:
    at_end = months["day"] == months["day"].max()
    last = {name: values[at_end] for name, values in months.items()}
    jobs = float(last["staff"].sum() + last["family_hands"].sum())
    caused = workers_caused_by_orders(
        float(months["pieces_shipped"].sum()),
        float(months["orders_shipped"].sum()),
        _share_of_year(record, year),
    )
    return {
        "online_sales_yuan": round(float(months["online_sales_yuan"].sum()), 2),
        "orders": _total(months["orders_shipped"]),
        "active_stores": _total(last["active_stores"]),
        "stores_opened": _total(months["shops_opened"]),
        "stores_closed": _total(months["shops_closed"]),
        "jobs_in_stores": round(jobs, 1),
        "jobs_with_makers_and_carriers": round(jobs + caused, 1),
        "designated_villages": _total(last["designated"]),
        "listed_villages": _total(last["listed"]),
        **_by_each_rule(record, year),
        **_groups(record, year, last),
        **_incomes(of_year(record.tables.get("household_years") or {}, year)),
    }


def _total(values: NDArray[Any]) -> int:
    return round(float(values.sum()))


def _share_of_year(record: RunRecord, year: int) -> float:
    """Share of a year that was run (0-1)."""
    first = max(record.scenario.start, date(year, 1, 1))
    last = min(record.end, date(year, 12, 31))
    return ((last - first).days + 1) / (date(year + 1, 1, 1) - date(year, 1, 1)).days


def _by_each_rule(record: RunRecord, year: int) -> dict[str, int | None]:
    """Villages for which each rule holds at the end of the year, whichever is the scenario's."""
    from sim import observer

    rules = {"strict": observer.DESIGNATED[0], "published": observer.DESIGNATED[1]}
    found: dict[str, int | None] = {f"designated_by_{rule}_rule": None for rule in rules}
    for kept in record.town_years:
        if kept.year == year:
            for rule, field in rules.items():
                values = kept.values[:, observer.TOWN_YEAR_FIELDS.index(field)]
                found[f"designated_by_{rule}_rule"] = _total(values)
    return found


def _groups(record: RunRecord, year: int, last: Columns) -> dict[str, Any]:
    """Towns and clusters by the list that is in force at the end of the year."""
    from sim import observer

    rows, listed = last["village"], last["listed"].astype(np.float64)
    towns = observer.are_towns(
        record.villages.town[rows],
        listed,
        last["trailing_sales_yuan"],
        last["active_stores"],
        year,
    )
    by_county = np.bincount(record.villages.county[rows], listed)
    clustered = by_county[by_county >= observer.CLUSTER_SIZES[0]].sum()
    share = float(clustered / max(by_county.sum(), 1.0))
    clusters = {
        f"clusters_of_{size}": int((by_county >= size).sum()) for size in observer.CLUSTER_SIZES
    }
    return {"towns": int(towns.sum()), **clusters, "cluster_share": round(share, 6)}


def _incomes(households: Columns) -> dict[str, float | None]:
    """Return how incomes are shared; None where households of the year were not recorded."""
    if not households:
        return {"farmers_online_income_share": None, "gini": None}
    return {
        "farmers_online_income_share": _share(farmers_online_income_share(households)),
        "gini": _share(income_gini(households)),
    }


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
