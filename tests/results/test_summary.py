import json
from datetime import date

import numpy as np
import pytest
from handmade_years import town_year_of, village

from sim.results import Cost, RunRecord, summarize, with_cost
from sim.results.accounting import accounting, workers_caused_by_orders
from sim.results.incomes import gini, mean_incomes, of_year, poverty_share
from sim.world.calendar import day_of
from sim.world.parameters import good_names

SUMMARY_KEYS = [
    "scenario", "seed", "start", "end", "villages", "households", "designations", "years",
    "seasons", "wall_s", "compute_s", "peak_mb",
]  # fmt: skip
YEAR_KEYS = [
    "online_sales_yuan", "orders", "active_stores", "stores_opened", "stores_closed",
    "jobs_in_stores", "jobs_with_makers_and_carriers", "designated_villages", "listed_villages",
    "designated_by_strict_rule", "designated_by_published_rule", "towns", "clusters_of_10",
    "clusters_of_30", "clusters_of_100", "cluster_share", "farmers_online_income_share", "gini",
]  # fmt: skip
SEASON_KEYS = [
    "first_day", "last_day", "orders", "online_sales_yuan", "online_kg", "wholesale_kg",
    "processed_kg", "lost_kg", "growers_online_income_share",
]  # fmt: skip


def test_the_summary_has_exactly_its_keys(rich_record: RunRecord) -> None:
    summary = with_cost(summarize(rich_record), Cost(1.0, 0.5, 200.0))

    assert list(summary) == SUMMARY_KEYS
    assert [list(year) for year in summary["years"].values()] == [YEAR_KEYS] * 2
    assert [list(season) for season in summary["seasons"].values()] == [SEASON_KEYS]


def test_the_head_says_what_was_run(rich_record: RunRecord) -> None:
    summary = summarize(rich_record)

    assert (summary["scenario"], summary["seed"]) == ("handmade", 7)
    assert (summary["start"], summary["end"]) == ("2018-01-01", "2019-12-31")
    assert (summary["villages"], summary["households"]) == (2, 200)


def test_the_summary_is_plain_json(rich_record: RunRecord) -> None:
    summary = summarize(rich_record)

    assert json.loads(json.dumps(summary, allow_nan=False)) == summary


def test_what_a_run_took_is_rounded(rich_record: RunRecord) -> None:
    summary = with_cost(summarize(rich_record), Cost(1.23456, 0.98765, None))

    assert (summary["wall_s"], summary["compute_s"], summary["peak_mb"]) == (1.235, 0.988, None)


def test_a_year_adds_up_months_and_villages(make_record, month) -> None:
    flows = {"online_sales_yuan": 1000.25, "orders_shipped": 5.0, "shops_opened": 2.0}
    rows = [month(2018, m, v, **flows, shops_closed=1.0) for m in (1, 2, 3) for v in (0, 1)]
    rows.append(month(2019, 1, **flows))

    years = summarize(make_record(months=rows))["years"]

    assert list(years) == ["2018", "2019"]
    assert years["2018"]["online_sales_yuan"] == 6001.5
    assert (years["2018"]["orders"], years["2019"]["orders"]) == (30, 5)
    assert (years["2018"]["stores_opened"], years["2018"]["stores_closed"]) == (12, 6)


def test_stores_and_jobs_are_those_at_the_end_of_the_year(make_record, month) -> None:
    rows = [
        month(2019, 11, active_stores=90.0, staff=500.0, designated=True),
        month(2019, 12, active_stores=40.0, staff=30.0, family_hands=12.5),
        month(2019, 12, 1, active_stores=2.0, staff=1.0, designated=True, listed=True),
    ]

    year = summarize(make_record(months=rows))["years"]["2019"]

    assert (year["active_stores"], year["jobs_in_stores"]) == (42, 43.5)
    assert (year["designated_villages"], year["listed_villages"]) == (1, 1)


def test_villages_that_satisfy_either_rule_at_the_end_of_the_year_are_counted(
    make_record, month
) -> None:
    kept = town_year_of(2019, 2, designated_strict=[1, 0], designated_published=[2, 3])
    record = make_record(months=[month(2018, 12), month(2019, 12)], town_years=[kept])
    years = summarize(record)["years"]

    found = [
        (year["designated_by_strict_rule"], year["designated_by_published_rule"])
        for year in years.values()
    ]
    assert found == [(None, None), (1, 5)]


def test_clusters_of_the_list_in_force_are_counted_by_size(make_record, month) -> None:
    entries = [village("Alder", county="A", count=30), village("Birch", county="B", count=11)]
    rows = [month(2019, 12, v, listed=v not in (0, 35)) for v in range(41)]
    year = summarize(make_record(entries, months=rows))["years"]["2019"]

    sizes = [year[f"clusters_of_{size}"] for size in (10, 30, 100)]
    assert (sizes, year["cluster_share"]) == ([2, 0, 0], 1.0)


def test_pieces_and_parcels_keep_makers_and_carriers_busy(make_record, month) -> None:
    a = accounting()
    pieces, parcels = 3 * a.pieces_per_maker_worker_month * 12, 2 * a.parcels_per_carrier_day * 365
    rows = [month(2019, 6, pieces_shipped=pieces, orders_shipped=parcels), month(2019, 12, staff=4)]

    year = summarize(make_record(months=rows))["years"]["2019"]

    assert (year["jobs_in_stores"], year["jobs_with_makers_and_carriers"]) == (4.0, 9.0)


def test_half_a_year_of_orders_keeps_as_many_busy_as_twice_the_orders_of_a_year() -> None:
    assert workers_caused_by_orders(500.0, 80.0, 0.5) == workers_caused_by_orders(1e3, 160.0, 1.0)


def test_a_part_of_a_year_is_taken_as_such(make_record, month) -> None:
    pieces = accounting().pieces_per_maker_worker_month * 12
    rows = [month(2019, 1, pieces_shipped=pieces * 73 / 365)]

    year = summarize(make_record(months=rows, end=date(2019, 3, 14)))["years"]["2019"]

    assert year["jobs_with_makers_and_carriers"] == 1.0


def test_three_listed_villages_make_a_town(make_record, month) -> None:
    villages = [{**_place("Reed"), "name": "A", "count": 3}, {**_place("Sedge"), "name": "A"}]
    rows = [month(2018, 12, v, listed=True) for v in range(4)]

    assert summarize(make_record(villages=villages, months=rows))["years"]["2018"]["towns"] == 1


@pytest.mark.parametrize(("year", "towns"), [(2018, 0), (2019, 1)])
def test_since_2019_sales_and_stores_make_a_town_too(make_record, month, year, towns) -> None:
    villages = [{**_place("Reed"), "name": "A", "count": 2}]
    large = {"trailing_sales_yuan": 15_000_001.0, "active_stores": 151.0}
    rows = [month(year, 12, v, **large) for v in range(2)]

    years = summarize(make_record(villages=villages, months=rows))["years"]

    assert years[str(year)]["towns"] == towns


@pytest.mark.parametrize(("listed", "share"), [(9, 0.0), (10, 0.909091)])
def test_a_cluster_has_ten_listed_villages(make_record, month, listed, share) -> None:
    villages = [
        {**_place("Reed"), "name": "A", "count": 12},
        {**_place("Reed", county="Yuyao"), "name": "A"},
    ]
    rows = [month(2018, 12, v, listed=v < listed or v == 12) for v in range(13)]

    year = summarize(make_record(villages=villages, months=rows))["years"]["2018"]

    assert year["cluster_share"] == share


def _place(town: str, county: str = "Cixi") -> dict[str, object]:
    place = {"province": "Zhejiang", "prefecture": "Ningbo", "county": county, "town": town}
    return {**place, "people": 300, "households": 100, "broadband_year": 2005}


def test_incomes_are_those_of_the_rows_of_the_year(make_record, month) -> None:
    households = [
        # 10,000 a head: a farmer, a quarter of it online
        {"year": 2019, "kind": 0, "members": 2, "offline_yuan": 15e3, "online_yuan": 5e3},
        # 4,000 a head: below the line
        {"year": 2019, "kind": 2, "members": 1, "wages_yuan": 3e3, "shop_profit_yuan": 1e3},
        {"year": 2019, "kind": 2, "members": 1, "wages_yuan": 8e3},
        {"year": 2018, "kind": 2, "members": 1, "wages_yuan": 1e6},
    ]
    record = make_record(months=[month(2019, 12)], households=households)

    year = summarize(record)["years"]["2019"]

    assert year["farmers_online_income_share"] == 0.25
    of_2019 = of_year(record.tables["household_years"], 2019)
    assert poverty_share(of_2019, line_yuan_per_year=4600.0) == pytest.approx(1 / 3)
    assert {mean.kind: mean.income_yuan for mean in mean_incomes(of_2019)} == {
        "farmer": 20e3, "operator": 6e3,
    }  # fmt: skip
    # Four people with 4, 8, 10 and 10 thousand: twice the differences of all pairs, over 2·4·4·8.
    assert year["gini"] == round(2 * (4 + 6 + 6 + 2 + 2) / (2 * 4 * 4 * 8), 6)


def test_incomes_of_a_year_without_households_are_unknown(make_record, month) -> None:
    year = summarize(make_record(months=[month(2019, 12)]))["years"]["2019"]

    assert (year["gini"], year["farmers_online_income_share"]) == (None, None)


def test_a_village_without_farmers_has_no_share_of_their_income(make_record, month) -> None:
    households = [{"year": 2019, "kind": 2, "members": 1, "wages_yuan": 1.0}]
    record = make_record(months=[month(2019, 12)], households=households)

    assert summarize(record)["years"]["2019"]["farmers_online_income_share"] is None


@pytest.mark.parametrize(
    ("values", "weights", "expected"),
    [
        ([5.0, 5.0, 5.0], [1, 1, 1], 0.0),
        ([0.0, 0.0, 0.0, 8.0], [1, 1, 1, 1], 0.75),
        ([1.0, 3.0], [1, 1], 0.25),
        ([1.0, 3.0], [3, 1], 0.25),
        ([3.0, 1.0], [2, 2], 0.25),
    ],
)
def test_gini_of_small_worlds(values, weights, expected) -> None:
    assert gini(np.array(values), np.array(weights)) == pytest.approx(expected)


@pytest.mark.parametrize("values", [[], [0.0, 0.0], [-3.0, 1.0]])
def test_gini_needs_something_to_share(values) -> None:
    assert gini(np.array(values), np.ones(len(values))) is None


def season(day: date, good: int = 0, village: int = 0, **fields: float) -> dict[str, object]:
    return {"day": day_of(day), "good": good, "village": village, **fields}


def test_a_season_adds_up_days_and_villages(make_record) -> None:
    fields = {
        "orders_shipped": 10.0, "online_sales_yuan": 1500.55, "online_own_kg": 20.0,
        "online_bought_kg": 1.5, "wholesale_kg": 900.0, "processed_kg": 70.0, "left_kg": 5.0,
        "spoiled_kg": 3.0, "growers_online_yuan": 100.0, "growers_offline_yuan": 300.0,
    }  # fmt: skip
    rows = [season(date(2019, 6, 12), village=v, picked_kg=100.0, **fields) for v in (0, 1)]

    found = summarize(make_record(seasons=rows))["seasons"]

    assert found == {
        "bayberry 2019": {
            "first_day": "2019-06-12", "last_day": "2019-06-12", "orders": 20,
            "online_sales_yuan": 3001.1, "online_kg": 43.0, "wholesale_kg": 1800.0,
            "processed_kg": 140.0, "lost_kg": 16.0, "growers_online_income_share": 0.25,
        }
    }  # fmt: skip


def test_the_season_is_on_while_more_than_a_hundredth_of_its_peak_is_picked(make_record) -> None:
    picked = {9: 1.0, 10: 1.1, 11: 100.0, 12: 0.0, 13: 40.0, 14: 0.9}
    rows = [season(date(2019, 6, day), picked_kg=kg) for day, kg in picked.items()]

    found = summarize(make_record(seasons=rows))["seasons"]["bayberry 2019"]

    assert (found["first_day"], found["last_day"]) == ("2019-06-10", "2019-06-13")


def test_a_season_of_which_nothing_is_picked_has_no_days(make_record) -> None:
    rows = [season(date(2019, 6, 9), ripe_kg=5.0, left_kg=5.0)]

    found = summarize(make_record(seasons=rows))["seasons"]["bayberry 2019"]

    assert (found["first_day"], found["last_day"]) == (None, None)
    assert found["growers_online_income_share"] is None


def test_each_fruit_and_year_has_its_season(make_record) -> None:
    rows = [
        season(date(year, 6, 9), good, picked_kg=1.0) for good in (1, 0) for year in (2019, 2018)
    ]
    names = [f"{good_names()[good]} {year}" for year in (2018, 2019) for good in (0, 1)]

    assert list(summarize(make_record(seasons=rows))["seasons"]) == names


def test_designations_are_listed_the_earliest_first(make_record) -> None:
    days = {"crossed_day": [-1, 400], "listed_day": [-1, 450], "lost_day": [-1, -1]}

    assert summarize(make_record(days=days))["designations"] == [
        {
            "village": "Birch",
            "crossed_on": "2001-02-04",
            "listed_on": "2001-03-26",
            "lost_on": None,
        },
        {"village": "Alder", "crossed_on": None, "listed_on": None, "lost_on": None},
    ]


def test_a_hundred_designations_are_listed(make_record) -> None:
    villages = [{**_place("Reed"), "name": "A", "count": 101}]

    assert len(summarize(make_record(villages=villages))["designations"]) == 100
