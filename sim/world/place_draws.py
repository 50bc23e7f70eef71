"""Random numbers of many places at once: uniform ones, and what is made of them."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.compiled import as_int64, entry_kernel
from sim.rules.chance import lognormal_unit_mean, standard_normal
from sim.world.draws import TIMELESS, VILLAGE_ITSELF, Purpose, four_uniforms, village_key
from sim.world.draws import purpose_of as _purpose_of

_PLACE: Final = as_int64(Purpose.PLACE)

Floats = NDArray[np.float64]


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


def uniforms(seed: int, paths: Sequence[str], fours: int, first: int = 0) -> Floats:
    """Return uniform numbers of places, (places, 4 · fours).

    Parameters
    ----------
    seed : int
        Seed of the map.
    paths : sequence of str
        The places.
    fours : int
        How many times four numbers each place gets.
    first : int
        How many times four numbers of each place are left out before.
    """
    keys = np.array([village_key(path) for path in paths], np.int64)
    found = np.empty((keys.size, 4 * fours))
    _fill_uniforms(seed, keys, first, found)
    return found


def normal(u: Floats) -> Floats:
    """Return standard normal numbers by uniform ones, of the same shape."""
    z = np.array(u).reshape(len(u), -1)
    _to_normal(z)
    return z.reshape(u.shape)


def lognormal(u: Floats, sigma: float) -> Floats:
    """Return lognormal factors of mean 1 by uniform numbers, of the same shape."""
    factor = np.array(u).reshape(len(u), -1)
    _to_lognormal(factor, sigma)
    return factor.reshape(u.shape)
