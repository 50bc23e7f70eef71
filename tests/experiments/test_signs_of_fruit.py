"""What shelf lives, a cold chain, gluts and greenhouses do to fruit, growers and shops."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from measures import Measure, changes, ratio, season, season_rows, total
from paired_worlds import GOODS, REED, SEASON_IS_SET, SEEDS, months, tables
from state_changes import (
    Shops,
    are_equal,
    mornings,
    shops_in_both,
    unequal_columns,
)

from sim.engine.recorder import Columns
from sim.world.calendar import day_of
from sim.world.columns import State
from sim.world.parameters import good_names, goods
from sim.world.records import Month as Field

BAYBERRY = good_names().index("bayberry")
ITS_GOODS = goods(GOODS)
FIRST_SUMMER = date(2014, 6, 1)
GLUTS = [("glut", "nothing", 2015), ("two gluts", "glut", 2016)]
"""A glut, what it is compared with, and its year."""
MeasureOfYear = Callable[[int], Measure]


def in_year(field: str, year: int) -> Measure:
    return total(field, first=date(year, 1, 1), last=date(year, 12, 31))


def refund_share(year: int) -> Measure:
    """Refunds, which only fruit needs, over online sales of fruit."""
    return ratio(in_year("refunds_yuan", year), season("online_sales_yuan", year=year))


def spoiled_share(year: int) -> Measure:
    return ratio(in_year("spoiled_kg", year), in_year("ripe_kg", year))


def left_or_processed_share(year: int) -> Measure:
    return ratio(season("left_kg", "processed_kg", year=year), season("ripe_kg", year=year))


def margin_yuan_per_kg(year: int) -> Measure:
    """What growers earn from their fruit, online and offline, for each ripe kilogram."""
    earned = season("growers_online_yuan", "growers_offline_yuan", year=year)
    return ratio(earned, season("ripe_kg", year=year))


def hand_picked_yuan_per_kg(year: int) -> Measure:
    """What shops pay growers for a kilogram."""
    return ratio(in_year("paid_to_growers_yuan", year), season("online_bought_kg", year=year))


def wholesale_yuan_per_kg(year: int) -> Measure:
    """Average wholesale price of common fruit, by weight."""

    def measure(of: dict[str, Columns]) -> float:
        rows = season_rows(of, year)
        kg = of["season_days"]["wholesale_kg"][rows]
        return float(np.average(of["season_days"]["wholesale_yuan_per_kg"][rows], weights=kg))

    return measure


def days_of(of: dict[str, Columns], year: int) -> Columns:
    """Reed's days of a season."""
    rows = season_rows(of, year)
    return {name: column[rows] for name, column in of["season_days"].items()}


def fruit_shops_and_others(states: tuple[State, State]) -> tuple[Shops, Shops]:
    shops = shops_in_both(states, REED).selling
    is_fruit = shops.without["good"] == BAYBERRY
    return shops.those(is_fruit), shops.those(~is_fruit)


class TestShorterLifeInStorage:
    def test_more_spoils(self) -> None:
        for year in (2015, 2016):
            assert (changes("short storage life", spoiled_share(year)) > 0).all()

    @pytest.mark.parametrize(
        ("field", "sign"),
        [("online_own_kg", -1), ("orders_cancelled", 1), ("growers_online_yuan", -1)],
    )
    def test_growers_sell_less_online_and_more_buyers_wait_in_vain_where_fruit_is_scarce(
        self, field: str, sign: int
    ) -> None:
        change = changes("short storage life", in_year(field, 2015), "scarce fruit")

        assert np.median(sign * change) > 0

    def test_buyers_order_as_before_in_the_first_season(self) -> None:
        for pair in months("short storage life", first=FIRST_SUMMER):
            without, under = (it.end.month[:, Field.ORDERS_PLACED] for it in pair)
            assert without[REED] > 0
            assert are_equal(without, under)

    def test_as_much_spoils_in_parcels(self) -> None:
        np.testing.assert_allclose(changes("short storage life", refund_share(2014)), 0, atol=1e-12)


class TestShorterLifeInParcels:
    def test_more_is_refunded(self) -> None:
        for year in (2014, 2015, 2016):
            assert (changes("short parcel life", refund_share(year)) > 0).all()

    def test_fruit_shops_attract_less_and_others_as_before(self) -> None:
        for pair in months("short parcel life", first=FIRST_SUMMER):
            fruit, others = fruit_shops_and_others(mornings(pair))
            assert fruit.ratio("attraction").max() < 1
            assert (others.ratio("attraction") == 1).all()

    def test_fruit_shops_are_rated_worse_for_the_same_orders_and_others_as_before(self) -> None:
        for pair in months("short parcel life", "indifferent buyers", first=FIRST_SUMMER):
            fruit, others = fruit_shops_and_others((pair.without.end, pair.under.end))
            rated = fruit.those(fruit.without["orders_shipped"] > 0)
            assert are_equal(rated.without["orders_shipped"], rated.under["orders_shipped"])
            assert rated.ratio("rating").max() < 1
            assert (others.ratio("rating") == 1).all()

    def test_less_fruit_is_sold_online(self) -> None:
        sales = season("online_sales_yuan", year=2015)

        assert np.median(changes("short parcel life", sales)) < 0


class TestColdChain:
    def test_less_spoils_in_storage_and_on_the_way(self) -> None:
        for measure in (spoiled_share(2015), refund_share(2015)):
            assert (changes("cold chain", measure) < 0).all()

    def test_fruit_shops_attract_more_and_others_as_before(self) -> None:
        for pair in months("cold chain"):
            fruit, others = fruit_shops_and_others(mornings(pair))
            assert fruit.ratio("attraction").min() > 1
            assert (others.ratio("attraction") == 1).all()

    def test_fruit_shops_are_rated_better_for_the_same_orders(self) -> None:
        for pair in months("cold chain", "indifferent buyers"):
            before, _ = fruit_shops_and_others(mornings(pair))
            fruit, _ = fruit_shops_and_others((pair.without.end, pair.under.end))
            rated = fruit.those(fruit.without["orders_shipped"] > before.without["orders_shipped"])
            assert rated.ratio("rating").min() > 1

    def test_more_fruit_is_sold_online_and_growers_earn_more(self) -> None:
        for measure in (season("online_sales_yuan"), margin_yuan_per_kg(2015)):
            assert np.median(changes("cold chain", measure)) > 0


@pytest.mark.parametrize(("name", "without", "year"), GLUTS)
class TestGlut:
    def test_every_day_ripens_so_much_more(self, name: str, without: str, year: int) -> None:
        for seed in SEEDS:
            usual, much = (days_of(tables(it, seed), year) for it in (without, name))
            assert are_equal(usual["day"], much["day"])
            np.testing.assert_allclose(much["ripe_kg"], 1.6 * usual["ripe_kg"])

    @pytest.mark.parametrize(
        ("measure", "sign"),
        [
            (wholesale_yuan_per_kg, -1),
            (left_or_processed_share, 1),
            (margin_yuan_per_kg, -1),
        ],
    )
    def test_fruit_is_cheap_and_part_of_it_stays_on_the_trees(
        self, name: str, without: str, year: int, measure: MeasureOfYear, sign: int
    ) -> None:
        change = changes(name, measure(year), without=without)

        assert (sign * change > 0).all()

    def test_hand_picked_fruit_becomes_no_dearer(self, name: str, without: str, year: int) -> None:
        """Its price is agreed on for a month, unless the day's is higher."""
        change = changes(name, hand_picked_yuan_per_kg(year), without=without)

        assert change.max() < 0.01  # more of it may be bought in July, at July's price


def test_a_glut_leaves_the_next_year_s_fruit_as_it_is() -> None:
    for seed in SEEDS:
        usual, after = (days_of(tables(it, seed), 2016) for it in ("nothing", "glut"))
        assert usual["day"].size > 0
        assert are_equal(usual["ripe_kg"], after["ripe_kg"])


class TestGreenhouses:
    """Half of the orchards ripen ten days earlier."""

    def test_the_season_begins_ten_days_earlier_and_ends_on_its_day(self) -> None:
        for seed in SEEDS:
            usual, early = (ripe_days(tables(it, seed)) for it in ("nothing", "greenhouses"))
            assert early.min() == usual.min() - 10
            assert early.max() == usual.max()

    def test_a_part_ripens_before_the_usual_first_day(self) -> None:
        for seed in SEEDS:
            first = ripe_days(tables("nothing", seed)).min()
            season_days = days_of(tables("greenhouses", seed), 2015)
            early = season_days["ripe_kg"][season_days["day"] < first].sum()
            assert 0.05 < early / season_days["ripe_kg"].sum() < 0.5

    def test_the_crop_is_that_of_the_open_orchards_and_of_those_under_cover(self) -> None:
        crop = 0.5 + 0.5 * ITS_GOODS.greenhouse_yield_ratio[BAYBERRY]
        for seed in SEEDS:
            usual, early = (
                season("ripe_kg")(tables(it, seed)) for it in ("nothing", "greenhouses")
            )
            assert early == pytest.approx(crop * usual)

    def test_the_open_orchards_keep_their_season(self) -> None:
        for pair in months("greenhouses"):
            without, under = (state.villages[REED] for state in mornings(pair))
            for column in ("season_year", "first_ripe_day", "ripe_days", "yield_index"):
                assert without[column] == under[column]

    def test_early_fruit_fetches_more_than_the_fruit_of_the_peak(self) -> None:
        for seed in SEEDS:
            first = ripe_days(tables("nothing", seed)).min()
            season_days = days_of(tables("greenhouses", seed), 2015)
            prices = season_days["wholesale_yuan_per_kg"]
            assert prices[season_days["day"] < first].mean() > np.median(prices)

    def test_the_peak_is_lower_and_its_price_higher(self) -> None:
        for seed in SEEDS:
            usual, early = (days_of(tables(it, seed), 2015) for it in ("nothing", "greenhouses"))
            assert early["ripe_kg"].max() < usual["ripe_kg"].max()
            assert lowest_price(early) > lowest_price(usual)

    @pytest.mark.parametrize(
        ("measure", "sign"),
        [(wholesale_yuan_per_kg, 1), (left_or_processed_share, -1), (margin_yuan_per_kg, 1)],
    )
    def test_fruit_is_dear_and_less_of_it_stays_on_the_trees(
        self, measure: MeasureOfYear, sign: int
    ) -> None:
        assert np.median(sign * changes("greenhouses", measure(2015))) > 0

    def test_shops_mean_to_open_ten_days_earlier(self) -> None:
        for pair in months("greenhouses"):
            fruit, _ = fruit_shops_and_others(mornings(pair))
            earlier = fruit.without["window_open_day"] - fruit.under["window_open_day"]
            assert earlier.size > 0
            assert (earlier == 10).all()
            assert are_equal(fruit.without["window_close_day"], fruit.under["window_close_day"])

    def test_online_sale_begins_earlier(self) -> None:
        for seed in SEEDS:
            usual, early = (days_of(tables(it, seed), 2015) for it in ("nothing", "greenhouses"))
            first_orders = [of["day"][of["orders_shipped"] > 0].min() for of in (usual, early)]
            assert first_orders[1] < first_orders[0]

    def test_built_after_the_season_is_settled_they_wait_for_the_next(self) -> None:
        next_spring = day_of(SEASON_IS_SET.replace(year=2016))
        for seed in SEEDS:
            never, late = (tables(it, seed) for it in ("nothing", "late greenhouses"))
            for table in ("village_months", "season_days"):
                assert (
                    unequal_columns(*(before(of[table], next_spring) for of in (never, late))) == []
                )
            assert ripe_days(late, 2016).min() == ripe_days(never, 2016).min() - 10


def ripe_days(of: dict[str, Columns], year: int = 2015) -> np.ndarray:
    days = days_of(of, year)
    return days["day"][days["ripe_kg"] > 0]


def lowest_price(days: Columns) -> float:
    return float(days["wholesale_yuan_per_kg"].min())


def before(table: Columns, day: int) -> Columns:
    return {name: column[table["day"] < day] for name, column in table.items()}
