"""What the villages of a region make and grow, and what their operators source from elsewhere."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.world import places
from sim.world.drawn_counties import Counties, Rows
from sim.world.parameters import good_names, goods
from sim.world.place_draws import Floats, lognormal
from sim.world.register import NO_GOOD, Register

_STRENGTHS: Final = 4


def trade_shares(strength: NDArray[np.int8], g: Mapping[str, float]) -> Floats:
    """Return the share of a county's villages that make each good, (counties, goods)."""
    by_strength = [0.0, *(g[f"trade_share_strength_{step}"] for step in range(1, _STRENGTHS))]
    shares = np.array(by_strength)[strength]
    durable = ~goods().perishable
    unknown = ~(strength > 0).any(axis=1)
    shares[unknown] = np.where(durable, g["trade_share_elsewhere"] / durable.sum(), 0.0)
    return shares


def products_of(trade: Floats, u: Floats) -> NDArray[np.int8]:
    """Draw the good that each village makes; NO_GOOD for most."""
    reached = np.cumsum(trade, axis=1)
    # Where a town's luck would make every village a maker of several goods, each makes one.
    reached /= np.maximum(reached[:, -1:], 1.0)
    makes = u < reached[:, -1]
    product = (u[:, None] >= reached).sum(axis=1)
    return np.where(makes, product, NO_GOOD).astype(np.int8)


def makers_of(households: Rows, u: Floats, g: Mapping[str, float]) -> Rows:
    """Draw how many households of each village would make its good."""
    share = np.minimum(g["maker_share"] * lognormal(u, g["maker_sigma"]), g["maker_share_most"])
    return np.maximum(1, np.rint(share * households)).astype(np.int64)


def growers_of(  # noqa: PLR0913 - all that the choice depends on
    there: Counties,
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


def outside_goods_of(
    there: Counties, county: Rows, product: NDArray[np.int8], u: Floats, g: Mapping[str, float]
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
