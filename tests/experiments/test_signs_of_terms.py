"""What parcels, commissions, a brand and access to other countries do to prices, orders and sales.

Where hands and goods are scarce, more orders are more late and cancelled ones, and shops that ask
less earn less. So what follows from better or worse terms is compared where both are ample.
"""

from math import exp

import numpy as np
import pytest
from measures import changes, ratio, total
from paired_worlds import ALDER, BEHAVIOUR, GOODS, REED, WILLOW, Month, Pair, months
from state_changes import are_equal, mornings, opened, shops_in_both

from sim.world.parameters import behaviour, goods, platforms

B = behaviour(BEHAVIOUR)
ITS_GOODS = goods(GOODS)
DOMESTIC = 0b0011
FEES = ratio(total("platform_fees_yuan"), total("online_sales_yuan"))


@pytest.mark.parametrize(
    ("name", "sign"),
    [("cheaper parcels", 1), ("higher commission", -1), ("brand", 1)],
)
class TestTermsOfEveryShop:
    def test_every_shop_has_more_orders_to_come_or_every_shop_fewer(
        self, name: str, sign: int
    ) -> None:
        for pair in months(name):
            shops = shops_in_both(mornings(pair), REED).selling
            assert (sign * np.log(shops.ratio("orders_per_day")) > 0).all()

    @pytest.mark.parametrize("village", [WILLOW, ALDER])
    def test_rivals_elsewhere_feel_the_opposite(self, name: str, sign: int, village: int) -> None:
        moves = []
        for pair in months(name):
            shops = shops_in_both(mornings(pair), village).selling
            felt = sign * np.log(shops.ratio("orders_per_day"))
            assert (felt <= 0).all()
            moves.append((felt < 0).any())
        assert any(moves)

    @pytest.mark.parametrize("field", ["orders_placed", "online_sales_yuan", "shop_profit_yuan"])
    def test_orders_sales_and_profit_follow(self, name: str, sign: int, field: str) -> None:
        assert np.median(sign * changes(name, total(field), "ample hands and goods")) > 0

    def test_households_open_as_they_would_have_on_the_first_day(
        self, name: str, sign: int
    ) -> None:
        for pair in months(name):
            assert are_equal(*(opened(it, REED) for it in pair))


class TestCheaperParcels:
    def test_every_parcel_is_cheaper_by_the_multiple(self) -> None:
        for pair in months("cheaper parcels"):
            shops = shops_in_both(mornings(pair), REED).selling
            np.testing.assert_allclose(shops.ratio("parcel_yuan"), 0.7)

    def test_every_price_falls_and_by_less(self) -> None:
        for pair in months("cheaper parcels"):
            falls = shops_in_both(mornings(pair), REED).ratio("price_yuan")
            assert falls.min() > 0.7
            assert falls.max() < 1

    def test_the_lower_price_is_all_that_attracts(self) -> None:
        for pair in months("cheaper parcels"):
            assert price_explains_attraction(pair)

    def test_orders_cost_less_to_send_and_less_to_buy(self) -> None:
        for field in ("parcels_yuan", "online_sales_yuan"):
            per_order = ratio(total(field), total("orders_shipped"))
            assert (changes("cheaper parcels", per_order) < 0).all()


class TestHigherCommission:
    def test_platforms_keep_a_larger_part(self) -> None:
        assert (changes("higher commission", FEES) > 0).all()

    def test_every_price_rises_by_what_the_platform_takes(self) -> None:
        terms = platforms()
        fee = terms.commission_share[0] + terms.advertising_share[0]
        for pair in months("higher commission"):
            rises = shops_in_both(mornings(pair), REED).ratio("price_yuan")
            np.testing.assert_allclose(rises, (1 - fee) / (1 - 2 * fee))
            assert rises.min() > 1

    def test_the_higher_price_is_all_that_repels(self) -> None:
        for pair in months("higher commission"):
            assert price_explains_attraction(pair)


class TestBrand:
    def test_every_shop_gains_the_worth_of_the_brand(self) -> None:
        for pair in months("brand"):
            gains = shops_in_both(mornings(pair), REED).selling.ratio("attraction")
            np.testing.assert_allclose(gains, exp(B.attraction_brand))
            assert gains.min() > 1


class TestCrossBorderPilot:
    def test_shops_join_cross_border_platforms_besides_and_no_others(self) -> None:
        joined = 0
        for pair in months("cross-border pilot"):
            without, under = (it["channels"] for it in shops_in_both(mornings(pair), REED))
            assert are_equal(without & under, without)
            assert not ((under ^ without) & DOMESTIC).any()
            joined += (without != under).sum()
        assert joined > 0

    def test_only_shops_that_sold_too_little_before_and_have_what_can_be_sent_abroad_join(
        self,
    ) -> None:
        for pair in months("cross-border pilot"):
            shops = shops_in_both(mornings(pair), REED)
            joins = shops.those(shops.without["channels"] != shops.under["channels"]).under
            year_sales_yuan = joins["sales_ring_yuan"].sum(axis=1)
            assert ITS_GOODS.exportable[joins["good"]].all()
            assert (year_sales_yuan < 100_000).all()
            assert (year_sales_yuan >= 10_000 - 1e-6).all()

    def test_more_is_sold_to_other_countries(self) -> None:
        assert np.median(changes("cross-border pilot", total("cross_border_sales_yuan"))) > 0

    def test_the_platforms_long_parcels_and_fees_come_with_it(self) -> None:
        parcels = ratio(total("parcels_yuan"), total("orders_shipped"))

        assert np.median(changes("cross-border pilot", parcels)) > 0
        assert np.median(changes("cross-border pilot", FEES)) > 0


def price_explains_attraction(pair: Pair[Month]) -> bool:
    shops = shops_in_both(mornings(pair), REED).selling
    elasticity = ITS_GOODS.price_elasticity[shops.without["good"]]
    explained = shops.ratio("price_yuan") ** -elasticity
    return bool(np.allclose(shops.ratio("attraction"), explained, rtol=1e-9))
