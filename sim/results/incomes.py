"""Who earns what: incomes of households by kind and source, inequality, poverty."""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.results.record import Columns
from sim.results.schema import INCOME_SOURCES, KINDS
from sim.results.tables import income_yuan

FIFTHS: Final = ("poorest", "second", "third", "fourth", "richest")
"""Fifths of all households by their income per head."""


class MeanIncome(NamedTuple):
    """Mean income of a kind of household in a year."""

    kind: str
    households: int
    by_source: dict[str, float]
    """Of each of `INCOME_SOURCES` [yuan/year]."""

    @property
    def income_yuan(self) -> float:
        """Mean income from all sources [yuan/year]."""
        return sum(self.by_source.values())


def of_year(columns: Columns, year: int) -> Columns:
    """Return the rows of a table that belong to a year; no columns if the table has none.

    Where they follow each other, as they do in what is recorded, they are views, not copies.
    """
    if not columns:
        return {}
    rows: Any = np.flatnonzero(columns["year"] == year)
    if rows.size and rows[-1] - rows[0] + 1 == rows.size:
        rows = slice(rows[0], rows[-1] + 1)
    return {name: values[rows] for name, values in columns.items()}


def mean_incomes(households: Columns) -> list[MeanIncome]:
    """Return the mean income of each kind of household that there is.

    Parameters
    ----------
    households : mapping
        Rows of ``household_years`` of one year.
    """
    found = []
    for number, kind in enumerate(KINDS):
        rows = households["kind"] == number
        if rows.any():
            by_source = {name: float(households[name][rows].mean()) for name in INCOME_SOURCES}
            found.append(MeanIncome(kind, int(rows.sum()), by_source))
    return found


def farmers_online_income_share(households: Columns) -> float | None:
    """Return the share of fruit sold online in all income of farming households (0-1)."""
    farmers = households["kind"] == KINDS.index("farmer")
    total = float(income_yuan(households)[farmers].sum())
    return float(households["online_yuan"][farmers].sum()) / total if total > 0.0 else None


def poverty_share(households: Columns, line_yuan_per_year: float) -> float | None:
    """Return the share of households whose income per head is below the line (0-1)."""
    per_head = income_yuan(households) / households["members"]
    return float((per_head < line_yuan_per_year).mean()) if per_head.size else None


def income_fifths(households: Columns) -> tuple[float, ...]:
    """Return the mean income per head of each of `FIFTHS` [yuan/year].

    Households are put in order by their income per head; each fifth has the same number of them,
    but for one more in some where five does not divide it, and its mean counts every member. A
    fifth without a household has nan.
    """
    income = income_yuan(households)
    order = np.argsort(income / households["members"], kind="stable")
    return tuple(
        float(income[rows].sum() / households["members"][rows].sum()) if rows.size else np.nan
        for rows in np.array_split(order, len(FIFTHS))
    )


def income_gini(households: Columns) -> float | None:
    """Return the Gini coefficient of income per head; every member counts."""
    members = households["members"].astype(np.float64)
    return gini(income_yuan(households) / members, members)


def gini(values: NDArray[Any], weights: NDArray[Any]) -> float | None:
    """Return the Gini coefficient of weighted values; None if they do not sum to more than zero.

    Twice the area between the Lorenz curve and the line of equality. Values below zero are
    taken as they are, so that the coefficient may exceed 1.
    """
    order = np.argsort(values, kind="stable")
    share = weights[order]
    earned = np.cumsum(values[order] * share)
    if earned.size == 0 or earned[-1] <= 0.0:
        return None
    before = np.concatenate(([0.0], earned[:-1]))
    return float(1.0 - (share * (earned + before)).sum() / (share.sum() * earned[-1]))
