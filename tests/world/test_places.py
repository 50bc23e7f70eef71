import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from matplotlib.path import Path as MplPath

from sim.errors import DataError
from sim.world import places
from sim.world.parameters import GRADES
from sim.world.places import (
    DIRECTLY_ADMINISTERED,
    MUNICIPALITIES,
    PLACES_FOLDER,
    concentration,
    counties,
    crops,
    industries,
    listed_counts,
    outlines,
    provinces,
    towns,
)

GOODS = {
    "auto_accessories",
    "bags_and_leather",
    "clothing",
    "crafts_and_flowers",
    "digital_goods",
    "electrical_goods",
    "furniture",
    "hardware",
    "home_textiles",
    "sanitary_ware",
    "shoes",
    "small_appliances",
    "small_commodities",
    "toys_and_sports",
}
TABLES = sorted(path.name for path in PLACES_FOLDER.glob("*.csv"))
SOURCED = sorted(set(TABLES) - {"listed_counts.csv", "concentration.csv"})
LISTED = {2014: 212, 2015: 780, 2016: 1311}
LISTED_TOWNS = {2014: 19, 2015: 71, 2016: 135}
LISTED_COUNTIES = set(
    zip(counties().province, counties().prefecture, counties().county, strict=True)
)


def rows(name: str) -> list[dict[str, str]]:
    with (PLACES_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counted(level: str, year: int, province: str | None = None) -> dict[str, tuple[int, int, int]]:
    """Villages, towns and towns with three, by the names of the place."""
    table = listed_counts()
    return {
        "/".join((table.province[i], table.prefecture[i], table.county[i])): (
            int(table.villages[i]),
            int(table.towns[i]),
            int(table.towns_with_three[i]),
        )
        for i in range(len(table.level))
        if table.level[i] == level
        and table.year[i] == year
        and province in (None, table.province[i])
    }


def measured(place: str, year: int) -> dict[str, float]:
    table = concentration()
    return {
        table.measure[i]: float(table.value[i])
        for i in range(len(table.measure))
        if table.place[i] == place and table.year[i] == year
    }


def test_there_are_31_provinces_with_540_thousand_villages_and_200_million_households() -> None:
    table = provinces()
    assert len(set(table.name)) == 31
    assert table.villages.sum() == 540_000
    assert table.rural_households.sum() == 200_000_000


def test_zhejiang_has_about_20_thousand_villages_and_11_million_households() -> None:
    table = provinces()
    zhejiang = table.name.index("Zhejiang")
    assert table.villages[zhejiang] == 20_402
    assert table.rural_households[zhejiang] == 11_000_000
    assert table.income_index[zhejiang] == 1.0


def test_a_village_has_a_plausible_number_of_households_in_every_province() -> None:
    per_village = provinces().rural_households / provinces().villages
    assert per_village.min() > 50
    assert per_village.max() < 1000


def test_the_mean_rural_home_has_the_internet_of_rural_china() -> None:
    table = provinces()
    mean = np.average(table.internet_ratio, weights=table.rural_households)
    assert mean == pytest.approx(1.0, abs=0.001)


def test_every_province_has_counties_and_every_county_a_known_province() -> None:
    assert set(counties().province) == set(provinces().name)


def test_there_are_about_2850_counties() -> None:
    assert 2840 <= len(counties().county) <= 2860


def test_zhejiang_has_11_prefectures_and_90_counties() -> None:
    inside = [place for place in LISTED_COUNTIES if place[0] == "Zhejiang"]
    assert len(inside) == 90
    assert len({prefecture for _, prefecture, _ in inside}) == 11


@pytest.mark.parametrize(
    "county",
    ["Cixi", "Haining", "Linan", "Ruian", "Wenling", "Xiaoshan", "Yiwu", "Yongkang", "Yueqing"],
)
def test_counties_of_zhejiang_bear_the_names_of_the_facts(county: str) -> None:
    assert [place[2] for place in LISTED_COUNTIES if place[0] == "Zhejiang"].count(county) == 1


def test_county_names_are_unique_in_their_prefecture() -> None:
    assert len(LISTED_COUNTIES) == len(counties().county)


def test_county_codes_are_unique() -> None:
    assert len(np.unique(counties().code)) == len(counties().code)


def test_prefectures_of_municipalities_are_named_like_the_province() -> None:
    found = {place[:2] for place in LISTED_COUNTIES if place[0] in MUNICIPALITIES}
    assert found == {(name, name) for name in MUNICIPALITIES}


def test_directly_administered_counties_are_a_few() -> None:
    assert 20 <= counties().prefecture.count(DIRECTLY_ADMINISTERED) <= 40


def test_counties_lie_in_china() -> None:
    table = counties()
    assert table.longitude.min() > 73
    assert table.longitude.max() < 135.1
    assert table.latitude.min() > 18
    assert table.latitude.max() < 53.6


def test_counties_lie_near_the_middle_of_their_prefecture() -> None:
    table = counties()
    groups: dict[tuple[str, str], list[int]] = {}
    for i, place in enumerate(zip(table.province, table.prefecture, strict=True)):
        groups.setdefault(place, []).append(i)
    for (_, prefecture), members in groups.items():
        if prefecture != DIRECTLY_ADMINISTERED:
            for degrees in (table.longitude[members], table.latitude[members]):
                assert np.abs(degrees - np.median(degrees)).max() < 5, prefecture


def test_outlines_are_closed_rings_of_all_provinces_largest_first() -> None:
    assert set(outlines()) == set(provinces().name)
    for rings in outlines().values():
        assert all((ring[0] == ring[-1]).all() for ring in rings)
        boxes = [float(np.ptp(ring, axis=0).prod()) for ring in rings]
        assert boxes[0] == max(boxes)


def test_seats_of_counties_lie_inside_the_outline_of_their_province() -> None:
    table = counties()
    inside = [
        any(MplPath(ring).contains_point(seat) for ring in outlines()[province])
        for province, *seat in zip(table.province, table.longitude, table.latitude, strict=True)
    ]
    # The others are small islands and towns on a river that is the border.
    assert np.mean(inside) > 0.985


def test_cixi_has_14_towns_and_5_streets_with_297_villages() -> None:
    table = towns()
    assert set(table.county) == {"Cixi"}
    assert Counter(table.kind) == {"town": 14, "street": 5}
    assert len(set(table.town)) == 19
    assert table.villages.sum() == 297
    assert table.villages[table.town.index("Changhe")] == 11


def test_towns_lie_within_40_km_of_the_county_seat() -> None:
    table, seats = towns(), counties()
    seat = seats.county.index("Cixi")
    east_km = (table.longitude - seats.longitude[seat]) * 96
    north_km = (table.latitude - seats.latitude[seat]) * 111
    assert np.hypot(east_km, north_km).max() < 40


def test_every_industry_is_in_a_known_county() -> None:
    table = industries()
    assert set(zip(table.province, table.prefecture, table.county, strict=True)) <= LISTED_COUNTIES


def test_every_industry_makes_a_known_good_and_every_good_is_made() -> None:
    assert set(industries().good) == GOODS


def test_an_industry_is_named_once() -> None:
    table = industries()
    named = Counter(zip(table.province, table.prefecture, table.county, table.good, strict=True))
    assert max(named.values()) == 1


def test_industries_have_a_strength_from_1_to_3() -> None:
    assert set(industries().strength.tolist()) == {1, 2, 3}


def test_industries_cover_zhejiang_and_the_country() -> None:
    table = industries()
    covered = set(zip(table.province, table.prefecture, table.county, strict=True))
    inside = sum(province == "Zhejiang" for province, _, _ in covered)
    assert inside >= 60
    assert len(covered) - inside >= 150
    assert set(table.province) == set(provinces().name)


def test_industries_name_counties_that_were_in_no_list() -> None:
    table = industries()
    listed = set().union(*(counted("county", year) for year in LISTED))
    named = {
        "/".join(place)
        for place in zip(table.province, table.prefecture, table.county, strict=True)
    }
    assert len(named - listed) > 100


def test_every_crop_is_in_a_known_county() -> None:
    table = crops()
    assert set(zip(table.province, table.prefecture, table.county, strict=True)) <= LISTED_COUNTIES
    assert (table.orchard_mu > 0).all()


@pytest.mark.parametrize("year", LISTED)
@pytest.mark.parametrize("level", ["province", "prefecture", "county"])
def test_counts_of_the_lists_add_up_to_the_published_total(level: str, year: int) -> None:
    found = counted(level, year).values()
    assert sum(villages for villages, _, _ in found) == LISTED[year]
    assert sum(with_three for _, _, with_three in found) == LISTED_TOWNS[year]


@pytest.mark.parametrize("year", LISTED)
def test_sizes_of_towns_add_up_to_the_total(year: int) -> None:
    table = listed_counts()
    of_towns = np.array(table.level) == "town_size"
    rows_of_year = of_towns & (table.year == year)
    assert (table.villages * table.towns)[rows_of_year].sum() == LISTED[year]


@pytest.mark.parametrize(("year", "villages"), [(2014, 62), (2015, 280), (2016, 506)])
def test_counts_of_zhejiang_are_the_published_ones(year: int, villages: int) -> None:
    assert counted("province", year, "Zhejiang") == {
        "Zhejiang//": (villages, *counted("province", year)["Zhejiang//"][1:])
    }


@pytest.mark.parametrize(
    ("county", "year", "villages"),
    [
        ("Zhejiang/Ningbo/Cixi", 2015, 6),
        ("Zhejiang/Ningbo/Cixi", 2016, 10),
        ("Zhejiang/Jinhua/Yiwu", 2016, 65),
        ("Zhejiang/Taizhou/Wenling", 2016, 54),
        ("Shandong/Heze/Caoxian", 2016, 48),
        ("Jiangsu/Xuzhou/Suining", 2016, 40),
    ],
)
def test_counts_of_counties_are_those_of_the_facts(county: str, year: int, villages: int) -> None:
    assert counted("county", year)[county][0] == villages


def test_cixi_was_in_no_list_of_2014() -> None:
    assert "Zhejiang/Ningbo/Cixi" not in counted("county", 2014)


@pytest.mark.parametrize("year", LISTED)
def test_counted_counties_are_known(year: int) -> None:
    assert {tuple(name.split("/")) for name in counted("county", year)} <= LISTED_COUNTIES


@pytest.mark.parametrize("place", ["China", "Zhejiang"])
@pytest.mark.parametrize("year", LISTED)
def test_concentration_agrees_with_the_counts(place: str, year: int) -> None:
    province = None if place == "China" else place
    sizes = [villages for villages, _, _ in counted("county", year, province).values()]
    found = measured(place, year)
    assert found["villages"] == sum(sizes)
    assert found["counties_with_any"] == len(sizes)
    assert found["counties_with_one"] == sizes.count(1)
    assert found["counties_with_10"] == sum(size >= 10 for size in sizes)
    inside = sum(size for size in sizes if size >= 10)
    assert found["share_in_counties_with_10"] == pytest.approx(inside / sum(sizes), abs=1e-4)


@pytest.mark.parametrize("place", ["China", "Zhejiang"])
@pytest.mark.parametrize("year", [2015, 2016])
def test_new_villages_less_names_gone_are_the_growth(place: str, year: int) -> None:
    now, before = measured(place, year), measured(place, year - 1)
    growth = now["new_villages"] - now["names_gone"]
    # A name that two towns of a county share counts once among the names.
    assert growth == pytest.approx(now["villages"] - before["villages"], abs=2)


@pytest.mark.parametrize("name", SOURCED)
def test_every_row_names_a_source_and_a_grade(name: str) -> None:
    assert all(row["source"] and row["grade"] in GRADES for row in rows(name))


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_small(name: str) -> None:
    assert (PLACES_FOLDER / name).stat().st_size < 400_000


@pytest.mark.parametrize("name", SOURCED)
def test_tables_are_sorted_by_place(name: str) -> None:
    keys = ("name", "province", "prefecture", "county", "town", "good", "crop")
    found = [[row[key] for key in keys if key in row] for row in rows(name)]
    assert found == sorted(found)


@pytest.mark.parametrize("name", TABLES)
def test_the_readme_describes_every_table(name: str) -> None:
    assert f"`{name}`" in (PLACES_FOLDER / "README.md").read_text(encoding="utf-8")


def test_the_outlines_are_small_and_name_their_licence() -> None:
    text = (PLACES_FOLDER / "outlines.json").read_text(encoding="utf-8")
    assert len(text) < 300_000
    assert '"licence": "public domain"' in text


def test_arrays_are_shared_and_read_only() -> None:
    assert counties() is counties()
    assert not counties().longitude.flags.writeable


def test_a_damaged_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "crops.csv").write_text("province,prefecture,county\nA,B,C\n", encoding="utf-8")
    monkeypatch.setattr(places, "PLACES_FOLDER", tmp_path)
    crops.cache_clear()
    with pytest.raises(DataError, match=r"places/crops\.csv: KeyError\('crop'\)"):
        crops()


def test_a_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "PLACES_FOLDER", tmp_path)
    crops.cache_clear()
    with pytest.raises(DataError, match=r"places/crops\.csv: FileNotFoundError"):
        crops()
