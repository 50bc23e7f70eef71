import re
from pathlib import Path

import pytest

from sim.results.accounting import Accounting, accounting, accounting_parameters
from sim.world.parameters import GRADES, Parameter, read_data

SOURCES = (Path(__file__).resolve().parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")
KEYS = set(re.findall(r"^\| `(\w+)` \|", SOURCES, re.MULTILINE))
PARAMETERS = list(accounting_parameters().values())


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.name)
def test_every_value_says_what_it_is_and_where_it_comes_from(parameter: Parameter) -> None:
    assert all((parameter.unit, parameter.meaning, parameter.source))
    assert parameter.grade in GRADES
    assert set(parameter.sources) - {"assumed"} <= KEYS
    assert parameter.low <= parameter.value <= parameter.high


def test_there_is_a_value_for_each_name() -> None:
    assert tuple(accounting_parameters()) == Accounting._fields
    assert {type(value) for value in accounting()} == {float}


def test_the_poverty_line_is_the_published_one() -> None:
    fact = read_data("facts.toml")["zj_poverty_line"]

    assert accounting().poverty_line_yuan_per_year == fact["value"]
