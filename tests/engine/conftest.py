"""Small villages in which much happens: a year of theirs shows what others do in ten."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings

from sim.engine.simulation import Simulation
from sim.scenario import Scenario

# The first call of the engine compiles it.
settings.register_profile("compiled", deadline=None)
settings.load_profile("compiled")

BUSY = {
    "open_intercept": -3.0,
    "settle_intercept": -2.0,
    "setup_cost_yuan": 500.0,
    "worked_in_city_share": 0.6,
    "channel_rate": 0.8,
    "orders_per_worker_day": 4.0,
    "hire_reserve_months": 0.5,
    "close_patience_months": 3.0,
    "minimum_lot_pieces": 5.0,
    "training_reach": 0.3,
    "cancel_share": 0.5,
    "choice_base": 20.0,
    "choice_outside": 1.0,
    "tax_exempt_yuan_per_month": 1000.0,
}
"""Behaviour with which everything that can happen happens soon."""
EASY_TERMS = {
    name: {"minimum_sales_yuan": 2000.0, "deposit_yuan": 300.0}
    for name in ("jd", "alibaba_com", "amazon")
}
SOLD = {
    name: {"typical_sales_yuan_per_year": 300_000.0}
    for name in ("sanitary_ware", "small_appliances")
}
"""Demand with which shops are soon large enough for staff and further platforms."""
MIXED = {
    "name": "Reed",
    "province": "P",
    "prefecture": "Q",
    "county": "C",
    "town": "T",
    "people": 360,
    "households": 120,
    "internet_ratio": 2.5,
    "broadband_year": 2005,
    "rooms_per_household": 0.1,
    "within_reach": ["small_appliances"],
    "farmers": {"households": 30, "crop": "bayberry", "orchard_mu_mean": 4.0},
    "manufacturers": {
        "households": 20,
        "product": "sanitary_ware",
        "capacity_pieces_per_month_mean": 300.0,
    },
}
"""Farmers, makers, operators and rooms, with three goods."""

MakeScenario = Callable[..., Scenario]
MakeVillage = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def make_village() -> MakeVillage:
    """Make a mixed village; arguments change it, farmers and manufacturers as numbers too."""

    def village(name: str = "Reed", **changes: Any) -> dict[str, Any]:
        made = MIXED | {"name": name} | changes
        for group in ("farmers", "manufacturers"):
            given = changes.get(group)
            if isinstance(given, int):
                made[group] = MIXED[group] | {"households": given} if given else None
        return made | {"people": 3 * made["households"]}

    return village


@pytest.fixture(scope="session")
def make_scenario(make_village: MakeVillage) -> MakeScenario:
    """Make a scenario of two years, of a mixed village if none is given."""

    def scenario(*villages: dict[str, Any], **changes: Any) -> Scenario:
        data: dict[str, Any] = {
            "name": "small",
            "start": "2014-01-01",
            "end": "2015-12-31",
            "seed": 5,
            "villages": villages or [make_village()],
            "platform_terms": EASY_TERMS,
            "goods": SOLD,
        }
        behaviour = BUSY | changes.pop("behaviour", {})
        return Scenario.model_validate(data | {"behaviour": behaviour} | changes)

    return scenario


def months_of(simulation: Simulation) -> Iterator[Simulation]:
    """Run a simulation to its end and stop after each month."""
    while not simulation.is_over:
        simulation.start_month()
        simulation.walk(min(simulation.month_end_day, simulation.end_day))
        yield simulation


@pytest.fixture(scope="session")
def run() -> Callable[..., Simulation]:
    """Run a scenario to its end, in one thread if not told otherwise."""

    def run_to_end(scenario: Scenario, **arguments: Any) -> Simulation:
        simulation = Simulation(scenario, **{"threads": 1, **arguments})
        for _ in months_of(simulation):
            pass
        return simulation

    return run_to_end


@pytest.fixture(scope="session")
def months() -> Callable[[Simulation], Iterator[Simulation]]:
    """Give `months_of` to tests."""
    return months_of
