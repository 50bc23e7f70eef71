"""The counties of a region: what is known of them, what is drawn, and which are there."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.world import places
from sim.world.area import Area, kept, part_count
from sim.world.parameters import geography, good_names
from sim.world.place_draws import Floats, lognormal, normal, uniforms
from sim.world.places import position_km
from sim.world.register import Register

_KNOWN: Final = 2
"""Strength from which on a county's trade supplies others."""

Rows = NDArray[np.int64]


class Counties(NamedTuple):
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
    tradition: Floats
    """What the county adds to the tradition of trade of its villages [log-odds]."""


class _Traits(NamedTuple):
    """What counties are like but for where they lie, (counties,): all the country's."""

    province: Rows
    villages: Rows
    households: Floats
    strength: NDArray[np.int8]
    income: Floats
    tradition: Floats


def counties_of(area: Area, g: Mapping[str, float], taken: Register | None) -> Counties:
    """Return the counties of an area, and those of villages that the study describes itself.

    Parameters
    ----------
    area : Area
        What to fill.
    g : mapping
        Parameters of geography.
    taken : Register, optional
        Villages that the study describes itself.
    """
    table = places.counties()
    paths = [
        "/".join(place)
        for place in zip(table.province, table.prefecture, table.county, strict=True)
    ]
    asked = np.array([_is_within(path, area.within) for path in paths])
    if area.county_share < 1.0:
        # By the usual geography, so that a change of it is seen in the same counties.
        usual = _traits(paths, area.seed, geography())
        odds = usual.villages * np.exp(usual.tradition)
        asked[asked] = thinned(odds[asked], area)
    if taken is not None:
        asked |= np.isin(paths, taken.county_paths)
    chosen = np.flatnonzero(asked)
    seats = position_km(table.longitude, table.latitude)
    traits = _traits(paths, area.seed, g)
    return Counties(
        [paths[place] for place in chosen],
        traits.province[chosen],
        traits.villages[chosen],
        traits.households[chosen],
        traits.strength[chosen],
        _source_distances_km(seats, traits.strength, chosen),
        traits.income[chosen],
        seats[chosen],
        _county_radii_km(seats, chosen, g["county_radius_share"]),
        traits.tradition[chosen],
    )


def thinned(odds: Floats, area: Area) -> NDArray[np.bool_]:
    """Choose the counties of a thinned area, (counties,).

    Parameters
    ----------
    odds : array (counties,)
        For each county within the area, in the order of their paths, its villages' odds of
        opening shops by their tradition of trade, summed up.
    area : Area
        Its share, and its part or its seed.
    """
    if area.part is None:
        # A number of the root of all paths: the whole country.
        start = float(uniforms(area.seed, [""], 1)[0, 1])
    else:
        start = (area.part + 0.5) / (part_count(area.county_share) or 1)
    return kept(odds, area.county_share, start)


def _traits(paths: Sequence[str], seed: int, g: Mapping[str, float]) -> _Traits:
    table, of_province = places.counties(), places.provinces()
    number = {name: place for place, name in enumerate(of_province.name)}
    province = np.array([number[name] for name in table.province], np.int64)
    weight = np.where(np.array(table.kind) == "district", g["district_village_share"], 1.0)
    share = weight / np.bincount(province, weight)[province]
    villages = np.maximum(1, np.rint(of_province.villages[province] * share)).astype(np.int64)
    households = (of_province.rural_households / of_province.villages)[province]
    row = {path: place for place, path in enumerate(paths)}
    _put_known_sizes(row, villages, households)
    u = uniforms(seed, paths, 1)
    strength = _strengths(row)
    trade = g["income_of_trade"] * (strength.max(axis=1) - 1.0)
    income = of_province.income_index[province] * np.exp(trade)
    income *= lognormal(u[:, 0], g["income_sigma_county"])
    tradition = g["tradition_mean"] + g["tradition_sd_county"] * normal(u[:, 2])
    tradition += g["tradition_of_trade"] * strength.max(axis=1)
    tradition += g["tradition_of_income"] * np.log(income)
    return _Traits(province, villages, households, strength, income, tradition)


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


def _source_distances_km(seats: Floats, strength: NDArray[np.int8], chosen: Rows) -> Floats:
    """Return the distance of counties to the next that is known for each good [km]."""
    far = np.full((chosen.size, strength.shape[1]), np.inf)
    for good in range(strength.shape[1]):
        for source in np.flatnonzero(strength[:, good] >= _KNOWN):
            km = np.hypot(*(seats[chosen] - seats[source]).T)
            np.minimum(far[:, good], km, out=far[:, good])
    return far


def _is_within(path: str, within: Sequence[str]) -> bool:
    return not within or any(path == place or path.startswith(f"{place}/") for place in within)


def _county_radii_km(seats: Floats, chosen: Rows, share: float) -> Floats:
    nearest = np.empty(chosen.size)
    for row, place in enumerate(chosen.tolist()):
        far = np.hypot(*(seats - seats[place]).T)
        far[place] = np.inf
        nearest[row] = far.min()
    return np.clip(share * nearest, 4.0, 80.0)
