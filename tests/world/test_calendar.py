from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.world.calendar import EPOCH, build_calendar, date_of, day_of, month_starts

dates = st.dates(date(1990, 1, 1), date(2060, 12, 31))
lengths = st.integers(0, 1500)


def test_day_0_is_the_epoch():
    assert day_of(EPOCH) == 0


def test_day_0_is_new_year_2000():
    assert date_of(0) == date(2000, 1, 1)


def test_leap_days_are_counted():
    assert day_of(date(2004, 3, 1)) - day_of(date(2004, 2, 28)) == 2


def test_days_before_the_epoch_are_negative():
    assert day_of(date(1999, 12, 31)) == -1


@given(dates)
def test_date_of_undoes_day_of(day):
    assert date_of(day_of(day)) == day


def test_date_of_takes_numpy_integers():
    assert date_of(np.int32(366)) == date(2001, 1, 1)


@given(dates, lengths)
def test_calendar_has_the_fields_of_its_dates(start, length):
    end = start + timedelta(days=length)
    expected = [start + timedelta(days=i) for i in range(length + 1)]

    calendar = build_calendar(start, end)

    fields = zip(calendar.year, calendar.month, calendar.day_of_month, strict=True)
    assert [date(*map(int, field)) for field in fields] == expected


@given(dates, lengths)
def test_calendar_counts_days_from_new_year(start, length):
    calendar = build_calendar(start, start + timedelta(days=length))
    new_years = [date(int(year), 1, 1) for year in calendar.year]

    days = [date_of(calendar.first_day + i) for i in range(length + 1)]

    expected = [(day - new_year).days + 1 for day, new_year in zip(days, new_years, strict=True)]
    assert calendar.day_of_year.tolist() == expected


@pytest.mark.parametrize(
    ("year", "days"), [(1900, 365), (2000, 366), (2019, 365), (2020, 366), (2100, 365)]
)
def test_calendar_knows_leap_years(year, days):
    calendar = build_calendar(date(year, 1, 1), date(year, 12, 31))

    assert calendar.days_in_year.tolist() == [days] * days


@given(dates, lengths)
def test_month_index_counts_months_since_the_epoch(start, length):
    calendar = build_calendar(start, start + timedelta(days=length))

    expected = (calendar.year.astype(int) - 2000) * 12 + calendar.month - 1
    assert calendar.month_index.tolist() == expected.tolist()


def test_calendar_of_one_day_has_one_entry():
    assert build_calendar(date(2020, 2, 29), date(2020, 2, 29)).day_of_year.tolist() == [60]


def test_calendar_holds_both_its_ends():
    calendar = build_calendar(date(2009, 1, 1), date(2022, 12, 31))

    assert calendar.year.size == 5113


def test_calendar_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="cannot end on 2009-01-01, before its start on 2010"):
        build_calendar(date(2010, 1, 1), date(2009, 1, 1))


def test_calendar_has_the_stated_types():
    calendar = build_calendar(date(2009, 1, 1), date(2009, 12, 31))

    assert [field.dtype.name for field in calendar[1:]] == [
        "int16", "int8", "int8", "int16", "int16", "int32",
    ]  # fmt: skip


def test_month_starts_are_the_first_days_of_months():
    calendar = build_calendar(date(2019, 12, 1), date(2020, 3, 1))

    starts = [date_of(day) for day in month_starts(calendar)]

    assert starts == [date(2019, 12, 1), date(2020, 1, 1), date(2020, 2, 1), date(2020, 3, 1)]


def test_month_begun_before_the_calendar_has_no_start():
    calendar = build_calendar(date(2019, 12, 2), date(2020, 1, 1))

    assert [date_of(day) for day in month_starts(calendar)] == [date(2020, 1, 1)]
