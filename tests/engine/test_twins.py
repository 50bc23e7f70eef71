"""Twins under the same luck: what one change may reach, and that it reaches nothing else.

Two runs with one seed differ only by what differs in them. Each test names the one change and all
columns that it may touch; everything else must be the same to the last bit.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from likeness import (
    Columns,
    all_differences,
    columns_now,
    differing,
    first_differences,
    history,
)
from small_worlds import scenario, village

from sim.engine.simulation import Simulation
from sim.scenario import Scenario
from sim.world.columns import KINDS, MANUFACTURER
from sim.world.records import Month

History = list[dict[str, Columns]]
REED = "C/T/Reed"


def with_policies(*policies: dict[str, Any], **changes: Any) -> Scenario:
    """The mixed village, without broadband in the first year."""
    return scenario(village(broadband_year=2015), policies=policies, end="2016-06-30", **changes)


@cache
def without_policy() -> History:
    return history(with_policies())


# --- a policy that does nothing


class Policy(NamedTuple):
    """A policy with a strength at which it changes nothing, and one at which it does."""

    kind: str
    null: dict[str, Any]
    strong: dict[str, Any]
    is_yearly: bool = False


POLICIES = {
    "storage": Policy(
        "service_platform", {"storage": {"intensity": 0.0}}, {"storage": {"intensity": 1.0}}
    ),
    "product supply": Policy(
        "service_platform",
        {"product_supply": {"intensity": 0.0}},
        {"product_supply": {"intensity": 1.0}},
    ),
    "training": Policy(
        "service_platform", {"training": {"intensity": 0.0}}, {"training": {"intensity": 1.0}}
    ),
    "logistics": Policy(
        "service_platform", {"logistics": {"intensity": 0.0}}, {"logistics": {"intensity": 1.0}}
    ),
    "subsidy": Policy("startup_subsidy", {"yuan_per_shop": 0.0}, {"yuan_per_shop": 500.0}),
    "credit": Policy("startup_credit", {"yuan_per_household": 0.0}, {"yuan_per_household": 9e4}),
    "cold chain": Policy("cold_chain", {"intensity": 0.0}, {"intensity": 1.0}),
    "greenhouse": Policy(
        "greenhouse",
        {"orchard_share": 0.0, "days_earlier": 20},
        {"orchard_share": 0.5, "days_earlier": 20},
    ),
    "brand": Policy("cooperative_brand", {"intensity": 0.0}, {"intensity": 1.0}),
    "pilot": Policy("cross_border_pilot", {"intensity": 0.0}, {"intensity": 1.0}),
    "parcels": Policy("parcel_price", {"multiple": 1.0}, {"multiple": 0.5}),
    "fees": Policy("commission", {"multiple": 1.0}, {"multiple": 2.0}),
    "broadband": Policy("broadband", {"year": 2016}, {"year": 2014}, is_yearly=True),
    "weather": Policy(
        "weather",
        {"year": 2015, "yield_multiple": 1.0, "shift_days": 0.0},
        {"year": 2015, "yield_multiple": 0.5, "shift_days": 4.0},
        is_yearly=True,
    ),
    "nobody": Policy("cold_chain", {"target": {"share": 0.0}}, {"target": {"share": 1.0}}),
    "over": Policy("cold_chain", {"start": "2013-01-01", "end": "2014-01-01"}, {}),
}


def policy_of(name: str, fields: dict[str, Any], **changes: Any) -> dict[str, Any]:
    policy = POLICIES[name]
    dated = {} if policy.is_yearly else {"start": "2014-01-01"}
    return {"kind": policy.kind, "name": "it"} | dated | fields | changes


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_of_strength_zero_changes_nothing_at_all(name: str) -> None:
    null = with_policies(policy_of(name, POLICIES[name].null))

    assert first_differences(history(null), without_policy()) is None


@pytest.mark.parametrize("name", POLICIES)
def test_the_same_policy_at_full_strength_does_change_something(name: str) -> None:
    """Else the test above would hold for a policy that is never read."""
    strong = with_policies(policy_of(name, POLICIES[name].strong))

    reached = all_differences(history(strong), without_policy())
    assert {column for column in reached if "levers" not in column}


@pytest.mark.parametrize("name", POLICIES)
def test_the_cost_of_a_policy_of_strength_zero_is_all_that_it_leaves(name: str) -> None:
    null = policy_of(name, POLICIES[name].null, yearly_cost_yuan=1200.0)

    left = all_differences(history(with_policies(null)), without_policy())

    costs = {f"{REED}: levers.policy_cost_yuan"}
    assert left == (set() if name in ("nobody", "over") else costs)


@pytest.mark.parametrize("name", sorted(POLICIES.keys() - {"broadband", "weather", "over"}))
def test_a_policy_changes_nothing_before_it_begins(name: str) -> None:
    begins = policy_of(name, POLICIES[name].strong, start="2015-03-02")

    month, _ = first_differences(history(with_policies(begins)), without_policy()) or (-1, [])

    # It acts from the first of April 2015 on, some policies only in the next season.
    assert month >= 15


# --- one household more


KIND_NAMES = ("farmer", "manufacturer", "operator", "incomer")
ONE_MORE: dict[str, dict[str, Any]] = {
    "farmer": {"farmers": 31, "households": 121},
    "manufacturer": {"manufacturers": 21, "households": 121},
    "operator": {"households": 121},
    "incomer": {"rooms_per_household": 13 / 120},
}
NOTHING_SOLD = {"platforms": []}
"""Changes of a scenario with which no shop can be opened."""
TRAITS = {
    "members",
    "age_years",
    "schooling_years",
    "technical_training",
    "worked_in_city",
    "internet_rank",
    "trained",
}
"""What no shop changes, and no newcomer: training depends on nobody else."""
LUCK_OF_A_SHOP = ["appeal", "price_skill", "caution"]
SEASON = ["season_year", "first_ripe_day", "ripe_days", "yield_index"]


class People(NamedTuple):
    """Those who live in the village in both twins, and what the village itself has."""

    households: dict[str, np.ndarray]
    producers: dict[str, np.ndarray]
    village: dict[str, np.ndarray]
    shops: dict[tuple[int, int, int], tuple[float, ...]]
    """Luck of open shops by kind and number of the owner and by ordinal."""


def people(columns: Columns, counts: np.ndarray) -> People:
    """Take out of a village those that are among the first `counts` of their kind."""
    own = columns["villages.kind_count"][0]
    kind = np.repeat(np.arange(KINDS), own)
    number = np.concatenate([np.arange(count) for count in own])
    stays = number < counts[kind]
    produces = stays[kind <= MANUFACTURER]
    owner = columns["shops.owner"]
    keys = zip(
        kind[owner].tolist(), number[owner].tolist(), columns["shops.ordinal"].tolist(), strict=True
    )
    luck = zip(*(columns[f"shops.{name}"].tolist() for name in LUCK_OF_A_SHOP), strict=True)

    def of(table: str, rows: Any) -> dict[str, np.ndarray]:
        return {
            name.removeprefix(f"{table}."): column[rows]
            for name, column in columns.items()
            if name.startswith(f"{table}.")
        }

    return People(
        of("households", stays),
        of("producers", produces),
        of("villages", slice(None)),
        dict(zip(keys, luck, strict=True)),
    )


class Twins(NamedTuple):
    """The village before and after one household more, month by month."""

    fewer: list[People]
    more: list[People]

    def months(self) -> Any:
        """Both twins, month by month."""
        return zip(self.fewer, self.more, strict=True)


@cache
def twins(kind: str, *, is_sold: bool = True, **behaviour: float) -> Twins:
    """The mixed village with and without one household more of a kind."""
    changes = {"behaviour": behaviour} | ({} if is_sold else NOTHING_SOLD)
    training = {"kind": "service_platform", "name": "hub", "start": "2014-01-01", "training": {}}
    changes = changes | {"policies": [training]}
    before = [month[REED] for month in history(scenario(**changes))]
    after = [month[REED] for month in history(scenario(village(**ONE_MORE[kind]), **changes))]
    counts = before[0]["villages.kind_count"][0]
    return Twins(*([people(columns, counts) for columns in run] for run in (before, after)))


def changed(fewer: dict[str, np.ndarray], more: dict[str, np.ndarray]) -> set[str]:
    return set(differing(fewer, more))


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_one_household_more_is_there(kind: str) -> None:
    its = twins(kind)

    more = its.more[0].village["kind_count"] - its.fewer[0].village["kind_count"]

    assert more[0].tolist() == [int(name == kind) for name in KIND_NAMES]


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_one_household_more_changes_no_trait_and_no_training_of_the_others(kind: str) -> None:
    local = slice(0, -12)  # incomers are trained only while they are there

    for fewer, more in twins(kind).months():
        for name in TRAITS:
            before, after = fewer.households[name], more.households[name]
            np.testing.assert_array_equal(before[local], after[local])
            if name != "trained":
                np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_one_household_more_changes_the_luck_of_no_shop_of_the_others(kind: str) -> None:
    both = 0
    for fewer, more in twins(kind).months():
        common = fewer.shops.keys() & more.shops.keys()
        both = max(both, len(common))
        assert {key: fewer.shops[key] for key in common} == {key: more.shops[key] for key in common}
    assert both > 50


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_one_household_more_changes_the_luck_of_no_maker_with_merchants(kind: str) -> None:
    for fewer, more in twins(kind).months():
        assert not changed(fewer.producers, more.producers) & {"merchants_luck", "skill"}


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_one_household_more_changes_no_season(kind: str) -> None:
    for fewer, more in twins(kind).months():
        assert not changed(fewer.village, more.village) & set(SEASON)


@pytest.mark.parametrize("kind", ["manufacturer", "operator", "incomer"])
def test_where_nothing_is_sold_online_one_household_more_changes_nothing_else(kind: str) -> None:
    for fewer, more in twins(kind, is_sold=False).months():
        assert changed(fewer.households, more.households) == set()
        assert changed(fewer.producers, more.producers) == set()
        # `choice_weight` is what operators think of goods, by who makes them.
        allowed = {"kind_count"} | ({"choice_weight"} if kind == "manufacturer" else set())
        assert changed(fewer.village, more.village) == allowed


def test_where_nothing_is_sold_online_a_farmer_more_changes_what_growers_get_for_fruit() -> None:
    reached: set[str] = set()
    for fewer, more in twins("farmer", is_sold=False).months():
        reached |= changed(fewer.households, more.households)
        reached |= changed(fewer.producers, more.producers)
        reached |= changed(fewer.village, more.village)
        grow = slice(30, None)
        others = (
            {name: column[grow] for name, column in twin.households.items()}
            for twin in (fewer, more)
        )
        assert changed(*others) == set()

    assert {"cash_yuan", "wholesale_yuan_per_kg"} <= reached
    # Cheaper fruit may stay unpicked.
    assert reached <= {
        "cash_yuan",
        "common_kg",
        "offline_yuan",
        "kind_count",
        "choice_weight",
        "orchard_mu",
        "wholesale_yuan_per_kg",
    }


@pytest.mark.parametrize("kind", ["operator", "incomer"])
def test_one_household_more_opens_and_prevents_no_first_shop_of_the_others(kind: str) -> None:
    """Before there are shops nobody learns from anybody."""
    its = twins(kind, open_intercept=-1.0)
    fewer, more = its.fewer[0], its.more[0]
    count = fewer.village["kind_count"][0]
    of_others = {shop: it for shop, it in more.shops.items() if shop[1] < count[shop[0]]}

    assert len(fewer.shops) > 10
    assert fewer.shops == of_others


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_one_household_more_does_reach_others_in_the_end(kind: str) -> None:
    """Else the tests above would compare villages without any tie."""
    its = twins(kind)

    assert changed(its.fewer[-1].households, its.more[-1].households)


# --- one village more


OTHER_GOODS = {
    "farmers": {"households": 10, "crop": "grape", "orchard_mu_mean": 4.0},
    "manufacturers": {
        "households": 10,
        "product": "furniture",
        "capacity_pieces_per_month_mean": 300.0,
    },
    "within_reach": ["shoes"],
    "households": 60,
}
CURIOUS = {"behaviour": {"learning_nearby": 100.0, "hearsay_half_shops": 1.0}}
"""Changes of a scenario with which villages think much of what they hear of each other."""
DEAF = {"behaviour": {"hearsay_town": 0.0, "hearsay_county": 0.0}}
"""Changes of a scenario with which villages hear nothing of each other."""


def beside(other: dict[str, Any], **changes: Any) -> tuple[Columns, Columns]:
    """Reed alone and with another village, at the end."""
    alone, both = (
        history(scenario(*villages, **changes))[-1]
        for villages in ([village()], [other, village()])
    )
    assert len(both) == 2
    return alone[REED], both[REED]


NUMBERS = {"villages.county", "villages.town"}
"""Numbers of places among all places of the scenario."""


@pytest.mark.parametrize("county", ["B", "D"])
def test_a_village_in_another_county_with_other_goods_changes_nothing(county: str) -> None:
    alone, both = beside(village("Willow", county=county, **OTHER_GOODS), **CURIOUS)

    assert set(differing(alone, both)) <= NUMBERS


@pytest.mark.parametrize("town", ["S", "T"])
def test_a_village_with_other_goods_changes_nothing_where_nothing_is_heard(town: str) -> None:
    alone, both = beside(village("Willow", town=town, **OTHER_GOODS), **DEAF)

    assert set(differing(alone, both)) <= NUMBERS


@pytest.mark.parametrize("town", ["S", "T"])
def test_a_village_in_the_same_county_is_heard_of(town: str) -> None:
    alone, both = beside(village("Willow", town=town, **OTHER_GOODS), **CURIOUS)

    assert {"villages.nearby_weight", "households.cash_yuan"} <= set(differing(alone, both))


def test_a_village_in_another_county_with_the_same_goods_competes() -> None:
    alone, both = beside(village("Willow", county="D"), **DEAF)

    changed_columns = set(differing(alone, both))
    assert "shops.orders_per_day" in changed_columns
    assert not changed_columns & {"villages.nearby_weight", "villages.nearby_profit"}


def test_a_policy_for_one_village_changes_nothing_in_a_village_without_ties_to_it() -> None:
    pair = (village("Willow", county="D", **OTHER_GOODS), village())
    hub = {"kind": "service_platform", "name": "hub", "start": "2014-06-01", "training": {}}
    there = hub | {"target": {"villages": ["Willow"]}}

    with_it, without = (history(scenario(*pair, policies=some)) for some in ([there], []))

    reached = all_differences(with_it, without)
    assert reached
    assert {column for column in reached if column.startswith(REED)} == set()


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_one_household_more_changes_nothing_in_a_village_without_ties(kind: str) -> None:
    far = village("Willow", county="D", **OTHER_GOODS)

    fewer, more = (history(scenario(ours, far)) for ours in (village(), village(**ONE_MORE[kind])))

    reached = all_differences(fewer, more)
    assert reached
    assert {column for column in reached if not column.startswith(REED)} == set()


# --- seeds


def test_another_seed_is_another_luck() -> None:
    runs = [Simulation(scenario(), seed=seed, threads=1) for seed in (5, 6)]
    ours, theirs = (columns_now(run)[REED] for run in runs)

    for name in ("cash_yuan", "knowledge", "internet_rank"):
        same = ours[f"households.{name}"] == theirs[f"households.{name}"]
        assert same.mean() < 0.1
    for name in ("output", "unit_cost_yuan"):
        assert not (ours[f"producers.{name}"] == theirs[f"producers.{name}"]).any()


def test_another_seed_is_another_history() -> None:
    ours, theirs = (
        np.array([month[REED]["month"] for month in history(scenario(), seed=seed)])
        for seed in (5, 6)
    )

    same = (ours == theirs).all(axis=0)
    # Wages of the country depend on no luck; the rest was never entered.
    happened = {Month(field).name for field in np.flatnonzero(same & ours.any(axis=0))}
    assert happened == {"WAGE_YUAN_PER_MONTH"}


def test_the_seed_of_a_run_goes_before_that_of_the_scenario() -> None:
    assert first_differences(history(scenario(seed=6)), history(scenario(), seed=6)) is None
