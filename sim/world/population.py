"""The households of a village, drawn from its counts (ODD 7.0)."""

from typing import Any, NamedTuple

import numpy as np

from sim.compiled import as_int64, entry_kernel, kernel
from sim.rules.chance import lognormal_unit_mean, standard_normal
from sim.rules.makers import making_cost_yuan
from sim.rules.traits import (
    head_age_years,
    head_schooling_years,
    household_members,
    starting_knowledge,
)
from sim.world.columns import (
    CROP_SLOT,
    FARMER,
    INCOMER,
    KINDS,
    MANUFACTURER,
    OPERATOR,
    PRODUCT_SLOT,
)
from sim.world.draws import Purpose, four_uniforms, member_id, one_uniform

_TIMELESS = as_int64(-1)
_MEMBERS, _TRAITS, _CITY = (
    as_int64(Purpose.MEMBERS),
    as_int64(Purpose.TRAITS),
    as_int64(Purpose.CITY),
)
_SAVINGS, _SIZE = as_int64(Purpose.SAVINGS), as_int64(Purpose.SIZE)
_INTERNET, _HIRED = as_int64(Purpose.INTERNET), as_int64(Purpose.HIRED)


class VillageMeans(NamedTuple):
    """Means of a village's producers and its income at the start, (villages,)."""

    orchard_mu: np.ndarray
    """Orchard of a farmer [mu]."""
    capacity_pieces_per_month: np.ndarray
    """Capacity of a maker [pieces/month]."""
    income_yuan_per_head_and_month: np.ndarray
    """Rural income in the first month [yuan]."""


@kernel
def _draw_household(
    v: int, row: int, kind: int, number: int, seed: int, means: Any, h: Any, villages: Any, b: Any
) -> None:
    key = villages.key[v]
    member = member_id(kind, number)
    m = four_uniforms(seed, key, member, _TIMELESS, _MEMBERS)
    t = four_uniforms(seed, key, member, _TIMELESS, _TRAITS)
    c = four_uniforms(seed, key, member, _TIMELESS, _CITY)
    z = four_uniforms(seed, key, member, _TIMELESS, _SAVINGS)
    incomer = kind == INCOMER
    members = household_members(m[0], b)
    age = head_age_years(t[0], b.incomer_age_mean if incomer else b.head_age_mean, b.head_age_sd)
    schooling = head_schooling_years(t[1], b)
    technical = t[2] < b.technical_training_share
    city = incomer or c[0] < b.worked_in_city_share
    h.members[row] = members
    h.age_years[row] = age
    h.schooling_years[row] = schooling
    h.technical_training[row] = technical
    h.worked_in_city[row] = city
    h.away[row] = kind == OPERATOR and city and c[1] < b.away_share
    h.present[row] = not incomer
    h.knowledge[row] = starting_knowledge(schooling, age, city, technical, t[3], b)
    h.internet_rank[row] = one_uniform(seed, key, member, _TIMELESS, _INTERNET)
    h.job_rank[row] = one_uniform(seed, key, member, _TIMELESS, _HIRED)
    luck = lognormal_unit_mean(b.savings_sigma, z[0])
    if incomer:
        h.cash_yuan[row] = b.incomer_capital_yuan * luck
    else:
        income = means.income_yuan_per_head_and_month[v]
        h.cash_yuan[row] = b.savings_months * members * income * luck


@kernel
def _draw_producer(
    v: int,
    row: int,
    kind: int,
    number: int,
    seed: int,
    means: Any,
    p: Any,
    villages: Any,
    b: Any,
    goods: Any,
) -> None:
    s = four_uniforms(seed, villages.key[v], member_id(kind, number), _TIMELESS, _SIZE)
    if kind == FARMER:
        good = villages.good_of_slot[v, CROP_SLOT]
        p.output[row] = means.orchard_mu[v] * lognormal_unit_mean(b.orchard_sigma, s[0])
        p.skill[row] = lognormal_unit_mean(b.farm_skill_sigma, s[1])
        p.unit_cost_yuan[row] = goods.picking_cost_yuan_per_kg[good] * np.exp(
            b.picking_cost_sigma * standard_normal(s[2])
        )
        villages.orchard_mu[v] += p.output[row]
    else:
        good = villages.good_of_slot[v, PRODUCT_SLOT]
        mean = means.capacity_pieces_per_month[v]
        p.output[row] = mean * lognormal_unit_mean(b.maker_size_sigma, s[0])
        p.stock[row] = b.stock_months * p.output[row]
        p.unit_cost_yuan[row] = making_cost_yuan(
            goods.unit_cost_yuan[good], p.output[row], b.capacity_reference, b.scale_elasticity
        )
    p.first_output[row] = p.output[row]


@kernel
def _populate_village(
    v: int, seed: int, means: Any, h: Any, p: Any, villages: Any, b: Any, goods: Any
) -> None:
    row = villages.first_household[v]
    producer = villages.first_producer[v]
    for kind in range(KINDS):
        for number in range(villages.kind_count[v, kind]):
            _draw_household(v, row, kind, number, seed, means, h, villages, b)
            if kind in (FARMER, MANUFACTURER):
                h.slot[row] = CROP_SLOT if kind == FARMER else PRODUCT_SLOT
                _draw_producer(v, producer, kind, number, seed, means, p, villages, b, goods)
                producer += 1
            row += 1


@entry_kernel
def populate(
    first: int, last: int, seed: int, means: Any, h: Any, p: Any, villages: Any, b: Any, goods: Any
) -> None:
    """Draw every household and producer of villages first … last - 1.

    Reads villages' counts and means; writes households, producers and villages.orchard_mu.
    """
    for v in range(first, last):
        _populate_village(v, seed, means, h, p, villages, b, goods)
