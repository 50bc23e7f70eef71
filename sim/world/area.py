"""What part of the map to fill, and thinning: a part of its counties that stands for all.

Few counties hold most listed villages, so a coin for each county would give one map twice as many
as another. Counties are dealt out instead, the strongest first, as cards are: each part gets every
so many. Each county still has the same chance to be there, so sums over a part, divided by its
share, are right on average; they only spread less. See docs/geography.md.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_SAME: Final = 1e-9
"""Up to such a difference the inverse of a share counts as whole."""


class Area(NamedTuple):
    """What part of the map to fill.

    Attributes
    ----------
    within : sequence of str
        Paths of provinces, prefectures or counties, such as ``Zhejiang/Ningbo``; none is all of
        rural China.
    county_share : float
        Share of the counties that are there, and chance of each to be (0-1).
    seed : int
        Seed of the map: of the choice of counties and of everything drawn about villages.
    part : int, optional
        Which of the 1/`county_share` parts of the counties is there, from 0; drawn by the seed if
        not given.
    """

    within: Sequence[str]
    county_share: float
    seed: int
    part: int | None = None


def part_count(county_share: float) -> int | None:
    """Return how many parts of a share make up the whole; None if it is not one k-th of it.

    Parameters
    ----------
    county_share : float
        Share of the counties that are there (0-1).
    """
    count = round(1.0 / county_share)
    return count if abs(county_share * count - 1.0) < _SAME else None


def kept(odds: NDArray[np.float64], county_share: float, start: float) -> NDArray[np.bool_]:
    """Choose counties by systematic sampling in the order of their odds, (counties,).

    Every 1/`county_share`-th is chosen. Every second round of so many is dealt backwards, so that
    no part has the best of each. Of equal odds, the first given comes first.

    Parameters
    ----------
    odds : array (counties,)
        How much trade may be expected of each county.
    county_share : float
        Share of the counties that are chosen (0-1): the chance of each, if `start` is uniform.
    start : float
        How far in the first round to begin (0-1).
    """
    every = float(part_count(county_share) or 1.0 / county_share)
    a_round = round(every)
    rank = np.empty(odds.size, np.int64)
    rank[np.argsort(-odds, kind="stable")] = np.arange(odds.size)
    rounds, turn = np.divmod(rank, a_round)
    turn = np.where(rounds % 2 == 1, a_round - 1 - turn, turn)
    place = rounds * a_round + turn
    steps = np.arange(np.ceil((odds.size + a_round) / every))
    return np.isin(place, np.floor((start + steps) * every).astype(np.int64))
