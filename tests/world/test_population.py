from functools import cache
from statistics import NormalDist

import numpy as np
import pytest

from sim.engine.setup import first_state
from sim.engine.terms import SEASON_FIELDS, as_table
from sim.rules.makers import making_cost_yuan
from sim.scenario import VillageSpec, registered
from sim.world.columns import FARMER, INCOMER, MANUFACTURER, OPERATOR, SLOTS
from sim.world.parameters import behaviour, good_names, goods

B = behaviour()
GOODS = goods()
BAYBERRY, SANITARY = (good_names().index(name) for name in ("bayberry", "sanitary_ware"))
INCOME = 1500.0
SOME = {"farmers": 7, "makers": 5, "operators": 20, "rooms": 4}


def spec(name="Reed", *, farmers=0, makers=0, operators=0, rooms=0):
    households = farmers + makers + operators
    village = {
        "name": name,
        "province": "P",
        "prefecture": "Q",
        "county": "C",
        "town": "T",
        "people": 3 * households,
        "households": households,
        "broadband_year": 2010,
        "rooms_per_household": rooms / households,
        "income_index": 1.25,
    }
    if farmers:
        orchard = {"households": farmers, "crop": "bayberry", "orchard_mu_mean": 4.0}
        village["farmers"] = orchard
    if makers:
        workshop = {"households": makers, "product": "sanitary_ware"}
        village["manufacturers"] = workshop | {"capacity_pieces_per_month_mean": 900.0}
    return VillageSpec.model_validate(village)


def first_states(*specs, seed=69):
    return first_state(
        registered(specs), seed, INCOME, as_table(B)[0], as_table(GOODS, SEASON_FIELDS)
    )


@cache
def crowd():
    """A village so large that shares are close to their expectations."""
    return first_states(spec(farmers=20_000, makers=20_000, operators=20_000, rooms=20_000))


def of_kind(state, kind, village=0):
    counts = state.villages["kind_count"][village]
    first = state.villages["first_household"][village] + counts[:kind].sum()
    return state.households[first : first + counts[kind]]


def producers_of_kind(state, kind, village=0):
    counts = state.villages["kind_count"][village]
    first = state.villages["first_producer"][village] + counts[:kind].sum()
    return state.producers[first : first + counts[kind]]


def locals_of(state):
    return np.concatenate([of_kind(state, kind) for kind in (FARMER, MANUFACTURER, OPERATOR)])


def assert_same(rows, others):
    """Rows of a table are the same to the last bit."""
    for name in rows.dtype.names:
        np.testing.assert_array_equal(rows[name], others[name], err_msg=name)


def test_rows_are_as_many_as_households_and_rooms():
    assert first_states(spec(**SOME)).households.size == 36


def test_producers_are_farmers_and_makers():
    assert first_states(spec(**SOME)).producers.size == 12


@pytest.mark.parametrize("size", range(1, 7))
def test_households_have_the_published_sizes(size):
    share = (crowd().households["members"] == size).mean()

    assert share == pytest.approx(getattr(B, f"household_size_share_{size}"), abs=0.005)


@pytest.mark.parametrize("years", [0, 6, 9, 12, 15])
def test_heads_have_the_schooling_of_the_shares(years):
    share = (crowd().households["schooling_years"] == years).mean()

    assert share == pytest.approx(getattr(B, f"schooling_share_{years}"), abs=0.005)


def test_technical_training_has_its_share():
    share = crowd().households["technical_training"].mean()

    assert share == pytest.approx(B.technical_training_share, abs=0.005)


def test_work_in_the_city_has_its_share_among_locals():
    share = locals_of(crowd())["worked_in_city"].mean()

    assert share == pytest.approx(B.worked_in_city_share, abs=0.007)


def test_outside_operators_have_all_worked_in_a_city():
    assert of_kind(crowd(), INCOMER)["worked_in_city"].all()


def test_operators_who_worked_in_a_city_are_still_there_with_their_share():
    operators = of_kind(crowd(), OPERATOR)
    away = operators["away"][operators["worked_in_city"]].mean()

    assert away == pytest.approx(B.away_share, abs=0.02)


def test_nobody_is_away_who_never_worked_in_a_city():
    households = crowd().households

    assert not (households["away"] & ~households["worked_in_city"]).any()


@pytest.mark.parametrize("kind", [FARMER, MANUFACTURER, INCOMER])
def test_only_operators_are_away(kind):
    assert not of_kind(crowd(), kind)["away"].any()


def test_ages_stay_within_working_life():
    ages = crowd().households["age_years"]

    assert (ages.min(), ages.max()) == (22, 75)


@pytest.mark.parametrize(
    ("kind", "mean"), [(OPERATOR, B.head_age_mean), (INCOMER, B.incomer_age_mean)]
)
def test_the_middle_head_has_the_mean_age(kind, mean):
    assert np.median(of_kind(crowd(), kind)["age_years"]) == pytest.approx(mean, abs=1)


def test_ages_spread_as_they_should():
    ages = locals_of(crowd())["age_years"]
    share_up = 1.0 - NormalDist(B.head_age_mean, B.head_age_sd).cdf(60.5)

    assert (ages > 60).mean() == pytest.approx(share_up, abs=0.007)


def test_everyone_lives_in_the_village_but_outside_operators():
    state = crowd()

    assert state.households["present"].sum() == 60_000
    assert not of_kind(state, INCOMER)["present"].any()


def test_knowledge_is_between_0_and_1():
    knowledge = crowd().households["knowledge"]

    assert 0.0 <= knowledge.min() < knowledge.max() <= 1.0


def test_internet_ranks_are_spread_evenly():
    tenths = np.histogram(crowd().households["internet_rank"], bins=10, range=(0, 1))[0] / 80_000

    assert tenths.tolist() == pytest.approx([0.1] * 10, abs=0.005)


def test_locals_have_saved_months_of_their_income():
    local = locals_of(crowd())
    months = local["cash_yuan"] / (local["members"] * 1.25 * INCOME)

    assert months.mean() == pytest.approx(B.savings_months, rel=0.02)


def test_savings_spread_as_they_should():
    local = locals_of(crowd())
    logs = np.log(local["cash_yuan"] / local["members"])

    assert logs.std() == pytest.approx(B.savings_sigma, rel=0.02)


def test_outside_operators_bring_their_capital():
    capital = of_kind(crowd(), INCOMER)["cash_yuan"]

    assert capital.mean() == pytest.approx(B.incomer_capital_yuan, rel=0.03)


def test_nobody_starts_in_debt():
    assert crowd().households["cash_yuan"].min() > 0.0


@pytest.mark.parametrize("trait", ["age_years", "schooling_years", "cash_yuan", "internet_rank"])
def test_traits_are_drawn_apart_from_each_other(trait):
    local = locals_of(crowd())
    ranks = np.argsort(np.argsort(local[trait]))

    assert abs(np.corrcoef(ranks, local["worked_in_city"])[0, 1]) < 0.02


def test_orchards_have_the_mean_of_the_scenario():
    assert producers_of_kind(crowd(), FARMER)["output"].mean() == pytest.approx(4.0, rel=0.02)


def test_the_village_knows_the_area_of_its_orchards():
    state = crowd()

    found = producers_of_kind(state, FARMER)["output"].sum()
    assert state.villages["orchard_mu"][0] == pytest.approx(found)


def test_growers_skills_do_not_change_the_village_yield():
    assert producers_of_kind(crowd(), FARMER)["skill"].mean() == pytest.approx(1.0, rel=0.01)


def test_the_middle_grower_picks_at_the_cost_of_the_good():
    cost = np.median(producers_of_kind(crowd(), FARMER)["unit_cost_yuan"])

    assert cost == pytest.approx(GOODS.picking_cost_yuan_per_kg[BAYBERRY], rel=0.02)


def test_workshops_have_the_mean_capacity_of_the_scenario():
    capacity = producers_of_kind(crowd(), MANUFACTURER)["output"]

    assert capacity.mean() == pytest.approx(900.0, rel=0.05)


def test_makers_costs_follow_from_their_capacity():
    made = producers_of_kind(crowd(), MANUFACTURER)[:50]
    unit = GOODS.unit_cost_yuan[SANITARY]

    costs = [
        making_cost_yuan(unit, capacity, B.capacity_reference, B.scale_elasticity)
        for capacity in made["output"].tolist()
    ]

    assert made["unit_cost_yuan"].tolist() == costs


def test_farmers_trade_the_crop_and_makers_the_product():
    state = first_states(spec(**SOME))

    assert state.households["slot"].tolist() == [0] * 7 + [1] * 5 + [-1] * 24


def test_a_village_without_producers_has_no_goods_of_its_own():
    assert first_states(spec(operators=9)).villages["good_of_slot"].tolist() == [[-1] * SLOTS]


@pytest.mark.parametrize("more", ["farmers", "makers", "operators", "rooms"])
def test_one_household_more_changes_nobody_else(more):
    before = first_states(spec(**SOME))
    after = first_states(spec(**SOME | {more: SOME[more] + 1}))

    for kind in (FARMER, MANUFACTURER, OPERATOR, INCOMER):
        old = of_kind(before, kind)
        assert_same(of_kind(after, kind)[: old.size], old)


@pytest.mark.parametrize(("more", "kind"), [("farmers", FARMER), ("makers", MANUFACTURER)])
def test_one_producer_more_changes_no_other_producer(more, kind):
    old = producers_of_kind(first_states(spec(**SOME)), kind)
    new = producers_of_kind(first_states(spec(**SOME | {more: SOME[more] + 1})), kind)

    assert_same(new[: old.size], old)


def test_households_do_not_depend_on_the_villages_beside_theirs():
    alone = first_states(spec("Reed", **SOME))
    beside = first_states(spec("Willow", operators=11, rooms=3), spec("Reed", **SOME))

    for kind in (FARMER, MANUFACTURER, OPERATOR, INCOMER):
        assert_same(of_kind(beside, kind, village=1), of_kind(alone, kind))


def test_villages_have_households_of_their_own():
    state = first_states(spec("Reed", **SOME), spec("Willow", **SOME))

    ours, theirs = (of_kind(state, OPERATOR, village)["cash_yuan"] for village in (0, 1))
    assert not np.intersect1d(ours, theirs).size


def test_another_seed_gives_other_households():
    ours, theirs = (first_states(spec(**SOME), seed=seed).households for seed in (69, 70))

    assert not np.intersect1d(ours["cash_yuan"], theirs["cash_yuan"]).size
