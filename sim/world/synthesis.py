"""Villages where nobody has listed them: drawn from what is known of provinces and counties.

A village depends on its name and the seed of the map alone, so a county's villages are the same
whether the county, its province or the whole country is simulated. See docs/geography.md.
"""

from collections.abc import Mapping
from itertools import count, islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import ScenarioError
from sim.world import places
from sim.world.area import Area
from sim.world.drawn_counties import Counties, Rows, counties_of
from sim.world.drawn_towns import Towns, place_in_disc, towns_of
from sim.world.drawn_trades import growers_of, makers_of, outside_goods_of, products_of
from sim.world.parameters import goods
from sim.world.place_draws import Floats, lognormal, normal, uniforms
from sim.world.places import position_km
from sim.world.register import NO_GOOD, Register

_HOUSEHOLDS: Final = (20, 20_000)
_BROADBAND_YEARS: Final = (2002, 2020)


def synthesize(area: Area, g: Mapping[str, float], taken: Register | None = None) -> Register:
    """Draw the villages of an area.

    Parameters
    ----------
    area : Area
        What to fill.
    g : mapping
        Parameters of geography (sim/data/geography.toml).
    taken : Register, optional
        Villages that the study describes itself: each stands for one of its town, or of its county
        where its town is not among those that are known. A county's orchards are not drawn where
        the study has growers of the same crop.

    Returns
    -------
    Register
        The villages, by county and town.

    Raises
    ------
    ScenarioError
        If the share leaves no county.
    """
    there = counties_of(area, g, taken)
    if not there.path:
        allowed = (
            f"a share, part or seed of the map that leaves a county; seed {area.seed} has none"
        )
        raise ScenarioError("region", "region.county_share", area.county_share, allowed)
    towns = towns_of(there, area, g, taken)
    town = np.repeat(np.arange(len(towns.path)), towns.villages)
    county = towns.county[town]
    number = _numbers(towns, taken)
    short = [path.rpartition("/")[2] for path in towns.path]
    names = [f"{short[t]} {n}" for t, n in zip(town.tolist(), number.tolist(), strict=True)]
    paths = [f"{towns.path[t]}/{name}" for t, name in zip(town.tolist(), names, strict=True)]
    u = uniforms(area.seed, paths, 3)
    size = there.households[county] * lognormal(u[:, 0], g["household_sigma"])
    households = np.clip(np.rint(size), *_HOUSEHOLDS).astype(np.int64)
    of_province = places.provinces()
    province = there.province[county]
    income = there.income[county] * lognormal(u[:, 1], g["income_sigma_village"])
    product = products_of(towns.trade[town], u[:, 3])
    makers = np.where(product == NO_GOOD, 0, makers_of(households, u[:, 4], g))
    crop, growers = growers_of(there, county, households, product, u[:, 5], taken, g)
    rooms = np.where(
        product == NO_GOOD, g["rooms_per_household_elsewhere"], g["rooms_per_household_trade"]
    )
    kind_count = np.column_stack(
        [growers, makers, households - growers - makers, np.floor(rooms * households + 0.5)]
    )
    outside = outside_goods_of(there, county, product, u[:, 9:11], g)
    relative = income / of_province.income_index[province]
    internet = of_province.internet_ratio[province] ** g["internet_province_elasticity"]
    unit_cost = np.append(goods().unit_cost_yuan, np.inf)
    return Register(
        names=names,
        town=town.astype(np.int32),
        town_paths=towns.path,
        people=np.rint(households * g["people_per_household"]).astype(np.int32),
        kind_count=kind_count.astype(np.int32),
        crop=crop,
        product=product,
        outside=outside,
        outside_km=there.source_km[county[:, None], outside],
        orchard_mu_mean=np.where(crop == NO_GOOD, 0.0, g["orchard_mu_mean"]),
        capacity_pieces_per_month_mean=g["maker_output_yuan_per_month"] / unit_cost[product],
        income_index=income,
        internet_ratio=g["family_internet_ratio"]
        * internet
        * relative ** g["internet_income_elasticity"],
        trade_tradition=_traditions(there, towns, town, u[:, 8], g),
        broadband_year=_broadband_years(income, u[:, 2], g),
        distance_to_city_km=_distances_to_cities_km(towns.position)[town],
        position_km=towns.position[town] + place_in_disc(towns.radius_km[town], u[:, 6:8]),
    )


def _numbers(towns: Towns, taken: Register | None) -> Rows:
    """Number the villages of each town from 1, without the numbers that described ones bear."""
    first = np.cumsum(towns.villages) - towns.villages
    number = 1 + np.arange(towns.villages.sum()) - np.repeat(first, towns.villages)
    place = {path: t for t, path in enumerate(towns.path)}
    borne: dict[int, set[int]] = {}
    for path in taken.paths() if taken else ():
        town, _, name = path.rpartition("/")
        digits = name.rpartition(" ")[2]
        if town in place and digits.isdecimal():
            is_drawn_name = name == f"{town.rpartition('/')[2]} {int(digits)}"
            borne.setdefault(place[town], set()).update([int(digits)] * is_drawn_name)
    for t, numbers in borne.items():
        free = (n for n in count(1) if n not in numbers)
        number[first[t] : first[t] + towns.villages[t]] = list(islice(free, towns.villages[t]))
    return number


def _traditions(
    there: Counties, towns: Towns, town: Rows, u: Floats, g: Mapping[str, float]
) -> Floats:
    """Add up what a county, a town and a village have of a tradition of trade."""
    of_town = there.tradition[towns.county] + g["tradition_sd_town"] * normal(towns.luck)
    return of_town[town] + g["tradition_sd_village"] * normal(u)


def _broadband_years(income: Floats, u: Floats, g: Mapping[str, float]) -> NDArray[np.int16]:
    years = g["broadband_first_year"] - g["broadband_years_per_log_income"] * np.log(income)
    years += g["broadband_sd_years"] * normal(u)
    return np.clip(np.rint(years), *_BROADBAND_YEARS).astype(np.int16)


def _distances_to_cities_km(position: Floats) -> Floats:
    """Return the distance of each place to the nearest district of a city."""
    table = places.counties()
    is_city = np.array(table.kind) == "district"
    cities = position_km(table.longitude[is_city], table.latitude[is_city])
    blocks = np.array_split(position, max(1, len(position) // 1000))
    return np.concatenate(
        [
            np.hypot(
                block[:, None, 0] - cities[None, :, 0], block[:, None, 1] - cities[None, :, 1]
            ).min(axis=1)
            for block in blocks
        ]
    )
