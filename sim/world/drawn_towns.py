"""The towns of a region: those that are known by name, and else as many as there must be."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from sim.world import places
from sim.world.area import Area
from sim.world.drawn_counties import Counties, Rows
from sim.world.drawn_trades import trade_shares
from sim.world.parameters import good_names
from sim.world.place_draws import Floats, lognormal, uniforms
from sim.world.places import position_km
from sim.world.register import Register

_TRADES_FROM: Final = 8
"""The first draw of a town that is for a trade; earlier ones are for the town itself."""


class Towns(NamedTuple):
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


def towns_of(there: Counties, area: Area, g: Mapping[str, float], taken: Register | None) -> Towns:
    """Return the towns of counties, with the villages that are to be drawn in each.

    Parameters
    ----------
    there : Counties
        The counties.
    area : Area
        What to fill.
    g : mapping
        Parameters of geography.
    taken : Register, optional
        Villages that the study describes itself: each stands for one of its town or county.
    """
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
    there: Counties,
    area: Area,
    g: Mapping[str, float],
    paths: list[str],
    county: Rows,
    villages: Rows,
    seats: list[Floats | None],
) -> Towns:
    u = uniforms(area.seed, paths, 1)
    radius = there.radius_km[county]
    position = there.position[county] + place_in_disc(radius, u[:, :2])
    for place, seat in enumerate(seats):
        if seat is not None:
            position[place] = seat
    its_towns = np.bincount(county)[county]
    fours = -(-len(good_names()) // 4)
    luck = lognormal(
        uniforms(area.seed, paths, fours, _TRADES_FROM)[:, : len(good_names())],
        g["trade_sigma_town"],
    )
    weight = np.bincount(county, villages)
    for good in range(luck.shape[1]):
        mean = np.bincount(county, luck[:, good] * villages) / np.maximum(weight, 1)
        luck[:, good] /= np.where(mean > 0.0, mean, 1.0)[county]
    trade = trade_shares(there.strength, g)[county] * luck
    return Towns(paths, county, villages, position, radius / np.sqrt(its_towns), trade, u[:, 2])


def place_in_disc(radius: Floats, u: Floats) -> Floats:
    """Return a place in a disc by two uniform numbers, (places, 2)."""
    far = radius * np.sqrt(u[:, 0])
    angle = 2.0 * np.pi * u[:, 1]
    return np.column_stack([far * np.cos(angle), far * np.sin(angle)])
