"""Villages from a file: what goes out comes back, and every mistake is told in one line."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from sim.errors import ScenarioError
from sim.scenario import Scenario, load_scenario, register_of, scenario_hash, write_villages
from sim.scenario.village_columns import VILLAGE_COLUMNS
from sim.scenario.village_file import read_villages
from sim.world.area import kept
from sim.world.places import position_km
from sim.world.register import Register

HEADS = "province,prefecture,county,town,name,people,households,broadband_year"
REED = "P,Q,C,T,Reed,300,100,2008"
WILLOW = "P,Q,D,U,Willow,600,200,2010"
CIXI = Scenario.model_validate(
    {
        "name": "cixi",
        "start": "2009-01-01",
        "end": "2010-12-31",
        "region": {"within": ["Zhejiang/Ningbo/Cixi"]},
    }
)
SUFFIXES = [".csv", ".parquet"]


def same(one: Register, other: Register) -> list[str]:
    """Columns that differ."""
    differ = [
        field.name
        for field in fields(Register)
        if field.name not in ("names", "town", "town_paths")
        and getattr(one, field.name).tobytes() != getattr(other, field.name).tobytes()
    ]
    return differ + (["paths"] if list(one.paths()) != list(other.paths()) else [])


def written(folder: Path, *rows: str, heads: str = HEADS) -> Path:
    path = folder / "villages.csv"
    path.write_text("\n".join([heads, *rows]) + "\n", encoding="utf-8")
    return path


def study(file: Path | str, **region: Any) -> dict[str, Any]:
    dates = {"name": "own", "start": "2010-01-01", "end": "2010-12-31"}
    return dates | {"region": {"file": str(file), **region}}


# --- what goes out comes back


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_villages_written_and_read_are_the_same_to_the_last_bit(
    suffix: str, tmp_path: Path
) -> None:
    drawn = register_of(CIXI)
    write_villages(drawn, tmp_path / f"cixi{suffix}")

    assert same(read_villages(tmp_path / f"cixi{suffix}"), drawn) == []


def test_goods_from_far_away_come_back_too() -> None:
    """Else the test above would hold for distances of nothing."""
    drawn = register_of(CIXI)

    assert (drawn.outside_km > 0.0).any()
    assert (drawn.crop >= 0).sum() > 1
    assert (drawn.product >= 0).sum() > 1


def test_a_described_village_goes_before_a_row_of_its_name(tmp_path: Path) -> None:
    path = tmp_path / "cixi.csv"
    write_villages(register_of(load_scenario("cixi")), path)

    again = load_scenario("cixi", [f'region.file="{path}"'])

    assert same(register_of(again), register_of(load_scenario("cixi"))) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_empty_cells_and_missing_columns_have_the_defaults_of_a_scenario(
    suffix: str, tmp_path: Path
) -> None:
    path = written(tmp_path, f"{REED},", f"{WILLOW},1.5", heads=f"{HEADS},income_index")
    if suffix == ".parquet":
        frame, path = pl.read_csv(path), path.with_suffix(suffix)
        frame.write_parquet(path)
    village = dict(zip(HEADS.split(","), REED.split(","), strict=True))
    numbers = {name: int(village[name]) for name in ("people", "households", "broadband_year")}
    data = study(path) | {"region": None, "villages": [village | numbers]}

    found = read_villages(path)

    described = register_of(Scenario.model_validate(data))
    assert found.income_index.tolist() == [1.0, 1.5]
    for field in fields(Register):
        if field.name not in ("names", "town", "town_paths"):
            ours, theirs = getattr(found, field.name), getattr(described, field.name)
            assert ours.dtype == theirs.dtype
            np.testing.assert_array_equal(ours[0], theirs[0])


def test_everything_that_a_file_can_say_arrives(tmp_path: Path) -> None:
    said = {
        "farmers": 10, "crop": "bayberry", "orchard_mu_mean": 2.5,
        "manufacturers": 5, "product": "sanitary_ware", "capacity_pieces_per_month_mean": 99.5,
        "outside_1": "clothing", "outside_1_km": 12.5, "outside_2": "furniture",
        "rooms_per_household": 0.25, "distance_to_city_km": 7.5, "trade_tradition": -0.5,
        "x_km": 1.5, "y_km": -2.5,
    }  # fmt: skip
    heads = ",".join([HEADS, *said])

    one = read_villages(
        written(tmp_path, f"{REED},{','.join(map(str, said.values()))}", heads=heads)
    )

    assert one.kind_count.tolist() == [[10, 5, 85, 25]]
    assert one.outside_km.tolist() == [[12.5, 0.0]]
    assert one.orchard_mu_mean[0] == 2.5
    assert one.capacity_pieces_per_month_mean[0] == 99.5
    assert one.distance_to_city_km[0] == 7.5
    assert one.trade_tradition[0] == -0.5
    assert one.position_km.tolist() == [[1.5, -2.5]]
    assert len({int(good) for good in one.goods[0]}) == 4


def test_degrees_may_stand_for_kilometres(tmp_path: Path) -> None:
    path = written(tmp_path, f"{REED},121.5,30.2", heads=f"{HEADS},longitude,latitude")

    assert read_villages(path).position_km.tolist() == [position_km(121.5, 30.2).tolist()]


# --- in a scenario


def test_a_file_lies_beside_its_scenario(tmp_path: Path) -> None:
    written(tmp_path, REED, WILLOW)
    (tmp_path / "own.toml").write_text(
        'start = 2010-01-01\nend = 2010-12-31\nregion.file = "villages.csv"\n', encoding="utf-8"
    )

    assert register_of(load_scenario(tmp_path / "own.toml")).names == ["Reed", "Willow"]


def test_the_hash_of_a_scenario_tells_what_is_in_its_file_not_where_it_lies(tmp_path: Path) -> None:
    def hashed(folder: str, *rows: str) -> str:
        (tmp_path / folder).mkdir()
        return scenario_hash(Scenario.model_validate(study(written(tmp_path / folder, *rows))))

    first, elsewhere, other = hashed("a", REED), hashed("b", REED), hashed("c", REED, WILLOW)

    assert first == elsewhere
    assert first != other


def test_a_file_that_has_changed_since_is_refused(tmp_path: Path) -> None:
    it = Scenario.model_validate(study(written(tmp_path, REED)))
    again = Scenario.model_validate(it.model_dump(mode="json"))
    assert register_of(it).names == ["Reed"]
    written(tmp_path, WILLOW)

    with pytest.raises(ScenarioError, match="this one has changed"):
        register_of(again)


def test_villages_outside_the_region_are_left_out(tmp_path: Path) -> None:
    row = REED.replace("P,Q,C", "Zhejiang,Ningbo,Cixi")
    it = Scenario.model_validate(study(written(tmp_path, row, WILLOW), within=["Zhejiang/Ningbo"]))

    assert register_of(it).names == ["Reed"]


def test_parts_of_a_thinned_file_add_up_to_it(tmp_path: Path) -> None:
    whole = CIXI.model_dump(mode="json") | {"region": {"within": ["Zhejiang/Ningbo"]}}
    register = register_of(Scenario.model_validate(whole))
    file = tmp_path / "ningbo.csv"
    write_villages(register, file)
    odds = np.bincount(register.county, np.exp(register.trade_tradition))
    first = kept(odds, 0.5, 0.25)

    parts = [
        register_of(Scenario.model_validate(study(file, county_share=0.5, part=part)))
        for part in (0, 1)
    ]

    assert sorted(path for part in parts for path in part.paths()) == sorted(register.paths())
    assert parts[0].county_paths == np.array(register.county_paths)[first].tolist()


def test_a_policy_for_a_place_that_the_file_does_not_have_is_refused(tmp_path: Path) -> None:
    policy = {"kind": "cold_chain", "name": "cold", "start": "2010-01-01"}
    data = study(written(tmp_path, REED, REED.replace("Reed", "Elm").replace(",C,", ",Cixi,")))
    it = Scenario.model_validate(data | {"policies": [policy | {"target": {"counties": ["Cixy"]}}]})

    with pytest.raises(ScenarioError, match="did you mean 'Cixi'"):
        register_of(it)


# --- mistakes

MORE = {
    "crop": f"{HEADS},farmers,crop,orchard_mu_mean",
    "product": f"{HEADS},manufacturers,product,capacity_pieces_per_month_mean",
    "outside": f"{HEADS},outside_1,outside_2",
    "xy": f"{HEADS},x_km,y_km",
}
WRONG: dict[str, tuple[str, list[str], str]] = {
    "unknown column": (f"{HEADS},incme_index", [f"{REED},1"], "column incme_index.*'income_index'"),
    "missing column": (
        HEADS.removesuffix(",broadband_year"), [REED[:-5]], "column broadband_year.*required",
    ),
    "no village": (HEADS, [], "at least one village"),
    "empty cell": (HEADS, [REED, ",Q,D,U,Willow,600,200,2010"], "row 3: province.*required"),
    "no number": (HEADS, ["P,Q,C,T,Reed,many,100,2008"], "row 2: people = 'many'.*whole number"),
    "broken number": (HEADS, ["P,Q,C,T,Reed,300.5,100,2008"], "people = '300.5'.*whole number"),
    "out of range": (HEADS, ["P,Q,C,T,Reed,300,100,1908"], "broadband_year = '1908'.*from 1990"),
    "not finite": (f"{HEADS},income_index", [f"{REED},nan"], "row 2: income_index = 'nan'"),
    "too many people": (HEADS, [WILLOW, "P,Q,C,T,Reed,601,100,2008"], "row 3: people = '601'"),
    "slash in a name": (HEADS, ["P,Q,C,T/U,Reed,300,100,2008"], "town = 'T/U'.*without '/'"),
    "outer space": (HEADS, ["P,Q,C,T,Reed ,300,100,2008"], "name = 'Reed '.*outer spaces"),
    "twice": (HEADS, [REED, WILLOW, REED], "row 4: name = 'Reed'.*unique in their town"),
    "unknown crop": (MORE["crop"], [f"{REED},5,bayberies,2"], "crop = 'bayberies'.*'bayberry'"),
    "product as crop": (MORE["crop"], [f"{REED},5,clothing,2"], "crop = 'clothing'.*perishable"),
    "farmers without crop": (MORE["crop"], [f"{REED},5,,2"], "row 2: crop; .*there are farmers"),
    "crop without farmers": (MORE["crop"], [f"{REED},0,bayberry,2"], "farmers = '0'.*at least 1"),
    "no orchard": (MORE["crop"], [f"{REED},5,bayberry,0"], "orchard_mu_mean = '0'.*above 0"),
    "more makers than households": (
        MORE["product"], [f"{REED},101,clothing,9"], "households = '100'.*together",
    ),
    "own product from outside": (
        f"{MORE['product']},outside_1", [f"{REED},5,clothing,9,clothing"],
        "outside_1 = 'clothing'.*another good than product",
    ),
    "outside goods twice": (MORE["outside"], [f"{REED},clothing,clothing"], "outside_2.*outside_1"),
    "half a position": (MORE["xy"], [f"{REED},1,"], "row 2: y_km; .*one of x_km"),
    "x without y": (f"{HEADS},x_km", [f"{REED},1"], "column y_km.*both of x_km and y_km"),
    "two kinds of position": (
        f"{MORE['xy']},longitude,latitude", [f"{REED},1,1,1,1"], "not both",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("heads", "rows", "said"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_told_in_one_line_with_file_row_and_column(
    heads: str, rows: list[str], said: str, tmp_path: Path
) -> None:
    path = written(tmp_path, *rows, heads=heads)

    with pytest.raises(ScenarioError, match=f"villages.csv.*{said}") as told:
        read_villages(path)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_bytes(b"no parquet"), "readable .parquet"),
        (lambda path: pl.DataFrame({"people": [[1]]}).write_parquet(path), "required|texts or of"),
    ],
    ids=["damaged", "lists"],
)
def test_a_damaged_table_is_refused(make: Callable[[Path], Any], said: str, tmp_path: Path) -> None:
    make(tmp_path / "villages.parquet")

    with pytest.raises(ScenarioError, match=said):
        read_villages(tmp_path / "villages.parquet")


@pytest.mark.parametrize(
    "table", ["a;b;" * 60, "province,people,people\nP,1,2\n".encode("utf-16").decode("latin-1")]
)
def test_a_table_of_another_kind_is_refused_without_its_heads(tmp_path: Path, table: str) -> None:
    (tmp_path / "villages.csv").write_bytes(table.encode("latin-1"))

    with pytest.raises(ScenarioError, match="in UTF-8, with commas"):
        read_villages(tmp_path / "villages.csv")


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "villages.csv").write_text("province,people,people\nP,1,2\n")

    with pytest.raises(ScenarioError, match=r"column people; allowed: .*each once"):
        read_villages(tmp_path / "villages.csv")


def test_a_region_that_a_file_does_not_have_is_refused(tmp_path: Path) -> None:
    it = Scenario.model_validate(study(written(tmp_path, REED), within=["Zhejiang/Ningbo"]))

    with pytest.raises(ScenarioError, match=r"region\.within = .*which has villages of P/Q/C"):
        register_of(it)


def test_rows_of_parquet_are_counted_from_one(tmp_path: Path) -> None:
    frame = pl.read_csv(written(tmp_path, REED, WILLOW.replace("600", "9999")))
    frame.write_parquet(tmp_path / "villages.parquet")

    with pytest.raises(ScenarioError, match=r"villages.parquet, row 2: people = 9999"):
        read_villages(tmp_path / "villages.parquet")


@pytest.mark.parametrize(
    ("file", "said"),
    [("absent.csv", "readable file"), ("villages.xlsx", "ends in .csv or .parquet")],
)
def test_a_file_that_is_not_there_or_of_another_kind_is_refused_with_the_scenario(
    file: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "villages.xlsx").write_text("x", encoding="utf-8")
    path = tmp_path / "own.toml"
    path.write_text(
        f'start = 2010-01-01\nend = 2010-12-31\nregion.file = "{file}"\n', encoding="utf-8"
    )

    with pytest.raises(ScenarioError, match=f"own.toml.*{said}"):
        load_scenario(path)


def test_writing_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"\.csv or \.parquet"):
        write_villages(register_of(CIXI), tmp_path / "villages.xlsx")


def test_every_column_but_degrees_is_written(tmp_path: Path) -> None:
    write_villages(register_of(CIXI), tmp_path / "cixi.parquet")

    written_columns = pl.read_parquet(tmp_path / "cixi.parquet").columns
    known = [column.name for column in VILLAGE_COLUMNS]
    assert written_columns == [name for name in known if name not in ("longitude", "latitude")]


def test_a_file_that_cannot_be_written_is_told_with_its_name(tmp_path: Path) -> None:
    register = register_of(CIXI)

    with pytest.raises(ScenarioError, match=r"nowhere/villages\.csv.*No such file.*be written"):
        write_villages(register, tmp_path / "nowhere" / "villages.csv")
    assert not (tmp_path / "nowhere").exists()
