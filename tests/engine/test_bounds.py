"""What may never be: numbers that are none, stock below zero, chances beyond 0 to 1."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from books import Run, kept_once, open_shops
from random_worlds import in_random_worlds

from sim.engine.closing import closing_outlook
from sim.engine.decisions import channel_outlook, hiring_outlook, price_outlook
from sim.engine.outlook import may_open, opening_outlook, slot_to_open
from sim.engine.recorder import places_of_households
from sim.rules.demand import crowding_factor
from sim.rules.labour import choose_staff
from sim.rules.opening import opening_probability, settling_probability
from sim.rules.pricing import choose_price_yuan
from sim.world.columns import CHANNELS, MANUFACTURER, TABLES
from sim.world.records import Month

World = dict[str, Any]
MOST_SHOPS = 15
"""Shops of a village whose owners are asked."""

NAN_MEANS_NONE = {"observed_profit_yuan_per_month", "price_answer_yuan"}
MAY_BE_NEGATIVE = {
    "cash_yuan",
    "income_month_yuan",
    "shop_profit_yuan",
    "observed_profit_yuan_per_month",
    "offline_yuan",
    "online_yuan",
    "price_skill",
    "month_profit_yuan",
    "profit_ring_yuan",
    "slot_profit",
    "nearby_profit",
}
FLOWS_BOTH_WAYS = {
    Month.EXCHANGE_GAIN_YUAN,
    Month.SHOP_PROFIT_YUAN,
    Month.CASH_YUAN,
    Month.GROWERS_ONLINE_YUAN,
    Month.GROWERS_OFFLINE_YUAN,
    Month.AGENTS_YUAN,
}
SHARES = {c.name for columns in TABLES.values() for c in columns if c.unit == "0-1"}


def tables_of(run: Run) -> dict[str, np.ndarray]:
    """The four tables at the end, with open shops only."""
    state = run.simulation.state
    tables = {name: getattr(state, name) for name in TABLES}
    return tables | {"shops": open_shops(run.simulation)[1]}


def columns_of(run: Run) -> Iterator[tuple[str, np.ndarray]]:
    """Names and values of all columns at the end."""
    for rows in tables_of(run).values():
        for name in rows.dtype.names:
            yield name, rows[name]


# --- columns


@in_random_worlds
def test_every_number_of_the_state_is_a_number(world: World) -> None:
    for name, column in columns_of(kept_once(world)):
        if name not in NAN_MEANS_NONE:
            assert np.isfinite(column).all(), name


@in_random_worlds
def test_every_number_of_the_records_is_a_number(world: World) -> None:
    for m in kept_once(world).months:
        assert np.isfinite(m.record).all()
        assert np.isfinite(m.season).all()
        assert np.isfinite(m.day_sales_yuan).all()


@in_random_worlds
def test_others_see_a_profit_where_there_was_a_shop_at_the_last_month_end(world: World) -> None:
    complete = [m for m in kept_once(world).months if m.is_complete]

    for m in complete:
        seen = m.after.households["observed_profit_yuan_per_month"]
        np.testing.assert_array_equal(np.isnan(seen), m.after.households["shops"] == 0)


@in_random_worlds
def test_python_has_answered_nothing_where_it_was_not_asked(world: World) -> None:
    tables = tables_of(kept_once(world))

    assert (tables["households"]["opens_answer"] == -1).all()
    for name in ("closes_answer", "channels_answer", "staff_answer"):
        assert (tables["shops"][name] == -1).all()
    assert np.isnan(tables["shops"]["price_answer_yuan"]).all()


@in_random_worlds
def test_what_cannot_be_owed_is_never_below_zero(world: World) -> None:
    """-1 stands for a day not reached or for none."""
    tables = tables_of(kept_once(world))

    for table, columns in TABLES.items():
        for c in columns:
            if c.name not in MAY_BE_NEGATIVE | NAN_MEANS_NONE:
                assert (tables[table][c.name] >= min(c.initial, 0)).all(), c.name


@in_random_worlds
def test_shares_are_between_0_and_1(world: World) -> None:
    assert {"knowledge", "internet_rank", "caution", "nearby_weight"} <= SHARES

    for name, column in columns_of(kept_once(world)):
        if name in SHARES:
            assert ((column >= 0.0) & (column <= 1.0)).all(), name


@in_random_worlds
def test_shops_are_rated_from_1_to_5_and_priced_above_zero(world: World) -> None:
    shops = tables_of(kept_once(world))["shops"]

    assert ((shops["rating"] >= 1.0) & (shops["rating"] <= 5.0)).all()
    assert (shops["price_yuan"] > 0.0).all()
    assert (shops["appeal"] > 0.0).all()
    assert (shops["channels"] > 0).all()


@in_random_worlds
def test_orders_wait_where_they_were_placed_and_in_whole_numbers(world: World) -> None:
    shops = tables_of(kept_once(world))["shops"]
    used = (shops["channels"][:, None] >> np.arange(CHANNELS)) & 1

    assert (shops["backlog"][used == 0] == 0.0).all()
    assert (shops["backlog"] == np.floor(shops["backlog"])).all()


@in_random_worlds
def test_operators_store_no_more_than_they_have_room_for(world: World) -> None:
    run = kept_once(world)
    village, shops = open_shops(run.simulation)
    b, storage = run.simulation.terms.b[0], run.simulation.terms.levers["storage"]
    room = b["storeroom_pieces"] * (1.0 + b["storage_room_gain"] * storage)

    assert (shops["pieces"] <= room[village]).all()


@in_random_worlds
def test_makers_stop_when_their_stock_is_full(world: World) -> None:
    state, terms = kept_once(world).simulation.state, kept_once(world).simulation.terms
    _, kind, _ = places_of_households(state)
    makers = state.producers[kind[kind <= MANUFACTURER] == MANUFACTURER]

    most = terms.b["stock_months"][0] * makers["output"]
    assert (makers["stock"] <= most * (1.0 + 1e-12)).all()


@in_random_worlds
def test_no_more_villagers_are_hired_than_there_are_jobs_and_hands(world: World) -> None:
    villages = tables_of(kept_once(world))["villages"]

    assert (villages["hired_villagers"] <= villages["staff"]).all()
    assert (villages["hired_villagers"] <= villages["labour_pool"]).all()


@in_random_worlds
def test_nobody_waits_for_room_when_the_month_has_begun(world: World) -> None:
    villages = tables_of(kept_once(world))["villages"]

    assert (villages["next_to_open"] == 0).all()
    assert (villages["open_shops"] <= villages["shop_capacity"]).all()


# --- flows


@in_random_worlds
def test_no_flow_runs_backwards(world: World) -> None:
    one_way = [field for field in Month if field not in FLOWS_BOTH_WAYS]

    for m in kept_once(world).months:
        assert (m[one_way] >= -1e-6).all()
        assert (m.day_sales_yuan >= 0.0).all()


@in_random_worlds
def test_buyers_are_never_paid_back_more_than_they_paid(world: World) -> None:
    for m in kept_once(world).months:
        assert (m[Month.REFUNDS_YUAN] <= m[Month.ONLINE_SALES_YUAN]).all()
        assert (m[Month.CROSS_BORDER_SALES_YUAN] <= m[Month.ONLINE_SALES_YUAN] + 1e-6).all()


@in_random_worlds
def test_competition_leaves_every_shop_a_share_between_0_and_1(world: World) -> None:
    terms = kept_once(world).simulation.terms
    competition, crowding = terms.competition, terms.b["crowding"][0]
    crowd = np.array([crowding_factor(a, crowding) for a in terms.county_attraction.ravel()])

    assert ((crowd > 0.0) & (crowd <= 1.0)).all()
    # What a county sells is at most the market.
    inside = terms.county_attraction * crowd.reshape(terms.county_attraction.shape)
    share = inside.sum(axis=0) / (competition["outside"] + competition["inside"])
    assert ((share >= 0.0) & (share < 1.0)).all()


# --- what rules are called with


def between_0_and_1(*shares: float) -> bool:
    return all(0.0 <= share <= 1.0 for share in shares)


@in_random_worlds
def test_whoever_may_open_a_shop_sees_amounts_and_chances_that_can_be(world: World) -> None:
    simulation = kept_once(world).simulation
    s, t = simulation.state, simulation.terms
    village, _, _ = places_of_households(s)

    for row, v in enumerate(village.tolist()):
        offset = row - int(s.villages["first_household"][v])
        slot = slot_to_open(v, offset, s, t) if may_open(v, offset, s, t) else -1
        if slot < 0:
            continue
        o = opening_outlook(v, offset, slot, s, t)
        assert between_0_and_1(o.selling_share, o.knowledge, opening_probability(o, t.b[0]))
        assert 0.0 < o.u < 1.0
        assert o.wage_yuan_per_month > 0.0
        assert min(o.need_yuan, o.means_yuan, o.forgone_yuan_per_month, o.shops) >= 0.0
        assert np.isfinite(o.expected_profit_yuan_per_month)


@in_random_worlds
def test_outside_operators_settle_with_a_chance_between_0_and_1(world: World) -> None:
    terms = kept_once(world).simulation.terms

    for village in tables_of(kept_once(world))["villages"]:
        wage, shops = village["wage_yuan_per_month"], village["slot_shops"].sum()
        for profit in village["slot_profit"]:
            assert between_0_and_1(settling_probability(profit, wage, 1.0, shops, terms.b[0]))


@in_random_worlds
def test_owners_of_shops_see_and_choose_amounts_that_can_be(world: World) -> None:
    simulation = kept_once(world).simulation
    s, t = simulation.state, simulation.terms
    villages, b = s.villages, t.b[0]

    for v in range(villages.size):
        first = int(villages["first_shop"][v])
        for shop in range(first, first + min(int(villages["open_shops"][v]), MOST_SHOPS)):
            price = price_outlook(v, shop, s, t)
            assert 0.0 <= price.fee_share < 1.0 < price.price_elasticity
            assert price.backlog_days >= 0.0 < price.unit_cost_yuan
            assert 0.0 < choose_price_yuan(price, b) < np.inf

            hiring = hiring_outlook(v, shop, s, t)
            assert hiring.smoothed_orders_per_day >= 0.0 < hiring.hands
            assert 0 <= choose_staff(hiring, b) < 10_000

            closing = closing_outlook(v, shop, s, t)
            assert 0.0 < closing.u < 1.0
            assert 0 <= closing.months_below <= closing.age_months

            for k in range(CHANNELS):
                channel = channel_outlook(v, shop, k, s, t)
                assert 0.0 < channel.u < 1.0
                assert between_0_and_1(channel.knowledge, b["channel_rate"] * channel.knowledge)
                assert min(channel.year_sales_yuan, channel.minimum_sales_yuan) >= 0.0


def test_the_random_worlds_have_shops_and_households_that_may_open_more() -> None:
    """Else the tests above would look at nobody."""
    shops = may = 0

    @in_random_worlds
    def count(world: World) -> None:
        nonlocal shops, may
        simulation = kept_once(world).simulation
        s, t = simulation.state, simulation.terms
        shops += int(s.villages["open_shops"].sum())
        village, _, _ = places_of_households(s)
        may += sum(
            may_open(v, row - int(s.villages["first_household"][v]), s, t)
            for row, v in enumerate(village.tolist())
        )

    count()

    assert shops > 1000
    assert may > 500
