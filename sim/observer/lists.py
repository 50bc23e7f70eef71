"""The yearly lists: which villages are on them, and what was true of them on that day."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class YearlyList(NamedTuple):
    """The list of a year, drawn up on the listing date by the scenario's rule.

    Villages and towns are given by number, in ascending order.
    """

    year: int
    day: int
    """Days since 2000-01-01."""
    villages: NDArray[np.int32]
    """Villages on the list."""
    sales_fen: NDArray[np.int64]
    """Online sales of the trailing days of each of them [fen]."""
    stores: NDArray[np.float64]
    """Active stores of each of them."""
    since_day: NDArray[np.int32]
    """Day of the list since which each of them has been on every list."""
    lost: NDArray[np.int32]
    """Villages that were on the list before and are not on this one."""
    strict: NDArray[np.int32]
    """Villages that satisfy the strict rule on this day, whether listed or not."""
    published: NDArray[np.int32]
    """Villages that satisfy the published rule on this day, whether listed or not."""
    towns: NDArray[np.int32]
    """E-commerce towns by the rule of the year."""
