import csv
import math
import pickle
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.errors import ScenarioError
from sim.world.calendar import day_of
from sim.world.parameters import (
    DATA_FOLDER,
    GRADES,
    Behaviour,
    Goods,
    Parameter,
    Platforms,
    behaviour,
    geography,
    good_names,
    goods,
    platform_names,
    platforms,
    read_data,
    registry,
)

ROOT = Path(__file__).resolve().parents[2]
PARAMETERS = list(registry().values())
SOURCES = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
KEYS = set(re.findall(r"^\| `(\w+)` \|", SOURCES, re.MULTILINE))
NOT_KEYS = {"calibrated", "assumed"}
FACTS = read_data("facts.toml")
TARGETS = {key: fact for key, fact in FACTS.items() if "low" in fact}


def name_of(parameter: Parameter) -> str:
    return parameter.name


@pytest.mark.parametrize("parameter", PARAMETERS, ids=name_of)
def test_every_parameter_says_what_it_is_and_where_it_comes_from(parameter: Parameter) -> None:
    assert all((parameter.unit, parameter.meaning, parameter.source))
    assert parameter.grade in GRADES


@pytest.mark.parametrize(
    "parameter", [p for p in PARAMETERS if p.low is not None or p.high is not None], ids=name_of
)
def test_every_number_lies_in_its_plausible_range(parameter: Parameter) -> None:
    assert parameter.low <= parameter.value <= parameter.high


def test_every_number_has_a_plausible_range() -> None:
    numbers = [p for p in PARAMETERS if type(p.value) in (int, float)]
    assert [p.name for p in numbers if p.low is None or p.high is None] == []


@pytest.mark.parametrize("parameter", PARAMETERS, ids=name_of)
def test_every_source_is_on_the_page_of_sources(parameter: Parameter) -> None:
    assert set(parameter.sources) - NOT_KEYS <= KEYS


@pytest.mark.parametrize("word", sorted(NOT_KEYS))
def test_a_value_without_a_published_source_has_no_better_grade(word: str) -> None:
    assert {p.grade for p in PARAMETERS if p.source == word} <= {word}


def test_an_invented_value_is_never_called_published() -> None:
    cited = [p for p in PARAMETERS if p.grade in {"published", "computed", "memory"}]
    assert [p.name for p in cited if NOT_KEYS & set(p.sources)] == []


def test_every_source_of_a_yearly_series_is_on_the_page_of_sources() -> None:
    with (DATA_FOLDER / "drivers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["source"] for row in rows} - NOT_KEYS <= KEYS
    assert {row["verified"] for row in rows} <= {"yes", "computed", "memory", "assumed"}


def test_every_fact_is_on_the_page_of_sources() -> None:
    assert set(FACTS) <= KEYS


def test_a_source_is_described_once() -> None:
    described = re.findall(r"^\| `(\w+)` \|(?:[^|\n]+\|){4}$", SOURCES, re.MULTILINE)
    assert len(described) == len(set(described))
    assert set(described) == KEYS


@pytest.mark.parametrize("key", sorted(TARGETS))
def test_a_target_is_published_and_inside_its_own_band(key: str) -> None:
    fact = TARGETS[key]
    assert fact["grade"] in {"published", "computed"}
    assert fact["low"] <= fact["value"] <= fact["high"]


def test_goods_and_platforms_have_the_fields_of_their_files() -> None:
    names = registry()
    for group, fields in (("goods", Goods._fields), ("platforms", Platforms._fields)):
        used = {n.split(".")[2] for n in names if n.startswith(f"{group}.")}
        assert used == set(fields) == set(read_data(f"{group}.toml")["meanings"])


@pytest.mark.parametrize("group", ["goods", "platforms"])
def test_a_field_has_one_unit(group: str) -> None:
    units: dict[str, set[str]] = {}
    for p in PARAMETERS:
        if p.name.startswith(f"{group}."):
            units.setdefault(p.name.split(".")[2], set()).add(p.unit)
    assert {field: u for field, u in units.items() if len(u) > 1} == {}


def test_platforms_are_in_the_order_of_their_channels() -> None:
    assert platform_names() == ("taobao", "jd", "alibaba_com", "amazon")
    assert platforms().cross_border.tolist() == [False, False, True, True]
    assert platforms().currency.tolist() == [0, 0, 1, 1]


def test_platforms_open_on_the_days_of_the_file() -> None:
    assert platforms().opened[0] == day_of(date(2003, 5, 10))


def test_fruit_comes_first_among_goods() -> None:
    assert good_names()[:3] == ("bayberry", "grape", "sanitary_ware")
    assert goods().perishable.tolist() == [True, True] + [False] * 14


def test_fields_of_the_other_kind_of_good_are_missing() -> None:
    g = goods()
    assert np.isnan(g.unit_cost_yuan[g.perishable]).all()
    assert np.isnan(g.yield_kg_per_mu[~g.perishable]).all()
    assert (g.window_start_month[~g.perishable] == -1).all()


def test_fields_of_a_kind_of_good_are_complete() -> None:
    g = goods()
    floats = {name: getattr(g, name) for name in Goods._fields if getattr(g, name).dtype == "f8"}
    for kind in (g.perishable, ~g.perishable):
        for values in floats.values():
            assert np.isnan(values[kind]).all() or np.isfinite(values[kind]).all()


def test_arrays_have_the_types_that_kernels_are_compiled_for() -> None:
    kinds = {array.dtype.str[1:] for array in (*goods(), *platforms())}
    assert kinds == {"b1", "i8", "f8"}


@pytest.mark.parametrize("vector", ["household_size_share_", "schooling_share_"])
def test_shares_of_a_whole_add_up(vector: str) -> None:
    shares = [p.value for p in PARAMETERS if p.name.startswith(vector)]
    assert math.isclose(sum(shares), 1.0, abs_tol=1e-9)


def test_behaviour_has_one_float_for_each_table_in_file_order() -> None:
    assert Behaviour._fields == tuple(read_data("behaviour.toml"))
    assert {type(value) for value in behaviour()} == {float}


def test_behaviour_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(behaviour())) == behaviour()


def test_an_override_changes_one_value_only() -> None:
    changed = behaviour({"open_gain": 1})
    assert changed == behaviour()._replace(open_gain=1.0)


def test_goods_are_overridden_by_dotted_name_or_by_good() -> None:
    by_name = goods({"bayberry.box_kg": 3.0})
    by_good = goods({"bayberry": {"box_kg": 3.0}})
    assert by_name.box_kg[0] == by_good.box_kg[0] == 3.0
    assert by_name.box_kg[1] == goods().box_kg[1]


def test_platforms_are_overridden_with_dates_and_codes() -> None:
    p = platforms({"jd": {"opened": date(2012, 1, 1), "currency": "USD", "cross_border": True}})
    assert (p.opened[1], p.currency[1], p.cross_border[1]) == (day_of(date(2012, 1, 1)), 1, True)


def test_overrides_do_not_leak_into_the_next_call() -> None:
    goods({"bayberry.box_kg": 3.0})
    assert goods().box_kg[0] == registry()["goods.bayberry.box_kg"].value


def test_an_unknown_parameter_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'open_gain'"):
        behaviour({"open_gane": 1.0})


def test_a_field_of_the_other_kind_of_good_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"goods\.clothing\.box_kg"):
        goods({"clothing.box_kg": 2.0})


@pytest.mark.parametrize(
    ("make", "name", "given", "message"),
    [
        (behaviour, "open_gain", True, "a number"),
        (behaviour, "open_gain", "1", "a number"),
        (behaviour, "open_gain", math.nan, "a number"),
        (behaviour, "open_gain", math.inf, "a number"),
        (behaviour, "savings_months", -1.0, "at least 0"),
        (behaviour, "learning_prior", 0.0, "above 0"),
        (behaviour, "cancel_share", 1.5, "from 0 to 1"),
        (goods, "bayberry.price_elasticity", 1.0, "above 1"),
        (goods, "bayberry.price_trend", -1.0, "above -1"),
        (goods, "bayberry.window_start_month", 13, "a whole number, 1 to 12"),
        (goods, "bayberry.window_start_day", 3.5, "a whole number, 1 to 28"),
        (goods, "bayberry.perishable", 1, "true or false"),
        (goods, "bayberry.premium_share", 0.5, "at most what premium_share = 0.5 leaves"),
        (platforms, "jd.opened", "2012-01-01", "a date"),
        (platforms, "jd.currency", "EUR", "CNY or USD"),
        (platforms, "jd.settlement_months", 4, "0 to 3"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(
    make: object, name: str, given: object, message: str
) -> None:
    with pytest.raises(ScenarioError, match=message):
        make({name: given})  # type: ignore[operator]


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("parameter", [p for p in PARAMETERS if p.low is not None], ids=name_of)
def test_both_ends_of_a_plausible_range_are_accepted(parameter: Parameter, end: str) -> None:
    group, _, name = parameter.name.partition(".")
    groups = {"goods": goods, "platforms": platforms, "geography": geography}
    make = groups.get(group, behaviour)
    assert make({name or group: getattr(parameter, end)})


def test_reading_parameters_needs_no_heavy_package() -> None:
    program = (
        "import sys, sim.world.parameters;"
        "print(sorted({'numba', 'mesa', 'polars', 'pydantic', 'matplotlib'} & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout
    assert shown.strip() == "[]"
