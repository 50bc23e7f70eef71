"""Who lives in a household: traits drawn from published and assumed shares."""

from math import floor
from typing import Any

from sim.compiled import rule
from sim.rules.chance import standard_normal


@rule
def household_members(u: float, b: Any) -> int:
    """People in a household, 1 to 6.

    Source: behaviour.toml household_size_share_1 … 6.
    """
    total = b.household_size_share_1
    if u < total:
        return 1
    total += b.household_size_share_2
    if u < total:
        return 2
    total += b.household_size_share_3
    if u < total:
        return 3
    total += b.household_size_share_4
    if u < total:
        return 4
    total += b.household_size_share_5
    if u < total:
        return 5
    return 6


@rule
def head_age_years(u: float, mean_years: float, sd_years: float) -> int:
    """Age of the head in whole years [years], 22 to 75.

    Source: behaviour.toml head_age_mean, head_age_sd (assumed), incomer_age_mean.
    """
    return floor(min(max(mean_years + sd_years * standard_normal(u), 22.0), 75.0) + 0.5)


@rule
def head_schooling_years(u: float, b: Any) -> int:
    """Schooling of the head [years]: 0, 6, 9, 12 or 15.

    Source: behaviour.toml schooling_share_* (assumed).
    """
    total = b.schooling_share_0
    if u < total:
        return 0
    total += b.schooling_share_6
    if u < total:
        return 6
    total += b.schooling_share_9
    if u < total:
        return 9
    total += b.schooling_share_12
    if u < total:
        return 12
    return 15


@rule
def starting_knowledge(
    schooling_years: float,
    age_years: float,
    worked_in_city: bool,
    technical_training: bool,
    u: float,
    b: Any,
) -> float:
    """Knowledge of e-commerce at the start, between 0 and 1.

    More with schooling, youth, work in a city and technical training.
    Source: signs after Qi et al. 2019; weights assumed, behaviour.toml knowledge_*.
    """
    known = b.knowledge_base + b.knowledge_schooling * (schooling_years - 9.0) / 3.0
    known -= b.knowledge_age * (age_years - 35.0) / 10.0
    if worked_in_city:
        known += b.knowledge_city
    if technical_training:
        known += b.knowledge_technical
    known += b.knowledge_sd * standard_normal(u)
    return min(max(known, 0.0), 1.0)


@rule
def workers_of(members: int) -> int:
    """Working adults of a household, 1 or 2.

    Source: assumed.
    """
    return min(members, 2)
