"""Drawn villages follow the distributions that docs/geography.md states, by exact expectations.

Each test has a map with a seed of its own, and allows for four standard errors of what it measures.
"""

import math
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.scenario import VillageSpec, registered
from sim.world import places
from sim.world.area import Area
from sim.world.columns import MANUFACTURER
from sim.world.parameters import geography, goods
from sim.world.register import NO_GOOD, Register
from sim.world.synthesis import synthesize

CIXI = "Zhejiang/Ningbo/Cixi"
QINGHAI = "Qinghai"
"""A province that is poor, and nearly without known trades."""
SHARES = {f"trade_share_strength_{step}": 0.0 for step in (1, 2, 3)} | {
    "trade_share_elsewhere": 0.0
}
"""Nobody makes anything."""
ALLOWED = 4.0
"""Standard errors."""


@cache
def drawn(within: str, seed: int = 1, changes: tuple[Any, ...] = ()) -> Register:
    return synthesize(Area((within,), 1.0, seed), geography(dict(changes)))


def changed(within: str, seed: int = 1, **changes: float) -> Register:
    return drawn(within, seed, tuple(changes.items()))


def province(name: str) -> Any:
    """A province's row of the table, as numbers by column."""
    table = places.provinces()
    at = table.name.index(name)
    return {key: getattr(table, key)[at] for key in ("villages", "rural_households",
            "income_index", "internet_ratio")}  # fmt: skip


def is_normal(values: Any, mean: float, sd: float) -> None:
    """Assert the mean and the standard deviation of values that should be normal."""
    error = sd / math.sqrt(values.size)
    assert values.mean() == pytest.approx(mean, abs=ALLOWED * error)
    assert values.std() == pytest.approx(sd, abs=ALLOWED * error / math.sqrt(2.0))


def by_group(values: Any, group: Any) -> tuple[Any, Any]:
    """The means of groups, and how values differ from that of their own."""
    counts = np.bincount(group)
    means = np.bincount(group, values) / np.maximum(counts, 1)
    return means[counts > 0], values - means[group]


# --- sizes, incomes, internet


@pytest.mark.parametrize("sigma", [0.3, 0.6])
def test_households_are_lognormal_about_the_mean_of_their_province(sigma: float) -> None:
    register, known = changed("Jilin", household_sigma=sigma), province("Jilin")
    mean = known["rural_households"] / known["villages"]
    log = np.log(register.households / mean)

    is_normal(log, -(sigma**2) / 2.0, sigma)
    error = math.sqrt(math.expm1(sigma**2) / len(register))
    assert register.households.mean() / mean == pytest.approx(1.0, abs=ALLOWED * error)
    # Of a normal distribution a sixth lies above one standard deviation.
    above = (log > -(sigma**2) / 2.0 + sigma).mean()
    assert above == pytest.approx(0.1587, abs=ALLOWED * math.sqrt(0.134 / len(register)))


def test_incomes_spread_over_counties_and_over_villages_as_stated() -> None:
    register, g = drawn("Jilin"), geography()
    log = np.log(register.income_index / province("Jilin")["income_index"])
    steps = steps_of(register)[register.county]
    log -= g["income_of_trade"] * (steps - 1.0)
    of_counties, of_villages = by_group(log, register.county)
    county, village = g["income_sigma_county"], g["income_sigma_village"]

    is_normal(of_villages, 0.0, village)
    is_normal(of_counties, -(county**2 + village**2) / 2.0, county)


def steps_of(register: Register) -> Any:
    """The strength of the strongest trade of each county."""
    table, steps = places.industries(), np.zeros(len(register.county_paths))
    row = {path: number for number, path in enumerate(register.county_paths)}
    names = zip(table.province, table.prefecture, table.county, strict=True)
    for path, step in zip(map("/".join, names), table.strength, strict=True):
        if path in row:
            steps[row[path]] = max(steps[row[path]], step)
    return steps


def test_internet_follows_the_province_and_the_income_of_the_village() -> None:
    register, known, g = drawn(QINGHAI), province(QINGHAI), geography()
    relative = register.income_index / known["income_index"]
    of_province = known["internet_ratio"] ** g["internet_province_elasticity"]

    expected = (
        g["family_internet_ratio"] * of_province * relative ** g["internet_income_elasticity"]
    )
    assert register.internet_ratio == pytest.approx(expected)


def test_broadband_comes_by_income_and_luck() -> None:
    # Poor enough that no year is cut off at either end.
    register, g = drawn(QINGHAI), geography()
    mean = g["broadband_first_year"]
    mean = mean - g["broadband_years_per_log_income"] * np.log(register.income_index)

    luck = register.broadband_year - mean
    assert 2002 < register.broadband_year.min() <= register.broadband_year.max() < 2020
    is_normal(luck, 0.0, math.sqrt(g["broadband_sd_years"] ** 2 + 1.0 / 12.0))  # whole years


def test_tradition_is_that_of_county_town_and_village_added_up() -> None:
    register, g = drawn("Jilin", seed=3), geography()
    in_towns, of_villages = by_group(register.trade_tradition, register.town)
    per_town = np.bincount(register.town).mean()
    town_of = register.county_of_town
    _, of_towns = by_group(in_towns, town_of)

    assert of_villages.std() * math.sqrt(per_town / (per_town - 1.0)) == pytest.approx(
        g["tradition_sd_village"], rel=0.03
    )
    spread = math.sqrt(g["tradition_sd_town"] ** 2 + g["tradition_sd_village"] ** 2 / per_town)
    towns = np.bincount(town_of).mean()
    assert of_towns.std() * math.sqrt(towns / (towns - 1.0)) == pytest.approx(spread, rel=0.13)


# --- trades


def made_and_expected(register: Register, strength: int, share: float) -> tuple[int, float]:
    """Villages that make something, and how many there should be."""
    table = places.industries()
    villages = np.bincount(register.county, minlength=len(register.county_paths))
    row = {path: number for number, path in enumerate(register.county_paths)}
    names = zip(table.province, table.prefecture, table.county, strict=True)
    expected = sum(
        share * int(villages[row[path]])
        for path, step in zip(map("/".join, names), table.strength, strict=True)
        if step == strength and path in row
    )
    return int((register.product != NO_GOOD).sum()), expected


@pytest.mark.parametrize("sigma", [0.5, 2.0])
@pytest.mark.parametrize("strength", [1, 2, 3])
def test_luck_of_towns_leaves_the_share_of_a_county_as_it_is(strength: int, sigma: float) -> None:
    # So small a share that no town reaches one.
    shares = SHARES | {f"trade_share_strength_{strength}": 0.01, "trade_sigma_town": sigma}
    register = changed("Zhejiang", seed=5, **shares)

    made, expected = made_and_expected(register, strength, 0.01)

    assert expected > 50.0
    assert made == pytest.approx(expected, abs=ALLOWED * math.sqrt(expected))


def test_described_villages_leave_the_share_of_the_others_as_it_is() -> None:
    spec = {
        "name": "Reed", "province": "Zhejiang", "prefecture": "Ningbo", "county": "Cixi",
        "town": "Changhe", "people": 300, "households": 100, "broadband_year": 2005, "count": 9,
    }  # fmt: skip
    taken = registered([VillageSpec.model_validate(spec)])
    shares = SHARES | {f"trade_share_strength_{step}": 0.01 for step in (1, 2, 3)}
    made, expected = [], 0.0
    for seed in range(25):
        g = geography(shares | {"trade_sigma_town": 2.0})
        register = synthesize(Area((CIXI,), 1.0, seed), g, taken)
        made.append(int((register.product != NO_GOOD).sum()))
        expected = sum(made_and_expected(register, step, 0.01)[1] for step in (1, 2, 3))

    assert len(register) == len(drawn(CIXI)) - 9
    assert np.mean(made) == pytest.approx(expected, abs=ALLOWED * math.sqrt(expected / 25.0))
    # Map by map, for towns have luck and the county has none: 25 degrees of freedom.
    assert ((np.array(made) - expected) ** 2 / expected).sum() < 52.6  # one in a thousand


def test_trades_gather_in_towns_the_more_the_more_luck_they_have() -> None:
    spread = []
    for sigma in (0.0, 1.2):
        shares = SHARES | {"trade_share_strength_3": 0.2, "trade_sigma_town": sigma}
        register = changed("Zhejiang", seed=5, **shares)
        county = np.flatnonzero(steps_of(register) == 3.0)
        inside = np.isin(register.county, county)
        counts = np.bincount(register.town[inside], register.product[inside] != NO_GOOD)
        sizes = np.bincount(register.town[inside])
        there = sizes > 0
        spread.append(float((counts[there] / sizes[there]).std()))

    assert spread[1] > 1.5 * spread[0]


def test_a_share_that_fills_towns_is_not_reached() -> None:
    """Where luck gives a town more makers than villages, those left over are made nowhere."""
    shares = SHARES | {"trade_share_strength_3": 0.25}
    made, expected = made_and_expected(changed("Zhejiang", seed=5, **shares), 3, 0.25)

    assert 0.8 * expected < made < 0.97 * expected


def test_a_village_that_makes_something_has_the_makers_stated() -> None:
    shares = SHARES | {f"trade_share_strength_{step}": 0.2 for step in (1, 2, 3)}
    register, g = changed("Zhejiang", seed=5, **shares), geography()
    makes = register.product != NO_GOOD
    makes &= register.households > 200  # so that whole makers are fine enough
    share = register.kind_count[makes, MANUFACTURER] / register.households[makes]
    mean, sigma, most = g["maker_share"], g["maker_sigma"], g["maker_share_most"]
    # A lognormal share of that mean, cut off at the most.
    edge = math.log(most / mean) / sigma + sigma / 2.0
    cut = mean * phi(edge - sigma) + most * (1.0 - phi(edge))

    error = share.std() / math.sqrt(share.size)
    assert share.max() == pytest.approx(most, abs=0.003)
    assert share.mean() == pytest.approx(cut, abs=ALLOWED * error + 0.0005)
    assert np.median(share) == pytest.approx(mean * math.exp(-(sigma**2) / 2.0), rel=0.08)


def phi(z: float) -> float:
    return 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))


def test_goods_from_outside_come_by_the_size_of_their_markets_where_distance_is_nothing() -> None:
    register, everything = changed(QINGHAI, sourcing_km=1e9, **SHARES), goods()
    market = everything.outside_shops * everything.typical_sales_yuan_per_year
    market = np.where(everything.perishable, 0.0, market)
    without_trade = steps_of(register)[register.county] == 0.0
    expected = without_trade.sum() * market / market.sum()
    found = np.bincount(register.outside[without_trade, 0], minlength=market.size)

    enough = expected > 5.0
    chi_squared = ((found - expected)[enough] ** 2 / expected[enough]).sum()
    freedom = int(enough.sum()) - 1
    assert chi_squared < freedom + ALLOWED * math.sqrt(2.0 * freedom)
    assert (found[market == 0.0] == 0).all()


# --- luck


def test_what_is_drawn_of_a_village_is_drawn_independently() -> None:
    register, g = changed("Henan", seed=7, **SHARES), geography()
    _, size = by_group(np.log(register.households), register.county)
    _, income = by_group(np.log(register.income_index), register.county)
    broadband = register.broadband_year + g["broadband_years_per_log_income"] * np.log(
        register.income_index
    )
    _, broadband = by_group(broadband, register.county)
    _, tradition = by_group(register.trade_tradition, register.town)
    middle = np.column_stack([by_group(x, register.town)[1] for x in register.position_km.T])
    columns = np.column_stack([size, income, broadband, tradition, middle])

    odd = np.corrcoef(columns.T)[np.triu_indices(columns.shape[1], 1)]
    # Broadband is cut off where it comes early, and then follows income a little.
    pairs = np.delete(odd, 5)
    assert np.abs(pairs).max() < ALLOWED / math.sqrt(len(register))
