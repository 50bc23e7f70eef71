"""Thinning: every county has its chance, and each part has its share of strong ones."""

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.world.area import kept, part_count

SHARES = (0.02, 0.1, 0.25, 0.3, 0.4, 0.7, 1.0)


def odds_of(count: int) -> NDArray[np.float64]:
    """Odds as uneven as those of counties, in no order."""
    return np.exp(2.5 * np.sin(np.arange(count) ** 2.0))


def parts(odds: NDArray[np.float64], count: int) -> NDArray[np.bool_]:
    """Which counties each part has, (parts, counties)."""
    return np.array([kept(odds, 1.0 / count, (part + 0.5) / count) for part in range(count)])


@pytest.mark.parametrize(
    ("county_share", "count"), [(1.0, 1), (0.1, 10), (0.02, 50), (1 / 3, 3), (0.3, None)]
)
def test_a_share_of_one_kth_has_k_parts(county_share: float, count: int | None) -> None:
    assert part_count(county_share) == count


@pytest.mark.parametrize("count", [1, 2, 7, 20])
@pytest.mark.parametrize("counties", [0, 1, 13, 90])
def test_every_county_is_in_just_one_part(counties: int, count: int) -> None:
    assert (parts(odds_of(counties), count).sum(axis=0) == 1).all()


@pytest.mark.parametrize("county_share", SHARES)
def test_every_county_has_the_share_as_its_chance(county_share: float) -> None:
    starts = (np.arange(2000) + 0.5) / 2000

    chance = np.mean([kept(odds_of(45), county_share, start) for start in starts], axis=0)

    assert chance == pytest.approx(county_share, abs=0.002)


@pytest.mark.parametrize("count", [2, 7, 20])
def test_every_part_has_as_many_counties_as_any_other_but_for_one(count: int) -> None:
    sizes = parts(odds_of(90), count).sum(axis=1)

    assert sizes.max() - sizes.min() <= 1


def test_every_part_has_its_number_of_the_strongest() -> None:
    odds = odds_of(90)
    strongest = np.argsort(-odds)[:20]

    assert (parts(odds, 10)[:, strongest].sum(axis=1) == 2).all()


def test_the_part_with_the_strongest_county_has_the_weakest_of_the_next_round() -> None:
    odds = np.arange(20.0, 0.0, -1.0)

    assert np.flatnonzero(parts(odds, 5)[0]).tolist() == [0, 9, 10, 19]


def test_of_equal_odds_the_first_comes_first() -> None:
    assert np.flatnonzero(parts(np.ones(6), 3)[1]).tolist() == [1, 4]
