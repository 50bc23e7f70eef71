"""Who gains and who loses: households against their twins, group by group.

Groups are formed by kind, schooling, distance to the pioneer of the base world, and income before
the worlds part (see `sim.experiments.parting`): nothing that a policy has done decides in which
group a household is.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.experiments.intervals import CONFIDENCE, mean_interval
from sim.experiments.replicates import Replicate
from sim.experiments.twins import NOT_REACHED
from sim.results.incomes import FIFTHS
from sim.results.schema import KINDS
from sim.words import phrase

NOTICED_SHARE: Final = 0.01
"""A household gains or loses if its income differs by more than this share of the mean income."""
FARTHEST: Final = 5
"""Households so many steps from the pioneer, or more, are one group."""

SCHOOLING: Final = {
    0: "none",
    6: "primary school",
    9: "junior middle school",
    12: "senior middle school",
    15: "college",
}
"""Groups by years of schooling of the head."""
BEFORE: Final = "income before"
"""Groups by what households had per head before the worlds part."""
GROUPINGS: Final = ("all", "kind", "schooling", "distance to the pioneer", BEFORE)

Twins = Mapping[str, NDArray[Any]]


def households_table(
    replicates: Sequence[Replicate], variants: Sequence[str], villages: Sequence[str]
) -> pl.DataFrame:
    """Return every household beside its twin, replicate by replicate.

    Parameters
    ----------
    replicates : sequence of Replicate
        The runs.
    variants : sequence of str
        Names of the variants.
    villages : sequence of str
        Names of the base's villages, by their numbers.

    Returns
    -------
    polars.DataFrame
        ``variant``, ``replicate``, ``village_number``, ``village``, ``kind``, ``number``,
        ``members``, ``schooling_years``, ``distance_to_pioneer``, ``before_yuan`` (what it had
        before the worlds part), ``base_income_yuan`` and ``variant_income_yuan`` of the last
        complete year. No rows where households were not kept.
    """
    frames = [
        _frame(variant, replicate.number, twins)
        for place, variant in enumerate(variants)
        for replicate in replicates
        for twins in [replicate.twins[place]]
        if twins
    ]
    if not frames:
        return pl.DataFrame(schema=_HOUSEHOLDS)
    names = pl.DataFrame(
        {"village_number": range(len(villages)), "village": villages},
        schema_overrides={"village_number": pl.Int32},
    )
    return pl.concat(frames).join(names, on="village_number", how="left").select(*_HOUSEHOLDS)


_HOUSEHOLDS: Final[Mapping[str, Any]] = {
    "variant": pl.String,
    "replicate": pl.Int32,
    "village_number": pl.Int32,
    "village": pl.String,
    "kind": pl.String,
    "number": pl.Int32,
    "members": pl.Int8,
    "schooling_years": pl.Int8,
    "distance_to_pioneer": pl.Int32,
    "before_yuan": pl.Float64,
    "base_income_yuan": pl.Float64,
    "variant_income_yuan": pl.Float64,
}


def _frame(variant: str, replicate: int, twins: Twins) -> pl.DataFrame:
    columns = {name: twins[name] for name in twins if name not in ("village", "kind")}
    return pl.DataFrame(
        {
            **columns,
            "variant": variant,
            "replicate": replicate,
            "village_number": twins["village"],
            "kind": np.array(KINDS)[twins["kind"]],
        },
    ).cast({name: kind for name, kind in _HOUSEHOLDS.items() if name != "village"})


def gains_of(households: pl.DataFrame, confidence: float = CONFIDENCE) -> pl.DataFrame:
    """Return who gains and who loses, group by group.

    Parameters
    ----------
    households : polars.DataFrame
        As from `households_table`.
    confidence : float
        Share of intervals that cover what is true (0-1).

    Returns
    -------
    polars.DataFrame
        A row for each variant, ``grouping`` and ``group``: how many ``households`` it has in a
        replicate, their ``base_income_yuan``, the mean ``difference_yuan`` with ``low`` and
        ``high`` over the replicates, and the shares that gain and that lose.
    """
    if households.is_empty():
        return pl.DataFrame(schema=_GAINS)
    change = pl.col("variant_income_yuan") - pl.col("base_income_yuan")
    noticed = NOTICED_SHARE * pl.col("base_income_yuan").mean().over("variant", "replicate").abs()
    told = households.with_columns(
        change.alias("change"),
        (change > noticed).alias("gains"),
        (change < -noticed).alias("loses"),
        *(make().alias(grouping) for grouping, make in _MAKERS.items()),
    )
    rows = [
        row
        for grouping in GROUPINGS
        for row in _rows(told.filter(pl.col(grouping).is_not_null()), grouping, confidence)
    ]
    return pl.DataFrame(rows, schema=_GAINS)


_GAINS: Final[Mapping[str, Any]] = {
    "variant": pl.String,
    "grouping": pl.String,
    "group": pl.String,
    "households": pl.Float64,
    "base_income_yuan": pl.Float64,
    "difference_yuan": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "gaining_share": pl.Float64,
    "losing_share": pl.Float64,
    "replicates": pl.Int64,
}


def _rows(told: pl.DataFrame, grouping: str, confidence: float) -> list[dict[str, Any]]:
    """Return the groups of one grouping: means in each replicate, then over them."""
    by_replicate = told.group_by("variant", grouping, "replicate").agg(
        pl.len().alias("households"),
        pl.col("base_income_yuan", "change", "gains", "loses").mean(),
    )
    order = {name: place for place, name in enumerate(GROUPS[grouping])}
    variants = {
        name: place for place, name in enumerate(told["variant"].unique(maintain_order=True))
    }
    rows = []
    for (variant, group), part in by_replicate.sort("replicate").group_by(
        "variant", grouping, maintain_order=True
    ):
        found = mean_interval(part["change"].to_numpy(), confidence)
        means = {
            name: part[name].to_numpy().mean()
            for name in ("households", "base_income_yuan", "gains", "loses")
        }
        rows.append(
            {
                "variant": variant,
                "grouping": grouping,
                "group": group,
                "households": means["households"],
                "base_income_yuan": means["base_income_yuan"],
                "difference_yuan": found.mean,
                "low": found.low,
                "high": found.high,
                "gaining_share": means["gains"],
                "losing_share": means["loses"],
                "replicates": part.height,
            }
        )
    return sorted(rows, key=lambda row: (variants[row["variant"]], order[row["group"]]))


def _fifth() -> pl.Expr:
    """Return the fifth of the households by what they had per head before the worlds part."""
    per_head = pl.col("before_yuan") / pl.col("members")
    rank = per_head.rank("ordinal").over("variant", "replicate") - 1
    place = rank * len(FIFTHS) // pl.len().over("variant", "replicate")
    return _named(place, dict(enumerate(FIFTHS)))


def _distance() -> pl.Expr:
    steps = pl.col("distance_to_pioneer")
    named = _named(steps, {far: _steps(far) for far in range(FARTHEST)})
    return pl.when(steps >= FARTHEST).then(pl.lit(_steps(FARTHEST))).otherwise(named)


def _steps(far: int) -> str:
    if far == 0:
        return "pioneer"
    more = " or more" if far == FARTHEST else ""
    return f"{far} step{'' if far == 1 else 's'}{more}"


def _named(numbers: pl.Expr, names: Mapping[int, str]) -> pl.Expr:
    return numbers.cast(pl.Int64).replace_strict(
        list(names), list(names.values()), default=None, return_dtype=pl.String
    )


_MAKERS: Final[Mapping[str, Callable[[], pl.Expr]]] = {
    "all": lambda: pl.lit("all"),
    "schooling": lambda: _named(pl.col("schooling_years"), SCHOOLING),
    "distance to the pioneer": lambda: (
        pl.when(pl.col("distance_to_pioneer") == NOT_REACHED)
        .then(pl.lit("not linked to it"))
        .otherwise(_distance())
    ),
    BEFORE: _fifth,
}
GROUPS: Final[Mapping[str, Sequence[str]]] = {
    "all": ("all",),
    "kind": KINDS,
    "schooling": tuple(SCHOOLING.values()),
    "distance to the pioneer": (*map(_steps, range(FARTHEST + 1)), "not linked to it"),
    BEFORE: FIFTHS,
}
"""The groups of each grouping, in their order."""


NOTICED: Final = phrase("gains and losses of at most {share} % of the mean income are not counted")
"""The sentence of `noticed_text`."""


def noticed_text() -> str:
    """Say when a household is counted as gaining or losing."""
    share = math.floor(100 * NOTICED_SHARE)
    return NOTICED.format(share=share)
