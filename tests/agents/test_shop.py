"""Shops seen as objects, and trade with agents that a user adds."""

from typing import Any

import mesa
import numpy as np
import pytest

from sim.agents import Farmer, Household, Manufacturer, Shop
from sim.model import CommerceModel
from sim.world.records import Month

QUIET = {"goods.sanitary_ware.typical_sales_yuan_per_year": 0.01}
"""A world in which nobody buys what makers make."""


class Streamer(mesa.Agent):
    """A buyer of the user's own, with money."""

    def __init__(self, model: CommerceModel) -> None:
        super().__init__(model)
        self.cash_yuan = 0.0


def durable_shop(model: CommerceModel, **columns: Any) -> Shop:
    """The first shop that sells no fruit and has the given values."""
    return next(
        shop
        for agent in model.agents
        for shop in agent.stores
        if shop.slot > 0 and all(getattr(shop, name) == value for name, value in columns.items())
    )


def makers_shop(model: CommerceModel) -> Shop:
    """The first shop of a maker, who is given goods to send and hands to send them."""
    shop = next(s for a in model.agents_by_type[Manufacturer] for s in a.stores)
    shop.owner.stock, shop.staff = 50.0, 5
    return shop


def month_of(model: CommerceModel, field: Month) -> float:
    return float(model.simulation.state.month[0, field])


def cash(model: CommerceModel) -> np.ndarray:
    return model.simulation.state.households["cash_yuan"].copy()


# --- what a shop tells


def test_a_household_has_its_shops_in_the_order_of_opening(finished: CommerceModel) -> None:
    several = [agent for agent in finished.agents if agent.shops > 1]

    assert several
    for agent in several:
        days = [shop.opened_day for shop in agent.stores]
        assert len(days) == agent.shops
        assert days == sorted(days)
        assert [shop.owner for shop in agent.stores] == [agent] * agent.shops


def test_every_open_shop_is_found_from_its_owner(finished: CommerceModel) -> None:
    rows = [shop.row for agent in finished.agents for shop in agent.stores]

    village = finished.villages[0]
    assert sorted(rows) == [village.first_shop + place for place in range(village.open_shops)]


def test_a_shop_tells_its_good_and_platforms_by_name(finished: CommerceModel) -> None:
    shops = [shop for agent in finished.agents for shop in agent.stores]

    assert {shop.good_name for shop in shops} == {"bayberry", "sanitary_ware", "small_appliances"}
    assert {shop.platform_names for shop in shops} == {("taobao",), ("taobao", "jd")}


def test_sales_of_the_year_are_those_of_twelve_months(finished: CommerceModel) -> None:
    shops = [shop for agent in finished.agents for shop in agent.stores]
    columns = finished.tables["shop_years"]["sales_yuan"]

    assert sorted(shop.year_sales_yuan for shop in shops) == sorted(columns.tolist())


def test_the_profit_of_a_year_is_that_of_the_table_of_shops(finished: Any) -> None:
    shops = [shop for agent in finished.agents for shop in agent.stores]
    column = finished.tables["shop_years"]["profit_yuan"]

    assert sorted(shop.year_profit_yuan for shop in shops) == sorted(column.tolist())


def test_a_shop_is_found_again_after_others_have_closed(make_model: Any) -> None:
    model = make_model("2015-06-30")
    shops = [shop for agent in model.agents for shop in agent.stores]
    first_row = {shop: shop.row for shop in shops}
    appeal = {shop: shop.appeal for shop in shops}
    model.run_until("2015-11-30")

    still = [shop for shop in shops if shop.is_open]
    assert 0 < len(still) < len(shops)
    assert any(shop.row != first_row[shop] for shop in still)
    assert all(shop.appeal == appeal[shop] for shop in still)


def test_a_closed_shop_says_that_it_has_closed(make_model: Any) -> None:
    model = make_model("2015-06-30")
    shops = [shop for agent in model.agents for shop in agent.stores]
    model.run_until("2015-11-30")
    closed = next(shop for shop in shops if not shop.is_open)

    with pytest.raises(LookupError, match=f"shop {closed.opened_before} of .* has closed"):
        _ = closed.rating


# --- orders


def test_orders_that_are_placed_are_served_with_the_orders_of_the_day(make_model: Any) -> None:
    base, model = make_model("2015-08-10", **QUIET), make_model("2015-08-10", **QUIET)
    shop = makers_shop(model)
    shop.place_orders(3)
    for each in (base, model):
        each.step()

    placed = [month_of(m, Month.ORDERS_PLACED) for m in (base, model)]
    assert placed[1] - placed[0] == 3
    assert (shop.orders_shipped, shop.backlog.sum()) == (3, 0)


def test_orders_bring_sales_to_this_shop_alone(make_model: Any) -> None:
    base, model = make_model("2015-08-10", **QUIET), make_model("2015-08-10", **QUIET)
    assert makers_shop(base).backlog.sum() == 0
    shop = makers_shop(model)
    shop.place_orders(1)
    for each in (base, model):
        each.step()

    shops = [m.simulation.state.shops["month_sales_yuan"] for m in (base, model)]
    changed = np.flatnonzero(shops[0] != shops[1])
    assert changed.tolist() == [shop.row]
    assert shops[1][shop.row] - shops[0][shop.row] == pytest.approx(shop.price_yuan)


def test_a_shop_with_an_order_counts_as_active(make_model: Any) -> None:
    model = make_model("2015-08-10", **QUIET)
    shop = makers_shop(model)
    assert shop.last_order_day == -1
    active = model.villages[0].active_stores
    shop.place_orders(1)
    model.step()

    assert model.villages[0].active_stores == active + 1


def test_nothing_is_ordered_by_an_order_of_nothing(make_model: Any) -> None:
    model = make_model("2015-08-10")
    shop = durable_shop(model)
    before = (shop.last_order_day, shop.backlog.tolist())
    shop.place_orders(0)

    assert (shop.last_order_day, shop.backlog.tolist()) == before


def test_shops_take_staff_for_orders_that_agents_place(make_model: Any) -> None:
    staff = []
    for orders in (0, 12):
        model = make_model("2015-08-31", **{"behaviour.close_patience_months": 1000})
        shop = durable_shop(model)
        shop.owner.cash_yuan = 1e6
        for _ in range(31):
            shop.place_orders(orders)
            model.step()
        staff.append(shop.staff)

    assert staff[1] >= staff[0] + 3


def test_smoothed_orders_are_the_same_whoever_placed_them(make_model: Any) -> None:
    model = make_model("2015-08-10")
    shop = durable_shop(model)
    weight = model.simulation.terms.b[0]["smoothing"]
    before, placed = shop.smoothed_orders_per_day, month_of(model, Month.ORDERS_PLACED)
    twin = make_model("2015-08-10")
    twin.step()
    own = durable_shop(twin).smoothed_orders_per_day
    shop.place_orders(5)
    model.step()

    assert placed > 0
    # Without the five, the day's orders were (own - before) / weight + before.
    day = (own - before) / weight + before + 5
    assert shop.smoothed_orders_per_day == pytest.approx(before + weight * (day - before))


@pytest.mark.parametrize("orders", [-1, 2.5, float("nan"), "3", None, True])
def test_orders_are_a_whole_number(make_model: Any, orders: object) -> None:
    shop = durable_shop(make_model("2015-08-10"))

    with pytest.raises(ValueError, match=f"orders = {orders!r}: a whole number from 0 on"):
        shop.place_orders(orders)


@pytest.mark.parametrize("platform", [1, 3, 4, -1, "jd"])
def test_orders_go_to_platforms_that_the_shop_is_on(make_model: Any, platform: object) -> None:
    shop = durable_shop(make_model("2015-08-10"), channels=1)

    message = rf"platform = {platform!r}: this shop is on 0 \(taobao\)"
    with pytest.raises(ValueError, match=message):
        shop.place_orders(1, platform)


def test_orders_may_be_placed_on_any_platform_of_the_shop(make_model: Any) -> None:
    shop = durable_shop(make_model("2015-12-10"), channels=3)
    before = shop.backlog.copy()
    shop.place_orders(np.int64(4), platform=1)

    assert (shop.backlog - before).tolist() == [0, 4, 0, 0]


def test_a_shop_with_fruit_is_selling_in_its_window_alone(make_model: Any) -> None:
    model = make_model("2015-05-31")
    shop = next(s for a in model.agents_by_type[Farmer] for s in a.stores)
    selling = []
    for _ in range(60):
        selling += [model.simulation.day] if shop.is_selling else []
        model.step()

    assert selling == list(range(shop.window_open_day, shop.window_close_day + 1))
    assert durable_shop(model).is_selling


# --- goods and money


def test_a_streamer_buys_goods_from_a_maker(make_model: Any) -> None:
    model = make_model("2015-08-10")
    maker = next(iter(model.agents_by_type[Manufacturer]))
    maker.stock, maker.cash_yuan = 9.0, 100.0
    streamer = Streamer(model)

    assert maker.sell(5, 60.0, streamer) == 5
    assert (maker.stock, maker.cash_yuan, streamer.cash_yuan) == (4, 400, -300)
    assert (month_of(model, Month.AGENTS_PIECES), month_of(model, Month.AGENTS_YUAN)) == (5, 300)


def test_no_more_is_sold_than_is_in_stock(make_model: Any) -> None:
    model = make_model("2015-08-10")
    maker = next(iter(model.agents_by_type[Manufacturer]))
    maker.stock, streamer = 7.5, Streamer(model)

    assert maker.sell(1e9, 2.0, streamer) == 7.5
    assert (maker.stock, streamer.cash_yuan) == (0, -15)


def test_a_streamer_buys_fruit_from_a_farmer(make_model: Any) -> None:
    model = make_model("2015-06-20")
    farmer = next(iter(model.agents_by_type[Farmer]))
    farmer.stock = stock = 20.0
    streamer = Streamer(model)

    assert farmer.sell(1.0, 30.0, streamer) == 1.0
    assert month_of(model, Month.AGENTS_KG) == 1.0
    assert farmer.stock == stock - 1


def test_a_household_pays_a_streamer(make_model: Any) -> None:
    model = make_model("2015-08-10")
    payer, streamer = next(iter(model.agents)), Streamer(model)
    before = cash(model)
    payer.pay(40.0, streamer)

    assert (cash(model) - before).tolist() == [-40.0, *[0.0] * 35]
    assert (streamer.cash_yuan, month_of(model, Month.AGENTS_YUAN)) == (40.0, -40.0)


@pytest.mark.parametrize("yuan", [-1.0, float("nan"), float("inf")])
def test_a_payment_is_an_amount_from_zero_on(make_model: Any, yuan: float) -> None:
    model = make_model()
    payer, streamer = next(iter(model.agents)), Streamer(model)

    with pytest.raises(ValueError, match=f"yuan = {yuan}: an amount from 0 on"):
        payer.pay(yuan, streamer)
    assert streamer.cash_yuan == 0


@pytest.mark.parametrize(("quantity", "each"), [(-1, 1), (1, -1), (float("nan"), 1), (1, np.nan)])
def test_a_sale_is_of_amounts_from_zero_on(make_model: Any, quantity: float, each: float) -> None:
    model = make_model("2015-08-10")
    maker, streamer = next(iter(model.agents_by_type[Manufacturer])), Streamer(model)

    with pytest.raises(ValueError, match="both from 0 on"):
        maker.sell(quantity, each, streamer)


def test_what_a_streamer_pays_is_income_of_the_seller(make_model: Any) -> None:
    """The year's offline income of a maker grows by what it got."""
    models = [make_model("2015-12-20") for _ in range(2)]
    earned = []
    for model, pieces in zip(models, (0, 5), strict=True):
        maker = next(iter(model.agents_by_type[Manufacturer]))
        maker.stock = 9.0
        maker.sell(pieces, 1000.0, Streamer(model))
        earned.append(maker.offline_yuan)

    assert earned[1] - earned[0] == pytest.approx(5000)


def test_the_households_of_the_model_are_no_streamers() -> None:
    assert not issubclass(Streamer, Household)
