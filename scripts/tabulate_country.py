"""Write docs/validation/country.csv: a run of ``china`` beside the published lists.

    scripts/tabulate_country out/china

Roles: ``fit`` were counts that were looked at when values of sim/data/geography.toml were chosen;
``test`` were not; ``context`` is shown and not judged.
"""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from sim.results import RunFolder, tables_in
from sim.results.concentration import concentration as simulated_concentration
from sim.world.places import concentration as published_concentration
from sim.world.places import listed_counts

TABLE = Path(__file__).resolve().parents[1] / "docs" / "validation" / "country.csv"
HEADS = ("place", "measure", "year", "simulated", "published", "role")
LAST_YEAR_OF_FIT = 2016
LATER_LISTS = {
    "China": {2017: 2118, 2018: 3202, 2019: 4310},  # cn_villages_2017 …
    "Zhejiang": {2017: 779, 2018: 1172, 2019: 1573},  # zj_villages_2017 …
}
PROVINCES = ("Zhejiang", "Guangdong", "Jiangsu", "Fujian", "Shandong", "Hebei", "Henan", "Anhui")
TOWNS = {2014: 19, 2015: 71, 2016: 135, 2017: 242}  # cn_towns_2014 …
STORES_OF_LISTED = {2014: 70_000, 2015: 200_000, 2016: 300_000}
SALES_OF_LISTED_YUAN = {2017: 120e9}
RURAL_SHOPS_2012 = 595_700
CIXI_2019 = {"active_stores": 14_500, "jobs_with_makers_and_carriers": 149_000}
MEASURES = (
    "counties_with_any",
    "counties_with_one",
    "counties_with_10",
    "share_in_counties_with_10",
    "share_of_new_in_county_with_any",
    "share_of_new_in_town_with_any",
    "share_of_names_gone",
)

Row = tuple[str, str, int, float, float | str, str]


def published_lists() -> dict[tuple[str, str, int], int]:
    """Return listed villages by level, place and year."""
    table = listed_counts()
    found = {}
    for year, level, province, prefecture, county, count in zip(
        table.year.tolist(), table.level, table.province, table.prefecture, table.county,
        table.villages.tolist(), strict=True,
    ):  # fmt: skip
        # Two provinces have a Taizhou.
        place = {"nation": "China", "province": province, "prefecture": f"{province}/{prefecture}"}
        found[level, place.get(level, county), year] = count
    return found


def rows_of(regions: pl.DataFrame) -> Iterator[Row]:
    """Give what was simulated beside what was published."""
    lists = published_lists()

    def of(level: str, place: str, year: int) -> dict[str, Any]:
        here = pl.col("level") == level
        if level != "all":
            here &= pl.col(level) == place
        return regions.filter(here & (pl.col("year") == year)).row(0, named=True)

    for place in ("China", *PROVINCES):
        level, published_level = ("all", "nation") if place == "China" else ("province",) * 2
        for year in range(2014, 2020):
            known = lists.get((published_level, place, year), 0 if year <= LAST_YEAR_OF_FIT else "")
            known = LATER_LISTS.get(place, {}).get(year, known)
            role = "fit" if year <= LAST_YEAR_OF_FIT else "test"
            yield (
                place, "listed villages", year, of(level, place, year)["listed_villages"], known,
                role if known != "" else "context",
            )  # fmt: skip
    prefectures = regions.filter(
        (pl.col("level") == "prefecture")
        & (pl.col("province") == "Zhejiang")
        & (pl.col("year") == LAST_YEAR_OF_FIT)
    )
    for prefecture, found in sorted(
        prefectures.select("prefecture", "listed_villages").iter_rows()
    ):
        known = lists.get(("prefecture", f"Zhejiang/{prefecture}", LAST_YEAR_OF_FIT), 0)
        yield prefecture, "listed villages", LAST_YEAR_OF_FIT, found, known, "test"
    for year, known in TOWNS.items():
        role = "fit" if year <= LAST_YEAR_OF_FIT else "test"
        found = of("all", "", year)["towns_with_three"]
        yield "China", "towns with three", year, found, known, role
    for year, known in STORES_OF_LISTED.items():
        found = of("all", "", year)["listed_stores"]
        yield "China", "stores of listed villages", year, found, known, "fit"
    for year, yuan in SALES_OF_LISTED_YUAN.items():
        found = of("all", "", year)["listed_sales_yuan"]
        yield "China", "sales of listed villages", year, found, yuan, "test"
    yield (
        "China", "active rural stores", 2012, of("all", "", 2012)["active_stores"],
        RURAL_SHOPS_2012, "context",
    )  # fmt: skip
    for measure, known in CIXI_2019.items():
        found = of("county", "Cixi", 2019)[measure]
        yield "Cixi", measure.replace("_", " "), 2019, found, known, "test"


def concentration_rows(regions: pl.DataFrame) -> Iterator[Row]:
    """Give how concentrated the lists are."""
    table = published_concentration()
    published = dict(
        zip(
            zip(table.year.tolist(), table.place, table.measure, strict=True),
            table.value.tolist(),
            strict=True,
        )
    )
    simulated = simulated_concentration(regions).filter(pl.col("place") == "all")
    for measure in MEASURES:
        for year in range(2014, LAST_YEAR_OF_FIT + 1):
            known = published.get((year, "China", measure))
            row = simulated.filter((pl.col("measure") == measure) & (pl.col("year") == year))
            if known is not None and row.height:
                yield "China", measure.replace("_", " "), year, row["value"][0], known, "fit"


def main() -> None:
    """Read the run folder that is named, and write the table."""
    regions = tables_in(RunFolder(sys.argv[1]))["regions"]
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADS)
        writer.writerows(rows_of(regions))
        writer.writerows(concentration_rows(regions))


if __name__ == "__main__":
    main()
