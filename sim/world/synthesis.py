"""Villages where nobody has listed them: drawn from what is known of provinces and counties.

A village depends on its name and the seed of the map alone, so a county's villages are the same
whether the county, its province or the whole country is simulated. See docs/geography.md.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import as_int64, entry_kernel
from sim.errors import ScenarioError
from sim.rules.chance import lognormal_unit_mean, standard_normal
from sim.world import places
from sim.world.draws import TIMELESS, VILLAGE_ITSELF, Purpose, four_uniforms, village_key
from sim.world.draws import purpose_of as _purpose_of
from sim.world.parameters import good_names, goods
from sim.world.register import NO_GOOD, Register

_PLACE: Final = as_int64(Purpose.PLACE)
_TRADES_FROM: Final = 8
"""The first draw of a town that is for a trade; earlier ones are for the town itself."""
_STRENGTHS: Final = 4
_KNOWN: Final = 2
"""Strength from which on a county's trade supplies others."""
_KM_PER_DEGREE: Final = 111.2
_ORIGIN: Final = (105.0, 36.0)
"""Longitude and latitude of the origin of maps [degrees]."""
_HOUSEHOLDS: Final = (20, 20_000)
_BROADBAND_YEARS: Final = (2002, 2020)

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Area(NamedTuple):
    """What part of the map to fill.

    Attributes
    ----------
    within : sequence of str
        Paths of provinces, prefectures or counties, such as ``Zhejiang/Ningbo``; none is all of
        rural China.
    county_share : float
        Chance of each county to be there (0-1).
    seed : int
        Seed of the map: of the choice of counties and of everything drawn about villages.
    """

    within: Sequence[str]
    county_share: float
    seed: int


class _Counties(NamedTuple):
    """The counties of the area, (counties,)."""

    path: list[str]
    province: Rows
    """Number in `places.provinces`."""
    villages: Rows
    households: Floats
    """Mean households of a village."""
    strength: NDArray[np.int8]
    """Strength of the trade in each good, (counties, goods)."""
    source_km: Floats
    """Distance of the seat to the next place known for each good, (counties, goods) [km]."""
    income: Floats
    """Rural income relative to Zhejiang's mean."""
    position: Floats
    """Of the seat [km], (counties, 2)."""
    radius_km: Floats
    luck: Floats
    """Uniform number for the tradition of trade."""


class _Towns(NamedTuple):
    """The towns of the area, (towns,)."""

    path: list[str]
    county: Rows
    villages: Rows
    position: Floats
    radius_km: Floats
    trade: Floats
    """Share of the villages that make each good, (towns, goods)."""
    luck: Floats
    """Uniform number for the tradition of trade."""


@entry_kernel
def _fill_uniforms(seed: int, keys: Any, first: int, found: Any) -> None:
    for row in range(keys.size):
        for four in range(found.shape[1] // 4):
            purpose = _purpose_of(_PLACE, first + four)
            u = four_uniforms(seed, keys[row], VILLAGE_ITSELF, TIMELESS, purpose)
            for lane in range(4):
                found[row, 4 * four + lane] = u[lane]


@entry_kernel
def _to_normal(u: Any) -> None:
    for row in range(u.shape[0]):
        for column in range(u.shape[1]):
            u[row, column] = standard_normal(u[row, column])


@entry_kernel
def _to_lognormal(u: Any, sigma: float) -> None:
    for row in range(u.shape[0]):
        for column in range(u.shape[1]):
            u[row, column] = lognormal_unit_mean(sigma, u[row, column])


def _uniforms(seed: int, paths: Sequence[str], fours: int, first: int = 0) -> Floats:
    """Return uniform numbers of places, (places, 4 · fours)."""
    keys = np.array([village_key(path) for path in paths], np.int64)
    found = np.empty((keys.size, 4 * fours))
    _fill_uniforms(seed, keys, first, found)
    return found


def _normal(u: Floats) -> Floats:
    z = np.array(u).reshape(len(u), -1)
    _to_normal(z)
    return z.reshape(u.shape)


def _lognormal(u: Floats, sigma: float) -> Floats:
    """Return lognormal factors of mean 1."""
    factor = np.array(u).reshape(len(u), -1)
    _to_lognormal(factor, sigma)
    return factor.reshape(u.shape)


def position_km(longitude: Any, latitude: Any) -> Floats:
    """Return positions on the map, east and north of 105° E, 36° N, (…, 2) [km].

    Distances along a parallel are true, and so are areas.
    """
    east = (np.asarray(longitude) - _ORIGIN[0]) * np.cos(np.radians(latitude))
    north = np.asarray(latitude) - _ORIGIN[1]
    return np.stack([east, north], axis=-1) * _KM_PER_DEGREE


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
    there = _counties(area, g, taken)
    if not there.path:
        allowed = f"a share, or a seed of the map, that leaves a county; seed {area.seed} has none"
        raise ScenarioError("region", "region.county_share", area.county_share, allowed)
    towns = _towns(there, area, g, taken)
    town = np.repeat(np.arange(len(towns.path)), towns.villages)
    county = towns.county[town]
    number = np.arange(town.size) - np.repeat(
        np.cumsum(towns.villages) - towns.villages, towns.villages
    )
    short = [path.rpartition("/")[2] for path in towns.path]
    names = [f"{short[t]} {n + 1}" for t, n in zip(town.tolist(), number.tolist(), strict=True)]
    paths = [f"{towns.path[t]}/{name}" for t, name in zip(town.tolist(), names, strict=True)]
    u = _uniforms(area.seed, paths, 3)
    size = there.households[county] * _lognormal(u[:, 0], g["household_sigma"])
    households = np.clip(np.rint(size), *_HOUSEHOLDS).astype(np.int64)
    of_province = places.provinces()
    province = there.province[county]
    income = there.income[county] * _lognormal(u[:, 1], g["income_sigma_village"])
    product = _products(towns.trade[town], u[:, 3])
    makers = np.where(product == NO_GOOD, 0, _makers(households, u[:, 4], g))
    crop, growers = _growers(there, county, households, product, u[:, 5], taken, g)
    rooms = np.where(
        product == NO_GOOD, g["rooms_per_household_elsewhere"], g["rooms_per_household_trade"]
    )
    kind_count = np.column_stack(
        [growers, makers, households - growers - makers, np.floor(rooms * households + 0.5)]
    )
    outside = _outside_goods(there, county, product, u[:, 9:11], g)
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
        position_km=towns.position[town] + _within(towns.radius_km[town], u[:, 6:8]),
    )


def _counties(area: Area, g: Mapping[str, float], taken: Register | None) -> _Counties:
    table, of_province = places.counties(), places.provinces()
    paths = [
        "/".join(place)
        for place in zip(table.province, table.prefecture, table.county, strict=True)
    ]
    number = {name: place for place, name in enumerate(of_province.name)}
    province = np.array([number[name] for name in table.province], np.int64)
    weight = np.where(np.array(table.kind) == "district", g["district_village_share"], 1.0)
    share = weight / np.bincount(province, weight)[province]
    villages = np.maximum(1, np.rint(of_province.villages[province] * share)).astype(np.int64)
    households = (of_province.rural_households / of_province.villages)[province]
    row = {path: place for place, path in enumerate(paths)}
    _put_known_sizes(row, villages, households)
    seats = position_km(table.longitude, table.latitude)
    u = _uniforms(area.seed, paths, 1)
    strength = _strengths(row)
    trade = g["income_of_trade"] * (strength.max(axis=1) - 1.0)
    income = of_province.income_index[province] * np.exp(trade)
    income *= _lognormal(u[:, 0], g["income_sigma_county"])
    asked = np.array([_is_within(path, area.within) for path in paths]) & (
        u[:, 1] < area.county_share
    )
    if taken is not None:
        asked |= np.isin(paths, taken.county_paths)
    chosen = np.flatnonzero(asked)
    return _Counties(
        [paths[place] for place in chosen],
        province[chosen],
        villages[chosen],
        households[chosen],
        strength[chosen],
        _source_distances_km(seats, strength)[chosen],
        income[chosen],
        seats[chosen],
        _county_radii_km(seats, g["county_radius_share"])[chosen],
        u[chosen, 2],
    )


def _put_known_sizes(row: Mapping[str, int], villages: Rows, households: Floats) -> None:
    """Put in what is known of single counties: villages by town, and rural households."""
    towns, sizes = places.towns(), places.county_sizes()
    known: dict[str, int] = {}
    for *names, count in zip(
        towns.province, towns.prefecture, towns.county, towns.villages.tolist(), strict=True
    ):
        path = "/".join(names)
        known[path] = known.get(path, 0) + count
    for path, count in known.items():
        villages[row[path]] = count
    for *names, total in zip(
        sizes.province, sizes.prefecture, sizes.county, sizes.rural_households.tolist(), strict=True
    ):
        place = row["/".join(names)]
        households[place] = total / villages[place]


def _strengths(row: Mapping[str, int]) -> NDArray[np.int8]:
    table = places.industries()
    strength = np.zeros((len(row), len(good_names())), np.int8)
    for *names, good, step in zip(
        table.province,
        table.prefecture,
        table.county,
        table.good,
        table.strength.tolist(),
        strict=True,
    ):
        strength[row["/".join(names)], good_names().index(good)] = step
    return strength


def _source_distances_km(seats: Floats, strength: NDArray[np.int8]) -> Floats:
    """Return the distance of each county to the next that is known for each good [km]."""
    far = np.full(strength.shape, np.inf)
    for good in range(strength.shape[1]):
        for source in np.flatnonzero(strength[:, good] >= _KNOWN):
            np.minimum(far[:, good], np.hypot(*(seats - seats[source]).T), out=far[:, good])
    return far


def _is_within(path: str, within: Sequence[str]) -> bool:
    return not within or any(path == place or path.startswith(f"{place}/") for place in within)


def _county_radii_km(seats: Floats, share: float) -> Floats:
    nearest = np.empty(len(seats))
    for place, seat in enumerate(seats):
        far = np.hypot(*(seats - seat).T)
        far[place] = np.inf
        nearest[place] = far.min()
    return np.clip(share * nearest, 4.0, 80.0)


def _towns(there: _Counties, area: Area, g: Mapping[str, float], taken: Register | None) -> _Towns:
    table = places.towns()
    known: dict[str, list[int]] = {}
    for place, names in enumerate(zip(table.province, table.prefecture, table.county, strict=True)):
        known.setdefault("/".join(names), []).append(place)
    described = _described(taken)
    paths: list[str] = []
    county: list[int] = []
    villages: list[int] = []
    seats: list[Floats | None] = []
    for place, path in enumerate(there.path):
        rows = known.get(path)
        if rows:
            its_towns = [f"{path}/{table.town[row]}" for row in rows]
            counts = [int(table.villages[row]) for row in rows]
            seats += list(position_km(table.longitude[rows], table.latitude[rows]))
        else:
            count = max(1, round(int(there.villages[place]) / g["villages_per_town"]))
            name = path.rpartition("/")[2]
            its_towns = [f"{path}/{name} town {number + 1}" for number in range(count)]
            counts = [
                int(there.villages[place] * (n + 1) // count - there.villages[place] * n // count)
                for n in range(count)
            ]
            seats += [None] * count
        left = [described.get(town, 0) for town in its_towns]
        counts = [max(0, count - gone) for count, gone in zip(counts, left, strict=True)]
        others = described.get(path, 0) - sum(left)
        for n in range(len(counts)):
            gone = min(others, counts[n])
            counts[n] -= gone
            others -= gone
        paths += its_towns
        county += [place] * len(its_towns)
        villages += counts
    return _drawn_towns(there, area, g, paths, np.array(county), np.array(villages), seats)


def _described(taken: Register | None) -> dict[str, int]:
    """Count the villages that the study describes, by town and by county."""
    found: dict[str, int] = {}
    for number, path in enumerate(taken.town_paths if taken else ()):
        count = int((taken.town == number).sum()) if taken else 0
        found[path] = count
        county = path.rpartition("/")[0]
        found[county] = found.get(county, 0) + count
    return found


def _drawn_towns(  # noqa: PLR0913 - what is known of towns comes column by column
    there: _Counties,
    area: Area,
    g: Mapping[str, float],
    paths: list[str],
    county: Rows,
    villages: Rows,
    seats: list[Floats | None],
) -> _Towns:
    u = _uniforms(area.seed, paths, 1)
    radius = there.radius_km[county]
    position = there.position[county] + _within(radius, u[:, :2])
    for place, seat in enumerate(seats):
        if seat is not None:
            position[place] = seat
    its_towns = np.bincount(county)[county]
    fours = -(-len(good_names()) // 4)
    luck = _lognormal(
        _uniforms(area.seed, paths, fours, _TRADES_FROM)[:, : len(good_names())],
        g["trade_sigma_town"],
    )
    weight = np.bincount(county, villages)
    for good in range(luck.shape[1]):
        mean = np.bincount(county, luck[:, good] * villages) / np.maximum(weight, 1)
        luck[:, good] /= np.where(mean > 0.0, mean, 1.0)[county]
    trade = _trade_shares(there.strength, g)[county] * luck
    return _Towns(paths, county, villages, position, radius / np.sqrt(its_towns), trade, u[:, 2])


def _trade_shares(strength: NDArray[np.int8], g: Mapping[str, float]) -> Floats:
    """Return the share of a county's villages that make each good, (counties, goods)."""
    by_strength = [0.0, *(g[f"trade_share_strength_{step}"] for step in range(1, _STRENGTHS))]
    shares = np.array(by_strength)[strength]
    durable = ~goods().perishable
    unknown = ~(strength > 0).any(axis=1)
    shares[unknown] = np.where(durable, g["trade_share_elsewhere"] / durable.sum(), 0.0)
    return shares


def _products(trade: Floats, u: Floats) -> NDArray[np.int8]:
    """Draw the good that each village makes; NO_GOOD for most."""
    reached = np.cumsum(trade, axis=1)
    # Where a town's luck would make every village a maker of several goods, each makes one.
    reached /= np.maximum(reached[:, -1:], 1.0)
    makes = u < reached[:, -1]
    product = (u[:, None] >= reached).sum(axis=1)
    return np.where(makes, product, NO_GOOD).astype(np.int8)


def _makers(households: Rows, u: Floats, g: Mapping[str, float]) -> Rows:
    share = np.minimum(g["maker_share"] * _lognormal(u, g["maker_sigma"]), g["maker_share_most"])
    return np.maximum(1, np.rint(share * households)).astype(np.int64)


def _growers(  # noqa: PLR0913 - all that the choice depends on
    there: _Counties,
    county: Rows,
    households: Rows,
    product: NDArray[np.int8],
    u: Floats,
    taken: Register | None,
    g: Mapping[str, float],
) -> tuple[NDArray[np.int8], Rows]:
    """Give a county's orchards to villages without a trade, those with the lowest draws first."""
    crop = np.full(county.size, NO_GOOD, np.int8)
    growers = np.zeros(county.size, np.int64)
    table = places.crops()
    for *names, fruit, mu in zip(
        table.province,
        table.prefecture,
        table.county,
        table.crop,
        table.orchard_mu.tolist(),
        strict=True,
    ):
        path, good = "/".join(names), good_names().index(fruit)
        if path not in there.path or _grows(taken, path, good):
            continue
        free = (county == there.path.index(path)) & (product == NO_GOOD) & (crop == NO_GOOD)
        rows = np.flatnonzero(free)[np.argsort(u[free], kind="stable")]
        share = np.maximum(1, np.rint(g["grower_share"] * households[rows])).astype(np.int64)
        enough = np.cumsum(share) * g["orchard_mu_mean"] <= mu
        crop[rows[enough]] = good
        growers[rows[enough]] = share[enough]
    return crop, growers


def _grows(taken: Register | None, county: str, good: int) -> bool:
    if taken is None or county not in taken.county_paths:
        return False
    there = taken.county == taken.county_paths.index(county)
    return bool((taken.crop[there] == good).any())


def _outside_goods(
    there: _Counties, county: Rows, product: NDArray[np.int8], u: Floats, g: Mapping[str, float]
) -> NDArray[np.int8]:
    """Draw what operators of each village source from elsewhere, (villages, OUTSIDE_GOODS).

    First a trade of the county, by its strength, where one is known; then any good, by the size of
    its market and how near it is made. A village's own product is not among them.
    """
    everything = goods()
    market = everything.outside_shops * everything.typical_sales_yuan_per_year
    near = np.exp(-there.source_km / g["sourcing_km"])
    by_nearness = np.where(everything.perishable, 0.0, market * near)
    by_trade = there.strength.astype(np.float64) ** 2
    unknown = ~by_trade.any(axis=1)
    by_trade[unknown] = by_nearness[unknown]
    others = _without(by_nearness[county], product)
    first = _chosen(_without(by_trade[county], product), others, u[:, 0])
    return np.column_stack([first, _chosen(_without(others, first), others, u[:, 1])])


def _without(weight: Floats, good: NDArray[np.int8]) -> Floats:
    """Return weights of goods, (villages, goods), with none for one good of each village."""
    left = np.array(weight)
    rows = np.flatnonzero(good != NO_GOOD)
    left[rows, good[rows]] = 0.0
    return left


def _chosen(weight: Floats, otherwise: Floats, u: Floats) -> NDArray[np.int8]:
    """Draw a good for each village by weight, or by other weights where it has none."""
    weight = np.where(weight.any(axis=1)[:, None], weight, otherwise)
    reached = np.cumsum(weight, axis=1)
    return (u[:, None] * reached[:, -1:] >= reached).sum(axis=1).astype(np.int8)


def _traditions(
    there: _Counties, towns: _Towns, town: Rows, u: Floats, g: Mapping[str, float]
) -> Floats:
    """Add up what a county, a town and a village have of a tradition of trade."""
    of_county = g["tradition_mean"] + g["tradition_sd_county"] * _normal(there.luck)
    of_county += g["tradition_of_trade"] * there.strength.max(axis=1)
    of_county += g["tradition_of_income"] * np.log(there.income)
    of_town = of_county[towns.county] + g["tradition_sd_town"] * _normal(towns.luck)
    return of_town[town] + g["tradition_sd_village"] * _normal(u)


def _broadband_years(income: Floats, u: Floats, g: Mapping[str, float]) -> NDArray[np.int16]:
    years = g["broadband_first_year"] - g["broadband_years_per_log_income"] * np.log(income)
    years += g["broadband_sd_years"] * _normal(u)
    return np.clip(np.rint(years), *_BROADBAND_YEARS).astype(np.int16)


def _within(radius: Floats, u: Floats) -> Floats:
    """Return a place in a disc by two uniform numbers, (places, 2)."""
    far = radius * np.sqrt(u[:, 0])
    angle = 2.0 * np.pi * u[:, 1]
    return np.column_stack([far * np.cos(angle), far * np.sin(angle)])


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
