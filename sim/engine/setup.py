"""From a scenario to the first state: villages laid out as rows, households drawn."""

from collections.abc import Sequence
from datetime import date
from math import floor
from typing import Any

import numpy as np

from sim.engine.shops import SPARE_SHOPS
from sim.scenario import VillageSpec
from sim.world.calendar import day_of
from sim.world.columns import (
    CROP_SLOT,
    FIRST_OUTSIDE_SLOT,
    PRODUCT_SLOT,
    SLOTS,
    State,
    allocate,
)
from sim.world.draws import village_key
from sim.world.parameters import good_names
from sim.world.population import VillageMeans, populate
from sim.world.records import DAYS_OF_MONTH, Month, Season


def _starts(counts: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)[:-1]])


def _numbered(paths: Sequence[str]) -> np.ndarray:
    numbers = {path: number for number, path in enumerate(sorted(set(paths)))}
    return np.array([numbers[path] for path in paths])


def _kind_counts(spec: VillageSpec) -> tuple[int, int, int, int]:
    return (
        spec.farmers.households if spec.farmers else 0,
        spec.manufacturers.households if spec.manufacturers else 0,
        spec.operators,
        floor(spec.rooms_per_household * spec.households + 0.5),
    )


def _goods_of_slots(spec: VillageSpec, names: tuple[str, ...]) -> list[int]:
    goods = [-1] * SLOTS
    if spec.farmers:
        goods[CROP_SLOT] = names.index(spec.farmers.crop)
    if spec.manufacturers:
        goods[PRODUCT_SLOT] = names.index(spec.manufacturers.product)
    for place, name in enumerate(spec.within_reach):
        goods[FIRST_OUTSIDE_SLOT + place] = names.index(name)
    return goods


def lay_out_villages(specs: Sequence[VillageSpec]) -> Any:
    """Return the table of villages with the rows that each takes in the other tables."""
    villages = allocate("villages", len(specs))
    names = good_names()
    villages["key"] = [village_key(spec.path) for spec in specs]
    villages["zone_key"] = [village_key(spec.zone_path) for spec in specs]
    villages["county"] = _numbered([spec.zone_path for spec in specs])
    villages["town"] = _numbered([f"{spec.zone_path}/{spec.town}" for spec in specs])
    villages["kind_count"] = [_kind_counts(spec) for spec in specs]
    villages["good_of_slot"] = [_goods_of_slots(spec, names) for spec in specs]
    villages["income_index"] = [spec.income_index for spec in specs]
    villages["internet_ratio"] = [spec.internet_ratio for spec in specs]
    villages["broadband_day"] = [day_of(date(spec.broadband_year, 1, 1)) for spec in specs]
    villages["first_household"] = _starts(villages["kind_count"].sum(axis=1))
    villages["first_producer"] = _starts(villages["kind_count"][:, :2].sum(axis=1))
    villages["shop_capacity"] = SPARE_SHOPS
    villages["first_shop"] = _starts(villages["shop_capacity"])
    return villages


def first_state(
    specs: Sequence[VillageSpec], seed: int, income_yuan_per_head: float, b: Any, goods: Any
) -> State:
    """Return the state on the first morning: everyone lives there, no shop is open.

    Parameters
    ----------
    specs : sequence of VillageSpec
        The villages, each with count 1.
    seed : int
        Seed of all draws.
    income_yuan_per_head : float
        Rural income per head of Zhejiang in the first month [yuan/month].
    b, goods
        Behaviour and goods.
    """
    villages = lay_out_villages(specs)
    households = allocate("households", int(villages["kind_count"].sum()))
    producers = allocate("producers", int(villages["kind_count"][:, :2].sum()))
    means = VillageMeans(
        np.array([spec.farmers.orchard_mu_mean if spec.farmers else 0.0 for spec in specs]),
        np.array(
            [
                spec.manufacturers.capacity_pieces_per_month_mean if spec.manufacturers else 0.0
                for spec in specs
            ]
        ),
        income_yuan_per_head * villages["income_index"],
    )
    populate(seed, means, households, producers, villages, b, goods)
    rows = len(specs)
    return State(
        households,
        producers,
        allocate("shops", int(villages["shop_capacity"].sum())),
        villages,
        np.zeros((rows, len(Month))),
        np.zeros((rows, DAYS_OF_MONTH, len(Season))),
        np.zeros((rows, DAYS_OF_MONTH)),
        np.zeros((rows, DAYS_OF_MONTH)),
    )
