"""Regions: a village alone and among others cut off from it, threads, order, books of a county."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from books import FEN, GRAM, Run, assert_close, cash_flows, kept
from likeness import Columns, all_differences, first_differences, history
from small_worlds import data_of_scenario, scenario, village

from sim.scenario import Scenario, load_scenario, register_of, write_villages
from sim.world.columns import FARMER, MANUFACTURER
from sim.world.records import Month
from sim.world.register import Register, chosen

REED = "C/T/Reed"
NO_LINKS = dict.fromkeys(
    ("hearsay_town", "hearsay_neighbours", "hearsay_county", "commuting_share"), 0.0
)
COLD = {"kind": "cold_chain", "name": "cold", "start": "2014-03-01", "intensity": 0.5}

# --- a village alone, and the same one among others


def others(**changes: Any) -> list[dict[str, Any]]:
    """Villages in the same town, the same county and another one, that sell other goods."""
    made = {
        "farmers": {"households": 20, "crop": "grape", "orchard_mu_mean": 3.0},
        "manufacturers": {
            "households": 15, "product": "furniture", "capacity_pieces_per_month_mean": 200.0,
        },
        "within_reach": ["shoes"],
    } | changes  # fmt: skip
    places = [("C", "T"), ("C", "U"), ("D", "T")]
    return [
        village(f"Other {number}", county=county, town=town, **made)
        for number, (county, town) in enumerate(places)
    ]


def of_reed(it: Scenario) -> list[dict[str, Columns]]:
    """What happens in Reed; the numbers of its town and county tell of the table alone."""
    numbers = ("villages.town", "villages.county")
    return [
        {REED: {name: values for name, values in month[REED].items() if name not in numbers}}
        for month in history(it)
    ]


def region(*, behaviour: dict[str, float] = NO_LINKS, first: int = 0, **changes: Any) -> Scenario:
    """Reed among others; `first` of them stand before it in the table."""
    beside = others(**changes)
    villages = [*beside[:first], village("Reed"), *beside[first:]]
    return scenario(*villages, behaviour=behaviour, policies=[COLD])


@cache
def alone() -> list[dict[str, Columns]]:
    return of_reed(scenario(village("Reed"), behaviour=NO_LINKS, policies=[COLD]))


@pytest.mark.parametrize("first", [0, 2, 3])
def test_a_village_among_others_without_links_is_as_it_is_alone(first: int) -> None:
    assert first_differences(of_reed(region(first=first)), alone()) is None


def test_much_happens_in_it() -> None:
    """Else the test above would compare nothing with nothing."""
    shops = [month[REED]["shops.owner"].size for month in alone()]

    assert shops[-1] > shops[0] > 0
    assert alone()[-1][REED]["day_sales_yuan"].sum() > 0.0


@pytest.mark.parametrize(
    "link",
    [
        {"behaviour": NO_LINKS | {"hearsay_town": 0.5}},
        {"behaviour": NO_LINKS | {"hearsay_county": 0.5}},
        {"behaviour": NO_LINKS | {"commuting_share": 1.0, "orders_per_worker_day": 0.5}},
        {"within_reach": ["small_appliances"]},
    ],
    ids=["hearsay of the town", "hearsay of the county", "commuters", "a good in common"],
)
def test_each_link_makes_a_difference(link: dict[str, Any]) -> None:
    assert all_differences(of_reed(region(**link)), alone())


# --- a small region of drawn villages


@cache
def some_of_cixi(count: int) -> Register:
    """The smallest villages of Cixi: of each make some."""
    drawn = register_of(load_scenario("cixi"))
    size = drawn.households
    makes, grows = (drawn.kind_count[:, kind] > 0 for kind in (MANUFACTURER, FARMER))
    order = np.argsort(size, kind="stable")
    rows = [row for some in (makes, grows, ~makes & ~grows) for row in order[some[order]][:count]]
    return chosen(drawn, np.array(sorted(rows)))


def drawn(file: Path, register: Register, **changes: Any) -> Scenario:
    """A busy scenario of villages from a file."""
    write_villages(register, file)
    data = data_of_scenario(end="2014-12-31", policies=[COLD | {"target": {"share": 0.5}}])
    return Scenario.model_validate(
        data | {"villages": [], "region": {"file": str(file)}, "observer": {"rule": "published"}}
        | changes
    )  # fmt: skip


@pytest.mark.parametrize("threads", [2, 5])
def test_the_number_of_threads_changes_no_bit_of_a_region(threads: int, tmp_path: Path) -> None:
    it = drawn(tmp_path / "some.csv", some_of_cixi(3))

    assert first_differences(history(it, threads=threads), history(it)) is None


def test_the_order_of_villages_changes_no_bit_of_a_region(tmp_path: Path) -> None:
    some = some_of_cixi(3)
    order = np.random.default_rng(3).permutation(len(some))  # noqa: TID251 - any order will do
    turned = chosen(some, order)

    one = history(drawn(tmp_path / "one.csv", some))
    other = history(drawn(tmp_path / "other.csv", turned))

    assert list(turned.paths()) != list(some.paths())
    assert first_differences(one, other) is None


def test_drawn_villages_and_the_same_ones_from_a_file_run_alike(tmp_path: Path) -> None:
    # A county of few villages, all of them drawn.
    place = {"within": ["Ningxia/Shizuishan/Dawukou"]}
    data = data_of_scenario(end="2014-06-30") | {"villages": [], "region": place}
    it = Scenario.model_validate(data)
    write_villages(register_of(it), tmp_path / "drawn.csv")

    again = Scenario.model_validate(data | {"region": {"file": str(tmp_path / "drawn.csv")}})

    assert len(register_of(it)) > 3
    assert first_differences(history(again), history(it)) is None


# --- books of a county


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two years of a part of Cixi."""
    file = tmp_path_factory.mktemp("county") / "cixi.csv"
    credit = {"kind": "startup_credit", "name": "credit", "start": "2014-03-01"}
    policies = [COLD, credit | {"yuan_per_household": 2000.0, "target": {"share": 0.3}}]
    it = drawn(file, some_of_cixi(8), end="2015-12-31", policies=policies)
    return kept(it)


def test_much_happens_in_the_county(county: Run) -> None:
    record = sum(m.record.sum(axis=0) for m in county.months)

    for field in (
        Month.ONLINE_SALES_YUAN, Month.SHOPS_OPENED, Month.SHOPS_CLOSED, Month.PIECES_MADE,
        Month.PIECES_FROM_OUTSIDE, Month.RIPE_KG, Month.ONLINE_OWN_KG, Month.STAFF_WAGES_YUAN,
    ):  # fmt: skip
        assert record[field] > 0.0, field


def test_what_buyers_pay_in_a_county_is_split_to_the_last_fen(county: Run) -> None:
    for m in county.months:
        parts = m[Month.PLATFORM_FEES_YUAN] + m[Month.REFUNDS_YUAN] + m[Month.RECEIPTS_YUAN]
        whole = parts + m[Month.RECEIVABLES_BOOKED_YUAN]
        assert_close(m[Month.ONLINE_SALES_YUAN].sum(), whole.sum(), FEN)


def test_cash_of_a_county_changes_by_what_comes_in_less_what_goes_out(county: Run) -> None:
    for m in county.months:
        assert_close(m.change("cash_yuan"), cash_flows(m.record), FEN)
        assert_close(m.change("cash_yuan").sum(), cash_flows(m.record).sum(), FEN)


def test_pieces_of_a_county_are_sold_or_in_stock(county: Run) -> None:
    for m in county.months:
        came = m[Month.PIECES_MADE] + m[Month.PIECES_FROM_OUTSIDE]
        went = m[Month.PIECES_TO_MERCHANTS] + m[Month.PIECES_SHIPPED] + m[Month.PIECES_SALVAGED]
        went = went + m[Month.AGENTS_PIECES] + m.change("pieces")
        assert_close(came.sum(), went.sum(), GRAM)


def test_fruit_of_a_county_is_sold_spoils_or_is_left(county: Run) -> None:
    for m in county.months:
        picked = m[Month.PICKED_PREMIUM_KG] + m[Month.PICKED_COMMON_KG]
        assert_close(
            m[Month.RIPE_KG].sum(),
            (picked + m[Month.PROCESSED_KG] + m[Month.LEFT_KG]).sum(),
            GRAM,
        )
        sold = m[Month.ONLINE_OWN_KG] + m[Month.ONLINE_BOUGHT_KG] + m[Month.WHOLESALE_KG]
        went = sold + m[Month.SPOILED_KG] + m[Month.AGENTS_KG] + m.change("fruit_kg")
        assert_close(picked.sum(), went.sum(), GRAM)
