"""An intervention moves nothing before its first day, and nothing that it cannot reach."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from paired_worlds import (
    ALDER,
    BEGIN,
    ELM,
    POLICIES,
    REED,
    SEASON_IS_SET,
    SEEDS,
    SHORT_LIVES,
    WILLOW,
    months,
    policy,
    scenario,
    tables,
    tables_of,
)
from state_changes import are_equal, moved_columns, unequal_columns

from sim.engine.recorder import Columns
from sim.world.calendar import day_of

OFFER = {"shops.attraction", "shops.orders_per_day", "villages.attraction"}
PRICES = {"shops.price_yuan"}
PARCELS = {"shops.parcel_yuan"}
CHANNELS = {"shops.channels", "shops.parcel_yuan", "households.cash_yuan"}
STAFF = {"shops.staff", "villages.staff", "villages.hired_villagers"}
MORE_SHOPS = OFFER - {"shops.attraction"} | {
    "villages.open_shops",
    "villages.labour_pool",
    "villages.hired_villagers",
    "villages.staff",
}
"""What new shops move in a village: competition, workers who have a shop of their own now, and
staff in place of hands that a family divides among its shops."""
SETTLERS = {"villages.open_shops"}
FIRST_MORNING: dict[str, tuple[date, set[str], set[str]]] = {
    "storage": (BEGIN, OFFER, SETTLERS),
    "product supply": (BEGIN, set(), MORE_SHOPS),
    "training": (
        BEGIN,
        OFFER | {"households.knowledge", "households.trained"},
        MORE_SHOPS | CHANNELS | STAFF,
    ),
    "logistics": (BEGIN, OFFER | PRICES | PARCELS, SETTLERS),
    "cheaper parcels": (BEGIN, OFFER | PRICES | PARCELS, set()),
    "higher commission": (BEGIN, OFFER | PRICES, set()),
    "brand": (BEGIN, OFFER, set()),
    "cold chain": (BEGIN, OFFER, set()),
    "cross-border pilot": (BEGIN, OFFER | CHANNELS, STAFF),
    "subsidy": (BEGIN, set(), MORE_SHOPS),
    "credit": (BEGIN, set(), MORE_SHOPS),
    "greenhouses": (
        SEASON_IS_SET,
        {"villages.greenhouse_share", "villages.greenhouse_days"},
        set(),
    ),
    "glut": (SEASON_IS_SET, {"villages.yield_index"}, set()),
    "short storage life": (date(2014, 6, 1), set(), set()),
    "short parcel life": (date(2014, 6, 1), OFFER, set()),
}
"""First day on which it can act, columns that it moves in Reed that day, others that it may move;
households that opened or closed a shop that day, and their shops, are left out."""
POLICY_NAMES = [name for name in FIRST_MORNING if name in POLICIES]
WITHOUT_STRENGTH: dict[str, Any] = {
    "service_platform": {
        service: {"intensity": 0.0}
        for service in ("storage", "product_supply", "training", "logistics")
    },
    "parcel_price": {"multiple": 1.0},
    "commission": {"multiple": 1.0},
    "cooperative_brand": {"intensity": 0.0},
    "cold_chain": {"intensity": 0.0},
    "cross_border_pilot": {"intensity": 0.0},
    "startup_subsidy": {"yuan_per_shop": 0.0},
    "startup_credit": {"yuan_per_household": 0.0},
    "greenhouse": {"orchard_share": 0.0, "days_earlier": 10, "start": str(SEASON_IS_SET)},
    "weather": {"year": 2015, "yield_multiple": 1.0},
    "broadband": {"year": 2016},
}


def rows_of(of: dict[str, Columns], table: str, village: int) -> Columns:
    rows = of[table]["village"] == village
    return {name: column[rows] for name, column in of[table].items()}


@pytest.mark.parametrize("kind", WITHOUT_STRENGTH)
def test_a_policy_without_strength_moves_nothing(kind: str) -> None:
    null = tables_of(scenario(policies=[policy(kind, **WITHOUT_STRENGTH[kind])]), SEEDS[0])

    for table, columns in tables("nothing", SEEDS[0]).items():
        assert unequal_columns(columns, null[table]) == []


@pytest.mark.parametrize("name", FIRST_MORNING)
def test_nothing_moves_before_the_first_day(name: str) -> None:
    for pair in months(name, first=FIRST_MORNING[name][0]):
        for left, right in zip(pair.without.eve, pair.under.eve, strict=True):
            for column in left.dtype.names or [...]:
                assert are_equal(left[column], right[column]), column


@pytest.mark.parametrize("name", FIRST_MORNING)
def test_the_first_morning_moves_what_the_mechanism_reaches_and_nothing_else(name: str) -> None:
    first, moves, may_move = FIRST_MORNING[name]

    moved = [moved_columns(pair, REED) for pair in months(name, first=first)]

    assert moves <= set.union(*moved) <= moves | may_move


@pytest.mark.parametrize("village", [WILLOW, ALDER])
@pytest.mark.parametrize("name", POLICY_NAMES)
def test_other_villages_feel_a_policy_at_first_through_competition_alone(
    name: str, village: int
) -> None:
    first, moves, may_move = FIRST_MORNING[name]

    moved = set.union(*(moved_columns(pair, village) for pair in months(name, first=first)))

    assert moved <= (moves | may_move) & {"shops.orders_per_day"}


@pytest.mark.parametrize("name", [*POLICY_NAMES, *SHORT_LIVES, "two gluts"])
def test_villages_elsewhere_with_goods_of_their_own_never_feel_it(name: str) -> None:
    for seed in SEEDS:
        for table in tables("nothing", seed):
            without, under = (rows_of(tables(it, seed), table, ELM) for it in ("nothing", name))
            assert without["village"].size > 0
            assert unequal_columns(without, under) == [], table


@pytest.mark.parametrize("name", [*POLICY_NAMES, *SHORT_LIVES])
def test_nobody_becomes_another_person(name: str) -> None:
    for seed in SEEDS:
        without, under = (tables(it, seed)["household_years"] for it in ("nothing", name))
        locals_ = [of["kind"] < 3 for of in (without, under)]
        for trait in ("village", "kind", "number", "members", "age_years", "schooling_years"):
            assert are_equal(without[trait][locals_[0]], under[trait][locals_[1]]), trait


@pytest.mark.parametrize("name", [*POLICY_NAMES, *SHORT_LIVES])
def test_fruit_ripens_as_it_would_have(name: str) -> None:
    is_of_reed_orchards = name in ("greenhouses", "glut")
    for seed in SEEDS:
        for village in (WILLOW, ALDER, ELM, *(() if is_of_reed_orchards else (REED,))):
            without, under = (ripening(tables(it, seed), village) for it in ("nothing", name))
            assert without.size > 40
            np.testing.assert_array_equal(without, under)


def ripening(of: dict[str, Columns], village: int) -> np.ndarray:
    """Days with ripe fruit and the fruit of the day [kg], (days, 2)."""
    season = rows_of(of, "season_days", village)
    is_ripe = season["ripe_kg"] > 0
    return np.stack([season["day"][is_ripe], season["ripe_kg"][is_ripe]], axis=1)


@pytest.mark.parametrize("name", ["cold chain", "greenhouses", "glut"])
def test_what_is_done_to_fruit_moves_nothing_in_a_village_without_orchards(name: str) -> None:
    world = "no orchards"
    for table in tables("nothing", SEEDS[0], world):
        without, under = (
            rows_of(tables(it, SEEDS[0], world), table, REED) for it in ("nothing", name)
        )
        assert unequal_columns(without, under) == [], table


def test_a_second_glut_changes_nothing_of_the_first() -> None:
    second = day_of(date(2016, 1, 1))
    for seed in SEEDS:
        for table in ("village_months", "season_days"):
            once, twice = (tables(it, seed)[table] for it in ("glut", "two gluts"))
            until = {name: column[once["day"] < second] for name, column in once.items()}
            assert (
                unequal_columns(
                    until, {name: column[twice["day"] < second] for name, column in twice.items()}
                )
                == []
            )
