"""How concentrated listed villages are: what sim/data/places/concentration.csv tells of real lists.

The definitions are those of scripts/count_lists.py, so that the two can be laid side by side.
"""

from typing import Any, Final

from sim.observer import CLUSTER_SIZES

WHOLE: Final = "all"
"""The place that stands for all villages of a scenario."""


def concentration(regions: Any) -> Any:
    """Return how concentrated the listed villages of a run are, year by year.

    Parameters
    ----------
    regions : polars.DataFrame
        The table of that name.

    Returns
    -------
    polars.DataFrame
        ``year``, ``place`` (`WHOLE` or a province), ``measure``, ``value``, ``unit``: as in
        sim/data/places/concentration.csv. Years without a listed village are left out. What tells
        of new villages and of those that are gone is there for years after one with a listed
        village.
    """
    import polars as pl

    places = regions.filter(
        pl.col("level").cast(pl.String).is_in([WHOLE, "province"])
        & pl.col("listed_villages").is_not_null()
    ).with_columns(pl.col("province").cast(pl.String).fill_null(WHOLE).alias("place"))
    places = places.sort("place", "year").with_columns(
        pl.col("listed_villages", "year").shift(1).over("place").name.suffix("_before")
    )
    before = pl.col("listed_villages_before")
    has_before = (pl.col("year_before") == pl.col("year") - 1) & (before > 0)
    parts = [
        places.filter(pl.col("listed_villages") > 0, condition).select(
            "year",
            "place",
            pl.lit(measure).alias("measure"),
            value.cast(pl.Float64).alias("value"),
            pl.lit(unit).alias("unit"),
        )
        for condition, measures in ((pl.lit(True), _standing()), (has_before, _change(before)))
        for measure, value, unit in measures
    ]
    # A share of nothing is not known.
    rows = pl.concat(parts).filter(pl.col("value").is_finite())
    order = [measure for measure, _, _ in (*_standing(), *_change(before))]
    return rows.sort("place", "year", pl.col("measure").cast(pl.Enum(order)))


def _standing() -> list[tuple[str, Any, str]]:
    """How concentrated the villages of one list are."""
    import polars as pl

    listed = pl.col("listed_villages")
    measures = [
        ("villages", listed, "villages"),
        ("counties_with_any", pl.col("counties_with_any"), "counties"),
        ("counties_with_one", pl.col("counties_with_one"), "counties"),
    ]
    for size in CLUSTER_SIZES:
        counties = f"counties_with_{size}"
        measures += [
            (counties, pl.col(counties), "counties"),
            (f"share_in_{counties}", pl.col(f"villages_in_{counties}") / listed, "1"),
        ]
    return measures


def _change(before: Any) -> list[tuple[str, Any, str]]:
    """Where the new villages are, and how many old ones are gone."""
    import polars as pl

    new, gone = pl.col("new_villages"), pl.col("lost_villages")
    return [
        ("new_villages", new, "villages"),
        ("share_of_new_in_county_with_any", pl.col("new_in_county_with_any") / new, "1"),
        ("share_of_new_in_town_with_any", pl.col("new_in_town_with_any") / new, "1"),
        ("names_gone", gone, "villages"),
        ("share_of_names_gone", gone / before, "1"),
    ]
