"""Concentration of simulated lists, counted as the published ones are."""

from collections.abc import Callable

import polars as pl
import pytest
from handmade_years import list_of, town_year_of, village

from sim.results import RunRecord, arrow_tables
from sim.results.concentration import concentration
from sim.world import places

MakeRecord = Callable[..., RunRecord]

# Villages 0 to 9 in town a1 and 10, 11 in a2 of county A; 12 to 14 in B; 15, 16 in C of Fujian.
LISTS = {
    2015: {0, 1, 12},
    2016: {0, 2, 3, 10, 12, 13, 15},
    2017: {*range(11), 15},
    2018: set(),
    2019: {16},
}


@pytest.fixture
def found(make_record: MakeRecord) -> pl.DataFrame:
    entries = [
        village("Ash", "a1", "A", count=10), village("Elm", "a2", "A", count=2),
        village("Birch", "b", "B", count=3),
        village("Cedar", "c", "C", prefecture="Fuzhou", province="Fujian", count=2),
    ]  # fmt: skip
    lists, before = [], dict[int, int]()
    for year, villages in LISTS.items():
        since = {number: before.get(number, year) for number in villages}
        lists.append(list_of(year, since, lost=sorted(set(before) - villages)))
        before = since
    years = [town_year_of(year, 4) for year in range(2014, 2020)]
    table = arrow_tables(make_record(entries, lists=lists, town_years=years))["regions"]
    return concentration(pl.DataFrame(pl.from_arrow(table)))


def values(found: pl.DataFrame, year: int, place: str = "all") -> dict[str, float]:
    rows = found.filter(pl.col("year") == year, pl.col("place") == place)
    return dict(rows.select("measure", "value").iter_rows())


def test_the_measures_are_those_of_the_published_lists(found: pl.DataFrame) -> None:
    published = places.concentration()
    units = dict(zip(published.measure, published.unit, strict=True))

    assert dict(found.select("measure", "unit").iter_rows()) == units
    assert found.columns == ["year", "place", "measure", "value", "unit"]


def test_counties_are_counted_by_size(found: pl.DataFrame) -> None:
    of_2016, of_2017 = values(found, 2016), values(found, 2017)

    assert (of_2016["villages"], of_2016["counties_with_any"]) == (7, 3)
    assert of_2016["counties_with_one"] == 1
    assert (of_2016["counties_with_10"], of_2016["share_in_counties_with_10"]) == (0, 0)
    assert (of_2017["counties_with_10"], of_2017["counties_with_30"]) == (1, 0)
    assert of_2017["share_in_counties_with_10"] == pytest.approx(11 / 12)


def test_new_villages_are_placed_by_the_list_before(found: pl.DataFrame) -> None:
    """In 2016 villages 2, 3, 10, 13 and 15 are new: 10 in another town, 15 in another county."""
    of_2016 = values(found, 2016)

    assert of_2016["new_villages"] == 5
    assert of_2016["share_of_new_in_county_with_any"] == pytest.approx(4 / 5)
    assert of_2016["share_of_new_in_town_with_any"] == pytest.approx(3 / 5)


def test_villages_that_are_gone_are_a_share_of_the_list_before(found: pl.DataFrame) -> None:
    of_2016, of_2017 = values(found, 2016), values(found, 2017)

    assert (of_2016["names_gone"], of_2017["names_gone"]) == (1, 2)
    assert of_2016["share_of_names_gone"] == pytest.approx(1 / 3)
    assert of_2017["share_of_names_gone"] == pytest.approx(2 / 7)


def test_the_first_list_and_one_after_an_empty_one_have_nothing_before(
    found: pl.DataFrame,
) -> None:
    assert "new_villages" not in values(found, 2015)
    assert values(found, 2018) == {}
    assert values(found, 2019)["villages"] == 1
    assert "names_gone" not in values(found, 2019)


def test_provinces_are_measured_apart(found: pl.DataFrame) -> None:
    assert values(found, 2016, "Zhejiang")["villages"] == 6
    assert values(found, 2016, "Fujian")["counties_with_one"] == 1
    # The first one of Fujian is new in 2016, after a year without any there.
    assert "new_villages" not in values(found, 2016, "Fujian")


def test_a_run_without_lists_has_no_concentration(make_record: MakeRecord) -> None:
    table = arrow_tables(make_record(town_years=[town_year_of(2019, 2)]))["regions"]

    assert concentration(pl.DataFrame(pl.from_arrow(table))).is_empty()
