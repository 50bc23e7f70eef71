from datetime import date

import pytest

from sim.results import TABLES, RunRecord, arrow_schema, arrow_tables
from sim.results.schema import FIELDS
from sim.world.parameters import good_names
from sim.world.records import MONTH_FIELDS, SEASON_FIELDS


@pytest.mark.parametrize("table", TABLES)
def test_every_column_states_its_unit(table: str) -> None:
    units = [field.metadata[b"unit"].decode() for field in arrow_schema(table)]

    assert all(units)
    assert len(units) == len(FIELDS[table])


@pytest.mark.parametrize("table", TABLES)
def test_no_column_is_there_twice(table: str) -> None:
    names = [field.name for field in FIELDS[table]]

    assert len(set(names)) == len(names)


def test_every_recorded_field_has_its_column() -> None:
    assert set(MONTH_FIELDS) <= set(arrow_schema("villages").names)
    assert set(SEASON_FIELDS) <= set(arrow_schema("seasons").names)


@pytest.mark.parametrize(
    ("table", "column", "unit"),
    [
        ("villages", "online_sales_yuan", "yuan"),
        ("villages", "wage_yuan_per_month", "yuan/month"),
        ("villages", "orders_shipped", "orders"),
        ("villages", "pieces_made", "pieces"),
        ("villages", "staff", "persons"),
        ("seasons", "wholesale_yuan_per_kg", "yuan/kg"),
        ("seasons", "ripe_kg", "kg"),
        ("households", "shop_profit_yuan", "yuan/year"),
        ("shops", "rating", "1-5"),
    ],
)
def test_units_are_those_of_the_quantity(table: str, column: str, unit: str) -> None:
    assert arrow_schema(table).field(column).metadata[b"unit"].decode() == unit


@pytest.mark.parametrize("table", TABLES)
def test_tables_follow_their_schema(rich_record: RunRecord, table: str) -> None:
    made = arrow_tables(rich_record)[table]

    assert made.schema.equals(arrow_schema(table), check_metadata=True)
    assert made.num_rows > 0


@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_nothing_has_no_rows_but_its_schema(make_record, table: str) -> None:
    made = arrow_tables(make_record())[table]

    assert made.num_rows == 0
    assert made.schema.equals(arrow_schema(table), check_metadata=True)


def test_villages_have_names_places_and_dates(rich_record: RunRecord) -> None:
    last = arrow_tables(rich_record)["villages"].to_pylist()[-1]

    assert (last["village_number"], last["village"], last["town"]) == (1, "Birch", "Willow")
    assert (last["county"], last["prefecture"], last["province"]) == ("Cixi", "Ningbo", "Zhejiang")
    assert last["month"] == date(2019, 12, 1)
    assert last["listed"] is True


def test_counts_are_whole_numbers(rich_record: RunRecord) -> None:
    orders = arrow_tables(rich_record)["villages"]["orders_shipped"]

    assert orders.to_pylist() == [1, 0, 3, 0]
    assert {type(value) for value in orders.to_pylist()} == {int}


def test_seasons_name_the_fruit(rich_record: RunRecord) -> None:
    first = arrow_tables(rich_record)["seasons"].to_pylist()[0]

    assert (first["good"], first["date"]) == ("bayberry", date(2019, 6, 10))


def test_households_have_kinds_goods_and_incomes(rich_record: RunRecord) -> None:
    rows = arrow_tables(rich_record)["households"].to_pylist()

    assert [row["kind"] for row in rows] == ["farmer", "operator", "operator"]
    assert [row["good"] for row in rows] == ["bayberry", "clothing", None]
    assert [row["income_yuan"] for row in rows] == [900.0, 100.0, 0.0]
    assert [row["trained"] for row in rows] == [False, True, False]


def test_shops_tell_their_platforms_one_by_one(rich_record: RunRecord) -> None:
    (shop,) = arrow_tables(rich_record)["shops"].to_pylist()

    assert (shop["on_taobao"], shop["on_jd"]) == (True, False)
    assert (shop["on_alibaba_com"], shop["on_amazon"]) == (True, False)
    assert (shop["good"], shop["owner_kind"]) == (good_names()[4], "operator")
    assert shop["opened_on"] == date(2018, 3, 1)


def test_an_event_without_a_village_names_none(rich_record: RunRecord) -> None:
    first, second = arrow_tables(rich_record)["events"].to_pylist()

    assert (first["kind"], first["village_number"], first["village"]) == ("first_store", 0, "Alder")
    assert (second["kind"], second["village_number"], second["village"]) == ("policy", None, None)
    assert second["date"] == date(2019, 1, 1)
