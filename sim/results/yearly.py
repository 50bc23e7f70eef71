"""What a run amounts to year by year: sales, stores, jobs, lists, incomes."""

from datetime import date
from typing import Any, Final

import numpy as np

from sim.results.accounting import workers_caused_by_orders
from sim.results.record import Columns
from sim.world.register import Register

_SUMS: Final = (
    "online_sales_yuan",
    "orders_shipped",
    "active_stores",
    "shops_opened",
    "shops_closed",
    "staff",
    "family_hands",
    "pieces_shipped",
    "designated",
    "listed",
)

Year = dict[str, Any]


def sums_of_villages(villages: Register, rows: Columns) -> Year:
    """Return what the villages of a year have together, as plain numbers.

    Parameters
    ----------
    villages : Register
        The villages.
    rows : mapping
        Rows of ``village_years`` of one year.
    """
    sums: Year = {name: float(rows[name].sum()) for name in _SUMS}
    return sums | {"groups": _groups(villages, rows)}


def numbers_of_year(sums: Year, share_of_year: float, town_year: Any = None) -> Year:
    """Return the numbers of a year as the summary has them.

    Parameters
    ----------
    sums : dict
        What `sums_of_villages` returns and, where households were kept, ``gini`` and
        ``farmers_online_income_share``.
    share_of_year : float
        The part of the year that was run (0-1, above 0).
    town_year : TownYear, optional
        What towns had in the year, as the observer keeps it.
    """
    jobs = sums["staff"] + sums["family_hands"]
    caused = workers_caused_by_orders(sums["pieces_shipped"], sums["orders_shipped"], share_of_year)
    return {
        "online_sales_yuan": round(sums["online_sales_yuan"], 2),
        "orders": round(sums["orders_shipped"]),
        "active_stores": round(sums["active_stores"]),
        "stores_opened": round(sums["shops_opened"]),
        "stores_closed": round(sums["shops_closed"]),
        "jobs_in_stores": round(jobs, 1),
        "jobs_with_makers_and_carriers": round(jobs + caused, 1),
        "designated_villages": round(sums["designated"]),
        "listed_villages": round(sums["listed"]),
        **_by_each_rule(town_year),
        **sums["groups"],
        "farmers_online_income_share": _share(sums.get("farmers_online_income_share")),
        "gini": _share(sums.get("gini")),
    }


def share_of_year(year: int, start: date, end: date) -> float:
    """Return the share of a year that lies between two dates, both included (0-1)."""
    first, last = max(start, date(year, 1, 1)), min(end, date(year, 12, 31))
    return ((last - first).days + 1) / (date(year + 1, 1, 1) - date(year, 1, 1)).days


def _by_each_rule(town_year: Any) -> Year:
    """Villages for which each rule holds at the end of the year, whichever is the scenario's."""
    from sim import observer

    rules = {"strict": observer.DESIGNATED[0], "published": observer.DESIGNATED[1]}
    found: Year = {f"designated_by_{rule}_rule": None for rule in rules}
    if town_year is not None:
        for rule, field in rules.items():
            values = town_year.values[:, observer.TOWN_YEAR_FIELDS.index(field)]
            found[f"designated_by_{rule}_rule"] = round(float(values.sum()))
    return found


def _groups(villages: Register, rows: Columns) -> Year:
    """Towns and clusters by the list that is in force at the end of the year."""
    from sim import observer

    numbers, listed = rows["village"], rows["listed"].astype(np.float64)
    towns = observer.are_towns(
        villages.town[numbers],
        listed,
        rows["trailing_sales_yuan"],
        rows["active_stores"],
        int(rows["year"][0]),
    )
    by_county = np.bincount(villages.county[numbers], listed)
    clustered = by_county[by_county >= observer.CLUSTER_SIZES[0]].sum()
    share = float(clustered / max(by_county.sum(), 1.0))
    clusters = {
        f"clusters_of_{size}": int((by_county >= size).sum()) for size in observer.CLUSTER_SIZES
    }
    return {"towns": int(towns.sum()), **clusters, "cluster_share": round(share, 6)}


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
