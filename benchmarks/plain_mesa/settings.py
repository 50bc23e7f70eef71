"""The values of a run as plain Python numbers, and the months that they belong to."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from sim.scenario import Scenario
from sim.world.calendar import day_of
from sim.world.drivers import build_drivers
from sim.world.parameters import behaviour, good_names, goods, platform_names, platforms


class Month(NamedTuple):
    """One month of the run and the national series in it."""

    number: int
    """Counted from the month of the run's first day."""
    first_day: int
    last_day: int
    year: int
    month_of_year: int
    retail_index: float
    cross_border_index: float
    parcel_price_yuan: float
    rural_internet_share: float
    income_per_head_yuan: float
    yuan_per_usd: float
    trend_years: float
    """Years since 1 July 2015."""

    @property
    def days(self) -> int:
        return self.last_day - self.first_day + 1


class Settings:
    """Everything that is the same in all villages."""

    def __init__(self, study: Scenario) -> None:
        good_table = goods(study.goods)
        platform_table = platforms(study.platform_terms)
        self.start = study.start
        self.behaviour = behaviour(study.behaviour)
        self.goods = dict(zip(good_names(), _rows(good_table), strict=True))
        self.platforms = _rows(platform_table)
        self.exists = [name in study.platforms for name in platform_names()]
        self.drivers = build_drivers(study.start, study.end, good_table, self.behaviour)
        factors = self.drivers.day_factor.tolist()
        self.day_factor = dict(zip(good_names(), factors, strict=True))

    def month_of(self, day: date) -> Month:
        first = day.replace(day=1)
        next_first = (first + timedelta(days=31)).replace(day=1)
        number = (day.year - self.start.year) * 12 + day.month - self.start.month
        series = self.drivers
        return Month(
            number,
            day_of(first),
            day_of(next_first) - 1,
            day.year,
            day.month,
            retail_index=float(series.retail_index[number]),
            cross_border_index=float(series.cross_border_index[number]),
            parcel_price_yuan=float(series.parcel_price_yuan[number]),
            rural_internet_share=float(series.rural_internet_share[number]),
            income_per_head_yuan=float(series.income_per_head_yuan_per_month[number]),
            yuan_per_usd=float(series.yuan_per_usd[number]),
            trend_years=float(series.trend_years[number]),
        )

    def platforms_open_to(self, good: Any, day: int) -> list[int]:
        """Numbers of the platforms on which a good can be offered, lowest first."""
        return [
            number
            for number, platform in enumerate(self.platforms)
            if self.exists[number]
            and platform.opened <= day
            and (good.exportable or not platform.cross_border)
        ]


def _rows(table: Any) -> list[Any]:
    """Turn a tuple of arrays into one tuple of plain numbers for each entry."""
    return [type(table)(*row) for row in zip(*(field.tolist() for field in table), strict=True)]
