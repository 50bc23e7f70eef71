"""Days as numbers and as dates. Day 0 is the same date in every scenario."""

from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

EPOCH: Final = date(2000, 1, 1)
"""The date of day 0."""


class Calendar(NamedTuple):
    """The dates of a range of days, for kernels: entry `i` belongs to day `first_day + i`."""

    first_day: int
    """Day number of the first entry [days since `EPOCH`]."""
    year: NDArray[np.int16]
    month: NDArray[np.int8]
    """From 1 to 12."""
    day_of_month: NDArray[np.int8]
    """From 1 to 31."""
    day_of_year: NDArray[np.int16]
    """From 1 to 366."""
    days_in_year: NDArray[np.int16]
    """365 or 366."""
    month_index: NDArray[np.int32]
    """Months since the month of `EPOCH`."""


def day_of(date: date) -> int:
    """Day number of a date [days since `EPOCH`]; negative before it."""
    return (date - EPOCH).days


def date_of(day: int) -> date:
    """Date of a day number [days since `EPOCH`]."""
    return EPOCH + timedelta(days=int(day))


def build_calendar(start: date, end: date) -> Calendar:
    """Make the calendar of the days from `start` to `end`, both included.

    Raises
    ------
    ValueError
        If `end` is before `start`.
    """
    if end < start:
        raise ValueError(f"a calendar cannot end on {end}, before its start on {start}")
    days = np.arange(np.datetime64(start, "D"), np.datetime64(end, "D") + np.timedelta64(1, "D"))
    months = days.astype("datetime64[M]")
    years = days.astype("datetime64[Y]")
    new_year = years.astype("datetime64[D]")
    next_new_year = (years + np.timedelta64(1, "Y")).astype("datetime64[D]")
    months_since_1970 = months.astype(np.int64)
    epoch_month = np.datetime64(EPOCH, "M").astype(np.int64)
    return Calendar(
        first_day=day_of(start),
        year=(years.astype(np.int64) + 1970).astype(np.int16),
        month=(months_since_1970 % 12 + 1).astype(np.int8),
        day_of_month=((days - months.astype("datetime64[D]")).astype(np.int64) + 1).astype(np.int8),
        day_of_year=((days - new_year).astype(np.int64) + 1).astype(np.int16),
        days_in_year=(next_new_year - new_year).astype(np.int16),
        month_index=(months_since_1970 - epoch_month).astype(np.int32),
    )


def month_starts(calendar: Calendar) -> NDArray[np.int64]:
    """Day numbers of every first day of a month in the calendar, in order.

    A calendar that begins in the middle of a month has no entry for that month.
    """
    return calendar.first_day + np.flatnonzero(calendar.day_of_month == 1)
