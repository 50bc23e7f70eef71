"""Count the published lists of e-commerce villages by place, and write the counts.

The lists themselves are not part of the project. They are a CSV file with the columns list_year,
province, prefecture, county, town, village, with Chinese names. What is derived from them are
sim/data/places/listed_counts.csv and sim/data/places/concentration.csv.
"""

import argparse
import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PLACES = ROOT / "sim" / "data" / "places"
WHOLE, PROVINCE = "China", "Zhejiang"
TOWN_RULE, CLUSTER_RULES = 3, (10, 30, 100)

RENAMED = {
    # Zones that are not counties, and counties that were merged or renamed since.
    ("河北", "-"): "高碑店市",
    ("河北", "白沟新城"): "高碑店市",
    ("河南", "伊滨区"): "偃师市",
    ("山东", "高新区"): "牡丹区",
    ("福建", "台商投资区"): "惠安县",
    ("江西", "星子县"): "庐山市",
    ("贵州", "西峰镇"): "息烽县",
}
BAIGOU = {"白沟新城", "-", "白沟镇"}
"""One town under the three names that three lists give it."""
COMMITTEES = ("社区", "居委会", "村委会")
"""Words for the committee of a village that became part of a town, or of a village."""


class Place(NamedTuple):
    """A county by its names in this project."""

    province: str
    prefecture: str
    county: str


class Listed(NamedTuple):
    """A listed village, by its names; the committee does not tell two apart."""

    place: Place
    town: str
    village: str


class Counties:
    """The counties of the project, found by the Chinese names that the lists use."""

    def __init__(self) -> None:
        self.provinces = {
            row["name_zh"][:2]: row["name"] for row in rows_of(PLACES / "provinces.csv")
        }
        self.rows = list(rows_of(PLACES / "counties.csv"))

    def find(self, province: str, prefecture: str, county: str) -> Place:
        """County of a row of the lists.

        Raises
        ------
        SystemExit
            If none or more than one county answers to the names.
        """
        name = RENAMED.get((province, county), county)
        inside = [row for row in self.rows if row["province"] == self.provinces[province[:2]]]
        inside = [row for row in inside if row["prefecture_zh"] == prefecture] or inside
        found = [row for row in inside if row["name_zh"] == name]
        # A county that became a district or a city keeps the stem of its name.
        found = found or [row for row in inside if row["name_zh"][:-1] == name[:-1]]
        if len(found) != 1:
            sys.exit(f"{province} {prefecture} {county}: {len(found)} counties of that name")
        return Place(*(found[0][column] for column in Place._fields))


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def plain(village: str) -> str:
    """Return a village's name as it is whatever committee it has."""
    for ending in COMMITTEES:
        if village.endswith(ending):
            return village.removesuffix(ending) + "村"
    return village


def read_lists(path: Path) -> dict[int, set[Listed]]:
    """Listed villages by year; two rows of one village count once."""
    counties, lists = Counties(), defaultdict[int, set[Listed]](set)
    for row in rows_of(path):
        place = counties.find(row["province"], row["prefecture"], row["county"])
        town = "白沟镇" if place.county == "Gaobeidian" and row["town"] in BAIGOU else row["town"]
        village, year = Listed(place, town, plain(row["village"])), int(row["list_year"])
        if village in lists[year]:
            print(f"{year}: two rows for one village of {', '.join(place)}")
        lists[year].add(village)
    return dict(sorted(lists.items()))


def counts(lists: dict[int, set[Listed]]) -> Iterator[tuple[object, ...]]:
    """Rows of listed_counts.csv."""
    for year, villages in lists.items():
        towns = Counter((place, town) for place, town, _ in villages)
        levels: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for (place, _), listed in towns.items():
            for depth in range(4):
                levels[place[:depth]].append(listed)
        for names in sorted(levels, key=lambda names: (len(names), names)):
            sizes = levels[names]
            level = ("nation", "province", "prefecture", "county")[len(names)]
            padded = (*names, "", "", "")[:3]
            yield year, level, *padded, sum(sizes), len(sizes), sum(n >= TOWN_RULE for n in sizes)
        for size, number in sorted(Counter(towns.values()).items()):
            yield year, "town_size", "", "", "", size, number, number * (size >= TOWN_RULE)


def concentration(lists: dict[int, set[Listed]]) -> Iterator[tuple[object, ...]]:
    """Rows of concentration.csv."""
    for where in (WHOLE, PROVINCE):
        before: set[Listed] | None = None
        for year, everywhere in lists.items():
            villages = {v for v in everywhere if where in (WHOLE, v.place.province)}
            for measure, value, unit in (*standing(villages), *change(before, villages)):
                yield year, where, measure, value, unit
            before = villages


def standing(villages: set[Listed]) -> Iterator[tuple[str, object, str]]:
    """How concentrated the villages of one year are."""
    sizes = Counter(village.place for village in villages).values()
    yield "villages", len(villages), "villages"
    yield "counties_with_any", len(sizes), "counties"
    yield "counties_with_one", sum(n == 1 for n in sizes), "counties"
    for rule in CLUSTER_RULES:
        inside = [n for n in sizes if n >= rule]
        yield f"counties_with_{rule}", len(inside), "counties"
        yield f"share_in_counties_with_{rule}", share(sum(inside), len(villages)), "1"


def change(before: set[Listed] | None, now: set[Listed]) -> Iterator[tuple[str, object, str]]:
    """Where the new villages are, and how many old names are gone."""
    if before is None:
        return
    old, names = {key(v) for v in before}, {key(v) for v in now}
    new = [village for village in now if key(village) not in old]
    counties = {village.place for village in before}
    towns = {(village.place, village.town) for village in before}
    yield "new_villages", len(new), "villages"
    in_county = sum(v.place in counties for v in new)
    yield "share_of_new_in_county_with_any", share(in_county, len(new)), "1"
    in_town = sum((v.place, v.town) in towns for v in new)
    yield "share_of_new_in_town_with_any", share(in_town, len(new)), "1"
    yield "names_gone", len(old - names), "villages"
    yield "share_of_names_gone", share(len(old - names), len(old)), "1"


def key(village: Listed) -> tuple[Place, str]:
    """What stays the same when a town is renamed."""
    return village.place, village.village


def share(part: int, whole: int) -> str:
    """Return a share to four decimals, nan of nothing."""
    return f"{part / whole:.4f}" if whole else "nan"


def write(path: Path, header: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Write a table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split())
        writer.writerows(rows)


def main() -> None:
    """Count the lists given on the command line."""
    parser = argparse.ArgumentParser(description="Count the published lists by place.")
    parser.add_argument("lists", type=Path, help="CSV file with a row for each listed village")
    parser.add_argument("--out", type=Path, default=PLACES, help="folder that takes the counts")
    given = parser.parse_args()
    lists = read_lists(given.lists)
    header = "year level province prefecture county villages towns towns_with_three"
    write(given.out / "listed_counts.csv", header, counts(lists))
    header = "year place measure value unit"
    write(given.out / "concentration.csv", header, concentration(lists))


if __name__ == "__main__":
    main()
