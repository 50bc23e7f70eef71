"""Designs: which points are run, from what is varied or from a file."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sim.errors import ScenarioError
from sim.experiments import design as module
from sim.experiments.design import Design, design_of_numbers, design_of_points, make_design
from sim.scenario import Scenario, load_scenario

YEAR = "villages.Reed.broadband_year"
GAIN = "behaviour.open_gain"
RULE = "observer.rule"


@pytest.fixture(scope="module")
def tiny(tiny_file: Path) -> Scenario:
    return load_scenario(tiny_file)


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a file of points."""

    def write(text: str) -> Path:
        path = tmp_path / "points.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def column(design: Design, key: str) -> list[Any]:
    return [point[key] for point in design.values()]


# --- grid


def test_a_grid_has_every_combination_the_last_key_fastest(tiny: Scenario) -> None:
    design = make_design(tiny, [f"{YEAR}=2010:2011", f"{RULE}", "open_gain=[0.5,1]"], "grid")

    assert design.keys == (YEAR, RULE, GAIN)
    assert len(design) == 8
    assert design.values(0, 3) == [
        {YEAR: 2010, RULE: "strict", GAIN: 0.5},
        {YEAR: 2010, RULE: "strict", GAIN: 1.0},
        {YEAR: 2010, RULE: "published", GAIN: 0.5},
    ]
    assert len({tuple(point.values()) for point in design.values()}) == 8


def test_a_grid_may_be_sampled(tiny: Scenario) -> None:
    vary = [f"{YEAR}=1990:2019", "open_gain=0.1:1:0.1"]
    whole = {tuple(point.values()) for point in make_design(tiny, vary).values()}
    some = [tuple(p.values()) for p in make_design(tiny, vary, samples=50, seed=3).values()]

    assert len(whole) == 300
    assert len(set(some)) == len(some) == 50
    assert set(some) < whole
    other = make_design(tiny, vary, samples=50, seed=4)
    assert some != [tuple(point.values()) for point in other.values()]


def test_all_samples_of_a_grid_are_the_grid(tiny: Scenario) -> None:
    vary = [f"{YEAR}=2010:2014"]

    assert make_design(tiny, vary, samples=5).values() == make_design(tiny, vary).values()


# --- samples


@pytest.mark.parametrize("name", ["lhs", "sobol"])
def test_the_same_seed_gives_the_same_points(tiny: Scenario, name: str) -> None:
    vary = ["open_gain=0:1", f"{YEAR}=1995:2020", RULE]
    one, two, other = (make_design(tiny, vary, name, 16, seed) for seed in (5, 5, 6))

    assert one.values() == two.values()
    assert one.digest() == two.digest()
    assert other.values() != one.values()
    assert other.digest() != one.digest()


def test_a_latin_hypercube_has_a_point_in_every_slice(tiny: Scenario) -> None:
    design = make_design(tiny, ["open_gain=0:1", "platforms.jd.reach=loguniform(0.1,1)"], "lhs", 20)

    assert sorted(int(value * 20) for value in column(design, GAIN)) == list(range(20))


def test_a_sobol_design_halves_every_range_evenly(tiny: Scenario) -> None:
    design = make_design(tiny, ["open_gain=0:1", f"{YEAR}=2001:2004", RULE], "sobol", 64)

    assert sum(value < 0.5 for value in column(design, GAIN)) == 32
    assert [column(design, YEAR).count(year) for year in range(2001, 2005)] == [16] * 4
    assert column(design, RULE).count("strict") == 32


def test_without_a_name_it_is_a_grid_if_everything_can_be_counted(tiny: Scenario) -> None:
    assert make_design(tiny, [f"{YEAR}=2010:2012"]).name == "grid"
    mixed = make_design(tiny, [f"{YEAR}=2010:2012", "open_gain"])
    assert (mixed.name, len(mixed)) == ("lhs", module.DEFAULT_SAMPLES)


def test_kinds_of_values_stay_what_they_are(tiny: Scenario) -> None:
    design = make_design(
        tiny,
        {
            "end": "2015-06-30:2015-12-31",
            YEAR: "2001:2010",
            "open_gain": None,
            RULE: None,
            "goods.bayberry.exportable": None,
            "platforms": [[], ["taobao", "jd"]],
        },
        "lhs",
        8,
    )
    kinds = {key: {type(value) for value in column(design, key)} for key in design.keys}

    assert list(kinds.values()) == [{date}, {int}, {float}, {str}, {bool}, {list}]


def test_the_manifest_tells_how_points_came_about(tiny: Scenario) -> None:
    design = make_design(tiny, ["open_gain=0:1", f"{YEAR}=2001:2004"], "lhs", 8, 3)

    assert design.about == {
        "vary": {GAIN: "0:1", YEAR: "2001:2004"}, "samples": 8, "design_seed": 3
    }  # fmt: skip


@pytest.mark.parametrize(
    ("vary", "options", "said"),
    [
        ([], {}, "at least one key to vary"),
        (["open_gain=0:1"], {"name": "grid"}, "a range with a step or a list in a grid"),
        (["open_gain"], {"name": "grid"}, "a range with a step or a list in a grid"),
        ([f"{YEAR}=2010:2012"], {"samples": 4}, "samples: 4; allowed: at most 3"),
        ([f"{YEAR}=2010:2012"], {"samples": 0}, "samples: 0; allowed: a whole number from 1"),
        (["open_gain=0:1"], {"name": "sobol", "samples": 100}, "power of two .* such as 64 or 128"),
        (["open_gain=0:1"], {"name": "lsh"}, "design: 'lsh'; .* did you mean 'lhs'"),
        (
            ["open_gain=0:1", "behaviour.open_gain=[1]"],
            {},
            "behaviour.open_gain; allowed: each key",
        ),
        (["open_gain=0:1"], {"seed": -1}, "design seed: -1"),
        (
            [f"{key}=0:1:0.001" for key in ("open_gain", "platforms.jd.reach", "open_intercept")],
            {},
            "1,003,003,001 points",
        ),
    ],
)
def test_what_makes_no_design_is_refused(
    tiny: Scenario, vary: list[str], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ScenarioError, match=said):
        make_design(tiny, vary, **options)


# --- points from elsewhere


def test_points_may_be_given(tiny: Scenario) -> None:
    points = [{"open_gain": 1, YEAR: 2010}, {"open_gain": 0.25, YEAR: 2003}]
    design = design_of_points(tiny, points, "saltelli", {"order": 2})

    assert design.values() == [{GAIN: 1.0, YEAR: 2010}, {GAIN: 0.25, YEAR: 2003}]
    assert (design.name, design.about) == ("saltelli", {"order": 2})


def test_one_point_without_keys_is_the_scenario_itself(tiny: Scenario) -> None:
    design = design_of_points(tiny, [{}])

    assert (len(design), design.values()) == (1, [{}])


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ([], "at least one point"),
        ([{"open_gain": 1.0}, {YEAR: 2010}], "point 1; allowed: keys open_gain"),
        ([{"open_gain": 1.0, GAIN: 1.0}], "each key once"),
        ([{"seed": 1}], "no seed"),
        ([{"open_gain": "high"}], "a number"),
    ],
)
def test_points_that_mean_nothing_are_refused(
    tiny: Scenario, points: list[dict[str, Any]], said: str
) -> None:
    with pytest.raises(ScenarioError, match=said):
        design_of_points(tiny, points)


def test_numbers_need_no_scenario() -> None:
    design = design_of_numbers({"x1": [0, 1], "x2": [0.5, 2]})

    assert design.values(1) == [{"x1": 1.0, "x2": 2.0}]


# --- files


def test_a_csv_file_has_a_column_for_each_key(
    tiny: Scenario, written: Callable[[str], Path]
) -> None:
    path = written(
        f"{YEAR},open_gain,{RULE},end,goods.bayberry.exportable,platforms\n"
        '2010,0.5,strict,2015-06-30,true,"[""taobao""]"\n'
        "2011, 1 ,published,2015-07-31,False,[]\n"
    )
    design = make_design(tiny, (), path)

    assert [tuple(point.values()) for point in design.values()] == [
        (2010, 0.5, "strict", date(2015, 6, 30), True, ["taobao"]),
        (2011, 1.0, "published", date(2015, 7, 31), False, []),
    ]
    assert (design.name, design.about) == ("file", {"file": "points.csv"})


def test_a_parquet_file_says_the_same(tiny: Scenario, tmp_path: Path) -> None:
    path = tmp_path / "points.parquet"
    pl.DataFrame(
        {YEAR: [2010.0, 2011.0], "open_gain": [1, 2], "end": [date(2015, 6, 30)] * 2,
         RULE: ["strict", "published"]}
    ).write_parquet(path)  # fmt: skip

    assert make_design(tiny, (), str(path)).values() == [
        {YEAR: 2010, GAIN: 1.0, "end": date(2015, 6, 30), RULE: "strict"},
        {YEAR: 2011, GAIN: 2.0, "end": date(2015, 6, 30), RULE: "published"},
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a header with keys"),
        (f"{YEAR}\n", "at least one point"),
        (f"{YEAR}\n2010\nlate\n", f"points.csv: line 3: {YEAR} = 'late'; allowed: a whole number"),
        (f"{YEAR}\n2010.5\n", "line 2: .* a whole number"),
        (f"{YEAR},open_gain\n2010,\n", "line 2: behaviour.open_gain = ''"),
        (f"{YEAR},open_gain\n2010\n", "line 2; allowed: 2 values, one for each key; there are 1"),
        (f"{RULE}\nstrict\nstrct\n", "line 3: observer.rule = 'strct'; .* did you mean 'strict'"),
        ("end\n2015-02-30\n", "line 2: end = '2015-02-30'; allowed: a date"),
        ("open_gain,behaviour.open_gain\n1,1\n", "each key once in the header"),
        ("open_gian\n1\n", "points.csv: no such key to vary: open_gian"),
        ("seed\n1\n", "seed; allowed: each key once, and no seed"),
        ('open_gain\n"1\n', "a CSV file"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(
    tiny: Scenario, written: Callable[[str], Path], text: str, said: str
) -> None:
    path = written(text)

    with pytest.raises(ScenarioError, match=said):
        make_design(tiny, (), path)


@pytest.mark.parametrize(
    ("name", "said"),
    [("points.txt", "ends in .csv or .parquet"), ("missing.csv", "missing.csv: no such file")],
)
def test_a_file_that_is_not_there_is_refused(tiny: Scenario, name: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        make_design(tiny, (), name)


def test_a_damaged_parquet_file_is_refused(tiny: Scenario, tmp_path: Path) -> None:
    path = tmp_path / "points.parquet"
    path.write_bytes(b"PAR1")

    with pytest.raises(ScenarioError, match="a Parquet file"):
        make_design(tiny, (), path)


def test_a_file_leaves_nothing_to_vary_or_sample(
    tiny: Scenario, written: Callable[[str], Path]
) -> None:
    path = written("open_gain\n1\n")

    with pytest.raises(ScenarioError, match="has the values of its keys"):
        make_design(tiny, ["open_gain=0:1"], path)
    with pytest.raises(ScenarioError, match="has its points"):
        make_design(tiny, (), path, 10)
