"""The check of common luck: the model passes it, and planted faults do not."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.random import default_rng  # noqa: TID251 - the fault that is planted

from sim.agents import Farmer, StoreOperator
from sim.engine import simulation
from sim.engine.simulation import Simulation
from sim.errors import ExtensionError, ScenarioError
from sim.experiments.check_crn import PairingCheck, Trial, check_crn
from sim.experiments.faults import DECIDED_ALONE, DRAWS, LATER_DRAWS, Fault
from sim.experiments.matching import Match
from sim.experiments.null_changes import (
    counts_of,
    newcomers,
    tied_villages,
    with_household_of_its_own,
    with_null_policies,
)
from sim.experiments.reach import DECIDED, LUCK, OF_ITS_VILLAGE, Reach, everything
from sim.scenario import Scenario, VillageSpec, load_scenario, register_of
from sim.world.calendar import day_of
from sim.world.columns import FARMER, INCOMER, KINDS, OPERATOR, TABLES
from sim.world.draws import Purpose, four_uniforms, member_id, village_key
from sim.world.parameters import behaviour, good_names

REED = "P/Q/C/T/Reed"
QUIET = ["behaviour.open_intercept=-8.0", "behaviour.settle_intercept=-20"]
"""Changes with which no shop is opened for a while."""
EAGER_ROOMS = ["behaviour.settle_intercept=-20"]
"""Changes with which rooms stay empty."""
SPRING = date(2015, 4, 30)


@pytest.fixture(scope="module")
def tiny(tiny_file: Path) -> Scenario:
    """The tiny village."""
    return load_scenario(tiny_file)


@pytest.fixture(scope="module")
def empty_rooms(tiny_file: Path) -> Scenario:
    """The tiny village, whose rooms nobody takes."""
    return load_scenario(tiny_file, EAGER_ROOMS)


@pytest.fixture(scope="module")
def passed(tiny: Scenario) -> PairingCheck:
    """The check of the tiny village, to its end."""
    return check_crn(tiny)


def trial(check: PairingCheck, words: str) -> Trial:
    """The trial whose name has some words in it."""
    (found,) = (each for each in check.trials if words in each.name)
    return found


# --- the model passes


def test_the_model_passes_every_trial(passed: PairingCheck) -> None:
    assert [each.name for each in passed.trials if not each.is_passed] == []
    assert passed.is_passed
    assert repr(passed) == "<PairingCheck of tiny, seed 7: passed>"


def test_there_is_a_trial_of_every_kind(passed: PairingCheck) -> None:
    assert [each.name for each in passed.trials] == [
        "the same scenario again",
        "a policy of every kind that does nothing",
        "one more household, in a village of its own",
        "one more farmer in Reed",
        "one more manufacturer in Reed",
        "one more operator in Reed",
        "one more room for incomers in Reed",
    ]


def test_another_seed_and_a_shorter_run_pass_too(tiny: Scenario) -> None:
    check = check_crn(tiny, seed=12, until=SPRING)

    assert (check.seed, check.is_passed) == (12, True)


def test_several_villages_with_ties_and_without_pass(tiny_file: Path) -> None:
    villages = load_scenario(tiny_file, ["villages.Reed.count=3"])
    far = villages.villages[0].model_copy(update={"name": "Far", "county": "D", "count": 1})
    many = villages.model_copy(update={"villages": (far, *villages.villages)})

    assert check_crn(many, until=SPRING).is_passed


def test_agents_that_decide_by_themselves_alone_pass(tiny: Scenario) -> None:
    class Steady(StoreOperator):
        def wants_to_open(self, outlook: Any) -> bool:
            return bool(outlook.u < 0.3 and outlook.shops < 2)

    check = check_crn(tiny, until=SPRING, store_operator=Steady)

    assert trial(check, "reverse order").is_passed
    assert check.is_passed


def test_an_empty_room_reaches_nobody(empty_rooms: Scenario) -> None:
    room = trial(check_crn(empty_rooms), "room for incomers")

    assert room.is_passed
    assert room.reached_on is None


def test_hands_of_a_village_without_shops_reach_those_who_hire_in_its_town(tiny: Scenario) -> None:
    """The newcomers live in the quiet one; the shops of the other need more hands than it has."""
    reed = tiny.expanded_villages()[0]
    quiet = reed.model_copy(update={"name": "Quiet", "internet_ratio": 0.0})
    needs = {"orders_per_worker_day": 0.02, "hire_reserve_months": 0.01, "commuting_share": 0.5}
    both = tiny.model_copy(update={"villages": (quiet, reed), "behaviour": tiny.behaviour | needs})

    check = check_crn(both)

    assert "one more operator in Quiet" in [each.name for each in check.trials]
    assert [str(each.fault) for each in check.trials if each.fault is not None] == []


# --- planted faults


class Gambler(StoreOperator):
    """Draws from Mesa's generator, which the agents of a model share."""

    def wants_to_open(self, outlook: Any) -> bool:
        return self.model.random.random() < 0.05


def luck_of_opening(fault: Fault) -> float:
    """The number that the operator of a fault had: that of one of four in a row."""
    found = re.search(r"operator (\d+) of Reed", fault.whose)
    assert found is not None
    number, day = int(found[1]), day_of(fault.day)
    four = four_uniforms(7, village_key(REED), member_id(OPERATOR, number // 4), day, Purpose.OPEN)
    return four[number % 4]


def test_a_decision_drawn_from_a_shared_generator_is_caught(tiny: Scenario) -> None:
    check = check_crn(tiny, store_operator=Gambler)
    fault = trial(check, "reverse order").fault

    assert not check.is_passed
    assert fault is not None
    assert fault.decision == "wants_to_open"
    assert fault.draw.startswith("OPEN of operator")
    assert fault.draw_value == luck_of_opening(fault)
    assert fault.day.day == 1
    assert fault.whose.endswith("of Reed")
    assert "first draw that differs: OPEN of operator" in str(fault)


def test_one_household_more_gives_a_shared_generator_away_too(tiny_file: Path) -> None:
    quiet = load_scenario(tiny_file, QUIET)
    fault = trial(check_crn(quiet, store_operator=Gambler), "village of its own").fault

    assert fault is not None
    assert fault.column == "shops.opened"
    assert fault.decision == "wants_to_open"


def test_a_generator_that_outlives_a_run_is_caught_by_the_same_scenario(tiny: Scenario) -> None:
    shared = default_rng(1)

    class Moody(Farmer):
        def choose_price(self, shop: Any, outlook: Any) -> float:
            return float(super().choose_price(shop, outlook) * shared.uniform(0.9, 1.1))

    fault = trial(check_crn(tiny, farmer=Moody), "same scenario again").fault

    assert fault is not None
    assert fault.column == "shops.price_yuan"
    assert fault.decision == "choose_price"
    assert fault.draw == ""
    assert fault.whose.startswith("shop 0 of farmer")


@pytest.fixture
def drawn_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plants a population whose savings are drawn from one generator, household after household."""
    first_state = simulation.first_state

    def planted(register: Any, seed: int, *others: Any) -> Any:
        state = first_state(register, seed, *others)
        savings = default_rng(seed).lognormal(9.0, 1.0, state.households.size)
        state.households["cash_yuan"] = savings
        return state

    monkeypatch.setattr(simulation, "first_state", planted)


@pytest.mark.usefixtures("drawn_in_turn")
def test_savings_drawn_in_turn_are_caught_on_the_first_morning(tiny: Scenario) -> None:
    check = check_crn(tiny, until=SPRING)
    fault = trial(check, "one more farmer").fault

    # Eight farmers come first, then the newcomer, and everybody after it has another's savings.
    assert fault is not None
    assert (fault.column, fault.whose) == ("households.cash_yuan", "manufacturer 0 of Reed")
    assert fault.day == tiny.start
    drawn = four_uniforms(7, village_key(REED), member_id(1, 0), -1, Purpose.SAVINGS)[0]
    assert fault.draw == "SAVINGS of manufacturer 0 of Reed, drawn once and for all"
    assert fault.draw_value == drawn
    assert trial(check, "same scenario again").is_passed
    assert trial(check, "policy of every kind").is_passed
    assert trial(check, "room for incomers").is_passed


def plant_in_walk(monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Simulation], None]) -> None:
    """Do something at the end of every day, or of every stretch of days."""
    walk = Simulation.walk

    def planted(simulation: Simulation, to_day: int) -> tuple[int, int]:
        first = last = simulation.day
        end = min(to_day, simulation.month_end_day)
        while simulation.day <= end:
            _, last = walk(simulation, simulation.day)
            spoil(simulation)
        return first, last

    monkeypatch.setattr(Simulation, "walk", planted)


def test_the_first_day_that_differs_is_named(
    empty_rooms: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(simulation: Simulation) -> None:
        if simulation.date == date(2015, 3, 18):  # the 17th has been run
            rows = simulation.state.households
            rows["cash_yuan"] += default_rng(3).uniform(0.0, 1.0, rows.size)[::-1]

    plant_in_walk(monkeypatch, spoil)
    fault = trial(check_crn(empty_rooms, until=SPRING), "room for incomers").fault

    assert fault is not None
    assert fault.day == date(2015, 3, 17)
    assert fault.column == "households.cash_yuan"
    assert fault.whose == "farmer 0 of Reed"


def test_orders_drawn_in_turn_are_named_as_such(
    empty_rooms: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(simulation: Simulation) -> None:
        rows = simulation.state.shops
        luck = default_rng(simulation.day).uniform(0.0, 1.0, simulation.state.households.size + 1)
        late = luck[-1] > 0.9
        rows["backlog"][rows["owner"] >= 0, 0] += late

    plant_in_walk(monkeypatch, spoil)
    fault = trial(check_crn(empty_rooms, until=SPRING), "room for incomers").fault

    assert fault is not None
    assert fault.column == "shops.backlog"
    assert fault.draw.startswith("ORDERS of ")
    assert fault.draw.endswith(f"on {fault.day}")


def test_the_luck_of_shops_is_held_for_good(
    tiny: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the newcomer has reached others too, what is drawn for their shops must be theirs."""
    start_month = Simulation.start_month

    def planted(simulation: Simulation, decide: Any = None) -> None:
        start_month(simulation, decide)
        if simulation.date.month >= 9:
            rows = simulation.state.shops
            new = rows["opened_day"] == simulation.day
            rows["appeal"][new] = default_rng(simulation.day).lognormal(0.0, 1.0, new.sum())[::-1]

    monkeypatch.setattr(Simulation, "start_month", planted)
    fault = trial(check_crn(tiny), "one more operator").fault

    assert fault is not None
    assert fault.column == "shops.appeal"
    assert fault.draw.startswith("APPEAL of ")
    assert fault.day.month >= 9


def test_a_policy_that_does_something_at_strength_zero_is_caught(
    tiny: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_month = Simulation.start_month

    def planted(simulation: Simulation, decide: Any = None) -> None:
        start_month(simulation, decide)
        if len(simulation.scenario.policies) > 5 and simulation.date == date(2015, 6, 1):
            simulation.state.households["trained"][11] ^= True

    monkeypatch.setattr(Simulation, "start_month", planted)
    check = check_crn(tiny)
    fault = trial(check, "policy of every kind").fault

    assert fault is not None
    assert (fault.day, fault.column) == (date(2015, 6, 1), "households.trained")
    assert fault.draw == "TRAINING of manufacturer 3 of Reed on 2015-06-01"
    assert [each.is_passed for each in check.trials].count(False) == 1


# --- what is changed in the trials


def test_null_policies_are_of_every_kind(tiny: Scenario) -> None:
    from sim.scenario.policy import Policy

    kinds = {policy.kind for policy in with_null_policies(tiny).policies}

    every = {
        kind.model_fields["kind"].annotation.__args__[0] for kind in Policy.__args__[0].__args__
    }
    assert kinds == every


def test_a_scenario_without_broadband_in_time_gets_no_null_broadband(tiny_file: Path) -> None:
    late = load_scenario(tiny_file, ["villages.Reed.broadband_year=2020"])

    kinds = [policy.kind for policy in with_null_policies(late).policies]
    assert "broadband" not in kinds
    assert len(kinds) == 10


@pytest.mark.parametrize("kind", range(KINDS))
def test_one_household_more_is_one_of_its_kind_and_nobody_else(tiny: Scenario, kind: int) -> None:
    changed = {newcomer.kind: (newcomer, scenario) for newcomer, scenario in newcomers(tiny)}
    newcomer, scenario = changed[kind]

    before, after = (np.array(counts_of(each.villages[0])) for each in (tiny, scenario))
    assert (after - before).tolist() == [int(k == kind) for k in range(KINDS)]
    assert newcomer.number == before[kind]
    counts = Simulation(scenario, threads=1).state.villages["kind_count"][0]
    assert counts.tolist() == after.tolist()


def test_only_one_of_several_villages_gets_a_newcomer(tiny_file: Path) -> None:
    three = load_scenario(tiny_file, ["villages.Reed.count=3"])

    for newcomer, scenario in newcomers(three):
        more = [sum(counts_of(spec)) - 36 for spec in scenario.expanded_villages()]
        assert more == [1, 0, 0]
        assert newcomer.village.endswith("Reed 1")


def test_a_household_of_its_own_has_no_tie_to_anybody(tiny: Scenario) -> None:
    own, *others = with_household_of_its_own(tiny).villages

    assert others == list(tiny.villages)
    assert (own.households, counts_of(own)) == (1, (0, 0, 1, 0))
    assert own.within_reach
    assert tied_villages(with_household_of_its_own(tiny), own.path) == {own.path}


def test_ties_go_by_county_and_by_good_from_village_to_village(tiny: Scenario) -> None:
    reed = tiny.villages[0]
    beside = reed.model_copy(
        update={
            "name": "Beside",
            "farmers": None,
            "manufacturers": None,
            "within_reach": ("shoes",),
        }
    )
    shoes = beside.model_copy(update={"name": "Shoes", "county": "D"})
    alone = shoes.model_copy(
        update={"name": "Alone", "county": "E", "within_reach": ("furniture",)}
    )
    four = tiny.model_copy(update={"villages": (reed, beside, shoes, alone)})

    assert tied_villages(four, reed.path) == {reed.path, beside.path, shoes.path}
    assert tied_villages(four, alone.path) == {alone.path}


def test_ties_go_to_neighbouring_towns_of_other_counties(tiny: Scenario) -> None:
    def bare(number: int, x_km: float | None) -> VillageSpec:
        place = None if x_km is None else {"x_km": x_km, "y_km": 0.0}
        data = tiny.villages[0].model_dump() | {"name": f"Reed {number}", "county": f"C {number}"}
        none = dict.fromkeys(("farmers", "manufacturers")) | {"within_reach": []}
        return VillageSpec.model_validate(data | none | {"position": place})

    reach_km = behaviour().hearsay_reach_km
    places = [0.0, 2.0 * reach_km, 4.0 * reach_km, 9.0 * reach_km, None]
    five = tiny.model_copy(
        update={"villages": tuple(bare(number, x_km) for number, x_km in enumerate(places))}
    )
    paths = [spec.path for spec in five.villages]

    assert tied_villages(five, paths[0]) == set(paths[:3])
    assert tied_villages(five, paths[3]) == {paths[3]}
    assert tied_villages(five, paths[4]) == {paths[4]}


class TestRegions:
    CIXI = "Zhejiang/Ningbo/Cixi"

    def region(self, **changes: object) -> Scenario:
        dates = {"name": "x", "start": "2009-01-01", "end": "2009-12-31"}
        return Scenario.model_validate(dates | {"region": {"within": [self.CIXI]}} | changes)

    def test_all_that_is_drawn_nearby_is_tied_to_a_described_village(self) -> None:
        cixi = load_scenario("cixi")
        cangtian = f"{self.CIXI}/Changhe/Cangtian"

        assert tied_villages(cixi, cangtian) == set(register_of(cixi).paths())

    def test_a_household_of_its_own_sells_nothing_that_drawn_villages_sell(self) -> None:
        changed = with_household_of_its_own(self.region())
        (own,) = changed.villages
        sold = {good_names()[good] for good in np.unique(register_of(self.region()).goods)}

        assert sold.isdisjoint(own.within_reach)
        assert tied_villages(changed, own.path) == {own.path}

    def test_the_drawn_villages_are_the_same_beside_it(self) -> None:
        paths = list(register_of(with_household_of_its_own(self.region())).paths())

        assert paths[1:] == list(register_of(self.region()).paths())

    def test_null_policies_are_of_every_kind_too(self) -> None:
        kinds = {policy.kind for policy in with_null_policies(self.region()).policies}

        assert "broadband" in kinds
        assert len(kinds) == 11

    def test_without_described_villages_there_is_no_newcomer(self) -> None:
        assert list(newcomers(self.region())) == []

    def test_a_check_says_whether_it_had_a_newcomer(self, passed: PairingCheck) -> None:
        trials = [trial.has_newcomer for trial in passed.trials]

        assert trials == [False] * 3 + [True] * 4
        assert passed.has_newcomers
        assert not PairingCheck("x", 1, passed.trials[:3]).has_newcomers


# --- what is compared


def columns() -> set[str]:
    """Every column of every table."""
    return {f"{table}.{column.name}" for table, its in TABLES.items() for column in its}


@pytest.mark.parametrize(
    "names", [LUCK, DECIDED, DRAWS, LATER_DRAWS, OF_ITS_VILLAGE, DECIDED_ALONE]
)
def test_the_names_of_columns_are_those_of_the_tables(names: Any) -> None:
    others = {"shops.opened", "shops.closed", "records.month", "records.season_day"}

    assert set(names) - columns() - others == set()


def test_what_is_compared_is_everything(tiny: Scenario) -> None:
    """Every column of households and producers that one changes is found."""
    ours, theirs = (Simulation(tiny, threads=1) for _ in range(2))
    match = Match(ours, theirs)
    assert list(match.differences(everything(match))) == []

    for table in ("households", "producers", "villages"):
        for column in TABLES[table]:
            values = getattr(theirs.state, table)[column.name]
            kept = values.copy()
            values[-1] = ~values[-1] if values.dtype == np.bool_ else values[-1] + 1
            if not np.isfinite(column.initial):  # one more changes nothing
                values[-1] = 1.0
            found = {(d.place.table, d.place.column) for d in match.differences(everything(match))}
            values[:] = kept
            assert found <= {(table, column.name)}
            is_layout = column.name in (
                "county", "town", "first_household", "first_producer", "first_shop",
                "shop_capacity", "season_row",
            )  # fmt: skip
            assert bool(found) is not is_layout


def test_a_newcomer_is_not_compared_with_anybody(tiny: Scenario) -> None:
    for newcomer, changed in newcomers(tiny):
        ours, theirs = (Simulation(each, threads=1) for each in (tiny, changed))
        match = Match(ours, theirs)
        reach = Reach(match, newcomer)

        kinds = [(kind, number) for kind, number in zip(match.kind, match.number, strict=True)]
        assert (newcomer.kind, newcomer.number) not in kinds
        assert list(match.differences(reach.now)) == []
        # Its number would be that of nobody in the base.
        row = reach._own_row()
        theirs.state.households["cash_yuan"][row] += 1.0
        assert list(match.differences(reach.now)) == []


def test_one_hundred_households_are_matched_by_kind_and_number(tiny: Scenario) -> None:
    newcomer, changed = next(pair for pair in newcomers(tiny) if pair[0].kind == FARMER)
    ours, theirs = (Simulation(each, threads=1) for each in (tiny, changed))
    match = Match(ours, theirs)

    # Rows after the ninth farmer are one further down.
    expected = np.arange(36) + (np.arange(36) >= newcomer.number)
    assert match.households.tolist() == expected.tolist()
    assert (match.kind == OPERATOR).sum() == 16
    assert (match.kind == INCOMER).sum() == 6


# --- results, and wrong input


def test_the_result_is_a_table(passed: PairingCheck) -> None:
    table = passed.to_polars()

    assert table["passed"].all()
    assert table["trial"].to_list() == [each.name for each in passed.trials]
    assert table["reached_on"][-1] == trial(passed, "room for incomers").reached_on
    assert passed._repr_html_().count("<tr>") == len(passed.trials)


@pytest.mark.parametrize("until", [date(2014, 12, 31), date(2016, 1, 1)])
def test_until_must_be_a_day_of_the_scenario(tiny: Scenario, until: date) -> None:
    with pytest.raises(ScenarioError, match=r"until: .*; allowed: .* 2015-01-01 to 2015-12-31"):
        check_crn(tiny, until=until)


def test_a_class_that_is_no_farmer_is_refused(tiny: Scenario) -> None:
    with pytest.raises(ExtensionError, match="a subclass of Farmer is needed"):
        check_crn(tiny, farmer=StoreOperator)
