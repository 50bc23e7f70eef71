"""Axes of dates: years on long ones, days on short ones."""

from datetime import date
from typing import Final

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter, YearLocator, date2num, num2date
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from sim.plots.style import LABEL_POINTS
from sim.words import ENGLISH, day_of_year, language, t, using_language

_YEARS_FROM: Final = 3
"""An axis of so many years has a tick at each 1 January."""
_MOST_YEARS: Final = 12
"""Labels of years that fit side by side."""
_DAYS_UP_TO: Final = 112
"""An axis of up to so many days has its ticks at equal distances from the first day."""
_MOST_DAYS: Final = 8
"""Labels of days that fit side by side."""
_STEPS_DAYS: Final = (1, 2, 3, 4, 5, 7, 10, 14)


def number_of(day: date) -> float:
    """Return the place of a day on an axis of dates."""
    return float(date2num(day))  # type: ignore[no-untyped-call]


def numbers_of(days: pl.Series) -> NDArray[np.float64]:
    """Return the places of days on an axis of dates."""
    return np.asarray(date2num(days.to_numpy()))  # type: ignore[no-untyped-call]


def date_axis(axes: Axes, first: date, last: date, margin_days: float = 0.0) -> None:
    """Label the horizontal axis with dates and show `first` to `last`, and a margin beyond."""
    axes.set_xlim(number_of(first) - margin_days, number_of(last) + margin_days)
    years = last.year - first.year + 1
    if years >= _YEARS_FROM:
        step = max(1, round(years / _MOST_YEARS))
        axes.xaxis.set_major_locator(YearLocator(step))  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_formatter(DateFormatter("%Y"))  # type: ignore[no-untyped-call]
        axes.set_xlabel(t("Year (tick at 1 January)"), size=LABEL_POINTS)
        return
    days = (last - first).days + 1
    if days <= _DAYS_UP_TO:
        step = next(step for step in _STEPS_DAYS if days <= _MOST_DAYS * step)
        axes.set_xticks([number_of(first) + place for place in range(0, days, step)])
    else:
        axes.xaxis.set_major_locator(AutoDateLocator(maxticks=8))  # type: ignore[no-untyped-call]
    if first.year == last.year:
        spoken = language()  # labels are made when the figure is drawn, perhaps in another one
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: day_and_month(value, spoken)))
        axes.set_xlabel(t("Day of {year}", year=first.year), size=LABEL_POINTS)
    else:
        axes.xaxis.set_major_formatter(DateFormatter("%Y-%m-%d"))  # type: ignore[no-untyped-call]
        axes.set_xlabel(t("Date"), size=LABEL_POINTS)


def day_and_month(value: float, code: str = ENGLISH) -> str:
    """Write a place on an axis of dates as a reader of a language expects it: 1 June."""
    day = num2date(value)  # type: ignore[no-untyped-call]
    with using_language(code):
        return day_of_year(day)
