"""Where villages lie that a study describes without saying so: somewhere in their town.

A place depends on the village's path and the seed of the map alone, as those of drawn villages do.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sim.world.area import Area
from sim.world.drawn_counties import counties_of
from sim.world.drawn_towns import place_in_disc, towns_of
from sim.world.place_draws import uniforms
from sim.world.register import Register


def placed(described: Register, seed: int, g: Mapping[str, float]) -> Register:
    """Return the same villages, those without a position put somewhere in their town.

    A town that is not on the map lies somewhere in its county. Villages of a county that is not
    on the map stay without a position.

    Parameters
    ----------
    described : Register
        The villages.
    seed : int
        Seed of the map.
    g : mapping
        Parameters of geography (sim/data/geography.toml).
    """
    missing = np.flatnonzero(np.isnan(described.position_km).any(axis=1))
    area = Area(described.county_paths, 1.0, seed)
    there = counties_of(area, g, None) if missing.size else None
    if there is None or not there.path:
        return described
    towns = towns_of(there, area, g, None)
    county_of = {path: place for place, path in enumerate(there.path)}
    town_of = {path: place for place, path in enumerate(towns.path)}
    paths = list(described.paths())
    position = described.position_km.copy()
    for row in missing.tolist():
        town_path = described.town_paths[described.town[row]]
        county = county_of.get(town_path.rpartition("/")[0])
        if county is None:
            continue
        if town_path in town_of:
            town = town_of[town_path]
            middle, radius = towns.position[town], towns.radius_km[town : town + 1]
        else:
            wide = there.radius_km[county : county + 1]
            middle = there.position[county]
            middle = middle + place_in_disc(wide, uniforms(seed, [town_path], 1)[:, :2])[0]
            radius = wide / np.sqrt(np.count_nonzero(towns.county == county))
        u = uniforms(seed, [paths[row]], 3)[:, 6:8]
        position[row] = middle + place_in_disc(radius, u)[0]
    return replace(described, position_km=position)
