"""What a month is computed from: parameters, the month's drivers, levers and competition."""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

MONTH = np.dtype(
    [
        ("first_day", "i8"),
        ("last_day", "i8"),
        ("year", "i8"),
        ("ring", "i8"),  # month number modulo twelve: the place in yearly rings
        ("settlement", "i8"),  # month number modulo four: the place in rings of receivables
        ("start_day", "i8"),  # first day of the run: day 0 of `day_factor`
        ("active_within_days", "i8"),
        ("retail_index", "f8"),
        ("cross_border_index", "f8"),
        ("parcel_yuan", "f8"),
        ("internet_share", "f8"),
        ("income_yuan_per_head", "f8"),
        ("yuan_per_usd", "f8"),
        ("trend_years", "f8"),
        ("county_share", "f8"),  # simulated share of the counties; each stands for its inverse
    ]
)
"""One month's dates and drivers."""

COMPETITION = np.dtype([("inside", "f8"), ("outside", "f8"), ("market_yuan_per_day", "f8")])
"""Attraction inside and outside the model and the market at day factor 1, by good and platform."""

SEASON_FIELDS = [("season_start_day", np.dtype("i8")), ("season_is_set_now", np.dtype("?"))]
"""What the month adds to goods: nominal first day of the season, and whether it is drawn now."""


class Terms(NamedTuple):
    """Everything that a month reads and does not change, but for the competition it publishes.

    Parameters, months and the like are structured arrays, because kernels take one array quicker
    than a hundred numbers; those with a single row are read as ``t.b[0]`` and ``t.m[0]``.
    """

    seed: int
    b: NDArray[np.void]
    """Behaviour, one row."""
    goods: NDArray[np.void]
    platforms: NDArray[np.void]
    levers: NDArray[np.void]
    """By village."""
    m: NDArray[np.void]
    """The month (`MONTH`), one row."""
    day_factor: NDArray[np.float64]
    """(goods, 2, days of the run)"""
    county_attraction: NDArray[np.float64]
    """(counties, goods, platforms)"""
    competition: NDArray[np.void]
    """(goods, platforms) of `COMPETITION`"""


def as_table(columns: Any, extra: Any = ()) -> NDArray[np.void]:
    """Return a named tuple of arrays, or of numbers, as one structured array.

    `extra` are further (name, dtype) fields, left at zero.
    """
    arrays = {name: np.atleast_1d(getattr(columns, name)) for name in columns._fields}
    rows = next(iter(arrays.values())).size
    fields = [(name, array.dtype) for name, array in arrays.items()]
    table = np.zeros(rows, _table_type((*fields, *extra)))
    for name, array in arrays.items():
        table[name] = array
    return table


@cache
def _table_type(fields: tuple[Any, ...]) -> np.dtype[np.void]:
    """Return a type with some fields, the same object for the same ones (see `row_type`)."""
    return np.dtype(list(fields), align=True)
