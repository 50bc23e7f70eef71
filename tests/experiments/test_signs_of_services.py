"""The four services of a service platform, each alone: what each moves, and in which direction.

What follows from a service may go the other way: more shops mean more debts and closings, and more
orders more cancelled orders; where hands and goods are scarce, sales need not follow orders. So
orders and sales are compared where hands and goods are ample.
"""

from datetime import date
from math import exp

import numpy as np
import pytest
from measures import changes, ratio, season, total
from paired_worlds import BEHAVIOUR, GOODS, MANY_SEEDS, REED, WILLOW, months
from state_changes import (
    Shops,
    are_equal,
    households_of,
    kinds_of,
    mornings,
    opened,
    shipped_orders,
    shops_in_both,
    shops_of,
)

from sim.world.columns import INCOMER, MANUFACTURER, OPERATOR
from sim.world.parameters import behaviour, good_names, goods

SERVICES = ("storage", "product supply", "training", "logistics")
B = behaviour(BEHAVIOUR)
ITS_GOODS = goods(GOODS)
WARE = good_names().index("sanitary_ware")
LARGE_LOT_YUAN = B.minimum_lot_pieces * ITS_GOODS.unit_cost_yuan[WARE]
"""What the smallest lot costs without product supply, at least."""
END_OF_YEAR = date(2015, 12, 31)
CANCELLED_SHARE = ratio(total("orders_cancelled"), total("orders_placed"))


def openers(service: str) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """By seed: kinds of households, who opens without the service, and who under it."""
    return [
        (kinds_of(without.eve, REED), opened(without, REED), opened(under, REED))
        for without, under in months(service, "eager")
    ]


@pytest.mark.parametrize("service", SERVICES)
class TestEachService:
    def test_more_shops_open(self, service: str) -> None:
        assert np.median(changes(service, total("shops_opened"))) > 0

    @pytest.mark.parametrize("field", ["orders_placed", "online_sales_yuan", "shop_profit_yuan"])
    def test_shops_have_more_orders_sales_and_profit(self, service: str, field: str) -> None:
        assert np.median(changes(service, total(field), "ample hands and goods")) > 0

    def test_whoever_opens_or_settles_without_it_does_so_with_it(self, service: str) -> None:
        for _, without, under in openers(service):
            assert (under | ~without).all()


@pytest.mark.parametrize("service", ["storage", "product supply", "logistics"])
def test_services_draw_settlers(service: str) -> None:
    settled = [(kinds == INCOMER) & under & ~without for kinds, without, under in openers(service)]

    assert np.any(settled)
    assert np.median(changes(service, total("settlers"))) > 0


def test_training_draws_no_settlers_on_the_first_day() -> None:
    for kinds, without, under in openers("training"):
        assert are_equal(without[kinds == INCOMER], under[kinds == INCOMER])


class TestStorage:
    def test_every_shop_gains_what_shorter_handling_is_worth(self) -> None:
        days_saved = B.handling_days * B.storage_handling_cut

        for pair in months("storage"):
            gains = shops_in_both(mornings(pair), REED).selling.ratio("attraction")
            np.testing.assert_allclose(gains, exp(B.attraction_delivery * days_saved))
            assert gains.min() > 1

    def test_every_shop_has_more_orders_to_come_and_shops_next_door_have_fewer(self) -> None:
        for pair in months("storage", "indifferent settlers"):
            here, there = (
                shops_in_both(mornings(pair), village).selling.ratio("orders_per_day")
                for village in (REED, WILLOW)
            )
            assert here.min() > 1
            assert there.max() <= 1

    def test_households_open_as_they_would_have_on_the_first_day(self) -> None:
        for kinds, without, under in openers("storage"):
            assert are_equal(without[kinds != INCOMER], under[kinds != INCOMER])

    def test_more_room_is_filled(self) -> None:
        more = []
        for pair in months("storage", "scarce goods"):
            without, under = (shops_of(it.end, REED)["pieces"].sum() for it in pair)
            more.append(under - without)

        assert np.median(more) > 0

    def test_more_room_saves_orders_and_sales_where_goods_are_scarce(self) -> None:
        sales = changes("storage", total("online_sales_yuan"), "scarce goods")

        assert np.median(changes("storage", CANCELLED_SHARE, "scarce goods")) < 0
        assert np.median(sales) > 0


class TestProductSupply:
    def test_more_operators_open(self) -> None:
        more = [
            (under & ~without)[kinds == OPERATOR].sum()
            for kinds, without, under in openers("product supply")
        ]

        assert np.median(more) > 0

    def test_growers_and_makers_open_as_they_would_have(self) -> None:
        for kinds, without, under in openers("product supply"):
            assert without[kinds <= MANUFACTURER].any()
            assert are_equal(without[kinds <= MANUFACTURER], under[kinds <= MANUFACTURER])

    def test_some_open_who_could_not_have_paid_a_large_lot(self) -> None:
        poor = 0
        for pair in months("product supply", "eager"):
            cash_yuan = households_of(pair.without.eve, REED)["cash_yuan"]
            is_operator = kinds_of(pair.without.eve, REED) == OPERATOR
            besides = is_operator & opened(pair.under, REED) & ~opened(pair.without, REED)
            poor += (cash_yuan[besides] < B.setup_cost_yuan + LARGE_LOT_YUAN).sum()

        assert poor > 0

    def test_operators_keep_less_stock(self) -> None:
        less = []
        for pair in months("product supply"):
            shops = shops_in_both((pair.without.end, pair.under.end), REED)
            less.append(shops.without["pieces"].sum() - shops.under["pieces"].sum())

        assert np.median(less) > 0

    def test_operators_who_could_not_pay_a_large_lot_can_ship(self) -> None:
        more = []
        for pair in months("product supply", "patient", seeds=MANY_SEEDS):
            cash_yuan = households_of(pair.without.morning, REED)["cash_yuan"]
            is_operator = kinds_of(pair.without.morning, REED) >= OPERATOR
            is_poor = (cash_yuan >= 0) & (cash_yuan < LARGE_LOT_YUAN)
            shipped = shipped_orders(pair, REED, is_operator & is_poor)
            more.append(shipped.under - shipped.without)

        assert np.sum(more) > 0


class TestTraining:
    def test_the_trained_know_more_and_nobody_else_does(self) -> None:
        for pair in months("training"):
            without, under = (households_of(state, REED) for state in mornings(pair))
            trained = under["trained"]
            taught = np.minimum(1.0, without["knowledge"] + B.training_gain)
            assert trained.any()
            assert (taught > without["knowledge"])[trained].all()
            assert are_equal(under["knowledge"], np.where(trained, taught, without["knowledge"]))

    def test_only_who_lives_here_and_has_internet_is_trained(self) -> None:
        for _, under in months("training", "well taught"):
            before = households_of(under.eve, REED)
            trained = households_of(under.morning, REED)["trained"]
            assert (before["present"] | ~trained).all()
            assert 0 < before["internet_rank"][trained].max() < under.connected_share < 1

    def test_only_shops_of_the_trained_gain(self) -> None:
        for pair in months("training", "well taught"):
            shops = shops_in_both(mornings(pair), REED).selling
            first = pair.under.morning.villages["first_household"][REED]
            trained = households_of(pair.under.morning, REED)["trained"]
            of_trained = trained[shops.under["owner"] - first]
            gains = shops.ratio("attraction")
            assert (gains[of_trained] > 1).all()
            assert (gains[~of_trained] == 1).all()
            assert of_trained.any()

    def test_of_households_only_the_trained_open_besides(self) -> None:
        more = []
        for pair in months("training", "eager"):
            besides = opened(pair.under, REED) & ~opened(pair.without, REED)
            assert households_of(pair.under.morning, REED)["trained"][besides].all()
            more.append(besides.sum())

        assert np.median(more) > 0

    def test_shops_stay_on_their_platforms_and_some_join_more(self) -> None:
        joined = 0
        for pair in months("training", "well taught", seeds=MANY_SEEDS):
            without, under = (it["channels"] for it in shops_in_both(mornings(pair), REED))
            assert are_equal(without & under, without)
            joined += (without != under).sum()

        assert joined > 0


class TestLogistics:
    def test_every_parcel_is_cheaper_by_the_cut_and_every_price_falls(self) -> None:
        for pair in months("logistics"):
            shops = shops_in_both(mornings(pair), REED)
            cheaper = shops.selling.ratio("parcel_yuan")
            np.testing.assert_allclose(cheaper, 1.0 - B.logistics_parcel_cut)
            assert cheaper.max() < 1
            assert shops.ratio("price_yuan").max() < 1

    def test_every_shop_gains_what_the_saved_days_are_worth_and_fruit_more(self) -> None:
        worth = exp(B.attraction_delivery * B.logistics_days_saved)

        for pair in months("logistics"):
            shops = shops_in_both(mornings(pair), REED).selling
            is_fruit = ITS_GOODS.perishable[shops.without["good"]]
            gains = gains_beyond_price(shops)
            np.testing.assert_allclose(gains[~is_fruit], worth)
            assert gains[is_fruit].min() > worth * (1 + 1e-9) > 1

    def test_less_fruit_spoils_on_the_way(self) -> None:
        refunds = ratio(total("refunds_yuan", last=END_OF_YEAR), season("online_sales_yuan"))

        assert (changes("logistics", refunds) < 0).all()

    def test_orders_cost_less_to_send(self) -> None:
        cost = ratio(total("parcels_yuan"), total("orders_shipped"))

        assert np.median(changes("logistics", cost)) < 0

    def test_households_open_as_they_would_have_on_the_first_day(self) -> None:
        for kinds, without, under in openers("logistics"):
            assert are_equal(without[kinds != INCOMER], under[kinds != INCOMER])


def gains_beyond_price(shops: Shops) -> np.ndarray:
    """Factors on the attraction of shops, apart from what their change of price explains."""
    elasticity = ITS_GOODS.price_elasticity[shops.without["good"]]
    return shops.ratio("attraction") * shops.ratio("price_yuan") ** elasticity
