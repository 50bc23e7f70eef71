"""What credit, a subsidy and earlier broadband do to who can open a shop, and when.

Credit and a subsidy also bring in sellers who are poor or earn little. So more shops close in the
end, though no shop closes because of them on any one day.
"""

from datetime import date

import numpy as np
import pytest
from measures import changes, total
from paired_worlds import BEHAVIOUR, GOODS, MANY_SEEDS, PLATFORM_TERMS, REED, SEEDS, months, tables
from state_changes import (
    are_equal,
    closed,
    households_of,
    kinds_of,
    mornings,
    opened,
    shipped_orders,
    unequal_columns,
)

from sim.engine.recorder import Columns
from sim.world.calendar import day_of
from sim.world.columns import FARMER, INCOMER, MANUFACTURER, OPERATOR
from sim.world.parameters import behaviour, good_names, goods, platforms
from sim.world.records import Month as Field

B = behaviour(BEHAVIOUR)
ITS_GOODS = goods(GOODS)
BROADBAND_DAY = day_of(date(2015, 1, 1))
DEPOSIT_YUAN = platforms(PLATFORM_TERMS).deposit_yuan[0]
DURABLE = [good_names().index(name) for name in ("sanitary_ware", "small_appliances")]
NEED_AT_MOST_YUAN = (
    B.setup_cost_yuan
    + DEPOSIT_YUAN
    + B.minimum_lot_pieces
    * max(ITS_GOODS.unit_cost_yuan[DURABLE])
    * (1 + B.supply_margin)
    * (1 + B.outside_supply_premium)
)
"""What it takes to open a shop with the dearest good."""


@pytest.mark.parametrize("name", ["subsidy", "small credit", "credit"])
class TestMoneyToStart:
    @pytest.mark.parametrize("kind", [FARMER, MANUFACTURER, OPERATOR, INCOMER])
    def test_more_open_or_settle_and_none_who_would_have_does_not(
        self, name: str, kind: int
    ) -> None:
        more = 0
        for pair in months(name, "eager"):
            are_meant = kinds_of(pair.without.eve, REED) == kind
            without, under = (opened(it, REED)[are_meant] for it in pair)
            assert (under | ~without).all()
            more += under.sum() - without.sum()

        assert more > 0

    def test_more_shops_open_in_the_long_run(self, name: str) -> None:
        assert np.median(changes(name, total("shops_opened"))) > 0


class TestCredit:
    def test_the_larger_credit_lets_all_open_whom_the_smaller_lets_and_more(self) -> None:
        more = 0
        for small, large in zip(
            months("small credit", "eager"), months("credit", "eager"), strict=True
        ):
            is_local = kinds_of(small.under.eve, REED) != INCOMER
            under_small, under_large = (opened(it.under, REED)[is_local] for it in (small, large))
            assert (under_large | ~under_small).all()
            more += (under_large & ~under_small).sum()

        assert more > 0

    def test_who_has_the_money_decides_as_before(self) -> None:
        for pair in months("credit", "eager"):
            without, under = (opened(it, REED) for it in pair)
            rich = households_of(pair.without.eve, REED)["cash_yuan"] >= NEED_AT_MOST_YUAN
            assert without[rich].any()
            assert are_equal(without[rich], under[rich])

    def test_new_shops_cost_their_owners_as_much_as_before(self) -> None:
        for pair in months("credit", "eager"):
            both = opened(pair.without, REED) & opened(pair.under, REED)
            without, under = (households_of(state, REED)[both] for state in mornings(pair))
            assert are_equal(without["cash_yuan"], under["cash_yuan"])

    def test_it_saves_the_indebted_from_closing(self) -> None:
        saved = 0
        for pair in months("credit", "indebted"):
            without, under = (closed(it, REED) for it in pair)
            assert (without | ~under).all()
            saved += (without & ~under).sum()

        assert saved > 0

    def test_operators_in_debt_can_buy_what_they_sell(self) -> None:
        more = []
        for pair in months("credit", "patient", seeds=MANY_SEEDS):
            of = households_of(pair.without.morning, REED)
            is_operator = kinds_of(pair.without.morning, REED) >= OPERATOR
            shipped = shipped_orders(pair, REED, is_operator & (of["cash_yuan"] < 0))
            more.append(shipped.under - shipped.without)

        assert np.median(more) > 0


class TestSubsidy:
    def test_every_new_shop_gets_it(self) -> None:
        for pair in months("subsidy", "eager"):
            month = pair.under.morning.month[REED]
            assert month[Field.SUBSIDIES_YUAN] == 3000.0 * month[Field.SHOPS_OPENED] > 0

    def test_it_never_exceeds_what_opening_costs(self) -> None:
        for seed in SEEDS:
            month = months_of_reed(tables("large subsidy", seed, "eager"))
            paid = month["setup_yuan"] + DEPOSIT_YUAN * month["shops_opened"]
            np.testing.assert_allclose(month["subsidies_yuan"], paid)
            assert paid.max() > 0

    def test_who_opens_anyway_is_richer_by_the_subsidy(self) -> None:
        for pair in months("subsidy", "eager"):
            both = opened(pair.without, REED) & opened(pair.under, REED)
            without, under = (households_of(state, REED)[both] for state in mornings(pair))
            np.testing.assert_allclose(under["cash_yuan"] - without["cash_yuan"], 3000.0)


class TestEarlierBroadband:
    def test_nothing_moves_in_the_years_before(self) -> None:
        for seed in SEEDS:
            without, under = (
                tables(it, seed, "late broadband")["village_months"]
                for it in ("nothing", "early broadband")
            )
            is_before = without["day"] < BROADBAND_DAY
            for field, column in without.items():
                assert are_equal(column[is_before], under[field][is_before]), field

    def test_the_first_shop_opens_earlier(self) -> None:
        for seed in SEEDS:
            late, early = (
                first_opening_day(tables(it, seed, "late broadband"))
                for it in ("nothing", "early broadband")
            )
            assert BROADBAND_DAY <= early < day_of(date(2016, 1, 1)) <= late

    def test_there_are_more_shops_orders_and_sales_two_years_later(self) -> None:
        for field in ("open_shops", "orders_placed", "online_sales_yuan"):
            measure = total(field, first=date(2016, 12, 1))
            assert np.median(changes("early broadband", measure, "late broadband")) > 0

    def test_only_households_with_internet_at_home_open(self) -> None:
        for pair in months("early broadband", "late broadband"):
            households = households_of(pair.under.end, REED)
            is_local = kinds_of(pair.under.end, REED) != INCOMER
            ranks = households["internet_rank"][is_local & (households["shops_ever"] > 0)]
            assert 0 < ranks.max() < pair.under.connected_share < 1

    def test_where_broadband_came_before_nothing_moves(self) -> None:
        for seed in SEEDS[:2]:
            for table in tables("nothing", seed):
                without, under = (tables(it, seed)[table] for it in ("nothing", "early broadband"))
                assert unequal_columns(without, under) == []


def months_of_reed(of: dict[str, Columns]) -> Columns:
    rows = of["village_months"]["village"] == REED
    return {name: column[rows] for name, column in of["village_months"].items()}


def first_opening_day(of: dict[str, Columns]) -> int:
    months_here = months_of_reed(of)
    return int(months_here["day"][months_here["shops_opened"] > 0].min())
