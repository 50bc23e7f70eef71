"""What villages have at the end of each month, beside what was recorded of it."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from small_worlds import months

from sim.engine.recorder import places_of_households
from sim.engine.simulation import Simulation
from sim.scenario import Scenario
from sim.world.calendar import date_of
from sim.world.columns import CHANNELS, FARMER, INCOMER, MANUFACTURER
from sim.world.records import Month

FEN = 0.005
GRAM = 0.0005

INFLOWS = [
    Month.RECEIPTS_YUAN,
    Month.RECEIVABLES_SETTLED_YUAN,
    Month.STAFF_WAGES_TO_VILLAGERS_YUAN,
    Month.COMMUTERS_WAGES_YUAN,
    Month.DEPOSITS_RETURNED_YUAN,
    Month.SUBSIDIES_YUAN,
    Month.SALVAGE_YUAN,
    Month.MERCHANTS_YUAN,
    Month.WHOLESALE_YUAN,
    Month.PROCESSING_YUAN,
    Month.OUTSIDE_WAGES_YUAN,
    Month.AGENTS_YUAN,
]
OUTFLOWS = [
    Month.PARCELS_YUAN,
    Month.PACKAGING_YUAN,
    Month.PAID_TO_OUTSIDE_SUPPLIERS_YUAN,
    Month.STAFF_WAGES_YUAN,
    Month.FIXED_COSTS_YUAN,
    Month.TAXES_YUAN,
    Month.SETUP_YUAN,
    Month.DEPOSITS_PAID_YUAN,
    Month.PRODUCTION_COSTS_YUAN,
    Month.EXPANSION_YUAN,
    Month.PICKING_COSTS_YUAN,
    Month.CONSUMPTION_YUAN,
]


OF_THE_YEAR = ("wages_yuan", "shop_profit_yuan", "growers_yuan", "makers_yuan", "earned_yuan")
"""Books that begin anew on 1 January."""


class Books(NamedTuple):
    """What a village has, (villages,), and what some of its households have."""

    cash_yuan: np.ndarray
    receivables_yuan: np.ndarray
    deposits_yuan: np.ndarray
    pieces: np.ndarray
    fruit_kg: np.ndarray
    orders_waiting: np.ndarray
    open_shops: np.ndarray
    staff: np.ndarray
    family_hands: np.ndarray
    selling_households: np.ndarray
    wages_yuan: np.ndarray
    shop_profit_yuan: np.ndarray
    growers_yuan: np.ndarray
    """Income from fruit, online and offline, and profit of growers' shops, year so far."""
    makers_yuan: np.ndarray
    """Income from making goods, year so far."""
    earned_yuan: np.ndarray
    """Wages and income from fruit or from making, year so far, (households,)."""
    away: np.ndarray
    trained: np.ndarray
    incomers: np.ndarray
    households: np.ndarray
    """The table of households."""


@dataclass(frozen=True)
class MonthOfBooks:
    """A month's records and the books around it."""

    before: Books
    after: Books
    record: np.ndarray
    season: np.ndarray
    day_sales_yuan: np.ndarray
    day_active_stores: np.ndarray
    last_day: int
    is_complete: bool
    trend_years: float

    def __getitem__(self, field: Any) -> np.ndarray:
        """A field of the month's record, (villages,)."""
        return self.record[:, field]

    def change(self, of: str) -> np.ndarray:
        """Change of a book over the month; of a year's book, since 1 January at most."""
        change: np.ndarray = getattr(self.after, of) - getattr(self.before, of)
        return change


class Run(NamedTuple):
    """A simulation at its end and the books of its months."""

    simulation: Simulation
    months: list[MonthOfBooks]


def open_shops(simulation: Simulation) -> tuple[np.ndarray, np.ndarray]:
    """Village and row of every open shop, as arrays beside each other."""
    villages = simulation.state.villages
    counts = villages["open_shops"]
    village = np.repeat(np.arange(villages.size), counts)
    place = np.arange(village.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return village, simulation.state.shops[villages["first_shop"][village] + place]


def books(simulation: Simulation) -> Books:
    """The books of this moment."""
    state = simulation.state
    h = state.households
    village, kind, _ = places_of_households(state)
    shop_village, shops = open_shops(simulation)
    producer_kind = kind[kind <= MANUFACTURER]
    producer_village = village[kind <= MANUFACTURER]

    def by_village(place: np.ndarray, values: np.ndarray) -> np.ndarray:
        return np.bincount(place, weights=values, minlength=state.villages.size)

    def of_kind(kind: int, values: np.ndarray) -> np.ndarray:
        chosen = producer_kind == kind
        return by_village(producer_village[chosen], values[chosen])

    produced_yuan = state.producers["offline_yuan"] + state.producers["online_yuan"]
    earned_yuan = h["wages_yuan"].copy()
    earned_yuan[kind <= MANUFACTURER] += produced_yuan
    used = (shops["channels"][:, None] >> np.arange(CHANNELS)) & 1
    return Books(
        cash_yuan=by_village(village, h["cash_yuan"]),
        receivables_yuan=by_village(shop_village, shops["receivable_yuan"].sum(axis=1)),
        deposits_yuan=by_village(shop_village, used @ simulation.terms.platforms["deposit_yuan"]),
        pieces=of_kind(MANUFACTURER, state.producers["stock"])
        + by_village(shop_village, shops["pieces"]),
        fruit_kg=of_kind(FARMER, state.producers["stock"]),
        orders_waiting=by_village(shop_village, shops["backlog"].sum(axis=1)),
        open_shops=by_village(shop_village, np.ones(shops.size)),
        staff=by_village(shop_village, shops["staff"]),
        family_hands=by_village(shop_village, shops["hands"]),
        selling_households=by_village(village, h["shops"] > 0),
        wages_yuan=by_village(village, h["wages_yuan"]),
        shop_profit_yuan=by_village(village, h["shop_profit_yuan"]),
        growers_yuan=of_kind(FARMER, produced_yuan),
        makers_yuan=of_kind(MANUFACTURER, produced_yuan),
        earned_yuan=earned_yuan,
        away=by_village(village, h["away"]),
        trained=by_village(village, h["trained"]),
        incomers=by_village(village, h["present"] & (kind == INCOMER)),
        households=h.copy(),
    )


def kept(scenario: Scenario) -> Run:
    """Run a scenario and keep its books, month by month."""
    simulation = Simulation(scenario, threads=1)
    before = books(simulation)
    made = []
    for _ in months(simulation):
        state, after, last_day = simulation.state, books(simulation), simulation.day - 1
        if date_of(last_day).month == 1:
            new = {name: np.zeros_like(getattr(before, name)) for name in OF_THE_YEAR}
            before = before._replace(**new)
        made.append(
            MonthOfBooks(
                before,
                after,
                record=state.month.copy(),
                season=state.season_days_of_villages(),
                day_sales_yuan=state.day_sales_yuan.copy(),
                day_active_stores=state.day_active_stores.copy(),
                last_day=last_day,
                is_complete=bool(last_day == simulation.terms.m["last_day"][0]),
                trend_years=float(simulation.terms.m["trend_years"][0]),
            )
        )
        before = after
    return Run(simulation, made)


@lru_cache(maxsize=400)
def _kept(world: str) -> Run:
    return kept(Scenario.model_validate(json.loads(world)))


def kept_once(world: dict[str, Any]) -> Run:
    """Run a world that other tests have perhaps run before; look at it, do not change it."""
    return _kept(json.dumps(world))


def cash_flows(record: np.ndarray) -> np.ndarray:
    """What came into the cash of villages less what went out of it, by rows of a record."""
    flows: np.ndarray = record[:, INFLOWS].sum(axis=1) - record[:, OUTFLOWS].sum(axis=1)
    return flows


def assert_close(found: np.ndarray, expected: np.ndarray, slack: float) -> None:
    """Compare by an absolute difference alone; 0.0 asks for the same numbers."""
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=slack)


def total_of(months: list[MonthOfBooks]) -> np.ndarray:
    """The months' records added up, of the first village."""
    return np.sum([month.record[0] for month in months], axis=0)
