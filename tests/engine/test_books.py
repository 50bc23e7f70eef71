"""The books balance: money to the fen, goods to the gram, orders and shops one by one."""

from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.recorder import places_of_households
from sim.engine.simulation import Simulation
from sim.world.columns import CHANNELS, FARMER, MANUFACTURER
from sim.world.parameters import behaviour, good_names, goods
from sim.world.records import Month, Season

FEN = 0.005
GRAM = 0.0005
CROPS, PRODUCTS = good_names()[:2], good_names()[2:]


class Books(NamedTuple):
    """What a village has, (villages,)."""

    cash_yuan: np.ndarray
    receivables_yuan: np.ndarray
    deposits_yuan: np.ndarray
    pieces: np.ndarray
    fruit_kg: np.ndarray
    orders_waiting: np.ndarray
    open_shops: np.ndarray


class MonthOfBooks(NamedTuple):
    """A month's record and the books around it."""

    before: Books
    after: Books
    record: np.ndarray
    season: np.ndarray
    day_sales_yuan: np.ndarray

    def __getitem__(self, field: Any) -> np.ndarray:
        """A field of the month's record, (villages,)."""
        return self.record[:, field]

    def change(self, of: str) -> np.ndarray:
        """Change of a book over the month, (villages,)."""
        return getattr(self.after, of) - getattr(self.before, of)


def open_shops(simulation):
    """Rows of open shops, with the village of each."""
    villages = simulation.state.villages
    counts = villages["open_shops"]
    village = np.repeat(np.arange(villages.size), counts)
    place = np.arange(village.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return village, simulation.state.shops[villages["first_shop"][village] + place]


def books(simulation):
    state = simulation.state
    village, kind, _ = places_of_households(state)
    shop_village, shops = open_shops(simulation)
    producer_kind = kind[kind <= MANUFACTURER]
    producer_village = village[kind <= MANUFACTURER]

    def by_village(place, values):
        return np.bincount(place, weights=values, minlength=state.villages.size)

    def stock(kind):
        chosen = producer_kind == kind
        return by_village(producer_village[chosen], state.producers["stock"][chosen])

    used = (shops["channels"][:, None] >> np.arange(CHANNELS)) & 1
    return Books(
        cash_yuan=by_village(village, state.households["cash_yuan"]),
        receivables_yuan=by_village(shop_village, shops["receivable_yuan"].sum(axis=1)),
        deposits_yuan=by_village(shop_village, used @ simulation.terms.platforms["deposit_yuan"]),
        pieces=stock(MANUFACTURER) + by_village(shop_village, shops["pieces"]),
        fruit_kg=stock(FARMER),
        orders_waiting=by_village(shop_village, shops["backlog"].sum(axis=1)),
        open_shops=state.villages["open_shops"].astype(float),
    )


def kept(scenario):
    """Run a scenario and keep its books, month by month."""
    simulation = Simulation(scenario, threads=1)
    before = books(simulation)
    months = []
    while not simulation.is_over:
        simulation.start_month()
        simulation.walk(min(simulation.month_end_day, simulation.end_day))
        state, after = simulation.state, books(simulation)
        records = (state.month, state.season_day, state.day_sales_yuan)
        months.append(MonthOfBooks(before, after, *(array.copy() for array in records)))
        before = after
    return simulation, months


# --- random worlds

shares = st.floats(0.0, 1.0).map(lambda share: round(share, 3))
START, END = date(2009, 1, 1), date(2019, 12, 31)


@st.composite
def villages(draw, number):
    farmers, makers, operators = (draw(st.integers(0, most)) for most in (20, 12, 40))
    households = max(farmers + makers + operators, 1)
    village = {
        "name": f"Reed {number}",
        "province": "P",
        "prefecture": "Q",
        "county": draw(st.sampled_from("CD")),
        "town": draw(st.sampled_from("TU")),
        "people": 3 * households,
        "households": households,
        "income_index": 0.5 + draw(shares),
        "internet_ratio": 1.0 + 3.0 * draw(shares),
        "broadband_year": draw(st.sampled_from([2005, 2010, 2014])),
        "rooms_per_household": draw(shares),
        "within_reach": draw(st.lists(st.sampled_from(PRODUCTS[1:]), max_size=2, unique=True)),
    }
    if farmers:
        crop = draw(st.sampled_from(CROPS))
        village["farmers"] = {"households": farmers, "crop": crop, "orchard_mu_mean": 3.0}
    if makers:
        workshop = {"households": makers, "product": PRODUCTS[0]}
        capacity = draw(st.sampled_from([20.0, 300.0, 5000.0]))
        village["manufacturers"] = workshop | {"capacity_pieces_per_month_mean": capacity}
    return village


LEVERS = {
    "service_platform": st.fixed_dictionaries(
        {
            service: st.fixed_dictionaries({"intensity": shares})
            for service in ("storage", "product_supply", "training", "logistics")
        }
    ),
    "startup_subsidy": st.fixed_dictionaries({"yuan_per_shop": st.floats(0.0, 9000.0)}),
    "startup_credit": st.fixed_dictionaries({"yuan_per_household": st.floats(0.0, 50_000.0)}),
    "cold_chain": st.fixed_dictionaries({"intensity": shares}),
    "greenhouse": st.fixed_dictionaries(
        {"orchard_share": shares, "days_earlier": st.integers(0, 40)}
    ),
    "cooperative_brand": st.fixed_dictionaries({"intensity": shares}),
    "cross_border_pilot": st.fixed_dictionaries({"intensity": shares}),
    "parcel_price": st.fixed_dictionaries({"multiple": st.floats(0.2, 3.0)}),
    "commission": st.fixed_dictionaries({"multiple": st.floats(0.0, 4.0)}),
}


@st.composite
def policies(draw, start, end):
    made = []
    for kind in draw(st.lists(st.sampled_from(sorted(LEVERS)), max_size=4, unique=True)):
        dates = {"start": str(draw(st.dates(start, end)))}
        if draw(st.booleans()):
            dates["end"] = str(draw(st.dates(end + timedelta(days=1), END + timedelta(days=900))))
        made.append({"kind": kind, "name": kind} | dates | draw(LEVERS[kind]))
    if draw(st.booleans()):
        weather = {"kind": "weather", "name": "weather", "year": start.year}
        levers = {"yield_multiple": 3.0 * draw(shares), "shift_days": draw(st.floats(-30.0, 30.0))}
        made.append(weather | levers)
    return made


@st.composite
def worlds(draw):
    start = draw(st.dates(START, END - timedelta(days=600))).replace(day=1)
    end = start + timedelta(days=draw(st.integers(1, 550)))
    sold = {"typical_sales_yuan_per_year": draw(st.sampled_from([2e4, 1e6]))}
    return {
        "villages": [draw(villages(number)) for number in range(draw(st.integers(1, 3)))],
        "start": str(start),
        "end": str(end),
        "seed": draw(st.integers(0, 2**63 - 1)),
        "policies": draw(policies(start, end)),
        "goods": dict.fromkeys(good_names(), sold),
        "behaviour": {
            "open_intercept": draw(st.floats(-6.0, 0.0)),
            "orders_per_worker_day": draw(st.floats(0.5, 10.0)),
            "means_months": draw(st.floats(0.0, 6.0)),
            "window_tail_days": float(draw(st.integers(0, 5))),
            "forecast_sd_days": draw(st.floats(0.0, 4.0)),
            "storeroom_pieces": draw(st.floats(1.0, 300.0)),
        },
    }


balanced = given(worlds())
few = settings(max_examples=300)


def months_in(world, make_scenario):
    return kept(make_scenario(**world))[1]


def assert_close(found, expected, slack):
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=slack)


# --- money


@few
@balanced
def test_what_buyers_pay_goes_to_platforms_buyers_and_shops(make_scenario, world):
    for m in months_in(world, make_scenario):
        where = m[Month.PLATFORM_FEES_YUAN] + m[Month.REFUNDS_YUAN]
        where = where + m[Month.RECEIPTS_YUAN] + m[Month.RECEIVABLES_BOOKED_YUAN]
        assert_close(m[Month.ONLINE_SALES_YUAN], where, FEN)


INFLOWS = [
    Month.RECEIPTS_YUAN,
    Month.RECEIVABLES_SETTLED_YUAN,
    Month.STAFF_WAGES_TO_VILLAGERS_YUAN,
    Month.DEPOSITS_RETURNED_YUAN,
    Month.SUBSIDIES_YUAN,
    Month.SALVAGE_YUAN,
    Month.MERCHANTS_YUAN,
    Month.WHOLESALE_YUAN,
    Month.PROCESSING_YUAN,
    Month.OUTSIDE_WAGES_YUAN,
    Month.AGENTS_YUAN,
]
OUTFLOWS = [
    Month.PARCELS_YUAN,
    Month.PACKAGING_YUAN,
    Month.PAID_TO_OUTSIDE_SUPPLIERS_YUAN,
    Month.STAFF_WAGES_YUAN,
    Month.FIXED_COSTS_YUAN,
    Month.TAXES_YUAN,
    Month.SETUP_YUAN,
    Month.DEPOSITS_PAID_YUAN,
    Month.PRODUCTION_COSTS_YUAN,
    Month.EXPANSION_YUAN,
    Month.PICKING_COSTS_YUAN,
    Month.CONSUMPTION_YUAN,
]


@few
@balanced
def test_cash_of_a_village_changes_by_what_comes_in_less_what_goes_out(make_scenario, world):
    for m in months_in(world, make_scenario):
        flows = m[INFLOWS].sum(axis=1) - m[OUTFLOWS].sum(axis=1)
        assert_close(m.change("cash_yuan"), flows, FEN)


@few
@balanced
def test_receivables_change_by_what_is_booked_and_what_is_settled(make_scenario, world):
    for m in months_in(world, make_scenario):
        as_booked = m[Month.RECEIVABLES_SETTLED_YUAN] - m[Month.EXCHANGE_GAIN_YUAN]
        flows = m[Month.RECEIVABLES_BOOKED_YUAN] - as_booked
        assert_close(m.change("receivables_yuan"), flows, FEN)


@few
@balanced
def test_platforms_hold_the_deposits_of_open_shops(make_scenario, world):
    for m in months_in(world, make_scenario):
        flows = m[Month.DEPOSITS_PAID_YUAN] - m[Month.DEPOSITS_RETURNED_YUAN]
        assert_close(m.change("deposits_yuan"), flows, FEN)


@few
@balanced
def test_villagers_get_the_share_of_staff_wages_that_they_work_for(make_scenario, world):
    for m in months_in(world, make_scenario):
        earned = m[Month.STAFF_WAGES_TO_VILLAGERS_YUAN] * m[Month.STAFF]
        assert_close(earned, m[Month.STAFF_WAGES_YUAN] * m[Month.HIRED_VILLAGERS], FEN)


@few
@balanced
def test_sales_of_the_days_add_up_to_the_month(make_scenario, world):
    for m in months_in(world, make_scenario):
        assert_close(m.day_sales_yuan.sum(axis=1), m[Month.ONLINE_SALES_YUAN], FEN)


def test_shop_profit_is_sales_less_every_cost(make_scenario, make_village):
    # Without fruit and with one good: then a piece sold costs the one price of supply.
    village = make_village(farmers=0, within_reach=[])
    sold = {"sanitary_ware": {"typical_sales_yuan_per_year": 400_000.0}}
    b = behaviour()
    piece = goods().unit_cost_yuan[good_names().index("sanitary_ware")] * (1.0 + b.supply_margin)

    _, months = kept(make_scenario(village, goods=sold))

    m = sum(month.record for month in months)[0]
    left = m[Month.RECEIPTS_YUAN] + m[Month.RECEIVABLES_BOOKED_YUAN] + m[Month.EXCHANGE_GAIN_YUAN]
    costs = m[Month.PARCELS_YUAN] + m[Month.PACKAGING_YUAN] + m[Month.PIECES_SHIPPED] * piece
    costs += m[Month.STAFF_WAGES_YUAN] + m[Month.FIXED_COSTS_YUAN] + m[Month.TAXES_YUAN]
    costs += m[Month.SETUP_YUAN] - m[Month.SUBSIDIES_YUAN]
    costs += m[Month.PIECES_SALVAGED] * piece - m[Month.SALVAGE_YUAN]
    assert m[Month.PIECES_SALVAGED] > 0
    assert m[Month.SHOP_PROFIT_YUAN] == pytest.approx(left - costs, abs=FEN)


def test_growers_income_from_fruit_is_all_that_fruit_brings(make_scenario, make_village):
    village = make_village(households=40, farmers=40, manufacturers=0, rooms_per_household=0.0)
    village["within_reach"] = []

    _, months = kept(make_scenario(village))

    m = sum(month.record for month in months)[0]
    online = m[Month.RECEIPTS_YUAN] - m[Month.PARCELS_YUAN] - m[Month.PACKAGING_YUAN]
    offline = m[Month.WHOLESALE_YUAN] + m[Month.PROCESSING_YUAN] - m[Month.PICKING_COSTS_YUAN]
    earned = m[Month.GROWERS_ONLINE_YUAN] + m[Month.GROWERS_OFFLINE_YUAN]
    assert m[Month.ONLINE_OWN_KG] > 0
    assert earned == pytest.approx(online + offline, abs=FEN)


# --- orders, shops and goods


@few
@balanced
def test_orders_are_shipped_cancelled_or_wait(make_scenario, world):
    for m in months_in(world, make_scenario):
        done = m[Month.ORDERS_SHIPPED] + m[Month.ORDERS_CANCELLED]
        assert_close(m[Month.ORDERS_PLACED], done + m.change("orders_waiting"), 0.0)


@few
@balanced
def test_shops_change_by_those_opened_and_closed(make_scenario, world):
    for m in months_in(world, make_scenario):
        change = m[Month.SHOPS_OPENED] - m[Month.SHOPS_CLOSED]
        assert_close(m.change("open_shops"), change, 0.0)


@few
@balanced
def test_pieces_made_or_bought_outside_are_sold_or_in_stock(make_scenario, world):
    for m in months_in(world, make_scenario):
        came = m[Month.PIECES_MADE] + m[Month.PIECES_FROM_OUTSIDE]
        went = m[Month.PIECES_TO_MERCHANTS] + m[Month.PIECES_SHIPPED] + m[Month.PIECES_SALVAGED]
        assert_close(came, went + m[Month.AGENTS_PIECES] + m.change("pieces"), GRAM)


@few
@balanced
def test_ripe_fruit_is_picked_processed_or_left(make_scenario, world):
    for m in months_in(world, make_scenario):
        picked = m[Month.PICKED_PREMIUM_KG] + m[Month.PICKED_COMMON_KG]
        rest = m[Month.PROCESSED_KG] + m[Month.LEFT_KG]
        assert_close(m[Month.RIPE_KG], picked + rest, GRAM)


@few
@balanced
def test_premium_fruit_is_sold_spoils_or_is_kept(make_scenario, world):
    for m in months_in(world, make_scenario):
        wholesale = m[Month.WHOLESALE_KG] - m[Month.PICKED_COMMON_KG]
        online = m[Month.ONLINE_OWN_KG] + m[Month.ONLINE_BOUGHT_KG]
        went = online + wholesale + m[Month.SPOILED_KG] + m[Month.AGENTS_KG]
        assert_close(m[Month.PICKED_PREMIUM_KG], went + m.change("fruit_kg"), GRAM)


@few
@balanced
def test_wholesale_takes_all_common_fruit_that_is_picked(make_scenario, world):
    for m in months_in(world, make_scenario):
        assert (m[Month.WHOLESALE_KG] >= m[Month.PICKED_COMMON_KG] - GRAM).all()


@few
@balanced
def test_fruit_that_ripens_in_a_season_is_the_yield_of_the_year(make_scenario, world):
    first_year = date.fromisoformat(world["start"]).year
    year = {"start": f"{first_year}-01-01", "end": f"{first_year}-12-31", "policies": []}
    simulation, months = kept(make_scenario(**world | year))

    ripe = sum(m[Month.RIPE_KG] for m in months)

    state, table = simulation.state, simulation.terms.goods
    for v, village in enumerate(state.villages):
        crop, farmers = village["good_of_slot"][0], village["kind_count"][0]
        if farmers == 0:
            assert ripe[v] == 0.0
            continue
        rows = slice(village["first_producer"], village["first_producer"] + farmers)
        orchards = (state.producers["output"] * state.producers["skill"])[rows].sum()
        usual = orchards * table["yield_kg_per_mu"][crop] * village["yield_index"]
        # The yield grows from year to year with the trend of the good.
        grown = (1.0 + table["yield_trend"][crop]) ** (first_year - 2015)
        assert ripe[v] == pytest.approx(usual * grown, rel=0.02)


SEASON_OF_MONTH = [
    ("RIPE_KG", ["RIPE_KG"]),
    ("PICKED_KG", ["PICKED_PREMIUM_KG", "PICKED_COMMON_KG"]),
    ("ONLINE_OWN_KG", ["ONLINE_OWN_KG"]),
    ("ONLINE_BOUGHT_KG", ["ONLINE_BOUGHT_KG"]),
    ("WHOLESALE_KG", ["WHOLESALE_KG"]),
    ("PROCESSED_KG", ["PROCESSED_KG"]),
    ("LEFT_KG", ["LEFT_KG"]),
    ("SPOILED_KG", ["SPOILED_KG"]),
    ("GROWERS_ONLINE_YUAN", ["GROWERS_ONLINE_YUAN"]),
    ("GROWERS_OFFLINE_YUAN", ["GROWERS_OFFLINE_YUAN"]),
]


@few
@balanced
def test_days_of_the_season_add_up_to_the_month(make_scenario, world):
    for m in months_in(world, make_scenario):
        for of_day, of_month in SEASON_OF_MONTH:
            total = sum(m[Month[name]] for name in of_month)
            assert_close(m.season[:, :, Season[of_day]].sum(axis=1), total, GRAM)


@few
@balanced
def test_fruit_sold_online_fills_the_boxes_shipped(make_scenario, world):
    simulation, months = kept(make_scenario(**world))
    box_kg = simulation.terms.goods["box_kg"][simulation.state.villages["good_of_slot"][:, 0]]

    for m in months:
        online = m[Month.ONLINE_OWN_KG] + m[Month.ONLINE_BOUGHT_KG]
        boxes = m.season[:, :, Season.ORDERS_SHIPPED].sum(axis=1)
        assert_close(online, np.nan_to_num(boxes * box_kg), GRAM)


# --- the record of the month's end, and what may never be


@few
@balanced
def test_the_record_of_the_end_of_a_month_is_the_state(make_scenario, world):
    end = date.fromisoformat(world["end"])
    whole = months_in(world, make_scenario)
    if (end + timedelta(days=1)).day != 1:
        whole.pop()  # the last month has not ended
    for m in whole:
        assert_close(m[Month.CASH_YUAN], m.after.cash_yuan, FEN)
        assert_close(m[Month.RECEIVABLES_YUAN], m.after.receivables_yuan, FEN)
        assert_close(m[Month.PIECES_IN_STOCK], m.after.pieces, GRAM)
        assert_close(m[Month.FRUIT_IN_STOCK_KG], m.after.fruit_kg, GRAM)
        assert_close(m[Month.OPEN_SHOPS], m.after.open_shops, 0.0)


MAY_BE_NEGATIVE = {
    Month.EXCHANGE_GAIN_YUAN,
    Month.SHOP_PROFIT_YUAN,
    Month.CASH_YUAN,
    Month.GROWERS_ONLINE_YUAN,
    Month.GROWERS_OFFLINE_YUAN,
    Month.AGENTS_YUAN,
}


@few
@balanced
def test_no_flow_runs_backwards(make_scenario, world):
    one_way = [field for field in Month if field not in MAY_BE_NEGATIVE]

    for m in months_in(world, make_scenario):
        assert (m[one_way] >= -1e-6).all()


@few
@balanced
def test_shops_stay_within_what_can_be(make_scenario, world):
    simulation, _ = kept(make_scenario(**world))
    _, shops = open_shops(simulation)

    assert ((shops["rating"] >= 1.0) & (shops["rating"] <= 5.0)).all()
    assert (shops["price_yuan"] > 0.0).all()
    for name in ("backlog", "pieces", "receivable_usd", "receivable_yuan", "staff", "attraction"):
        assert (shops[name] >= 0).all(), name


@few
@balanced
def test_households_have_the_shops_that_they_own(make_scenario, world):
    simulation, _ = kept(make_scenario(**world))
    _, shops = open_shops(simulation)
    households = simulation.state.households

    owned = np.bincount(shops["owner"], minlength=households.size)

    np.testing.assert_array_equal(households["shops"], owned)
    assert households["present"][owned > 0].all()


def test_everything_that_is_recorded_happens(make_scenario):
    dated = {"start": "2014-06-01"}
    platform = {"kind": "service_platform", "name": "platform", "training": {}}
    subsidy = {"kind": "startup_subsidy", "name": "subsidy", "yuan_per_shop": 500.0}

    _, months = kept(make_scenario(policies=[platform | dated, subsidy | dated]))

    seen = sum(np.abs(m.record) for m in months)[0] > 0.0
    never = {field.name for field in Month if not seen[field]}
    # The cost of policies is entered by the recorder, trade with users' agents by them.
    assert never == {"POLICY_COST_YUAN", "AGENTS_YUAN", "AGENTS_PIECES", "AGENTS_KG"}
