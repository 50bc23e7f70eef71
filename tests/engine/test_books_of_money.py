"""Money balances to the fen: of villages month by month, of buyers, platforms and households."""

from typing import Any

import numpy as np
import pytest
from books import FEN, MonthOfBooks, assert_close, cash_flows, kept, kept_once, total_of
from random_worlds import in_random_worlds
from small_worlds import BUSY, EASY_TERMS, scenario, village

from sim.world.columns import CROP_SLOT, FARMER, FIRST_OUTSIDE_SLOT, PRODUCT_SLOT
from sim.world.parameters import behaviour, good_names, goods, platforms
from sim.world.records import Month, Season

World = dict[str, Any]
ONE_GOOD: World = {"farmers": 0, "within_reach": []}
"""Changes of a village with which a piece costs the one price of supply."""


def months_in(world: World) -> list[MonthOfBooks]:
    return kept_once(world).months


def supply_price_yuan(good: str) -> float:
    unit_cost = goods().unit_cost_yuan[good_names().index(good)]
    return float(unit_cost * (1.0 + behaviour().supply_margin))


# --- what buyers pay


@in_random_worlds
def test_what_buyers_pay_goes_to_platforms_buyers_and_shops(world: World) -> None:
    for m in months_in(world):
        where = m[Month.PLATFORM_FEES_YUAN] + m[Month.REFUNDS_YUAN]
        where = where + m[Month.RECEIPTS_YUAN] + m[Month.RECEIVABLES_BOOKED_YUAN]
        assert_close(m[Month.ONLINE_SALES_YUAN], where, FEN)


@in_random_worlds
def test_sales_of_the_days_add_up_to_the_month(world: World) -> None:
    for m in months_in(world):
        assert_close(m.day_sales_yuan.sum(axis=1), m[Month.ONLINE_SALES_YUAN], FEN)


@pytest.mark.parametrize("multiple", [1.0, 2.5])
def test_a_platform_keeps_its_share_of_sales(multiple: float) -> None:
    policy = {"kind": "commission", "name": "fees", "start": "2014-01-01", "multiple": multiple}

    m = total_of(kept(scenario(platforms=["taobao"], policies=[policy])).months)

    its = platforms()
    share = (its.commission_share[0] + its.advertising_share[0]) * multiple
    assert m[Month.PLATFORM_FEES_YUAN] == pytest.approx(share * m[Month.ONLINE_SALES_YUAN], abs=FEN)


PATIENT = {"means_months": 1e6, "close_patience_months": 1e6}
"""Behaviour with which no shop closes, so that nothing is settled before its time."""


def test_platforms_that_pay_at_once_never_owe_anything() -> None:
    terms = {name: its | {"settlement_months": 0} for name, its in EASY_TERMS.items()}

    m = total_of(kept(scenario(platform_terms=terms)).months)

    where = m[Month.PLATFORM_FEES_YUAN] + m[Month.REFUNDS_YUAN] + m[Month.RECEIPTS_YUAN]
    assert m[Month.CROSS_BORDER_SALES_YUAN] > 0.0
    assert m[Month.RECEIVABLES_BOOKED_YUAN] == 0.0
    assert m[Month.ONLINE_SALES_YUAN] == pytest.approx(where, abs=FEN)


@pytest.mark.parametrize("later", [1, 2, 3])
def test_a_platform_that_pays_later_pays_what_it_owed_so_many_months_ago(later: int) -> None:
    terms = {"taobao": {"settlement_months": later}}

    months = kept(scenario(platforms=["taobao"], platform_terms=terms, behaviour=PATIENT)).months

    record = np.array([m.record[0] for m in months])
    booked = record[:, Month.RECEIVABLES_BOOKED_YUAN]
    settled = record[later:, Month.RECEIVABLES_SETTLED_YUAN]
    assert (booked > 0.0).sum() > 12
    assert_close(settled, booked[: len(booked) - later], FEN)
    assert_close(record[:, Month.EXCHANGE_GAIN_YUAN], np.zeros(len(months)), FEN)


def test_dollars_are_paid_at_the_rate_of_the_month_in_which_they_are_paid() -> None:
    terms = EASY_TERMS | {"amazon": EASY_TERMS["amazon"] | {"settlement_months": 2}}
    paid_in_dollars = scenario(
        platforms=["taobao", "amazon"], platform_terms=terms, behaviour=PATIENT
    )

    simulation, months = kept(paid_in_dollars)

    rate = simulation.drivers.yuan_per_usd
    record = np.array([m.record[0] for m in months])
    dollars = record[:-2, Month.RECEIVABLES_BOOKED_YUAN] / rate[:-2]
    assert np.count_nonzero(dollars) > 12
    assert np.unique(rate).size > 12
    assert_close(record[2:, Month.RECEIVABLES_SETTLED_YUAN], dollars * rate[2:], FEN)


# --- the cash of a village


@in_random_worlds
def test_cash_of_a_village_changes_by_what_comes_in_less_what_goes_out(world: World) -> None:
    for m in months_in(world):
        assert_close(m.change("cash_yuan"), cash_flows(m.record), FEN)


@in_random_worlds
def test_receivables_change_by_what_is_booked_and_what_is_settled(world: World) -> None:
    for m in months_in(world):
        as_booked = m[Month.RECEIVABLES_SETTLED_YUAN] - m[Month.EXCHANGE_GAIN_YUAN]
        flows = m[Month.RECEIVABLES_BOOKED_YUAN] - as_booked
        assert_close(m.change("receivables_yuan"), flows, FEN)


@in_random_worlds
def test_platforms_hold_the_deposits_of_open_shops(world: World) -> None:
    for m in months_in(world):
        flows = m[Month.DEPOSITS_PAID_YUAN] - m[Month.DEPOSITS_RETURNED_YUAN]
        assert_close(m.change("deposits_yuan"), flows, FEN)


@in_random_worlds
def test_each_new_shop_pays_its_setup(world: World) -> None:
    for m in months_in(world):
        paid = BUSY["setup_cost_yuan"] * m[Month.SHOPS_OPENED]
        assert_close(m[Month.SETUP_YUAN], paid, FEN)


@pytest.mark.parametrize("subsidy", [700.0, 9000.0])
def test_each_new_shop_gets_the_subsidy_up_to_setup_and_deposit(subsidy: float) -> None:
    policy = {"kind": "startup_subsidy", "name": "start", "yuan_per_shop": subsidy}
    of_2015 = policy | {"start": "2015-01-01"}

    months = kept(scenario(policies=[of_2015])).months

    each = min(subsidy, BUSY["setup_cost_yuan"] + platforms().deposit_yuan[0])
    before, after = total_of(months[:12]), total_of(months[12:])
    assert before[Month.SUBSIDIES_YUAN] == 0.0
    assert after[Month.SHOPS_OPENED] > 0
    assert after[Month.SUBSIDIES_YUAN] == pytest.approx(each * after[Month.SHOPS_OPENED], abs=FEN)


# --- what suppliers get


@in_random_worlds
def test_merchants_pay_their_price_for_each_piece(world: World) -> None:
    simulation, months = kept_once(world)
    good = simulation.state.villages["good_of_slot"][:, PRODUCT_SLOT]
    margin = 1.0 + simulation.terms.b["merchant_margin"][0]
    price = simulation.terms.goods["unit_cost_yuan"][good] * margin

    for m in months:
        has_makers = good >= 0
        paid = np.where(has_makers, m[Month.PIECES_TO_MERCHANTS] * price, 0.0)
        assert_close(m[Month.MERCHANTS_YUAN], paid, FEN)


def test_makers_earn_what_merchants_and_operators_pay_less_their_costs() -> None:
    """Makers never open shops of their own here."""
    has = scenario(behaviour={"open_producer": -1e6})

    months = kept(has).months

    m, earned = total_of(months), sum(month.change("makers_yuan")[0] for month in months)
    costs = m[Month.PRODUCTION_COSTS_YUAN] + m[Month.EXPANSION_YUAN]
    assert m[Month.PAID_TO_MAKERS_YUAN] > 0.0
    paid = m[Month.MERCHANTS_YUAN] + m[Month.PAID_TO_MAKERS_YUAN]
    assert earned == pytest.approx(paid - costs, abs=FEN)


@in_random_worlds
def test_outside_suppliers_are_paid_their_price_for_each_piece(world: World) -> None:
    simulation, months = kept_once(world)
    b, slots = simulation.terms.b[0], simulation.state.villages["good_of_slot"]
    outside = slots[:, FIRST_OUTSIDE_SLOT:]
    costs = simulation.terms.goods["unit_cost_yuan"][outside] * (1.0 + b["supply_margin"])
    prices = np.where(outside >= 0, costs * (1.0 + b["outside_supply_premium"]), np.nan)
    lowest, highest = (np.nan_to_num(of(prices, axis=1)) for of in (np.fmin.reduce, np.fmax.reduce))

    for m in months:
        paid, pieces = m[Month.PAID_TO_OUTSIDE_SUPPLIERS_YUAN], m[Month.PIECES_FROM_OUTSIDE]
        assert (paid >= pieces * lowest - FEN).all()
        assert (paid <= pieces * highest + FEN).all()


@in_random_worlds
def test_shops_pay_growers_the_agreed_price_or_the_days_for_fruit_of_the_pool(world: World) -> None:
    simulation, months = kept_once(world)
    crop = simulation.state.villages["good_of_slot"][:, CROP_SLOT]
    fruit = simulation.terms.goods[crop]
    premium = 1.0 + simulation.terms.b["procurement_premium"][0]

    for m in months:
        trend = (1.0 + fruit["price_trend"]) ** m.trend_years
        agreed = fruit["wholesale_price_yuan_per_kg"] * trend * premium
        price = np.maximum(m.season[:, :, Season.WHOLESALE_YUAN_PER_KG], agreed[:, None])
        paid = (m.season[:, :, Season.ONLINE_BOUGHT_KG] * price).sum(axis=1)
        paid *= fruit["premium_price_ratio"]
        assert_close(m[Month.PAID_TO_GROWERS_YUAN], np.where(crop >= 0, paid, 0.0), FEN)


@in_random_worlds
def test_wholesale_pays_the_days_price_for_either_grade(world: World) -> None:
    simulation, months = kept_once(world)
    villages = simulation.state.villages
    fruit = simulation.terms.goods[villages["good_of_slot"][:, CROP_SLOT]]

    for m in months:
        kg = m.season[:, :, [Season.PICKED_KG, Season.RIPE_KG, Season.WHOLESALE_KG]]
        common = kg[..., 0] - kg[..., 1] * fruit["premium_share"][:, None]
        worth = common + (kg[..., 2] - common) * fruit["premium_price_ratio"][:, None]
        paid = (worth * m.season[:, :, Season.WHOLESALE_YUAN_PER_KG]).sum(axis=1)
        has_farmers = villages["kind_count"][:, FARMER] > 0
        assert_close(m[Month.WHOLESALE_YUAN], np.where(has_farmers, paid, 0.0), FEN)


@in_random_worlds
def test_processors_pay_the_floor_price(world: World) -> None:
    simulation, months = kept_once(world)
    crop = simulation.state.villages["good_of_slot"][:, CROP_SLOT]
    price = np.where(crop >= 0, simulation.terms.goods["floor_price_yuan_per_kg"][crop], 0.0)

    for m in months:
        assert_close(m[Month.PROCESSING_YUAN], m[Month.PROCESSED_KG] * price, FEN)


# --- what households get


@in_random_worlds
def test_villagers_get_the_share_of_staff_wages_that_they_work_for(world: World) -> None:
    for m in months_in(world):
        earned = m[Month.STAFF_WAGES_TO_VILLAGERS_YUAN] * m[Month.STAFF]
        assert_close(earned, m[Month.STAFF_WAGES_YUAN] * m[Month.HIRED_VILLAGERS], FEN)


@in_random_worlds
def test_in_a_town_commuters_get_what_is_paid_to_hired_neighbours(world: World) -> None:
    simulation, months = kept_once(world)
    town = simulation.state.villages["town"]

    for m in months:
        staff = m[Month.STAFF]
        each = np.divide(
            m[Month.STAFF_WAGES_YUAN], staff, out=np.zeros_like(staff), where=staff > 0
        )
        paid = np.bincount(town, each * m[Month.HIRED_NEIGHBOURS])
        assert_close(np.bincount(town, m[Month.COMMUTERS_WAGES_YUAN]), paid, FEN)
        neighbours, commuters = (
            np.bincount(town, m[field]) for field in (Month.HIRED_NEIGHBOURS, Month.COMMUTERS)
        )
        assert_close(neighbours, commuters, 1e-9)


@in_random_worlds
def test_wages_of_a_village_are_those_of_its_households(world: World) -> None:
    for m in months_in(world):
        paid = m[Month.OUTSIDE_WAGES_YUAN] + m[Month.STAFF_WAGES_TO_VILLAGERS_YUAN]
        paid = paid + m[Month.COMMUTERS_WAGES_YUAN]
        assert_close(m.change("wages_yuan"), paid, FEN)


@in_random_worlds
def test_profit_of_shops_is_that_of_their_owners_where_nobody_farms(world: World) -> None:
    simulation, months = kept_once(world)
    nobody_farms = simulation.state.villages["kind_count"][:, FARMER] == 0

    for m in months:
        change = m.change("shop_profit_yuan")[nobody_farms]
        assert_close(change, m[Month.SHOP_PROFIT_YUAN][nobody_farms], FEN)


@in_random_worlds
def test_a_household_without_shop_or_land_keeps_the_wages_that_it_does_not_consume(
    world: World,
) -> None:
    simulation, months = kept_once(world)
    share = 1.0 - simulation.terms.b["consumption_share"][0]

    for m in months:
        before, after = m.before.households, m.after.households
        idle = (before["shops"] == 0) & (after["shops_ever"] == before["shops_ever"])
        idle &= np.isin(before["slot"], (CROP_SLOT, PRODUCT_SLOT), invert=True) & m.is_complete
        saved = after["cash_yuan"] - before["cash_yuan"]
        assert_close(saved[idle], share * m.change("earned_yuan")[idle], FEN)


def test_a_household_without_shop_keeps_all_that_it_earns_if_nobody_consumes() -> None:
    """Farmers and makers too: household by household, so that nobody gets what is another's."""
    months = kept(scenario(behaviour={"consumption_share": 0.0})).months

    first, last = months[0].before.households, months[-1].after.households
    idle = last["shops_ever"] == 0
    earned = sum(month.change("earned_yuan") for month in months)
    assert set(last["slot"][idle]) == {CROP_SLOT, PRODUCT_SLOT, -1}
    assert_close((last["cash_yuan"] - first["cash_yuan"])[idle], earned[idle], FEN)


def test_shop_profit_is_sales_less_every_cost() -> None:
    sold = {"sanitary_ware": {"typical_sales_yuan_per_year": 400_000.0}}
    piece = supply_price_yuan("sanitary_ware")

    m = total_of(kept(scenario(village(**ONE_GOOD), goods=sold)).months)

    left = m[Month.RECEIPTS_YUAN] + m[Month.RECEIVABLES_BOOKED_YUAN] + m[Month.EXCHANGE_GAIN_YUAN]
    costs = m[Month.PARCELS_YUAN] + m[Month.PACKAGING_YUAN] + m[Month.PIECES_SHIPPED] * piece
    costs += m[Month.STAFF_WAGES_YUAN] + m[Month.FIXED_COSTS_YUAN] + m[Month.TAXES_YUAN]
    costs += m[Month.SETUP_YUAN] - m[Month.SUBSIDIES_YUAN]
    costs += m[Month.PIECES_SALVAGED] * piece - m[Month.SALVAGE_YUAN]
    assert m[Month.PIECES_SALVAGED] > 0
    assert m[Month.SHOP_PROFIT_YUAN] == pytest.approx(left - costs, abs=FEN)


def test_growers_income_from_fruit_is_all_that_fruit_brings() -> None:
    growers = village(households=40, farmers=40, manufacturers=0, rooms_per_household=0.0)

    m = total_of(kept(scenario(growers | {"within_reach": []})).months)

    online = m[Month.RECEIPTS_YUAN] - m[Month.PARCELS_YUAN] - m[Month.PACKAGING_YUAN]
    offline = m[Month.WHOLESALE_YUAN] + m[Month.PROCESSING_YUAN] - m[Month.PICKING_COSTS_YUAN]
    earned = m[Month.GROWERS_ONLINE_YUAN] + m[Month.GROWERS_OFFLINE_YUAN]
    assert m[Month.ONLINE_OWN_KG] > 0
    assert earned == pytest.approx(online + offline, abs=FEN)


def test_growers_accounts_are_the_income_from_fruit_and_other_profit_of_their_shops() -> None:
    """What a season brings, and what their shops cost besides: setup, wages, fixed costs, tax."""
    growers = village(households=40, farmers=40, manufacturers=0, rooms_per_household=0.0)

    months = kept(scenario(growers | {"within_reach": []})).months

    m, accounts = total_of(months), sum(month.change("growers_yuan")[0] for month in months)
    fruit = m[Month.GROWERS_ONLINE_YUAN] + m[Month.GROWERS_OFFLINE_YUAN]
    costs = m[Month.STAFF_WAGES_YUAN] + m[Month.FIXED_COSTS_YUAN] + m[Month.TAXES_YUAN]
    costs += m[Month.SETUP_YUAN] - m[Month.SUBSIDIES_YUAN]
    assert accounts == pytest.approx(fruit - costs, abs=FEN)
