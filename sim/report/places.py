"""The parts of a region in a report: which places sell, and where villages are listed."""

from collections.abc import Iterator
from typing import Final

import polars as pl

from sim.report.page import Row, Table
from sim.report.words import million, whole
from sim.results.concentration import WHOLE
from sim.results.region_fields import PLACES
from sim.words import phrase, t
from sim.world.place_names import place_name

_MOST_PLACES: Final = 31
_TITLES: Final = {
    "province": phrase("Provinces in {year}"),
    "prefecture": phrase("Prefectures in {year}"),
    "county": phrase("Counties in {year}"),
    "town": phrase("Towns in {year}"),
}


def whole_region(regions: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the table of regions that tell of all villages."""
    return regions.filter(pl.col("level") == WHOLE)


def place_tables(regions: pl.DataFrame) -> Iterator[Table]:
    """Give a table of the last year's provinces, prefectures, counties or towns.

    Those of the highest level of which there are several; no table where there are none.
    """
    last = regions.filter(pl.col("year") == pl.col("year").max())
    for level in PLACES:
        places = last.filter(pl.col("level") == level)
        if len(places) > 1:
            yield _table(places, level)
            return


def _table(places: pl.DataFrame, level: str) -> Table:
    by_size = ["listed_villages", "online_sales_yuan", *PLACES]
    falls = [True, True, *[False] * len(PLACES)]
    names = [pl.col(name).cast(pl.String) for name in PLACES]
    ordered = places.with_columns(names).sort(by_size, descending=falls, nulls_last=True)
    rows = [
        Row(
            (
                place_name([str(place[name]) for name in PLACES[: PLACES.index(level) + 1]]),
                whole(place["villages"]),
                whole(place["households"]),
                whole(place["listed_villages"]),
                whole(place["new_villages"]),
                whole(place["lost_villages"]),
                whole(place["active_stores"]),
                million(place["online_sales_yuan"]),
                whole(place["jobs_in_stores"]),
                whole(place["jobs_with_makers_and_carriers"]),
            )
        )
        for place in ordered.head(_MOST_PLACES).to_dicts()
    ]
    left = len(places) - len(rows)
    rows += [Row((t("and {number} more", number=f"{left:,}"),), "group")] if left else []
    heads = (
        t(level), t("villages"), t("households"), t("listed"), t("of them new"),
        t("off the list"), t("active stores"), t("online sales, million yuan"),
        t("jobs in stores"), t("all jobs"),
    )  # fmt: skip
    title = t(_TITLES[level], year=places["year"][0])
    return Table(heads, rows, t("{title} (all jobs: with makers and carriers)", title=title))
