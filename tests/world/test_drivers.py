import csv
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import DataError
from sim.world.calendar import build_calendar, day_of
from sim.world.drivers import (
    CROSS_BORDER,
    DOMESTIC,
    Drivers,
    build_drivers,
    middles_of_months,
    monthly,
    yearly_series,
)
from sim.world.parameters import DATA_FOLDER, behaviour, good_names, goods

START, END = date(2009, 1, 1), date(2022, 12, 31)
DRIVERS = build_drivers(START, END, goods())
CALENDAR = build_calendar(START, END)
BAYBERRY = good_names().index("bayberry")
SANITARY_WARE = good_names().index("sanitary_ware")
MONTHLY = [name for name in Drivers._fields if name != "day_factor"]


def factor(day: date, good: int = SANITARY_WARE, side: int = DOMESTIC) -> float:
    return float(DRIVERS.day_factor[good, side, (day - START).days])


@pytest.mark.parametrize("name", MONTHLY)
def test_a_series_has_one_finite_value_for_each_month(name: str) -> None:
    values = getattr(DRIVERS, name)
    assert values.shape == (14 * 12,)
    assert values.dtype == np.float64
    assert np.isfinite(values).all()


def test_day_factors_have_one_value_for_each_good_side_and_day() -> None:
    assert DRIVERS.day_factor.shape == (len(good_names()), 2, (END - START).days + 1)
    assert DRIVERS.day_factor.flags.c_contiguous


@pytest.mark.parametrize("name", sorted(yearly_series()))
def test_a_series_passes_through_its_yearly_values(name: str) -> None:
    series = yearly_series()[name]
    month, day = (12, 31) if name.endswith("_december") else (7, 1)
    days = np.array([day_of(date(year, month, day)) for year in series])
    np.testing.assert_allclose(monthly(name, days), list(series.values()), rtol=1e-12)


def test_between_two_years_a_series_is_a_straight_line() -> None:
    days = np.array([day_of(date(2014, 7, 1)), day_of(date(2015, 7, 1))])
    middle = np.array([days.sum() // 2])
    before, after = (yearly_series()["online_retail_bn_yuan"][y] for y in (2014, 2015))
    share = (middle[0] - days[0]) / (days[1] - days[0])
    expected = before + share * (after - before)
    assert monthly("online_retail_bn_yuan", middle)[0] == pytest.approx(expected)


def test_outside_its_years_a_series_keeps_the_growth_of_the_nearest_pair() -> None:
    series = yearly_series()["online_retail_bn_yuan"]
    first = day_of(date(2009, 7, 1)) - (day_of(date(2010, 7, 1)) - day_of(date(2009, 7, 1)))
    last = day_of(date(2022, 7, 1)) + (day_of(date(2022, 7, 1)) - day_of(date(2021, 7, 1)))
    values = monthly("online_retail_bn_yuan", np.array([first, last]))
    assert values[0] == pytest.approx(series[2009] ** 2 / series[2010])
    assert values[1] == pytest.approx(series[2022] ** 2 / series[2021])


def test_published_years_of_the_file_are_kept_as_they_are() -> None:
    with (DATA_FOLDER / "drivers.csv").open(encoding="utf-8", newline="") as file:
        rows = {(r["series"], r["year"]): r for r in csv.DictReader(file)}
    row = rows["zhejiang_rural_income_yuan_per_year", "2018"]
    assert (row["value"], row["verified"]) == ("27302", "yes")


def test_indices_are_one_in_the_middle_of_2015() -> None:
    june = 6 * 12 + 5
    for name in ("retail_index", "cross_border_index"):
        before, after = getattr(DRIVERS, name)[june : june + 2]
        assert before < 1.0 < after


def test_income_is_monthly() -> None:
    middles = middles_of_months(START, END)
    incomes = DRIVERS.income_per_head_yuan_per_month
    in_july = np.interp(day_of(date(2018, 7, 1)), middles, incomes)
    assert in_july == pytest.approx(27_302 / 12, rel=0.002)


def test_the_internet_share_never_passes_one() -> None:
    late = build_drivers(date(2034, 1, 1), date(2035, 1, 31), goods())
    assert late.rural_internet_share.max() == 1.0
    assert DRIVERS.rural_internet_share.min() > 0.0


def test_trend_years_count_from_the_middle_of_2015() -> None:
    assert DRIVERS.trend_years[6 * 12 + 6] == pytest.approx(14 / 365.25)
    assert DRIVERS.trend_years[0] == pytest.approx(-6.46, abs=0.01)


@pytest.mark.parametrize("side", [DOMESTIC, CROSS_BORDER])
@pytest.mark.parametrize("year", range(2009, 2023))
def test_day_factors_of_manufactured_goods_average_one_over_a_year(side: int, year: int) -> None:
    in_year = year == CALENDAR.year
    means = DRIVERS.day_factor[~goods().perishable, side][:, in_year].mean(axis=1)
    np.testing.assert_allclose(means, 1.0, rtol=1e-12)


def test_an_ordinary_day_and_a_promotion_day_differ_by_the_multiple() -> None:
    ordinary = factor(date(2018, 3, 5))
    assert factor(date(2018, 11, 11)) / ordinary == pytest.approx(8.0)
    assert factor(date(2018, 6, 18)) / ordinary == pytest.approx(3.0)
    assert factor(date(2018, 12, 12)) / ordinary == pytest.approx(3.0)


def test_a_promotion_day_begins_in_its_first_year() -> None:
    assert factor(date(2009, 6, 18)) == factor(date(2009, 3, 5))
    assert factor(date(2011, 12, 12)) == factor(date(2011, 3, 5))
    assert factor(date(2010, 6, 18)) > factor(date(2010, 3, 5))


def test_demand_rests_in_the_fourteen_days_of_the_spring_festival() -> None:
    festival = date(2019, 2, 5)
    ordinary = factor(date(2019, 3, 5))
    low = [factor(festival + timedelta(days=d)) / ordinary for d in range(-7, 9)]
    expected = behaviour().spring_festival_factor
    np.testing.assert_allclose(low, [1.0, *[expected] * 14, 1.0])


def test_the_behaviour_of_the_run_sets_the_depth_of_the_festival() -> None:
    flat = build_drivers(
        date(2019, 1, 1), date(2019, 12, 31), goods(), behaviour({"spring_festival_factor": 1.0})
    )
    values = flat.day_factor[SANITARY_WARE, DOMESTIC]
    assert values[35] == values[70]


def test_buyers_abroad_know_neither_promotion_nor_festival() -> None:
    november = [factor(date(2018, 11, d), side=CROSS_BORDER) for d in (10, 11, 12)]
    assert len(set(november)) == 1
    assert factor(date(2019, 2, 5), side=CROSS_BORDER) == factor(
        date(2019, 2, 27), side=CROSS_BORDER
    )


def test_fruit_is_wanted_from_thirty_days_before_its_season_to_thirty_after() -> None:
    expected = 365 / 80
    assert factor(date(2018, 5, 11), BAYBERRY) == pytest.approx(expected)
    assert factor(date(2018, 7, 29), BAYBERRY) == pytest.approx(expected)
    assert factor(date(2018, 5, 10), BAYBERRY) == 0.0
    assert factor(date(2018, 7, 30), BAYBERRY) == 0.0


def test_fruit_takes_part_in_promotions() -> None:
    assert factor(date(2018, 6, 18), BAYBERRY) == pytest.approx(3 * 365 / 80)


def test_a_season_of_demand_may_run_into_the_next_year() -> None:
    late = goods({"bayberry": {"window_start_month": 12, "window_start_day": 20}})
    values = build_drivers(date(2018, 1, 1), date(2018, 12, 31), late).day_factor[
        BAYBERRY, DOMESTIC
    ]
    assert values[0] == values[-1] == pytest.approx(365 / 80)
    assert values[180] == 0.0


@settings(max_examples=20, deadline=None)
@given(
    start=st.dates(date(2005, 1, 1), date(2020, 12, 31)),
    length=st.integers(0, 800),
)
def test_a_shorter_run_sees_the_same_days_and_months(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    part = build_drivers(start, end, goods())
    whole = build_drivers(date(2005, 1, 1), date(2023, 12, 31), goods())
    first = (start - date(2005, 1, 1)).days
    np.testing.assert_array_equal(
        part.day_factor, whole.day_factor[:, :, first : first + length + 1]
    )
    month = (start.year - 2005) * 12 + start.month - 1
    months = len(part.retail_index)
    for name in MONTHLY:
        np.testing.assert_array_equal(
            getattr(part, name), getattr(whole, name)[month : month + months]
        )


def test_a_year_without_a_known_festival_is_refused() -> None:
    with pytest.raises(DataError, match="no Spring Festival of 2036; known: 2000 to 2035"):
        build_drivers(date(2035, 1, 1), date(2036, 1, 1), goods())


@pytest.mark.parametrize("name", MONTHLY)
def test_frozen_drivers_keep_the_last_known_value_and_know_nothing_later(name: str) -> None:
    frozen = getattr(build_drivers(START, END, goods(), last_year=2016), name)
    usual = getattr(DRIVERS, name)
    until = (2016 - 2009) * 12 + (11 if name == "rural_internet_share" else 5)
    np.testing.assert_array_equal(frozen[: until + 1], usual[: until + 1])
    later = frozen[until + 1 :]
    assert len(set(later)) == 1
    assert not np.array_equal(later, usual[until + 1 :])


def test_frozen_drivers_stand_at_the_values_of_their_last_year() -> None:
    frozen = build_drivers(START, END, goods(), last_year=2016)
    series = yearly_series()
    assert frozen.rural_internet_share[-1] == pytest.approx(
        series["rural_internet_percent_december"][2016] / 100.0
    )
    assert frozen.parcel_price_yuan[-1] == pytest.approx(series["parcel_price_yuan"][2016])
    assert frozen.trend_years[-1] == pytest.approx(366 / 365.25)


def test_frozen_drivers_have_the_same_calendar_of_demand() -> None:
    frozen = build_drivers(START, END, goods(), last_year=2016)
    np.testing.assert_array_equal(frozen.day_factor, DRIVERS.day_factor)
