"""What drives the model from outside: national series by month, demand by day (ODD 7.0, 7.9)."""

import csv
from datetime import date, timedelta
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError
from sim.world.calendar import Calendar, build_calendar, day_of
from sim.world.parameters import DATA_FOLDER, Goods, behaviour, read_data

DOMESTIC, CROSS_BORDER = 0, 1
"""Second index of `Drivers.day_factor`."""
PRICE_BASE_DAY: Final = day_of(date(2015, 7, 1))
"""Day from which trends count."""
DEMAND_MARGIN_DAYS: Final = 30
"""Days of demand for a fruit before the nominal start and after the nominal end of its season."""
_DAYS_PER_YEAR: Final = 365.25
_MIDDLE_OF_MONTH: Final = 15
_FESTIVAL_DAYS: Final = range(-6, 8)


class Drivers(NamedTuple):
    """Series by month (months,), counted from the month of the run's first day, and by day.

    The same number in every village; kernels read it.
    """

    retail_index: NDArray[np.float64]
    """National online retail, 1 in July 2015."""
    cross_border_index: NDArray[np.float64]
    """Online exports, 1 in July 2015."""
    parcel_price_yuan: NDArray[np.float64]
    """National average price of an express parcel [yuan]."""
    rural_internet_share: NDArray[np.float64]
    """Rural people who use the internet (0-1)."""
    income_per_head_yuan_per_month: NDArray[np.float64]
    """Rural income per head in Zhejiang [yuan/month]."""
    yuan_per_usd: NDArray[np.float64]
    """Exchange rate."""
    trend_years: NDArray[np.float64]
    """Years from 1 July 2015 to the middle of the month."""
    day_factor: NDArray[np.float64]
    """Demand on a day relative to the year's mean, (goods, 2, days)."""


def build_drivers(
    start: date, end: date, goods: Goods, parameters: Any = None, last_year: int | None = None
) -> Drivers:
    """Make the drivers of a run from `start` to `end`, both included.

    Parameters
    ----------
    start, end : date
        First and last day of the run. Entry 0 of the monthly series is the month of `start`,
        day 0 of `day_factor` is `start`.
    goods : Goods
        The goods, for seasons of demand.
    parameters : Behaviour, optional
        For `spring_festival_factor`; the default behaviour if left out.
    last_year : int, optional
        Last year whose values are known: from the day on which they stand, every series and the
        trends keep them. Demand by day, which is a matter of the calendar, goes on. All years are
        known if left out.

    Raises
    ------
    DataError
        If the calendar of events does not reach the years of the run.
    """
    middles = middles_of_months(start, end)
    calendar = build_calendar(date(start.year, 1, 1), date(end.year, 12, 31))
    first = day_of(start) - calendar.first_day
    festival_factor = (parameters or behaviour()).spring_festival_factor
    factors = _day_factors(calendar, goods, festival_factor)
    # `ascontiguousarray`: kernels are compiled for one layout.
    factors = np.ascontiguousarray(factors[:, :, first : first + (end - start).days + 1])

    def by_month(name: str) -> NDArray[np.float64]:
        return monthly(name, _known_days(name, middles, last_year))

    return Drivers(
        retail_index=by_month("online_retail_bn_yuan") / _value_of("online_retail_bn_yuan"),
        cross_border_index=by_month("cross_border_index"),
        parcel_price_yuan=by_month("parcel_price_yuan"),
        rural_internet_share=np.minimum(by_month("rural_internet_percent_december") / 100.0, 1.0),
        income_per_head_yuan_per_month=by_month("zhejiang_rural_income_yuan_per_year") / 12.0,
        yuan_per_usd=by_month("yuan_per_usd"),
        trend_years=(_known_days("", middles, last_year) - PRICE_BASE_DAY) / _DAYS_PER_YEAR,
        day_factor=factors,
    )


def _known_days(name: str, days: NDArray[np.int64], last_year: int | None) -> NDArray[np.int64]:
    """Return days, those after the last known value of a series moved back to it."""
    return days if last_year is None else np.minimum(days, _day_of_value(name, last_year))


def middles_of_months(start: date, end: date) -> NDArray[np.int64]:
    """Day numbers of the 15th of every month from that of `start` to that of `end`."""
    first, last = start.year * 12 + start.month - 1, end.year * 12 + end.month - 1
    return np.array(
        [day_of(date(m // 12, m % 12 + 1, _MIDDLE_OF_MONTH)) for m in range(first, last + 1)],
        dtype=np.int64,
    )


@cache
def yearly_series() -> dict[str, dict[int, float]]:
    """Return the published series of drivers.csv: value by year, by name of the series.

    Raises
    ------
    DataError
        If the file is missing or a row is not valid.
    """
    series: dict[str, dict[int, float]] = {}
    path = DATA_FOLDER / "drivers.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                series.setdefault(row["series"], {})[int(row["year"])] = float(row["value"])
    except (OSError, KeyError, ValueError) as error:
        raise DataError(f"sim/data/drivers.csv: {error!r}") from error
    return {name: dict(sorted(values.items())) for name, values in series.items()}


def _value_of(name: str) -> float:
    return yearly_series()[name][2015]


def _days_of(name: str) -> NDArray[np.int64]:
    return np.array([_day_of_value(name, year) for year in yearly_series()[name]], dtype=np.int64)


def _day_of_value(name: str, year: int) -> int:
    """Return the day on which a year's value of a series stands."""
    return day_of(date(year, 12, 31) if name.endswith("_december") else date(year, 7, 1))


def monthly(name: str, days: NDArray[np.int64]) -> NDArray[np.float64]:
    """Values of a yearly series on given days.

    Yearly values stand on 1 July (percentages of December on 31 December) and are interpolated
    linearly; outside, the series goes on with the growth rate of the nearest pair.
    """
    known_days = _days_of(name)
    known = np.array(list(yearly_series()[name].values()))
    values = np.interp(days, known_days, known)
    for a, b, outside in ((0, 1, days < known_days[0]), (-2, -1, days > known_days[-1])):
        nearest = a if a == 0 else b
        elapsed = (days[outside] - known_days[nearest]) / (known_days[b] - known_days[a])
        values[outside] = known[nearest] * (known[b] / known[a]) ** elapsed
    return np.asarray(values, dtype=np.float64)


def _day_factors(calendar: Calendar, goods: Goods, festival: float) -> NDArray[np.float64]:
    events = _events()
    promotions = _promotions(calendar, events)
    domestic = _mean_one(promotions * _festivals(calendar, events, festival), calendar)
    profile = np.array(events["cross_border"]["month_profile"])
    abroad = _mean_one(profile[calendar.month - 1], calendar)
    factors = np.empty((len(goods.perishable), 2, len(calendar.year)))
    for good, perishable in enumerate(goods.perishable):
        if perishable:
            factors[good] = _season_of_demand(calendar, goods, good) * promotions
        else:
            factors[good, DOMESTIC] = domestic
            factors[good, CROSS_BORDER] = abroad
    return factors


@cache
def _events() -> dict[str, Any]:
    return read_data("calendar_events.toml")


def _promotions(calendar: Calendar, events: dict[str, Any]) -> NDArray[np.float64]:
    factors = np.ones(len(calendar.year))
    for event in events["promotion"]:
        on_day = (calendar.month == event["month"]) & (calendar.day_of_month == event["day"])
        factors[on_day & (calendar.year >= event["first_year"])] *= event["multiple"]["value"]
    return factors


def _festivals(
    calendar: Calendar, events: dict[str, Any], festival_factor: float
) -> NDArray[np.float64]:
    first_days = {day.year: day_of(day) for day in events["spring_festival"]["first_day"]}
    factors = np.ones(len(calendar.year))
    for year in range(int(calendar.year[0]), int(calendar.year[-1]) + 1):
        if year not in first_days:
            raise DataError(
                f"sim/data/calendar_events.toml: no Spring Festival of {year};"
                f" known: {min(first_days)} to {max(first_days)}"
            )
        first = first_days[year] - calendar.first_day
        factors[first + _FESTIVAL_DAYS[0] : first + _FESTIVAL_DAYS[-1] + 1] = festival_factor
    return factors


def _mean_one(factors: NDArray[np.float64], calendar: Calendar) -> NDArray[np.float64]:
    years = calendar.year - calendar.year[0]
    means = np.bincount(years, weights=factors) / np.bincount(years)
    return np.asarray(factors / means[years], dtype=np.float64)


def _season_of_demand(calendar: Calendar, goods: Goods, good: int) -> NDArray[np.float64]:
    days = round(float(goods.window_days[good]))
    length = days + 2 * DEMAND_MARGIN_DAYS
    factors = np.zeros(len(calendar.year))
    # A season may begin or end in the neighbouring year.
    for year in range(int(calendar.year[0]) - 1, int(calendar.year[-1]) + 2):
        start = date(year, int(goods.window_start_month[good]), int(goods.window_start_day[good]))
        opens = day_of(start - timedelta(days=DEMAND_MARGIN_DAYS)) - calendar.first_day
        factors[max(opens, 0) : max(opens + length, 0)] = 365.0 / length
    return factors
