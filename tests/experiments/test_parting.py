"""When two worlds part, and what households had before that."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.experiments import RunOptions, RunResult, run
from sim.experiments.parting import before_text, before_yuan, parting_day, year_before
from sim.experiments.twins import twins_of
from sim.model import CommerceModel
from sim.results.schema import KINDS
from sim.results.tables import income_yuan
from sim.scenario import Scenario, load_scenario

POLICIES = """
[[policies]]
kind = "service_platform"
name = "hub"
start = {hub}
yearly_cost_yuan = 1000
training = {{ {training} }}
storage = {{ }}

[[policies]]
kind = "cooperative_brand"
name = "brand"
start = {brand}
"""


@pytest.fixture
def world(tmp_path: Path, tiny_text: str) -> "Makes":
    return Makes(tmp_path, tiny_text)


class Makes:
    """Makes three years of the tiny village, with policies that start when one says."""

    def __init__(self, folder: Path, text: str) -> None:
        self._file, self._text = folder / "long.toml", text

    def __call__(
        self, *, hub: str = "", brand: str = "2016-07-01", training: str = "", change: str = ""
    ) -> Scenario:
        policies = POLICIES.format(hub=hub, brand=brand, training=training) if hub else ""
        self._file.write_text(self._text + policies, encoding="utf-8")
        changes = ["end=2017-12-31", *filter(None, [change])]
        return load_scenario(self._file, changes)


# --- the day


def test_worlds_part_when_the_first_policy_starts_that_only_one_has(world: Makes) -> None:
    plain, both = world(), world(hub="2017-03-01")

    assert parting_day(plain, both) == parting_day(both, plain) == date(2016, 7, 1)


def test_policies_that_both_worlds_have_part_nobody(world: Makes) -> None:
    one = world(hub="2015-02-01")

    assert parting_day(one, world(hub="2015-02-01")) is None
    assert parting_day(one, world(hub="2015-02-01", brand="2017-02-01")) == date(2016, 7, 1)


def test_a_service_parts_worlds_when_it_starts(world: Makes) -> None:
    one = world(hub="2015-02-01", training="start = 2016-05-01")

    assert parting_day(
        one, world(hub="2015-02-01", training="start = 2016-05-01, intensity = 0.5")
    ) == date(2016, 5, 1)


def test_anything_else_parts_worlds_from_the_first_day(world: Makes) -> None:
    assert parting_day(world(), world(change="behaviour.open_gain=2")) == date(2015, 1, 1)


def test_what_is_only_looked_at_parts_nobody(world: Makes) -> None:
    other = world(change="observer.stores_threshold=9").model_copy(update={"title": "other"})

    assert parting_day(world(), other) is None


# --- the year


@pytest.mark.parametrize(
    ("hub", "brand", "year"),
    [
        ("2017-03-01", "2017-02-01", 2016),
        ("2017-01-01", "2017-02-01", 2016),
        ("2016-12-31", "2017-02-01", 2015),
        ("2015-12-01", "2017-02-01", None),
    ],
)
def test_the_year_before_is_the_last_complete_one(
    world: Makes, hub: str, brand: str, year: int | None
) -> None:
    assert year_before(world(), world(hub=hub, brand=brand), 2017) == year


def test_where_nothing_differs_the_last_year_is_before_it(world: Makes) -> None:
    assert year_before(world(), world(), 2017) == 2017
    assert before_text(2017) == "income per head in 2017"
    assert before_text(None) == "savings per head at the start"


# --- what households had


@pytest.fixture
def runs(world: Makes) -> tuple[RunResult, RunResult]:
    """Three years without and with policies from 2017 on."""
    options = RunOptions(threads=1)
    made = (world(), world(hub="2017-02-01", brand="2017-02-01"))
    without, under = (run(scenario, 7, options=options) for scenario in made)
    return without, under


def test_incomes_of_that_year_are_the_same_in_both_worlds(
    runs: tuple[RunResult, RunResult],
) -> None:
    """It is what makes groups by them fair; a year later they are not."""
    incomes = []
    for result in runs:
        table = result.record.tables["household_years"]
        local = table["kind"] != KINDS.index("incomer")
        incomes.append({y: income_yuan(table)[local & (table["year"] == y)] for y in (2016, 2017)})

    assert (incomes[0][2016] == incomes[1][2016]).all()
    assert (incomes[0][2017] != incomes[1][2017]).any()


def test_twins_bring_the_income_that_both_had_before(runs: tuple[RunResult, RunResult]) -> None:
    without, under = runs
    twins = twins_of(without, under)
    table = without.record.tables["household_years"]

    assert twins["before_yuan"].size == 30
    for place in range(30):
        at = table["year"] == 2016
        for name in ("village", "kind", "number"):
            at &= table[name] == twins[name][place]
        assert income_yuan(table)[at] == twins["before_yuan"][place]
    assert (twins_of(under, without)["before_yuan"] == twins["before_yuan"]).all()


def test_savings_at_the_start_are_those_of_the_first_morning(world: Makes) -> None:
    scenario = world()
    result = run(scenario, 7, date(2015, 12, 31), options=RunOptions(threads=1))
    table = result.record.tables["household_years"]
    local = {name: column[table["kind"] < 3] for name, column in table.items()}
    found = before_yuan(result.record, world(hub="2015-02-01"), local)

    households = list(CommerceModel(scenario, 7).households_of(0))[:30]
    assert found.tolist() == [household.cash_yuan for household in households]
    assert np.unique(found).size > 20
