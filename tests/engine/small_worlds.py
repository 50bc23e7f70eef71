"""Small villages in which much happens: a year of theirs shows what others do in ten."""

from collections.abc import Iterator
from typing import Any

from sim.engine.simulation import Simulation
from sim.scenario import Scenario

SETTLED = {
    "close_probability": 0.2,
    "close_wage_ratio": 0.4,
    "prior_profit_wages": 0.25,
    "learning_prior": 2.4,
    "learning_village": 3.7,
    "learning_village_shops": 27.0,
    "open_gain": 0.5,
    "open_imitation": 7.5,
    "open_knowledge": 2.0,
    "open_schooling": 0.2,
    "open_producer": 0.6,
    "open_span": 0.8,
    "settle_stores": 0.4,
    "appeal_sigma": 1.4,
    "attraction_reputation": 0.24,
    "attraction_rating": 0.6,
    "crowding": 0.8,
    "outside_growth": 0.35,
    "glut_exponent": 0.7,
    "wage_income_ratio": 1.4,
    "hearsay_town": 0.5,
}
"""Parameters that are calibrated, held so that a calibration does not move these villages."""
BUSY = SETTLED | {
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
    "bayberry": {"typical_sales_yuan_per_year": 100_000.0, "reference_price_yuan": 230.0},
    "sanitary_ware": {"typical_sales_yuan_per_year": 300_000.0, "reference_price_yuan": 90.0},
    "small_appliances": {"typical_sales_yuan_per_year": 300_000.0, "reference_price_yuan": 130.0},
}
"""Demand with which shops are soon large enough for staff and further platforms."""
FARMERS = {"households": 30, "crop": "bayberry", "orchard_mu_mean": 4.0}
MAKERS = {
    "households": 20,
    "product": "sanitary_ware",
    "capacity_pieces_per_month_mean": 300.0,
}
MIXED = {
    "name": "Reed",
    "province": "P",
    "prefecture": "Q",
    "county": "C",
    "town": "T",
    "households": 120,
    "internet_ratio": 2.5,
    "broadband_year": 2005,
    "rooms_per_household": 0.1,
    "within_reach": ["small_appliances"],
    "farmers": FARMERS,
    "manufacturers": MAKERS,
}
"""Farmers, makers, operators and rooms, with three goods."""


def village(name: str = "Reed", **changes: Any) -> dict[str, Any]:
    """A mixed village; arguments change it, farmers and manufacturers as numbers too."""
    made = MIXED | {"name": name} | changes
    for group, usual in (("farmers", FARMERS), ("manufacturers", MAKERS)):
        if isinstance(made[group], int):
            made[group] = usual | {"households": made[group]} if made[group] else None
    return made | {"people": 3 * made["households"]}


def data_of_scenario(*villages: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What a scenario file says of two busy years, of a mixed village if none is given."""
    data: dict[str, Any] = {
        "name": "small",
        "start": "2014-01-01",
        "end": "2015-12-31",
        "seed": 5,
        "villages": villages or [village()],
        "platform_terms": EASY_TERMS,
        "goods": SOLD,
    }
    return data | changes | {"behaviour": BUSY | changes.get("behaviour", {})}


def scenario(*villages: dict[str, Any], **changes: Any) -> Scenario:
    """A scenario of two busy years."""
    return Scenario.model_validate(data_of_scenario(*villages, **changes))


def months(simulation: Simulation) -> Iterator[Simulation]:
    """Run a simulation to its end and stop after each month."""
    while not simulation.is_over:
        simulation.start_month()
        simulation.walk(min(simulation.month_end_day, simulation.end_day))
        yield simulation
