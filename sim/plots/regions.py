"""The figures that only regions have: a map, lists, concentration, sizes of listed villages."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.plots.concentration import concentration_figure
from sim.plots.listed_sizes import listed_sizes_figure
from sim.plots.listed_villages import listed_villages_figure
from sim.plots.published import Published
from sim.plots.style import RunName
from sim.plots.village_map import lines_of, village_map_figure
from sim.scenario import Scenario
from sim.world import places
from sim.world.places import position_km
from sim.world.register import Register

REGION_FROM_VILLAGES: Final = 31
"""So many villages, in more than one town, are a region, which has figures of its own."""


def is_region(regions: pl.DataFrame) -> bool:
    """Whether a run has enough villages and towns for figures of a region."""
    last = regions.filter(pl.col("year") == pl.col("year").max())
    towns = last.filter(pl.col("level") == "town")
    return len(towns) > 1 and towns["villages"].sum() >= REGION_FROM_VILLAGES


def regional_figures(
    tables: Mapping[str, pl.DataFrame], scenario: Scenario, register: Register, run: RunName
) -> dict[str, Figure]:
    """Return the figures of a region by name.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        The tables of the run, of which ``regions`` and ``lists`` are needed.
    scenario : Scenario
        What was run.
    register : Register
        Its villages.
    run : RunName
        Which run is shown.

    Returns
    -------
    dict of str to Figure
        ``village_map``, ``listed_villages``, ``concentration`` and ``listed_sizes``.
    """
    regions, lists = tables["regions"], tables["lists"]
    published = Published.of(scenario)
    is_drawn = scenario.region is not None and scenario.region.file is None
    return {
        "village_map": village_map_figure(lists, register, run, _outlines(scenario), is_drawn),
        "listed_villages": listed_villages_figure(regions, run, published, scenario.observer.rule),
        "concentration": concentration_figure(regions, run, published),
        "listed_sizes": listed_sizes_figure(lists, run),
    }


def _outlines(scenario: Scenario) -> list[NDArray[np.float64]]:
    """Return the outlines of provinces as lines on the map [km]; none where places are made up."""
    if scenario.region is None:
        return []
    rings = lines_of(places.outlines(), scenario.region.within)
    return [position_km(ring[:, 0], ring[:, 1]) for ring in rings]
