import csv
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEADER = "list_year,province,prefecture,county,town,village\n"
CIXI = "浙江,宁波市,慈溪市"


def count(tmp_path: Path, *rows: str) -> subprocess.CompletedProcess[str]:
    """Run the script on lists of these rows; the tables go to the same folder."""
    lists = tmp_path / "lists.csv"
    lists.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "scripts/count_lists.py", str(lists), "--out", str(tmp_path)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )


def counted(tmp_path: Path, level: str) -> list[list[str]]:
    with (tmp_path / "listed_counts.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.reader(file) if row[1] == level]


def measured(tmp_path: Path, year: int, place: str = "China") -> dict[str, float]:
    with (tmp_path / "concentration.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["measure"]: float(row["value"])
            for row in csv.DictReader(file)
            if row["year"] == str(year) and row["place"] == place
        }


def test_villages_and_towns_are_counted_at_every_level(tmp_path: Path) -> None:
    villages = [f"2015,{CIXI},长河镇,{name}村" for name in "甲乙丙"]
    assert count(tmp_path, *villages, f"2015,{CIXI},庵东镇,甲村").returncode == 0
    numbers = ["4", "2", "1"]
    assert counted(tmp_path, "nation") == [["2015", "nation", "", "", "", *numbers]]
    place = ["Zhejiang", "Ningbo", "Cixi"]
    assert counted(tmp_path, "county") == [["2015", "county", *place, *numbers]]


def test_sizes_of_towns_are_counted(tmp_path: Path) -> None:
    villages = [f"2015,{CIXI},长河镇,{name}村" for name in "甲乙丙"]
    count(tmp_path, *villages, f"2015,{CIXI},庵东镇,甲村")
    assert [row[5:] for row in counted(tmp_path, "town_size")] == [["1", "1", "0"], ["3", "1", "1"]]


def test_a_village_that_stands_as_village_and_as_community_counts_once(tmp_path: Path) -> None:
    done = count(tmp_path, f"2016,{CIXI},长河镇,甲村", f"2016,{CIXI},长河镇,甲社区")
    assert "2016: two rows for one village of Zhejiang, Ningbo, Cixi" in done.stdout
    assert counted(tmp_path, "nation")[0][5] == "1"


def test_a_zone_counts_in_the_county_where_it_lies(tmp_path: Path) -> None:
    count(tmp_path, "2014,河北,保定市,-,白沟新城,甲村", "2015,河北,保定市,白沟新城,-,甲村")
    assert [row[2:5] for row in counted(tmp_path, "county")] == [
        ["Hebei", "Baoding", "Gaobeidian"]
    ] * 2
    assert measured(tmp_path, 2015)["names_gone"] == 0


def test_a_county_that_became_a_district_stays_the_same(tmp_path: Path) -> None:
    count(tmp_path, "2015,浙江,杭州市,富阳市,甲镇,甲村", "2016,浙江,杭州市,富阳区,甲镇,甲村")
    assert measured(tmp_path, 2016)["new_villages"] == 0


def test_shares_of_new_villages_and_of_names_gone_are_those_of_the_lists(tmp_path: Path) -> None:
    count(
        tmp_path,
        f"2014,{CIXI},长河镇,甲村",
        f"2014,{CIXI},长河镇,乙村",
        f"2015,{CIXI},长河镇,甲村",
        f"2015,{CIXI},长河镇,丙村",
        f"2015,{CIXI},庵东镇,丁村",
        "2015,浙江,金华市,义乌市,江东街道,戊村",
        "2015,江苏,徐州市,睢宁县,沙集镇,己村",
    )
    found = measured(tmp_path, 2015)
    assert found["new_villages"] == 4
    assert found["share_of_new_in_county_with_any"] == 0.5
    assert found["share_of_new_in_town_with_any"] == 0.25
    assert found["share_of_names_gone"] == 0.5
    assert measured(tmp_path, 2015, "Zhejiang")["new_villages"] == 3


def test_an_unknown_county_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    done = count(tmp_path, "2016,浙江,宁波市,无此县,甲镇,甲村")
    assert done.returncode == 1
    assert "无此县: 0 counties of that name" in done.stderr
    assert not (tmp_path / "listed_counts.csv").exists()
