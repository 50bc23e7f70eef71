"""When a village, a town and a county count."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.scenario import ObserverRule

FEN_PER_YUAN: Final = 100
VILLAGES_OF_A_TOWN: Final = 3
LATER_TOWN_RULE_YEAR: Final = 2019
"""Since then a town may also count for its sales and stores (source: tt_rule_sales_2019)."""
TOWN_SALES_YUAN: Final = 30_000_000
TOWN_STORES: Final = 300
CLUSTER_SIZES: Final = (10, 30, 100)
"""Listed villages of a cluster, a large and a super-large one."""
_HOUSEHOLD_SHARE: Final = 0.1
"""Active stores as a share of households that will do by the published rule."""
_DIGITS_OF_STORES: Final = 6
"""Digits after the point that count where a share of households is turned into stores."""


@dataclass(frozen=True)
class Rule:
    """When a village counts: thresholds, and whether they must be passed or only reached.

    Source: AliResearch; the strict form is that of China Daily, 2019-10-23.
    """

    sales_yuan: float = 10_000_000.0
    stores: float = 100.0
    household_share: float | None = None
    """Active stores as a share of households that will do as well."""
    is_strict: bool = True
    trailing_days: int = 365

    @classmethod
    def of(cls, chosen: ObserverRule) -> "Rule":
        """Return the rule that a scenario asks for."""
        published = chosen.rule == "published"
        share = chosen.household_share
        return cls(
            10_000_000.0 if chosen.sales_threshold_yuan is None else chosen.sales_threshold_yuan,
            100.0 if chosen.stores_threshold is None else chosen.stores_threshold,
            (_HOUSEHOLD_SHARE if share is None else share) if published else None,
            not published,
            chosen.trailing_days,
        )

    @property
    def other(self) -> "Rule":
        """The published rule beside a strict one, and the other way round; same thresholds."""
        share = _HOUSEHOLD_SHARE if self.is_strict else None
        return replace(self, household_share=share, is_strict=not self.is_strict)

    def stores_needed(self, households: NDArray[Any]) -> NDArray[np.float64]:
        """Active stores at the threshold, by village."""
        needed = np.full(households.shape, self.stores)
        if self.household_share is not None:
            # 0.07 of 100 households are 7 stores, though not in binary numbers.
            share = np.round(self.household_share * households, _DIGITS_OF_STORES)
            needed = np.minimum(needed, share)
        return needed


def are_towns(
    towns: NDArray[Any],
    listed: NDArray[Any],
    sales_yuan: NDArray[np.float64],
    stores: NDArray[np.float64],
    year: int,
    count: int = 0,
) -> NDArray[np.bool_]:
    """Whether each town is an e-commerce town by the rule of a year.

    Since 2019 sales above 30 million yuan together with more than 300 stores will do as well as
    three listed villages.

    Parameters
    ----------
    towns, listed, sales_yuan, stores : array (villages,)
        Number of the town, whether the village is listed, sales of the trailing days, active
        stores.
    year : int
        Year of the list.
    count : int
        Number of towns, if the last ones may have no village.

    Returns
    -------
    array (towns,)
    """
    found = np.bincount(towns, listed, count) >= VILLAGES_OF_A_TOWN
    if year >= LATER_TOWN_RULE_YEAR:
        sales, active = np.bincount(towns, sales_yuan, count), np.bincount(towns, stores, count)
        found |= (sales > TOWN_SALES_YUAN) & (active > TOWN_STORES)
    return np.asarray(found, np.bool_)


def cluster_ranks(listed_villages: NDArray[Any]) -> NDArray[np.int64]:
    """Return by county how many of `CLUSTER_SIZES` its number of listed villages reaches."""
    return np.searchsorted(CLUSTER_SIZES, listed_villages, side="right")
