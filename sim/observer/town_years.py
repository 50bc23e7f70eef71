"""What the villages of each town have together in a year, added up month by month."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.world.calendar import date_of
from sim.world.records import Month

_SUMMED: Final = (
    Month.ONLINE_SALES_YUAN,
    Month.ORDERS_SHIPPED,
    Month.PIECES_SHIPPED,
    Month.SHOPS_OPENED,
    Month.SHOPS_CLOSED,
)
"""Added up over the months of a year."""
_AT_END: Final = (
    Month.ACTIVE_STORES,
    Month.OPEN_SHOPS,
    Month.SELLING_HOUSEHOLDS,
    Month.STAFF,
    Month.FAMILY_HANDS,
)
"""Those of the last month."""
TOWN_YEAR_FIELDS: Final = tuple(field.name.lower() for field in (*_SUMMED, *_AT_END))


class TownYear(NamedTuple):
    """A year of all towns."""

    year: int
    months: int
    """Months that have been added up, up to twelve."""
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

    def add(self, first_day: int, month: NDArray[np.float64]) -> None:
        """Add a month that begins on `first_day`: records of the villages, (villages, fields)."""
        year = date_of(first_day).year
        if not self.years or self.years[-1].year != year:
            empty = np.zeros((self._towns, len(TOWN_YEAR_FIELDS)))
            self.years.append(TownYear(year, 0, empty))
        current = self.years[-1]
        for place, field in enumerate(_SUMMED):
            current.values[:, place] += self._by_town(month[:, field])
        for place, field in enumerate(_AT_END, start=len(_SUMMED)):
            current.values[:, place] = self._by_town(month[:, field])
        self.years[-1] = current._replace(months=current.months + 1)

    def _by_town(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(self._town, values, self._towns)
