"""One scenario, one seed, one result: by threads, order, days, chunks, views, decisions, room."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import cycle
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from likeness import Columns, columns_now, differences, first_differences, history
from random_worlds import STEADY, worlds
from small_worlds import scenario, village

from sim.agents import Farmer, Household, Manufacturer, StoreOperator
from sim.agents.household import DECISIONS
from sim.engine import shops
from sim.engine.simulation import Simulation
from sim.model import CommerceModel
from sim.scenario import Scenario

KINDS = ("farmer", "manufacturer", "operator", "incomer")
POLICIES = [
    {
        "kind": "service_platform",
        "name": "hub",
        "start": "2014-05-01",
        "storage": {"intensity": 0.5},
        "product_supply": {"intensity": 0.5, "start": "2014-08-01"},
        "training": {"end": "2015-03-01"},
        "logistics": {"intensity": 0.7},
        "target": {"counties": ["C"]},
        "yearly_cost_yuan": 1000.0,
    },
    {"kind": "cold_chain", "name": "cold", "start": "2014-06-01", "target": {"share": 0.5}},
    {
        "kind": "greenhouse",
        "name": "glass",
        "start": "2014-02-01",
        "orchard_share": 0.3,
        "days_earlier": 12,
    },
    {"kind": "cross_border_pilot", "name": "pilot", "start": "2014-09-01", "intensity": 0.6},
    {"kind": "startup_credit", "name": "credit", "start": "2014-03-15", "yuan_per_household": 3e3},
]


@cache
def county() -> Scenario:
    """Ten villages of two counties, of every make, with policies."""
    crowd = {"households": 40, "farmers": 12, "manufacturers": 8}
    makes: list[dict[str, Any]] = [
        crowd,
        {"households": 30, "farmers": 30, "manufacturers": 0, "within_reach": []},
        {"households": 30, "farmers": 0, "manufacturers": 20, "town": "U"},
        {"households": 25, "farmers": 0, "manufacturers": 0, "town": "U"},
        {"households": 1, "farmers": 0, "manufacturers": 0, "rooms_per_household": 5.0},
        crowd | {"county": "D"},
        crowd | {"county": "D", "income_index": 1.3},
        crowd | {"county": "D", "broadband_year": 2015},
        crowd | {"county": "E"},
        crowd | {"county": "E", "internet_ratio": 0.7},
    ]
    villages = (village(f"Reed {number}", **make) for number, make in enumerate(makes))
    return scenario(*villages, policies=POLICIES)


@cache
def usual() -> list[dict[str, Columns]]:
    """The county's history in one thread."""
    return history(county())


def shuffled(order: Iterable[int]) -> Scenario:
    villages = tuple(county().villages[number] for number in order)
    return county().model_copy(update={"villages": villages})


# --- threads, order, repetition


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_the_number_of_threads_changes_no_bit(threads: int) -> None:
    assert first_differences(history(county(), threads=threads), usual()) is None


def test_a_second_run_is_the_same_to_the_last_bit() -> None:
    assert first_differences(history(county()), usual()) is None


@settings(STEADY, max_examples=10)
@given(st.permutations(range(10)))
@example(list(range(10))[::-1])
def test_the_order_of_villages_changes_no_bit(order: list[int]) -> None:
    assert first_differences(history(shuffled(order)), usual()) is None


def test_the_order_of_villages_in_the_table_follows_the_scenario() -> None:
    """Else the test above would compare a run with itself."""
    turned = Simulation(shuffled(range(9, -1, -1)))

    keys = Simulation(county()).state.villages["key"]
    assert turned.state.villages["key"].tolist() == keys[::-1].tolist()


# --- time


def walked(it: Scenario, steps: Iterable[int]) -> list[dict[str, Columns]]:
    """A history whose days are walked in such steps, over the ends of months."""
    simulation, steps = Simulation(it, threads=1), iter(steps)
    made = []
    while not simulation.is_over:
        if simulation.is_month_start:
            simulation.start_month()
        simulation.walk(min(simulation.day + next(steps) - 1, simulation.end_day))
        if simulation.is_month_start:
            made.append(columns_now(simulation))
    return made


def test_single_days_change_no_bit() -> None:
    assert first_differences(walked(county(), cycle([1])), usual()) is None


@settings(STEADY, max_examples=10)
@given(st.lists(st.integers(1, 45), min_size=1, max_size=12))
def test_however_time_is_cut_no_bit_changes(steps: list[int]) -> None:
    assert first_differences(walked(county(), cycle(steps)), usual()) is None


@pytest.mark.parametrize("months", [1, 6, 18])
def test_a_longer_run_begins_as_a_shorter_one(months: int) -> None:
    ends = [f"{year}-{month:02}-28" for year in (2014, 2015) for month in range(1, 13)]
    shorter = county().model_dump(mode="json") | {"end": ends[months - 1], "policies": []}
    longer = county().model_copy(update={"policies": ()})

    whole, begun = history(longer)[: months - 1], history(Scenario.model_validate(shorter))[:-1]

    assert first_differences(whole, begun) is None


# --- the model's face


@pytest.fixture(scope="module")
def mixed() -> Scenario:
    """A village with every kind of household in which every decision is taken."""
    return scenario(policies=POLICIES[2:])


@pytest.fixture(scope="module")
def finished(mixed: Scenario) -> CommerceModel:
    """The mixed village at its end, run in one go; to be looked at only."""
    model = CommerceModel(mixed, threads=1)
    model.run()
    return model


def seen(model: CommerceModel) -> list[Any]:
    """What a user gets out of a model besides its columns."""
    tables = {
        (table, name): column.tobytes()
        for table, columns in model.tables.items()
        for name, column in columns.items()
    }
    collected = model.datacollector.get_model_vars_dataframe().to_csv()
    return [tables, model.events, collected, model.steps, model.time, model.running, model.date]


def assert_same(model: CommerceModel, other: CommerceModel) -> None:
    assert differences(columns_now(model.simulation), columns_now(other.simulation)) == []
    assert seen(model) == seen(other)


def test_steps_give_the_same_bits_as_a_run_to_the_end(
    mixed: Scenario, finished: CommerceModel
) -> None:
    model = CommerceModel(mixed, threads=1)

    for _ in range(365 + 365):
        model.step()

    assert not model.running
    assert_same(model, finished)


def test_runs_until_any_date_give_the_same_bits_as_a_run_to_the_end(
    mixed: Scenario, finished: CommerceModel
) -> None:
    model = CommerceModel(mixed, threads=1)

    for end in ("2014-01-01", "2014-01-31", "2014-06-15", "2014-06-16", "2015-03-01"):
        model.run_until(end)
    model.step()
    model.run()

    assert_same(model, finished)


@pytest.mark.parametrize("day", ["2014-01-01", "2014-06-20"])
def test_looking_at_agents_changes_no_bit(
    mixed: Scenario, finished: CommerceModel, day: str
) -> None:
    model = CommerceModel(mixed, threads=1)
    model.run_until(day)

    looked = [
        (agent.cash_yuan, agent.good_name, [(shop.rating, shop.is_open) for shop in agent.stores])
        for agent in model.agents
    ]
    model.run()

    assert len(looked) == 132
    assert_same(model, finished)


# --- decisions


def test_taking_every_decision_in_python_changes_no_bit(
    mixed: Scenario, finished: CommerceModel
) -> None:
    model = CommerceModel(mixed, threads=1, decide_in_python=True)

    model.run()

    assert_same(model, finished)


@settings(STEADY, max_examples=12)
@given(world=worlds())
def test_in_no_random_world_do_python_days_and_threads_change_a_bit(world: dict[str, Any]) -> None:
    it = Scenario.model_validate(world)
    model = CommerceModel(it, threads=1)
    other = CommerceModel(it, threads=2, decide_in_python=True)

    model.run()
    while other.running:
        other.step()

    assert_same(other, model)


def asking(cls: type[Household], asked: Counter[tuple[str, str, bool]]) -> type[Household]:
    """A class that takes all decisions as usual and counts who says yes and who no."""

    def counted(name: str) -> Callable[..., Any]:
        def decide(self: Household, *arguments: Any) -> Any:
            answer = getattr(Household, name)(self, *arguments)
            asked[KINDS[self.kind], name, bool(answer)] += 1
            return answer

        return decide

    return type("Asking", (cls,), {name: counted(name) for name in DECISIONS})


def test_households_of_every_kind_may_take_every_decision_in_python_without_changing_a_bit(
    mixed: Scenario, finished: CommerceModel
) -> None:
    asked: Counter[tuple[str, str, bool]] = Counter()
    classes = {
        "farmer": asking(Farmer, asked),
        "manufacturer": asking(Manufacturer, asked),
        "store_operator": asking(StoreOperator, asked),
    }

    model = CommerceModel(mixed, threads=1, **classes)
    model.run()

    assert_same(model, finished)
    # A price is never 0, and only durable goods go abroad or onto a third platform soon.
    answers = {
        (kind, name, answer) for kind in KINDS for name in DECISIONS for answer in (True, False)
    }
    never = answers - asked.keys()
    assert never == {(kind, "choose_price", False) for kind in KINDS}


# --- room


@pytest.fixture
def spare(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Set the rows that are kept for the shops of a village."""

    def keep(rows: int) -> None:
        monkeypatch.setattr(shops, "FIRST_BLOCK", rows)

    return keep


def rows_of_shops(rows: int, keep: Callable[[int], None]) -> list[int]:
    keep(rows)
    simulation = Simulation(county(), threads=1)
    sizes = []
    while not simulation.is_over:
        sizes.append(int(simulation.state.villages["shop_capacity"].max()))
        simulation.start_month()
        simulation.walk(simulation.month_end_day)
    return sizes


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 500])
def test_room_for_shops_changes_no_bit(spare: Callable[[int], None], rows: int) -> None:
    expected = usual()
    spare(rows)

    assert first_differences(history(county()), expected) is None


def test_blocks_of_shops_grow_often_if_they_are_small_and_never_if_they_are_large(
    spare: Callable[[int], None],
) -> None:
    small, large = (np.unique(rows_of_shops(rows, spare)).size for rows in (1, 500))

    assert small > 5
    assert large <= 2  # none at the start, then the first block


def test_room_for_shops_changes_no_bit_when_python_decides(
    spare: Callable[[int], None], mixed: Scenario, finished: CommerceModel
) -> None:
    spare(1)
    model = CommerceModel(mixed, threads=1, decide_in_python=True)

    model.run()

    assert_same(model, finished)
