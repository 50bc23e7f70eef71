"""The observer on series made by hand: which day, which rule, which list."""

import pickle
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.observer import FEN_PER_YUAN, TOWN_YEAR_FIELDS, Event, Observer, Rule
from sim.observer.window import VILLAGES_AT_ONCE
from sim.scenario import ObserverRule, VillageSpec, registered
from sim.world.calendar import date_of, day_of
from sim.world.records import Month
from sim.world.register import Register

STRICT, PUBLISHED = ObserverRule(), ObserverRule(rule="published")
DEFAULT = Rule()
TEN_MILLION = 10_000_000.0
ENOUGH = 101.0
YEAR_2015 = date(2015, 1, 1)


def village(name: str = "Reed", **changes: Any) -> VillageSpec:
    place = {"province": "P", "prefecture": "Q", "county": "C", "town": "T"}
    size = {"people": 3000, "households": 1000, "broadband_year": 2005}
    return VillageSpec.model_validate({"name": name, **place, **size, **changes})


def observer_of(
    *villages: VillageSpec, rule: ObserverRule = STRICT, listing: str = "06-30"
) -> Observer:
    register = registered(villages or [village()])
    return Observer(Rule.of(rule), listing, register)


def show(
    observer: Observer, sales: Any, stores: Any = ENOUGH, start: date = YEAR_2015, step: int = 0
) -> Observer:
    """Let the observer see series of (villages, days), all at once or `step` days at a time."""
    sales = np.atleast_2d(np.asarray(sales, dtype=float))
    active = np.broadcast_to(np.asarray(stores, dtype=float), sales.shape)
    for first in range(0, sales.shape[1], step or sales.shape[1]):
        days = slice(first, first + step if step else None)
        observer.observe(day_of(start) + first, sales[:, days], active[:, days])
    return observer


def on_days(length: int, start: date, **yuan_by_day: float) -> np.ndarray:
    """A series of sales that is zero but on days such as ``d20150110``."""
    series = np.zeros(length)
    for name, yuan in yuan_by_day.items():
        series[(date.fromisoformat(name[1:]) - start).days] = yuan
    return series


def scattered(shape: tuple[int, ...], most: float) -> np.ndarray:
    """Numbers from 0 to `most` in no order."""
    places = np.arange(1, np.prod(shape) + 1, dtype=float)
    return most * np.modf(places * 0.6180339887498949)[0].reshape(shape)


def day_or_none(day: int) -> date | None:
    return None if day < 0 else date_of(day)


def kinds(events: Sequence[Event]) -> list[tuple[str, str]]:
    return [(event.kind, date_of(event.day).isoformat()) for event in events]


# --- thresholds


def test_the_crossing_day_is_the_first_on_which_both_thresholds_are_passed() -> None:
    observer = show(observer_of(), np.full(365, 50_000.0))

    # 200 days make ten million, which must be exceeded.
    assert date_of(observer.crossed_day[0]) == YEAR_2015 + timedelta(days=200)


def test_the_crossing_waits_for_the_stores() -> None:
    stores = np.where(np.arange(365) < 250, 100.0, 101.0)
    observer = show(observer_of(), np.full(365, 50_000.0), stores)

    assert date_of(observer.crossed_day[0]) == YEAR_2015 + timedelta(days=250)


@pytest.mark.parametrize(
    ("rule", "yuan", "stores", "holds"),
    [
        (STRICT, TEN_MILLION, 101, False),
        (STRICT, TEN_MILLION + 0.01, 101, True),
        (STRICT, TEN_MILLION + 0.01, 100, False),
        (STRICT, 9 * TEN_MILLION, 99, False),
        (PUBLISHED, TEN_MILLION, 100, True),
        (PUBLISHED, TEN_MILLION - 0.01, 100, False),
        (PUBLISHED, TEN_MILLION, 99, False),
        (PUBLISHED, 9 * TEN_MILLION, 99, False),
    ],
)
def test_strict_means_more_than_and_published_means_at_least(
    rule: ObserverRule, yuan: float, stores: int, holds: bool
) -> None:
    observer = show(observer_of(rule=rule), [yuan], stores)

    assert observer.holds.tolist() == [holds]


@pytest.mark.parametrize(("stores", "holds"), [(29, False), (30, True)])
def test_by_the_published_rule_a_tenth_of_the_households_will_do(stores: int, holds: bool) -> None:
    small = village(people=900, households=300)
    observer = show(observer_of(small, rule=PUBLISHED), [TEN_MILLION], stores)

    assert observer.holds.tolist() == [holds]


def test_by_the_published_rule_a_hundred_stores_will_do_in_a_large_village() -> None:
    large = village(people=9000, households=3000)
    observer = show(observer_of(large, rule=PUBLISHED), [TEN_MILLION], 100)

    assert observer.holds.tolist() == [True]


def test_by_the_strict_rule_a_tenth_of_the_households_will_not_do() -> None:
    small = village(people=900, households=300)
    observer = show(observer_of(small), [2 * TEN_MILLION], 90)

    assert observer.holds.tolist() == [False]


# 0.07 · 100 and 0.29 · 100 are not whole in binary numbers.
@pytest.mark.parametrize(("share", "stores"), [(0.07, 7), (0.29, 29), (0.1, 10)])
def test_a_share_of_households_is_reached_by_exactly_so_many_stores(
    share: float, stores: int
) -> None:
    rule = ObserverRule(rule="published", household_share=share)
    place = village(people=300, households=100)

    for fewer, holds in ((1, False), (0, True)):
        observer = show(observer_of(place, rule=rule), [TEN_MILLION], stores - fewer)
        assert observer.holds.tolist() == [holds]


def test_thresholds_of_the_scenario_replace_those_of_the_rule() -> None:
    rule = ObserverRule(sales_threshold_yuan=500.5, stores_threshold=0)
    observer = show(observer_of(rule=rule), [500.0, 0.5, 0.01], 1)

    assert date_of(observer.crossed_day[0]) == date(2015, 1, 3)


def test_each_village_is_measured_by_its_own_households() -> None:
    both = (village("Reed", people=900, households=300), village("Willow"))
    observer = show(observer_of(*both, rule=PUBLISHED), [[TEN_MILLION], [TEN_MILLION]], 50)

    assert observer.holds.tolist() == [True, False]


# --- the trailing year


@pytest.mark.parametrize(
    ("sold_on", "last_day_counted"),
    [
        (date(2014, 3, 10), date(2015, 3, 9)),
        # 365 days, not a calendar year, so 29 February takes one away.
        (date(2015, 3, 10), date(2016, 3, 8)),
        (date(2016, 2, 28), date(2017, 2, 26)),
        (date(2016, 2, 29), date(2017, 2, 27)),
        (date(2016, 3, 1), date(2017, 2, 28)),
    ],
)
def test_a_sale_counts_for_365_days_also_over_29_february(
    sold_on: date, last_day_counted: date
) -> None:
    observer = observer_of()
    series = on_days(500, sold_on, **{f"d{sold_on:%Y%m%d}": 80.0})
    day = day_of(sold_on)
    counted = []
    for place, yuan in enumerate(series):
        show(observer, [yuan], start=date_of(day + place))
        counted.append(int(observer.trailing_fen[0]))

    last = (last_day_counted - sold_on).days
    assert counted == [8000] * (last + 1) + [0] * (500 - last - 1)


def test_the_trailing_days_are_those_of_the_scenario() -> None:
    observer = show(observer_of(rule=ObserverRule(trailing_days=2)), [1.0, 20.0, 300.0])

    assert observer.trailing_fen.tolist() == [32_000]


def test_counting_in_fen_never_drifts() -> None:
    yuan = 0.1 + np.arange(4000) % 977 * 1000.07
    observer = show(observer_of(), yuan, step=31)

    exact = sum(round(amount * FEN_PER_YUAN) for amount in yuan[-365:].tolist())
    assert observer.trailing_fen.tolist() == [exact]


def test_after_a_year_without_sales_nothing_is_left() -> None:
    yuan = np.concatenate([np.full(1000, 1234.5678), np.zeros(365)])
    observer = show(observer_of(), yuan, step=7)

    assert observer.trailing_fen.tolist() == [0]


def test_a_seasonal_village_stays_through_eleven_months_of_sleep() -> None:
    """Twenty days of June carry a village to the day before the next season would have begun."""
    days = 2 * 366
    sales = np.zeros(days)
    june = (date(2015, 6, 10) - YEAR_2015).days
    sales[june : june + 20] = 600_000.0
    observer = observer_of()
    held = []
    for place, yuan in enumerate(sales):
        show(observer, [yuan], start=YEAR_2015 + timedelta(days=place))
        if observer.holds[0]:
            held.append(YEAR_2015 + timedelta(days=place))

    # 17 days make more than ten million; the first four of 20 must have left the year again.
    assert (held[0], held[-1]) == (date(2015, 6, 26), date(2016, 6, 11))
    assert len(held) == (held[-1] - held[0]).days + 1
    assert day_or_none(observer.listed_day[0]) == date(2015, 6, 30)
    assert day_or_none(observer.lost_day[0]) == date(2016, 6, 30)


# --- lists, status, events


@pytest.mark.parametrize("listing", ["06-30", "01-01", "12-31", "02-28"])
def test_a_village_is_listed_on_the_first_listing_date_after_its_crossing(listing: str) -> None:
    sales = np.full(800, 2 * TEN_MILLION / 365)
    observer = show(observer_of(listing=listing), sales)

    crossed = date_of(observer.crossed_day[0])
    month, day = map(int, listing.split("-"))
    candidates = [date(year, month, day) for year in (2015, 2016, 2017)]
    assert date_of(observer.listed_day[0]) == min(d for d in candidates if d >= crossed)


def test_crossing_on_the_listing_date_is_in_time() -> None:
    sales = on_days(365, YEAR_2015, d20150630=2 * TEN_MILLION)
    observer = show(observer_of(), sales)

    assert observer.listed_day.tolist() == observer.crossed_day.tolist()


def test_crossing_the_day_after_the_listing_date_waits_for_a_year() -> None:
    sales = on_days(600, YEAR_2015, d20150701=2 * TEN_MILLION)
    observer = show(observer_of(), sales)

    # 30 June 2016 is the 366th day: a leap day has come between.
    assert (date_of(observer.crossed_day[0]), observer.listed_day[0]) == (date(2015, 7, 1), -1)


def test_status_is_lost_and_regained_on_listing_dates_only() -> None:
    sales = on_days(
        1700, YEAR_2015, d20150601=2 * TEN_MILLION, d20170601=2 * TEN_MILLION,
        d20180601=2 * TEN_MILLION,
    )  # fmt: skip
    observer = show(observer_of(), sales)

    assert kinds(observer.events) == [
        ("first_store", "2015-01-01"),
        ("crossed", "2015-06-01"),
        ("listed", "2015-06-30"),
        ("lost", "2016-06-30"),
        ("listed", "2017-06-30"),
        ("lost", "2019-06-30"),
    ]
    assert [event.text for event in observer.events[2:5]] == [
        "Reed: on the list of 2015",
        "Reed: off the list of 2016",
        "Reed: again on the list of 2017",
    ]


def test_the_days_kept_are_the_first_crossing_the_first_listing_and_the_last_loss() -> None:
    sales = on_days(1700, YEAR_2015, d20150601=2 * TEN_MILLION, d20170601=2 * TEN_MILLION)
    observer = show(observer_of(), sales)

    days = (observer.crossed_day[0], observer.listed_day[0], observer.lost_day[0])
    assert [date_of(day) for day in days] == [
        date(2015, 6, 1), date(2015, 6, 30), date(2018, 6, 30),
    ]  # fmt: skip


def test_falling_below_between_two_lists_loses_nothing() -> None:
    """The rule fails from 21 April 2016 on and holds again on 1 June."""
    sales = on_days(700, YEAR_2015, d20150422=2 * TEN_MILLION, d20160601=2 * TEN_MILLION)
    observer = show(observer_of(), sales[: (date(2016, 5, 15) - YEAR_2015).days])
    assert (observer.holds[0], observer.is_listed[0]) == (False, True)

    show(observer, sales[(date(2016, 5, 15) - YEAR_2015).days :], start=date(2016, 5, 15))
    assert (observer.is_listed[0], observer.lost_day[0]) == (True, -1)


def test_the_first_store_is_dated_by_the_first_day_with_an_active_one() -> None:
    observer = show(observer_of(), np.zeros(4), [0, 0, 1, 1])

    assert kinds(observer.events) == [("first_store", "2015-01-03")]
    assert observer.events[0].text == "Reed: first order of a store"


def test_what_has_not_happened_has_no_day() -> None:
    observer = show(observer_of(), np.zeros(800), 0)

    assert observer.events == []
    for days in (observer.crossed_day, observer.listed_day, observer.lost_day):
        assert days.tolist() == [-1]


# --- towns and clusters


def listed_in_2015(*villages: VillageSpec, stores: float = ENOUGH, year: int = 2015) -> Observer:
    """An observer that has put all villages on the list of a year, except those named "small"."""
    observer = observer_of(*villages)
    yuan = [0.0 if name.startswith("small") else 2 * TEN_MILLION for name in observer.names]
    return show(observer, [[y] for y in yuan], stores, start=date(year, 6, 30))


@pytest.mark.parametrize(("villages", "towns"), [(2, 0), (3, 1)])
def test_three_listed_villages_make_a_town(villages: int, towns: int) -> None:
    observer = listed_in_2015(village(count=villages))

    assert observer.town_count == towns


def test_towns_of_one_name_in_two_counties_are_two_towns() -> None:
    observer = listed_in_2015(village("Reed", count=2), village("Reed", county="D", count=2))

    assert observer.town_count == 0


@pytest.mark.parametrize(("year", "towns"), [(2018, 0), (2019, 1)])
def test_since_2019_large_sales_and_many_stores_make_a_town_too(year: int, towns: int) -> None:
    observer = listed_in_2015(village(count=2), stores=151, year=year)

    assert observer.town_count == towns


@pytest.mark.parametrize(
    ("yuan", "stores", "towns"),
    [(15_000_000.01, 151, 1), (15_000_000.0, 151, 0), (15_000_000.01, 150, 0)],
)
def test_a_large_town_has_more_than_30_million_yuan_and_300_stores(
    yuan: float, stores: int, towns: int
) -> None:
    observer = observer_of(village(count=2))
    show(observer, [[yuan], [yuan]], stores, start=date(2019, 6, 30))

    assert observer.town_count == towns


def test_a_large_town_needs_no_listed_village() -> None:
    observer = observer_of(village(count=6))
    show(observer, np.full((6, 1), 6_000_000.0), 60, start=date(2020, 6, 30))

    assert (observer.is_listed.any(), observer.town_count) == (False, 1)


def test_a_town_is_told_once_and_again_after_a_break() -> None:
    observer = listed_in_2015(village(count=3))
    for year, yuan in ((2016, 2 * TEN_MILLION), (2017, 0.0), (2018, 2 * TEN_MILLION)):
        length = (date(year, 6, 30) - date(year - 1, 6, 30)).days
        series = np.zeros((3, length))
        series[:, -1] = yuan
        show(observer, series, start=date(year - 1, 7, 1))

    towns = [event for event in observer.events if event.kind == "town"]
    assert kinds(towns) == [("town", "2015-06-30"), ("town", "2018-06-30")]
    assert towns[0].text == "T: an e-commerce town on the list of 2015"


@pytest.mark.parametrize(("villages", "share"), [(9, 0.0), (10, 10 / 11)])
def test_a_cluster_has_ten_listed_villages_of_a_county(villages: int, share: float) -> None:
    observer = listed_in_2015(village(count=villages), village("Willow", county="D"))

    assert observer.cluster_share == share


def test_villages_off_the_list_make_no_cluster() -> None:
    observer = listed_in_2015(village("Reed", count=9), village("small", count=30))

    assert observer.cluster_share == 0.0


@pytest.mark.parametrize(
    ("villages", "told"),
    [
        (9, []),
        (10, ["C: a cluster of 10 or more villages on the list of 2015"]),
        (29, ["C: a cluster of 10 or more villages on the list of 2015"]),
        (30, ["C: a cluster of 30 or more villages on the list of 2015"]),
        (99, ["C: a cluster of 30 or more villages on the list of 2015"]),
        (100, ["C: a cluster of 100 or more villages on the list of 2015"]),
    ],
)
def test_clusters_are_told_by_size(villages: int, told: list[str]) -> None:
    observer = listed_in_2015(village(count=villages))

    assert [event.text for event in observer.events if event.kind == "cluster"] == told


def test_a_cluster_is_told_again_only_when_it_has_become_larger() -> None:
    """20 villages on the first list, 20 on the second, 40 on the third, 40 on the fourth."""
    observer = observer_of(village(count=40))
    for year, villages in ((2015, 20), (2016, 20), (2017, 40), (2018, 40)):
        series = np.zeros((40, 365))
        series[:villages, -1] = 2 * TEN_MILLION
        show(observer, series, start=date(year, 6, 30) - timedelta(days=364))

    clusters = [event for event in observer.events if event.kind == "cluster"]
    assert kinds(clusters) == [("cluster", "2015-06-30"), ("cluster", "2017-06-30")]


# --- against a second way of counting, and however time is cut


@settings(max_examples=60, deadline=None)
@given(
    data=st.data(),
    trailing=st.integers(1, 40),
    strict=st.booleans(),
    length=st.integers(1, 120),
    step=st.integers(1, 50),
)
def test_the_observer_agrees_with_counting_every_day_anew(
    data: st.DataObject, trailing: int, strict: bool, length: int, step: int
) -> None:
    fen = data.draw(st.lists(st.integers(0, 50), min_size=length, max_size=length))
    stores = data.draw(st.lists(st.integers(0, 4), min_size=length, max_size=length))
    rule = ObserverRule(
        rule="strict" if strict else "published", trailing_days=trailing,
        sales_threshold_yuan=3.0, stores_threshold=2,
    )  # fmt: skip
    start = date(2016, 6, 1)
    observer = show(
        observer_of(rule=rule), np.array(fen) / FEN_PER_YUAN, stores, start=start, step=step
    )

    sums = [sum(fen[max(0, day - trailing + 1) : day + 1]) for day in range(length)]
    held = [
        total > 300 and count > 2 if strict else total >= 300 and count >= 2
        for total, count in zip(sums, stores, strict=True)
    ]
    first = day_of(start) + held.index(True) if True in held else -1
    listing = (date(2016, 6, 30) - start).days
    assert observer.trailing_fen.tolist() == [sums[-1]]
    assert observer.holds.tolist() == [held[-1]]
    assert observer.crossed_day.tolist() == [first]
    assert observer.is_listed.tolist() == [length > listing and held[listing]]


@pytest.mark.parametrize("step", [1, 31, 400])
def test_it_does_not_matter_how_time_is_cut(step: int) -> None:
    both = (village("Reed"), village("Willow"))
    sales = np.abs(np.sin(np.arange(1600) / 50)) * 90_000.37 * np.array([[1.0], [0.7]])
    stores = 80 + np.arange(1600) % 800 / 10
    whole = show(observer_of(*both), sales, stores)
    cut = show(observer_of(*both), sales, stores, step=step)

    assert {"crossed", "listed", "lost"} <= {event.kind for event in whole.events}
    assert cut.events == whole.events
    assert cut.trailing_fen.tolist() == whole.trailing_fen.tolist()


@pytest.mark.parametrize("days", [50, 400])
def test_an_observer_that_was_stored_goes_on_as_if_nothing_had_happened(days: int) -> None:
    sales = np.abs(np.sin(np.arange(1600) / 50)) * 90_000.37 * np.array([[1.0], [0.7]])
    stores = 80 + np.arange(1600) % 800 / 10
    whole = show(observer_of(village(count=2)), sales, stores)
    part = show(observer_of(village(count=2)), sales[:, :days], stores[:days])
    stored = pickle.loads(pickle.dumps(part))
    show(stored, sales[:, days:], stores[days:], start=YEAR_2015 + timedelta(days=days))

    assert stored.events == whole.events
    assert {"crossed", "listed", "lost"} <= {event.kind for event in whole.events}
    for name in ("trailing_fen", "holds", "holds_published", "is_listed", "lost_day"):
        assert getattr(stored, name).tolist() == getattr(whole, name).tolist()
    assert [each.sales_fen.tolist() for each in stored.lists] == [
        each.sales_fen.tolist() for each in whole.lists
    ]


# --- both rules, yearly lists


@pytest.mark.parametrize(
    ("rule", "households", "yuan", "stores", "holds"),
    [
        (STRICT, 1000, TEN_MILLION + 0.01, 101, (True, True)),
        (PUBLISHED, 1000, TEN_MILLION + 0.01, 101, (True, True)),
        (STRICT, 1000, TEN_MILLION, 101, (False, True)),
        (PUBLISHED, 1000, TEN_MILLION, 101, (False, True)),
        (STRICT, 300, 2 * TEN_MILLION, 30, (False, True)),
        (PUBLISHED, 300, 2 * TEN_MILLION, 30, (False, True)),
        (PUBLISHED, 300, 2 * TEN_MILLION, 29, (False, False)),
    ],
)
def test_both_rules_are_followed_whichever_is_the_scenarios(
    rule: ObserverRule, households: int, yuan: float, stores: int, holds: tuple[bool, bool]
) -> None:
    place = village(people=3 * households, households=households)
    observer = show(observer_of(place, rule=rule), [yuan], stores)

    assert (observer.holds_strict[0], observer.holds_published[0]) == holds
    assert observer.holds[0] == holds[rule.rule == "published"]


def test_each_rule_has_its_own_crossing_day() -> None:
    """Ten million exactly on the 200th day, more on the 201st."""
    days = {}
    for rule in (STRICT, PUBLISHED):
        observer = show(observer_of(rule=rule), np.full(365, 50_000.0))
        days[rule.rule] = (observer.crossed_day[0], observer.crossed_other_day[0])

    first, second = (day_of(YEAR_2015) + place for place in (199, 200))
    assert days == {"strict": (second, first), "published": (first, second)}


def test_thresholds_of_the_scenario_hold_for_both_rules() -> None:
    rule = ObserverRule(sales_threshold_yuan=500, stores_threshold=2)
    observer = show(observer_of(rule=rule), [500.0], 2)

    assert (observer.holds_strict[0], observer.holds_published[0]) == (False, True)


def test_a_list_holds_who_is_on_it_and_since_when() -> None:
    sales = np.vstack([
        on_days(1300, YEAR_2015, d20150601=2e7, d20160601=3e7, d20180601=4e7),
        on_days(1300, YEAR_2015, d20170601=2.5e7, d20180602=2.5e7),
        np.zeros(1300),
    ])  # fmt: skip
    observer = show(observer_of(village(count=3)), sales)
    lists = observer.lists

    assert [(each.year, date_of(each.day)) for each in lists] == [
        (year, date(year, 6, 30)) for year in (2015, 2016, 2017, 2018)
    ]
    assert [each.villages.tolist() for each in lists] == [[0], [0], [1], [0, 1]]
    assert [each.lost.tolist() for each in lists] == [[], [], [0], []]
    assert [[date_of(day).year for day in each.since_day] for each in lists] == [
        [2015], [2015], [2017], [2018, 2017],
    ]  # fmt: skip
    assert [each.sales_fen.tolist() for each in lists[:2]] == [[2_000_000_000], [3_000_000_000]]


def test_a_list_counts_by_both_rules() -> None:
    """101 stores, 100 stores, a tenth of few households, and too few of either."""
    small = village("Small", people=600, households=200)
    observer = observer_of(village(count=2), small, village("Idle"), rule=PUBLISHED)
    series = np.full((4, 1), 2 * TEN_MILLION)
    show(observer, series, [[101.0], [100.0], [20.0], [99.0]], start=date(2015, 6, 30))
    (only,) = observer.lists

    assert only.villages.tolist() == only.published.tolist() == [0, 1, 2]
    assert only.strict.tolist() == [0]
    assert only.stores.tolist() == [101.0, 100.0, 20.0]


def test_a_list_names_its_towns() -> None:
    observer = listed_in_2015(village("Reed", town="A"), village("Willow", town="B", count=3))

    assert [each.towns.tolist() for each in observer.lists] == [[1]]


# --- large worlds


def many(villages: int, rule: Rule = DEFAULT) -> Observer:
    """An observer of so many villages alike, twenty to a town and two hundred to a county."""
    one = registered([village()])
    columns = {field.name: getattr(one, field.name) for field in fields(Register)}
    columns |= {
        name: np.repeat(column, villages, axis=0)
        for name, column in columns.items()
        if isinstance(column, np.ndarray)
    }
    columns["names"] = [f"Reed {number}" for number in range(villages)]
    columns["town"] = (np.arange(villages) // 20).astype(np.int32)
    towns = villages // 20 + 1
    columns["town_paths"] = [f"P/Q/C{town // 10:05}/T{town:06}" for town in range(towns)]
    register = Register(**columns)
    return Observer(rule, "06-30", register)


def test_the_days_of_200_000_villages_take_little_memory() -> None:
    """One in ten sells up to 20,000 yuan a day."""
    observer = many(200_000)
    sales = np.zeros((200_000, 31))
    sales[::10] = scattered((20_000, 31), 20_000.0)
    for month in range(14):
        observer.observe(31 * month, sales, np.zeros_like(sales))

    # Whole numbers of eight bytes would take 2,920 bytes a village.
    assert observer.nbytes < 150 * 200_000
    assert observer.trailing_fen[0] == last_365_days_fen(sales[0], 14)


def last_365_days_fen(month: np.ndarray, months: int) -> int:
    fen = [round(yuan * FEN_PER_YUAN) for yuan in np.tile(month, months).tolist()]
    return sum(fen[-365:])


def test_days_that_have_left_are_forgotten() -> None:
    observer = many(9000)
    sales = scattered((9000, 31), 90_000.0)
    sizes = []
    for month in range(40):
        observer.observe(31 * month, sales, np.zeros_like(sales))
        sizes.append(observer.nbytes)

    assert max(sizes[13:]) == min(sizes[13:])


def test_villages_that_are_packed_apart_are_measured_alike() -> None:
    """The first and the last of more villages than are packed together sell the same."""
    observer = many(VILLAGES_AT_ONCE + 3)
    sales = np.zeros((VILLAGES_AT_ONCE + 3, 500))
    sales[0] = sales[-1] = np.arange(500) % 90 * 1000.37
    show(observer, sales, step=30)

    assert observer.trailing_fen[0] == observer.trailing_fen[-1] > 0
    assert observer.crossed_day[0] == observer.crossed_day[-1] > 0
    assert (observer.crossed_day >= 0).sum() == 2


@pytest.mark.parametrize(("villages", "told"), [(1000, 1000), (1001, 1)])
def test_in_large_worlds_only_the_very_first_store_is_told(villages: int, told: int) -> None:
    observer = many(villages)
    show(observer, np.full((villages, 1), 2 * TEN_MILLION), start=date(2015, 6, 30))

    numbers = Counter(event.kind for event in observer.events)
    assert (numbers["first_store"], numbers["crossed"], numbers["listed"]) == (
        told, villages, villages,
    )  # fmt: skip
    assert (observer.first_store_day == day_of(date(2015, 6, 30))).all()


@pytest.mark.parametrize("step", [1, 31])
def test_the_very_first_store_is_that_of_the_earliest_day(step: int) -> None:
    observer = many(1001)
    stores = np.zeros((1001, 70))
    stores[9, 40:], stores[700, 35:], stores[800, 35:] = 1.0, 1.0, 1.0
    show(observer, np.zeros((1001, 70)), stores, step=step)

    assert [(event.day - day_of(YEAR_2015), event.village) for event in observer.events] == [
        (35, 700)
    ]


@pytest.mark.parametrize("most_yuan", [0.005, 2.55, 655.36, 167_772.17, 9.0e9, 9.0e13])
def test_sales_of_any_size_are_counted_to_the_fen(most_yuan: float) -> None:
    yuan = scattered((900,), most_yuan) * (np.arange(900) % 3 > 0)
    yuan[[100, 600]] = most_yuan
    observer = show(observer_of(), yuan, step=29)

    exact = sum(round(amount * FEN_PER_YUAN) for amount in yuan[-365:].tolist())
    assert observer.trailing_fen.tolist() == [exact]


# --- years of towns


def test_years_of_towns_are_sums_of_their_villages() -> None:
    observer = observer_of(village("Reed", town="A", count=2), village("Willow", town="B"))
    months = scattered((14, 3, len(Month)), 9.0)
    for place in range(14):
        day = date(2015 + place // 12, 1 + place % 12, 1)
        observer.close_month(day_of(day), months[place], np.array([2.0, 0.5, 7.0]))
    first, second = observer.town_years
    at = TOWN_YEAR_FIELDS.index

    assert [(year.year, year.days) for year in (first, second)] == [(2015, 365), (2016, 60)]
    sales = months[:, :, Month.ONLINE_SALES_YUAN]
    assert first.values[:, at("online_sales_yuan")] == pytest.approx(
        [sales[:12, :2].sum(), sales[:12, 2].sum()]
    )
    assert second.values[:, at("online_sales_yuan")].sum() == pytest.approx(sales[12:].sum())
    paid = months[:12, :, Month.SUBSIDIES_YUAN].sum(axis=0)
    assert first.values[:, at("policy_cost_yuan")] == pytest.approx(
        [30.0 + paid[:2].sum(), 84.0 + paid[2]]
    )
    stores = months[:, :, Month.ACTIVE_STORES]
    assert first.values[:, at("active_stores")] == pytest.approx(
        [stores[11, :2].sum(), stores[11, 2]]
    )


def test_years_of_towns_count_the_villages_that_satisfy_each_rule_at_the_end() -> None:
    observer = observer_of(village("Reed", town="A", count=3), village("Willow", town="B"))
    sales = [[2e7], [TEN_MILLION], [0.0], [2e7]]
    show(observer, sales, start=date(2015, 3, 31))
    observer.close_month(day_of(date(2015, 3, 1)), np.zeros((4, len(Month))), np.zeros(4))
    (only,) = observer.town_years

    designated = {
        name: only.values[:, TOWN_YEAR_FIELDS.index(name)].tolist()
        for name in ("designated_strict", "designated_published")
    }
    assert designated == {"designated_strict": [1, 1], "designated_published": [2, 1]}
