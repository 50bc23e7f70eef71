"""Random worlds with policies of every kind, in which every claim about books is tested."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import given, seed, settings
from hypothesis import strategies as st
from small_worlds import EASY_TERMS, data_of_scenario

from sim.world.parameters import good_names

START, END = date(2009, 1, 1), date(2019, 12, 31)
CROPS, PRODUCTS = good_names()[:2], good_names()[2:]
COUNTIES, TOWNS = "CCD", "TTU"
PLATFORMS = [[], ["taobao"], ["amazon"], *[["taobao", "jd", "alibaba_com", "amazon"]] * 5]
"""Platforms of a world; mostly there are all four."""

shares = st.integers(0, 20).map(lambda twentieths: twentieths / 20)
intensities = st.fixed_dictionaries({"intensity": shares})


@st.composite
def villages(draw: Any, number: int) -> dict[str, Any]:
    """A village of at most 72 households, of some kinds of them or of all."""
    farmers, makers, operators = (draw(st.integers(0, most)) for most in (20, 12, 40))
    households = max(farmers + makers + operators, 1)
    village = {
        "name": f"Reed {number}",
        "province": "P",
        "prefecture": "Q",
        "county": draw(st.sampled_from(COUNTIES)),
        "town": draw(st.sampled_from(TOWNS)),
        "people": 3 * households,
        "households": households,
        "income_index": 0.5 + draw(shares),
        "internet_ratio": 1.0 + 3.0 * draw(shares),
        "broadband_year": draw(st.sampled_from([2005, 2010, 2014])),
        "rooms_per_household": draw(shares),
        "within_reach": draw(st.lists(st.sampled_from(PRODUCTS[1:]), max_size=2, unique=True)),
    }
    if farmers:
        crop = draw(st.sampled_from(CROPS))
        village["farmers"] = {"households": farmers, "crop": crop, "orchard_mu_mean": 3.0}
    if makers:
        workshop = {"households": makers, "product": PRODUCTS[0]}
        capacity = draw(st.sampled_from([20.0, 300.0, 5000.0]))
        village["manufacturers"] = workshop | {"capacity_pieces_per_month_mean": capacity}
    return village


LEVERS = {
    "service_platform": st.fixed_dictionaries(
        dict.fromkeys(("storage", "product_supply", "training", "logistics"), intensities)
    ),
    "startup_subsidy": st.fixed_dictionaries({"yuan_per_shop": st.floats(0.0, 9000.0)}),
    "startup_credit": st.fixed_dictionaries({"yuan_per_household": st.floats(0.0, 50_000.0)}),
    "cold_chain": intensities,
    "greenhouse": st.fixed_dictionaries(
        {"orchard_share": shares, "days_earlier": st.integers(0, 40)}
    ),
    "cooperative_brand": intensities,
    "cross_border_pilot": intensities,
    "parcel_price": st.fixed_dictionaries({"multiple": st.floats(0.2, 3.0)}),
    "commission": st.fixed_dictionaries({"multiple": st.floats(0.0, 4.0)}),
    "weather": st.fixed_dictionaries(
        {"yield_multiple": shares.map(lambda share: 3.0 * share)},
        optional={"shift_days": st.floats(-30.0, 30.0)},
    ),
    "broadband": st.just({}),
}
STEADY = settings(deadline=None, derandomize=True, database=None)
"""The same worlds on every machine, and time for the first one, which compiles the engine."""
YEARLY = ("weather", "broadband")
"""Kinds of policy whose only date is a year."""


@st.composite
def policies(draw: Any, start: date, end: date) -> list[dict[str, Any]]:
    """Up to six policies of different kinds."""
    made = []
    for kind in draw(st.lists(st.sampled_from(sorted(LEVERS)), max_size=6, unique=True)):
        policy = {"kind": kind, "name": kind} | draw(LEVERS[kind])
        if kind in YEARLY:
            policy["year"] = start.year
        else:
            policy["start"] = str(draw(st.dates(start, end)))
            if draw(st.booleans()):
                later = st.dates(end + timedelta(days=1), END + timedelta(days=900))
                policy["end"] = str(draw(later))
        if draw(st.sampled_from([False, False, True])):
            policy["target"] = {"share": draw(shares)}
        made.append(policy)
    return made


@st.composite
def worlds(draw: Any) -> dict[str, Any]:
    """What a scenario file says of one to three villages over up to a year and a half."""
    start = draw(st.dates(START, END - timedelta(days=600))).replace(day=1)
    end = start + timedelta(days=draw(st.integers(1, 550)))
    sold = {"typical_sales_yuan_per_year": draw(st.sampled_from([2e4, 1e6]))}
    return data_of_scenario(
        *(draw(villages(number)) for number in range(draw(st.integers(1, 3)))),
        start=str(start),
        end=str(end),
        seed=draw(st.integers(0, 2**63 - 1)),
        platforms=draw(st.sampled_from(PLATFORMS)),
        policies=draw(policies(start, end)),
        goods=dict.fromkeys(good_names(), sold),
        platform_terms={
            name: terms | {"settlement_months": draw(st.integers(0, 3))}
            for name, terms in EASY_TERMS.items()
        },
        behaviour={
            "open_intercept": -draw(st.integers(0, 12)) / 2,
            "orders_per_worker_day": draw(st.just(0.02) | st.floats(0.5, 10.0)),
            "hire_reserve_months": draw(st.sampled_from([0.01, 2.0])),
            "means_months": draw(st.floats(0.0, 6.0)),
            "window_tail_days": float(draw(st.integers(0, 5))),
            "forecast_sd_days": draw(st.floats(0.0, 4.0)),
            "storeroom_pieces": draw(st.floats(1.0, 300.0)),
        },
    )


def in_random_worlds(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test in many worlds; all tests see the same ones, so that each is run once for all."""
    return seed(1)(settings(STEADY, max_examples=100)(given(world=worlds())(test)))
