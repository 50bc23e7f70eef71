"""What the season of a fruit amounts to, added up month by month."""

from typing import Any, Final

import numpy as np

from sim.results.accounting import accounting
from sim.results.record import Columns
from sim.results.tables import dates_of
from sim.world.calendar import date_of
from sim.world.parameters import good_names

_SUMS: Final = (
    "orders_shipped",
    "online_sales_yuan",
    "online_own_kg",
    "online_bought_kg",
    "wholesale_kg",
    "processed_kg",
    "spoiled_kg",
    "left_kg",
    "growers_online_yuan",
    "growers_offline_yuan",
)


class SeasonTotals:
    """Seasons of all villages together.

    Months are added one by one, in order, so that the sums do not depend on how many of them are
    in memory at a time.
    """

    def __init__(self) -> None:
        self._sums: dict[tuple[int, int], dict[str, float]] = {}
        self._picked: dict[tuple[int, int], dict[int, float]] = {}

    def add_months(self, days: Columns) -> None:
        """Add rows of ``season_days``, in order."""
        if not days:
            return
        months = dates_of(days["day"]).astype("datetime64[M]").astype(np.int64)
        for month in np.unique(months):
            rows = months == month
            self._add({name: values[rows] for name, values in days.items()}, 1970 + month // 12)

    def _add(self, days: Columns, year: int) -> None:
        for good in np.unique(days["good"]):
            rows = days["good"] == good
            season = (int(year), int(good))
            sums = self._sums.setdefault(season, dict.fromkeys(_SUMS, 0.0))
            for name in _SUMS:
                sums[name] += float(days[name][rows].sum())
            first = int(days["day"][rows].min())
            picked = np.bincount(days["day"][rows] - first, days["picked_kg"][rows])
            self._picked.setdefault(season, {}).update(
                {first + place: float(kg) for place, kg in enumerate(picked)}
            )

    @property
    def seasons(self) -> dict[str, dict[str, Any]]:
        """The seasons by name, such as ``bayberry 2019``."""
        return {
            f"{good_names()[good]} {year}": self._season((year, good))
            for year, good in sorted(self._sums)
        }

    def _season(self, season: tuple[int, int]) -> dict[str, Any]:
        sums = self._sums[season]
        first, last = _picking_days(self._picked[season])
        online, offline = sums["growers_online_yuan"], sums["growers_offline_yuan"]
        earned = online + offline
        return {
            "first_day": first,
            "last_day": last,
            "orders": round(sums["orders_shipped"]),
            "online_sales_yuan": round(sums["online_sales_yuan"], 2),
            "online_kg": round(sums["online_own_kg"] + sums["online_bought_kg"], 1),
            "wholesale_kg": round(sums["wholesale_kg"], 1),
            "processed_kg": round(sums["processed_kg"], 1),
            "lost_kg": round(sums["spoiled_kg"] + sums["left_kg"], 1),
            "growers_online_income_share": round(online / earned, 6) if earned > 0.0 else None,
        }

    def saved(self) -> list[list[Any]]:
        """Return everything as plain lists, for a file."""
        return [
            [*season, self._sums[season], sorted(self._picked[season].items())]
            for season in self._sums
        ]

    def restore(self, saved: list[list[Any]]) -> None:
        """Go on from what `saved` has returned."""
        for year, good, sums, picked in saved:
            self._sums[year, good] = sums
            self._picked[year, good] = dict(picked)


def _picking_days(picked_kg: dict[int, float]) -> tuple[str | None, str | None]:
    """First and last date on which all villages together pick enough to call it the season."""
    enough = accounting().season_share_of_peak * max(picked_kg.values())
    on = [day for day, kg in picked_kg.items() if kg > enough]
    if not on:
        return None, None
    return date_of(min(on)).isoformat(), date_of(max(on)).isoformat()
