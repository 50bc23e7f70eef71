"""Places by year and the lists, against counting by hand and against sums of villages."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from handmade_years import list_of, town_year_of, village

import sim
from sim.experiments import RunOptions, run
from sim.model import CommerceModel
from sim.observer import CLUSTER_SIZES, TownYear, YearlyList
from sim.results import RunRecord, tables_of
from sim.results.accounting import workers_caused_by_orders
from sim.results.region_fields import COUNTED, COUNTIES, LEVELS, SIZED
from sim.results.schema import FIELDS
from sim.results.tables import arrow_tables
from sim.scenario import load_scenario

Frame = pl.DataFrame
MakeRecord = Callable[..., RunRecord]

# Two counties of Ningbo and one of Hangzhou, all in Zhejiang; twelve, two and one villages.
SHAPE = [("Reed", "Ash", "Cixi", 7), ("Birch", "Elm", "Cixi", 5), ("Willow", "Oak", "Yuyao", 2)]


def villages() -> list[dict[str, Any]]:
    entries = [village(name, town, county, count=count) for name, town, county, count in SHAPE]
    return [*entries, village("Yew", "Fir", "Linan", prefecture="Hangzhou")]


def frames(
    make_record: MakeRecord, lists: list[YearlyList], years: list[TownYear]
) -> tuple[Frame, Frame]:
    tables = arrow_tables(make_record(villages(), lists=lists, town_years=years))
    made = (pl.DataFrame(pl.from_arrow(tables[name])) for name in ("regions", "lists"))
    regions, listed = made
    return regions, listed


def at(regions: Frame, year: int, level: str, **place: str) -> dict[str, Any]:
    """The one row of a place in a year."""
    rows = regions.filter(pl.col("year") == year, pl.col("level") == level)
    for name, value in place.items():
        rows = rows.filter(pl.col(name) == value)
    (row,) = rows.to_dicts()
    return row


# Villages 0 to 6 in Ash, 7 to 11 in Elm, 12 and 13 in Oak, 14 in Fir. Towns by path: Fir 0, Ash 1,
# Elm 2, Oak 3.
LISTS = [
    list_of(2018, {0: 2018, 1: 2018, 12: 2018}, strict=[0]),
    list_of(
        2019,
        {0: 2018, 2: 2019, 3: 2019, **dict.fromkeys(range(4, 12), 2019), 13: 2019, 14: 2019},
        lost=[1, 12],
        strict=[0, 4],
        towns=[1, 2],
    ),
]
YEARS = [
    town_year_of(2018, 4, online_sales_yuan=[1, 20, 300, 4000]),
    town_year_of(2019, 4, online_sales_yuan=[2, 30, 400, 5000], designated_strict=[0, 2, 0, 0]),
]


def test_there_is_a_row_for_every_place_and_year(make_record: MakeRecord) -> None:
    regions, _ = frames(make_record, LISTS, YEARS)
    rows = regions.group_by("year", "level").len().sort("year").rows()

    assert len(regions) == 2 * (1 + 1 + 2 + 3 + 4)
    assert {(year, level): count for year, level, count in rows} == {
        (year, level): count
        for year in (2018, 2019)
        for level, count in zip(LEVELS, (1, 1, 2, 3, 4), strict=True)
    }


def test_places_are_named_from_the_province_down(make_record: MakeRecord) -> None:
    regions, _ = frames(make_record, LISTS, YEARS)
    names = ("province", "prefecture", "county", "town")
    whole, county = at(regions, 2019, "all"), at(regions, 2019, "county", county="Yuyao")
    town = at(regions, 2019, "town", town="Elm")

    assert [whole[name] for name in names] == [None] * 4
    assert [county[name] for name in names] == ["Zhejiang", "Ningbo", "Yuyao", None]
    assert [town[name] for name in names] == ["Zhejiang", "Ningbo", "Cixi", "Elm"]
    assert (county["villages"], county["households"]) == (2, 200)
    assert (whole["villages"], whole["households"]) == (15, 1500)


@pytest.mark.parametrize(
    ("level", "place", "sales"),
    [
        ("all", {}, 5432.0),
        ("prefecture", {"prefecture": "Hangzhou"}, 2.0),
        ("prefecture", {"prefecture": "Ningbo"}, 5430.0),
        ("county", {"county": "Cixi"}, 430.0),
        ("town", {"town": "Oak"}, 5000.0),
    ],
)
def test_a_place_is_the_sum_of_its_towns(
    make_record: MakeRecord, level: str, place: dict[str, str], sales: float
) -> None:
    regions, _ = frames(make_record, LISTS, YEARS)

    assert at(regions, 2019, level, **place)["online_sales_yuan"] == sales


def test_listed_new_and_lost_villages_are_counted(make_record: MakeRecord) -> None:
    regions, _ = frames(make_record, LISTS, YEARS)
    whole = [at(regions, year, "all") for year in (2018, 2019)]
    cixi, yuyao = (at(regions, 2019, "county", county=name) for name in ("Cixi", "Yuyao"))

    assert [row["listed_villages"] for row in whole] == [3, 13]
    assert [row["new_villages"] for row in whole] == [3, 12]
    assert [row["lost_villages"] for row in whole] == [0, 2]
    assert [row["listed_by_strict_rule"] for row in whole] == [1, 2]
    assert [row["listed_by_published_rule"] for row in whole] == [3, 13]
    assert (cixi["listed_villages"], cixi["new_villages"], cixi["lost_villages"]) == (11, 10, 1)
    assert (yuyao["listed_villages"], yuyao["lost_villages"]) == (1, 1)
    assert (whole[1]["towns"], cixi["towns"], yuyao["towns"]) == (2, 2, 0)
    assert [row["towns_with_three"] for row in (*whole, yuyao)] == [0, 2, 0]
    assert (whole[1]["designated_strict"], cixi["designated_strict"]) == (2, 2)


def test_new_villages_are_told_apart_by_what_was_listed_before(make_record: MakeRecord) -> None:
    """Of twelve, ten are in Cixi and one in Yuyao, where some were; Ash and Oak had some."""
    regions, _ = frames(make_record, LISTS, YEARS)
    before, whole = (at(regions, year, "all") for year in (2018, 2019))

    assert (before["new_in_county_with_any"], before["new_in_town_with_any"]) == (0, 0)
    assert (whole["new_in_county_with_any"], whole["new_in_town_with_any"]) == (11, 6)
    elm = at(regions, 2019, "town", town="Elm")
    assert (elm["new_villages"], elm["new_in_county_with_any"], elm["new_in_town_with_any"]) == (
        5, 5, 0,
    )  # fmt: skip


def test_counties_are_counted_by_their_listed_villages(make_record: MakeRecord) -> None:
    regions, _ = frames(make_record, LISTS, YEARS)
    whole, ningbo = at(regions, 2019, "all"), at(regions, 2019, "prefecture", prefecture="Ningbo")
    names = ("counties_with_any", "counties_with_one", "counties_with_10", "counties_with_30")

    assert [whole[name] for name in names] == [3, 2, 1, 0]
    assert [ningbo[name] for name in names] == [2, 1, 1, 0]
    assert whole["villages_in_counties_with_10"] == 11
    assert at(regions, 2019, "town", town="Elm")["counties_with_any"] is None


def test_sales_and_stores_of_listed_villages_are_those_of_the_list(make_record: MakeRecord) -> None:
    regions, listed = frames(make_record, LISTS, YEARS)
    whole = at(regions, 2018, "all")

    assert whole["listed_sales_yuan"] == pytest.approx(3e7 + 0.13)
    assert whole["listed_stores"] == 300 + 13
    assert listed.filter(pl.col("year") == 2018)["trailing_sales_yuan"].to_list() == [
        1e7, 1e7 + 0.01, 1e7 + 0.12,
    ]  # fmt: skip


def test_lists_tell_where_villages_are_and_since_when_they_are_listed(
    make_record: MakeRecord,
) -> None:
    _, listed = frames(make_record, LISTS, YEARS)
    first, last = listed.filter(pl.col("year") == 2019).to_dicts()[:: len(listed) - 4]

    assert (first["village"], first["town"], first["county"]) == ("Reed 1", "Ash", "Cixi")
    assert (first["date"].year, first["listed_since"].year, first["new"]) == (2019, 2018, False)
    assert (first["strict"], first["published"], first["households"]) == (True, True, 100)
    assert (last["village"], last["prefecture"], last["new"]) == ("Yew", "Hangzhou", True)
    assert (last["strict"], last["published"]) == (False, True)


def test_a_year_without_a_list_says_nothing_of_it(make_record: MakeRecord) -> None:
    regions, _ = frames(make_record, LISTS[1:], YEARS)
    row = at(regions, 2018, "all")

    assert {row[name] for name in (*COUNTED, *SIZED, *COUNTIES)} == {None}
    assert (row["villages"], row["online_sales_yuan"]) == (15, 4321.0)


def test_jobs_count_those_that_orders_cause_over_the_days_run(make_record: MakeRecord) -> None:
    half = town_year_of(
        2019, 4, days=73, staff=[1, 2, 0, 0], family_hands=[0, 4, 8, 0],
        orders_shipped=[0, 7000, 0, 0], pieces_shipped=[0, 0, 500, 0],
    )  # fmt: skip
    regions, _ = frames(make_record, [], [half])
    whole = at(regions, 2019, "all")

    caused = workers_caused_by_orders(500.0, 7000.0, 0.2)
    assert whole["jobs_in_stores"] == 15
    assert whole["jobs_with_makers_and_carriers"] == pytest.approx(15 + caused)


def test_columns_of_clusters_are_those_of_the_observer() -> None:
    for kind in ("counties_with_", "villages_in_counties_with_"):
        sizes = [name.removeprefix(kind) for name in COUNTIES if name.startswith(kind)]
        assert [int(size) for size in sizes if size.isdigit()] == list(CLUSTER_SIZES)


# --- a run of a few villages


@pytest.fixture(scope="module")
def run_tables(tiny_text: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Frame]:
    """Tables of a run of six villages in three towns of two counties."""
    head, entry = tiny_text.split("[[villages]]")
    places = [("T", "C", 3), ("U", "C", 2), ("V", "D", 1)]
    entries = [
        entry.replace('town = "T"', f'town = "{town}"\ncount = {count}').replace(
            'county = "C"', f'county = "{county}"'
        )
        for town, county, count in places
    ]
    path = tmp_path_factory.mktemp("few") / "few.toml"
    path.write_text("[[villages]]".join([head, *entries]), encoding="utf-8")
    model = CommerceModel(path, threads=1)
    model.run()
    return tables_of(model)


@pytest.mark.parametrize("level", LEVELS)
def test_places_sum_up_the_villages_of_the_run(run_tables: dict[str, Frame], level: str) -> None:
    months = run_tables["villages"]
    keys = ["province", "prefecture", "county", "town"][: LEVELS.index(level)]
    december = months.filter(pl.col("month") == pl.col("month").max())
    by = [pl.col(key) for key in keys] or [pl.lit("all")]
    year = months.group_by(by).agg(
        pl.col("online_sales_yuan", "orders_shipped", "shops_opened").sum()
    )
    end = december.group_by(by).agg(
        pl.col("active_stores", "open_shops", "selling_households", "designated", "listed").sum(),
        (pl.col("staff") + pl.col("family_hands")).sum().alias("jobs_in_stores"),
    )
    regions = run_tables["regions"].filter(pl.col("level") == level)
    for name in ("online_sales_yuan", "orders_shipped", "shops_opened"):
        assert sorted(regions[name]) == pytest.approx(sorted(year[name]))
    for name in ("active_stores", "open_shops", "selling_households", "jobs_in_stores"):
        assert sorted(regions[name]) == pytest.approx(sorted(end[name]))
    assert sorted(regions["listed_villages"]) == sorted(end["listed"])
    assert sorted(regions["designated_strict"]) == sorted(end["designated"])
    assert regions["listed_villages"].sum() > 0


def test_lists_hold_the_villages_that_were_listed_in_the_run(
    run_tables: dict[str, Frame],
) -> None:
    listed = run_tables["lists"]
    events = run_tables["events"].filter(pl.col("kind") == "listed")
    month = run_tables["villages"].filter(pl.col("month").dt.month() == 9)
    on_list = month.filter(pl.col("listed")).sort("village_number")

    assert listed["village_number"].to_list() == on_list["village_number"].to_list()
    assert listed["trailing_sales_yuan"].to_list() == on_list["trailing_sales_yuan"].to_list()
    assert sorted(listed["village_number"]) == sorted(events["village_number"])
    assert listed["new"].all()
    assert np.all(listed["strict"].to_numpy() <= listed["published"].to_numpy())


# --- the page


PAGE = (Path(__file__).parents[2] / "docs" / "regions.md").read_text(encoding="utf-8")


def test_the_page_names_every_column_of_regions() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE))
    places = ("province", "prefecture", "county", "town")
    columns = {field.name for field in FIELDS["regions"]} - set(places)
    # The page gives the first of the columns that differ by the size of a cluster alone.
    sized = {name for name in columns if name.endswith(("_30", "_100"))}

    assert columns - sized - named == {"year"}


def test_the_examples_of_the_page_run(
    tiny_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    run(tiny_file, out=tmp_path / "out/cixi", options=RunOptions(threads=1))
    without = load_scenario(tiny_file, ["platforms=[]"])
    run(without, out=tmp_path / "out/cixi-without-platforms", options=RunOptions(threads=1))
    compared = tmp_path / "out/cixi-without-platforms-compared"
    base = without.model_copy(update={"name": "without"})
    sim.compare(base, tiny_file, replicates=2, keep_households=True, out=compared, workers=1)
    examples = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for example in examples:
        here = example.replace('"cixi"', f'"{tiny_file.as_posix()}"').replace("2019", "2015")
        exec(here, {})
    shown = capsys.readouterr().out

    assert len(examples) == 4
    for word in ("counties_with_one", "active_stores", "yuan_more", "poor_share"):
        assert word in shown
