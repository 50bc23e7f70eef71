from datetime import date
from pathlib import Path

import polars as pl
import pytest

from sim.experiments import run
from sim.model import CommerceModel
from sim.results import TABLES, arrow_schema, arrow_tables, summary_of, tables_of
from sim.scenario import Scenario, load_scenario

LAST = date(2016, 8, 15)


@pytest.fixture(scope="module")
def two_years(tiny_file: Path) -> Scenario:
    """The tiny village over two years."""
    return load_scenario(tiny_file, ["end=2016-12-31"])


@pytest.fixture(scope="module")
def model(two_years: Scenario) -> CommerceModel:
    """The tiny village on a day inside a month of its second year."""
    model = CommerceModel(two_years, threads=1)
    model.run_until(LAST)
    return model


def test_a_model_gives_the_tables_of_a_run(two_years: Scenario, model: CommerceModel) -> None:
    tables = tables_of(model)
    expected = arrow_tables(run(two_years, until=LAST).record)

    assert sorted(tables) == sorted(TABLES)
    assert all(table.equals(pl.DataFrame(expected[name])) for name, table in tables.items())


def test_a_model_gives_the_summary_of_a_run(two_years: Scenario, model: CommerceModel) -> None:
    expected = run(two_years, until=LAST).summary
    took = {"wall_s", "compute_s", "peak_mb"}

    assert summary_of(model) == {key: expected[key] for key in expected.keys() - took}


def test_what_is_not_complete_is_not_in_the_tables(model: CommerceModel) -> None:
    tables = tables_of(model)

    assert tables["villages"]["month"].max() == date(2016, 7, 1)
    assert tables["households"]["year"].unique().to_list() == [2015]


@pytest.mark.parametrize("name", TABLES)
def test_a_model_that_has_not_run_gives_tables_without_rows(two_years: Scenario, name: str) -> None:
    table = tables_of(CommerceModel(two_years, threads=1))[name]

    assert table.height == 0
    assert table.columns == arrow_schema(name).names
