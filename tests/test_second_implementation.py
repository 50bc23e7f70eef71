"""The engine against the second implementation: shop by shop, day by day, to the last column.

The villages are small and busy, every policy there is acts on some of them, and what is rare
elsewhere (a platform that pays later, a room that changes hands, fruit sold abroad) is common.
"""

from typing import Any

import pytest

from benchmarks.plain_mesa.agreement import (
    OF_ADDED_AGENTS,
    Pair,
    differences,
    differing_events,
    differing_rows,
    in_order,
    run_both,
)
from sim.scenario import Scenario, load_scenario

BEHAVIOUR = {
    "open_intercept": -3.0,
    "settle_intercept": -1.5,
    "setup_cost_yuan": 500.0,
    "worked_in_city_share": 0.6,
    "channel_rate": 0.8,
    "orders_per_worker_day": 3.0,
    "hire_reserve_months": 0.5,
    "close_patience_months": 3.0,
    "means_months": 2.0,
    "minimum_lot_pieces": 5.0,
    "training_reach": 0.3,
    "cancel_share": 0.5,
    "choice_base": 5.0,
    "choice_outside": 1.0,
    "tax_exempt_yuan_per_month": 500.0,
}
"""Behaviour with which everything that can happen happens soon."""
PLATFORM_TERMS = {
    "jd": {"minimum_sales_yuan": 2000.0, "deposit_yuan": 300.0, "settlement_months": 1},
    "alibaba_com": {"minimum_sales_yuan": 2000.0, "deposit_yuan": 300.0},
    "amazon": {"minimum_sales_yuan": 3000.0, "deposit_yuan": 300.0, "settlement_months": 2},
}
GOODS = {
    "sanitary_ware": {"typical_sales_yuan_per_year": 200_000.0},
    "clothing": {"typical_sales_yuan_per_year": 150_000.0},
    "grape": {"exportable": True},
}
PLACE = {
    "province": "P",
    "prefecture": "Q",
    "county": "C",
    "town": "T",
    "internet_ratio": 2.5,
    "broadband_year": 2005,
    "rooms_per_household": 0.1,
}
REED = {
    "name": "Reed",
    "households": 65,
    "within_reach": ["small_appliances"],
    "farmers": {"households": 20, "crop": "bayberry", "orchard_mu_mean": 4.0},
    "manufacturers": {
        "households": 12,
        "product": "sanitary_ware",
        "capacity_pieces_per_month_mean": 300.0,
    },
}
RUSH = {
    "name": "Rush",
    "households": 45,
    "farmers": {"households": 20, "crop": "grape", "orchard_mu_mean": 3.0},
    "manufacturers": {
        "households": 5,
        "product": "clothing",
        "capacity_pieces_per_month_mean": 400.0,
    },
}
SEDGE = {
    "name": "Sedge",
    "town": "U",
    "households": 40,
    "broadband_year": 2020,
    "within_reach": ["clothing", "sanitary_ware"],
    "farmers": {"households": 25, "crop": "bayberry", "orchard_mu_mean": 4.0},
}
FLAG = {"name": "Flag", "county": "D", "households": 25, "manufacturers": REED["manufacturers"]}
IRIS = {"name": "Iris", "households": 25, "within_reach": ["clothing"]}
FERN = {
    "name": "Fern",
    "county": "D",
    "households": 20,
    "farmers": {"households": 20, "crop": "bayberry", "orchard_mu_mean": 5.0},
}
VILLAGES = (REED, RUSH, SEDGE, FLAG, IRIS, FERN)
"""Two with every kind of household and one of operators alone, in one town; one whose broadband
comes with a policy; in another county one of makers and one of growers alone."""
POLICIES = (
    {
        "kind": "service_platform",
        "name": "platform",
        "start": "2013-01-15",
        "end": "2014-05-01",
        "yearly_cost_yuan": 1000.0,
        "storage": {"intensity": 0.7, "yearly_cost_yuan": 100.0},
        "product_supply": {"start": "2013-07-01", "intensity": 0.5},
        "training": {"end": "2014-02-01"},
        "logistics": {"intensity": 0.6},
        "target": {"towns": ["T"]},
    },
    {"kind": "broadband", "name": "lines", "year": 2013, "target": {"villages": ["Sedge"]}},
    {
        "kind": "startup_subsidy",
        "name": "subsidy",
        "start": "2012-12-01",
        "yuan_per_shop": 700.0,
        "target": {"share": 0.7},
    },
    {
        "kind": "startup_credit",
        "name": "credit",
        "start": "2013-10-01",
        "yuan_per_household": 3000.0,
    },
    {"kind": "cold_chain", "name": "cold rooms", "start": "2014-01-01", "intensity": 0.5},
    {
        "kind": "greenhouse",
        "name": "glass",
        "start": "2013-01-01",
        "orchard_share": 0.2,
        "days_earlier": 12,
        "target": {"villages": ["Reed"]},
    },
    {
        "kind": "cooperative_brand",
        "name": "brand",
        "start": "2013-11-01",
        "intensity": 0.8,
        "target": {"counties": ["C"]},
    },
    {"kind": "cross_border_pilot", "name": "pilot", "start": "2014-01-01", "intensity": 0.5},
    {
        "kind": "parcel_price",
        "name": "parcels",
        "start": "2013-03-01",
        "end": "2013-10-01",
        "multiple": 0.7,
    },
    {"kind": "commission", "name": "fees", "start": "2014-03-01", "multiple": 1.4},
    {
        "kind": "weather",
        "name": "late frost",
        "year": 2014,
        "yield_multiple": 0.4,
        "shift_days": 25.0,
        "target": {"villages": ["Fern"]},
    },
)
RULES = {
    "strict": {"sales_threshold_yuan": 10_000.0, "stores_threshold": 4},
    "published": {"sales_threshold_yuan": 10_000.0, "household_share": 0.2},
}
SEEDS = {3: "strict", 5: "published", 103: "strict"}
"""Seeds, and the rule by which villages are listed with each."""
EVENTS = {"opened", "closed", "first_store", "crossed", "listed", "lost", "town"}
TABLES = ("village_months", "season_days", "household_years", "shop_years")


def busy_scenario(seed: int, **changes: Any) -> Scenario:
    """Two years of six villages with every policy."""
    rule = SEEDS.get(seed, "strict")
    villages = [PLACE | village | {"people": 3 * village["households"]} for village in VILLAGES]
    data = {
        "name": "busy",
        "start": "2012-07-01",
        "end": "2014-07-31",
        "seed": seed,
        "villages": villages,
        "policies": POLICIES,
        "behaviour": BEHAVIOUR,
        "platform_terms": PLATFORM_TERMS,
        "goods": GOODS,
        "observer": RULES[rule] | {"rule": rule, "trailing_days": 30},
    }
    return Scenario.model_validate(data | changes)


@pytest.fixture(scope="module", params=SEEDS)
def pair(request: pytest.FixtureRequest) -> Pair:
    """Both models after two busy years, for each seed."""
    return run_both(busy_scenario(request.param))


def test_the_same_shops_open_and_close_and_the_same_villages_are_listed(pair: Pair) -> None:
    plain, engine = in_order(pair.plain.events), in_order(pair.engine_events)

    assert list(differing_events(plain, engine)) == []


@pytest.mark.parametrize("table", TABLES)
def test_every_number_of_a_table_is_the_same(pair: Pair, table: str) -> None:
    rows = getattr(pair.plain, table)

    assert rows
    assert list(differing_rows(table, rows, pair.engine.tables[table])) == []


def test_every_kind_of_event_happens(pair: Pair) -> None:
    assert {event.kind for event in pair.plain.events} == EVENTS


def test_no_column_of_the_months_stays_at_zero(pair: Pair) -> None:
    months = pair.engine.tables["village_months"]

    assert {name for name, column in months.items() if not column.any()} == OF_ADDED_AGENTS


def test_both_agree_on_a_shipped_scenario() -> None:
    study = load_scenario("mixed", ["end=2013-12-31"])

    assert differences(run_both(study)) == []


def test_a_run_that_ends_inside_a_month_agrees() -> None:
    assert differences(run_both(busy_scenario(3, end="2014-06-13"))) == []


def test_the_comparison_sees_a_number_that_differs(pair: Pair) -> None:
    rows = [dict(row) for row in pair.plain.shop_years]
    rows[-1]["profit_yuan"] += 0.01

    (found,) = differing_rows("shop_years", rows, pair.engine.tables["shop_years"])

    assert "profit_yuan" in found


def test_the_comparison_sees_an_event_that_is_missing(pair: Pair) -> None:
    plain, engine = in_order(pair.plain.events), in_order(pair.engine_events)

    (found,) = differing_events(plain[:-1], engine)

    assert found.startswith("only in engine")
