"""Small worlds that differ in one intervention and share their luck, run with the same seeds."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sim.engine.recorder import Columns
from sim.engine.simulation import Simulation
from sim.model import CommerceModel
from sim.scenario import Scenario
from sim.world.columns import State

SEEDS = (1, 2, 3, 4, 5, 6, 7)
MANY_SEEDS = tuple(range(1, 22))
"""For what happens to few."""
KEPT = 20 * len(SEEDS)
"""Runs that are kept in case the next test asks for them."""
BEGIN = date(2015, 6, 1)
"""First day of policies: seasonal shops know by then when they open."""
SEASON_IS_SET = date(2015, 4, 1)
"""The day on which the season of BEGIN's year is settled."""
REED, WILLOW, ALDER, ELM = range(4)
"""The village that policies reach; another of its county; one of another county with the same
goods; one of a third county with goods of its own."""

# Whatever is calibrated is stated here, so that no sign hangs on the calibration. With these values
# most of what can happen in a village happens within three years.
BEHAVIOUR = {
    "savings_months": 3.0,
    "close_wage_ratio": 0.4,
    "close_patience_months": 6.0,
    "close_probability": 0.2,
    "means_months": 1.0,
    "prior_profit_wages": 0.25,
    "learning_prior": 2.4,
    "learning_village": 3.7,
    "learning_village_shops": 27.0,
    "setup_cost_yuan": 3000.0,
    "open_intercept": -4.5,
    "open_gain": 0.5,
    "open_imitation": 2.0,
    "open_knowledge": 2.0,
    "open_schooling": 0.2,
    "open_producer": 0.3,
    "open_span": 1.5,
    "open_entry_cost": 0.3,
    "settle_intercept": -5.0,
    "settle_stores": 0.4,
    "choice_base": 20.0,
    "appeal_sigma": 1.0,
    "channel_rate": 0.5,
    "orders_per_worker_day": 5.0,
    "attraction_reputation": 0.24,
    "attraction_rating": 0.6,
    "crowding": 0.8,
    "outside_growth": 0.35,
    "minimum_lot_pieces": 100.0,
    "glut_exponent": 0.7,
    "wage_income_ratio": 1.43,
    "hearsay_town": 0.5,
}
PLATFORM_TERMS = {
    name: {"minimum_sales_yuan": 100_000.0, "deposit_yuan": 500.0}
    for name in ("jd", "alibaba_com", "amazon")
}
GOODS = {
    "bayberry": {
        "typical_sales_yuan_per_year": 60_000.0,
        "price_elasticity": 1.8,
        "shelf_life_days": 2.5,
        "parcel_shelf_life_days": 4.5,
        "window_shift_sd_days": 2.0,
    },
    "grape": {"typical_sales_yuan_per_year": 60_000.0},
    "sanitary_ware": {
        "typical_sales_yuan_per_year": 110_000.0,
        "price_elasticity": 3.1,
        "reference_price_yuan": 90.0,
    },
    "small_appliances": {"typical_sales_yuan_per_year": 110_000.0},
}
FRUIT = {"households": 30, "crop": "bayberry", "orchard_mu_mean": 4.0}
WARE = {"households": 20, "product": "sanitary_ware", "capacity_pieces_per_month_mean": 300.0}
SMALL: dict[str, Any] = {
    "province": "P",
    "prefecture": "Q",
    "county": "C",
    "town": "T",
    "people": 360,
    "households": 120,
    "internet_ratio": 2.5,
    "broadband_year": 2005,
    "rooms_per_household": 0.25,
    "within_reach": ["small_appliances"],
    "farmers": FRUIT,
    "manufacturers": WARE,
}
LARGE: dict[str, Any] = SMALL | {
    "name": "Reed",
    "people": 1200,
    "households": 400,
    "farmers": FRUIT | {"households": 100},
    "manufacturers": WARE | {"households": 60},
}
OTHERS = (
    SMALL | {"name": "Willow", "town": "U"},
    SMALL | {"name": "Alder", "county": "D"},
    SMALL
    | {
        "name": "Elm",
        "county": "E",
        "within_reach": ["shoes"],
        "farmers": FRUIT | {"crop": "grape"},
        "manufacturers": WARE | {"product": "furniture"},
    },
)
BUSY = {
    "name": "paired",
    "start": "2014-01-01",
    "end": "2016-12-31",
    "villages": (LARGE, *OTHERS),
    "behaviour": BEHAVIOUR,
    "goods": GOODS,
    "platform_terms": PLATFORM_TERMS,
}
WORLDS: dict[str, dict[str, Any]] = {
    "busy": {},
    "eager": {
        "start": str(BEGIN),
        "behaviour": {
            "open_intercept": -1.0,
            "settle_intercept": -2.0,
            "savings_months": 1.0,
            "incomer_capital_yuan": 15_000.0,
            "training_reach": 0.5,
        },
    },
    "well taught": {
        "behaviour": {"training_reach": 0.5, "channel_rate": 0.2},
        "platform_terms": {name: {"minimum_sales_yuan": 1.0} for name in PLATFORM_TERMS},
    },
    "indifferent buyers": {"behaviour": {"attraction_freshness": 0.0}},
    "indifferent settlers": {"behaviour": {"settle_services": 0.0}},
    "ample hands and goods": {
        "villages": (
            LARGE
            | {
                "farmers": LARGE["farmers"] | {"orchard_mu_mean": 40.0},
                "manufacturers": LARGE["manufacturers"]
                | {"capacity_pieces_per_month_mean": 10_000.0},
            },
            *OTHERS,
        ),
        "behaviour": {"orders_per_worker_day": 500.0, "storeroom_pieces": 10_000.0},
    },
    "scarce fruit": {
        "villages": (
            LARGE | {"farmers": LARGE["farmers"] | {"orchard_mu_mean": 0.5}},
            *OTHERS,
        )
    },
    "scarce goods": {
        "behaviour": {
            "settle_services": 0.0,
            "storage_handling_cut": 0.0,
            "storeroom_pieces": 10.0,
            "minimum_lot_pieces": 5.0,
            "supplier_tries": 1.0,
            "merchant_share": 0.95,
            "merchant_sigma": 0.8,
            "cover_days": 30.0,
        }
    },
    "indebted": {
        "behaviour": {
            "open_intercept": -2.5,
            "fixed_cost_yuan_per_month": 10_000.0,
            "means_months": 0.0,
            "close_patience_months": 100.0,
        }
    },
    "patient": {
        "behaviour": {
            "settle_services": 0.0,
            "open_intercept": -1.5,
            "fixed_cost_yuan_per_month": 3000.0,
            "means_months": 1000.0,
            "close_patience_months": 100.0,
        }
    },
    "late broadband": {"villages": (LARGE | {"broadband_year": 2016}, *OTHERS)},
    "no orchards": {"villages": (LARGE | {"farmers": None}, *OTHERS)},
}
"""What differs from the busy world. In the eager one, many poor households open a shop on the run's
first day. In the one with scarce goods, storage acts through storerooms alone."""


def policy(kind: str, **terms: Any) -> dict[str, Any]:
    """What a scenario file says of a policy that reaches Reed from BEGIN on, or in a year."""
    dates = {} if "year" in terms else {"start": str(BEGIN)}
    return {"kind": kind, "name": kind, "target": {"villages": ["Reed"]}} | dates | terms


def platform_with(service: str, **terms: Any) -> dict[str, Any]:
    """What a scenario file says of a service platform with a single service."""
    return policy("service_platform", **{service: terms})


GREENHOUSES = policy("greenhouse", orchard_share=0.5, days_earlier=10, start=str(SEASON_IS_SET))
GLUT = policy("weather", year=2015, yield_multiple=1.6)
POLICIES: dict[str, tuple[dict[str, Any], ...]] = {
    "storage": (platform_with("storage"),),
    "product supply": (platform_with("product_supply"),),
    "training": (platform_with("training"),),
    "logistics": (platform_with("logistics"),),
    "cheaper parcels": (policy("parcel_price", multiple=0.7),),
    "higher commission": (policy("commission", multiple=2.0),),
    "brand": (policy("cooperative_brand"),),
    "cold chain": (policy("cold_chain"),),
    "cross-border pilot": (policy("cross_border_pilot", intensity=0.9),),
    "subsidy": (policy("startup_subsidy", yuan_per_shop=3000.0),),
    "large subsidy": (policy("startup_subsidy", yuan_per_shop=50_000.0),),
    "small credit": (policy("startup_credit", yuan_per_household=4000.0),),
    "credit": (policy("startup_credit", yuan_per_household=20_000.0),),
    "greenhouses": (GREENHOUSES,),
    "late greenhouses": (GREENHOUSES | {"start": "2015-04-02"},),
    "glut": (GLUT,),
    "two gluts": (GLUT, GLUT | {"name": "second glut", "year": 2016}),
    "early broadband": (policy("broadband", year=2015),),
}
SHORT_LIVES = {
    "short storage life": {"shelf_life_days": 1.5},
    "short parcel life": {"parcel_shelf_life_days": 3.0},
}
"""Other interventions: fruit that keeps less long, from the first day of the run."""


def _merged(data: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change tables key by key and replace anything else."""
    made = dict(data)
    for key, value in changes.items():
        are_tables = isinstance(value, Mapping) and isinstance(data.get(key), Mapping)
        made[key] = _merged(data[key], value) if are_tables else value
    return made


def scenario(name: str = "nothing", world: str = "busy", **changes: Any) -> Scenario:
    """A world with an intervention, or with nothing."""
    data = _merged(BUSY, WORLDS[world])
    data = _merged(data, {"goods": {"bayberry": SHORT_LIVES.get(name, {})}})
    data |= {"policies": POLICIES.get(name, ())} | changes
    return Scenario.model_validate(data)


@lru_cache(maxsize=KEPT)
def tables(name: str, seed: int, world: str = "busy") -> dict[str, Columns]:
    """What a whole run leaves behind."""
    return tables_of(scenario(name, world), seed)


def tables_of(it: Scenario, seed: int) -> dict[str, Columns]:
    """What a whole run of a scenario leaves behind."""
    model = CommerceModel(it, seed, threads=1)
    model.run()
    return model.tables


class Month(NamedTuple):
    """Copies of the state in one month of a run."""

    eve: State
    """The evening before."""
    morning: State
    """Its first day, when all decisions have been taken."""
    end: State
    """Its last evening."""
    connected_share: float
    """Share of Reed's households that can have internet at home (0-1)."""


def _copied(state: State) -> State:
    return State(*(table.copy() for table in state))


@lru_cache(maxsize=KEPT)
def month(name: str, seed: int, world: str = "busy", first: date = BEGIN) -> Month:
    """Run up to a month and watch it."""
    it = Simulation(scenario(name, world), seed, threads=1)
    while it.date < first:
        it.start_month()
        it.walk(it.month_end_day)
    eve = _copied(it.state)
    it.start_month()
    morning = _copied(it.state)
    it.walk(it.month_end_day)
    share = it.terms.m["internet_share"][0] * it.state.villages["internet_ratio"][REED]
    return Month(eve, morning, _copied(it.state), float(share))


class Pair[T](NamedTuple):
    """The same seed without and with an intervention."""

    without: T
    under: T


def months(
    name: str, world: str = "busy", first: date = BEGIN, seeds: Sequence[int] = SEEDS
) -> Iterator[Pair[Month]]:
    """Pairs of a month, one for each seed."""
    for seed in seeds:
        yield Pair(month("nothing", seed, world, first), month(name, seed, world, first))
