"""What the villages of each town have together in a year, added up month by month."""

from calendar import monthrange
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import entry_kernel
from sim.world.calendar import date_of
from sim.world.records import Month

_SUMMED: Final = (
    Month.ONLINE_SALES_YUAN,
    Month.ORDERS_SHIPPED,
    Month.PIECES_SHIPPED,
    Month.SHOPS_OPENED,
    Month.SHOPS_CLOSED,
)
"""Added up over the months of a year, as is what policies cost, subsidies included."""
COST: Final = "policy_cost_yuan"
_AT_END: Final = (
    Month.ACTIVE_STORES,
    Month.OPEN_SHOPS,
    Month.SELLING_HOUSEHOLDS,
    Month.STAFF,
    Month.FAMILY_HANDS,
)
"""Those of the last month."""
DESIGNATED: Final = ("designated_strict", "designated_published")
"""Villages for which a rule holds at the end of the last month."""
_FIELDS: Final = (np.array(_SUMMED, np.int64), np.array(_AT_END, np.int64))
TOWN_YEAR_FIELDS: Final = (
    *(field.name.lower() for field in _SUMMED),
    COST,
    *(field.name.lower() for field in _AT_END),
    *DESIGNATED,
)


class TownYear(NamedTuple):
    """A year of all towns."""

    year: int
    days: int
    """Days of the months that have been added up."""
    values: NDArray[np.float64]
    """By town and field, (towns, fields), in the order of `TOWN_YEAR_FIELDS`."""


class TownYears:
    """Adds up villages to towns; what is kept does not grow with months.

    Parameters
    ----------
    town : array (villages,)
        Number of each village's town.
    towns : int
        Number of towns.
    """

    def __init__(self, town: NDArray[np.int32], towns: int) -> None:
        self._town, self._towns = town, towns
        self.years: list[TownYear] = []

    def add(
        self,
        first_day: int,
        month: NDArray[np.float64],
        policy_cost_yuan: NDArray[np.float64],
        designated: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    ) -> None:
        """Add a month.

        Parameters
        ----------
        first_day : int
            First day of the month [days since 2000-01-01].
        month : array (villages, fields)
            Records of the month.
        policy_cost_yuan : array (villages,)
            What policies cost in the month.
        designated : tuple of array (villages,)
            Whether the strict and the published rule hold at its end.
        """
        first = date_of(first_day)
        if not self.years or self.years[-1].year != first.year:
            empty = np.zeros((self._towns, len(TOWN_YEAR_FIELDS)))
            self.years.append(TownYear(first.year, 0, empty))
        current = self.years[-1]
        current.values[:, len(_SUMMED) + 1 :] = 0.0
        cost = policy_cost_yuan + month[:, Month.SUBSIDIES_YUAN]
        _add(self._town, month, _FIELDS, cost, designated, current.values)
        days = monthrange(first.year, first.month)[1]
        self.years[-1] = current._replace(days=current.days + days)


@entry_kernel
def _add(town: Any, month: Any, fields: Any, cost: Any, designated: Any, values: Any) -> None:
    """Add the records of villages, (villages, fields), to their towns, in order of `_FIELDS`."""
    strict, published = designated
    summed, at_end = fields
    cost_at = len(summed)
    end_at = cost_at + 1
    for v in range(town.size):
        t = town[v]
        for place in range(len(summed)):
            values[t, place] += month[v, summed[place]]
        values[t, cost_at] += cost[v]
        for place in range(len(at_end)):
            values[t, end_at + place] += month[v, at_end[place]]
        values[t, end_at + len(at_end)] += strict[v]
        values[t, end_at + len(at_end) + 1] += published[v]
