from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sim.experiments import RunOptions, run
from sim.plots import RunName
from sim.scenario import Scenario, load_scenario

Rows = list[dict[str, Any]]

MONTH = {
    "village_number": 0,
    "village": "Reed",
    "active_stores": 0,
    "trailing_sales_yuan": 0.0,
    "designated": False,
    "listed": False,
}
MASSES = (
    "ripe_kg", "picked_kg", "online_own_kg", "online_bought_kg", "wholesale_kg", "processed_kg",
    "left_kg", "spoiled_kg",
)  # fmt: skip
DAY = {
    "village_number": 0,
    "village": "Reed",
    "good": "bayberry",
    **dict.fromkeys(MASSES, 0.0),
    "online_sales_yuan": 0.0,
    "wholesale_yuan_per_kg": 0.0,
}
EVENT = {"village_number": 0, "village": "Reed", "text": ""}
NAMES = {"village": pl.Categorical, "kind": pl.Categorical, "good": pl.Categorical}
MONEY = ("offline_yuan", "online_yuan", "shop_profit_yuan", "wages_yuan")
HOUSEHOLD = {"village_number": 0, "village": "Reed", "shops": 0, **dict.fromkeys(MONEY, 0.0)}


def frame(rows: Rows, usual: dict[str, Any], empty: dict[str, Any]) -> pl.DataFrame:
    """A table out of rows that say only what is not as usual."""
    complete = [{**usual, **row} for row in rows]
    schema = {name: pl.DataFrame({name: [value]}).schema[name] for name, value in empty.items()}
    table = pl.DataFrame(complete, schema={**schema}) if complete else pl.DataFrame(schema=schema)
    return table.cast({name: kind for name, kind in NAMES.items() if name in table.columns})


@pytest.fixture
def name() -> RunName:
    return RunName("handmade", 7)


@pytest.fixture
def months() -> Callable[..., pl.DataFrame]:
    """Makes a table of villages by month."""

    def make(*rows: dict[str, Any]) -> pl.DataFrame:
        return frame(list(rows), MONTH, {"month": date(2018, 1, 1), **MONTH})

    return make


@pytest.fixture
def events() -> Callable[..., pl.DataFrame]:
    """Makes a table of events out of (date, kind, text), or with more said in a dict."""

    def make(*rows: tuple[Any, ...]) -> pl.DataFrame:
        said = [
            {"date": day, "kind": kind, **(more[0] if more else {})} for day, kind, *more in rows
        ]
        return frame(said, EVENT, {"date": date(2018, 1, 1), "kind": "", **EVENT})

    return make


@pytest.fixture
def season() -> Callable[..., pl.DataFrame]:
    """Makes a table of villages by day of the season."""

    def make(*rows: dict[str, Any]) -> pl.DataFrame:
        return frame(list(rows), DAY, {"date": date(2018, 6, 1), **DAY})

    return make


@pytest.fixture
def households() -> Callable[..., pl.DataFrame]:
    """Makes a table of households by year."""

    def make(*rows: dict[str, Any]) -> pl.DataFrame:
        return frame(list(rows), HOUSEHOLD, {"year": 2018, "kind": "farmer", **HOUSEHOLD})

    return make


@pytest.fixture
def shops() -> Callable[..., pl.DataFrame]:
    """Makes a table of shops by year out of the sales of each year [yuan]."""

    def make(sales: dict[int, list[float]]) -> pl.DataFrame:
        rows = [
            {"year": year, "sales_yuan": float(yuan), "village_number": 0, "village": "Reed"}
            for year, of_year in sales.items()
            for yuan in of_year
        ]
        empty = {"year": 2018, "sales_yuan": 0.0, "village_number": 0, "village": "Reed"}
        return frame(rows, {}, empty)

    return make


@pytest.fixture(scope="session")
def tiny_scenario(tiny_file: Path) -> Scenario:
    return load_scenario(tiny_file)


@pytest.fixture(scope="session")
def tiny_run(tiny_scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of the tiny village, to look at and not to change."""
    folder = tmp_path_factory.mktemp("plots") / "tiny"
    run(tiny_scenario, out=folder, options=RunOptions(threads=1))
    return folder
