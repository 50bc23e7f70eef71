"""Goods balance to the gram and the piece; orders, shops and people balance one by one."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from books import FEN, GRAM, MonthOfBooks, assert_close, kept, kept_once, open_shops
from random_worlds import in_random_worlds
from small_worlds import scenario

from sim.scenario import Scenario
from sim.world.columns import CROP_SLOT, FARMER
from sim.world.records import Month, Season

World = dict[str, Any]
NOT_OF_THE_ENGINE = {"POLICY_COST_YUAN", "AGENTS_YUAN", "AGENTS_PIECES", "AGENTS_KG"}
"""Entered by the recorder, and by agents that a user adds."""
BETWEEN_VILLAGES = {"COMMUTERS_WAGES_YUAN", "HIRED_NEIGHBOURS", "COMMUTERS"}
"""What a village alone has none of."""


def months_in(world: World) -> list[MonthOfBooks]:
    return kept_once(world).months


# --- orders and shops


@in_random_worlds
def test_orders_are_shipped_cancelled_or_wait(world: World) -> None:
    for m in months_in(world):
        done = m[Month.ORDERS_SHIPPED] + m[Month.ORDERS_CANCELLED]
        assert_close(m[Month.ORDERS_PLACED], done + m.change("orders_waiting"), 0.0)


@in_random_worlds
def test_shops_change_by_those_opened_and_closed(world: World) -> None:
    for m in months_in(world):
        change = m[Month.SHOPS_OPENED] - m[Month.SHOPS_CLOSED]
        assert_close(m.change("open_shops"), change, 0.0)


@in_random_worlds
def test_households_have_the_shops_that_they_own(world: World) -> None:
    simulation, _ = kept_once(world)
    _, shops = open_shops(simulation)
    households = simulation.state.households

    owned = np.bincount(shops["owner"], minlength=households.size)

    np.testing.assert_array_equal(households["shops"], owned)
    assert households["present"][owned > 0].all()


# --- pieces


@in_random_worlds
def test_pieces_made_or_bought_outside_are_sold_or_in_stock(world: World) -> None:
    for m in months_in(world):
        came = m[Month.PIECES_MADE] + m[Month.PIECES_FROM_OUTSIDE]
        went = m[Month.PIECES_TO_MERCHANTS] + m[Month.PIECES_SHIPPED] + m[Month.PIECES_SALVAGED]
        assert_close(came, went + m[Month.AGENTS_PIECES] + m.change("pieces"), GRAM)


# --- fruit


@in_random_worlds
def test_ripe_fruit_is_picked_processed_or_left(world: World) -> None:
    for m in months_in(world):
        picked = m[Month.PICKED_PREMIUM_KG] + m[Month.PICKED_COMMON_KG]
        rest = m[Month.PROCESSED_KG] + m[Month.LEFT_KG]
        assert_close(m[Month.RIPE_KG], picked + rest, GRAM)


@in_random_worlds
def test_premium_fruit_is_sold_spoils_or_is_kept(world: World) -> None:
    for m in months_in(world):
        wholesale = m[Month.WHOLESALE_KG] - m[Month.PICKED_COMMON_KG]
        online = m[Month.ONLINE_OWN_KG] + m[Month.ONLINE_BOUGHT_KG]
        went = online + wholesale + m[Month.SPOILED_KG] + m[Month.AGENTS_KG]
        assert_close(m[Month.PICKED_PREMIUM_KG], went + m.change("fruit_kg"), GRAM)


@in_random_worlds
def test_wholesale_takes_all_common_fruit_that_is_picked(world: World) -> None:
    for m in months_in(world):
        assert (m[Month.WHOLESALE_KG] >= m[Month.PICKED_COMMON_KG] - GRAM).all()


@in_random_worlds
def test_fruit_that_ripens_in_a_season_is_the_yield_of_the_year(world: World) -> None:
    first_year = date.fromisoformat(world["start"]).year
    year = {"start": f"{first_year}-01-01", "end": f"{first_year}-12-31", "policies": []}
    simulation, months = kept_once(world | year)

    ripe = sum(m[Month.RIPE_KG] for m in months)

    state, table = simulation.state, simulation.terms.goods
    for v, village in enumerate(state.villages):
        crop, farmers = village["good_of_slot"][CROP_SLOT], village["kind_count"][FARMER]
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


@in_random_worlds
def test_days_of_the_season_add_up_to_the_month(world: World) -> None:
    for m in months_in(world):
        for of_day, of_month in SEASON_OF_MONTH:
            total = sum(m[Month[name]] for name in of_month)
            assert_close(m.season[:, :, Season[of_day]].sum(axis=1), total, GRAM)


@in_random_worlds
def test_fruit_sold_online_fills_the_boxes_shipped(world: World) -> None:
    simulation, months = kept_once(world)
    crop = simulation.state.villages["good_of_slot"][:, CROP_SLOT]
    box_kg = np.where(crop >= 0, simulation.terms.goods["box_kg"][crop], 0.0)

    for m in months:
        online = m[Month.ONLINE_OWN_KG] + m[Month.ONLINE_BOUGHT_KG]
        boxes = m.season[:, :, Season.ORDERS_SHIPPED].sum(axis=1)
        assert_close(online, boxes * box_kg, GRAM)


# --- people


@in_random_worlds
def test_returnees_were_away_and_stay(world: World) -> None:
    for m in months_in(world):
        assert_close(m.change("away"), -m[Month.RETURNEES], 0.0)


@in_random_worlds
def test_households_are_trained_once_and_for_all(world: World) -> None:
    for m in months_in(world):
        assert_close(m.change("trained"), m[Month.TRAINED], 0.0)


@in_random_worlds
def test_outside_operators_are_there_while_they_have_a_shop(world: World) -> None:
    """Those who settle come; whoever closes the last shop leaves the room."""
    for m in months_in(world):
        left = m[Month.SETTLERS] - m.change("incomers")
        assert (left >= 0.0).all()
        assert (left <= m[Month.SHOPS_CLOSED]).all()


# --- what the record of a month says of its end


@in_random_worlds
def test_the_record_of_the_end_of_a_month_is_the_state(world: World) -> None:
    for m in months_in(world):
        if not m.is_complete:
            continue
        assert_close(m[Month.CASH_YUAN], m.after.cash_yuan, FEN)
        assert_close(m[Month.RECEIVABLES_YUAN], m.after.receivables_yuan, FEN)
        assert_close(m[Month.PIECES_IN_STOCK], m.after.pieces, GRAM)
        assert_close(m[Month.FRUIT_IN_STOCK_KG], m.after.fruit_kg, GRAM)
        assert_close(m[Month.FAMILY_HANDS], m.after.family_hands, GRAM)
        assert_close(m[Month.OPEN_SHOPS], m.after.open_shops, 0.0)
        assert_close(m[Month.SELLING_HOUSEHOLDS], m.after.selling_households, 0.0)
        assert_close(m[Month.STAFF], m.after.staff, 0.0)


@in_random_worlds
def test_a_month_that_has_not_ended_has_no_record_of_its_end(world: World) -> None:
    of_the_end = [Month.CASH_YUAN, Month.OPEN_SHOPS, Month.STAFF, Month.WAGE_YUAN_PER_MONTH]
    last = months_in(world)[-1]

    assert last[of_the_end].any() == last.is_complete


@in_random_worlds
def test_active_stores_of_a_day_are_open_shops_with_a_recent_order(world: World) -> None:
    simulation, months = kept_once(world)
    village, shops = open_shops(simulation)
    last = months[-1]
    days = simulation.scenario.observer.active_within_days
    ordered = shops["last_order_day"]
    active = (ordered >= 0) & (ordered > last.last_day - days)

    found = last.day_active_stores[:, last.last_day - simulation.terms.m["first_day"][0]]

    assert_close(found, np.bincount(village[active], minlength=found.size), 0.0)


# --- that the tests above see all there is


def recorded(months: list[MonthOfBooks]) -> np.ndarray:
    return sum((m.record != 0.0).any(axis=0) for m in months) > 0


def test_in_the_random_worlds_everything_that_is_recorded_happens_often() -> None:
    often = np.zeros(len(Month))

    @in_random_worlds
    def count(world: World) -> None:
        nonlocal often
        often = often + recorded(months_in(world))

    count()

    rare = {field.name for field in Month if often[field] < 3}
    assert rare == NOT_OF_THE_ENGINE


def test_in_a_busy_village_everything_that_is_recorded_happens() -> None:
    dated = {"start": "2014-06-01"}
    platform = {"kind": "service_platform", "name": "platform", "training": {}}
    subsidy = {"kind": "startup_subsidy", "name": "subsidy", "yuan_per_shop": 500.0}

    months = kept(scenario(policies=[platform | dated, subsidy | dated])).months

    seen = recorded(months)
    never = {field.name for field in Month if not seen[field]}
    assert never == NOT_OF_THE_ENGINE | BETWEEN_VILLAGES


def test_random_worlds_are_valid_scenarios_with_policies_of_every_kind() -> None:
    kinds: set[str] = set()

    @in_random_worlds
    def look(world: World) -> None:
        kinds.update(policy.kind for policy in Scenario.model_validate(world).policies)

    look()

    assert len(kinds) == 11
