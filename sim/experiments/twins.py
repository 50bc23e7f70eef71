"""Households and their twins: the same household with the same luck in another world.

A household is the same in two worlds if its village, its kind and its number are. Only local
households are compared, for they are there in both worlds; what an incomer would earn elsewhere
nobody knows.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.setup import lay_out_villages
from sim.experiments.parting import before_yuan, household_keys
from sim.experiments.run import RunResult
from sim.results.incomes import of_year
from sim.results.record import Columns, RunRecord
from sim.results.schema import KINDS
from sim.results.tables import income_yuan
from sim.world.columns import INCOMER
from sim.world.network import (
    ACQUAINTANCES,
    NEIGHBOURS,
    NO_PEER,
    PEERS,
    acquaintance_draws,
    acquaintance_offset,
    neighbour_offset,
)

NOT_REACHED: Final = -1
"""Distance of a household to which no word of the pioneer comes, or where there is none."""

Numbers = NDArray[np.int64]


def twins_of(base: RunResult, variant: RunResult) -> dict[str, NDArray[Any]]:
    """Join the local households of two worlds in their last complete year.

    Parameters
    ----------
    base, variant : RunResult
        Runs of two worlds with the same seed and the same dates, with their households.

    Returns
    -------
    dict of str to array (households,)
        ``village`` (number in the base), ``kind``, ``number``, ``members``, ``schooling_years``,
        ``distance_to_pioneer`` (in the base), ``before_yuan`` (what they had before the worlds
        part; see `sim.experiments.parting`), ``base_income_yuan`` and ``variant_income_yuan`` of
        the year. Households without a twin are left out; no rows if no year is complete.
    """
    ours, theirs = _last_year(base.record), _last_year(variant.record)
    if not ours or not theirs:
        return {}
    numbers = {village.path: v for v, village in enumerate(base.record.villages)}
    place_of = np.array([numbers.get(village.path, -1) for village in variant.record.villages])
    own_keys = household_keys(ours["village"], ours)
    there = place_of[theirs["village"]]
    twin_keys = np.where(there < 0, -1, household_keys(there, theirs))
    _, own, twin = np.intersect1d(own_keys, twin_keys, assume_unique=False, return_indices=True)
    order = np.argsort(own)
    own, twin = own[order], twin[order]
    kept = ("village", "kind", "number", "members", "schooling_years")
    return {
        **{name: ours[name][own] for name in kept},
        "distance_to_pioneer": distances_of(base.record, ours)[own],
        "before_yuan": before_yuan(base.record, variant.record.scenario, ours)[own],
        "base_income_yuan": income_yuan(ours)[own],
        "variant_income_yuan": income_yuan(theirs)[twin],
    }


def distances_of(record: RunRecord, households: Columns) -> Numbers:
    """Return how far each household is from the pioneer of its village.

    Parameters
    ----------
    record : RunRecord
        The run.
    households : mapping
        Local households of one year.

    Returns
    -------
    array (households,)
        0 for a pioneer, 1 for those who observe it, 2 for those who observe one of them, and so on;
        `NOT_REACHED` where there is none. A pioneer is the owner of the first shop that was still
        open at the end of its year; shops opened on one day make several pioneers.
    """
    table: Any = lay_out_villages(record.villages)
    distances = np.full(households["village"].size, NOT_REACHED, np.int64)
    for village, pioneers in pioneers_of(record.tables.get("shop_years") or {}).items():
        counts = table["kind_count"][village]
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        observed = observed_households(record.seed, int(table["key"][village]), counts)
        far = steps_from(observed, [int(starts[kind]) + number for kind, number in pioneers])
        rows = households["village"] == village
        distances[rows] = far[starts[households["kind"][rows]] + households["number"][rows]]
    return distances


def pioneers_of(shops: Columns) -> dict[int, list[tuple[int, int]]]:
    """Return kind and number of the owners of the first shops, by village.

    Parameters
    ----------
    shops : mapping
        Rows of ``shop_years``.
    """
    found: dict[int, list[tuple[int, int]]] = {}
    for village in np.unique(shops["village"]).tolist() if shops else []:
        rows = shops["village"] == village
        opened = np.where(rows, shops["opened_day"], np.inf)
        first = np.flatnonzero(opened == opened.min())
        owners = zip(shops["owner_kind"][first], shops["owner_number"][first], strict=True)
        found[village] = sorted({(int(kind), int(number)) for kind, number in owners})
    return found


def observed_households(seed: int, village_key: int, kind_count: NDArray[Any]) -> Numbers:
    """Return whom the local households of a village observe (households, `PEERS`).

    Rows and values are places in the village, -1 for none. Rooms for incomers have rows, but
    observe nobody.
    """
    counts = np.ascontiguousarray(kind_count)
    observed = np.full((int(counts.sum()), PEERS), NO_PEER, np.int64)
    row = 0
    for kind in range(INCOMER):
        for number in range(int(counts[kind])):
            for slot in range(NEIGHBOURS):
                observed[row, slot] = neighbour_offset(slot, kind, number, counts)
            for place in range(ACQUAINTANCES):
                u = acquaintance_draws(seed, village_key, kind, number, place)
                met = acquaintance_offset(u, row, counts)
                observed[row, NEIGHBOURS + place] = met
            row += 1
    return observed


def steps_from(observed: Numbers, sources: list[int]) -> Numbers:
    """Return over how many households word of the sources comes to each.

    Parameters
    ----------
    observed : array (households, peers)
        Whom each observes; -1 for nobody.
    sources : list of int
        Places of those of whom word goes.

    Returns
    -------
    array (households,)
        0 for a source; `NOT_REACHED` where word never comes.
    """
    steps = np.full(observed.shape[0] + 1, NOT_REACHED, np.int64)  # the last row stands for nobody
    steps[sources] = 0
    reached, far = np.array(sources), 0
    while reached.size:
        hears = (steps[observed] == far).any(axis=1) & (steps[:-1] == NOT_REACHED)
        far += 1
        reached = np.flatnonzero(hears)
        steps[reached] = far
    return steps[:-1]


def _last_year(record: RunRecord) -> Columns:
    """Return the local households of the last year that was recorded."""
    households: Mapping[str, NDArray[Any]] = record.tables.get("household_years") or {}
    if not households:
        return {}
    of_last = of_year(households, int(households["year"].max()))
    local = of_last["kind"] != KINDS.index("incomer")
    return {name: values[local] for name, values in of_last.items()}
