"""What villages hear of each other: shops and profits in their town, nearby towns and county."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.world.register import Register

NEIGHBOURING_TOWNS = 8
"""Most towns that a town hears of as neighbours: the nearest."""
MOST_REACHES = 3.0
"""Towns further away than so many times the reach of hearsay are no neighbours."""


class TownLinks(NamedTuple):
    """Which towns are neighbours, (links,), each pair in both directions."""

    town: NDArray[np.int64]
    neighbour: NDArray[np.int64]
    weight: NDArray[np.float64]
    """Falls with the distance, 1 at none."""


def town_links(register: Register, reach_km: float) -> TownLinks:
    """Return the neighbours of each town, by the mean position of its villages.

    Towns without a position have none. Weights fall exponentially with the distance; neighbours
    may lie in another county.

    Parameters
    ----------
    register : Register
        The villages.
    reach_km : float
        Distance at which hearsay has lost 63 per cent of its weight [km].
    """
    seats = _town_positions_km(register)
    known = np.flatnonzero(~np.isnan(seats[:, 0]))
    order = known[np.argsort(seats[known, 0], kind="stable")]
    east, most = seats[order, 0], MOST_REACHES * reach_km
    first, end = (np.searchsorted(east, east + step) for step in (-most, most))
    towns, neighbours, distances = [], [], []
    for place, town in enumerate(order.tolist()):
        near = order[first[place] : end[place]]
        far = np.hypot(*(seats[near] - seats[town]).T)
        is_near = (far < most) & (near != town)
        near, far = near[is_near], far[is_near]
        nearest = np.lexsort((near, far))[:NEIGHBOURING_TOWNS]
        towns.append(np.full(nearest.size, town))
        neighbours.append(near[nearest])
        distances.append(far[nearest])
    if not towns:
        return TownLinks(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    weight = np.exp(-np.concatenate(distances) / reach_km)
    return TownLinks(np.concatenate(towns), np.concatenate(neighbours), weight)


def _town_positions_km(register: Register) -> NDArray[np.float64]:
    count = len(register.town_paths)
    sums = [np.bincount(register.town, x, minlength=count) for x in register.position_km.T]
    villages = np.bincount(register.town, minlength=count)
    with np.errstate(invalid="ignore"):
        return np.column_stack(sums) / villages[:, None]


def publish_hearsay(
    villages: NDArray[np.void], order: NDArray[np.int64], links: TownLinks, b: Any
) -> None:
    """Publish what each village hears from its town, the towns nearby and its county (ODD 7.16).

    Sums run in the given order (by key), so the order of villages in the table does not matter.
    """
    if villages.size == 1:  # nobody else to hear of
        villages["nearby_weight"] = villages["nearby_profit"] = 0.0
        return
    shops = villages["slot_shops"].sum(axis=1)
    profit = (villages["slot_shops"] * villages["slot_profit"]).sum(axis=1)
    own = np.stack([shops, profit], axis=1)
    town, county = villages["town"], villages["county"]
    by_town, by_county = (_sums(place[order], own[order]) for place in (town, county))
    nearby = np.zeros_like(by_town)
    if links.town.size:
        heard_of = links.weight[:, None] * by_town[links.neighbour]
        nearby[: links.town.max() + 1] = _sums(links.town, heard_of)
    heard = (
        b["hearsay_town"] * (by_town[town] - own)
        + b["hearsay_neighbours"] * nearby[town]
        + b["hearsay_county"] * (by_county[county] - by_town[town])
    )
    count = np.maximum(heard[:, 0], 0.0)
    villages["nearby_weight"] = count / (count + b["hearsay_half_shops"])
    villages["nearby_profit"] = np.divide(
        heard[:, 1], count, out=np.zeros_like(count), where=count > 0.0
    )


def _sums(place: NDArray[Any], values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([np.bincount(place, column) for column in values.T])
